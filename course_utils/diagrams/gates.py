"""The LSTM cell and the GRU cell, built up gate by gate."""

from __future__ import annotations

from matplotlib.axes import Axes

from course_utils.diagrams.gate_pieces import (
    GATE,
    RADIUS,
    SQUASH,
    Stage,
    at_wire,
    bridge,
    dot,
    draw_stages,
    gate,
    sign,
    squash,
    wire,
)
from course_utils.diagrams.pieces import HIDDEN, INPUT, RECURRENT, box

_SIGMA = r"$\sigma$"
_OUTSIDE = (0.62, 8.38)  # middle of the boxes at the left and right of the cell
_BOX = (0.86, 0.54)
_ENDS = (_OUTSIDE[0] + _BOX[0] / 2, _OUTSIDE[1] - _BOX[0] / 2)
_LOW = 1.1  # height of the input's box
_GATES = 2.85  # height of the gates' middle
_FOOT, _HEAD = _GATES - GATE[1] / 2, _GATES + GATE[1] / 2
_TIMES = "\u00d7"

# The LSTM. Columns: forget, input, candidate, output, the output's product. Heights: the belt, the
# product of input gate and candidate, the line of the joined vector.
_F, _I, _G, _O, _Y = 2.15, 3.41, 4.67, 5.93, 7.2
_BELT, _ADD, _JOIN = 4.95, 3.95, 1.98


def _lstm_belt(ax: Axes, new: bool) -> None:
    """Draw the cell state that runs through."""
    left, right = _OUTSIDE
    box(ax, (left, _BELT), "$C_{t-1}$", color=RECURRENT, size=_BOX)
    box(ax, (right, _BELT), "$C_t$", color=RECURRENT, size=_BOX)
    wire(ax, [(_ENDS[0], _BELT), (_ENDS[1], _BELT)], new=new)


def _lstm_forget(ax: Axes, new: bool) -> None:
    """Draw the inputs, the forget gate and its product with the cell state."""
    box(ax, (_OUTSIDE[0], _JOIN), "$h_{t-1}$", color=HIDDEN, size=_BOX)
    box(ax, (1.75, _LOW), "$x_t$", color=INPUT, size=_BOX)
    wire(ax, [(1.75, _LOW + _BOX[1] / 2), (1.75, _JOIN)], new=new, head=False)
    wire(ax, [(_ENDS[0], _JOIN), (_F, _JOIN), (_F, _FOOT)], new=new)
    dot(ax, (1.75, _JOIN), new=new)
    gate(ax, (_F, _GATES), "forget", _SIGMA, new=new)
    wire(ax, [(_F, _HEAD), (_F, _BELT - RADIUS)], new=new)
    sign(ax, (_F, _BELT), _TIMES, new=new)
    at_wire(ax, (_F + 0.14, 3.9), "$f_t$", ha="left")


def _lstm_input(ax: Axes, new: bool) -> None:
    """Draw the input gate, the candidate and their product."""
    wire(ax, [(_F, _JOIN), (_G, _JOIN), (_G, _FOOT)], new=new)
    wire(ax, [(_I, _JOIN), (_I, _FOOT)], new=new)
    dot(ax, (_F, _JOIN), new=new)
    dot(ax, (_I, _JOIN), new=new)
    gate(ax, (_I, _GATES), "input", _SIGMA, new=new)
    gate(ax, (_G, _GATES), "candidate", "tanh", new=new)
    wire(ax, [(_I, _HEAD), (_I, _ADD), (_G - RADIUS, _ADD)], new=new)
    wire(ax, [(_G, _HEAD), (_G, _ADD - RADIUS)], new=new)
    sign(ax, (_G, _ADD), _TIMES, new=new)
    at_wire(ax, (_I + 0.12, 3.56), "$i_t$", ha="left")
    at_wire(ax, (_G + 0.12, 3.5), r"$\tilde{C}_t$", ha="left")


def _lstm_new_state(ax: Axes, new: bool) -> None:
    """Draw the sum on the belt."""
    if new:
        wire(ax, [(_ENDS[0], _BELT), (_ENDS[1], _BELT)], new=new)
    wire(ax, [(_G, _ADD + RADIUS), (_G, _BELT - RADIUS)], new=new)
    sign(ax, (_G, _BELT), "+", new=new)


