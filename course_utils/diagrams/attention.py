"""Attention: which earlier letters a place reads, how far it is from the first to the last one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.diagrams.letter_pieces import (
    TALL,
    Columns,
    columns,
    letter,
    letters_of,
    row_names,
)
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    MATHS,
    OUTPUT,
    RECURRENT,
    WIDTH,
    Point,
    arrow,
    box,
    canvas,
    label,
)
from course_utils.plots import INK
from course_utils.plots.inputs import as_count, as_numbers

MAX_SIDE = 6  # letters in each half of the comparison

_LOW, _HIGH = 1.15, 3.0  # inches; the letters, and what the place reads
_THIN, _THICK = 0.8, 14.0  # points; the width of an arrow of weight 0 and of weight 1
_WAY = OUTPUT  # the colour of the way from the first letter to the last answer


def attention_rows(
    letters: Sequence[str] = "the cat", place: int = 4, *, weights: Any | None = None
) -> Axes:
    """Draw what one place reads: an arrow from each place up to itself, as thick as its weight.

    Later places are pale and crossed out: a causal model must not see them.

    Args:
        letters: T letters, from 2 to 14.
        place: the reading place, from 0 to T - 1.
        weights: (place + 1,), what the place gives to itself and to each earlier place; from 0 to
            1 with the sum 1. None draws an example.

    Returns:
        The Axes.

    Raises:
        TypeError: letters is no text and no list of letters, or place is not a whole number.
        ValueError: there are too few or too many letters, one cannot be drawn, place is out of
            range, or weights do not fit.
    """
    names = letters_of("letters", letters)
    place = as_count("place", place, low=0, high=len(names) - 1)
    shares = _weights(weights, place + 1)
    ax, places = canvas(4.1), columns(len(names))
    row_names(ax, {"letters": _LOW, "weights\nin per cent": 0.5, f"place {place}\nreads": _HIGH})
    for t, (x, name) in enumerate(zip(places.xs, names, strict=True)):
        later = t > place
        letter(ax, (x, _LOW), name, width=places.wide, color=INPUT, dim=later)
        if later:
            _cross(ax, (x, _LOW), places.wide)
    x = min(places.xs[place], WIDTH - 0.47)
    box(ax, (x, _HIGH), "mix", color=OUTPUT, size=(0.74, 0.52), letters=15)
    for t, share in enumerate(shares):
        _read(ax, places.xs[t], x, share)
        label(ax, (places.xs[t], 0.5), f"{100 * share:.0f}", size=15)
    label(ax, (WIDTH / 2, 3.75), "Only this place and earlier ones are read", size=16)
    return ax


def _weights(weights: Any | None, count: int) -> np.ndarray:
    """Return the weights as (count,), an example when there are none."""
    if weights is None:
        example = np.exp(-0.5 * ((np.arange(count) * 5 + 3) % 4) - 0.15 * np.arange(count)[::-1])
        return example / example.sum()
    shares = as_numbers("weights", weights, (count,))
    if shares.min() < 0 or abs(shares.sum() - 1) > 1e-3:
        raise ValueError(
            f"weights must be from 0 to 1 with the sum 1, got the sum {shares.sum():.3g}: "
            "apply softmax to the scores"
        )
    return shares


def _cross(ax: Axes, at: Point, wide: float) -> None:
    """Cross out a letter."""
    x, y = at
    half, tall = 0.42 * wide, 0.42 * TALL
    for sign in (1, -1):
        ends = ([x - half, x + half], [y - sign * tall, y + sign * tall])
        ax.plot(*ends, color="#B4B4B4", linewidth=2, zorder=4)


def _read(ax: Axes, start: float, end: float, share: float) -> None:
    """Draw how a letter is read: an arrow as thick as its weight."""
    width = _THIN + (_THICK - _THIN) * share
    ends = ((start, _LOW + TALL / 2), (end + 0.5 * np.clip(start - end, -0.5, 0.5), _HIGH - 0.26))
    arrow(ax, *ends, color=INPUT, linewidth=width, mutation_scale=9 + 1.6 * width, alpha=0.85)


def rnn_or_attention(letters: Sequence[str] = "hello") -> Axes:
    """Draw how an RNN and how attention carry the first letter to the last answer, side by side.

    Args:
        letters: T letters, from 2 to 6.

    Returns:
        The Axes.

    Raises:
        TypeError: letters is no text and no list of letters.
        ValueError: there are too few or too many letters, or one cannot be drawn.
    """
    names = letters_of("letters", letters, high=MAX_SIDE)
    ax, steps = canvas(4.25), len(names) - 1
    ax.plot([WIDTH / 2] * 2, [0.2, 4.0], color="#C4C4C4", linewidth=1.5)
    left = _half(ax, names, WIDTH / 4, "RNN: one state is passed on")
    right = _half(ax, names, 3 * WIDTH / 4, "attention: every place is read")
    _chain(ax, left)
    _all_at_once(ax, right)
    count = f"{steps} step{'s' if steps > 1 else ''}"
    for x, way, kept in (
        (WIDTH / 4, f"T \u2212 1 = {count}", "keeps one state"),
        (3 * WIDTH / 4, "1 step", "keeps every earlier place"),
    ):
        label(ax, (x, 0.75), f"first to last: {way}", size=15)
        label(ax, (x, 0.35), kept, size=15)
    return ax


def _half(ax: Axes, names: list[str], middle: float, title: str) -> Columns:
    """Draw what both halves share, the title and the letters, and return the columns."""
    pitch = 4.0 / len(names)
    xs = [middle + (t - (len(names) - 1) / 2) * pitch for t in range(len(names))]
    places = Columns(tuple(xs), pitch)
    label(ax, (middle, 3.9), title, size=16, weight="bold")
    for x, name in zip(xs, names, strict=True):
        letter(ax, (x, 1.4), name, width=places.wide, color=INPUT)
    return places


def _chain(ax: Axes, places: Columns) -> None:
    """Draw the states of an RNN; the way from the first letter to the last state is thick."""
    low, high, half = 1.4 + TALL / 2, 2.6, min(0.56, places.wide) / 2
    for t, x in enumerate(places.xs):
        look = {"color": INK if t else _WAY, "linewidth": 2 if t else 4}
        arrow(ax, (x, low), (x, high - 0.25), **look)
        box(ax, (x, high), f"$h_{t}$", color=HIDDEN, size=(2 * half, 0.5), letters=MATHS)
    for before, after in pairwise(places.xs):
        ends = ((before + half, high), (after - half, high))
        arrow(ax, *ends, color=_WAY, linewidth=4, mutation_scale=13, zorder=2.5)


def _all_at_once(ax: Axes, places: Columns) -> None:
    """Draw the last place, which reads all letters; the way from the first one is thick."""
    low, high, end = 1.4 + TALL / 2, 3.1, places.xs[-1]
    for t, x in enumerate(places.xs):
        look = {"color": RECURRENT if t else _WAY, "linewidth": 2 if t else 4}
        shift = 0.3 * (t / max(1, len(places.xs) - 1) - 1)
        arrow(ax, (x, low), (end + shift, high - 0.25), zorder=2.5 - 0.1 * t, **look)
    box(ax, (end - 0.1, high), "mix", color=OUTPUT, size=(0.66, 0.5), letters=15)
