"""Recurrent networks with several layers or two directions, unrolled in time."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    MATHS,
    OUTPUT,
    RECURRENT,
    WIDTH,
    Point,
    arrow,
    box,
    canvas,
    darker,
    label,
    tint,
)
from course_utils.plots import PALETTE
from course_utils.plots.inputs import as_count

MAX_LAYERS = 4
MAX_STEPS = 5

_BOX: Point = (0.76, 0.54)
_SHIFT = 0.22  # inches that a forward box stands left, a backward box right of its column
_LAYER_COLOURS = (HIDDEN, PALETTE["sky"], PALETTE["amber"], PALETTE["pink"])


def stacked(n_layers: int = 2, n_steps: int = 3) -> Axes:
    """Draw hidden layers on top of each other, unrolled in time.

    Args:
        n_layers: hidden layers, from 1 to 4.
        n_steps: time steps, from 1 to 5.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    n_layers = as_count("n_layers", n_layers, high=MAX_LAYERS)
    n_steps = as_count("n_steps", n_steps, high=MAX_STEPS)
    ax = canvas(3.0 + 1.1 * n_layers)
    rows = [0.8 + 1.1 * row for row in range(n_layers + 2)]
    columns = _columns(n_steps, first=3.05, last=8.25)
    _row_names(ax, rows, n_layers)
    title = "Each layer has its own weights, the same at every time step"
    label(ax, (WIDTH / 2, rows[-1] + 0.75), title, size=15)
    for t, x in enumerate(columns):
        label(ax, (x, 0.25), f"t = {t}", size=14)
        box(ax, (x, rows[0]), f"$x_{t}$", color=INPUT, size=_BOX)
        box(ax, (x, rows[-1]), f"$y_{t}$", color=OUTPUT, size=_BOX)
        for low, high in zip(rows, rows[1:], strict=False):
            arrow(ax, (x, low + _BOX[1] / 2), (x, high - _BOX[1] / 2))
        for layer in range(1, n_layers + 1):
            text = f"$h_{{{t}}}^{{({layer})}}$"
            box(ax, (x, rows[layer]), text, color=_LAYER_COLOURS[layer - 1], size=_BOX)
    for layer in range(1, n_layers + 1):
        _along_time(ax, columns, rows[layer], layer)
    return ax


def _columns(n_steps: int, *, first: float, last: float) -> list[float]:
    """Return the middle of each time step's column, spread around the middle of the page part."""
    pitch = min(1.75, (last - first) / max(n_steps - 1, 1))
    middle = (first + last) / 2
    return [middle + (t - (n_steps - 1) / 2) * pitch for t in range(n_steps)]


def _row_names(ax: Axes, rows: list[float], n_layers: int) -> None:
    """Write at the left what each row is."""
    names = ["input", *(f"hidden layer {i}" for i in range(1, n_layers + 1)), "output"]
    for y, name in zip(rows, names, strict=True):
        label(ax, (0.3, y), name, size=14, ha="left")


def _along_time(ax: Axes, columns: list[float], y: float, layer: int) -> None:
    """Draw the recurrent arrows of one layer, each with the name of the layer's own weights."""
    starts = [columns[0] - 1.1, *columns[:-1]]
    for number, (start, end) in enumerate(zip(starts, columns, strict=True)):
        inside = start + (_BOX[0] / 2 if number else 0.1)
        arrow(ax, (inside, y), (end - _BOX[0] / 2, y), color=RECURRENT)
        if number == 0:
            label(ax, (start, y), "0", size=15)
    at = (columns[0] - 0.72, y + 0.29)
    label(ax, at, f"$W_{{hh}}^{{({layer})}}$", size=15, color=darker(RECURRENT))


def bidirectional(n_steps: int = 4) -> Axes:
    """Draw a forward and a backward chain over the same inputs, with their states side by side.

    Args:
        n_steps: time steps, from 1 to 5.

    Returns:
        The Axes.

    Raises:
        TypeError: n_steps is not a whole number.
        ValueError: n_steps is out of range.
    """
    n_steps = as_count("n_steps", n_steps, high=MAX_STEPS)
    ax = canvas(5.3)
    rows = (0.85, 2.05, 3.25, 4.55)
    names = (
        "input",
        "forward\nin time",
        "backward\nin time",
        "output:\nboth states,\nconcatenated",
    )
    for y, name in zip(rows, names, strict=True):
        label(ax, (0.3, y), name, size=14, ha="left")
    columns = _columns(n_steps, first=2.75, last=7.75)
    for t, x in enumerate(columns):
        _two_states(ax, x, t, rows)
    _chain(ax, [x - _SHIFT for x in columns], rows[1], color=HIDDEN)
    _chain(ax, [x + _SHIFT for x in reversed(columns)], rows[2], color=RECURRENT)
    return ax


def _two_states(ax: Axes, x: float, t: int, rows: tuple[float, float, float, float]) -> None:
    """Draw one time step: its input, its two states and the output that joins them."""
    low, first, second, top = rows
    half, left, right = _BOX[1] / 2, x - _SHIFT, x + _SHIFT
    label(ax, (x, 0.28), f"t = {t}", size=14)
    box(ax, (x, low), f"$x_{t}$", color=INPUT, size=_BOX)
    states = (rf"$h_{t}^{{\rightarrow}}$", rf"$h_{t}^{{\leftarrow}}$")
    size = (0.56, _BOX[1])
    box(ax, (left, first), states[0], color=HIDDEN, size=size)
    box(ax, (right, second), states[1], color=RECURRENT, size=size, linestyle="--")
    arrow(ax, (left, low + half), (left, first - half))
    arrow(ax, (right + 0.06, low + half), (right + 0.06, second - half))
    arrow(ax, (left - 0.08, first + half), (left - 0.08, top - half))
    arrow(ax, (right, second + half), (right, top - half))
    wide = 0.54
    for at, text, color in (
        (x - wide / 2, states[0], HIDDEN),
        (x + wide / 2, states[1], RECURRENT),
    ):
        corner = (at - wide / 2, top - half)
        look = {"facecolor": tint(color), "edgecolor": OUTPUT, "linewidth": 2, "zorder": 3}
        ax.add_patch(Rectangle(corner, wide, 2 * half, **look))
        label(ax, (at, top), text, size=MATHS, zorder=5)


def _chain(ax: Axes, columns: list[float], y: float, *, color: str) -> None:
    """Draw arrows from each column to the next one, in the order given, starting from 0."""
    sign = 1 if color == HIDDEN else -1
    starts = [columns[0] - sign * 0.75, *columns[:-1]]
    for number, (start, end) in enumerate(zip(starts, columns, strict=True)):
        inside = start + sign * (0.28 if number else 0.1)
        arrow(ax, (inside, y), (end - sign * 0.28, y), color=color)
    label(ax, (starts[0], y), "0", size=15)