def _lstm_output(ax: Axes, new: bool) -> None:
    """Draw the output gate and the hidden state."""
    wire(ax, [(_G, _JOIN), (_O, _JOIN), (_O, _FOOT)], new=new)
    dot(ax, (_G, _JOIN), new=new)
    gate(ax, (_O, _GATES), "output", _SIGMA, new=new)
    wire(ax, [(_O + GATE[0] / 2, _GATES), (_Y - RADIUS, _GATES)], new=new)
    at_wire(ax, (_Y - 0.45, _GATES + 0.26), "$o_t$")
    wire(ax, [(_Y, _BELT), (_Y, _ADD + SQUASH[1] / 2)], new=new)
    dot(ax, (_Y, _BELT), new=new)
    squash(ax, (_Y, _ADD), new=new)
    wire(ax, [(_Y, _ADD - SQUASH[1] / 2), (_Y, _GATES + RADIUS)], new=new)
    sign(ax, (_Y, _GATES), _TIMES, new=new)
    wire(ax, [(_Y, _GATES - RADIUS), (_Y, _JOIN), (_ENDS[1], _JOIN)], new=new)
    box(ax, (_OUTSIDE[1], _JOIN), "$h_t$", color=HIDDEN, size=_BOX)


def _layer(value: str, matrix: str, function: str, state: str = "h_{t-1}") -> str:
    """Return the equation of one gate."""
    return rf"${value} = {function}(W_{matrix}\,[{state}, x_t] + b_{matrix})$"


LSTM_STAGES = (
    Stage("The cell state: a conveyor belt", ["$C_t = C_{t-1}$"], _lstm_belt),
    Stage("The forget gate: what to keep", [_layer("f_t", "f", r"\sigma")], _lstm_forget),
    Stage(
        "The input gate and the candidate: what to add",
        [_layer("i_t", "i", r"\sigma"), _layer(r"\tilde{C}_t", "C", r"\tanh")],
        _lstm_input,
    ),
    Stage(
        "The new cell state",
        [r"$C_t = f_t * C_{t-1} + i_t * \tilde{C}_t$"],
        _lstm_new_state,
    ),
    Stage(
        "The output gate and the hidden state: what to show",
        [_layer("o_t", "o", r"\sigma"), r"$h_t = o_t * \tanh(C_t)$"],
        _lstm_output,
    ),
)


def lstm_cell(stage: int = 5) -> Axes:
    """Draw the LSTM cell up to a stage; the part that this stage adds is in colour.

    Args:
        stage: 1 the cell state alone, 2 and the forget gate, 3 and the input gate with the
            candidate, 4 and the new cell state, 5 and the output gate with the hidden state.

    Returns:
        The Axes.

    Raises:
        TypeError: stage is not a whole number.
        ValueError: stage is not from 1 to 5.
    """
    return draw_stages(LSTM_STAGES, stage, belt=_BELT, page=6.0)


# The GRU of the lecture. Columns: where the state branches off, update, reset, candidate's input,
# candidate. Heights: belt, 1 - z, the way of z, the product with r, joined vector, line of x_t.
_B, _Z, _R, _D, _N = 1.75, 2.75, 4.25, 5.3, 6.4
_TOP, _ONE, _WAY, _RESET, _BUS, _X = 5.6, 4.88, 4.32, 3.78, 2.15, 1.85


def _gru_belt(ax: Axes, new: bool) -> None:
    """Draw the hidden state that runs through."""
    box(ax, (_OUTSIDE[0], _TOP), "$h_{t-1}$", color=HIDDEN, size=_BOX)
    box(ax, (_OUTSIDE[1], _TOP), "$h_t$", color=HIDDEN, size=_BOX)
    wire(ax, [(_ENDS[0], _TOP), (_ENDS[1], _TOP)], new=new)


