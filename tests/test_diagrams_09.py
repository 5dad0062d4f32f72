"""Pictures of lesson 09: attention, the block, the minGRU, the scan, and what came when."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_checks import assert_readable, texts_of
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.text import Text

from course_utils import diagrams
from course_utils.diagrams.pieces import HIDDEN

DRAWINGS: dict[str, Callable[[], Axes]] = {
    "attention": diagrams.attention_rows,
    "attention first": lambda: diagrams.attention_rows("hello", 0),
    "attention most": lambda: diagrams.attention_rows("WM@\n" * 3 + "WM", 13),
    "attention two": lambda: diagrams.attention_rows("ab", 1, weights=[0, 1]),
    "rnn or attention": diagrams.rnn_or_attention,
    "rnn or attention 2": lambda: diagrams.rnn_or_attention("ab"),
    "rnn or attention 6": lambda: diagrams.rnn_or_attention("WM@WM@"),
    "block": diagrams.gpt_block,
    "minGRU": diagrams.min_gru_cell,
    "families": diagrams.model_families,
    **{
        f"scan {n} {rounds}": lambda n=n, rounds=rounds: diagrams.scan_rounds(n, rounds)
        for n, rounds in [(8, 3), (8, 0), (2, 1), (10, 4), (5, 2)]
    },
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    assert_readable(DRAWINGS[name]())


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_runs_off_the_page(name: str) -> None:
    ax = DRAWINGS[name]()
    ax.figure.canvas.draw()
    for patch in ax.patches:
        assert ax.bbox.padded(1).fully_containsx(patch.get_window_extent().x0), patch
        assert ax.bbox.padded(1).fully_containsx(patch.get_window_extent().x1), patch


def arrows(ax: Axes) -> list[FancyArrowPatch]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]


def boxes(ax: Axes) -> list[tuple[float, float, str]]:
    """Return the middle of each box and the text that stands in it."""
    found = []
    for patch in ax.patches:
        if isinstance(patch, FancyBboxPatch):
            extent = patch.get_window_extent()
            inside = [t for t in ax.texts if extent.contains(*middle_of(t))]
            x, y = patch.get_x() + patch.get_width() / 2, patch.get_y() + patch.get_height() / 2
            found.append((x, y, inside[0].get_text() if len(inside) == 1 else ""))
    return found


def middle_of(text: Text) -> tuple[float, float]:
    extent = text.get_window_extent()
    return ((extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2)


@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_place_reads_itself_and_earlier_ones_and_no_other(place: int) -> None:
    ax = diagrams.attention_rows("abcdef", place)
    lows = [x for x, _, text in boxes(ax) if text in "abcdef" and text]
    assert sorted(a._posA_posB[0][0] for a in arrows(ax)) == pytest.approx(lows[: place + 1])
    assert len(ax.lines) == 2 * (5 - place)  # a cross for each later letter
    crossed = {round(float(np.mean(line.get_xdata())), 3) for line in ax.lines}
    assert crossed == {round(x, 3) for x in lows[place + 1 :]}


def test_an_arrow_is_as_thick_as_its_weight() -> None:
    weights = [0.1, 0.6, 0.0, 0.3]
    ax = diagrams.attention_rows("abcdef", 3, weights=weights)
    in_order = sorted(arrows(ax), key=lambda a: a._posA_posB[0][0])
    widths = np.array([a.get_linewidth() for a in in_order])
    thin = widths.min()
    np.testing.assert_allclose((widths - thin) / (widths.sum() - 4 * thin), weights)
    assert [t for t in texts_of(ax) if t.isdigit()] == ["10", "60", "0", "30"]


def test_the_example_is_a_distribution() -> None:
    shares = [int(t) for t in texts_of(diagrams.attention_rows("abcdefgh", 7)) if t.isdigit()]
    assert len(shares) == 8
    assert len({*shares}) > 3
    assert abs(sum(shares) - 100) <= 4


@pytest.mark.parametrize(("word", "steps"), [("hello", "4 steps"), ("ab", "1 step")])
def test_the_way_of_the_first_letter_is_as_long_as_it_says(word: str, steps: str) -> None:
    ax = diagrams.rnn_or_attention(word)
    assert f"first to last: T \u2212 1 = {steps}" in texts_of(ax)
    thick = [a for a in arrows(ax) if a.get_linewidth() == 4]
    middle = ax.get_xlim()[1] / 2
    left = [a for a in thick if a._posA_posB[0][0] < middle]
    assert len(left) == 1 + int(steps[0])  # into the first state, then from state to state
    assert len(thick) - len(left) == 1


def test_the_parts_of_the_block_stand_in_their_order() -> None:
    drawn = sorted(boxes(diagrams.gpt_block()))
    names = [name.replace("-\n", "-") for _, _, name in drawn]
    assert names == ["x", "norm", "attention", "norm", "feed-forward", "x"]
    plus = [t.get_position()[0] for t in diagrams.gpt_block().texts if t.get_text() == "+"]
    (_, attention, second, feed), last = [x for x, *_ in drawn[1:5]], drawn[5][0]
    assert attention < plus[0] < second
    assert feed < plus[1] < last


def test_in_the_min_gru_only_the_last_equation_has_the_old_state() -> None:
    equations = [text for text in texts_of(diagrams.min_gru_cell()) if "=" in text]
    assert len(equations) == 3
    assert ["h_{t-1}" in equation for equation in equations] == [False, False, True]
    assert all("x_t" in equation for equation in equations[:2])


@pytest.mark.parametrize("n_steps", [2, 3, 5, 8, 10])
def test_the_arrows_of_the_scan_join_each_step_once(n_steps: int) -> None:
    ax = diagrams.scan_rounds(n_steps, diagrams.rounds_needed(n_steps))
    drawn = {(round(x, 3), round(y, 3)): text for x, y, text in boxes(ax)}
    xs, ys = (sorted({at[axis] for at in drawn}) for axis in (0, 1))
    joined = {(x, ys[0]): {t} for t, x in enumerate(xs)}
    for low, high in zip(ys, ys[1:], strict=False):
        for x in xs:
            into = [a for a in arrows(ax) if low < a._posA_posB[1][1] < high and near(a, x, end=1)]
            parts = [joined[next(s for s in xs if near(a, s, end=0)), low] for a in into]
            assert sum(map(len, parts)) == len(set().union(*parts))  # no step is counted twice
            joined[x, high] = set().union(*parts)
    for at, steps in joined.items():
        first, last = min(steps), max(steps)
        assert steps == {*range(first, last + 1)}
        assert drawn[at] == (f"{first}\u2013{last}" if first < last else str(last))
    assert [joined[x, ys[-1]] for x in xs] == [{*range(t + 1)} for t in range(n_steps)]
    aslant = [a for a in arrows(ax) if not near(a, a._posA_posB[0][0], end=1)]
    assert diagrams.scan_joins(n_steps, diagrams.rounds_needed(n_steps)) == len(aslant)


def near(arrow: FancyArrowPatch, x: float, *, end: int) -> bool:
    return abs(arrow._posA_posB[end][0] - x) < 0.15


@pytest.mark.parametrize("rounds", range(4))
def test_later_rounds_are_pale_and_the_cost_is_that_of_the_rounds(rounds: int) -> None:
    ax = diagrams.scan_rounds(8, rounds)
    patches = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    white = sum(patch.get_facecolor()[:3] == (1, 1, 1) for patch in patches)
    green = sum(patch.get_edgecolor()[:3] == mpl.colors.to_rgb(HIDDEN) for patch in patches)
    assert white == 8 * (3 - rounds)
    assert green == sum(2**r for r in range(rounds + 1))  # 1, 2, 4, 8 are done
    assert any(f": {[0, 7, 13, 17][rounds]} joins." in text for text in texts_of(ax))


def test_each_model_stands_above_its_year() -> None:
    ax = diagrams.model_families()
    years = {t.get_text(): t.get_position()[0] for t in ax.texts if t.get_text().isdigit()}
    assert [*years] == sorted(years)
    assert [*years.values()] == sorted(years.values())
    drawn = {text.replace("\n", " "): x for x, _, text in boxes(ax)}
    when = {
        "1986": "Jordan RNN",
        "1990": "Elman RNN",
        "1997": "LSTM",
        "2014": "GRU/attention (Bahdanau)",
        "2017": "Transformer",
        "2018": "GPT",
        "2021": "S4",
        "2023": "LRU/RWKV/Mamba",
        "2024": "xLSTM/minGRU",
    }
    placed = {name: years[year] for year, names in when.items() for name in names.split("/")}
    assert drawn == pytest.approx(placed)


@pytest.mark.parametrize(
    ("draw", "kind", "message"),
    [
        (lambda: diagrams.attention_rows("abc", 3), ValueError, "place must be from 0 to 2, got 3"),
        (lambda: diagrams.attention_rows("abc", 1.0), TypeError, "place must be a whole number"),
        (lambda: diagrams.attention_rows("a", 0), ValueError, "from 2 to 14 letters, got 1"),
        (lambda: diagrams.attention_rows(7, 0), TypeError, "letters must be a text"),
        (
            lambda: diagrams.attention_rows("abc", 1, weights=[0.5, 0.6]),
            ValueError,
            "sum 1.1: apply softmax",
        ),
        (lambda: diagrams.attention_rows("abc", 1, weights=[1]), ValueError, r"shape \(2,\)"),
        (lambda: diagrams.attention_rows("abc", 1, weights=[2, -1]), ValueError, "from 0 to 1"),
        (lambda: diagrams.rnn_or_attention("abcdefg"), ValueError, "from 2 to 6 letters, got 7"),
        (lambda: diagrams.scan_rounds(1, 0), ValueError, "n_steps must be from 2 to 10, got 1"),
        (lambda: diagrams.scan_rounds(8, 4), ValueError, "rounds must be from 0 to 3, got 4"),
        (lambda: diagrams.scan_rounds(8, True), TypeError, "rounds must be a whole number"),
    ],
)
def test_bad_arguments_are_named_and_no_figure_is_left(draw, kind, message) -> None:
    with pytest.raises(kind, match=message):
        draw()
    assert plt.get_fignums() == []
