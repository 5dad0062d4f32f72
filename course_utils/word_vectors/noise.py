"""Chances from counts: which words are drawn as noise, and which words are left out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.arguments import real_number, shown, tensor
from course_utils.word_vectors.config import checked_threshold


def noise_probabilities(counts: Sequence[int] | Tensor, *, power: float = 0.75) -> Tensor:
    """Return how often every word is drawn as noise: its count to a power, made to sum to 1.

    With power 1 the noise is the text itself, with 0 all words are equally likely; 0.75 is the
    choice of Mikolov et al. (2013), "Distributed representations of words and phrases and their
    compositionality", section 2.2.

    >>> noise_probabilities([81, 16], power=0.5)
    tensor([0.6923, 0.3077])

    Args:
        counts: how often each word stands in the text, (V,), 0 or more.
        power: a finite number; 0 or more is usual.

    Returns:
        float32, (V,), on the device of counts.

    Raises:
        TypeError: counts are not numbers.
        ValueError: counts is empty, not one row, has a negative number, or nothing was counted;
            power is not finite.
    """
    power = real_number("power", power)
    numbers = _numbers(counts)
    # A word that never occurs is never drawn, whatever the power.
    weights = torch.where(numbers > 0, numbers.pow(power), 0.0)
    total = float(weights.sum())
    if not 0 < total < math.inf:  # beyond float64: as shares of the largest they are all up to 1
        met = numbers[numbers > 0]
        logs = power * (numbers / (met.max() if power > 0 else met.min())).log()
        return logs.masked_fill(numbers == 0, -math.inf).softmax(0).float()
    return (weights / total).float()


def keep_probabilities(counts: Sequence[int] | Tensor, *, threshold: float = 1e-3) -> Tensor:
    """Return the chance of every word to stay when frequent words are thinned out.

    With f the share of a word in the text and t the threshold this is min(1, sqrt(t/f) + t/f), the
    form of the word2vec program and of gensim; the paper (Mikolov et al., 2013, "Distributed
    representations of words and phrases and their compositionality", equation 5) has sqrt(t/f).

    >>> keep_probabilities([90, 10], threshold=0.1)
    tensor([0.4444, 1.0000])

    Args:
        counts: how often each word stands in the text, (V,), 0 or more.
        threshold: t, above 0. A word that is rarer than about 2.6 t is always kept.

    Returns:
        float32, (V,), on the device of counts.

    Raises:
        TypeError: counts are not numbers.
        ValueError: counts is empty, not one row, has a negative number, or nothing was counted;
            threshold is not above 0.
    """
    threshold = checked_threshold(threshold)
    numbers = _numbers(counts)
    ratio = threshold * numbers.sum() / numbers  # t / f; infinity for a word that never occurs
    return (ratio.sqrt() + ratio).clamp(max=1).float()


def _numbers(counts: Sequence[int] | Tensor) -> Tensor:
    """Return counts as float64, which holds every whole number up to 2**53."""
    try:
        found = tensor("counts", torch.as_tensor(counts)).detach()
        if found.dtype == torch.bool or found.is_complex():
            raise TypeError(f"got {found.dtype}")
        numbers = found.double()
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        told = f"counts must be one row of numbers, got {shown(counts)} ({error})"
        raise TypeError(told) from None
    if numbers.ndim != 1 or not len(numbers):
        raise ValueError(
            f"counts must be one row with a number per word, got shape {tuple(numbers.shape)}"
        )
    if not bool((numbers >= 0).all()) or not 0 < float(numbers.sum()) < math.inf:
        raise ValueError("counts must be 0 or more, and not all 0; use count_words to count")
    return numbers
