"""A recurrent network drawn as a cycle and unrolled in time."""

from __future__ import annotations

from matplotlib.axes import Axes

from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    OUTPUT,
    PAST,
    RECURRENT,
    WIDTH,
    Point,
    arrow,
    box,
    canvas,
    label,
    loop,
    weight_label,
)
from course_utils.plots import PALETTE
from course_utils.plots.inputs import as_count

MAX_STEPS = 5  # more steps do not fit beside each other with letters of a readable size

_ROW_X, _ROW_H, _ROW_Y = 1.65, 3.0, 4.35
_LINE = 17  # points, for the equations
_BOX: Point = (0.58, 0.52)


def cycle_and_unrolled(n_steps: int = 3, *, highlight: int | None = None) -> Axes:
    """Draw a recurrent cell with its loop, and the same cell once per time step.

    Args:
        n_steps: time steps of the unrolled network, from 1 to 5.
        highlight: time step to mark, from 0 to n_steps - 1; later steps are drawn in pale grey.
            None draws every step alike.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: n_steps or highlight is out of range.
    """
    n_steps = as_count("n_steps", n_steps, high=MAX_STEPS)
    if highlight is not None:
        highlight = as_count("highlight", highlight, low=0, high=n_steps - 1)
    ax = canvas(5.3)
    _rolled(ax, 0.75)
    label(ax, (2.45, _ROW_H), "=", size=26)
    pitch = min(1.6, 5.25 / n_steps)
    start = (3.05 + 8.3 - n_steps * pitch) / 2
    label(ax, (5.8, 5.0), "the same cell and weights at every time step", size=15)
    box(ax, (start, _ROW_H), r"$h_{-1}$", color=PAST, size=_BOX)
    label(ax, (start, _ROW_H - 0.48), "$= 0$", size=15)
    for t in range(n_steps):
        _step(ax, t, start + (t + 1) * pitch, pitch=pitch, highlight=highlight)
    _formula(ax, highlight)
    return ax


def _rolled(ax: Axes, x: float) -> None:
    """Draw one cell with the arrow that leads back to itself."""
    label(ax, (x + 0.45, 5.0), "one cell with a loop", size=15)
    _column(ax, x, "t")
    loop(ax, (x + _BOX[0] / 2, _ROW_H), reach=0.6, color=RECURRENT)
    weight_label(ax, (x + 1.22, _ROW_H), "hh", color=RECURRENT)


def _column(ax: Axes, x: float, t: int | str, *, dim: bool = False, strong: bool = False) -> None:
    """Draw input, hidden state and output of one time step, from bottom to top."""
    half = _BOX[1] / 2
    line, strength = (4, 0.5) if strong else (2, 0.25)
    rows = (("x", _ROW_X, INPUT), ("h", _ROW_H, HIDDEN), ("y", _ROW_Y, OUTPUT))
    for name, y, color in rows:
        look = {"dim": dim, "linewidth": line, "strength": strength}
        box(ax, (x, y), f"${name}_{{{t}}}$", color=color, size=_BOX, **look)
    for name, low, high, color in (
        ("xh", _ROW_X, _ROW_H, INPUT),
        ("hy", _ROW_H, _ROW_Y, OUTPUT),
    ):
        arrow(ax, (x, low + half), (x, high - half), color=color, dim=dim, linewidth=line)
        at = (x + 0.07, (low + high) / 2)
        weight_label(ax, at, name, color=color, dim=dim, ha="left")


def _step(ax: Axes, t: int, x: float, *, pitch: float, highlight: int | None) -> None:
    """Draw time step t of the unrolled network and the arrow that reaches it."""
    dim = highlight is not None and t > highlight
    _column(ax, x, t, dim=dim, strong=t == highlight)
    ends = (x - pitch + _BOX[0] / 2, x - _BOX[0] / 2)
    line = 4 if t == highlight else 2
    arrow(ax, (ends[0], _ROW_H), (ends[1], _ROW_H), color=RECURRENT, dim=dim, linewidth=line)
    weight_label(ax, (sum(ends) / 2, _ROW_H + 0.24), "hh", color=RECURRENT, dim=dim)
    if t == highlight:
        box(ax, (x, 1.1), color=PALETTE["amber"], size=(0.78, 0.36), strength=0.5)
    weight = "bold" if t == highlight else "normal"
    label(ax, (x, 1.1), f"t = {t}", size=14, weight=weight, zorder=5)


def _formula(ax: Axes, highlight: int | None) -> None:
    """Write the two equations of the step that is marked, or of any step t."""
    now, past = ("t", "t-1") if highlight is None else (f"{highlight}", f"{highlight - 1}")
    hidden = rf"$h_{{{now}}} = \tanh(W_{{xh}}\,x_{{{now}}} + W_{{hh}}\,h_{{{past}}} + b_h)$"
    output = rf"$y_{{{now}}} = W_{{hy}}\,h_{{{now}}} + b_y$"
    box(ax, (WIDTH / 2, 0.4), color=PAST, size=(8.6, 0.6), strength=0.08, linewidth=1)
    label(ax, (3.1, 0.4), hidden, size=_LINE, zorder=5)
    label(ax, (7.2, 0.4), output, size=_LINE, zorder=5)
