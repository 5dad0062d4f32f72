"""The diagrams: nothing overlaps or is cut off, letters are large enough, bad sizes are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_checks import across_an_edge, assert_readable, cut_off, overlapping, texts_of, written
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from course_utils import diagrams

plt.switch_backend("agg")

WAVE = 1000 + 300 * np.sin(np.arange(400) / 7)
DNA = "GATTACAGATTACAGATCGATTACGATCGATATTCGAGATTACAC"

# Every figure at its usual size and at the ends of what its arguments allow.
DRAWINGS: dict[str, Callable[[], Axes | Figure]] = {
    "task_shapes": diagrams.task_shapes,
    **{kind: lambda kind=kind: diagrams.task_shape(kind) for kind in diagrams.TASK_KINDS},
    "memory_or_not": diagrams.memory_or_not,
    "four_jobs": diagrams.four_jobs,
    "cycle": diagrams.cycle_and_unrolled,
    "cycle one step": lambda: diagrams.cycle_and_unrolled(1),
    "cycle first of four": lambda: diagrams.cycle_and_unrolled(4, highlight=0),
    "cycle last of five": lambda: diagrams.cycle_and_unrolled(5, highlight=4),
    "hidden_layer": diagrams.hidden_layer,
    "hidden_layer 1 1 1": lambda: diagrams.hidden_layer(1, 1, 1),
    "hidden_layer 4 4 4": lambda: diagrams.hidden_layer(4, 4, 4),
    "hidden_layer 4 1 4": lambda: diagrams.hidden_layer(4, 1, 4),
    "stacked": diagrams.stacked,
    "stacked 1 1": lambda: diagrams.stacked(1, 1),
    "stacked 4 5": lambda: diagrams.stacked(4, 5),
    "bidirectional": diagrams.bidirectional,
    "bidirectional 1": lambda: diagrams.bidirectional(1),
    "bidirectional 5": lambda: diagrams.bidirectional(5),
    **{
        f"concat_or_add {n} {h}": lambda n=n, h=h: diagrams.concat_or_add(n, h)
        for n, h in [(2, 3), (1, 1), (4, 4), (1, 4), (4, 1), (2, 4), (4, 2)]
    },
    "windows": lambda: diagrams.windows(WAVE, 10),
    "windows of one": lambda: diagrams.windows(WAVE, 1),
    "windows long": lambda: diagrams.windows(WAVE, 60),
    "windows all but one": lambda: diagrams.windows([1, 2, 4], 2),
    "symbol_strip": lambda: diagrams.symbol_strip("GATTACA"),
    "symbol_strip rows": lambda: diagrams.symbol_strip(DNA),
    "symbol_strip words": lambda: diagrams.symbol_strip(["I", "ate", "breakfast", "today"]),
    "symbol_strip signs": lambda: diagrams.symbol_strip("a $x$ ^"),
}


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert isinstance(drawn, Figure if name.startswith("windows") else Axes)
    assert_readable(drawn)


def test_rules_find_a_bad_figure() -> None:
    ax = diagrams.memory_or_not()
    ax.text(8.9, 2, "runs over the edge", fontsize=14)
    ax.text(1.7, 4.1, "on the heading", fontsize=14)
    ax.text(1.2, 2.5, "half in a box", fontsize=14)
    texts = written(ax.figure)
    assert cut_off(texts, ax.figure) == ["runs over the edge"]
    assert ("without memory", "on the heading") in overlapping(texts)
    assert "half in a box" in across_an_edge(texts, ax.figure)


@pytest.mark.parametrize(
    ("draw", "argument"),
    [
        (lambda: diagrams.cycle_and_unrolled(0), "n_steps"),
        (lambda: diagrams.cycle_and_unrolled(-3), "n_steps"),
        (lambda: diagrams.cycle_and_unrolled(6), "n_steps"),
        (lambda: diagrams.cycle_and_unrolled(3, highlight=3), "highlight"),
        (lambda: diagrams.cycle_and_unrolled(3, highlight=-1), "highlight"),
        (lambda: diagrams.hidden_layer(0, 3, 1), "n_inputs"),
        (lambda: diagrams.hidden_layer(2, -1, 1), "n_hidden"),
        (lambda: diagrams.hidden_layer(2, 3, 5), "n_outputs"),
        (lambda: diagrams.stacked(0), "n_layers"),
        (lambda: diagrams.stacked(2, -1), "n_steps"),
        (lambda: diagrams.bidirectional(0), "n_steps"),
        (lambda: diagrams.concat_or_add(0, 3), "n_inputs"),
        (lambda: diagrams.concat_or_add(2, -3), "n_hidden"),
        (lambda: diagrams.windows(WAVE, 0), "size"),
        (lambda: diagrams.windows(WAVE, -2), "size"),
        (lambda: diagrams.windows([1.0, 2.0, 3.0], 3), "size"),
        (lambda: diagrams.windows([1.0, 2.0, 3.0], 10), "size"),
        (lambda: diagrams.windows([1.0], 1), "series"),
        (lambda: diagrams.windows([[1.0, 2.0], [3.0, 4.0]], 1), "series"),
        (lambda: diagrams.windows([1.0, np.nan, 3.0], 1), "series"),
        (lambda: diagrams.windows("abc", 1), "series"),
        (lambda: diagrams.symbol_strip(""), "symbols"),
        (lambda: diagrams.symbol_strip(["x" * 100]), "symbols"),
        (lambda: diagrams.symbol_strip("AC", colors={"A": "red"}), "colors"),
    ],
)
def test_bad_argument_is_named_and_no_figure_is_left(
    draw: Callable[[], object], argument: str
) -> None:
    with pytest.raises(ValueError, match=rf"\b{argument}\b"):
        draw()
    assert plt.get_fignums() == []


@pytest.mark.parametrize("wrong", [2.5, "3", True, None])
def test_size_must_be_a_whole_number(wrong: object) -> None:
    with pytest.raises(TypeError, match="n_steps must be a whole number"):
        diagrams.cycle_and_unrolled(wrong)


def test_numpy_integer_is_a_whole_number() -> None:
    assert isinstance(diagrams.cycle_and_unrolled(np.int64(2)), Axes)


def test_unknown_task_shape_lists_the_kinds() -> None:
    with pytest.raises(ValueError, match="kind must be one of") as error:
        diagrams.task_shape("some-to-many")
    assert all(kind in str(error.value) for kind in diagrams.TASK_KINDS)


def test_the_same_weights_stand_at_every_step() -> None:
    texts = texts_of(diagrams.cycle_and_unrolled(3))
    for name in ("$W_{xh}$", "$W_{hh}$", "$W_{hy}$"):
        assert texts.count(name) == 1 + 3  # the cell with the loop, then three steps


def test_highlight_marks_one_step_and_dims_the_later_ones() -> None:
    ax = diagrams.cycle_and_unrolled(3, highlight=1)
    colour = {text.get_text(): text.get_color() for text in ax.texts}
    weight = {text.get_text(): text.get_weight() for text in ax.texts}
    assert colour["$h_{0}$"] == colour["$h_{1}$"] != colour["$h_{2}$"]
    assert [weight[f"t = {t}"] for t in range(3)] == ["normal", "bold", "normal"]
    assert any(text.startswith("$h_{1} = ") and "h_{0}" in text for text in colour)


def test_every_hidden_node_leads_to_every_hidden_node() -> None:
    ax = diagrams.hidden_layer(2, 3, 1)
    assert {"2 × 3 = 6 edges", "3 × 3 = 9 edges", "3 × 1 = 3 edges"} <= set(texts_of(ax))
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == (6 + 9 + 3) + 3 + 1  # edges, three in the legend, the way back


def test_shapes_of_the_blocks() -> None:
    texts = texts_of(diagrams.concat_or_add(2, 3))
    assert {"(3, 5)", "(5, 1)", "(3, 2)", "(2, 1)", "(3, 3)", "(3, 1)"} <= set(texts)


def test_windows_step_by_one_and_target_follows() -> None:
    figure = diagrams.windows(WAVE, 10)
    for start, ax in enumerate(figure.axes):
        _, inputs, target = ax.lines
        np.testing.assert_array_equal(inputs.get_xdata(), np.arange(start, start + 10))
        np.testing.assert_array_equal(inputs.get_ydata(), WAVE[start : start + 10])
        assert target.get_ydata() == WAVE[start + 10]
    assert len(figure.axes) == 3
    assert len(diagrams.windows([1, 2, 4, 8], 2).axes) == 2  # a short series has fewer windows


def test_symbol_strip_keeps_order_and_colours() -> None:
    colors = {"A": "#009E73", "C": "#0072B2"}
    ax = diagrams.symbol_strip("ACCA", colors=colors)
    assert texts_of(ax) == ["A", "C", "C", "A"]
    edges = [patch.get_edgecolor() for patch in ax.patches]
    assert edges[0] == edges[3] != edges[1] == edges[2]
    assert texts_of(diagrams.symbol_strip("a b")) == ["a", "\u2423", "b"]  # a space can be seen


def test_symbol_strip_draws_on_a_given_axes_or_says_that_it_is_too_small() -> None:
    figure, (upper, lower) = plt.subplots(2, figsize=(9, 3))
    lower.set_axis_off()
    assert diagrams.symbol_strip("ACGT", ax=upper) is upper
    assert overlapping(written(figure)) == []
    with pytest.raises(ValueError, match="ax needs .* inches of height"):
        diagrams.symbol_strip(DNA * 3, ax=lower)
