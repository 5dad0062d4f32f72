"""Two ways to read one classifier: as often as in the data, or all classes equally often.

A network answers for the frequencies that it saw in training. Bayes' rule turns its answer into the
one for other frequencies, without any new training.
"""

from __future__ import annotations

from torch import Tensor

from course_utils.arguments import real_number, tensor


def log_beliefs(logits: Tensor, drawn: Tensor, prior: Tensor, share: float) -> Tensor:
    """Read a network's scores for other frequencies than those it was trained with.

    By Bayes' rule, the belief in a class is divided by how often the class was drawn in training
    and multiplied by how often it is expected now, here prior ** share (Saerens, Latinne &
    Decaestecker, 2002, "Adjusting the outputs of a classifier to new a priori probabilities").

    >>> import torch
    >>> shares = torch.tensor([0.25, 0.25, 0.5])
    >>> log_beliefs(shares.log(), shares, shares, 0.0).exp()  # the name told the network nothing
    tensor([0.3333, 0.3333, 0.3333])

    Args:
        logits: float, (..., C), scores of the network.
        drawn: float, (C,), the share of each class among the training examples as drawn.
        prior: float, (C,), the share of each class in the data.
        share: from 0, which expects all classes equally often, to 1, which expects them as often
            as in the data.

    Returns:
        Logarithms of probabilities, (..., C), in the dtype and on the device of logits.

    Raises:
        TypeError: logits, drawn or prior is not a tensor of floating-point numbers, or share is no
            number.
        ValueError: share is not from 0 to 1, drawn or prior is not (C,) numbers above 0 with the
            sum 1, or logits hold NaN or infinite numbers.
    """
    share = real_number("share", share)
    if not 0 <= share <= 1:
        raise ValueError(f"share must be from 0 (uniform) to 1 (the data's prior), got {share}")
    tensor("logits", logits, shape="(..., C)", kind="floating", finite=True)
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits must be (..., C) with C at least 1, got {tuple(logits.shape)}")
    for name, shares in (("drawn", drawn), ("prior", prior)):
        check_shares(name, shares, logits.shape[-1])
    return (logits - drawn.log().to(logits) + share * prior.log().to(logits)).log_softmax(-1)


def check_shares(name: str, shares: Tensor, n_classes: int) -> None:
    """Refuse what is not one share above 0 for each class.

    Args:
        name: how to call the shares in a message.
        shares: float, should be (C,) with the sum 1.
        n_classes: C.

    Raises:
        TypeError: shares is not a tensor of floating-point numbers.
        ValueError: a share is missing, is not above 0, or the sum is not 1.
    """
    shares = tensor(name, shares, shape=f"({n_classes},)", kind="floating").detach()
    if shares.shape != (n_classes,):
        raise ValueError(
            f"{name} must be ({n_classes},), a share for each class, got {tuple(shares.shape)}"
        )
    if not (shares > 0).all() or not abs(float(shares.sum()) - 1) < 1e-3:
        raise ValueError(
            f"{name} must hold shares above 0 with the sum 1, got {[*map(float, shares)]}: a class "
            "that never occurs must be left out"
        )


def drawn_shares(prior: Tensor, balance: float) -> Tensor:
    """Return how often `deal_batches` draws each language.

    >>> import torch
    >>> drawn_shares(torch.tensor([0.9, 0.1]), 0.5)
    tensor([0.7500, 0.2500])

    Args:
        prior: float, (C,), the share of each language among the training names.
        balance: see NamesRecipe.

    Returns:
        float, (C,), sums to 1.

    Raises:
        TypeError: prior is not a tensor of floating-point numbers, or balance is no number.
        ValueError: prior is not (C,) shares of 0 or more, not all 0, or balance not from 0 to 1.
    """
    tensor("prior", prior, ndim=1, shape="(C,)", kind="floating", finite=True)
    balance = real_number("balance", balance, least=0, most=1)
    if not (prior >= 0).all() or not (prior > 0).any():
        raise ValueError("prior must hold shares of 0 or more, not all of them 0")
    weights = prior ** (1 - balance)
    return weights / weights.sum()
