"""The cell of the lecture's name classifier, with the tanh that it leaves out."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.arguments import flag
from course_utils.diagrams.gate_pieces import dot, squash, wire
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    MATHS,
    OUTPUT,
    PAST,
    RECURRENT,
    SMALL,
    WIDTH,
    Point,
    box,
    canvas,
    label,
    path_arrow,
    tint,
)

_BOX: Point = (0.86, 0.56)
_LAYER: Point = (0.86, 0.62)
_OUTPUT, _STATE = 4.3, 2.3  # inches; the rows of i2o and of i2h
_MIDDLE = (_OUTPUT + _STATE) / 2
_IN, _JOIN, _FORK, _LINEAR, _AFTER, _OUT = 0.75, 2.35, 3.1, 4.15, 5.9, 7.95


def lecture_cell(*, tanh: bool = False) -> Axes:
    """Draw the cell of the lecture's name classifier.

    The input and the state before are joined. From the joined vector, the layer i2h gives the next
    state and the layer i2o the output, a log-softmax over the languages. A dashed empty box stands
    where a vanilla RNN has a tanh.

    Args:
        tanh: draw the cell with the tanh.

    Returns:
        The Axes.

    Raises:
        TypeError: tanh is not True or False.
    """
    tanh = flag("tanh", tanh)
    ax = canvas(5.15)
    _joined(ax)
    _state(ax, tanh)
    _output(ax)
    _again(ax)
    i2h = r"\tanh(\mathrm{i2h}([x_t, h_{t-1}]))" if tanh else r"\mathrm{i2h}([x_t, h_{t-1}])"
    i2o = r"$y_t = \mathrm{log\,softmax}(\mathrm{i2o}([x_t, h_{t-1}]))$"
    box(ax, (WIDTH / 2, 0.4), color=PAST, size=(8.6, 0.6), strength=0.08, linewidth=1)
    label(ax, (2.4, 0.4), f"$h_t = {i2h}$", size=MATHS, zorder=5)
    label(ax, (6.4, 0.4), i2o, size=MATHS, zorder=5)
    return ax


def _joined(ax: Axes) -> None:
    """Draw the input, the state before, and the vector that both are joined to."""
    half = _BOX[0] / 2
    for name, color, y, part in (
        ("$x_t$", INPUT, _OUTPUT, _MIDDLE),
        ("$h_{t-1}$", HIDDEN, _STATE, _MIDDLE - 0.62),
    ):
        box(ax, (_IN, y), name, color=color, size=_BOX)
        look = {"facecolor": tint(color), "edgecolor": color, "linewidth": 2, "zorder": 3}
        ax.add_patch(Rectangle((_JOIN - half, part), _BOX[0], 0.62, **look))
        label(ax, (_JOIN, part + 0.31), name, size=MATHS, zorder=5)
        bend = _IN + half + 0.3
        ends = [(_IN + half, y), (bend, y), (bend, part + 0.31), (_JOIN - half, part + 0.31)]
        wire(ax, ends, new=False)
    label(ax, (_JOIN, _MIDDLE + 0.84), "joined")
    wire(ax, [(_JOIN + half, _MIDDLE), (_FORK, _MIDDLE)], new=False, head=False)
    dot(ax, (_FORK, _MIDDLE), new=False)
    for y in (_OUTPUT, _STATE):
        wire(ax, [(_FORK, _MIDDLE), (_FORK, y), (_LINEAR - half, y)], new=False)


def _state(ax: Axes, tanh: bool) -> None:
    """Draw how the joined vector becomes the next state, with or without a tanh."""
    half = _BOX[0] / 2
    box(ax, (_LINEAR, _STATE), "i2h", color=PAST, size=_LAYER)
    label(ax, (_LINEAR, _STATE + 0.5), "linear layer")
    if tanh:
        squash(ax, (_AFTER, _STATE), new=True)
    else:
        empty = {"strength": 0, "linestyle": (0, (3, 2)), "linewidth": 2.5}
        box(ax, (_AFTER, _STATE), color=OUTPUT, size=(0.66, 0.4), **empty)
        label(ax, (_AFTER, _STATE + 0.42), "no tanh here", size=15, weight="bold")
    wire(ax, [(_LINEAR + half, _STATE), (_AFTER - 0.33, _STATE)], new=False)
    wire(ax, [(_AFTER + 0.33, _STATE), (_OUT - half, _STATE)], new=False)
    box(ax, (_OUT, _STATE), "$h_t$", color=HIDDEN, size=_BOX)


def _output(ax: Axes) -> None:
    """Draw how the joined vector becomes the output."""
    half, soft = _BOX[0] / 2, 0.64
    box(ax, (_LINEAR, _OUTPUT), "i2o", color=PAST, size=_LAYER)
    label(ax, (_LINEAR, _OUTPUT + 0.5), "linear layer")
    box(ax, (_AFTER, _OUTPUT), "log-softmax", color=PAST, size=(2 * soft, 0.5), letters=SMALL + 1)
    wire(ax, [(_LINEAR + half, _OUTPUT), (_AFTER - soft, _OUTPUT)], new=False)
    wire(ax, [(_AFTER + soft, _OUTPUT), (_OUT - half, _OUTPUT)], new=False)
    box(ax, (_OUT, _OUTPUT), "$y_t$", color=OUTPUT, size=_BOX)
    label(ax, (_OUT, _OUTPUT + 0.5), "output")


def _again(ax: Axes) -> None:
    """Draw the way on which the state becomes the one before, a step later."""
    low, side = 1.4, _STATE - _BOX[1] / 2
    points = [(_OUT, side), (_OUT, low), (_IN, low), (_IN, side)]
    path_arrow(ax, points, color=RECURRENT, linestyle=(0, (4, 2)), linewidth=3)
    label(ax, (WIDTH / 2, low - 0.26), "one step later, with the next letter", size=14)
