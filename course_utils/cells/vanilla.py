"""The vanilla recurrent cell: one step, one layer, a stack of layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils import arguments
from course_utils.cells.errors import check_fit, check_matrices
from course_utils.cells.sequences import Step, run_layer, run_stack

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class RNNWeights(NamedTuple):
    """The parameters of one layer in one direction: W_xh (H, E), W_hh (H, H), b_h (H)."""

    W_xh: Tensor
    W_hh: Tensor
    b_h: Tensor

    @property
    def state_sizes(self) -> tuple[int]:
        """Return (H,), the length of the state."""
        return (self.W_xh.shape[0],)


def rnn_step(
    x_t: Tensor,
    h_prev: Tensor,
    W_xh: Tensor,
    W_hh: Tensor,
    b_h: Tensor,
    *,
    nonlinearity: str = "tanh",
) -> Tensor:
    """Take one step of a vanilla RNN: h_t = tanh(W_xh x_t + W_hh h_(t-1) + b_h).

    Source: Elman (1990), "Finding structure in time"; the form of torch.nn.RNN, whose two biases
    b_ih and b_hh are summed here into b_h.

    Args:
        x_t: float, (B, E), the input at this step.
        h_prev: float, (B, H), the hidden state of the step before.
        W_xh: float, (H, E).
        W_hh: float, (H, H).
        b_h: float, (H,).
        nonlinearity: "tanh" or "relu".

    Returns:
        h_t: float, (B, H).

    Raises:
        TypeError: an argument is no floating-point tensor, or not of the type and device of x_t.
        ValueError: an argument's shape does not fit, or the nonlinearity is unknown.
    """
    activation = _activation(nonlinearity)
    _check_shapes(x_t, h_prev, W_xh, W_hh, b_h)
    return activation(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


def _activation(nonlinearity: str) -> Callable[[Tensor], Tensor]:
    """Return the function that a nonlinearity names."""
    if not isinstance(nonlinearity, str) or nonlinearity not in ACTIVATIONS:
        shown = arguments.shown(nonlinearity)
        raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {shown}")
    return ACTIVATIONS[nonlinearity]


def _check_shapes(x_t: Tensor, h_prev: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor) -> None:
    """Raise a ValueError that names the argument which does not fit, and both shapes."""
    check_matrices(x_t, "W_xh", W_xh, form="(H, E)")
    (batch, n_inputs), n_hidden = x_t.shape, W_xh.shape[0]
    wanted = {
        "W_xh": (W_xh, (n_hidden, n_inputs)),
        "W_hh": (W_hh, (n_hidden, n_hidden)),
        "b_h": (b_h, (n_hidden,)),
        "h_prev": (h_prev, (batch, n_hidden)),
    }
    check_fit(wanted, like=x_t, to_fit=f"x_t {tuple(x_t.shape)} and W_xh with {n_hidden} rows")


def _step(nonlinearity: str) -> Step:
    """Return the cell in the form that `run_layer` and `run_stack` take."""
    _activation(nonlinearity)

    def step(x_t: Tensor, h_prev: Tensor, weights: RNNWeights) -> tuple[Tensor]:
        return (rnn_step(x_t, h_prev, *weights, nonlinearity=nonlinearity),)

    return step


def rnn_layer(
    x: Tensor, h_0: Tensor, weights: RNNWeights, *, nonlinearity: str = "tanh"
) -> tuple[Tensor, Tensor]:
    """Run one layer over a whole sequence: the same step, with the same weights, T times.

    Args:
        x: float, (B, T, E), T at least 1.
        h_0: float, (B, H), the state before the first step.
        weights: the layer's parameters.
        nonlinearity: "tanh" or "relu".

    Returns:
        outputs: float, (B, T, H), the hidden state after every step.
        h_n: float, (B, H), the last of them.

    Raises:
        TypeError: x, h_0 or a weight is no floating-point tensor, or their types differ.
        ValueError: x is not (B, T, E), is empty in time or holds NaN, or a shape does not fit.
    """
    parts = arguments.items("weights", weights, what="RNNWeights")
    if len(parts) != len(RNNWeights._fields):
        raise ValueError(f"weights must be (W_xh, W_hh, b_h), got {len(parts)} tensors")
    step = _step(nonlinearity)
    outputs, (h_n,) = run_layer(x, (h_0,), RNNWeights(*parts), step, RNNWeights)
    return outputs, h_n


def stacked_rnn(
    x: Tensor,
    layers: Sequence[Sequence[RNNWeights]],
    h_0: Tensor | None = None,
    *,
    nonlinearity: str = "tanh",
) -> tuple[Tensor, Tensor]:
    """Run several layers, each in one direction or in both (see `sequences.run_stack`).

    Args:
        x: float, (B, T, E), T at least 1.
        layers: per layer the weights of its directions: one, or (forward, backward).
        h_0: float, (L * D, B, H); None starts from zeros.
        nonlinearity: "tanh" or "relu".

    Returns:
        outputs: float, (B, T, D * H), of the top layer.
        h_n: float, (L * D, B, H), the last state of every layer and direction.

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: layers is empty, x is empty in time or holds NaN, or a shape does not fit.
    """
    start = None if h_0 is None else (h_0,)
    outputs, (h_n,) = run_stack(x, layers, _step(nonlinearity), RNNWeights, start)
    return outputs, h_n
