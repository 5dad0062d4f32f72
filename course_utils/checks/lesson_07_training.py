"""Checks for the exercises of notebook 07 about training word vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from course_utils.checks.answers import explain, numbers_of, same
from course_utils.checks.grading import grade, hint


def check_negative_sampling_gradients(answer: Callable[..., Any]) -> None:
    """Check a function (v (D,), u_pos (D,), u_neg (K, D)) -> the three gradients."""
    grade("negative_sampling_gradients", _examine_gradients, answer)


def _examine_gradients(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(4)
    for K, D in [(3, 4), (5, 2), (1, 3)]:
        v, u_pos = torch.randn(2, D, generator=generator)
        u_neg = torch.randn(K, D, generator=generator)
        got = answer(v.clone(), u_pos.clone(), u_neg.clone())
        if not isinstance(got, (tuple, list)) or len(got) != 3:
            hint("return the three gradients: grad_v, grad_u_pos, grad_u_neg.")
        if getattr(got[0], "shape", None) == (K, D):
            hint("grad_v has one row for each negative word: sum them, v is one vector.")
        if getattr(got[2], "shape", None) == (D,):
            hint("grad_u_neg needs one row for each negative word, (K, D): do not sum here.")
        shapes = {"grad_v": (D,), "grad_u_pos": (D,), "grad_u_neg": (K, D)}
        read = [
            numbers_of(part, shapes[name], name) for part, name in zip(got, shapes, strict=True)
        ]
        _compare_gradients(read, v.double(), u_pos.double(), u_neg.double())


def _compare_gradients(got: list[Any], v: Any, u_pos: Any, u_neg: Any) -> None:
    """Name the mistake that explains every gradient that is wrong."""
    x, y = u_pos @ v, u_neg @ v
    p, n = x.sigmoid(), y.sigmoid()
    right = _gradients(v, u_pos, u_neg, p - 1, n)
    wrong = [i for i in range(3) if not same(got[i], right[i])]
    known = [
        ("every sign is turned: this is MINUS the gradient, the direction that helps.", 1 - p, -n),
        ("the positive word needs σ - 1, not σ: its score should go up.", p, n),
        ("the positive term has the wrong sign: it is (σ(u_pos · v) - 1).", 1 - p, n),
        (
            "the negatives are treated as positives: for them the factor is σ, not σ - 1.",
            p - 1,
            n - 1,
        ),
        ("the negative terms have the wrong sign: the factor is +σ(u_neg · v).", p - 1, -n),
        ("σ(-u · v) is 1 - σ(u · v): a negative word needs σ(u_neg · v).", p - 1, 1 - n),
        ("the sigmoid is missing: the factors are σ(u · v) - 1 and σ(u · v).", x - 1, y),
        (
            "the loss is a SUM over the negatives, not a mean: do not divide by K.",
            p - 1,
            n / len(n),
        ),
        ("grad_v must also sum over ALL negatives: one of them is not enough.", p - 1, _only(n, 0)),
        (
            "grad_v must also sum over ALL negatives: one of them is not enough.",
            p - 1,
            _only(n, -1),
        ),
        ("grad_v lacks the term of the positive word, (σ(u_pos · v) - 1) u_pos.", 0 * p, n),
        (
            "grad_v lacks the terms of the negative words: add σ(u_neg · v) u_neg for each.",
            p - 1,
            0 * n,
        ),
    ]
    swapped = (right[1], right[0], right[2])
    if wrong and all(same(got[i], swapped[i]) for i in wrong):
        hint("grad_v and grad_u_pos are in each other's place: the order is v, u_pos, u_neg.")
    for text, a, b in known:
        guess = _gradients(v, u_pos, u_neg, a, b)
        if wrong and all(same(got[i], guess[i]) for i in wrong):
            hint(text)
    if wrong:
        name = ("grad_v", "grad_u_pos", "grad_u_neg")[wrong[0]]
        value = [round(number, 4) for number in right[wrong[0]].flatten().tolist()]
        hint(f"{name} is not right: its numbers are {value} here.")


def _gradients(v: Any, u_pos: Any, u_neg: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Return the gradients for given slopes of the loss: a () and b (K,)."""
    return a * u_pos + b @ u_neg, a * v, b[:, None] * v


def _only(values: Any, i: int) -> Any:
    """Return the values with zeros in all places but one."""
    kept = values.clone().zero_()
    kept[i] = values[i]
    return kept


def check_keep_probabilities(answer: Callable[..., Any]) -> None:
    """Check a function (counts (V,), threshold) -> the chance to keep each word, (V,)."""
    grade("keep_probabilities", _examine_keep, answer)


def _examine_keep(answer: Callable[..., Any]) -> None:
    import torch

    for numbers, t in [([60, 25, 10, 4, 1], 0.05), ([5000, 3, 7], 1e-3), ([9], 0.2)]:
        counts = torch.tensor(numbers)
        given = counts.clone()
        got = numbers_of(answer(given, t), (len(numbers),), "the answer")
        if not torch.equal(given, counts):
            hint("your function changes its argument: work on a copy.")
        keep = [round(value, 4) for value in _keep(t * counts.sum() / counts).tolist()]
        explain(
            got,
            _keep(t * counts.sum() / counts.double()),
            _wrong_keep(counts.double(), t),
            f"for counts {numbers} and threshold {t} it is {keep}.",
        )


def _keep(ratio: Any) -> Any:
    """Return min(1, sqrt(t / f) + t / f) for the ratio t / f."""
    return (ratio.sqrt() + ratio).clamp(max=1)


def _wrong_keep(counts: Any, t: float) -> Iterator[tuple[str, Any]]:
    """Yield pairs (hint, the answer that this mistake gives)."""
    ratio = t * counts.sum() / counts
    yield "a probability is at most 1: take min(1, ...).", ratio.sqrt() + ratio
    yield (
        "this is the chance to DISCARD a word: 1 minus it is the chance to keep it.",
        1 - _keep(ratio),
    )
    share = "f is a share: divide the counts by their sum."
    yield share, _keep(t / counts)
    yield share + " (Here they are divided by the largest count.)", _keep(t * counts.max() / counts)
    yield "sqrt(t / f) alone is the formula of the paper: add t / f.", ratio.sqrt().clamp(max=1)
    yield "sqrt(t / f) alone is the formula of the paper: add t / f.", ratio.sqrt()
    discard = (1 - ratio.sqrt()).clamp(min=0)
    yield "this is the paper's chance to DISCARD a word: keep with sqrt(t / f) + t / f.", discard
    yield "the square root is missing: sqrt(t / f) + t / f.", ratio.clamp(max=1)
    yield "the square root is missing: sqrt(t / f) + t / f.", (2 * ratio).clamp(max=1)
    yield "the ratio is upside down: it is t / f, small for a frequent word.", _keep(1 / ratio)
    yield (
        "this is max(1, ...): a probability is at most 1, take min.",
        (ratio.sqrt() + ratio).clamp(min=1),
    )
