"""What does not fit is answered with the argument's name and both shapes, in every cell."""

import re

import pytest
import torch
from cell_samples import (
    LAYERS,
    STACKS,
    B,
    E,
    H,
    R,
    T,
    gru_weights,
    lstm_weights,
    module_of,
    states_of,
)
from torch import nn

from course_utils import cells

LSTM_SHAPES = {"x_t": (B, E), "h_prev": (B, H), "c_prev": (B, H)}
GRU_SHAPES = {"x_t": (B, E), "h_prev": (B, H)}


def call(step, weights, shapes, **wrong):
    """Call a step with zeros, with the named arguments or weights in a wrong shape."""
    tensors = {name: torch.zeros(shape) for name, shape in (shapes | wrong).items()}
    changed = {name: tensors.pop(name) for name in wrong if name in weights._fields}
    return step(**tensors, weights=weights._replace(**changed))


@pytest.mark.parametrize(
    ("name", "shape", "wanted"),
    [
        ("h_prev", (B, H + 1), (B, H)),
        ("h_prev", (B + 1, H), (B, H)),
        ("h_prev", (H,), (B, H)),
        ("c_prev", (B, H - 1), (B, H)),
        ("c_prev", (1, B, H), (B, H)),
        *((f"W_{gate}", (H, H + E + 1), (H, H + E)) for gate in "figo"),
        *((f"W_{gate}", (H + 1, H + E), (H, H + E)) for gate in "igo"),
        *((f"b_{gate}", (H + 1,), (H,)) for gate in "figo"),
    ],
)
def test_lstm_names_what_does_not_fit(name, shape, wanted):
    message = re.escape(f"{name} must be {wanted} to fit x_t {(B, E)} and W_f with {H} rows")
    with pytest.raises(ValueError, match=rf"^{message}, got {re.escape(str(shape))}$"):
        call(cells.lstm_step, lstm_weights(torch.float32), LSTM_SHAPES, **{name: shape})


@pytest.mark.parametrize(
    ("name", "shape", "wanted"), [("h_prev", (B, H), (B, R)), ("W_hr", (R, H + 1), (R, H))]
)
def test_projected_lstm_names_what_does_not_fit(name, shape, wanted):
    shapes = LSTM_SHAPES | {"h_prev": (B, R)}
    with pytest.raises(ValueError, match=re.escape(f"{name} must be {wanted} to fit")):
        call(cells.lstm_step, lstm_weights(torch.float32, R), shapes, **{name: shape})


@pytest.mark.parametrize("step", [cells.gru_step, cells.gru_step_lecture])
@pytest.mark.parametrize(
    ("name", "shape", "wanted"),
    [
        ("h_prev", (B, H + 1), (B, H)),
        ("h_prev", (B + 1, H), (B, H)),
        *((f"W_{gate}", (H, H + E + 1), (H, H + E)) for gate in "rzn"),
        *((f"W_{gate}", (H + 1, H + E), (H, H + E)) for gate in "zn"),
        *((f"b_{gate}", (H + 1,), (H,)) for gate in ("r", "z", "n", "hn")),
    ],
)
def test_gru_names_what_does_not_fit(step, name, shape, wanted):
    message = re.escape(f"{name} must be {wanted} to fit x_t {(B, E)} and W_r with {H} rows")
    with pytest.raises(ValueError, match=rf"^{message}, got {re.escape(str(shape))}$"):
        call(step, gru_weights(torch.float32), GRU_SHAPES, **{name: shape})


@pytest.mark.parametrize("shape", [(E,), (B, T, E)])
def test_x_t_must_be_a_batch_of_rows(shape):
    with pytest.raises(ValueError, match=rf"x_t must be \(B, E\) .*got {re.escape(str(shape))}"):
        call(cells.lstm_step, lstm_weights(torch.float32), LSTM_SHAPES, x_t=shape)
    with pytest.raises(ValueError, match=rf"x_t must be \(B, E\) .*got {re.escape(str(shape))}"):
        call(cells.gru_step, gru_weights(torch.float32), GRU_SHAPES, x_t=shape)


