"""Columns, letters and hidden states for the pictures of character networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.arguments import shown
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    MATHS,
    OUTPUT,
    RECURRENT,
    SMALL,
    Point,
    arrow,
    box,
    label,
    path_arrow,
)
from course_utils.plots import INK
from course_utils.plots.inputs import visible

MAX_LETTERS = 14  # more columns leave no room for letters that can be read
TALL = 0.42  # inches; height of a letter's box
STATE = 0.5  # inches; height of a hidden state's box
DASHES = (0, (3, 2))

_SIGNS = 3  # in one symbol: "<S>" still fits into its box
_LEFT, _RIGHT = 1.5, 8.9  # inches; the names of the rows stand left of the columns
_WIDEST = 1.7


@dataclass(frozen=True)
class Columns:
    """One column per step: their middles, and the width of a box, in inches."""

    xs: tuple[float, ...]
    pitch: float

    @property
    def wide(self) -> float:
        return min(0.66, self.pitch - 0.13)

    @property
    def cell(self) -> float:
        """Return the width of a cell with a number in it."""
        return min(0.66, self.pitch - 0.06)

    @property
    def gaps(self) -> list[float]:
        """Return the middle of the space between each column and the next one."""
        return [(x + after) / 2 for x, after in pairwise(self.xs)]


def columns(count: int) -> Columns:
    """Return so many columns, in the middle of the page's right part."""
    pitch = min(_WIDEST, (_RIGHT - _LEFT) / count)
    middle = (_LEFT + _RIGHT) / 2
    return Columns(tuple(middle + (t - (count - 1) / 2) * pitch for t in range(count)), pitch)


def letters_of(
    name: str, word: Sequence[str], *, low: int = 2, high: int = MAX_LETTERS
) -> list[str]:
    """Return the letters of a word as they are drawn.

    Args:
        name: the argument's name, for the error.
        word: a text, or a list of letters; a special symbol such as ``"<S>"`` counts as one.
        low: the smallest number of letters.
        high: the largest number.

    Returns:
        The letters, a blank as a sign that can be seen.

    Raises:
        TypeError: word is neither a text nor a list of texts.
        ValueError: there are too few or too many letters, or one cannot be drawn.
    """
    letters = list(word) if isinstance(word, Sequence) else [word]
    if not isinstance(word, Sequence) or not all(isinstance(letter, str) for letter in letters):
        raise TypeError(f"{name} must be a text or a list of letters, got {shown(word)}")
    if not letters:
        raise ValueError(f"{name} is empty: give from {low} to {high} letters")
    if not low <= len(letters) <= high:
        raise ValueError(f"{name} must have from {low} to {high} letters, got {len(letters)}")
    long = [letter for letter in letters if len(letter) > _SIGNS]
    if long:
        raise ValueError(f"{name} holds {shown(long[0])}: a letter has at most {_SIGNS} signs here")
    return [visible(letter, name) for letter in letters]


def letter(ax: Axes, at: Point, text: str, *, width: float, color: str, **options: object) -> None:
    """Draw a letter in a box; options are those of `box`."""
    box(ax, at, color=color, size=(width, TALL), **{"strength": 0.35} | options)
    # The sign of a blank hangs far below the line, and "<S>" is wide: both need a smaller size.
    size = 17 if len(text) == 1 and (text.isascii() or text.isalnum()) else SMALL
    label(ax, at, text, size=size, zorder=5, parse_math=False)


def cell(ax: Axes, corner: Point, size: Point, text: str, **options: object) -> None:
    """Draw one cell of a grid from its lower left corner; options are those of `Rectangle`.

    Two more options are for the text: weight ("bold"), and ink, its colour.
    """
    words = {"weight": options.pop("weight", "normal"), "color": options.pop("ink", INK)}
    look = {"facecolor": "white", "edgecolor": "#8C8C8C", "linewidth": 1.2, "zorder": 2} | options
    ax.add_patch(Rectangle(corner, *size, **look))
    if text:
        middle = (corner[0] + size[0] / 2, corner[1] + size[1] / 2)
        label(ax, middle, text, zorder=6, parse_math=False, **words)


def hidden_states(ax: Axes, places: Columns, y: float) -> None:
    """Draw a hidden state per column, each with an arrow from the one before; the first from 0."""
    half = places.wide / 2
    scale = 15 if places.pitch > 0.8 else 8
    first = places.xs[0] - half
    label(ax, (first - 0.43, y), "0", size=15)
    arrow(ax, (first - 0.3, y), (first, y), color=RECURRENT, mutation_scale=min(scale, 12))
    for before, after in pairwise(places.xs):
        ends = ((before + half, y), (after - half, y))
        arrow(ax, *ends, color=RECURRENT, mutation_scale=scale, zorder=2.5)
    for t, x in enumerate(places.xs):
        size = (places.wide, STATE)
        box(ax, (x, y), f"$h_{{{t}}}$", color=HIDDEN, size=size, letters=MATHS)


def upwards(ax: Axes, places: Columns, low: float, high: float, *, color: str) -> None:
    """Draw an arrow in every column from one height to another."""
    for x in places.xs:
        arrow(ax, (x, low), (x, high), color=color, mutation_scale=12)


def read_and_answer(ax: Axes, places: Columns, rows: tuple[float, float, float]) -> None:
    """Draw what the test-time pictures share: the hidden states and the arrows to and from them.

    Args:
        ax: a page.
        places: the columns.
        rows: heights of the inputs, the hidden states and the answers, inches.
    """
    low, middle, high = rows
    hidden_states(ax, places, middle)
    upwards(ax, places, low + TALL / 2, middle - STATE / 2, color=INPUT)
    upwards(ax, places, middle + STATE / 2, high - TALL / 2, color=OUTPUT)
    row_names(ax, {"input": low, "hidden\nstate": middle, "answer": high})


def row_names(ax: Axes, rows: Mapping[str, float]) -> None:
    """Write at the left what each row is: name -> height of its middle, inches."""
    for name, y in rows.items():
        label(ax, (0.2, y), name, size=14, ha="left")


def feed_back(
    ax: Axes, places: Columns, t: int, rows: tuple[float, float, float], **options: object
) -> None:
    """Draw the dashed way on which the answer at step t becomes the input at step t + 1."""
    low, _, high = rows
    under = low - TALL / 2 - 0.26
    side, gap, end = places.xs[t] + places.wide / 2, places.gaps[t], places.xs[t + 1]
    points = [(side, high), (gap, high), (gap, under), (end, under), (end, low - TALL / 2)]
    path_arrow(ax, points, color=OUTPUT, **{"linestyle": DASHES} | options)
