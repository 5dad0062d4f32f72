"""Read the weights of torch.nn's recurrent modules in the form that our steps take.

torch.nn stacks the matrices of all gates: (i, f, g, o) from top to bottom in an LSTM, (r, z, n)
in a GRU. What is read is still connected to the module's parameters: gradients reach them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.cells.gated import GRUWeights, LSTMWeights
from course_utils.cells.vanilla import RNNWeights

Weights = RNNWeights | LSTMWeights | GRUWeights


def weights_of(module: nn.RNN | nn.LSTM | nn.GRU) -> list[list[Weights]]:
    """Read an nn.RNN, nn.LSTM or nn.GRU in the form that our stacks take.

    Args:
        module: with or without bias, of any number of layers and directions, an nn.LSTM also with
            proj_size.

    Returns:
        Per layer, per direction, the weights.

    Raises:
        TypeError: module is something else.
    """
    if not isinstance(module, (nn.RNN, nn.LSTM, nn.GRU)):
        raise TypeError(f"module must be an nn.RNN, nn.LSTM or nn.GRU, got {_kind(module)}")
    suffixes = ["", "_reverse"] if module.bidirectional else [""]
    return [
        [_read(module, f"_l{layer}{suffix}") for suffix in suffixes]
        for layer in range(module.num_layers)
    ]


def cell_weights(cell: nn.RNNCell | nn.LSTMCell | nn.GRUCell) -> Weights:
    """Read an nn.RNNCell, nn.LSTMCell or nn.GRUCell.

    Args:
        cell: with or without bias.

    Returns:
        The weights that our step takes.

    Raises:
        TypeError: cell is something else.
    """
    if not isinstance(cell, (nn.RNNCell, nn.LSTMCell, nn.GRUCell)):
        raise TypeError(f"cell must be an nn.RNNCell, LSTMCell or GRUCell, got {_kind(cell)}")
    return _read(cell, "")


def _kind(thing: object) -> str:
    return type(thing).__name__


def _read(module: nn.Module, suffix: str) -> Weights:
    """Read the parameters with this end of name; a module without bias gets zeros."""
    W_x, W_h = getattr(module, f"weight_ih{suffix}"), getattr(module, f"weight_hh{suffix}")
    if module.bias:
        b_x, b_h = getattr(module, f"bias_ih{suffix}"), getattr(module, f"bias_hh{suffix}")
    else:
        b_x = b_h = W_x.new_zeros(len(W_x))
    if isinstance(module, (nn.RNN, nn.RNNCell)):
        return RNNWeights(W_x, W_h, b_x + b_h)
    if isinstance(module, (nn.LSTM, nn.LSTMCell)):
        return _lstm(W_x, W_h, b_x + b_h, getattr(module, f"weight_hr{suffix}", None))
    return _gru(W_x, W_h, b_x, b_h)


def _lstm(W_x: Tensor, W_h: Tensor, b: Tensor, W_hr: Tensor | None) -> LSTMWeights:
    """Cut the stack (i, f, g, o)."""
    W_i, W_f, W_g, W_o = torch.cat([W_h, W_x], dim=1).chunk(4)
    b_i, b_f, b_g, b_o = b.chunk(4)
    return LSTMWeights(W_f, W_i, W_g, W_o, b_f, b_i, b_g, b_o, W_hr)


def _gru(W_x: Tensor, W_h: Tensor, b_x: Tensor, b_h: Tensor) -> GRUWeights:
    """Cut the stack (r, z, n)."""
    W_r, W_z, W_n = torch.cat([W_h, W_x], dim=1).chunk(3)
    (b_r, b_z, _), (_, _, b_hn) = (b_x + b_h).chunk(3), b_h.chunk(3)
    return GRUWeights(W_r, W_z, W_n, b_r, b_z, b_x.chunk(3)[2], b_hn)
