"""How far a gradient reaches back in time: measured by autograd, and bounded by theory."""

from __future__ import annotations

import torch
from torch import Tensor

# For each activation: the function, and the largest value of its derivative.
ACTIVATIONS = {
    "tanh": (torch.tanh, 1.0),
    "sigmoid": (torch.sigmoid, 0.25),
    "relu": (torch.relu, 1.0),
    "linear": (lambda z: z, 1.0),
}


def spectral_norm(W: Tensor) -> float:
    """Return the largest factor by which the matrix W (N, M) can lengthen a vector."""
    return float(torch.linalg.matrix_norm(W, ord=2))


def norms_by_lag(
    W_hh: Tensor, inputs: Tensor, *, activation: str = "tanh", seed: int = 0
) -> Tensor:
    """Measure, by autograd, how the gradient of the last state shrinks or grows with the lag.

    The states follow h_t = f(W_hh h_(t-1) + inputs_t) from h = 0. A unit vector v in a random
    direction is sent back from the last state; the answer is |∂(v·h_T) / ∂h_(T-k)| for each lag k.

    Source: Pascanu, Mikolov & Bengio (2013), "On the difficulty of training recurrent neural
    networks", section 2.

    Args:
        W_hh: float, (H, H).
        inputs: float, (T, H), what the input adds to each step.
        activation: "tanh", "sigmoid", "relu" or "linear".
        seed: fixes the direction of v.

    Returns:
        norms: float, (T,), for the lags 0 ... T - 1; the first is 1.

    Raises:
        ValueError: a shape does not fit, inputs is empty or not finite, or the activation is
            unknown.
    """
    _check(W_hh, inputs, activation)
    function, _ = ACTIVATIONS[activation]
    states, h_t = [], torch.zeros_like(inputs[0])
    for added in inputs.detach():
        h_t = function(W_hh.detach() @ h_t + added).requires_grad_()
        states.append(h_t)
    generator = torch.Generator().manual_seed(seed)
    v = torch.randn(len(h_t), generator=generator, dtype=torch.float64).to(h_t)
    loss = states[-1] @ (v / v.norm())
    gradients = torch.autograd.grad(loss, states[::-1])
    return torch.stack([gradient.norm() for gradient in gradients])


def bound_by_lag(W_hh: Tensor, n_lags: int, *, activation: str = "tanh") -> Tensor:
    """Bound the same norms: (spectral norm of W_hh × largest derivative of f) to the power k.

    Source: Pascanu, Mikolov & Bengio (2013), section 2.1.

    Args:
        W_hh: float, (H, H).
        n_lags: number of lags, from 0, at least 1.
        activation: as in `norms_by_lag`.

    Returns:
        bounds: float64, (n_lags,).

    Raises:
        ValueError: W_hh is not square, n_lags < 1, or the activation is unknown.
    """
    if n_lags < 1:
        raise ValueError(f"n_lags must be at least 1, got {n_lags}")
    _check(W_hh, W_hh, activation)
    factor = spectral_norm(W_hh) * ACTIVATIONS[activation][1]
    return torch.tensor(factor, dtype=torch.float64) ** torch.arange(n_lags)


def input_norms_by_lag(module: torch.nn.RNNBase, inputs: Tensor, *, seed: int = 0) -> Tensor:
    """Measure how the last output of an nn.RNN, nn.LSTM or nn.GRU depends on each input.

    Args:
        module: with batch_first=True.
        inputs: float, (T, E).
        seed: fixes the unit vector v.

    Returns:
        norms: float, (T,), |∂(v·h_T) / ∂x_(T-k)| for the lags k = 0 ... T - 1.

    Raises:
        ValueError: inputs is not (T, E) with T at least 1 and the module's E, or not finite.
    """
    if inputs.ndim != 2 or len(inputs) == 0 or inputs.shape[1] != module.input_size:
        raise ValueError(
            f"inputs must be (T, {module.input_size}) with T at least 1, got {tuple(inputs.shape)}"
        )
    if not torch.isfinite(inputs).all():
        raise ValueError("inputs holds NaN or infinity")
    x = inputs.detach().unsqueeze(0).requires_grad_()
    last = module(x)[0][0, -1]
    v = torch.randn(len(last), generator=torch.Generator().manual_seed(seed)).to(last)
    (gradient,) = torch.autograd.grad(last @ (v / v.norm()), x)
    return gradient[0].norm(dim=1).flip(0)


def _check(W_hh: Tensor, inputs: Tensor, activation: str) -> None:
    """Raise a ValueError that names the argument which does not fit."""
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {list(ACTIVATIONS)}, got {activation!r}")
    if W_hh.ndim != 2 or W_hh.shape[0] != W_hh.shape[1]:
        raise ValueError(f"W_hh must be (H, H), got {tuple(W_hh.shape)}")
    if inputs.ndim != 2 or inputs.shape[1] != len(W_hh) or len(inputs) == 0:
        raise ValueError(
            f"inputs must be (T, H) with T at least 1 to fit W_hh {tuple(W_hh.shape)}, "
            f"got {tuple(inputs.shape)}"
        )
    if not (torch.isfinite(W_hh).all() and torch.isfinite(inputs).all()):
        raise ValueError("W_hh or inputs holds NaN or infinity")
