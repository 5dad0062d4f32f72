"""The colours of the course: everyone can tell them apart, and can read what is written in them.

What is promised: any two colours of the palette differ at first sight, with usual sight and with
three kinds of colour-blindness. In grey some are alike, so that lines also differ in marker or
style. Letters have a contrast of 4.5 to 1, lines and edges that carry meaning 3 to 1, or a second
cue (WCAG 2.1, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from itertools import combinations, pairwise

import eyes
import line_looks
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
import test_diagrams
import test_diagrams_07
import test_diagrams_09
import test_diagrams_batches
import test_diagrams_letters
import test_diagrams_streams
from conftest import ROOT
from matplotlib.patches import FancyBboxPatch, Rectangle

from course_utils import diagrams, plots
from course_utils.diagrams import pieces
from course_utils.plots import PALETTE, colours, names, tokens
from course_utils.widgets.panel import message_html

PALE = {"sky", "amber"}  # below 3 to 1 on white: only for areas, or for lines with another cue
ROLES = {role: getattr(pieces, role) for role in ("INPUT", "HIDDEN", "OUTPUT", "RECURRENT", "PAST")}
DRAWINGS = {
    f"{module.__name__} {name}": draw
    for module in (test_diagrams, test_diagrams_07, test_diagrams_09)
    + (test_diagrams_batches, test_diagrams_letters, test_diagrams_streams)
    for name, draw in module.DRAWINGS.items()
} | {"course_map": diagrams.course_map}
FOLDERS = (ROOT / "notebooks", ROOT / "notebooks" / "solutions")
NOTEBOOKS = [path for folder in FOLDERS for path in sorted(folder.glob("*.ipynb"))]


@pytest.mark.parametrize("eye", eyes.COLOUR_EYES)
def test_any_two_colours_can_be_told_apart(eye):
    for first, second in combinations(PALETTE, 2):
        seen = eyes.distance(PALETTE[first], PALETTE[second], eye)
        assert seen >= eyes.APART, (first, second, seen)


def test_the_simulation_is_that_of_the_textbooks():
    assert eyes.distance("red", "#6f6f00", "deuteranopia") < eyes.distance(
        "red", "#6f6f00", "usual"
    )
    assert eyes.distance("#00a651", "#a4802c", "deuteranopia") < 0.6 * eyes.distance(
        "#00a651", "#a4802c", "usual"
    )
    for eye in eyes.EYES:  # no eye sees a colour in grey, or a difference where there is none
        assert eyes.distance("#777777", "#777777", eye) == 0
        assert np.abs(eyes.lab((0.5, 0.5, 0.5), eye)[1:]).max() < 0.5
    assert eyes.distance("red", eyes.WHITE, "usual") > 40
    assert eyes.contrast("black") == pytest.approx(21)


def test_in_grey_the_colour_is_not_enough():
    """So the rules below ask for a second cue; if this fails, they have become too strict."""
    pairs = combinations(PALETTE, 2)
    alike = [p for p in pairs if eyes.distance(PALETTE[p[0]], PALETTE[p[1]], "grey") < eyes.APART]
    assert {("blue", "grey"), ("sky", "amber"), ("green", "pink")} <= set(alike)
    assert len(set(plots.MARKERS)) == len(plots.MARKERS) >= len(PALETTE) - 1


def test_the_cycle_of_colours_is_that_of_the_rules():
    plots.use_course_style()
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == [PALETTE[name] for name in line_looks.CYCLE]


def test_curves_differ_in_their_markers():
    runs = {str(k): [(range(5), np.arange(5) + k)] for k in range(7)}
    ax = plots.learning_curves(runs, x_label="x", y_label="y", levels={"level": 3.0})
    markers = {line.get_marker() for line in ax.lines if line.get_label() in runs}
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(markers) == len(runs)
    assert len(dashed) == 1


def test_groups_on_a_map_differ_in_their_markers():
    groups = {str(k): [str(k)] for k in range(6)}
    points = np.arange(12.0).reshape(6, 2)
    ax = plots.point_map(points, [*groups], groups=groups)
    markers = [line.get_marker() for line in ax.get_legend().legend_handles]
    assert len(set(markers)) == len(groups)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_lines_in_a_notebook_differ_by_more_than_colour(path):
    cells = enumerate(nbformat.read(path, 4).cells)
    sources = [(i, cell.source) for i, cell in cells if cell.cell_type == "code"]
    found = [f"cell {i}, {problem}" for i, code in sources for problem in line_looks.alike(code)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("ax.plot(x)\nax.plot(y, '--')", ""),
        ("ax.plot(x, color=PALETTE['black'])\nax.plot(y)", ""),
        ("ax.plot(x)\nax.plot(y, color=plots.PALETTE['grey'])", "lines 1 and 2: blue and grey"),
        ("ax.plot(x)\nax.plot(y)", "lines 1 and 2: blue and orange"),
        ("left.plot(x)\nright.plot(y)", ""),
        ("ax.plot(x)\nax.plot(y, color=PALETTE['grey'], marker='o')", ""),
        ("ax.plot(x, ':')\nax.axhline(y, linestyle='--', color=PALETTE['grey'])", ""),
        ("ax.plot(x, color=plots.PALETTE['amber'])", "line 1: amber is pale"),
        ("ax.plot(x, color=plots.PALETTE['amber'], marker='o')", ""),
        ("for c in cs:\n    ax.plot(x, color=PALETTE[c])", "line 2: the loop"),
        ("for c in cs:\n    ax.plot(x, ':', color=c)", "line 2: the loop"),
        ("for c, m in cs:\n    ax.plot(x, color=PALETTE[c], marker=m)", ""),
        ("for c, m in cs:\n    plots.line_with_band(x, ax=ax, color=c, marker=m)", ""),
        ("for c, ax in cs:\n    plots.line_with_band(x, ax=ax, color=c)", ""),
    ],
)
def test_the_rule_for_lines_bites(source, problem):
    found = line_looks.alike(source)
    assert bool(found) == bool(problem)
    assert all(message.startswith(problem) for message in found)


@pytest.mark.parametrize("name", PALETTE)
def test_lines_can_be_seen_on_white(name):
    assert (eyes.contrast(PALETTE[name]) >= 3) == (name not in PALE)


def test_parts_of_diagrams_can_be_seen_and_named_in_their_colour():
    assert not PALE & {name for name, value in PALETTE.items() if value in ROLES.values()}
    for color in ROLES.values():
        assert eyes.contrast(color) >= 3
        assert eyes.contrast(pieces.darker(color)) >= 4.5


def filled_boxes(ax):
    """Return (box in pixels, colour) of what is drawn behind words."""
    patches = [patch for patch in ax.patches if isinstance(patch, (FancyBboxPatch, Rectangle))]
    full = [patch for patch in patches if patch.get_fill() and patch.get_facecolor()[3] == 1]
    return [(patch.get_window_extent(), patch.get_facecolor()[:3]) for patch in full]


def background(boxes, text):
    """Return the colour behind a text: that of the smallest box around it, or white."""
    middle = text.get_window_extent().get_points().mean(axis=0)
    under = [(box.width * box.height, colour) for box, colour in boxes if box.contains(*middle)]
    return min(under, default=(0, eyes.WHITE))[1]


@pytest.mark.parametrize("name", DRAWINGS)
def test_words_in_a_diagram_can_be_read(name):
    drawn = DRAWINGS[name]()
    drawn.figure.draw_without_rendering()
    for ax in drawn.figure.axes:
        boxes = filled_boxes(ax)
        for text in ax.texts:
            seen = eyes.contrast(text.get_color(), background(boxes, text))
            assert seen >= 4.5, (text.get_text(), text.get_color(), seen)


def test_words_elsewhere_can_be_read():
    inks = [plots.INK, names._PALE, "#9C4400", "#B3261E"]
    assert "#B3261E" in message_html("wrong", role="alert")
    assert all(eyes.contrast(ink) >= 4.5 for ink in inks)
    assert all(eyes.contrast(plots.INK, tone) >= 4.5 for tone in tokens.TONES)
    assert eyes.contrast("#8C8C8C") >= 3  # edges of tokens, cut bars, the writing box


@pytest.mark.parametrize("eye", eyes.COLOUR_EYES)
def test_both_ends_of_the_diverging_colours(eye):
    low, zero, high = (tuple(colours.diverging()(place)[:3]) for place in (0.0, 0.5, 1.0))
    assert eyes.distance(low, high, eye) >= 2 * eyes.APART
    assert min(eyes.distance(end, zero, eye) for end in (low, high)) >= 2 * eyes.APART


@pytest.mark.parametrize("eye", eyes.EYES)
def test_the_sequential_colours_become_darker_for_everyone(eye):
    steps = [tuple(colours.sequential()(place)[:3]) for place in np.linspace(0, 1, 9)]
    light = [eyes.lab(step, eye)[0] for step in steps]
    assert all(before > after + 1 for before, after in pairwise(light))


@pytest.mark.parametrize("colormap", [colours.diverging, colours.sequential])
def test_letters_on_a_colour_map_can_be_read(colormap):
    steps = colormap()(np.linspace(0, 1, 101))
    for step, white in zip(steps, colours.needs_white(steps), strict=True):
        assert eyes.contrast(tuple(step[:3]), "white" if white else "black") >= 4.5
