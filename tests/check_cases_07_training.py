"""Solutions and plausible mistakes for lesson 07: training word vectors."""

from __future__ import annotations

import math

import numpy as np
import torch

from course_utils import checks
from course_utils.word_vectors.noise import keep_probabilities


def gradients(
    v, u_pos, u_neg, positive=lambda p: p - 1, negative=lambda n: n, squash=torch.sigmoid
):
    a, b = positive(squash(u_pos @ v)), negative(squash(u_neg @ v))
    return a * u_pos + b @ u_neg, a * v, b[:, None] * v


def gradients_by_autograd(v, u_pos, u_neg):
    given = [part.double().requires_grad_() for part in (v, u_pos, u_neg)]
    v, u_pos, u_neg = given
    log_sigmoid = torch.nn.functional.logsigmoid
    loss = -log_sigmoid(u_pos @ v) - log_sigmoid(-(u_neg @ v)).sum()
    return torch.autograd.grad(loss, given)


def gradients_in_loops(v, u_pos, u_neg):
    v, u_pos, u_neg = v.tolist(), u_pos.tolist(), u_neg.tolist()

    def slope(u, wanted):
        return 1 / (1 + math.exp(-sum(x * y for x, y in zip(u, v, strict=True)))) - wanted

    grad_v = [slope(u_pos, 1) * x for x in u_pos]
    for u in u_neg:
        grad_v = [old + slope(u, 0) * x for old, x in zip(grad_v, u, strict=True)]
    return (
        np.array(grad_v),
        [slope(u_pos, 1) * x for x in v],
        [[slope(u, 0) * x for x in v] for u in u_neg],
    )


def gradients_part(change):
    def wrong(v, u_pos, u_neg):
        grad_v, grad_u_pos, grad_u_neg = gradients(v, u_pos, u_neg)
        n = (u_neg @ v).sigmoid()
        return change(grad_v, grad_u_pos, grad_u_neg, n, u_neg)

    return wrong


def keep(counts, threshold, total=True, largest=1.0, power=0.5, more=1.0, discard=False):
    shares = counts.double() / (counts.sum() if total else 1)
    chances = ((threshold / shares) ** power + more * threshold / shares).clamp(max=largest)
    return 1 - chances if discard else chances


def keep_upside_down(counts, threshold):
    ratio = counts / counts.sum() / threshold
    return (ratio.sqrt() + ratio).clamp(max=1)


def keep_in_place(counts, threshold):
    chances = keep(counts, threshold)
    counts *= 0
    return chances


CASES = {
    checks.check_negative_sampling_gradients: (
        gradients,
        [
            (lambda *a: tuple(-part for part in gradients(*a)), "every sign is turned"),
            (lambda *a: gradients(*a, positive=lambda p: p), "σ - 1, not σ"),
            (
                lambda *a: gradients(*a, positive=lambda p: 1 - p),
                "positive term has the wrong sign",
            ),
            (lambda *a: gradients(*a, negative=lambda n: n - 1), "treated as positives"),
            (lambda *a: gradients(*a, negative=lambda n: -n), "negative terms have the wrong sign"),
            (lambda *a: gradients(*a, negative=lambda n: 1 - n), "needs σ(u_neg · v)"),
            (lambda *a: gradients(*a, squash=lambda x: x), "sigmoid is missing"),
            (lambda *a: gradients(*a, negative=lambda n: n / len(n)), "a SUM"),
            (
                gradients_part(lambda v, p, u, n, u_neg: (v - n @ u_neg + n[0] * u_neg[0], p, u)),
                "ALL negatives",
            ),
            (
                gradients_part(lambda v, p, u, n, u_neg: (v - n @ u_neg + n[-1] * u_neg[-1], p, u)),
                "ALL negatives",
            ),
            (
                gradients_part(lambda v, p, u, n, u_neg: (v - n @ u_neg, p, u)),
                "lacks the terms of the negative",
            ),
            (
                gradients_part(lambda v, p, u, n, u_neg: (n @ u_neg, p, u)),
                "lacks the term of the positive",
            ),
            (
                gradients_part(lambda v, p, u, n, u_neg: (n[:, None] * u_neg, p, u)),
                "one row for each negative word: sum",
            ),
            (gradients_part(lambda v, p, u, n, u_neg: (v, p, u.sum(0))), "do not sum here"),
            (gradients_part(lambda v, p, u, n, u_neg: (p, v, u)), "each other's place"),
            (gradients_part(lambda v, p, u, n, u_neg: (v, p, u.T)), "dimensions are swapped"),
            (gradients_part(lambda v, p, u, n, u_neg: (v, p)), "return the three"),
            (gradients_part(lambda v, p, u, n, u_neg: (v, p, 7 * u)), "grad_u_neg is not right"),
        ],
    ),
    checks.check_keep_probabilities: (
        keep,
        [
            (lambda *a: keep(*a, largest=math.inf), "at most 1: take min"),
            (lambda *a: keep(*a, discard=True), "chance to DISCARD"),
            (lambda *a: 1 - keep(*a, more=0.0), "paper's chance to DISCARD"),
            (lambda *a: keep(*a, total=False), "divide the counts by their sum"),
            (lambda c, t: keep(c, t * c.max() / c.sum()), "the largest count"),
            (lambda *a: keep(*a, more=0.0), "the formula of the paper"),
            (lambda *a: keep(*a, more=0.0, largest=math.inf), "the formula of the paper"),
            (lambda *a: keep(*a, power=1), "square root is missing"),
            (lambda *a: keep(*a, power=1, more=0.0), "square root is missing"),
            (keep_upside_down, "upside down"),
            (lambda *a: keep(*a, largest=math.inf).clamp(min=1), "this is max(1, ...)"),
            (keep_in_place, "work on a copy"),
            (lambda *a: keep(*a) ** 2, "for counts"),
            (lambda *a: keep(*a).sum(), "has shape"),
        ],
    ),
}

# Other ways to be right: loops, NumPy, float64, another order, another source of chance.
ALSO_RIGHT = [
    (checks.check_negative_sampling_gradients, gradients_by_autograd),
    (checks.check_negative_sampling_gradients, gradients_in_loops),
    (checks.check_keep_probabilities, lambda c, t: keep_probabilities(c, threshold=t)),
    (checks.check_keep_probabilities, lambda *a: keep(*a).tolist()),
    (checks.check_keep_probabilities, lambda *a: keep(*a).numpy()),
]
