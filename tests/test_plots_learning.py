"""Learning curves: the mean and the band of the seeds, every line named, no name on another."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_checks import SMALLEST, cut_off, overlapping, written
from matplotlib.axes import Axes

from course_utils import plots
from course_utils.plots.learning import _spread

LABELS = {"x_label": "characters read", "y_label": "bits per character"}
X = np.arange(1.0, 41)


def run(end: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    noise = np.random.default_rng(seed).normal(size=len(X)) * 0.02
    return X * 2e5, end + 2 * np.exp(-X / 6) + noise


def curve(ax: Axes, name: str) -> tuple[np.ndarray, np.ndarray]:
    (line,) = [line for line in ax.lines if line.get_label() == name]
    return line.get_xdata(), line.get_ydata()


def dashed(ax: Axes) -> list[float]:
    return [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == "--"]


def names(ax: Axes) -> list[str]:
    """Return the names at the right, from the lowest to the highest."""
    return [text.get_text() for text in sorted(ax.texts, key=lambda t: t.get_position()[1])]


def test_seeds_become_a_mean_and_a_band() -> None:
    runs = [([1, 2, 3], [4.0, 2, 1]), ([1, 2, 3], [5.0, 3, 3])]
    ax = plots.learning_curves({"LSTM": runs}, **LABELS)
    x, y = curve(ax, "LSTM")
    assert x.tolist() == [1, 2, 3]
    assert y.tolist() == [4.5, 2.5, 2]
    band = {tuple(point) for point in ax.collections[0].get_paths()[0].vertices}
    assert {(1, 4), (1, 5), (3, 1), (3, 3)} <= band
    assert names(ax) == ["LSTM 2.00"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("characters read", "bits per character")


def test_seeds_that_were_measured_elsewhere_are_compared_where_all_have_values() -> None:
    runs = {7: ([0, 2, 4], [4.0, 2, 0]), 8: ([1, 3, 5], [3.0, 3, 9])}
    ax = plots.learning_curves({"GRU": runs}, **LABELS)
    x, y = curve(ax, "GRU")
    assert x.tolist() == [1, 2, 3, 4]
    assert y.tolist() == [3, 2.5, 2, 3]


def test_methods_differ_in_colour_and_marker() -> None:
    ax = plots.learning_curves({f"method {n}": [run(n)] for n in range(7)}, **LABELS)
    lines = [line for line in ax.lines if line.get_label().startswith("method")]
    assert len({line.get_color() for line in lines}) == 7
    assert [line.get_marker() for line in lines] == list(plots.MARKERS)
    ends = [line for line in ax.lines if line.get_transform() == ax.transAxes]
    assert sorted((e.get_marker(), e.get_color()) for e in ends) == sorted(
        (line.get_marker(), line.get_color()) for line in lines
    )
    shown = len(lines[0].get_xdata()[:: lines[0].get_markevery()])
    assert shown <= 10


def test_levels_are_dashed_and_named_in_the_order_of_their_height() -> None:
    levels = {"unigram": 4.79, "5-gram": 2.31, "xz": 2.9}
    curves = {"LSTM": [([1, 2], [3, 2.05])], "RNN": [([1, 2], [3, 2.4])]}
    ax = plots.learning_curves(curves, **LABELS, levels=levels)
    assert dashed(ax) == [4.79, 2.31, 2.9]
    assert names(ax) == ["LSTM 2.05", "5-gram 2.31", "RNN 2.40", "xz 2.90", "unigram 4.79"]
    assert ax.get_ylim()[0] < 2.05
    assert ax.get_ylim()[1] > 4.79


def test_a_name_stands_at_the_height_of_its_line_when_there_is_room() -> None:
    ax = plots.learning_curves({"a": [([1, 2], [4, 1])]}, **LABELS, levels={"b": 3})
    for text in ax.texts:
        _, y = ax.transData.inverted().transform(ax.transAxes.transform(text.get_position()))
        assert y == pytest.approx(float(text.get_text().split()[-1]), abs=0.01)


def test_top_cuts_the_axis() -> None:
    ax = plots.learning_curves({"a": [([1, 2], [9, 1])]}, **LABELS, levels={"b": 3}, top=3)
    assert ax.get_ylim()[1] == 3


def test_lines_reach_their_names() -> None:
    ax = plots.learning_curves({"a": [([1, 9], [2, 1])], "b": [([1, 5], [2, 1])]}, **LABELS)
    assert ax.get_xlim()[1] == 9


@pytest.mark.parametrize(
    "wanted", [[0.5], [0, 0, 0, 0], [1, 1, 1], [0.1, 0.5, 0.52, 0.9], [0.3, 0.31, 0.45, 0.5, 0.99]]
)
def test_names_are_apart_in_order_and_inside(wanted: list[float]) -> None:
    places = _spread(wanted, 0.1)
    assert (np.diff(places) >= 0.1 - 1e-12).all()
    assert places.min() >= 0
    assert places.max() <= 1 + 1e-12


def test_names_with_room_stay_where_they_are() -> None:
    np.testing.assert_allclose(_spread([0.1, 0.5, 0.9], 0.1), [0.1, 0.5, 0.9])
    np.testing.assert_allclose(_spread([0.2, 0.5, 0.5, 0.5], 0.1), [0.2, 0.4, 0.5, 0.6])


PICTURES = {
    "usual": lambda ax: plots.learning_curves(
        {
            name: [run(end, seed) for seed in range(3)]
            for name, end in (("LSTM", 2.06), ("RNN", 2.3))
        },
        **LABELS,
        levels={"unigram": 4.79, "3-gram": 2.85, "5-gram": 2.31, "xz": 2.9},
        ax=ax,
    ),
    "one point": lambda ax: plots.learning_curves({"a $x": [([1], [2])]}, **LABELS, ax=ax),
    "most": lambda ax: plots.learning_curves(
        {f"method {n}": [run(2 + n / 100)] for n in range(7)},
        **LABELS,
        levels={f"level {n}": 2.02 for n in range(5)},
        top=3,
        ax=ax,
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_figure_is_readable(name: str) -> None:
    ax = PICTURES[name](None)
    texts = written(ax.figure)
    assert cut_off(texts, ax.figure) == []
    assert overlapping(texts) == []
    assert min(size for _, _, size in texts) >= SMALLEST
    assert ax.figure.get_figwidth() == 9
    assert plt.get_fignums() == [ax.figure.number]


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_drawn_on_a_given_axes(name: str) -> None:
    figure, axes = plots.new_figure(1, 2, width=14, height=5)
    assert PICTURES[name](axes[0]) is axes[0]
    assert not axes[1].has_data()
    axes[1].set_axis_off()
    texts = written(figure)
    assert cut_off(texts, figure) == []
    assert overlapping(texts) == []


def draw(curves: dict, **options: object) -> Axes:
    return plots.learning_curves(curves, **LABELS, **options)


GOOD = {"a": [([1, 2], [2, 1])]}


@pytest.mark.parametrize(
    ("curves", "options", "message"),
    [
        ({}, {}, "from 1 to 7 methods, got 0"),
        ({str(n): GOOD["a"] for n in range(8)}, {}, "from 1 to 7 methods, got 8"),
        (GOOD, {"levels": {str(n): 1.0 for n in range(12)}}, "at most 12 together .* got 13"),
        (GOOD, {"levels": {"b": 4}, "top": 3}, r"levels\['b'\] .*at most 3.* got 4"),
        (GOOD, {"levels": {"b": np.nan}}, r"levels\['b'\] must be a finite number"),
        ({"a": []}, {}, r"curves\['a'\] is empty"),
        ({"a": [([1, 2], [1, 2], [3, 4])]}, {}, r"run 0 must be a pair \(x, y\), got 3"),
        ({"a": [([1, 2], [1])]}, {}, r"run 0: y must have the shape \(2,\), got \(1,\)"),
        ({"a": [([], [])]}, {}, r"run 0: x must have the shape \(N,\)"),
        ({"a": [([1, 1], [1, 2])]}, {}, "run 0: x must rise"),
        ({"a": [GOOD["a"][0], ([1, 2], [1, np.inf])]}, {}, "run 1: y must be finite"),
        ({"a": [([1, 2], [1, 2]), ([3, 4], [1, 2])]}, {}, "have no x in common"),
    ],
)
def test_bad_curves_are_named_and_no_figure_is_left(
    curves: dict, options: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        draw(curves, **options)
    assert plt.get_fignums() == []
