"""Solutions and plausible mistakes for the exercises of lesson 08."""

from __future__ import annotations

import math

import torch

from course_utils import checks
from course_utils.probing import unit_correlations


def chunk(ids, B, T, k, shift=1, dtype=torch.int64, swap=False, step=None):
    starts = torch.arange(B)[:, None] * ((len(ids) - 1) // B)
    places = starts + k * (T if step is None else step) + torch.arange(T)
    numbers = torch.tensor(ids, dtype=dtype)
    pair = numbers[places], numbers[places + shift]
    return pair[::-1] if swap else pair


def chunk_in_a_row(ids, B, T, k):
    places = (k * B * T + torch.arange(B * T)).view(B, T) % (len(ids) - 1)
    numbers = torch.tensor(ids)
    return numbers[places], numbers[places + 1]


def chunk_of_equal_thirds(ids, B, T, k):
    starts = torch.arange(B)[:, None] * (len(ids) // B - 1)
    places = starts + k * T + torch.arange(T)
    numbers = torch.tensor(ids)
    return numbers[places], numbers[places + 1]


LN_2 = math.log(2)


def total(losses, lengths, weigh=True, mean=True, factor=1 / LN_2):
    lengths = lengths if weigh else [1] * len(losses)
    value = sum(nats * n for nats, n in zip(losses, lengths, strict=True)) * factor
    return value / sum(lengths) if mean else value


def top_p(chances, p, more=0, divide=True, back=True):
    ordered, order = chances.sort(descending=True)
    n = int((ordered.cumsum(0) < p - 1e-9).sum()) + 1 + more
    kept = ordered * (torch.arange(len(ordered)) < n)
    kept = kept / kept.sum() if divide else kept
    return torch.zeros_like(chances).scatter(0, order, kept) if back else kept


def top_p_in_place(chances, p):
    right = top_p(chances, p)
    chances.copy_(right)
    return right


def top_p_unsorted(chances, p):
    kept = chances * (chances.cumsum(0) - chances < p - 1e-9)
    return kept / kept.sum()


def each_above(chances, p):
    kept = chances * (chances >= p)
    return kept / kept.sum()


def softmax_of_kept(chances, p):
    return top_p(chances, p, divide=False).softmax(0)


def unit(states, feature, largest=torch.Tensor.abs):
    r = unit_correlations(states, feature)
    best = int(largest(r).argmax())
    return best, float(r[best])


def unit_without_care(states, feature):
    spread, own = states - states.mean(0), feature - feature.mean()
    r = (spread * own[:, None]).mean(0) / (spread.std(0, correction=0) * own.std(correction=0))
    return int(r.abs().argmax()), float(r[r.abs().argmax()])


def unit_mixed(states, feature):
    best, r = unit(states, feature)
    return best, r * (len(feature) - 1) / len(feature)


def unit_by_cosine(states, feature):
    r = torch.nn.functional.cosine_similarity(states, feature[:, None], dim=0)
    return int(r.abs().argmax()), float(r[r.abs().argmax()])


def unit_by_products(states, feature, center=False):
    if center:
        states, feature = states - states.mean(0), feature - feature.mean()
        values = (states * feature[:, None]).mean(0)
    else:
        values = (states[:, :4] * feature[:, None]).mean(0)
    best = int(values.abs().argmax())
    return best, float(values[best])


CASES = {
    checks.check_chunk_of: (
        chunk,
        [
            (lambda *a: chunk(*a, shift=0), "AFTER its input"),
            (lambda *a: chunk(*a, swap=True), "in each other's place"),
            (lambda *a: chunk(*a, dtype=torch.float32), "whole numbers"),
            (lambda *a: chunk(*a)[0], "return the pair"),
            (chunk_in_a_row, "reads on in row b + 1"),
            (chunk_of_equal_thirds, "stream b starts at letter"),
            (lambda *a: chunk(*a, step=1), "must be letter k * T"),
            (lambda *a: (chunk(*a)[0], chunk(*a)[0].roll(-1, 1)), "also in the last column"),
            (lambda *a: tuple(part.T for part in chunk(*a)), "dimensions are swapped"),
        ],
    ),
    checks.check_total_bits: (
        total,
        [
            (lambda *a: total(*a, factor=1), "these are nats"),
            (lambda *a: total(*a, factor=math.log(2)), "DIVIDE by ln 2"),
            (lambda *a: total(*a, weigh=False), "weight each loss"),
            (lambda *a: total(*a, mean=False), "divide by the number of letters"),
            (lambda *a: total(*a, weigh=False, factor=1), "neither is done"),
            (lambda losses, n: sum(losses) / sum(n) / LN_2, "MULTIPLY by the lengths"),
            (lambda *a: 1.0, "it is"),
        ],
    ),
    checks.check_keep_top_p: (
        top_p,
        [
            (lambda *a: top_p(*a, divide=False), "divide by the sum"),
            (lambda *a: top_p(*a, more=-1), "one letter too few"),
            (lambda *a: top_p(*a, more=1), "one letter too many"),
            (lambda *a: top_p(*a, back=False), "sorted"),
            (softmax_of_kept, "a softmax changes the ratios"),
            (top_p_unsorted, "sort first"),
            (top_p_in_place, "work on a copy"),
            (each_above, "limit for the SUM"),
            (lambda *a: top_p(*a).tolist(), "must be a torch.Tensor"),
        ],
    ),
    checks.check_best_unit: (
        unit,
        [
            (lambda *a: unit(*a, largest=torch.Tensor.clone), "largest ABSOLUTE"),
            (unit_without_care, "never changes"),
            (unit_by_products, "subtract the means"),
            (unit_by_cosine, "subtract the means"),
            (unit_mixed, "divide by T in both"),
            (lambda *a: unit_by_products(*a, center=True), "the covariance"),
            (lambda *a: (unit(*a)[0], abs(unit(*a)[1])), "with its sign"),
            (lambda *a: unit(*a)[0], "return the pair"),
            (lambda *a: (2, 0.0), "the unit is"),
        ],
    ),
}
