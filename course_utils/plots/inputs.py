"""What figures ask of the numbers and letters that they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.font_manager import FontProperties, findfont, get_font

# A blank would leave its box empty: it is drawn as a sign that can be seen.
_BLANKS = {" ": "\u2423", "\n": "\u21b5", "\t": "\u21e5"}


def as_numbers(name: str, values: Any, shape: tuple[int | str, ...]) -> np.ndarray:
    """Return values as float64 of the wanted shape.

    Args:
        name: the argument's name, for the error.
        values: numbers: nested lists, an array, or a tensor on any device.
        shape: a whole number for each known size, a letter for each free one.

    Returns:
        An array of that shape.

    Raises:
        ValueError: values are no numbers, have another shape, or are not all finite.

    >>> as_numbers("scores", [[1, 2]], ("T", 2))
    array([[1., 2.]])
    """
    if hasattr(values, "detach"):  # a tensor, which may want gradients or live on a GPU
        values = values.detach().cpu().double()
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be rows of numbers, got {values!r:.60}") from error
    fits = array.ndim == len(shape) and all(
        isinstance(wanted, str) or size == wanted
        for size, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits or not array.size:
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise ValueError(f"{name} must have the shape ({wanted}), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, but nan or inf is among them")
    return array


def visible(symbol: str) -> str:
    """Return what to draw for a symbol: itself, or a sign for a blank.

    Raises:
        ValueError: the symbol is empty, or the font has no picture for it.

    >>> visible("a"), visible(" ")
    ('a', '␣')
    """
    if not symbol:
        raise ValueError("a letter is empty, so that it cannot be drawn: leave it out")
    drawn = _BLANKS.get(symbol, symbol)
    font = get_font(findfont(FontProperties()))
    if not all(font.get_char_index(ord(sign)) for sign in drawn):
        raise ValueError(
            f"the letter {symbol!r} cannot be drawn: the font {font.family_name} lacks it; "
            "use another letter"
        )
    return drawn
