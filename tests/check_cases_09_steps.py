"""Solutions and plausible mistakes for lesson 09: the scan, and one step with a cache."""

from __future__ import annotations

import math

import numpy as np
import torch

from course_utils import checks


def scan_in_loop(a, b):
    h, steps = torch.zeros_like(b[:, 0]), []
    for t in range(b.shape[1]):
        h = a[:, t] * h + b[:, t]
        steps.append(h)
    return torch.stack(steps, 1)


def scan(a, b, rounds=math.ceil, shift=2, keep_a=False, late=False, swap=False):
    a, b = a.clone(), b.clone()
    for i in range(rounds(math.log2(b.shape[1]))):
        s = shift**i
        new_a, earlier = a.clone(), b[:, :-s]
        new_a[:, s:] = a[:, s:] * a[:, :-s]
        if swap:
            later = a[:, :-s] * b[:, s:] + earlier
        else:
            later = (new_a if late else a)[:, s:] * earlier + b[:, s:]
        b = torch.cat([b[:, :s], later], 1)
        a = a if keep_a else new_a
    return b


def scan_in_halves(a, b):
    """Join neighbours, scan half as many places, then fill in the places between."""
    if b.shape[1] == 1:
        return b
    n = b.shape[1] // 2 * 2
    first, second = b[:, 0:n:2], b[:, 1:n:2]
    odd = scan_in_halves(a[:, 0:n:2] * a[:, 1:n:2], a[:, 1:n:2] * first + second)
    h = b.clone()
    h[:, 1:n:2] = odd
    rest = h[:, 2::2].shape[1]
    h[:, 2::2] = a[:, 2::2] * odd[:, :rest] + b[:, 2::2]
    return h


def scan_in_numpy(a, b):
    a, b, s = a.numpy().astype(float), b.numpy().astype(float), 1
    while s < b.shape[1]:
        ones = np.pad(a[:, :-s], ((0, 0), (s, 0), (0, 0)), constant_values=1)
        b, a = a * np.pad(b[:, :-s], ((0, 0), (s, 0), (0, 0))) + b, a * ones
        s *= 2
    return b


def scan_by_dividing(a, b):
    products = a.cumprod(1)
    return products * (b / products).cumsum(1)


def scan_by_rolling(a, b):
    s = 1
    while s < b.shape[1]:
        a, b, s = a * a.roll(s, 1), a * b.roll(s, 1) + b, 2 * s
    return b


def scan_onto_itself(a, b):
    a, b, s = a.clone(), b.clone(), 1
    while s < b.shape[1]:
        b[:, s:] += a[:, s:] * b[:, :-s]
        a[:, s:] *= a[:, :-s]
        s *= 2
    return b


def scan_in_place(a, b):
    b[:] = scan(a, b)
    return b


def scan_over_the_batch(a, b):
    return scan_in_loop(a.transpose(0, 1), b.transpose(0, 1)).transpose(0, 1)


def one(q, keys, values, scale=None, over=1):
    scores = (keys @ q[:, :, None])[:, :, 0] / (q.shape[1] ** 0.5 if scale is None else scale)
    return (scores.softmax(over)[:, :, None] * values).sum(1)


def one_in_loops(q, keys, values):
    q, keys, values = q.tolist(), keys.tolist(), values.numpy().astype(float)
    rows = []
    for b, query in enumerate(q):
        scores = [sum(x * y for x, y in zip(query, key, strict=True)) for key in keys[b]]
        weights = np.exp(np.array(scores) / math.sqrt(len(query)))
        rows.append(weights @ values[b] / weights.sum())
    return rows


def one_weights(q, keys, values):
    return ((keys @ q[:, :, None])[:, :, 0] / q.shape[1] ** 0.5).softmax(1)


def one_by_torch(q, keys, values):
    attend = torch.nn.functional.scaled_dot_product_attention
    return attend(q[:, None], keys, values)[:, 0]


CASES = {
    checks.check_scan_by_doubling: (
        scan,
        [
            (lambda *a: scan(*a, rounds=math.floor), "no power of two"),
            (lambda *a: scan(*a, rounds=lambda n: max(0, math.ceil(n) - 1)), "one round too few"),
            (lambda *a: scan(*a, rounds=lambda n: min(1, math.ceil(n))), "one round only"),
            (lambda *a: scan(*a, late=True), "the OLD a"),
            (lambda *a: scan(*a, swap=True), "the order is wrong"),
            (lambda *a: scan(*a, keep_a=True), "combined in every round"),
            (lambda *a: scan(*a, shift=1), "the shift must double"),
            (scan_by_rolling, "roll brings"),
            (scan_onto_itself, "in a new tensor"),
            (scan_in_place, "work on copies"),
            (scan_in_loop, "no loop over t"),
            (scan_by_dividing, "nothing may be divided"),
            (lambda a, b: b.cumsum(1), "running sum"),
            (lambda a, b: b.clone(), "nothing is combined yet"),
            (scan_over_the_batch, "time is dimension 1"),
            (lambda a, b: scan(a.flip(1), b.flip(1)).flip(1), "backwards"),
            (lambda a, b: scan(a, b)[:, 1:], "has shape"),
            (lambda a, b: 2 * scan(a, b), "combine (a, b) each time"),
        ],
    ),
    checks.check_attend_one: (
        one,
        [
            (lambda *a: one(*a, scale=1), "divide the scores by sqrt(D)"),
            (lambda q, *a: one(q, *a, scale=q.shape[1]), "divided by D"),
            (lambda q, k, v: one(q, k, v, scale=k.shape[1] ** 0.5), "number of places"),
            (lambda q, *a: one(q, *a, scale=q.shape[1] ** -0.5), "multiplied by it"),
            (lambda *a: one(*a, over=0), "over the batch"),
            (lambda q, k, v: one(q, k[:, :-1], v[:, :-1]), "no mask is needed"),
            (lambda q, k, v: one(q, k[:, 1:], v[:, 1:]), "no mask is needed"),
            (one_weights, "these are the weights"),
            (lambda q, k, v: one(q, k, k), "multiply the values"),
            (lambda q, k, v: one(q, v, v), "come from the keys"),
            (lambda q, k, v: v.mean(1), "the same weight"),
            (lambda *a: one(*a)[:, None], "of length 1 away"),
            (lambda q, k, v: one_weights(q, k, v)[:, :, None] * v, "sum over the places"),
            (lambda *a: 2 * one(*a), "row 0 should be"),
        ],
    ),
}

# Other ways to be right: loops, NumPy, float64, torch's own function, another order of work.
ALSO_RIGHT = [
    (checks.check_scan_by_doubling, scan_in_halves),
    (checks.check_scan_by_doubling, scan_in_numpy),
    (checks.check_attend_one, one_in_loops),
    (checks.check_attend_one, one_by_torch),
]
