"""Our recurrent cell computes what torch.nn computes: values, gradients and shapes."""

import itertools

import pytest
import torch
from torch import nn

from course_utils import cells

B, T, E, H = 3, 6, 4, 5


def one_layer(dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    shapes = [(H, E), (H, H), (H,)]
    return cells.RNNWeights(*[torch.randn(s, generator=generator, dtype=dtype) for s in shapes])


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_step_equals_rnn_cell(nonlinearity):
    cell = nn.RNNCell(E, H, nonlinearity=nonlinearity)
    x_t, h_prev = torch.randn(B, E), torch.randn(B, H)
    ours = cells.rnn_step(
        x_t,
        h_prev,
        cell.weight_ih,
        cell.weight_hh,
        cell.bias_ih + cell.bias_hh,
        nonlinearity=nonlinearity,
    )
    torch.testing.assert_close(ours, cell(x_t, h_prev), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("nonlinearity", "num_layers", "bidirectional", "bias"),
    list(itertools.product(["tanh", "relu"], [1, 2, 3], [False, True], [False, True])),
)
def test_stack_equals_nn_rnn(nonlinearity, num_layers, bidirectional, bias):
    torch.manual_seed(1)
    rnn = nn.RNN(
        E, H, num_layers, nonlinearity, bias=bias, batch_first=True, bidirectional=bidirectional
    )
    x = torch.randn(B, T, E)
    output, h_n = rnn(x)
    ours, our_h_n = cells.stacked_rnn(x, cells.weights_of(rnn), nonlinearity=nonlinearity)
    torch.testing.assert_close(ours, output, atol=1e-6, rtol=0)
    torch.testing.assert_close(our_h_n, h_n, atol=1e-6, rtol=0)


def test_gradients_equal_those_of_nn_rnn():
    torch.manual_seed(2)
    rnn = nn.RNN(E, H, 2, batch_first=True, bidirectional=True).double()
    x = torch.randn(B, T, E, dtype=torch.float64)
    parameters = list(rnn.parameters())
    theirs = torch.autograd.grad(rnn(x)[0].square().sum(), parameters)
    ours = cells.stacked_rnn(x, cells.weights_of(rnn))[0].square().sum()
    for a, b in zip(torch.autograd.grad(ours, parameters), theirs, strict=True):
        torch.testing.assert_close(a, b, atol=1e-10, rtol=0)


def test_gradcheck_of_the_step():
    weights = [w.requires_grad_() for w in one_layer(torch.float64)]
    x_t = torch.randn(2, E, dtype=torch.float64, requires_grad=True)
    h_prev = torch.randn(2, H, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(cells.rnn_step, (x_t, h_prev, *weights))


def test_layer_starts_from_the_given_state_and_keeps_every_step():
    x, h_0 = torch.randn(B, T, E), torch.randn(B, H)
    outputs, h_n = cells.rnn_layer(x, h_0, one_layer())
    assert outputs.shape == (B, T, H)
    assert torch.equal(outputs[:, -1], h_n)
    first = cells.rnn_step(x[:, 0], h_0, *one_layer())
    assert torch.equal(outputs[:, 0], first)


def test_tanh_keeps_the_state_inside():
    x = 100 * torch.randn(B, 50, E)
    assert cells.rnn_layer(x, torch.zeros(B, H), one_layer())[0].abs().max() <= 1


@pytest.mark.parametrize(
    ("name", "shape"),
    [("h_prev", (B, H + 1)), ("h_prev", (B + 1, H)), ("W_xh", (H, E + 1)), ("b_h", (H + 1,))]
    + [("W_hh", (H, H + 1)), ("W_hh", (H + 1, H + 1)), ("b_h", (1, H))],
)
def test_a_wrong_shape_names_the_argument_and_both_shapes(name, shape):
    arguments = {"x_t": torch.zeros(B, E), "h_prev": torch.zeros(B, H), **one_layer()._asdict()}
    arguments[name] = torch.zeros(shape)
    with pytest.raises(ValueError, match=rf"{name} must be \(.*got \({shape[0]}"):
        cells.rnn_step(**arguments)


@pytest.mark.parametrize("shape", [(E,), (B, T, E)])
def test_x_t_must_be_a_batch_of_rows(shape):
    with pytest.raises(ValueError, match=r"x_t must be \(B, E\)"):
        cells.rnn_step(torch.zeros(shape), torch.zeros(B, H), *one_layer())


def test_unknown_nonlinearity():
    with pytest.raises(ValueError, match="'tanh' or 'relu', got 'sigmoid'"):
        cells.rnn_step(torch.zeros(B, E), torch.zeros(B, H), *one_layer(), nonlinearity="sigmoid")


@pytest.mark.parametrize("shape", [(B, 0, E), (T, E)])
def test_a_sequence_needs_steps(shape):
    with pytest.raises(ValueError, match=r"x must be \(B, T, E\) with T at least 1"):
        cells.rnn_layer(torch.zeros(shape), torch.zeros(B, H), one_layer())


def test_a_stack_needs_a_layer():
    with pytest.raises(ValueError, match="at least one layer"):
        cells.stacked_rnn(torch.zeros(B, T, E), [])


CASES = list(itertools.product([1, 2, 3], [0, 1], [0, 1], [0, 1], [None, 1, 4]))


@pytest.mark.parametrize(("layers", "bias", "first", "both", "batch"), CASES)
def test_shape_rule_equals_a_real_call(layers, bias, first, both, batch):
    options = {"input_size": E, "hidden_size": H, "num_layers": layers, "bias": bool(bias)}
    options |= {"batch_first": bool(first), "bidirectional": bool(both)}
    rule = cells.rnn_shapes(seq_len=T, batch_size=batch, **options)
    rnn = nn.RNN(**options)
    output, h_n = rnn(torch.zeros(rule.x), torch.zeros(rule.h_0))
    assert (output.shape, h_n.shape) == (rule.output, rule.h_n)
    assert rule.weights == {name: tuple(p.shape) for name, p in rnn.named_parameters()}


@pytest.mark.parametrize(
    "name", ["input_size", "hidden_size", "seq_len", "batch_size", "num_layers"]
)
@pytest.mark.parametrize("size", [0, -3])
def test_shape_rule_refuses_sizes_below_one(name, size):
    sizes = {"input_size": 1, "hidden_size": 1, "seq_len": 1, name: size}
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got {size}"):
        cells.rnn_shapes(**sizes)
