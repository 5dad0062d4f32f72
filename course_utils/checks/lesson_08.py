"""Checks for the exercises of notebook 08."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.answers import count_of, number_of
from course_utils.checks.grading import grade, hint, need_tensor


def check_chunk_of(answer: Callable[..., Any]) -> None:
    """Check a function (ids, B, T, k) -> inputs, targets, both (B, T), of parallel streams."""
    grade("chunk_of", _examine_chunk, answer)


def _examine_chunk(answer: Callable[..., Any]) -> None:
    import torch

    for N, B, T, k in [(25, 2, 3, 1), (25, 3, 2, 0), (41, 4, 5, 1), (26, 2, 3, 3)]:
        ids = torch.arange(N) * 7 % 43
        starts = torch.arange(B)[:, None] * ((N - 1) // B)
        places = starts + k * T + torch.arange(T)
        got = answer(ids.tolist(), B, T, k)
        if not isinstance(got, tuple) or len(got) != 2:
            hint("return the pair inputs, targets.")
        where = f"for N = {N}, B = {B}, T = {T}, k = {k}"
        for value, name in zip(got, ("inputs", "targets"), strict=True):
            need_tensor(value, (B, T), f"{name} {where}")
        _compare_chunk(got, ids, places, where)


def _compare_chunk(got: tuple[Any, Any], ids: Any, places: Any, where: str) -> None:
    """Name the usual slips in dealing streams."""
    import torch

    (B, T), N = places.shape, len(ids)
    inputs, targets = got
    if inputs.dtype != torch.int64 or targets.dtype != torch.int64:
        hint(f"letters are whole numbers: int64, got {inputs.dtype} and {targets.dtype}.")
    if torch.equal(inputs, targets):
        hint("the targets equal the inputs: a target is the letter AFTER its input.")
    if torch.equal(inputs, ids[places + 1]) and torch.equal(targets, ids[places]):
        hint("inputs and targets are in each other's place.")
    first = int(places[0, 0]) // T * B * T
    in_a_row = (first + torch.arange(B * T)).view(B, T)
    if int(in_a_row.max()) < N and torch.equal(inputs, ids[in_a_row]):
        hint("row b must go on where row b of the chunk before ended; yours reads on in row b + 1.")
    if torch.equal(inputs, ids[places]) and torch.equal(targets, ids[places + 1]):
        return
    if torch.equal(inputs, ids[places]):
        hint("inputs are right; a target is the next letter of the TEXT, also in the last column.")
    if torch.equal(inputs[:1], ids[places[:1]]):
        hint(f"row 0 is right; stream b starts at letter b * ((N - 1) // B), {where}.")
    hint(f"inputs[0, 0] must be letter k * T of the text, {where}.")


def check_total_bits(answer: Callable[..., Any]) -> None:
    """Check a function (losses, lengths) -> bits per character of the whole text."""
    grade("total_bits", _examine_total, answer)


def _examine_total(answer: Callable[..., Any]) -> None:
    for losses, lengths in [([1.5, 1.2, 4.0], [64, 64, 5]), ([2.0], [7]), ([0.7, 2.1], [100, 1])]:
        total = sum(nats * n for nats, n in zip(losses, lengths, strict=True))
        nats = total / sum(lengths)
        value = number_of(answer([*losses], [*lengths]), "the answer")
        plain = sum(losses) / len(losses)
        known = {
            "these are nats: divide by ln 2.": nats,
            "nats times ln 2: DIVIDE by ln 2 to get bits.": nats * math.log(2),
            "the short chunk counts as much as a long one: weight each loss by its length.": (
                plain / math.log(2)
            ),
            "this is the sum over the text: divide by the number of letters.": total / math.log(2),
            "weight by the lengths, and divide by ln 2: neither is done.": plain,
            "a mean loss times its length is a sum: MULTIPLY by the lengths before adding.": (
                sum(losses) / sum(lengths) / math.log(2)
            ),
        }
        right = nats / math.log(2)
        if math.isclose(value, right, rel_tol=1e-6):
            continue
        for text, wrong in known.items():
            if math.isclose(value, wrong, rel_tol=1e-6):
                hint(text)
        hint(f"for losses {losses} and lengths {lengths} it is {right:.4f}, got {value:.4f}.")


def check_keep_top_p(answer: Callable[..., Any]) -> None:
    """Check a function (chances (V,), p) -> chances (V,) with the tail cut off."""
    grade("keep_top_p", _examine_top_p, answer)


def _examine_top_p(answer: Callable[..., Any]) -> None:
    import torch

    from course_utils.sampling import probabilities

    chances = torch.tensor([0.05, 0.4, 0.1, 0.3, 0.15], dtype=torch.float64)
    for p in (0.6, 0.75, 0.2, 0.85, 1.0):
        given = chances.clone()
        got = answer(given, p)
        need_tensor(got, (5,), f"the answer for p = {p}")
        if not torch.equal(given, chances):
            hint("your function changes its argument: work on a copy.")
        right = probabilities(chances.log(), top_p=p)
        if not torch.allclose(got.double(), right, atol=1e-6):
            _explain_top_p(got.double(), right, chances, p)


def _explain_top_p(got: Any, right: Any, chances: Any, p: float) -> None:
    """Name the usual slips of top-p."""
    import torch

    kept, wanted = int((got > 0).sum()), int((right > 0).sum())
    if torch.allclose(got, chances * (right > 0), atol=1e-6):
        hint("the right letters, but their sum is below 1: divide by the sum.")
    if torch.allclose(got, right.sort(descending=True).values, atol=1e-6):
        hint("the values are sorted: put each one back at the place of its letter.")
    if torch.allclose(got, (chances * (right > 0)).softmax(0), atol=1e-6):
        hint("dividing by the sum is enough: a softmax changes the ratios.")
    in_order = (chances.cumsum(0) - chances < p - 1e-9) * 1.0
    if torch.equal((got > 0) * 1.0, in_order) and not torch.equal(in_order, (right > 0) * 1.0):
        hint("sort first: the likeliest letters are kept, wherever they stand.")
    if not got.isfinite().all() or kept == int((chances >= p).sum()) != wanted + 1:
        hint("p is a limit for the SUM of the likeliest letters, not for each letter.")
    if kept == wanted - 1:
        hint(f"one letter too few for p = {p}: the letter that reaches the share p is kept too.")
    if kept == wanted + 1:
        hint(f"one letter too many for p = {p}: stop as soon as the sum reaches p.")
    hint(f"for p = {p} the answer is {right.tolist()}, got {got.tolist()}.")


def check_best_unit(answer: Callable[..., Any]) -> None:
    """Check a function (states (T, H), feature (T,)) -> (unit, correlation)."""
    grade("best_unit", _examine_unit, answer)


def _examine_unit(answer: Callable[..., Any]) -> None:
    import torch

    from course_utils.probing import unit_correlations

    generator = torch.Generator().manual_seed(8)
    feature = torch.randn(60, generator=generator, dtype=torch.float64) + 3
    states = 0.6 * torch.randn(60, 5, generator=generator, dtype=torch.float64)
    states[:, 1] += 0.5 * feature
    states[:, 3] = 2 - 0.05 * feature + 0.01 * states[:, 3]  # follows best, with a minus
    states[:, 4] = 30.0  # never changes
    _compare_unit(answer, states, feature, unit_correlations(states, feature))
    plus = states[:, [4, 1, 0]]
    _compare_unit(answer, plus, feature, unit_correlations(plus, feature))


def _compare_unit(answer: Callable[..., Any], states: Any, feature: Any, right: Any) -> None:
    """Compare an answer with the correlations of all units."""
    got = answer(states.clone(), feature.clone())
    if not isinstance(got, tuple) or len(got) != 2:
        hint("return the pair (unit, correlation).")
    wanted, unit = int(right.abs().argmax()), _unit(got[0], len(right))
    r = math.nan if _is_nan(got[1]) else number_of(got[1], "the correlation")
    _explain_unit(unit, r, states, feature)
    if math.isnan(r) or (unit == 4 and len(right) == 5) or (unit == 0 and len(right) == 3):
        hint("a unit that never changes has the correlation 0: do not divide by 0 there.")
    if unit == int(right.argmax()) != wanted:
        hint("the largest ABSOLUTE correlation counts: a unit may follow with a minus.")
    if unit != wanted:
        hint(f"the unit is {wanted} here, got {unit}.")
    true, T = float(right[unit]), len(feature)
    if math.isclose(r, -true, abs_tol=1e-6):
        hint("the unit is right; give its correlation with its sign.")
    if math.isclose(r, true * (T - 1) / T, rel_tol=1e-6):
        hint("mean() divides by T and std() by T - 1: divide by T in both (correction=0).")
    if not math.isclose(r, true, abs_tol=1e-6):
        hint(f"the unit is right; its correlation is {true:.4f}, got {r:.4f}.")


def _unit(value: Any, count: int) -> int:
    """Read the number of a unit."""
    unit = count_of(value, "the unit")
    if unit not in range(count):
        hint(f"the unit is a whole number from 0 to {count - 1}, got {unit}.")
    return int(unit)


def _is_nan(value: Any) -> bool:
    """Say whether a number is NaN, as where a unit that never changes is divided by 0."""
    return bool(getattr(value, "isnan", lambda: value != value)())  # noqa: PLR0124


def _explain_unit(unit: int, r: float, states: Any, feature: Any) -> None:
    """Name the quantity that was computed in place of a correlation."""
    import torch

    spread = (states - states.mean(0)) * (feature - feature.mean())[:, None]
    level = "subtract the means first: a correlation ignores the level."
    for values, text in [
        (torch.nn.functional.cosine_similarity(states, feature[:, None], dim=0), level),
        ((states * feature[:, None]).mean(0), level),
        (spread.mean(0), "this is the covariance: divide by both standard deviations."),
    ]:
        if math.isclose(r, float(values[unit]), rel_tol=1e-3) and values[unit].abs() > 1e-3:
            hint(text)
