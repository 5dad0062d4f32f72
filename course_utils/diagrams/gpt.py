"""One block of a small GPT, with the shape that each part keeps."""

from __future__ import annotations

from itertools import pairwise

from matplotlib.axes import Axes

from course_utils.diagrams.gate_pieces import RADIUS, dot, sign, wire
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    OUTPUT,
    PAST,
    WIDTH,
    box,
    canvas,
    label,
)

_LINE, _AROUND = 1.95, 2.85  # inches; height of the way through the parts, and of the way around
_TALL = 0.74
# From left to right: what stands in the box, its middle, its width, its colour, a note below.
_ENDS = (("x", 0.52, 0.56), ("x", 8.48, 0.56))
_PARTS = (
    ("norm", 1.78, 0.8, PAST, ""),
    ("attention", 3.05, 1.24, OUTPUT, "place t reads\nplaces \u2264 t"),
    ("norm", 5.22, 0.8, PAST, ""),
    ("feed-\nforward", 6.49, 1.24, HIDDEN, "each place alone:\nC \u2192 4C \u2192 C"),
)
_SPLITS, _JOINS = (1.1, 4.54), (4.0, 7.52)


def gpt_block() -> Axes:
    """Draw one block of a small GPT: norm, attention, add, norm, feed-forward, add.

    Around each pair of parts goes a copy of what came in, to which the parts only add. That the
    norm stands before its part is the order of Radford et al. (2019), "Language Models are
    Unsupervised Multitask Learners", section 2.3.

    Returns:
        The Axes.
    """
    ax = canvas(3.85)
    label(ax, (WIDTH / 2, 3.52), "One block: every arrow carries (B, T, C)", size=16, weight="bold")
    for name, x, wide in _ENDS:
        box(ax, (x, _LINE), name, color=INPUT, size=(wide, 0.6), letters=17)
        label(ax, (x, _LINE - 0.55), "(B, T, C)", size=14)
    for name, x, wide, color, note in _PARTS:
        box(ax, (x, _LINE), name, color=color, size=(wide, _TALL), letters=15)
        if note:
            label(ax, (x, _LINE - 0.78), note, size=14)
    _through(ax)
    for split, join in zip(_SPLITS, _JOINS, strict=True):
        points = [(split, _LINE), (split, _AROUND), (join, _AROUND), (join, _LINE + RADIUS)]
        wire(ax, points, new=False)
        dot(ax, (split, _LINE), new=False)
        sign(ax, (join, _LINE), "+", new=False)
        label(ax, ((split + join) / 2, _AROUND + 0.2), "a copy goes around", size=14)
    note = "B: texts in the batch,  T: places in the text,  C: numbers for each place"
    label(ax, (WIDTH / 2, 0.35), note, size=15)
    return ax


def _through(ax: Axes) -> None:
    """Draw the arrows from part to part."""
    sides = [(x - wide / 2, x + wide / 2) for _, x, wide, *_ in (*_ENDS, *_PARTS)]
    sides += [(x - RADIUS, x + RADIUS) for x in _JOINS]
    for (_, start), (end, _) in pairwise(sorted(sides)):
        wire(ax, [(start, _LINE), (end, _LINE)], new=False)