def _gru_update(ax: Axes, new: bool) -> None:
    """Draw the inputs and the update gate, whose rest 1 - z weighs the old state."""
    box(ax, (_D, _LOW), "$x_t$", color=INPUT, size=_BOX)
    wire(
        ax,
        [(_D, _LOW + _BOX[1] / 2), (_D, _X), (_B + 0.35, _X), (_B + 0.35, _BUS)],
        new=new,
        head=False,
    )
    wire(ax, [(_B, _TOP), (_B, _BUS), (_Z, _BUS), (_Z, _FOOT)], new=new)
    dot(ax, (_B, _TOP), new=new)
    dot(ax, (_B + 0.35, _BUS), new=new)
    gate(ax, (_Z, _GATES), "update", _SIGMA, new=new)
    wire(ax, [(_Z, _HEAD), (_Z, _ONE - RADIUS)], new=new)
    sign(ax, (_Z, _ONE), "1\u2212", new=new)
    wire(ax, [(_Z, _ONE + RADIUS), (_Z, _TOP - RADIUS)], new=new)
    sign(ax, (_Z, _TOP), _TIMES, new=new)
    at_wire(ax, (_Z + 0.14, 3.46), "$z_t$", ha="left")


def _gru_reset(ax: Axes, new: bool) -> None:
    """Draw the reset gate and its product with the old state."""
    wire(ax, [(_Z, _BUS), (_R, _BUS), (_R, _FOOT)], new=new)
    dot(ax, (_Z, _BUS), new=new)
    gate(ax, (_R, _GATES), "reset", _SIGMA, new=new)
    wire(ax, [(_R, _HEAD), (_R, _RESET - RADIUS)], new=new)
    wire(ax, [(_B, _RESET), (_R - RADIUS, _RESET)], new=new)
    dot(ax, (_B, _RESET), new=new)
    bridge(ax, (_Z, _RESET))
    sign(ax, (_R, _RESET), _TIMES, new=new)
    at_wire(ax, (_R + 0.14, 3.42), "$r_t$", ha="left")


def _gru_candidate(ax: Axes, new: bool) -> None:
    """Draw the candidate, which reads the input and what the reset gate lets through."""
    wire(ax, [(_R + RADIUS, _RESET), (_D, _RESET), (_D, _BUS), (_N, _BUS), (_N, _FOOT)], new=new)
    wire(ax, [(_D, _X), (_N, _X), (_N, _BUS)], new=new, head=False)
    dot(ax, (_D, _X), new=new)
    dot(ax, (_N, _BUS), new=new)
    gate(ax, (_N, _GATES), "candidate", "tanh", new=new)


def _gru_new_state(ax: Axes, new: bool) -> None:
    """Draw the sum on the belt."""
    wire(ax, [(_Z, _WAY), (_N - RADIUS, _WAY)], new=new)
    dot(ax, (_Z, _WAY), new=new)
    wire(ax, [(_N, _HEAD), (_N, _WAY - RADIUS)], new=new)
    sign(ax, (_N, _WAY), _TIMES, new=new)
    wire(ax, [(_N, _WAY + RADIUS), (_N, _TOP - RADIUS)], new=new)
    if new:
        wire(ax, [(_ENDS[0], _TOP), (_ENDS[1], _TOP)], new=new)
    sign(ax, (_N, _TOP), "+", new=new)
    at_wire(ax, (_N + 0.14, 3.68), r"$\tilde{h}_t$", ha="left")


GRU_STAGES = (
    Stage("The hidden state is the belt", ["$h_t = h_{t-1}$"], _gru_belt),
    Stage("The update gate: how much to renew", [_layer("z_t", "z", r"\sigma")], _gru_update),
    Stage(
        "The reset gate: how much of the past to read", [_layer("r_t", "r", r"\sigma")], _gru_reset
    ),
    Stage(
        "The candidate: what to write",
        [_layer(r"\tilde{h}_t", "h", r"\tanh", "r_t * h_{t-1}")],
        _gru_candidate,
    ),
    Stage(
        "The new hidden state",
        [r"$h_t = (1 - z_t) * h_{t-1} + z_t * \tilde{h}_t$"],
        _gru_new_state,
    ),
)


def gru_cell(stage: int = 5) -> Axes:
    """Draw the lecture's GRU cell up to a stage; the part that this stage adds is in colour.

    Args:
        stage: 1 the hidden state alone, 2 and the update gate, 3 and the reset gate, 4 and the
            candidate, 5 and the new hidden state.

    Returns:
        The Axes.

    Raises:
        TypeError: stage is not a whole number.
        ValueError: stage is not from 1 to 5.
    """
    return draw_stages(GRU_STAGES, stage, belt=_TOP, page=6.65)
