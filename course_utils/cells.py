"""The mathematics of recurrent cells, as plain functions of tensors.

Weights have PyTorch's layout: ``W_xh`` is (H, E), so that the formula's product W_xh x_t, written
for a column vector, becomes ``x_t @ W_xh.T`` for a batch of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class RNNWeights(NamedTuple):
    """The parameters of one layer in one direction: W_xh (H, E), W_hh (H, H), b_h (H)."""

    W_xh: Tensor
    W_hh: Tensor
    b_h: Tensor


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
        ValueError: an argument's shape does not fit, or the nonlinearity is unknown.
    """
    if nonlinearity not in ACTIVATIONS:
        raise ValueError(f"nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}")
    _check_shapes(x_t, h_prev, W_xh, W_hh, b_h)
    return ACTIVATIONS[nonlinearity](x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


def _check_shapes(x_t: Tensor, h_prev: Tensor, W_xh: Tensor, W_hh: Tensor, b_h: Tensor) -> None:
    """Raise a ValueError that names the argument which does not fit, and both shapes."""
    if x_t.ndim != 2 or W_xh.ndim != 2:
        shapes = f"{tuple(x_t.shape)} and {tuple(W_xh.shape)}"
        raise ValueError(f"x_t must be (B, E) and W_xh (H, E), got {shapes}")
    (batch, n_inputs), n_hidden = x_t.shape, W_xh.shape[0]
    wanted = {
        "W_xh": (W_xh, (n_hidden, n_inputs)),
        "W_hh": (W_hh, (n_hidden, n_hidden)),
        "b_h": (b_h, (n_hidden,)),
        "h_prev": (h_prev, (batch, n_hidden)),
    }
    for name, (tensor, shape) in wanted.items():
        if tuple(tensor.shape) != shape:
            raise ValueError(
                f"{name} must be {shape} to fit x_t {tuple(x_t.shape)} and W_xh with "
                f"{n_hidden} rows, got {tuple(tensor.shape)}"
            )


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
        ValueError: x is not (B, T, E), is empty in time, or a shape does not fit.
    """
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(f"x must be (B, T, E) with T at least 1, got {tuple(x.shape)}")
    h_t, outputs = h_0, []
    for x_t in x.unbind(dim=1):
        h_t = rnn_step(x_t, h_t, *weights, nonlinearity=nonlinearity)
        outputs.append(h_t)
    return torch.stack(outputs, dim=1), h_t


def stacked_rnn(
    x: Tensor, layers: Sequence[Sequence[RNNWeights]], *, nonlinearity: str = "tanh"
) -> tuple[Tensor, Tensor]:
    """Run several layers, each in one direction or in both, from a zero state.

    A layer reads what the layer below wrote. The backward direction reads the sequence from its
    end; its outputs are put back in order and joined to the forward ones (Schuster & Paliwal,
    1997, "Bidirectional recurrent neural networks").

    Args:
        x: float, (B, T, E).
        layers: per layer the weights of its directions: one, or (forward, backward).
        nonlinearity: "tanh" or "relu".

    Returns:
        outputs: float, (B, T, D * H), of the top layer.
        h_n: float, (L * D, B, H), the last state of every layer and direction.

    Raises:
        ValueError: layers is empty, or a shape does not fit.
    """
    if not layers:
        raise ValueError("layers must hold the weights of at least one layer, got none")
    last_states = []
    for directions in layers:
        parts = []
        for backward, weights in enumerate(directions):
            h_0 = x.new_zeros(x.shape[0], weights.W_hh.shape[0])
            order = x.flip(1) if backward else x
            outputs, h_n = rnn_layer(order, h_0, weights, nonlinearity=nonlinearity)
            parts.append(outputs.flip(1) if backward else outputs)
            last_states.append(h_n)
        x = torch.cat(parts, dim=-1)
    return x, torch.stack(last_states)


def weights_of(rnn: torch.nn.RNN) -> list[list[RNNWeights]]:
    """Read the weights of an nn.RNN in the form that `stacked_rnn` takes.

    Args:
        rnn: an nn.RNN, with or without bias, of any number of layers and directions.

    Returns:
        Per layer, per direction, the weights (the module's own tensors, not copies).
    """
    suffixes = ["", "_reverse"] if rnn.bidirectional else [""]
    return [
        [_one_direction(rnn, f"l{layer}{suffix}") for suffix in suffixes]
        for layer in range(rnn.num_layers)
    ]


def _one_direction(rnn: torch.nn.RNN, name: str) -> RNNWeights:
    """Read W_xh, W_hh and the sum of both biases (zeros when the module has none)."""
    W_xh, W_hh = getattr(rnn, f"weight_ih_{name}"), getattr(rnn, f"weight_hh_{name}")
    if not rnn.bias:
        return RNNWeights(W_xh, W_hh, W_xh.new_zeros(len(W_xh)))
    return RNNWeights(W_xh, W_hh, getattr(rnn, f"bias_ih_{name}") + getattr(rnn, f"bias_hh_{name}"))


class RNNShapes(NamedTuple):
    """Every shape around an nn.RNN call; `weights` maps each parameter's name to its shape."""

    x: tuple[int, ...]
    h_0: tuple[int, ...]
    output: tuple[int, ...]
    h_n: tuple[int, ...]
    weights: dict[str, tuple[int, ...]]


def rnn_shapes(
    *,
    input_size: int,
    hidden_size: int,
    seq_len: int,
    batch_size: int | None = None,
    num_layers: int = 1,
    bias: bool = True,
    batch_first: bool = False,
    bidirectional: bool = False,
) -> RNNShapes:
    """Work out every shape of an nn.RNN call from its arguments, without running it.

    Source: the documentation of torch.nn.RNN, sections Inputs, Outputs and Variables.

    Args:
        input_size: features per step, E.
        hidden_size: H.
        seq_len: T.
        batch_size: B, or None for one sequence without a batch dimension.
        num_layers: L.
        bias: whether the layer has b_ih and b_hh.
        batch_first: x and output are (B, T, ...) rather than (T, B, ...).
        bidirectional: D = 2 directions rather than 1.

    Returns:
        The shapes; h_0 and h_n are (L * D, B, H) whatever batch_first says.

    Raises:
        ValueError: a size is below 1.
    """
    _at_least_one(
        input_size=input_size,
        hidden_size=hidden_size,
        seq_len=seq_len,
        batch_size=1 if batch_size is None else batch_size,
        num_layers=num_layers,
    )
    n_directions = 2 if bidirectional else 1
    lead = _lead(batch_size, seq_len, batch_first)
    state = (num_layers * n_directions, *(() if batch_size is None else (batch_size,)), hidden_size)
    weights = {}
    for layer in range(num_layers):
        n_in = input_size if layer == 0 else n_directions * hidden_size
        for suffix in ["", "_reverse"][:n_directions]:
            weights[f"weight_ih_l{layer}{suffix}"] = (hidden_size, n_in)
            weights[f"weight_hh_l{layer}{suffix}"] = (hidden_size, hidden_size)
            if bias:
                weights[f"bias_ih_l{layer}{suffix}"] = (hidden_size,)
                weights[f"bias_hh_l{layer}{suffix}"] = (hidden_size,)
    x, output = (*lead, input_size), (*lead, n_directions * hidden_size)
    return RNNShapes(x, state, output, state, weights)


def _lead(batch_size: int | None, seq_len: int, batch_first: bool) -> tuple[int, ...]:
    """Return the dimensions of x and output that come before the features."""
    if batch_size is None:
        return (seq_len,)
    return (batch_size, seq_len) if batch_first else (seq_len, batch_size)


def _at_least_one(**sizes: int) -> None:
    """Raise a ValueError that names the first size below 1."""
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")
