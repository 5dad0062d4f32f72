"""Checks for the exercises of notebook 09 about time: the scan, and one step with a cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from course_utils.checks.answers import explain, numbers_of, same
from course_utils.checks.grading import grade, hint

OVERWRITTEN = "a step reads places that it has changed: put the new values in a new tensor."


def check_scan_by_doubling(answer: Callable[..., Any]) -> None:
    """Check a function (a, b), each (B, T, H) -> h with h_t = a_t h_{t-1} + b_t, (B, T, H)."""
    grade("scan_by_doubling", _examine_scan, answer)


def _examine_scan(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(3)
    for B, T, H in [(2, 8, 3), (3, 7, 2), (1, 13, 4), (2, 1, 2)]:
        a = torch.rand(B, T, H, generator=generator) * 0.8 + 0.2
        b = torch.randn(B, T, H, generator=generator)
        got = numbers_of(_scanned(answer, a, b), (B, T, H), "h")
        right = _scan(a.double(), b.double())
        known = [*_wrong_scans(a.double(), b.double()), *_overwritten(a, b)]
        wrong = [t for t in range(T) if not same(got[:, t], right[:, t])]
        at = f"for T = {T} h is wrong from t = {wrong[0]} on." if wrong else ""
        explain(got, right, known, at + " Shift by 1, 2, 4, ... and combine (a, b) each time.")
    _examine_rounds(answer)


def _scanned(answer: Callable[..., Any], a: Any, b: Any) -> Any:
    """Return what the function answers; explain tensors that overlap or change."""
    import torch

    given = a.clone(), b.clone()
    try:
        got = answer(*given)
    except NotImplementedError:
        raise
    except RuntimeError as error:
        if "single memory location" not in str(error):
            raise
        hint(OVERWRITTEN)
    if not torch.equal(given[0], a) or not torch.equal(given[1], b):
        hint("your function changes its arguments: work on copies (clone).")
    return got


def _examine_rounds(answer: Callable[..., Any]) -> None:
    """Count the calls of torch for a long sequence: there must be about log2 T rounds."""
    import torch

    calls = 0

    class Counter(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            nonlocal calls
            calls += 1
            return function(*args, **(kwargs or {}))

    T = 1024
    generator = torch.Generator().manual_seed(5)
    a = torch.rand(2, T, 2, generator=generator)
    b = torch.randn(2, T, 2, generator=generator)
    with Counter():
        got = answer(a.clone(), b.clone())
    got = numbers_of(got, (2, T, 2), "h")
    if not same(got, _scan(a.double(), b.double())):
        for text, wrong in _overwritten(a, b):
            if same(got, wrong):
                hint(text)
        hint(
            f"right for short sequences, wrong for T = {T}: a product of many a is 0 in the "
            "computer, so nothing may be divided by it. Combine neighbours instead."
        )
    if calls > T:
        hint(f"the values are right, but T = {T} took {calls} operations: no loop over t.")


def _overwritten(a: Any, b: Any) -> Iterator[tuple[str, Any]]:
    """Yield what doubling gives where a step writes into the places that it reads."""
    if len(b) == 1:  # PyTorch notices this one by itself
        return
    for b_first in (True, False):
        a_now, b_now, s = a.clone(), b.clone(), 1
        while s < b.shape[1]:
            if b_first:
                b_now[:, s:] += a_now[:, s:] * b_now[:, :-s]
            a_now[:, s:] *= a_now[:, :-s]
            if not b_first:
                b_now[:, s:] += a_now[:, s:] * b_now[:, :-s]
            s *= 2
        yield OVERWRITTEN, b_now.double()


def _scan(a: Any, b: Any) -> Any:
    """Return h step by step."""
    import torch

    h, steps = torch.zeros_like(b[:, 0]), []
    for t in range(b.shape[1]):
        h = a[:, t] * h + b[:, t]
        steps.append(h)
    return torch.stack(steps, dim=1)


def _doubled(a: Any, b: Any, *, rounds: int | None = None, slip: str = "") -> Any:
    """Return h by doubling, with a slip."""
    import torch

    T = b.shape[1]
    rounds = math.ceil(math.log2(T)) if rounds is None else rounds
    for i in range(rounds):
        s = 1 if slip == "shift" else min(2**i, T)
        a_back = torch.cat([torch.ones_like(a[:, :s]), a[:, :-s]], 1)
        b_back = torch.cat([torch.zeros_like(b[:, :s]), b[:, :-s]], 1)
        if slip == "roll":
            a_back, b_back = a.roll(s, 1), b.roll(s, 1)
        if slip == "order":
            b = torch.where(torch.arange(T)[:, None] < s, b, a_back * b + b_back)
        else:
            b = (a * a_back if slip == "late" else a) * b_back + b
        a = a if slip == "same a" else a * a_back
    return b


def _wrong_scans(a: Any, b: Any) -> Iterator[tuple[str, Any]]:
    """Yield pairs (hint, the answer that this mistake gives)."""

    T = b.shape[1]
    yield "a is not used: this is the running sum of b.", b.cumsum(1)
    yield "nothing is combined yet: this is b.", b
    yield (
        "one round only: go on with the shifts 2, 4, ... while they are below T.",
        _doubled(a, b, rounds=1),
    )
    if T & (T - 1):
        few = math.floor(math.log2(T))
        yield (
            f"one round too few: T = {T} is no power of two, round log2 T UP.",
            _doubled(a, b, rounds=few),
        )
    yield (
        "one round too few: go on while the shift is below T.",
        _doubled(a, b, rounds=max(0, math.ceil(math.log2(T)) - 1)),
    )
    late = "b needs the OLD a: compute the new b first, or both before you replace one."
    yield late, _doubled(a, b, slip="late")
    yield (
        "the order is wrong: the LATER a multiplies the earlier b: a_t * b_earlier + b_t.",
        _doubled(a, b, slip="order"),
    )
    yield (
        "a must be combined in every round too: a becomes a * a_earlier.",
        _doubled(a, b, slip="same a"),
    )
    yield "the shift must double: 1, 2, 4, ...", _doubled(a, b, slip="shift")
    yield (
        "roll brings the end of a sequence to its beginning: nothing stands before t = 0.",
        _doubled(a, b, slip="roll"),
    )
    yield (
        "time is dimension 1 of (B, T, H); you scan over dimension 0.",
        _scan(a.transpose(0, 1), b.transpose(0, 1)).transpose(0, 1),
    )
    backwards = _scan(a.flip(1), b.flip(1)).flip(1)
    yield "this runs backwards in time: h_t needs h_{t-1}.", backwards


def check_attend_one(answer: Callable[..., Any]) -> None:
    """Check a function (q_t (B, D), keys (B, t, D), values (B, t, D)) -> (B, D)."""
    grade("attend_one", _examine_attend, answer)


def _examine_attend(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(11)
    for B, t, D in [(3, 5, 4), (2, 6, 3), (2, 1, 3)]:
        q = torch.randn(B, D, generator=generator)
        keys, values = torch.randn(2, B, t, D, generator=generator)
        got = answer(q.clone(), keys.clone(), values.clone())
        shape = getattr(got, "shape", None)
        if shape in [(B, t), (B, 1, t), (B, t, 1)] and shape != (B, D):
            hint("these are the weights, one for each place: multiply them with the values.")
        if shape == (B, 1, D):
            hint("the answer has shape (B, 1, D): take the dimension of length 1 away.")
        if shape == (B, t, D) and t > 1:
            hint("the answer has one row for each place: sum over the places, dimension 1.")
        got = numbers_of(got, (B, D), "the answer")
        right = _attend(q, keys, values)
        wanted = [round(value, 3) for value in right[0].tolist()]
        explain(got, right, _wrong_attends(q, keys, values), f"row 0 should be {wanted} here.")


def _attend(q: Any, keys: Any, values: Any, *, scale: float | None = None, over: int = 1) -> Any:
    """Return one step of attention in float64; the options are the usual slips."""
    scores = (keys.double() @ q.double()[:, :, None])[:, :, 0]
    scores = scores / (math.sqrt(q.shape[1]) if scale is None else scale)
    return (scores.softmax(over)[:, :, None] * values.double()).sum(1)


def _wrong_attends(q: Any, keys: Any, values: Any) -> Iterator[tuple[str, Any]]:
    """Yield pairs (hint, the answer that this mistake gives)."""
    t, D = keys.shape[1:]
    root = "divide the scores by sqrt(D), as in causal_attention."
    yield root, _attend(q, keys, values, scale=1)
    yield root + " Yours are divided by D.", _attend(q, keys, values, scale=D)
    yield (
        root + " Yours are divided by the root of the number of places.",
        _attend(q, keys, values, scale=math.sqrt(t)),
    )
    yield root + " Yours are multiplied by it.", _attend(q, keys, values, scale=1 / math.sqrt(D))
    yield (
        "the softmax goes over the batch: it must go over the places of one row.",
        _attend(q, keys, values, over=0),
    )
    nothing = "no mask is needed: the cache holds only places up to now, and all of them count."
    if t > 1:
        yield nothing, _attend(q, keys[:, :-1], values[:, :-1])
        yield nothing, _attend(q, keys[:, 1:], values[:, 1:])
        yield nothing, values[:, 0].double()
    yield "the weights multiply the values, not the keys.", _attend(q, keys, keys)
    yield "the weights come from the keys, not from the values.", _attend(q, values, values)
    yield (
        "every place has the same weight here: use the softmax of q · key.",
        values.double().mean(1),
    )
    scores = (keys.double() @ q.double()[:, :, None])[:, :, 0] / math.sqrt(D)
    yield "the softmax is missing.", (scores[:, :, None] * values.double()).sum(1)
