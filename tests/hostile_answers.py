"""What a student's function may answer: anything, and answers that are wrong in one place."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import numpy as np
import torch

from course_utils.checks.grading import is_plain


class Odd:
    """An object that says that it is equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        raise RuntimeError("cannot be written")


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("says nothing")


def junk() -> list[Any]:
    """Return answers that are right for no exercise."""
    plain = [None, True, False, "text", "", "\ud800", "a\nb" * 200, b"\xff", math.nan, math.inf]
    plain += [1j, 10**400, -1, 1e308, object(), print, int, Odd(), Random, {"a"}, {1: None}, {}]
    nested = [[], (), [None], [[]], (None, None), [math.nan] * 3, ["a", 1], [["a"]], [[1], [2, 3]]]
    nested += [("a", "b"), (1, 2, 3), [Odd()] * 4, (Odd(), Odd()), [torch.ones(2)], range(3)]
    arrays = [np.array([]), np.float32("nan"), np.array(["a"]), np.array([None]), np.ones((2, 3))]
    tensors = [torch.tensor(math.nan), torch.zeros(0), torch.ones(2, 3, 1, 5), torch.tensor([True])]
    tensors += [torch.full((4,), math.nan), torch.ones(3, device="meta"), torch.ones(3).to_sparse()]
    tensors += [torch.ones(3, dtype=torch.complex64), torch.ones(3, requires_grad=True)]
    shaped = [torch.full(shape, math.nan) for shape in [(2,), (3, 2), (5,), (4, 3), (2, 4, 1)]]
    pairs = [(a, b) for a in (torch.ones(2), math.nan, None) for b in (torch.ones(2), math.nan)]
    return [*plain, *nested, *arrays, *tensors, *shaped, *pairs]


def raising() -> list[BaseException | type[BaseException]]:
    """Return what a student's code may raise."""
    kinds = [
        ValueError,
        KeyError,
        RecursionError,
        MemoryError,
        StopIteration,
        SystemExit,
        SilentError,
    ]
    return [*kinds, ValueError("two\nlines\r\n\u2028of \ud800"), RuntimeError("x" * 20_000)]


def odd_functions() -> list[Callable[..., Any]]:
    """Return functions that cannot be called, or not as the exercise says, and classes."""
    return [
        lambda: 1,
        lambda a, b, c, d, e, f, g: 1,
        int,
        str,
        list,
        dict,
        torch.Tensor,
        Odd,
        print,
    ]


def wrong_ways(value: Any, random: Random, *, ordered: bool = True) -> Iterator[Any]:
    """Yield answers that differ from a right one in one place.

    Args:
        value: the right answer.
        random: chooses the places.
        ordered: whether the order of a list counts.
    """
    if isinstance(value, torch.Tensor):
        yield from _wrong_tensors(value, random)
    elif isinstance(value, bool | int | float | np.number):
        size = max(1.0, abs(float(value)))
        yield from (
            math.nan,
            math.inf,
            None,
            [value, value],
            "1",
            value + size * random.choice((1, -3, 0.5)),
        )
    elif isinstance(value, str):
        at = random.randrange(len(value) + 1)
        yield from (value[:at] + "q" + value[at:], value + "\x00", None, [value], value.encode())
        if value:
            yield value[:-1]
    elif isinstance(value, dict):
        yield from _wrong_dicts(value, random)
    elif isinstance(value, list | tuple):
        yield from _wrong_lists(value, random, ordered)


def _wrong_tensors(value: torch.Tensor, random: Random) -> Iterator[Any]:
    yield from (None, value[None], value.to("meta"), value.to(torch.complex64), value * math.nan)
    if value.ndim:
        yield from (value[:0], torch.cat([value, value]), value.to_sparse())
    if value.numel():
        for change in (math.nan, random.choice((0.2, -1.0, 3.0)), 1e30):
            changed = value.detach().double().clone()
            changed.view(-1)[random.randrange(value.numel())] += change
            yield changed
            whole = not value.is_floating_point() and math.isfinite(change)
            yield changed.long() if whole and abs(change) == 1 else changed.float()


def _wrong_dicts(value: dict, random: Random) -> Iterator[Any]:
    key = random.choice(list(value))
    yield {name: part for name, part in value.items() if name != key}
    for wrong in wrong_ways(value[key], random):
        yield {**value, key: wrong}


def _wrong_lists(value: list | tuple, random: Random, ordered: bool) -> Iterator[Any]:
    kind = type(value)
    yield from (None, kind([*value, None]), kind([*value, "a"]))
    if not len(value):
        yield kind([0])
        return
    at = random.randrange(len(value))
    yield kind([*value[:at], *value[at + 1 :]])
    yield kind([*value, value[at]])
    if ordered and not equal(value[0], value[-1]):
        yield kind([value[-1], *value[1:-1], value[0]])
    for wrong in wrong_ways(value[at], random, ordered=ordered):
        yield kind([*value[:at], wrong, *value[at + 1 :]])


def equal(a: Any, b: Any) -> bool:
    """Tell whether two answers are the same."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return (
            a.shape == b.shape
            and is_plain(a)
            and torch.allclose(a.double(), b.double(), 1e-6, 1e-9)
        )
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9)
    return type(a) is type(b) and bool(a == b)


def copied(value: Any) -> Any:
    """Return a copy of an argument; functions and generators stay what they are."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, list | tuple):
        return type(value)(map(copied, value))
    return copy.deepcopy(value) if isinstance(value, dict | set) else value


def spoil(value: Any) -> None:
    """Change an argument in place, as deep as it goes."""
    if isinstance(value, torch.Tensor):
        value.data.zero_()
    elif isinstance(value, dict):
        for part in value.values():
            spoil(part)
        if value and not isinstance(next(iter(value.values())), torch.Tensor):
            value.update(dict.fromkeys(value, 0))
    elif isinstance(value, list):
        for part in value:
            spoil(part)
        value[:] = value[::-1]
