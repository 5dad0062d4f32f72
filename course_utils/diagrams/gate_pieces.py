"""Wires, gates and signs from which the pictures of gated cells are put together.

A part is drawn either new (in colour, with thick lines) or plain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from course_utils.diagrams.pieces import (
    PAST,
    WIDTH,
    Point,
    box,
    canvas,
    label,
    path_arrow,
    tint,
)
from course_utils.plots import INK, PALETTE
from course_utils.plots.inputs import as_count

NEW = PALETTE["orange"]
RADIUS = 0.21  # of a sign
GATE: Point = (1.14, 0.74)
SQUASH: Point = (0.66, 0.4)  # of a tanh without weights
LEFT, RIGHT = 1.35, 7.65  # inches; the sides of the cell

_LOW = 1.62  # the cell's lower side
_PAPER = 0.06  # strength of the grey inside the cell
_MATHS = 17  # points, for what stands at a wire


@dataclass(frozen=True)
class Stage:
    """What one stage adds: its title, the equations under the picture, the part it draws."""

    title: str
    equations: Sequence[str]
    draw: Callable[[Axes, bool], None]


def draw_stages(stages: Sequence[Stage], stage: int, *, belt: float, page: float) -> Axes:
    """Draw a cell up to a stage, the newest part in colour.

    Args:
        stages: all stages of the cell.
        stage: how many of them to draw, from 1.
        belt: height of the line along the top, inches.
        page: height of the page, inches.

    Returns:
        The Axes.

    Raises:
        TypeError: stage is not a whole number.
        ValueError: stage is out of range.
    """
    stage = as_count("stage", stage, high=len(stages))
    ax = canvas(page)
    high = belt + 0.45
    middle = ((LEFT + RIGHT) / 2, (_LOW + high) / 2)
    size = (RIGHT - LEFT, high - _LOW)
    box(ax, middle, color=PAST, size=size, strength=_PAPER, linewidth=1.5, zorder=0)
    for number, part in enumerate(stages[:stage], start=1):
        part.draw(ax, number == stage)
    newest = stages[stage - 1]
    label(ax, (LEFT, page - 0.32), f"{stage}  {newest.title}", size=16, ha="left", weight="bold")
    _write(ax, newest.equations)
    return ax


def _write(ax: Axes, equations: Sequence[str]) -> None:
    """Write the equations of the newest part in a frame under the picture."""
    box(ax, (WIDTH / 2, 0.38), color=NEW, size=(8.7, 0.6), strength=0.08, linewidth=2)
    pitch = 8.5 / len(equations)
    for number, equation in enumerate(equations):
        x = WIDTH / 2 + (number - (len(equations) - 1) / 2) * pitch
        label(ax, (x, 0.38), equation, size=_MATHS, zorder=5)


def wire(ax: Axes, points: list[Point], *, new: bool, head: bool = True) -> None:
    """Draw a wire through the points, with an arrow at its end unless head is False."""
    # A new wire may lie on a plain one: it is drawn above it.
    look = {"color": NEW if new else INK, "linewidth": 4 if new else 2, "zorder": 3 if new else 2}
    if head:
        path_arrow(ax, points, solid_capstyle="round", **look)
    else:
        ax.plot(*zip(*points, strict=True), solid_capstyle="round", **look)


def bridge(ax: Axes, at: Point) -> None:
    """Lead a plain upright wire over a level one that it crosses without touching."""
    x, y = at
    look = {"zorder": 3.5, "solid_capstyle": "butt"}
    ax.plot([x - 0.11, x + 0.11], [y, y], color=tint(PAST, _PAPER), linewidth=11, **look)
    ax.plot([x, x], [y - 0.12, y + 0.12], color=INK, linewidth=2, **look)


def dot(ax: Axes, at: Point, *, new: bool) -> None:
    """Mark the point where a wire splits or two wires are joined."""
    color = NEW if new else INK
    ax.add_patch(Circle(at, 0.085 if new else 0.06, color=color, zorder=4))


def gate(ax: Axes, at: Point, name: str, function: str, *, new: bool) -> None:
    """Draw a small layer of the cell: its name above its squashing function."""
    color = NEW if new else PAST
    look = {"strength": 0.3 if new else 0.2, "linewidth": 4 if new else 2, "zorder": 4}
    box(ax, at, color=color, size=GATE, **look)
    label(ax, (at[0], at[1] + 0.17), name, size=13, zorder=5)
    label(ax, (at[0], at[1] - 0.17), function, size=16, zorder=5)


def sign(ax: Axes, at: Point, text: str, *, new: bool) -> None:
    """Draw an element-wise operation as a circle: a product, a sum, or 1 minus the value."""
    color = NEW if new else INK
    face = tint(NEW, 0.3) if new else "white"
    look = {"facecolor": face, "edgecolor": color, "linewidth": 4 if new else 2, "zorder": 4}
    ax.add_patch(Circle(at, RADIUS, **look))
    label(ax, at, text, size=15 if len(text) > 1 else 19, zorder=5)


def squash(ax: Axes, at: Point, *, new: bool) -> None:
    """Draw an element-wise tanh: it has no weights, so it is no gate."""
    look = {"color": NEW if new else INK, "strength": 0.3 if new else 0, "zorder": 4}
    box(ax, at, "tanh", size=SQUASH, letters=15, linewidth=4 if new else 2, **look)


def at_wire(ax: Axes, at: Point, text: str, **options: object) -> None:
    """Write what a wire carries beside it."""
    label(ax, at, text, size=_MATHS, **options)
