"""A system without memory beside a system with memory."""

from __future__ import annotations

from matplotlib.axes import Axes

from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    OUTPUT,
    PAST,
    RECURRENT,
    arrow,
    box,
    canvas,
    label,
    path_arrow,
)
from course_utils.plots import PALETTE

_ROW = 2.65


def memory_or_not() -> Axes:
    """Draw a memoryless system and a system with memory, each with a short example.

    The example on the left doubles its input; the one on the right adds up all inputs so far.

    Returns:
        The Axes.
    """
    ax = canvas(4.45)
    ax.plot([3.45, 3.45], [0.2, 4.25], color="#CCCCCC", linewidth=1)
    _without(ax)
    _with(ax)
    return ax


def _without(ax: Axes) -> None:
    """Draw input, function and output in a line."""
    label(ax, (1.7, 4.1), "without memory", size=16, weight="bold")
    box(ax, (0.5, _ROW), "$x_t$", color=INPUT)
    box(ax, (1.7, _ROW), "$f$", color=PAST, size=(0.7, 0.7))
    box(ax, (2.9, _ROW), "$y_t$", color=OUTPUT)
    arrow(ax, (0.8, _ROW), (1.35, _ROW))
    arrow(ax, (2.05, _ROW), (2.6, _ROW))
    label(ax, (1.7, 1.75), "$y_t = f(x_t)$", size=17)
    _example(ax, 0.15, "double the input", (1, 2, 1), (2, 4, 2))


def _with(ax: Axes) -> None:
    """Draw input, state and output in a line, with a path that brings the state back."""
    label(ax, (6.25, 4.1), "with memory", size=16, weight="bold")
    box(ax, (4.05, _ROW), "$x_t$", color=INPUT)
    box(ax, (5.2, _ROW), "$f$", color=PAST, size=(0.7, 0.7))
    box(ax, (6.35, _ROW), "$s_t$", color=HIDDEN)
    box(ax, (7.4, _ROW), "$g$", color=PAST, size=(0.7, 0.7))
    box(ax, (8.5, _ROW), "$y_t$", color=OUTPUT)
    for start, end in ((4.35, 4.85), (5.55, 6.05), (6.65, 7.05), (7.75, 8.2)):
        arrow(ax, (start, _ROW), (end, _ROW))
    top = _ROW + 0.85
    look = {"color": RECURRENT, "linewidth": 3}
    path_arrow(ax, [(6.35, _ROW + 0.26), (6.35, top), (5.2, top), (5.2, _ROW + 0.35)], **look)
    label(ax, (5.1, top - 0.22), "$s_{t-1}$", size=16, ha="right")
    label(ax, (6.45, top - 0.05), "one step later", ha="left")
    label(ax, (6.25, 1.75), "$s_t = f(s_{t-1}, x_t)$     $y_t = g(s_t)$", size=17)
    _example(ax, 4.0, "add up all inputs so far", (1, 2, 1), (1, 3, 4))


def _example(
    ax: Axes, x: float, text: str, inputs: tuple[int, ...], outputs: tuple[int, ...]
) -> None:
    """Write what the system does to three inputs, and frame the two that are equal."""
    label(ax, (x, 1.22), f"Example: {text}", ha="left")
    for y, name, numbers in ((0.78, "$x$", inputs), (0.4, "$y$", outputs)):
        label(ax, (x + 0.1, y), name, size=15)
        for t, number in enumerate(numbers):
            label(ax, (x + 0.55 + 0.45 * t, y), str(number), size=15, zorder=5)
    for t in (0, 2):
        box(ax, (x + 0.55 + 0.45 * t, 0.59), color=PALETTE["amber"], size=(0.32, 0.78))
    same = "same" if outputs[0] == outputs[2] else "different"
    label(ax, (x + 1.75, 0.59), f"same input,\n{same} output", ha="left")
