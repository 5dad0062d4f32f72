"""The parallel scan by doubling: in each round a place joins with one that is twice as far back."""

from __future__ import annotations

from matplotlib.axes import Axes

from course_utils.arguments import whole_number
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    OUTPUT,
    PAST,
    Point,
    arrow,
    box,
    canvas,
    label,
)
from course_utils.plots.inputs import as_count

MAX_STEPS = 10

_LEFT, _RIGHT = 2.1, 8.9  # inches; the names of the rows stand left of the columns
_BOTTOM, _ROW = 1.15, 1.15  # inches; the lowest row, and from one row to the next
_TALL = 0.44


def scan_rounds(n_steps: int = 8, rounds: int = 3) -> Axes:
    """Draw the rounds of a scan by doubling from the bottom to the top.

    A box names the steps that it has joined. In round r a box joins with the one 2 ** r places
    before it, for r = 0, 1, 2 and so on. A green box has joined all steps from 0: it is done. The
    source is Hillis and Steele (1986), "Data Parallel Algorithms".

    Args:
        n_steps: T, from 2 to 10.
        rounds: rounds to draw in colour, from 0 to the number that T needs; later ones are pale.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    n_steps = as_count("n_steps", n_steps, low=2, high=MAX_STEPS)
    needed = rounds_needed(n_steps)
    rounds = as_count("rounds", rounds, low=0, high=needed)
    pitch = (_RIGHT - _LEFT) / n_steps
    xs = [_LEFT + (t + 0.5) * pitch for t in range(n_steps)]
    ax = canvas(_BOTTOM + needed * _ROW + 0.45)
    wide = min(0.66, pitch - 0.1)
    for done in range(needed + 1):
        dim = done > rounds
        y = _BOTTOM + done * _ROW
        _name(ax, y, done)
        for t, x in enumerate(xs):
            _joined(ax, (x, y), t, done, wide=wide, dim=dim)
            if done:
                _arrows(ax, xs, t, done, dim=dim)
    for t, x in enumerate(xs):
        label(ax, (x, _BOTTOM - 0.45), f"t = {t}", size=14)
    label(ax, (0.15, 0.25), _count(n_steps, rounds), size=15, ha="left")
    return ax


def rounds_needed(n_steps: int) -> int:
    """Return after how many rounds the last of n_steps places has joined all of them.

    Args:
        n_steps: T, at least 1.

    Raises:
        TypeError: n_steps is not a whole number.
        ValueError: it is below 1.

    >>> rounds_needed(8), rounds_needed(9)
    (3, 4)
    """
    return (whole_number("n_steps", n_steps, least=1) - 1).bit_length()


def scan_joins(n_steps: int, rounds: int) -> int:
    """Return how many pairs were joined after so many rounds: in round r all places from 2 ** r.

    Args:
        n_steps: T, at least 1.
        rounds: rounds that are done, at least 0.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: n_steps is below 1, or rounds below 0.

    >>> scan_joins(8, 3)
    17
    """
    n_steps = whole_number("n_steps", n_steps, least=1)
    # Later rounds find no pair.
    rounds = min(whole_number("rounds", rounds, least=0), rounds_needed(n_steps))
    return sum(n_steps - 2**r for r in range(rounds))


def _count(n_steps: int, rounds: int) -> str:
    """Return what the rounds cost, beside what a loop costs."""
    so_far = f"{rounds} round{'s' * (rounds != 1)}: {scan_joins(n_steps, rounds)} joins"
    return f"So far {so_far}.   One after another: {n_steps - 1} rounds, {n_steps - 1} joins."


def _name(ax: Axes, y: float, done: int) -> None:
    """Write at the left what happens in a row."""
    name = "the start"
    if done:
        back = 2 ** (done - 1)
        name = f"round {done}: join\n{back} place{'s' * (back > 1)} back"
    label(ax, (0.15, y), name, size=14, ha="left")


def _joined(ax: Axes, at: Point, t: int, done: int, *, wide: float, dim: bool) -> None:
    """Draw what a place has joined after some rounds, such as 2\u20135."""
    first = max(0, t - 2**done + 1)
    text = f"{first}\u2013{t}" if first < t else f"{t}"
    color = INPUT if first else HIDDEN
    size = (wide, _TALL)
    box(ax, at, text, color=color, size=size, dim=dim, letters=14, strength=0.2 if first else 0.4)


def _arrows(ax: Axes, xs: list[float], t: int, done: int, *, dim: bool) -> None:
    """Draw from where a place takes what it joins: itself, and the place before it."""
    low = _BOTTOM + (done - 1) * _ROW + _TALL / 2
    high = _BOTTOM + done * _ROW - _TALL / 2
    look = {"dim": dim, "mutation_scale": 12}
    arrow(ax, (xs[t], low), (xs[t], high), color=PAST, **look)
    back = 2 ** (done - 1)
    if t >= back:
        arrow(ax, (xs[t - back], low), (xs[t] - 0.08, high), color=OUTPUT, **look)
