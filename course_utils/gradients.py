"""How far a gradient reaches back in time: measured by autograd, and bounded by theory."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils import arguments

MOST_LAGS = 10**7
# For each activation: the function, and the largest value of its derivative.
ACTIVATIONS = {
    "tanh": (torch.tanh, 1.0),
    "sigmoid": (torch.sigmoid, 0.25),
    "relu": (torch.relu, 1.0),
    "linear": (lambda z: z, 1.0),
}


def spectral_norm(W: Tensor) -> float:
    """Return the largest factor by which the matrix W (N, M) can lengthen a vector.

    Raises:
        TypeError: W is no tensor of float32 or float64.
        ValueError: W is not (N, M) with N and M at least 1, or not finite.
    """
    _check_numbers("W", W, "(N, M)")
    return float(torch.linalg.matrix_norm(W.detach(), ord=2))


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
        TypeError: W_hh or inputs is no tensor of float32 or float64, or they differ in that; seed
            is not a whole number.
        ValueError: a shape does not fit, inputs is empty or not finite, the activation is unknown,
            or seed does not fit into 64 bits.
    """
    _check(W_hh, inputs, activation)
    seed = _checked_seed(seed)
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
        n_lags: number of lags, from 0; 1 to 10,000,000.
        activation: as in `norms_by_lag`.

    Returns:
        bounds: float64, (n_lags,), on the device of W_hh.

    Raises:
        TypeError: W_hh is no tensor of float32 or float64, or n_lags is not a whole number.
        ValueError: W_hh is not square, n_lags is out of its range, or the activation is unknown.
    """
    if not 1 <= arguments.whole_number("n_lags", n_lags) <= MOST_LAGS:
        limit = "at least 1" if n_lags < 1 else f"at most {MOST_LAGS:,}"
        raise ValueError(f"n_lags must be {limit}, got {arguments.shown(n_lags)}")
    _check(W_hh, W_hh, activation)
    factor = spectral_norm(W_hh) * ACTIVATIONS[activation][1]
    return torch.tensor(factor, dtype=torch.float64) ** torch.arange(n_lags, device=W_hh.device)


def input_norms_by_lag(module: torch.nn.RNNBase, inputs: Tensor, *, seed: int = 0) -> Tensor:
    """Measure how the last output of an nn.RNN, nn.LSTM or nn.GRU depends on each input.

    Args:
        module: with batch_first=True.
        inputs: float, (T, E).
        seed: fixes the unit vector v.

    Returns:
        norms: float, (T,), |∂(v·h_T) / ∂x_(T-k)| for the lags k = 0 ... T - 1.

    Raises:
        TypeError: module is something else, inputs is no tensor of the type of its weights, or seed
            is not a whole number.
        ValueError: inputs is not (T, E) with T at least 1 and the module's E, or not finite; module
            does not have batch_first=True; or seed does not fit into 64 bits.
    """
    what = "an nn.RNN, nn.LSTM or nn.GRU"
    arguments.instance("module", module, torch.nn.RNNBase, what=what)
    if not module.batch_first:
        raise ValueError(f"module must be {what} with batch_first=True")
    arguments.tensor("inputs", inputs, kind="floating")
    seed, like = _checked_seed(seed), module.weight_ih_l0
    if inputs.dtype != like.dtype or inputs.device != like.device:
        raise TypeError(
            f"inputs must hold {like.dtype} on {like.device} as the module does, got "
            f"{inputs.dtype} on {inputs.device}: use .to()"
        )
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


def _checked_seed(seed: int) -> int:
    """Return a seed that a generator takes."""
    return arguments.whole_number("seed", seed, least=-(2**63), most=2**64 - 1)


def _check_numbers(name: str, matrix: Tensor, shape: str) -> None:
    """Refuse what is no finite matrix of float32 or float64 with at least one number."""
    arguments.tensor(name, matrix, kind="floating")
    if matrix.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"{name} must hold float32 or float64, got {matrix.dtype}: use .float()")
    if matrix.ndim != 2 or matrix.numel() == 0:
        raise ValueError(
            f"{name} must be {shape} with at least one number, got {tuple(matrix.shape)}"
        )
    if not torch.isfinite(matrix).all():
        raise ValueError(f"{name} holds NaN or infinity")


def _check(W_hh: Tensor, inputs: Tensor, activation: str) -> None:
    """Raise an error that names the argument which does not fit."""
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        shown = arguments.shown(activation)
        raise ValueError(f"activation must be one of {list(ACTIVATIONS)}, got {shown}")
    for name, matrix in {"W_hh": W_hh, "inputs": inputs}.items():
        arguments.tensor(name, matrix, kind="floating")
    if W_hh.ndim != 2 or W_hh.shape[0] != W_hh.shape[1]:
        raise ValueError(f"W_hh must be (H, H), got {tuple(W_hh.shape)}")
    if inputs.ndim != 2 or inputs.shape[1] != len(W_hh) or len(inputs) == 0:
        raise ValueError(
            f"inputs must be (T, H) with T at least 1 to fit W_hh {tuple(W_hh.shape)}, "
            f"got {tuple(inputs.shape)}"
        )
    _check_numbers("W_hh", W_hh, "(H, H)")
    _check_numbers("inputs", inputs, "(T, H)")
    if inputs.dtype != W_hh.dtype or inputs.device != W_hh.device:
        raise TypeError(
            f"inputs must hold {W_hh.dtype} on {W_hh.device} to fit W_hh, got {inputs.dtype} on "
            f"{inputs.device}: use .to()"
        )
