"""Gradient norms are those of the true Jacobian, and never above the bound."""

import pytest
import torch

from course_utils import gradients


def recurrent(scale=0.9, size=6, seed=0):
    generator = torch.Generator().manual_seed(seed)
    W = torch.randn(size, size, generator=generator, dtype=torch.float64)
    return scale * W / gradients.spectral_norm(W)


def inputs(steps=12, size=6, scale=0.5):
    generator = torch.Generator().manual_seed(7)
    return scale * torch.randn(steps, size, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("activation", list(gradients.ACTIVATIONS))
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.5])
def test_measured_is_never_above_the_bound(activation, scale):
    W, x = recurrent(scale), inputs()
    norms = gradients.norms_by_lag(W, x, activation=activation)
    bounds = gradients.bound_by_lag(W, len(x), activation=activation)
    assert norms[0] == pytest.approx(1)
    assert (norms <= bounds * (1 + 1e-9)).all()


def test_linear_norms_are_those_of_matrix_powers():
    W, x = recurrent(), inputs()
    v = torch.randn(6, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    v = v / v.norm()
    norms = gradients.norms_by_lag(W, x, activation="linear", seed=3)
    for k, norm in enumerate(norms):
        expected = (v @ torch.linalg.matrix_power(W, k)).norm()
        torch.testing.assert_close(norm, expected)


def test_tanh_norms_are_those_of_the_jacobian():
    W, x = recurrent(1.3), inputs(5)

    def last_state(first):
        h = first
        for added in x[1:]:
            h = torch.tanh(W @ h + added)
        return h

    v = torch.randn(6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(last_state, torch.tanh(x[0]))
    norms = gradients.norms_by_lag(W, x)
    torch.testing.assert_close(norms[-1], ((v / v.norm()) @ jacobian).norm())


def test_spectral_norm_is_the_largest_stretch():
    W = torch.diag(torch.tensor([0.5, -3.0, 1.0]))
    assert gradients.spectral_norm(W) == pytest.approx(3)
    assert gradients.bound_by_lag(W, 3, activation="sigmoid").tolist() == [1, 0.75, 0.5625]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation": "cube"}, "activation must be one of"),
        ({"W_hh": torch.zeros(6, 5)}, r"W_hh must be \(H, H\), got \(6, 5\)"),
        ({"inputs": torch.zeros(0, 6)}, "T at least 1"),
        ({"inputs": torch.zeros(4, 3)}, r"fit W_hh \(6, 6\), got \(4, 3\)"),
        ({"inputs": torch.full((4, 6), float("nan"))}, "NaN or infinity"),
    ],
)
def test_bad_input_names_the_argument(change, message):
    arguments = {"W_hh": recurrent().float(), "inputs": torch.zeros(4, 6)} | change
    with pytest.raises(ValueError, match=message):
        gradients.norms_by_lag(**arguments)


def test_no_lags():
    with pytest.raises(ValueError, match="n_lags must be at least 1, got 0"):
        gradients.bound_by_lag(recurrent(), 0)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_input_norms_are_those_of_the_jacobian(kind):
    torch.manual_seed(0)
    module = getattr(torch.nn, kind)(3, 4, batch_first=True)
    x = torch.randn(5, 3)
    jacobian = torch.autograd.functional.jacobian(lambda x: module(x[None])[0][0, -1], x)
    v = torch.randn(4, generator=torch.Generator().manual_seed(2))
    expected = torch.einsum("h,hte->te", v / v.norm(), jacobian).norm(dim=1).flip(0)
    torch.testing.assert_close(gradients.input_norms_by_lag(module, x, seed=2), expected)


@pytest.mark.parametrize("shape", [(0, 3), (5, 2), (1, 5, 3)])
def test_input_norms_refuse_shapes(shape):
    with pytest.raises(ValueError, match=r"inputs must be \(T, 3\)"):
        gradients.input_norms_by_lag(torch.nn.RNN(3, 4, batch_first=True), torch.zeros(shape))


def test_input_norms_refuse_nan():
    module = torch.nn.RNN(3, 4, batch_first=True)
    with pytest.raises(ValueError, match="NaN"):
        gradients.input_norms_by_lag(module, torch.full((2, 3), float("nan")))
