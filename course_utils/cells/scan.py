"""The minimal GRU, one step at a time and by parallel scans.

Its gate and its candidate do not depend on the state, so h_t = a_t * h_(t-1) + b_t with numbers
a_t = 1 - z_t and b_t = z_t * candidate_t that are known for all steps before the first one is
taken. Such a chain need not be followed link by link: these functions show three ways.

Where they lose precision, in float32: `scan_in_order` and `scan_by_doubling` add and multiply
numbers of the size of the result, and are right to 1e-6 also after 1024 steps. `scan_in_logs`
subtracts sums of logarithms: when these have grown to -700, they are rounded to 3e-5. With random
gates its states were wrong by 1e-5 after 64 steps and by 2e-4 after 1024, their gradients by 5e-5
and 2e-3. In float64 it is right to 1e-11.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils import arguments
from course_utils.cells.errors import (
    check_fit,
    check_floats,
    check_matrices,
    check_sequence,
    check_weights,
)


class MinGRUWeights(NamedTuple):
    """The parameters of one minGRU layer: matrices (H, E), biases (H,)."""

    W_z: Tensor
    W_h: Tensor
    b_z: Tensor
    b_h: Tensor


class MinGRUStep(NamedTuple):
    """What one step computes, each (B, H): the new state, the gate, the candidate."""

    h_t: Tensor
    z_t: Tensor
    n_t: Tensor


def positive(x: Tensor) -> Tensor:
    """Return x + 0.5 where x is 0 or more, and sigmoid(x) elsewhere: a number above 0.

    It is the larger of the two. Source: Feng et al. (2024), "Were RNNs all we needed?", the
    function g of the log-space form.

    >>> positive(torch.tensor([-2.0, 0.0, 2.0]))
    tensor([0.1192, 0.5000, 2.5000])

    Raises:
        TypeError: x is no floating-point tensor.
    """
    check_floats("x", x)
    # x where it is at most 0, else nearly 0. Faster than x.clamp(max=0), above all backwards; the
    # bound lies just above 0, because the gradient of hardtanh is 0 at its bounds.
    below = F.hardtanh(x, -math.inf, torch.finfo(x.dtype).tiny)
    return F.relu(x) + torch.sigmoid(below)


def log_positive(x: Tensor) -> Tensor:
    """Return the logarithm of `positive`, also where that would be rounded to 0.

    Raises:
        TypeError: x is no floating-point tensor.
    """
    check_floats("x", x)
    return torch.where(x >= 0, torch.log(F.relu(x) + 0.5), F.logsigmoid(x))


def min_gru_step(x_t: Tensor, h_prev: Tensor, weights: MinGRUWeights) -> MinGRUStep:
    """Take one step of a minGRU: h_t = (1 - z_t) * h_(t-1) + z_t * n_t.

    Source: Feng et al. (2024), "Were RNNs all we needed?": z_t = sigmoid(W_z x_t + b_z), and
    n_t = `positive` of W_h x_t + b_h. No matrix meets h_(t-1).

    Args:
        x_t: float, (B, E), the input at this step.
        h_prev: float, (B, H), the state of the step before.
        weights: the parameters.

    Returns:
        The new state, the gate and the candidate.

    Raises:
        TypeError: an argument is no floating-point tensor, or not of the type and device of x_t.
        ValueError: an argument's shape does not fit.
    """
    arguments.instance("weights", weights, MinGRUWeights, what="MinGRUWeights")
    check_matrices(x_t, "W_z", weights.W_z, form="(H, E)")
    (batch, n_inputs), H = x_t.shape, weights.W_z.shape[0]
    wanted = {f"W_{part}": (getattr(weights, f"W_{part}"), (H, n_inputs)) for part in "zh"}
    wanted |= {f"b_{part}": (getattr(weights, f"b_{part}"), (H,)) for part in "zh"}
    wanted |= {"h_prev": (h_prev, (batch, H))}
    check_fit(wanted, like=x_t, to_fit=f"x_t {tuple(x_t.shape)} and W_z with {H} rows")
    z_t = torch.sigmoid(x_t @ weights.W_z.T + weights.b_z)
    n_t = positive(x_t @ weights.W_h.T + weights.b_h)
    return MinGRUStep((1 - z_t) * h_prev + z_t * n_t, z_t, n_t)


def min_gru_sequence(x: Tensor, weights: MinGRUWeights, h_0: Tensor | None = None) -> Tensor:
    """Run a minGRU over sequences, one step after the other.

    Args:
        x: float, (B, T, E).
        weights: the parameters.
        h_0: float, (B, H); None starts from zeros.

    Returns:
        The states of all steps, float, (B, T, H).

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: an argument's shape does not fit, or x holds NaN.
    """
    check_sequence(x)
    check_weights("weights", weights, MinGRUWeights)
    h = x.new_zeros(x.shape[0], weights.W_z.shape[0]) if h_0 is None else h_0
    states = []
    for x_t in x.unbind(1):
        h = min_gru_step(x_t, h, weights).h_t
        states.append(h)
    return torch.stack(states, dim=1)


def scan_in_order(a: Tensor, b: Tensor, h_0: Tensor | None = None) -> Tensor:
    """Return h_t = a_t * h_(t-1) + b_t for all t, one step after the other: T operations in a row.

    >>> scan_in_order(torch.full((1, 3, 1), 0.5), torch.ones(1, 3, 1)).flatten()
    tensor([1.0000, 1.5000, 1.7500])

    Args:
        a, b: float, (B, T, H), T at least 1.
        h_0: float, (B, H), what stands before the first step; None for zeros.

    Returns:
        float, (B, T, H).

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: a shape does not fit.
    """
    check_scan(a, b, h_0)
    h, states = torch.zeros_like(b[:, 0]) if h_0 is None else h_0, []
    for a_t, b_t in zip(a.unbind(1), b.unbind(1), strict=True):
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states, dim=1)


def scan_by_doubling(a: Tensor, b: Tensor, h_0: Tensor | None = None) -> Tensor:
    """Return what `scan_in_order` returns, after about log2 T rounds over all steps at once.

    The link h -> a_1 h + b_1 and after it h -> a_2 h + b_2 are together one link,
    h -> (a_2 a_1) h + (a_2 b_1 + b_2). After round k, every place holds one link for the last 2^k
    steps up to it, made of its own and of the one 2^(k-1) places before (Hillis & Steele, 1986,
    "Data parallel algorithms"; Blelloch, 1990, "Prefix sums and their applications").

    Args:
        a, b, h_0: as for `scan_in_order`.

    Returns:
        float, (B, T, H).

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: a shape does not fit.
    """
    check_scan(a, b, h_0)
    h, apart = b, 1
    if h_0 is not None:
        h = torch.cat([b[:, :1] + a[:, :1] * h_0[:, None], b[:, 1:]], dim=1)
    while apart < a.shape[1]:
        h = torch.cat([h[:, :apart], a[:, apart:] * h[:, :-apart] + h[:, apart:]], dim=1)
        a = torch.cat([a[:, :apart], a[:, apart:] * a[:, :-apart]], dim=1)
        apart *= 2
    return h


def scan_in_logs(log_a: Tensor, log_b: Tensor, h_0: Tensor | None = None) -> Tensor:
    """Return what `scan_in_order` returns for positive numbers, from their logarithms.

    With A_t = a_1 ... a_t it is h_t = A_t * (h_0 + sum over s <= t of b_s / A_s). A_t is soon too
    small for float32; its logarithm is not (Heinsen, 2023, "Efficient parallelization of a
    ubiquitous sequential computation").

    Args:
        log_a, log_b: float, (B, T, H), logarithms; b = 0 is -inf here.
        h_0: float, (B, H), not a logarithm, 0 or more; None for zeros.

    Returns:
        float, (B, T, H), not logarithms.

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: a shape does not fit, or h_0 has a number below 0.
    """
    check_scan(log_a, log_b, h_0, names=("log_a", "log_b"))
    if h_0 is None:
        sums = log_a.cumsum(dim=1)
        return torch.exp(sums + torch.logcumsumexp(log_b - sums, dim=1))
    if (h_0 < 0).any():
        raise ValueError(f"h_0 must be 0 or more to have a logarithm, got {float(h_0.min()):.4g}")
    log_a = torch.cat([torch.zeros_like(log_a[:, :1]), log_a], dim=1)
    log_b = torch.cat([torch.log(h_0)[:, None], log_b], dim=1)
    return scan_in_logs(log_a, log_b)[:, 1:]


def check_scan(
    a: Tensor, b: Tensor, h_0: Tensor | None, *, names: tuple[str, str] = ("a", "b")
) -> None:
    """Refuse what is no chain of links; `names` are the arguments' names, for the message.

    Raises:
        TypeError: an argument is no floating-point tensor, or b or h_0 does not have a's type.
        ValueError: a is not (B, T, H) with T at least 1, or another shape does not fit it.
    """
    first, second = names
    check_floats(first, a)
    if a.ndim != 3 or a.shape[1] == 0:
        raise ValueError(f"{first} must be (B, T, H) with T at least 1, got {tuple(a.shape)}")
    B, T, H = a.shape
    wanted = {second: (b, (B, T, H))} | ({} if h_0 is None else {"h_0": (h_0, (B, H))})
    check_fit(wanted, like=a, to_fit=f"{first} {tuple(a.shape)}")
