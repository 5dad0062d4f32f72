"""What figures ask of the numbers, letters and words that they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.arguments import instance, items, shown, text, whole_number
from course_utils.plots.glyphs import in_default_font, writable

LARGEST = 1e30  # a figure's own arithmetic needs room above its numbers
LONGEST = 120  # signs of a title or of the name of an axis
_LINES = 3

# A blank would leave its box empty: it is drawn as a sign that can be seen.
_BLANKS = {" ": "\u2423", "\n": "\u21b5", "\t": "\u21e5"}


def as_numbers(name: str, values: Any, shape: tuple[int | str, ...]) -> np.ndarray:
    """Return values as float64 of the wanted shape.

    Args:
        name: the argument's name, for the error.
        values: numbers: nested lists, an array, or a tensor on any device. True and False in an
            array count as 1 and 0.
        shape: a whole number for each known size, a letter for each free one.

    Returns:
        An array of that shape.

    Raises:
        ValueError: values are no numbers, have another shape, are not all finite, or too large to
            be drawn (above 1e30).

    >>> as_numbers("scores", [[1, 2]], ("T", 2))
    array([[1., 2.]])
    """
    array = any_numbers(name, values)
    fits = array.ndim == len(shape) and all(
        isinstance(wanted, str) or size == wanted
        for size, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits or not array.size:
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} must have the shape ({wanted}), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, but nan or inf is among them")
    if np.abs(array).max() > LARGEST:
        raise ValueError(f"{name} must be at most {LARGEST:g} to be drawn, got {array.max():g}")
    return array


def any_numbers(name: str, values: Any) -> np.ndarray:
    """Return values as float64 of whatever shape; NaN and inf may be among them.

    Raises:
        ValueError: values are no numbers, or are rows of different lengths.
    """
    if hasattr(values, "detach"):  # a tensor, which may want gradients or live on a GPU
        values = _plain_tensor(name, values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        array = np.asarray(None)
    if array.dtype.kind not in "biuf":  # text, None, complex numbers, rows of different lengths
        raise ValueError(f"{name} must be rows of numbers, got {shown(values)}")
    with np.errstate(over="ignore"):
        return array.astype(float)


def _plain_tensor(name: str, values: Any) -> np.ndarray:
    """Return the numbers of a tensor as an array."""
    import torch

    dense = values.layout == torch.strided and not values.is_meta
    if not dense or values.is_complex() or values.is_quantized:
        raise ValueError(f"{name} must be rows of numbers, got a tensor of {values.dtype} without")
    return values.detach().cpu().double().numpy()


def visible(symbol: Any, name: str = "letters") -> str:
    """Return what to draw for a symbol: itself, or a sign for a blank.

    Args:
        symbol: one letter, or a word.
        name: the argument that it came with, for the error.

    Raises:
        TypeError: the symbol is no text.
        ValueError: the symbol is empty, or the font has no picture for it.

    >>> visible("a"), visible(" ")
    ('a', '\u2423')
    """
    text(f"a symbol in {name}", symbol)
    if not symbol:
        raise ValueError(f"{name}: a letter is empty, so that it cannot be drawn: leave it out")
    drawn = _BLANKS.get(symbol, symbol)
    if not all(map(in_default_font, drawn)):
        raise ValueError(
            f"{name}: {shown(symbol)} cannot be drawn: the font DejaVu Sans lacks it; "
            "use another letter"
        )
    return drawn


def as_symbols(
    name: str, values: Any, *, least: int = 1, most: int, longest: int = 12
) -> list[str]:
    """Return letters or words as they are drawn.

    Args:
        name: the argument's name, for the error.
        values: a text, whose letters are taken, or a list of letters or words.
        least: how many there must be.
        most: how many there may be.
        longest: signs of one of them.

    Raises:
        TypeError: values is no text and no list of texts.
        ValueError: there are too few or too many, or one is empty, too long or has no picture.
    """
    what = "a text or a list of letters"
    symbols = list(values) if isinstance(values, str) else items(name, values, what=what)
    if not least <= len(symbols) <= most:
        raise ValueError(f"{name} must be from {least} to {most}, got {len(symbols)}")
    drawn = [visible(symbol, name) for symbol in symbols]
    for symbol in drawn:
        if len(symbol) > longest:
            raise ValueError(f"{name}: {shown(symbol)} is longer than {longest} signs: shorten it")
    return drawn


def as_names(name: str, values: Any, *, longest: int = 40) -> list[str]:
    """Return a list of names, each a text of a length that can be read; none may be empty.

    Raises:
        TypeError: values is no list of texts.
        ValueError: a name is empty or too long.
    """
    names = (
        items(name, values, what="a list of names") if not isinstance(values, str) else [*values]
    )
    for one in names:
        text(f"each name in {name}", one)
        if not 1 <= len(one) <= longest:
            raise ValueError(f"{name}: a name must have 1 to {longest} signs, got {shown(one)}")
    return names


def written(name: str, value: Any, *, longest: int = LONGEST) -> tuple[str, dict[str, Any]]:
    """Return words as they are drawn, a box for each sign that no font holds, and how.

    Args:
        name: the argument's name, for the error.
        value: a text of at most 3 lines.
        longest: signs that it may have.

    Returns:
        The text, and options for `Axes.text`: no mathematics, so that a dollar sign is one.

    Raises:
        TypeError: value is no text.
        ValueError: it is too long.

    >>> written("title", "$5 a_b")[0]
    '$5 a_b'
    """
    words = text(name, value)
    if len(words) > longest or words.count("\n") >= _LINES:
        signs = f"{longest} signs in {_LINES} lines"
        raise ValueError(f"{name} must have at most {signs} to be read, got {shown(words)}")
    drawn, fonts = writable(words)
    return drawn, {"fontfamily": fonts, "parse_math": False}


def tick_names(names: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Return names for the ticks of an axis as they are drawn, and options for their texts."""
    drawn = [writable(name) for name in names]
    fonts = {"fontfamily": drawn[0][1]} if drawn else {}
    return [name for name, _ in drawn], {**fonts, "parse_math": False}


def as_count(name: str, value: Any, *, low: int = 1, high: int) -> int:
    """Return a whole number from low to high.

    Raises:
        TypeError: value is not a whole number.
        ValueError: value is outside the range.
    """
    number = whole_number(name, value)
    if not low <= number <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {shown(number)}")
    return number


def as_axes(name: str, value: Any) -> Axes:
    """Return the Axes to draw on.

    Raises:
        TypeError: value is something else.
    """
    return instance(name, value, Axes, what="the Axes to draw on, such as plots.new_figure()[1]")
