"""Refuse a wrong argument in words that name it, say what was given, and what to give instead.

The lowest module of the course: it imports nothing of the course, and no library at import.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

_Kind = TypeVar("_Kind")
_LONGEST = 60  # characters of a value that a message shows


def shown(value: object) -> str:
    """Return the beginning of what Python writes for a value, in one line.

    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    try:
        written = " ".join(repr(value).split())
    except Exception:  # a value that cannot be written must not hide the message
        written = f"a {type(value).__name__}"
    return written if len(written) <= _LONGEST else written[: _LONGEST - 3] + "..."


def whole_number(
    name: str, value: Any, *, least: int | None = None, most: int | None = None
) -> int:
    """Return a whole number that lies in its range.

    Args:
        name: the argument's name, for the message.
        value: what was given; NumPy's whole numbers count, True and False do not.
        least, most: the range, both included; None leaves that side open.

    Raises:
        TypeError: value is not a whole number.
        ValueError: value is outside the range.

    >>> whole_number("seq_len", 0, least=1)
    Traceback (most recent call last):
    ValueError: seq_len must be a whole number of at least 1, got 0
    """
    try:
        number = None if _is_flag(value) else operator.index(value)
    except TypeError:
        number = None
    is_low = number is not None and least is not None and number < least
    if number is None or is_low or (most is not None and number > most):
        limits = _range(least=least, most=most)
        kind = TypeError if number is None else ValueError
        raise kind(f"{name} must be a whole number{limits}, got {shown(value)}")
    return number


def real_number(
    name: str,
    value: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Return a finite number that lies in its range.

    Args:
        name: the argument's name, for the message.
        value: what was given; a tensor or array of one number counts, True, False and text do not.
        least, most: ends of the range that belong to it.
        above, below: ends of the range that do not belong to it.

    Raises:
        TypeError: value is not a number.
        ValueError: value is NaN, infinite, or outside the range.

    >>> real_number("dropout", 1.5, least=0, below=1)
    Traceback (most recent call last):
    ValueError: dropout must be a finite number of at least 0 and below 1, got 1.5
    """
    number = _as_float(value)
    inside = (
        number is not None
        and math.isfinite(number)
        and (least is None or number >= least)
        and (above is None or number > above)
        and (most is None or number <= most)
        and (below is None or number < below)
    )
    if not inside:
        limits = _range(least=least, above=above, most=most, below=below)
        kind = TypeError if number is None else ValueError
        raise kind(f"{name} must be a finite number{limits}, got {shown(value)}")
    return number


def text(name: str, value: Any, *, what: str = "text") -> str:
    """Return a string.

    Raises:
        TypeError: value is not a string; the message says `what` it should be.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be {what} (a string), got {shown(value)}")
    return value


def flag(name: str, value: Any) -> bool:
    """Return True or False.

    Raises:
        TypeError: value is something else; 0, 1 and text are no answers to a yes-no question.
    """
    if not _is_flag(value):
        raise TypeError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def one_of(name: str, value: Any, choices: Iterable[Any]) -> Any:
    """Return a value that is among the choices.

    Raises:
        ValueError: it is not; the message lists the choices.

    >>> one_of("kind", "cnn", ("rnn", "lstm", "gru"))
    Traceback (most recent call last):
    ValueError: kind must be one of 'rnn', 'lstm', 'gru', got 'cnn'
    """
    choices = list(choices)
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return choice
    raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, got {shown(value)}")


def instance(name: str, value: Any, kind: type[_Kind], *, what: str | None = None) -> _Kind:
    """Return a value of a class.

    Args:
        name: the argument's name, for the message.
        value: what was given.
        kind: the class it must belong to.
        what: words for the class and how to get one; None takes the name of the class.

    Raises:
        TypeError: value is of another class.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {what or 'a ' + kind.__name__}, got {shown(value)}")
    return value


def items(name: str, value: Any, *, what: str = "a list", least: int = 0) -> list[Any]:
    """Return what a list, a tuple or another iterable holds; text and bytes are refused.

    Args:
        name: the argument's name, for the message.
        value: what was given.
        what: words for what it should be.
        least: how many items there must be.

    Raises:
        TypeError: value cannot be gone through, or is text.
        ValueError: there are fewer items.
    """
    if isinstance(value, str | bytes):
        raise TypeError(f"{name} must be {what}, got the text {shown(value)}")
    try:
        found = list(value)
    except TypeError:
        raise TypeError(f"{name} must be {what}, got {shown(value)}") from None
    if len(found) < least:
        raise ValueError(f"{name} must hold at least {least}, got {shown(value)}")
    return found


def tensor(
    name: str,
    value: Any,
    *,
    ndim: int | None = None,
    shape: str = "",
    kind: str = "any",
    finite: bool = False,
) -> Tensor:
    """Return a dense tensor with data, of the wanted kind of numbers and number of dimensions.

    Args:
        name: the argument's name, for the message.
        value: what was given.
        ndim: number of dimensions; None takes any.
        shape: words for the shape, such as "(B, T)".
        kind: "any", "floating" (float16 to float64) or "whole" (int64).
        finite: whether NaN and infinite numbers are refused.

    Raises:
        TypeError: value is not a tensor, is sparse or without data, or holds another kind.
        ValueError: value has another number of dimensions, or holds NaN or inf.
    """
    import torch

    form = f" {shape}" if shape else ""
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"{name} must be a tensor{form}, got {shown(value)}")
    if value.layout != torch.strided or value.is_meta:
        raise TypeError(f"{name} must be a dense tensor{form} with data, got {value.layout}")
    if kind == "floating" and not value.is_floating_point():
        raise TypeError(f"{name} must hold floating-point numbers, got {value.dtype}: use .float()")
    if kind == "whole" and value.dtype != torch.int64:
        raise TypeError(f"{name} must be int64, got {value.dtype}: use .long()")
    if ndim is not None and value.ndim != ndim:
        wanted = shape or f"a tensor with {ndim} dimensions"
        raise ValueError(f"{name} must be {wanted}, got the shape {tuple(value.shape)}")
    if finite and not torch.isfinite(value).all():
        raise ValueError(f"{name} must be finite, but NaN or inf is among its numbers")
    return value


def _as_float(value: Any) -> float | None:
    """Return a number as a float, infinite if it is too large for one; None if it is none."""
    if _is_flag(value) or isinstance(value, str | bytes):
        return None
    try:
        return float(value.detach() if hasattr(value, "detach") else value)
    except OverflowError:  # a whole number that no float can hold
        return math.inf
    except (TypeError, ValueError, RuntimeError):
        return None


def _is_flag(value: object) -> bool:
    """Tell whether a value is True or False, Python's or NumPy's."""
    return isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")


def _range(**ends: float | None) -> str:
    """Return words for a range: " of at least 1 and below 5"."""
    words = {"least": "at least", "above": "above", "most": "at most", "below": "below"}
    parts = [f"{words[side]} {end}" for side, end in ends.items() if end is not None]
    if not parts:
        return ""
    return (" of " if parts[0].startswith("at ") else " ") + " and ".join(parts)
