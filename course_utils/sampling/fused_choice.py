"""From the hidden state of the fast writer to the next symbol: layer norm, readout, draw."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

import numpy as np
import torch

from course_utils.sampling.choosing import checked_scores
from course_utils.sampling.fused_cells import RunningLayer, start_layer
from course_utils.sampling.fused_weights import FusedWeights

MAX_EXPONENT = 600.0  # float64 holds exp(709), but not exp(710)

Score = Callable[[], np.ndarray]


def start_stream(
    weights: FusedWeights, temperature: float, forbid: Sequence[int]
) -> tuple[Callable[[int], None], Score]:
    """Begin a text with a state of zeros.

    Args:
        weights: of the model; they are not changed.
        temperature: the scores are divided by it; at 0 they are left as they are.
        forbid: symbols whose score is -inf.

    Returns:
        read: takes a symbol one step through all layers.
        score: returns the scores of the next symbol, float64, (V,), in an array that is used again
            by the next call.
    """
    layers = [start_layer(layer) for layer in weights.layers]
    steps, table = [layer.step for layer in layers], weights.table

    def read(symbol: int) -> None:
        x = table[symbol]
        for step in steps:
            x = step(x)

    # As in `probabilities`: no number is so small or so large that the quotient fails.
    divisor = min(max(temperature, 1e-30), 1e30) if temperature else 1.0
    return read, _scorer(layers[-1], weights, divisor, forbid)


def _scorer(
    top: RunningLayer, weights: FusedWeights, divisor: float, forbid: Sequence[int]
) -> Score:
    """Return the function `score` of `start_stream`."""
    V, H, eps = len(weights.bias), len(top.hidden), weights.eps
    products, mean = top.onward[:V], top.onward[V:]
    deviations, scores, scale = np.zeros_like(top.hidden), np.zeros(V), np.array(1 / divisor)
    bias = weights.bias / divisor
    bias[[*forbid]] = -np.inf

    def score() -> np.ndarray:
        if eps is not None:
            np.subtract(top.hidden, mean, deviations)
            variance = float(np.dot(deviations, deviations)) / H
            scale[()] = 1 / (divisor * math.sqrt(variance + eps))
        np.copyto(scores, products)
        np.multiply(scores, scale, scores)
        np.add(scores, bias, scores)
        return scores

    return score


def chooser(
    score: Score,
    model: FusedWeights,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
) -> Callable[[float], int]:
    """Return a function that takes a random number and returns the symbol that `draw` would.

    Args:
        score: as from `start_stream`, divided by the temperature.
        model: what it comes from.
        temperature, top_k, top_p: as in `probabilities`.
    """
    if temperature == 0:
        return lambda _: _likeliest(score)
    # exp(score) needs no largest score at 0 where none can be too large.
    is_safe = model.largest <= MAX_EXPONENT * temperature
    sums = np.zeros_like(model.bias)
    ends, last = memoryview(sums), len(sums) - 1  # reads single numbers faster than NumPy

    def choose(u: float) -> int:
        weights = score()
        if not is_safe:
            np.subtract(weights, weights.max(), weights)
        np.exp(weights, weights)
        if top_k is not None or top_p is not None:
            truncate(weights, top_k, top_p)
        np.add.accumulate(weights, 0, None, sums)
        total = ends[last]
        if not 0 < total < math.inf:
            _check(score())
        # u is at most 1 - 2**-53, and such a part of a number is never rounded up to the whole.
        return bisect_right(ends, u * total)

    return choose


def truncate(weights: np.ndarray, top_k: int | None, top_p: float | None) -> None:
    """Set the weights that top_k and top_p leave out to 0, in place.

    >>> weights = np.array([1.0, 5.0, 4.0])
    >>> truncate(weights, 2, None)
    >>> weights.tolist()
    [0.0, 5.0, 4.0]

    Args:
        weights: float64, (V,), in proportion to the probabilities.
        top_k, top_p: as in `probabilities`.
    """
    order = np.argsort(-weights, kind="stable")[:top_k]
    kept = weights[order]
    if top_p is not None and top_p < 1:
        before = kept.cumsum() - kept
        order = order[(before < top_p * (1 - 1e-6) * kept.sum()) | (before == 0)]
        kept = weights[order]
    weights[:] = 0
    weights[order] = kept


def _likeliest(score: Score) -> int:
    """Return the first symbol with the largest score."""
    scores = score()
    symbol = int(scores.argmax())
    if not math.isfinite(scores[symbol]):
        _check(scores)
    return symbol


def _check(scores: np.ndarray) -> None:
    """Raise the error of `probabilities` about scores that are no numbers."""
    checked_scores(torch.from_numpy(scores))
