"""What sampling rules do to a distribution: the right bars, and what was cut off can be seen."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figure_checks import SMALLEST, cut_off, overlapping, written
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils import plots

SYMBOLS = [" ", "\n", "e", "t", "<S>", "\uac00"]
PLAIN = [0.4, 0.1, 0.3, 0.15, 0.046, 0.004]
TOP_3 = [0.5, 0, 0.375, 0.125, 0, 0]


def bars(ax: Axes) -> tuple[list[float], dict[int, float]]:
    """Return the filled bars from the top, and row -> width of the hatched ones."""
    drawn = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    filled = sorted((b.get_y(), b.get_width()) for b in drawn if not b.get_hatch())
    cut = {round(b.get_y() + b.get_height() / 2): b.get_width() for b in drawn if b.get_hatch()}
    return [width for _, width in filled], cut


def numbers(ax: Axes) -> list[str]:
    """Return what stands behind the bars, from the top."""
    return [text.get_text() for text in sorted(ax.texts, key=lambda t: t.get_position()[1])]


def rows(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def test_the_first_panel_gives_the_order_and_blanks_have_names() -> None:
    figure = plots.choice_panels({"all": PLAIN, "top-k 3": TOP_3}, SYMBOLS, top=4)
    first, second = figure.axes
    assert rows(first) == ["space", "e", "t", "line break \u21b5", "2 others"]
    assert bars(first) == (pytest.approx([0.4, 0.3, 0.15, 0.1, 0.05]), {})
    assert bars(second)[0] == pytest.approx([0.5, 0.375, 0.125, 0, 0])
    assert [ax.get_title() for ax in figure.axes] == ["all", "top-k 3"]


def test_what_a_rule_cut_off_is_hatched_and_marked() -> None:
    figure = plots.choice_panels({"all": PLAIN, "top-k 3": TOP_3}, SYMBOLS, top=4)
    first, second = figure.axes
    assert bars(second)[1] == pytest.approx({3: 0.1, 4: 0.05})
    assert numbers(second) == ["50", "38", "12", "\u00d7", "\u00d7"]
    assert numbers(first) == ["40", "30", "15", "10", "5"]
    assert "cut off" in figure._supxlabel.get_text()
    assert "cut off" not in plots.choice_panels({"all": PLAIN}, SYMBOLS)._supxlabel.get_text()


def test_others_that_are_only_partly_cut_off_are_not_hatched() -> None:
    part = [0.42, 0.11, 0.31, 0.16, 0, 0.0]
    figure = plots.choice_panels({"all": PLAIN, "top-k 4": part}, SYMBOLS, top=3)
    assert bars(figure.axes[1]) == (pytest.approx([0.42, 0.31, 0.16, 0.11]), {})
    assert numbers(figure.axes[1]) == ["42", "31", "16", "11"]


def test_what_was_never_likely_is_not_cut_off() -> None:
    figure = plots.choice_panels({"all": [1, 0], "other": [0.999, 0.001]}, "ab")
    assert [numbers(ax) for ax in figure.axes] == [["100", "0"], ["100", "< 1"]]
    assert bars(figure.axes[0])[1] == {}


def test_all_symbols_have_a_row_when_top_is_large() -> None:
    ax = plots.choice_panels({"all": PLAIN}, SYMBOLS, top=18).axes[0]
    assert rows(ax)[:4] == ["space", "e", "t", "line break \u21b5"]
    assert len(rows(ax)) == 6
    assert rows(ax)[4] == "<S>"


def test_equal_bars_are_as_long_in_every_panel_and_all_stay_inside() -> None:
    figure = plots.choice_panels({"all": PLAIN, "sure": np.eye(6)[3]}, SYMBOLS)
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert figure.axes[0].get_xlim()[1] > 1


SURE = np.eye(40)[0]
FLAT = np.full(40, 1 / 40)
SIGNS = ["$", "\n", "\t", "\r", "WWWWW", "\U0010ffff", *map(chr, range(65, 99))]
PICTURES = {
    "one": lambda: plots.choice_panels({"all": [1]}, "a"),
    "usual": lambda: plots.choice_panels(
        {f"temperature {t}": FLAT for t in (0.5, 1, 1.5)} | {"top-k 5": SURE, "top-p 0.9": SURE},
        SIGNS,
        title="The next character",
    ),
    "most": lambda: plots.choice_panels(
        {f"temperature {t}, top-k": SURE if t else FLAT for t in range(6)}, SIGNS, top=18, title="$"
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_figure_is_readable(name: str) -> None:
    figure = PICTURES[name]()
    texts = written(figure)
    assert cut_off(texts, figure) == []
    assert overlapping(texts) == []
    assert min(size for _, _, size in texts) >= SMALLEST
    assert figure.get_figwidth() == 9
    assert figure.get_figheight() < 9
    assert plt.get_fignums() == [figure.number]


def test_numbers_stay_beside_their_own_bars() -> None:
    figure = PICTURES["most"]()
    figure.canvas.draw()
    for ax in figure.axes:
        assert all(text.get_window_extent().x1 <= ax.bbox.x1 for text in ax.texts)


def test_tensors_are_probabilities_too() -> None:
    chances = torch.tensor(PLAIN, dtype=torch.float32, requires_grad=True)
    ax = plots.choice_panels({"all": chances}, SYMBOLS).axes[0]
    assert bars(ax)[0][0] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.choice_panels({}, "ab"), "from 1 to 6 rules, got 0"),
        (lambda: plots.choice_panels({str(n): [1] for n in range(7)}, "a"), "rules, got 7"),
        (lambda: plots.choice_panels({"x": [0.5, 0.5]}, "abc"), r"chances\['x'\] .*\(3,\)"),
        (lambda: plots.choice_panels({"x": [0.5, 0.6]}, "ab"), r"\['x'\] .* with the sum 1.1"),
        (lambda: plots.choice_panels({"x": [1.5, -0.5]}, "ab"), "from -0.5 to 1.5"),
        (lambda: plots.choice_panels({"x": [np.nan, 1]}, "ab"), r"\['x'\] must be finite"),
        (lambda: plots.choice_panels({"x": [1]}, "a", top=0), "top must be from 1 to 18, got 0"),
        (lambda: plots.choice_panels({"x": [1]}, "a", top=19), "got 19"),
        (lambda: plots.choice_panels({"x": [1]}, [""]), "1 to 5 signs, got ''"),
        (lambda: plots.choice_panels({"x": [1]}, ["abcdef"]), "got 'abcdef'"),
        (lambda: plots.choice_panels({"x": [1]}, [3]), "got 3"),
        (lambda: plots.choice_panels({"x": []}, []), "symbols must hold at least 1"),
    ],
)
def test_bad_chances_are_named_and_no_figure_is_left(draw, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []
