"""The strip of tokens: each in its box, neighbours told apart, numbers below, nothing lost."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

from course_utils import plots
from course_utils.plots import tokens as strip
from course_utils.plots.colours import luminance

SENTENCE = ["To", " be", ",", " or", " not", " to", " be", "\n"] * 3
MIXED = ["\ud55c", "\\xf0", "\\x9f", "e\u0301", "$a_b$", "\t", "\x00", "\U0001f680", "\n\n"]
LONG = ["-" * 300, "a", "W" * 41, " " * 60]


def drawn(pieces: list[str], **options: object) -> Axes:
    return plots.token_strip(pieces, range(200, 200 + len(pieces)), **options)


def boxes(ax: Axes) -> np.ndarray:
    """Return the corners of the boxes, (N, 4, 2), in inches."""
    return np.stack([path.vertices[:4] for path in ax.collections[0].get_paths()])


def written(ax: Axes) -> list[np.ndarray]:
    """Return the outlines of the texts in the boxes, and of the numbers below."""
    paths = [artist for artist in ax.get_children() if isinstance(artist, mpl.patches.PathPatch)]
    assert len(paths) == 2
    return [path.get_path().vertices for path in paths]


@pytest.mark.parametrize("pieces", [SENTENCE, MIXED, LONG, ["a"], ["word "] * 60])
@pytest.mark.parametrize("title", ["", "500 merges \ud55c"])
def test_boxes_do_not_overlap_and_stay_on_the_page(pieces: list[str], title: str) -> None:
    ax = drawn(pieces, title=title)
    found = boxes(ax)
    assert len(found) == len(pieces)
    assert found.min() > 0
    assert (found.max(axis=(0, 1)) < ax.figure.get_size_inches()).all()
    low, high = found.min(axis=1), found.max(axis=1)
    for i, (left, bottom) in enumerate(low):
        beside = (high[:, 0] <= left) | (low[:, 0] >= high[i, 0])
        above = (high[:, 1] <= bottom) | (low[:, 1] >= high[i, 1])
        assert (beside | above).sum() == len(pieces) - 1
    for points in written(ax):
        assert points[:, 0].min() > 0
        assert points[:, 1].min() > 0
        assert points[:, 0].max() < 9


@pytest.mark.parametrize("piece", ["Wgjy", " the", "\ud55c\uad6d", "|@_", "\\xf0", "\n", "W" * 90])
def test_the_text_is_inside_its_box_and_the_number_below_it(piece: str) -> None:
    ax = plots.token_strip([piece], [123456])
    (left, bottom), (right, top) = boxes(ax)[0].min(axis=0), boxes(ax)[0].max(axis=0)
    text, number = written(ax)
    assert left < text[:, 0].min() < text[:, 0].max() < right
    assert bottom < text[:, 1].min() < text[:, 1].max() < top
    assert left < number[:, 0].min() < number[:, 0].max() < right
    assert number[:, 1].max() < bottom
    assert np.ptp(number[:, 1]) > 0.1


def test_rows_fill_before_they_wrap_and_a_line_break_starts_a_row() -> None:
    rows = [box.row for box in strip._fitting(["abc"] * 40, ["1"] * 40, 8)]
    assert rows == sorted(rows)
    assert {*rows} == {0, 1, 2}
    assert rows.count(0) == rows.count(1)
    rows = [box.row for box in strip._fitting(["a", "\n", "b", ".\n\n", "c"], ["1"] * 5, 8)]
    assert rows == [0, 0, 1, 1, 2]


def test_what_does_not_fit_is_counted_in_the_last_box() -> None:
    for n_tokens in (100, 1000, 54_321):
        laid = strip._fitting(["abc"] * n_tokens, ["1"] * n_tokens, 2)
        assert laid[-1].row == 1
        assert laid[-1].text == f"\u2026 {n_tokens - len(laid) + 1:,} more"
        assert laid[-1].number == ""
        assert max(box.left + box.wide for box in laid) < 9
    lines = strip._fitting(["a", "\n"] * 9, ["1"] * 18, 3)
    assert [box.text for box in lines] == ["a", "\u21b5"] * 2 + ["a", "\u2026 13 more"]
    whole = strip._fitting(["abc"] * 10, ["1"] * 10, 1)
    assert [box.text for box in whole] == ["abc"] * 10


def test_blanks_can_be_seen() -> None:
    laid = strip._fitting([" a b", "\t", "\n"], ["1"] * 3, 1)
    assert [box.text for box in laid] == ["\u2423a\u2423b", "\u21e5", "\u21b5"]


def test_neighbours_have_two_tones_that_differ_for_everyone() -> None:
    ax = drawn(SENTENCE)
    colours = ax.collections[0].get_facecolor()
    assert (colours[::2] == colours[0]).all()
    assert (colours[1::2] == colours[1]).all()
    # Blue against yellow is the contrast that the common kinds of colour blindness keep.
    blue, amber = colours[0], colours[1]
    assert blue[2] - blue[0] > 0.1
    assert amber[0] - amber[2] > 0.2
    ink = luminance(np.array([mpl.colors.to_rgb(plots.INK)]))
    assert ((luminance(colours) + 0.05) / (ink + 0.05) > 7).all()


def test_only_one_figure_is_open_and_its_title_is_there() -> None:
    ax = drawn(SENTENCE, title="After $ merges")
    assert len(plt.get_fignums()) == 1
    assert [text.get_text() for text in ax.texts] == ["After $ merges"]
    top = boxes(ax).max()
    ax.figure.canvas.draw()
    title = ax.texts[0].get_window_extent().y0 / ax.figure.dpi
    assert boxes(ax)[:, :, 1].max() < title
    assert top < 9
    assert plots.to_png(ax.figure).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("pieces", "numbers", "rows", "message"),
    [
        ([], [], 1, "at least one token"),
        (["a", ""], [1, 2], 1, "none may be empty"),
        (["a"], [1, 2], 1, "one number for each piece: got 1 and 2"),
        (["a"], [1], 0, "max_rows must be from 1 to 40, got 0"),
    ],
)
def test_wrong_input_is_refused(pieces: list, numbers: list, rows: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.token_strip(pieces, numbers, max_rows=rows)
    assert not plt.get_fignums()


def test_numbers_are_whole() -> None:
    with pytest.raises(TypeError):
        plots.token_strip(["a"], [1.5])
