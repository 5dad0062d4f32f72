"""Read what a student's function answers, and compare it with what it could mean."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

from course_utils.arguments import shown
from course_utils.checks.grading import hint, is_plain, need_tensor


def numbers_of(value: Any, shape: tuple[int, ...], what: str) -> Any:
    """Read an answer as a float64 tensor; hint unless it holds numbers in this shape.

    Args:
        value: the answer: a tensor of any type, an array, or nested lists of numbers.
        shape: the shape that it must have.
        what: what the value is, for the hint.

    Returns:
        A float64 tensor of this shape, without gradient, on the CPU.
    """
    tensor = _tensor_of(value, what)
    need_tensor(tensor, shape, what)
    return tensor


def _tensor_of(value: Any, what: str) -> Any:
    import torch

    if value is None:
        hint(f"{what} is None: does your function end with return?")
    if isinstance(value, torch.Tensor):
        if not is_plain(value):
            hint(f"{what} must hold real numbers, got {value.dtype}, {value.layout}.")
        return value.detach().cpu().double()
    if hasattr(value, "tolist"):  # an array, or one number of an array
        value = value.tolist()
    if isinstance(value, (list, tuple)) and len(value) > 0:
        rows = [_tensor_of(row, what) for row in value]
        if len({row.shape for row in rows}) > 1:
            hint(f"{what} holds rows of different shapes.")
        return torch.stack(rows)
    try:
        return torch.tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        hint(f"{what} must hold numbers, got {type(value).__name__}.")


def number_of(value: Any, what: str) -> float:
    """Read an answer as one number; a tensor with one element is a number too.

    Args:
        value: the answer.
        what: what the value is, for the hint.
    """
    if isinstance(value, (list, tuple, str, bytes)):
        hint(f"{what} must be one number, got {type(value).__name__}: {shortly(value)}.")
    tensor = _tensor_of(value, what)
    if tensor.numel() != 1:
        hint(f"{what} must be one number, got shape {tuple(tensor.shape)}.")
    if math.isnan(tensor.item()):
        hint(f"{what} is NaN (not a number): is something divided by 0?")
    return tensor.item()


def count_of(value: Any, what: str = "the answer") -> float:
    """Read an answer as one number that should be whole: an int if it is, else a float.

    Args:
        value: the answer.
        what: what the value is, for the hint.
    """
    number = number_of(value, what)
    if math.isinf(number):
        hint(f"{what} is infinite: is something divided by 0?")
    return int(number) if number == int(number) else number


def whole_numbers_of(value: Any, what: str) -> list[int]:
    """Read an answer as a list of whole numbers.

    Args:
        value: the answer: a list or a tuple.
        what: what the value is, for the hint.
    """
    if value is None:
        hint(f"{what} is None: does your function end with return?")
    if not isinstance(value, (list, tuple)):
        hint(f"{what} must be a list, got {type(value).__name__} (a tensor has .tolist()).")
    try:
        if not any(isinstance(item, bool) for item in value):
            return [operator.index(item) for item in value]
    except TypeError:
        pass
    hint(f"{what} must hold whole numbers, got {shortly(value)}.")


def shortly(value: Any) -> str:
    """Return the beginning of what Python writes for a value, in one line."""
    return shown(value)


def same(a: Any, b: Any) -> bool:
    """Say whether two float64 tensors agree up to rounding in float32 (NaN equals NaN)."""
    import torch

    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)


def close(a: Any, b: Any, *, atol: float = 1e-6) -> bool:
    """Say whether two tensors agree up to rounding, whatever their type of numbers."""
    import torch

    a, b = (part.detach().cpu().double() for part in (a, b))
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-5, atol=atol)


def explain(got: Any, right: Any, known: Iterable[tuple[str, Any]], otherwise: str) -> None:
    """Hint at the known mistake that gives this answer, if the answer is wrong.

    Args:
        got: float64 tensor, the answer.
        right: float64 tensor, the right answer.
        known: pairs of a hint and the answer that this mistake gives, in order of preference.
        otherwise: the hint for any other wrong answer.
    """
    if same(got, right):
        return
    for text, wrong in known:
        if same(got, wrong):
            hint(text)
    if not got.isfinite().all():
        hint("the answer holds NaN or inf: is something divided by 0, or a whole row masked?")
    hint(otherwise)
