"""The loss of negative sampling."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from course_utils.arguments import tensor


def negative_sampling_loss(v: Tensor, u_pos: Tensor, u_neg: Tensor) -> Tensor:
    """Return how badly true pairs are told from noise, in nats per pair.

    For one pair it is -log s(u_pos . v) - sum over k of log s(-u_neg_k . v), where s is the
    logistic function (Mikolov et al., 2013, "Distributed representations of words and phrases and
    their compositionality", equation 4).

    >>> import torch
    >>> zeros = torch.zeros(1, 2, 3)  # one pair, two noise words, three dimensions
    >>> negative_sampling_loss(zeros[:, 0], zeros[:, 0], zeros)  # 3 log 2
    tensor(2.0794)

    Args:
        v: vectors of the centres, float, (B, D).
        u_pos: vectors of their true contexts, float, (B, D).
        u_neg: vectors of K noise words for every pair, float, (B, K, D).

    Returns:
        The mean over the pairs, a scalar.

    Raises:
        TypeError: an argument is no tensor of floating-point numbers, or their dtypes differ.
        ValueError: the shapes do not fit together, or there is no pair.
    """
    for name, given in (("v", v), ("u_pos", u_pos), ("u_neg", u_neg)):
        tensor(name, given, kind="floating")
        if given.dtype != v.dtype:
            raise TypeError(
                f"v, u_pos and u_neg must have one dtype, got {v.dtype} and {name} of {given.dtype}"
            )
    fit = v.ndim == 2 and len(v) and v.shape == u_pos.shape and u_neg.ndim == 3
    if not fit or u_neg.shape[::2] != v.shape:
        shapes = ", ".join(str(tuple(each.shape)) for each in (v, u_pos, u_neg))
        raise ValueError(
            f"v and u_pos must be (B, D) and u_neg (B, K, D) with B of at least 1, got {shapes}"
        )
    positive = F.logsigmoid((u_pos * v).sum(dim=1))
    # A product and a sum: for many small matrices this is faster than a matrix product.
    negative = F.logsigmoid(-(u_neg * v.unsqueeze(1)).sum(dim=2)).sum(dim=1)
    return -(positive + negative).mean()
