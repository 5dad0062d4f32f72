"""The LSTM and the GRU, one step at a time, written like the lecture's equations.

Each gate has one matrix over the joined vector [h_(t-1), x_t] and one bias. A step returns its
new state and the value of every gate.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from course_utils import arguments
from course_utils.cells.errors import check_fit, check_matrices


class LSTMWeights(NamedTuple):
    """The parameters of one LSTM layer in one direction.

    Each matrix is (H, R + E): H rows, R columns for h_(t-1), then E columns for x_t. R is H, or the
    number of rows of W_hr when the hidden state is projected. Each bias is (H,).
    """

    W_f: Tensor
    W_i: Tensor
    W_g: Tensor
    W_o: Tensor
    b_f: Tensor
    b_i: Tensor
    b_g: Tensor
    b_o: Tensor
    W_hr: Tensor | None = None

    @property
    def state_sizes(self) -> tuple[int, int]:
        """Return (R, H), the lengths of the hidden state and of the cell state."""
        n_hidden = self.W_f.shape[0]
        return (n_hidden if self.W_hr is None else self.W_hr.shape[0], n_hidden)


class LSTMStep(NamedTuple):
    """What one LSTM step computes: the new states, then the gates; h_t (B, R), the rest (B, H)."""

    h_t: Tensor
    c_t: Tensor
    f_t: Tensor
    i_t: Tensor
    g_t: Tensor
    o_t: Tensor


def lstm_step(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, weights: LSTMWeights) -> LSTMStep:
    """Take one step of an LSTM; g_t is the candidate that the lecture writes as C with a tilde.

    Sources: Hochreiter & Schmidhuber (1997), "Long short-term memory"; the forget gate: Gers,
    Schmidhuber & Cummins (2000), "Learning to forget"; the projection W_hr: Sak, Senior & Beaufays
    (2014), "Long short-term memory based recurrent neural network architectures".

    Args:
        x_t: float, (B, E), the input at this step.
        h_prev: float, (B, R), the hidden state of the step before; R = H without a projection.
        c_prev: float, (B, H), the cell state of the step before.
        weights: the parameters.

    Returns:
        The new states and the gates: ``h_t, c_t, *gates = lstm_step(...)``.

    Raises:
        TypeError: an argument is no floating-point tensor, or not of the type and device of x_t.
        ValueError: an argument's shape does not fit.
    """
    _check_lstm(x_t, h_prev, c_prev, weights)
    W_f, W_i, W_g, W_o, b_f, b_i, b_g, b_o, W_hr = weights
    hx = torch.cat([h_prev, x_t], dim=1)
    f_t = torch.sigmoid(hx @ W_f.T + b_f)
    i_t = torch.sigmoid(hx @ W_i.T + b_i)
    g_t = torch.tanh(hx @ W_g.T + b_g)
    c_t = f_t * c_prev + i_t * g_t
    o_t = torch.sigmoid(hx @ W_o.T + b_o)
    h_t = o_t * torch.tanh(c_t)
    if W_hr is not None:
        h_t = h_t @ W_hr.T
    return LSTMStep(h_t, c_t, f_t, i_t, g_t, o_t)


def _check_lstm(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, weights: LSTMWeights) -> None:
    """Raise a ValueError that names the argument which does not fit, and both shapes."""
    arguments.instance("weights", weights, LSTMWeights, what="LSTMWeights (see weights_of)")
    check_matrices(x_t, "W_f", weights.W_f, form="(H, R + E)")
    if weights.W_hr is not None:
        check_matrices(x_t, "W_hr", weights.W_hr, form="(R, H)")
    (batch, n_inputs), (n_output, n_hidden) = x_t.shape, weights.state_sizes
    wanted = {f"W_{gate}": (n_hidden, n_output + n_inputs) for gate in "figo"}
    wanted |= {f"b_{gate}": (n_hidden,) for gate in "figo"}
    if weights.W_hr is not None:
        wanted |= {"W_hr": (n_output, n_hidden)}
    pairs = {name: (getattr(weights, name), shape) for name, shape in wanted.items()}
    pairs |= {"h_prev": (h_prev, (batch, n_output)), "c_prev": (c_prev, (batch, n_hidden))}
    check_fit(pairs, like=x_t, to_fit=f"x_t {tuple(x_t.shape)} and W_f with {n_hidden} rows")


class GRUWeights(NamedTuple):
    """The parameters of one GRU layer in one direction, for both conventions.

    Each matrix is (H, H + E): H columns for h_(t-1), then E columns for x_t. Each bias is (H,).
    b_hn is the second bias of the candidate, which PyTorch adds before the reset gate acts; the
    lecture has no such bias, and zeros stand for "none".
    """

    W_r: Tensor
    W_z: Tensor
    W_n: Tensor
    b_r: Tensor
    b_z: Tensor
    b_n: Tensor
    b_hn: Tensor

    @property
    def state_sizes(self) -> tuple[int]:
        """Return (H,), the length of the state."""
        return (self.W_r.shape[0],)


class GRUStep(NamedTuple):
    """What one GRU step computes, each (B, H): the new state, both gates, the candidate n_t."""

    h_t: Tensor
    r_t: Tensor
    z_t: Tensor
    n_t: Tensor


def gru_step(x_t: Tensor, h_prev: Tensor, weights: GRUWeights) -> GRUStep:
    """Take one step of a GRU as PyTorch does: r_t acts after the product, z_t keeps the old state.

    Source: the documentation of torch.nn.GRU. z_t is as in Cho et al. (2014), "Learning phrase
    representations using RNN encoder-decoder for statistical machine translation"; the reset
    after the product is in the first version of that paper (arXiv 1406.1078v1).

    Args:
        x_t: float, (B, E), the input at this step.
        h_prev: float, (B, H), the hidden state of the step before.
        weights: the parameters.

    Returns:
        The new state, the gates and the candidate.

    Raises:
        TypeError: an argument is no floating-point tensor, or not of the type and device of x_t.
        ValueError: an argument's shape does not fit.
    """
    _check_gru(x_t, h_prev, weights)
    W_r, W_z, W_n, b_r, b_z, b_n, b_hn = weights
    W_hn, W_xn = W_n.split([h_prev.shape[1], x_t.shape[1]], dim=1)
    hx = torch.cat([h_prev, x_t], dim=1)
    r_t = torch.sigmoid(hx @ W_r.T + b_r)
    z_t = torch.sigmoid(hx @ W_z.T + b_z)
    n_t = torch.tanh(x_t @ W_xn.T + b_n + r_t * (h_prev @ W_hn.T + b_hn))
    h_t = (1 - z_t) * n_t + z_t * h_prev
    return GRUStep(h_t, r_t, z_t, n_t)


def gru_step_lecture(x_t: Tensor, h_prev: Tensor, weights: GRUWeights) -> GRUStep:
    """Take one step of a GRU as the lecture does: r_t acts before the product, z_t lets in the new.

    n_t is the candidate that the lecture writes as h with a tilde.

    Sources: the reset before the product: Cho et al. (2014), arXiv 1406.1078v3; z_t as the weight
    of the candidate: Chung et al. (2014), "Empirical evaluation of gated recurrent neural networks
    on sequence modeling".

    Args:
        x_t: float, (B, E), the input at this step.
        h_prev: float, (B, H), the hidden state of the step before.
        weights: the parameters; b_hn is added to b_n.

    Returns:
        The new state, the gates and the candidate.

    Raises:
        TypeError: an argument is no floating-point tensor, or not of the type and device of x_t.
        ValueError: an argument's shape does not fit.
    """
    _check_gru(x_t, h_prev, weights)
    W_r, W_z, W_n, b_r, b_z, b_n, b_hn = weights
    hx = torch.cat([h_prev, x_t], dim=1)
    z_t = torch.sigmoid(hx @ W_z.T + b_z)
    r_t = torch.sigmoid(hx @ W_r.T + b_r)
    n_t = torch.tanh(torch.cat([r_t * h_prev, x_t], dim=1) @ W_n.T + b_n + b_hn)
    h_t = (1 - z_t) * h_prev + z_t * n_t
    return GRUStep(h_t, r_t, z_t, n_t)


def _check_gru(x_t: Tensor, h_prev: Tensor, weights: GRUWeights) -> None:
    """Raise a ValueError that names the argument which does not fit, and both shapes."""
    arguments.instance("weights", weights, GRUWeights, what="GRUWeights (see weights_of)")
    check_matrices(x_t, "W_r", weights.W_r, form="(H, H + E)")
    (batch, n_inputs), (n_hidden,) = x_t.shape, weights.state_sizes
    wanted = {f"W_{gate}": (n_hidden, n_hidden + n_inputs) for gate in "rzn"}
    wanted |= {f"b_{gate}": (n_hidden,) for gate in ("r", "z", "n", "hn")}
    pairs = {name: (getattr(weights, name), shape) for name, shape in wanted.items()}
    pairs |= {"h_prev": (h_prev, (batch, n_hidden))}
    check_fit(pairs, like=x_t, to_fit=f"x_t {tuple(x_t.shape)} and W_r with {n_hidden} rows")