def runners(kind):
    """Return every function that reads a whole sequence, as functions of x and the state."""
    if kind == "rnn":
        layers = cells.weights_of(nn.RNN(E, H))
        return [
            lambda x, h_0: cells.rnn_layer(x, h_0, layers[0][0]),
            lambda x, h_0: cells.stacked_rnn(x, layers, h_0[None]),
        ]
    layers = cells.weights_of(module_of(kind))

    def stacked(x, state):
        on_top = tuple(s[None] for s in state) if kind == "lstm" else state[None]
        return STACKS[kind](x, layers, on_top)

    return [*(lambda x, s, run=run: run(x, s, layers[0][0]) for run in LAYERS[kind]), stacked]


RUNNERS = [(kind, run) for kind in ("rnn", "lstm", "gru") for run in runners(kind)]


@pytest.mark.parametrize(("kind", "run"), RUNNERS)
def test_a_sequence_is_looked_at_before_it_is_read(kind, run):
    state = states_of(kind)
    run(torch.zeros(B, T, E), state)
    for shape in [(B, 0, E), (T, E)]:
        with pytest.raises(ValueError, match=rf"x must be .* at least 1, got \({shape[0]}, "):
            run(torch.zeros(shape), state)
    missing = torch.zeros(B, T, E)
    missing[1, 2, 3] = missing[2, 0, 0] = torch.nan
    with pytest.raises(ValueError, match=r"x \(3, 6, 4\) holds 2 NaN, the first at x\[1, 2, 3\]"):
        run(missing, state)
    with pytest.raises(ValueError, match=r"must be \(.*to fit x_t \(3, 5\)"):
        run(torch.zeros(B, T, E + 1), state)


@pytest.mark.parametrize(("kind", "run"), RUNNERS)
def test_an_initial_state_is_looked_at_too(kind, run):
    for place, name in enumerate(["h_0", "c_0"] if kind == "lstm" else ["h_0"]):
        for wrong, message in [
            (torch.zeros(B, H + 1), r"must be \(.*to fit x \(3, 6, 4\).*got \(.*, 6\)"),
            (torch.zeros(B + 1, H), r"must be \(.*to fit x \(3, 6, 4\).*got \(.*4, 5\)"),
            (torch.full((B, H), torch.nan), "holds 15 NaN"),
        ]:
            states = [torch.zeros(B, H), torch.zeros(B, H)][: 2 if kind == "lstm" else 1]
            states[place] = wrong
            with pytest.raises(ValueError, match=f"{name} .*{message}|{name} {message}"):
                run(torch.zeros(B, T, E), tuple(states) if kind == "lstm" else states[0])


def test_an_lstm_has_two_states():
    with pytest.raises(ValueError, match=r"the state must be \(h_0, c_0\), got 1 tensors"):
        cells.lstm_layer(torch.zeros(B, T, E), (torch.zeros(B, H),), lstm_weights(torch.float32))


@pytest.mark.parametrize("layers", [[], [[]]])
def test_a_stack_needs_a_layer(layers):
    for stacked in (cells.stacked_rnn, *STACKS.values()):
        with pytest.raises(ValueError, match="at least one layer"):
            stacked(torch.zeros(B, T, E), layers)


def test_unknown_convention():
    with pytest.raises(ValueError, match="'pytorch' or 'lecture', got 'keras'"):
        cells.stacked_gru(torch.zeros(B, T, E), [], convention="keras")


def test_only_recurrent_modules_can_be_read():
    with pytest.raises(TypeError, match="module must be .* got LSTMCell"):
        cells.weights_of(nn.LSTMCell(E, H))
    with pytest.raises(TypeError, match="cell must be .* got Linear"):
        cells.cell_weights(nn.Linear(E, H))
