"""Translate the weights of a GRU between PyTorch's convention and the lecture's, where possible.

Two things differ. First, z_t and 1 - z_t change places: 1 - sigmoid(a) = sigmoid(-a), so a change
of sign of W_z and b_z undoes it, always. Second, r_t acts after the product W_hn h_(t-1) in PyTorch
and before it in the lecture. Unit i of the candidate reads

    PyTorch:  r_i * sum_j W_hn[i, j] * h_j        lecture:  sum_j W_hn[i, j] * r_j * h_j

Each row i has one reset gate there, each column j has one here. The two agree for every input only
when both can be the same gate wherever W_hn is not zero: a diagonal W_hn (the identity, one unit),
a permutation, or gates that are equal to each other. Any other W_hn, such as one from training,
makes the two sums different functions whatever reset gates are chosen, because the products of h_j
with different gates are linearly independent.
"""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.cells.errors import check_fit, check_numbers, check_weights
from course_utils.cells.gated import GRUWeights


def flip_update_gate(weights: GRUWeights) -> GRUWeights:
    """Return weights whose z_t is 1 minus the z_t of the given ones.

    Args:
        weights: of either convention.

    Returns:
        The same weights with the signs of W_z and b_z changed.

    Raises:
        TypeError: weights are no GRUWeights.
        ValueError: their shapes do not fit each other, or one holds NaN.
    """
    weights = _checked(weights)
    return weights._replace(W_z=-weights.W_z, b_z=-weights.b_z)


def pytorch_to_lecture(weights: GRUWeights) -> GRUWeights:
    """Return weights with which the lecture's step equals PyTorch's step with the given ones.

    Args:
        weights: for `gru_step`.

    Returns:
        Weights for `gru_step_lecture`.

    Raises:
        TypeError: weights are no GRUWeights.
        ValueError: their shapes do not fit each other, one holds NaN, b_hn is not zero, or a
            column of W_hn reads two different reset gates.
    """
    weights = _checked(weights)
    if weights.b_hn.any():
        largest = weights.b_hn.abs().max().item()
        raise ValueError(
            f"b_hn must be zeros, got values up to {largest:.3g}: PyTorch's r_t weighs b_hn, and "
            "the lecture's GRU has no bias there"
        )
    links = (_state_part(weights) != 0).T
    return _with_reset(flip_update_gate(weights), links, "column")


def lecture_to_pytorch(weights: GRUWeights) -> GRUWeights:
    """Return weights with which PyTorch's step equals the lecture's step with the given ones.

    Args:
        weights: for `gru_step_lecture`.

    Returns:
        Weights for `gru_step`.

    Raises:
        TypeError: weights are no GRUWeights.
        ValueError: their shapes do not fit each other, one holds NaN, or a row of W_hn reads two
            different reset gates.
    """
    weights = _checked(weights)
    one_bias = weights._replace(b_n=weights.b_n + weights.b_hn, b_hn=weights.b_hn * 0)
    return _with_reset(flip_update_gate(one_bias), _state_part(weights) != 0, "row")


def _checked(weights: GRUWeights) -> GRUWeights:
    """Return the weights of a GRU, or refuse what does not fit."""
    check_weights("weights", weights, GRUWeights)
    n_hidden, n_columns = weights.W_r.shape
    if n_columns < n_hidden:
        raise ValueError(f"weights.W_r must be (H, H + E), got {tuple(weights.W_r.shape)}")
    wanted = {}
    for part, value in weights._asdict().items():
        shape = (n_hidden, n_columns) if part.startswith("W") else (n_hidden,)
        wanted[f"weights.{part}"] = value, shape
        check_numbers(f"weights.{part}", value)
    check_fit(wanted, like=weights.W_r, to_fit=f"weights.W_r {tuple(weights.W_r.shape)}")
    return weights


def _state_part(weights: GRUWeights) -> Tensor:
    """Return the part of the candidate's matrix that multiplies the state."""
    return weights.W_n[:, : weights.W_n.shape[0]]


def _with_reset(weights: GRUWeights, links: Tensor, line: str) -> GRUWeights:
    """Give every unit the one reset gate that its row (or column) of W_hn is linked to.

    Args:
        weights: the weights so far.
        links: bool, (H, H); links[new, old] says that unit `new` needs the gate of unit `old`.
        line: "row" or "column", for the message.

    Raises:
        ValueError: a unit needs two gates that differ.
    """
    gates = torch.cat([weights.W_r, weights.b_r[:, None]], dim=1)
    chosen = []
    for new, linked in enumerate(links):
        olds = linked.nonzero().flatten().tolist() or [new]
        differ = [old for old in olds if not torch.equal(gates[old], gates[olds[0]])]
        if differ:
            raise ValueError(
                f"W_n has no exact counterpart: {line} {new} of W_hn is not zero at {olds[0]} and "
                f"at {differ[0]}, and these two units have different reset gates. W_hn must be "
                "diagonal, or have one number that is not zero per row and column"
            )
        chosen.append(olds[0])
    return weights._replace(W_r=weights.W_r[chosen], b_r=weights.b_r[chosen])
