"""Take text and numbers as they are given, or refuse them by the name of the argument."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from course_utils.arguments import items, shown, text, whole_number


def utf8_text(name: str, value: Any) -> str:
    """Return a string that can be written in UTF-8.

    Raises:
        TypeError: value is not a string.
        ValueError: it holds half of a character (a surrogate); the message says where.
    """
    text(name, value, what="one text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} holds half a surrogate pair ({value[error.start]!r}) at position "
            f"{error.start}; it has no UTF-8 form: take it out"
        ) from None
    return value


def whole_numbers(name: str, values: Any, *, what: str) -> list[int]:
    """Return whole numbers as a list of Python's own.

    Args:
        name: the argument's name, for the message.
        values: a list or another iterable, or one row of an array or a tensor.
        what: words for the numbers.

    Raises:
        TypeError: values holds something else; True and False are no numbers.
        ValueError: an array or a tensor is not one row.
    """
    if type(values) is list:
        found = values
    elif hasattr(values, "tolist") and not isinstance(values, type):
        if getattr(values, "ndim", None) != 1:
            raise ValueError(f"{name} must be one row of {what}, got {shown(values)}")
        try:  # at once: a tensor gives its numbers slowly one by one
            found = values.tolist()
        except (RuntimeError, TypeError) as error:
            raise TypeError(f"{name} must be one row of {what} ({error})") from None
    else:
        found = items(name, values, what=f"a list of {what}")
    if set(map(type, found)) <= {int}:
        return found
    return [whole_number(f"{name}[{i}]", value) for i, value in enumerate(found)]


def symbols_of(name: str, values: Any, *, what: str = "a string or a list of words") -> list[str]:
    """Return the symbols of a text: the characters of a string, or the strings of a list.

    Raises:
        TypeError: values is neither, or holds something that is no string.
    """
    if isinstance(values, str):
        return list(values)
    found = items(name, values, what=what)
    if not set(map(type, found)) <= {str}:
        for i, value in enumerate(found):
            text(f"{name}[{i}]", value, what="a symbol")
    return found


def outside(numbers: Iterable[int], size: int) -> tuple[int, int] | None:
    """Return the position and the value of the first number that is not from 0 to size - 1."""
    for position, number in enumerate(numbers):
        if not 0 <= number < size:
            return position, number
    return None
