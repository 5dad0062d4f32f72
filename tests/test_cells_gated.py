"""Our LSTM and GRU compute what torch.nn computes: values and gradients."""

import itertools

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
    assert_equal,
    flat,
    gru_weights,
    lstm_weights,
    module_of,
    states_of,
)
from torch import nn

from course_utils import cells

# torch.nn says so when it runs an nn.LSTM with proj_size on a CPU.
pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported:UserWarning")


@pytest.mark.parametrize("bias", [True, False])
def test_lstm_step_equals_lstm_cell(bias):
    torch.manual_seed(0)
    cell = nn.LSTMCell(E, H, bias=bias)
    x_t, (h_prev, c_prev) = torch.randn(B, E), states_of("lstm")
    step = cells.lstm_step(x_t, h_prev, c_prev, cells.cell_weights(cell))
    assert_equal(step[:2], cell(x_t, (h_prev, c_prev)))
    assert_equal([step.f_t * c_prev + step.i_t * step.g_t], [step.c_t], atol=0)


@pytest.mark.parametrize("bias", [True, False])
def test_gru_step_equals_gru_cell(bias):
    torch.manual_seed(0)
    cell = nn.GRUCell(E, H, bias=bias)
    x_t, h_prev = torch.randn(B, E), states_of("gru")
    step = cells.gru_step(x_t, h_prev, cells.cell_weights(cell))
    assert_equal([step.h_t], [cell(x_t, h_prev)])


def test_rnn_cell_can_be_read_too():
    cell = nn.RNNCell(E, H)
    x_t, h_prev = torch.randn(B, E), torch.randn(B, H)
    ours = cells.rnn_step(x_t, h_prev, *cells.cell_weights(cell))
    assert_equal([ours], [cell(x_t, h_prev)])


# (kind, layers, both directions, bias, projected size)
FORMS = [
    *itertools.product(["lstm"], [1, 2, 3], [False, True], [False, True], [0, R]),
    *itertools.product(["gru"], [1, 2, 3], [False, True], [False, True], [0]),
]


@pytest.mark.parametrize("given_state", [False, True])
@pytest.mark.parametrize(("kind", "num_layers", "both", "bias", "proj_size"), FORMS)
def test_stack_equals_torch(kind, num_layers, both, bias, proj_size, given_state):
    options = {"num_layers": num_layers, "bidirectional": both, "bias": bias}
    options |= {"proj_size": proj_size} if proj_size else {}
    module, x = module_of(kind, **options), torch.randn(B, T, E)
    n_chains = num_layers * (1 + both)
    state = states_of(kind, n_chains, proj_size=proj_size) if given_state else None
    ours = STACKS[kind](x, cells.weights_of(module), state)
    assert_equal(flat(*ours), flat(*module(x, state)))


@pytest.mark.parametrize(("kind", "proj_size"), [("lstm", 0), ("lstm", R), ("gru", 0)])
def test_gradients_equal_those_of_torch(kind, proj_size):
    options = {"num_layers": 2, "bidirectional": True} | ({"proj_size": R} if proj_size else {})
    module = module_of(kind, torch.float64, **options)
    x = torch.randn(B, T, E, dtype=torch.float64, requires_grad=True)
    leaves = [x, *module.parameters()]

    def gradients(output, state):
        total = sum(part.square().sum() for part in flat(output, state))
        return torch.autograd.grad(total, leaves)

    ours = gradients(*STACKS[kind](x, cells.weights_of(module)))
    assert_equal(ours, gradients(*module(x)), atol=1e-10)


STEPS = {
    "lstm": (cells.lstm_step, lstm_weights()),
    "lstm projected": (cells.lstm_step, lstm_weights(proj_size=R)),
    "gru": (cells.gru_step, gru_weights()),
    "gru of the lecture": (cells.gru_step_lecture, gru_weights()),
}


@pytest.mark.parametrize("name", STEPS)
def test_gradcheck_of_the_step(name):
    step, weights = STEPS[name]
    numbers = [torch.randn(2, E, dtype=torch.float64)]
    numbers += [torch.randn(2, size, dtype=torch.float64) for size in weights.state_sizes]
    present = [w.detach() for w in weights if w is not None]
    leaves = [number.requires_grad_() for number in numbers + present]

    def on_leaves(*args):
        return tuple(step(*args[: len(numbers)], type(weights)(*args[len(numbers) :])))

    assert torch.autograd.gradcheck(on_leaves, leaves)


@pytest.mark.parametrize("kind", LAYERS)
def test_layer_and_trace_agree_step_by_step(kind):
    x, state = torch.randn(B, T, E), states_of(kind)
    weights = cells.weights_of(module_of(kind))[0][0]
    layer, trace = LAYERS[kind]
    outputs, last = layer(x, state, weights)
    gates = trace(x, state, weights)
    assert torch.equal(gates.h_t, outputs)
    assert torch.equal(gates.h_t[:, -1], last[0] if kind == "lstm" else last)
    assert all(values.shape == (B, T, H) for values in gates)
    first = STEPS[kind][0](x[:, 0], *(state if kind == "lstm" else [state]), weights)
    assert all(torch.equal(a[:, 0], b) for a, b in zip(gates, first, strict=True))


def test_gates_are_between_0_and_1_and_an_open_forget_gate_keeps_the_cell():
    x, state = 3 * torch.randn(B, T, E), states_of("lstm")
    weights = lstm_weights(torch.float32)
    gates = cells.lstm_trace(x, state, weights)
    for values in (gates.f_t, gates.i_t, gates.o_t):
        assert ((values > 0) & (values < 1)).all()
    shut = weights._replace(b_f=torch.full((H,), 100.0), b_i=torch.full((H,), -100.0))
    kept = cells.lstm_trace(x, state, shut)
    assert torch.equal(kept.c_t[:, -1], state[1])
