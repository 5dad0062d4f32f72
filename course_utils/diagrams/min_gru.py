"""The cell of the minGRU, and in what it differs from the GRU."""

from __future__ import annotations

from matplotlib.axes import Axes

from course_utils.diagrams.gate_pieces import (
    GATE,
    NEW,
    RADIUS,
    at_wire,
    dot,
    gate,
    sign,
    wire,
)
from course_utils.diagrams.pieces import HIDDEN, INPUT, PAST, WIDTH, box, canvas, label

_BOX = (0.86, 0.54)
_FROM, _TO = 0.58, 5.42  # middle of the boxes at the left and the right of the cell
_SIDES = (1.2, 4.8)  # of the cell
_Z, _N = 2.2, 3.9  # columns of the gate and of the candidate
_TOP, _ONE, _WAY, _GATES, _BUS, _LOW = 4.75, 4.02, 3.42, 2.45, 1.8, 1.1
_EQUATIONS = (
    r"$z_t = \sigma(W_z\,x_t + b_z)$",
    r"$n_t = g(W_h\,x_t + b_h)$",
    r"$h_t = (1 - z_t) * h_{t-1} + z_t * n_t$",
)
_NOTE = (
    ("GRU", "A gate reads $x_t$ and $h_{t-1}$:\nstep t must wait\nfor step t \u2212 1."),
    (
        "minGRU",
        "The gate reads $x_t$ only:\nall gates of all steps\nare known before\nthe scan begins."
        "\n($g$ is always above 0.)",
    ),
)


def min_gru_cell() -> Axes:
    """Draw the cell of the minGRU and, beside it, what it no longer reads.

    Its candidate n_t is the `positive` of W_h x_t + b_h, as in `cells.min_gru_step`. The source is
    Feng et al. (2024), "Were RNNs All We Needed?".

    Returns:
        The Axes.
    """
    ax = canvas(5.95)
    label(ax, (0.15, 5.62), "The minGRU: one gate, and it reads the input only", size=16, ha="left")
    middle = ((_SIDES[0] + _SIDES[1]) / 2, (1.55 + _TOP + 0.4) / 2)
    size = (_SIDES[1] - _SIDES[0], _TOP + 0.4 - 1.55)
    box(ax, middle, color=PAST, size=size, strength=0.06, linewidth=1.5, zorder=0)
    _belt(ax)
    _input(ax)
    _new_state(ax)
    _difference(ax)
    box(ax, (WIDTH / 2, 0.4), color=NEW, size=(8.7, 0.6), strength=0.08)
    for x, equation in zip((1.6, 3.95, 6.85), _EQUATIONS, strict=True):
        label(ax, (x, 0.4), equation, size=16, zorder=5)
    return ax


def _belt(ax: Axes) -> None:
    """Draw the hidden state that runs through."""
    box(ax, (_FROM, _TOP), "$h_{t-1}$", color=HIDDEN, size=_BOX)
    box(ax, (_TO, _TOP), "$h_t$", color=HIDDEN, size=_BOX)
    wire(ax, [(_FROM + _BOX[0] / 2, _TOP), (_TO - _BOX[0] / 2, _TOP)], new=False)


def _input(ax: Axes) -> None:
    """Draw the input, which alone feeds the gate and the candidate."""
    middle, foot = (_Z + _N) / 2, _GATES - GATE[1] / 2
    box(ax, (middle, _LOW), "$x_t$", color=INPUT, size=_BOX)
    wire(ax, [(middle, _LOW + _BOX[1] / 2), (middle, _BUS), (_Z, _BUS), (_Z, foot)], new=True)
    wire(ax, [(middle, _BUS), (_N, _BUS), (_N, foot)], new=True)
    dot(ax, (middle, _BUS), new=True)
    gate(ax, (_Z, _GATES), "update", r"$\sigma$", new=True)
    gate(ax, (_N, _GATES), "candidate", "$g$", new=True)


def _new_state(ax: Axes) -> None:
    """Draw how the old state and the candidate are mixed."""
    head = _GATES + GATE[1] / 2
    wire(ax, [(_Z, head), (_Z, _ONE - RADIUS)], new=False)
    wire(ax, [(_Z, _ONE + RADIUS), (_Z, _TOP - RADIUS)], new=False)
    wire(ax, [(_Z, _WAY), (_N - RADIUS, _WAY)], new=False)
    wire(ax, [(_N, head), (_N, _WAY - RADIUS)], new=False)
    wire(ax, [(_N, _WAY + RADIUS), (_N, _TOP - RADIUS)], new=False)
    dot(ax, (_Z, _WAY), new=False)
    sign(ax, (_Z, _ONE), "1\u2212", new=False)
    sign(ax, (_Z, _TOP), "\u00d7", new=False)
    sign(ax, (_N, _WAY), "\u00d7", new=False)
    sign(ax, (_N, _TOP), "+", new=False)
    at_wire(ax, (_Z + 0.14, 3.08), "$z_t$", ha="left")
    at_wire(ax, (_N + 0.14, 3.04), "$n_t$", ha="left")


def _difference(ax: Axes) -> None:
    """Write beside the cell what a gate of the GRU reads and what this one reads."""
    for y, (name, text) in zip((4.4, 2.25), _NOTE, strict=True):
        color = NEW if name == "minGRU" else PAST
        tall = 2.1 if name == "minGRU" else 1.5
        box(ax, (7.45, y), color=color, size=(2.9, tall), strength=0.08, zorder=1)
        label(ax, (6.14, y + tall / 2 - 0.24), name, size=15, ha="left", weight="bold")
        label(ax, (6.14, y - 0.17), text, size=14, ha="left")
