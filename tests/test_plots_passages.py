"""Passages on coloured cells: each character in its cell, in the right colour, and readable."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figure_checks import SMALLEST, cut_off, overlapping, written
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.path import Path

from course_utils import plots
from course_utils.plots.colours import diverging, luminance, needs_white, sequential
from course_utils.plots.glyphs import font_for, outline, writable
from course_utils.plots.rows import MAX_ROWS, Page, page_for, places

PLAY = "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n" * 5
MIXED = "Korean \uc548\ub155, \U0001f680 e\u0301 $a_b$ \\n\t\r\x00 \u200b end\n"


def waves(text: str) -> np.ndarray:
    return np.sin(np.arange(len(text)) / 3)


def cells(ax: Axes) -> np.ndarray:
    """Return the corners of the cells, (N, 4, 2), in inches."""
    return np.stack([path.vertices[:4] for path in ax.collections[0].get_paths()])


def letters(ax: Axes) -> dict[str, Path]:
    """Return ink -> the outlines that are drawn in it."""
    return {mpl.colors.to_hex(patch.get_facecolor()): patch.get_path() for patch in ax.patches}


def in_lines(text: str, columns: int) -> list[str]:
    """Return the rows in which a text is printed."""
    rows, cols = places(text, columns)
    drawn = ["" for _ in range(rows[-1] + 1)]
    for sign, row, col in zip(text, rows, cols, strict=True):
        assert col == len(drawn[row])
        drawn[row] += sign
    return drawn


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ab\ncd", ["ab\n", "cd"]),
        ("\n\na", ["\n", "\n", "a"]),
        ("abcdefgh\n", ["abcdefgh\n"]),  # the line break may stand one column further
        ("abcdefghi\n", ["abcdefgh", "i\n"]),
        ("one two three", ["one two ", "three"]),
        ("one two\nthree four", ["one two\n", "three ", "four"]),
        ("a\rb\u2028c", ["a\rb\u2028c"]),  # only a line break ends a line
    ],
)
def test_lines_end_at_line_breaks_and_after_blanks(text: str, rows: list[str]) -> None:
    assert in_lines(text, 8) == rows


@pytest.mark.parametrize("text", [PLAY, "x" * 200, "word " * 100, MIXED, "\n" * MAX_ROWS])
def test_cells_touch_but_do_not_overlap_and_stay_on_the_page(text: str) -> None:
    ax = plots.unit_map(text, waves(text), title="A unit")
    boxes = cells(ax)
    assert len(boxes) == len(text)
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    width, height = ax.figure.get_size_inches()
    assert low.min() > 0
    assert (high < (width, height)).all()
    middles = {(round(x, 4), round(y, 4)) for x, y in (low + high) / 2}
    assert len(middles) == len(text)
    wide, tall = (high - low)[0]
    np.testing.assert_allclose(np.diff(sorted({x for x, _ in middles})), wide, atol=2e-4)
    np.testing.assert_allclose(np.diff(sorted({y for _, y in middles})), tall, atol=2e-4)


@pytest.mark.parametrize("text", [PLAY, "x" * 200, MIXED, "Wgjy|_@" * 30])
def test_every_letter_stays_inside_its_own_cell(text: str) -> None:
    page, _ = page_for(text, "")
    for sign in {*text} - {" "}:
        points = outline(sign).vertices * page.size / 72
        if len(points):
            assert np.ptp(points[:, 0]) <= page.wide
            assert np.abs(points[:, 0]).max() <= page.wide / 2 * 1.01
            assert points[:, 1].max() <= 0.68 * page.tall
            assert points[:, 1].min() >= -0.32 * page.tall


def test_letters_stand_on_the_cells_of_their_numbers() -> None:
    ax = plots.surprise_map("iiWi", [0, 0, 8, 0])
    white, black = letters(ax)["#ffffff"], letters(ax)["#000000"]
    box = cells(ax)[2]
    assert box[:, 0].min() <= white.vertices[:, 0].min()
    assert white.vertices[:, 0].max() <= box[:, 0].max()
    middle = cells(ax).mean(axis=1)[[0, 1, 3], 0]
    nearest = np.abs(black.vertices[:, :1] - middle).argmin(axis=1)
    assert {*nearest} == {0, 1, 2}  # an i on each of the other three cells
    assert (
        not ((black.vertices >= box.min(axis=0)) & (black.vertices <= box.max(axis=0))).all(1).any()
    )


def test_a_line_break_is_drawn_and_a_blank_is_not() -> None:
    for text, drawn in ((" ", False), ("\n", True), ("\t", True), ("a", True)):
        ax = plots.surprise_map(text, [0.0])
        assert bool(len(letters(ax)["#000000"].vertices)) is drawn
    assert not np.array_equal(outline("\n").vertices, outline("\u21b5").vertices)


def colours_of(ax: Axes) -> np.ndarray:
    return ax.collections[0].get_facecolor()


def test_zero_is_white_blue_below_orange_above() -> None:
    red, green, blue, _ = colours_of(plots.unit_map("abc", [-1, 0, 1])).T
    assert (red[1], green[1], blue[1]) == pytest.approx((1, 1, 1), abs=0.01)
    assert blue[0] > red[0]
    assert red[2] > blue[2]
    doubled = colours_of(plots.unit_map("abc", [-2, 0, 2], limit=2))
    np.testing.assert_allclose(doubled.T[:3], [red, green, blue])


def test_surprise_gets_darker_with_every_bit() -> None:
    bits = np.linspace(0, 8, 81)
    bright = luminance(colours_of(plots.surprise_map("a" * 81, bits)))
    assert (np.diff(bright) < 0).all()
    assert bright[0] == pytest.approx(1, abs=0.01)
    half = colours_of(plots.surprise_map("ab", [8, 16], most=16))
    np.testing.assert_allclose(half[0], colours_of(plots.surprise_map("a", [4]))[0])


@pytest.mark.parametrize("colours", [diverging(), sequential()])
def test_letters_have_a_contrast_of_at_least_4_5_to_1(colours: mpl.colors.Colormap) -> None:
    drawn = colours(np.linspace(0, 1, 257))
    bright = luminance(drawn) + 0.05
    contrast = np.where(needs_white(drawn), 1.05 / bright, bright / 0.05)
    assert contrast.min() >= 4.5


def test_large_activations_are_found_without_colour() -> None:
    ax = plots.unit_map("abcd", [0.4, 0.5, 1, -1])
    under = ax.collections[1]
    assert isinstance(under, PolyCollection)
    lefts = [path.vertices[:, 0].min() for path in under.get_paths()]
    np.testing.assert_allclose(lefts, cells(ax)[1:3, :, 0].min(axis=1))
    assert len(plots.surprise_map("ab", [0, 8]).collections) == 1


def bar_of(ax: Axes) -> Axes:
    (bar,) = [axes for axes in ax.figure.axes if axes is not ax]
    return bar


@pytest.mark.parametrize(
    ("values", "ends"), [([0, 1], "neither"), ([0, 2], "max"), ([-2, 1], "min"), ([-2, 2], "both")]
)
def test_the_colour_bar_says_where_values_go_beyond_it(values: list[float], ends: str) -> None:
    ax = plots.unit_map("ab", values, label="what it is")
    bar = bar_of(ax)
    assert bar._colorbar.extend == ends
    assert [
        tick.get_text() for tick in bar.get_xticklabels()
    ] == "\u22121 \u22120.5 0 0.5 1".split()
    assert bar.get_xlabel().startswith("what it is")


PICTURES = {
    "play": (PLAY, "A unit"),
    "one": ("a", ""),
    "long line": ("x" * 200, "\uc548\ub155 $x$"),
    "most rows": ("\n" * MAX_ROWS, "Many"),
    "mixed": (MIXED, "Mixed"),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("draw", [plots.unit_map, plots.surprise_map])
def test_figure_is_readable(name: str, draw) -> None:
    text, title = PICTURES[name]
    ax = draw(text, np.abs(waves(text)), title=title)
    texts = written(ax.figure)
    assert cut_off(texts, ax.figure) == []
    assert overlapping(texts) == []
    assert min(size for _, _, size in texts) >= SMALLEST
    assert page_for(text, title)[0].size >= SMALLEST
    assert ax.figure.get_figwidth() == 9
    assert ax.figure.get_figheight() < 12
    lowest = min(box.y1 for _, box, _ in texts if title == "") if title == "" else 0
    foot = ax.transData.transform(cells(ax).reshape(-1, 2))[:, 1].min()
    assert lowest < foot


def test_letters_that_no_font_holds_are_a_box() -> None:
    assert font_for("\U0010ffff") is None
    np.testing.assert_array_equal(outline("\U0010ffff").vertices, outline("\u25a1").vertices)
    assert writable("a\n b\U0010ffff")[0] == "a\n b\u25a1"


def test_letters_as_wide_as_high_get_wider_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    def wide(text: str) -> Page:
        return page_for(text * 40, "")[0]

    monkeypatch.setattr("course_utils.plots.rows.font_for", lambda sign: None)
    boxes = wide("\uc548")
    monkeypatch.setattr("course_utils.plots.rows.font_for", lambda sign: "a font")
    broad = wide("\uc548")
    assert broad.wide >= broad.size / 72 > boxes.wide
    assert wide("a").wide == boxes.wide


def test_tensors_are_values_too() -> None:
    values = torch.tensor([0.5, -1], dtype=torch.bfloat16, requires_grad=True)
    np.testing.assert_array_equal(
        colours_of(plots.unit_map("ab", values)), colours_of(plots.unit_map("ab", [0.5, -1]))
    )


LIMITS = {"low": 0, "high": 1, "kind": "sequential", "label": "x"}


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.unit_map("", []), "text is empty"),
        (lambda: plots.surprise_map("", []), "text is empty"),
        (
            lambda: plots.unit_map("abc", [0, 1]),
            r"activations must have the shape \(3,\), got \(2,\)",
        ),
        (lambda: plots.surprise_map("ab", [1, np.inf]), "bits must be finite"),
        (lambda: plots.surprise_map("ab", [1, -0.5]), "never below 0, got -0.5"),
        (lambda: plots.unit_map("\n" * 41, np.zeros(41)), "fills 41 rows, but at most 40"),
        (lambda: plots.unit_map("a", [0], limit=0), "limit must be a finite number"),
        (lambda: plots.passage_map("a", [0], **LIMITS | {"low": 2}), "low must be below high"),
        (lambda: plots.passage_map("a", [0], **LIMITS | {"kind": "rainbow"}), "got 'rainbow'"),
        (
            lambda: plots.passage_map("a", [0], **LIMITS | {"kind": "diverging"}),
            "low must be -high, got 0",
        ),
    ],
)
def test_bad_passages_are_named_and_no_figure_is_left(draw, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []
