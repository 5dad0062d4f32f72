"""The gradients of negative sampling, written out for whole blocks of words.

K noise words serve all centres of a block. Each of them counts negatives / K for every true pair,
so that the expected loss is that of drawing new ones for every pair. What is left of the work is
products of small dense matrices, which a processor does best.
"""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.arguments import real_number, tensor


def band(scores: Tensor, width: int) -> Tensor:
    """Look at the scores of each centre with its own window only.

    >>> band(torch.arange(8).view(1, 2, 4), 3).tolist()  # of the rows 0 1 2 3 and 4 5 6 7
    [[[0, 1, 2], [5, 6, 7]]]

    Args:
        scores: (B, L, M), contiguous, with M of at least L + width - 1. The window of centre l
            stands in the columns l ... l + width - 1.
        width: 2w + 1.

    Returns:
        (B, L, width), a view: what is written there is written to scores.
    """
    B, L, M = scores.shape
    return scores.as_strided((B, L, width), (L * M, M + 1, 1), scores.storage_offset())


def skip_gram_gradients(
    v: Tensor, u: Tensor, is_pair: Tensor, *, negatives: float
) -> tuple[Tensor, Tensor]:
    """Return the gradients of skip-gram with negative sampling for whole blocks.

    The loss is the sum over all pairs of -log s(u . v), and over all K noise words of each block
    of -log s(-u . v), times negatives / K for every pair of the centre v. Its derivative by a
    score u . v is s(u . v) - 1 for a pair, and s(u . v) for noise: how wrong the guess is.

    Args:
        v: vectors of the centres, float, (B, L, D).
        u: context vectors of the words around, and then of K noise words, (B, L + 2w + K, D).
        is_pair: as in `Blocks`, (B, L, 2w + 1).
        negatives: noise words per pair.

    Returns:
        Gradients of v and of u, in their shapes.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the shapes do not fit together, or negatives is not above 0.
    """
    B, L, around = _check_blocks(v, u, is_pair)
    _check_rows(v, u, (B, L), (B, around), is_pair)
    return fast_skip_gram(v, u, is_pair, negatives=real_number("negatives", negatives, above=0))


def fast_skip_gram(
    v: Tensor, u: Tensor, is_pair: Tensor, *, negatives: float
) -> tuple[Tensor, Tensor]:
    """Do what `skip_gram_gradients` does, with arguments that are known to fit."""
    width = is_pair.shape[2]
    n_around = v.shape[1] + width - 1
    weight = is_pair.sum(dim=2, keepdim=True) * (negatives / (u.shape[1] - n_around))
    scores = torch.bmm(v, u.transpose(1, 2))  # (B, L, L + 2w + K)
    errors = torch.zeros_like(scores)
    band(errors, width).copy_((band(scores, width).sigmoid() - 1) * is_pair)
    errors[:, :, n_around:] = scores[:, :, n_around:].sigmoid() * weight
    return torch.bmm(errors, u), torch.bmm(errors.transpose(1, 2), v)


def cbow_gradients(
    v: Tensor, u: Tensor, is_pair: Tensor, *, negatives: float
) -> tuple[Tensor, Tensor]:
    """Return the gradients of CBOW with negative sampling for whole blocks.

    With h the mean vector of a centre's neighbours, the loss is the sum over all centres of
    -log s(u . h), and over all K noise words of each block of -negatives / K log s(-u . h). A
    centre without neighbours adds nothing.

    Args:
        v: vectors of the words around, float, (B, L + 2w, D).
        u: output vectors of the centres, and then of K noise words, (B, L + K, D).
        is_pair: as in `Blocks`, (B, L, 2w + 1).
        negatives: noise words per centre.

    Returns:
        Gradients of v and of u, in their shapes.

    Raises:
        TypeError, ValueError: as `skip_gram_gradients`.
    """
    B, L, around = _check_blocks(v, u, is_pair)
    _check_rows(v, u, (B, around), (B, L), is_pair)
    return fast_cbow(v, u, is_pair, negatives=real_number("negatives", negatives, above=0))


def fast_cbow(v: Tensor, u: Tensor, is_pair: Tensor, *, negatives: float) -> tuple[Tensor, Tensor]:
    """Do what `cbow_gradients` does, with arguments that are known to fit."""
    B, L, width = is_pair.shape
    n_pairs = is_pair.sum(dim=2, keepdim=True)
    shares = v.new_zeros(B, L, L + width - 1)
    band(shares, width).copy_(is_pair / n_pairs.clamp(min=1))
    h = torch.bmm(shares, v)
    centres, noise = u[:, :L], u[:, L:]
    weight = n_pairs.clamp(max=1)  # 0 for a centre without neighbours
    wrong = ((centres * h).sum(dim=2, keepdim=True).sigmoid() - 1) * weight
    errors = torch.bmm(h, noise.transpose(1, 2)).sigmoid() * (weight * negatives / noise.shape[1])
    grad_h = wrong * centres + torch.bmm(errors, noise)
    grad_u = torch.cat([wrong * h, torch.bmm(errors.transpose(1, 2), h)], dim=1)
    return torch.bmm(shares.transpose(1, 2), grad_h), grad_u


def _check_blocks(v: Tensor, u: Tensor, is_pair: Tensor) -> tuple[int, int, int]:
    """Return B, L and L + 2w of whole blocks; refuse what is none."""
    for name, given in (("v", v), ("u", u), ("is_pair", is_pair)):
        tensor(name, given, ndim=3, kind="floating")
        if given.dtype != v.dtype:
            raise TypeError(f"v, u and is_pair must have one dtype, got {v.dtype}, {given.dtype}")
    B, L, width = is_pair.shape
    if not B or not L or width % 2 == 0:
        raise ValueError(
            f"is_pair must be (B, L, 2w + 1), B and L at least 1, got {tuple(is_pair.shape)}"
        )
    return B, L, L + width - 1


def _check_rows(
    v: Tensor, u: Tensor, inputs: tuple[int, int], outputs: tuple[int, int], is_pair: Tensor
) -> None:
    """Refuse tables that do not fit the pairs: v has the inputs, u the outputs and noise words."""
    (B, n_inputs), (_, n_outputs) = inputs, outputs
    n_words = u.shape[1]
    fits = v.shape[:2] == (B, n_inputs) and u.shape[0] == B and n_words > n_outputs
    if not fits or v.shape[2] != u.shape[2] or not u.shape[2]:
        raise ValueError(
            f"for is_pair {tuple(is_pair.shape)}, v must be ({B}, {n_inputs}, D) and u ({B}, "
            f"{n_outputs} + K, D) with K noise words, K and D at least 1; got v {tuple(v.shape)} "
            f"and u {tuple(u.shape)}"
        )


class Table:
    """One vector per word, moved by Adagrad with one step size per vector.

    A vector moves by rate / sqrt(squares) times its gradient; squares begins at 1 and adds up the
    mean squares of all its gradients (Duchi et al., 2011, "Adaptive subgradient methods for online
    learning and stochastic optimization"). At first that is plain gradient descent, and later a
    word that is met often moves less. Plain gradient descent adds up the many gradients of a
    frequent word in one step, and with a small vocabulary the vectors run away.

    Args:
        rows: float32, (V, D); changed in place.

    Attributes:
        rows: as given.
        squares: float32, (V,).
    """

    def __init__(self, rows: Tensor) -> None:
        self.rows = rows
        self.squares = torch.ones(len(rows), device=rows.device)

    def look_up(self, words: Tensor) -> Tensor:
        """Return the vectors of words: (...) numbers give (..., D)."""
        return self.rows.index_select(0, words.flatten()).view(*words.shape, -1)

    def descend(self, words: Tensor, gradients: Tensor, rate: float) -> None:
        """Move the vectors of words against their gradients.

        Args:
            words: numbers of words, int64, (B, M); a word may stand there many times.
            gradients: float32, (B, M, D).
            rate: the learning rate.
        """
        words, gradients = words.flatten(), gradients.flatten(0, 1)
        self.squares.index_add_(0, words, gradients.square().mean(dim=1))
        sizes = self.squares.index_select(0, words).rsqrt_().mul_(-rate)
        self.rows.index_add_(0, words, gradients * sizes.unsqueeze(1))
