"""The scores of one block of words: with its own words, and with the negatives that it shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from course_utils.diagrams.letter_pieces import cell
from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    WIDTH,
    Point,
    canvas,
    label,
    tint,
)
from course_utils.diagrams.words import text_width
from course_utils.plots.inputs import as_count, as_symbols

_CELL = 0.4  # inches; side of a cell
_BETWEEN = 1.0  # inches between the two tables
_NAMES = 14  # points
_LOW = 0.85  # inches; the lower side of the tables
_POSITIVE = ({"facecolor": tint(INPUT, 0.45), "weight": "bold"}, "+")
_NEGATIVE = ({"facecolor": tint(OUTPUT, 0.35)}, "\u2212")
_UNUSED = ({"facecolor": "white", "edgecolor": "#C4C4C4"}, "")
LONGEST = 14  # signs in a word


@dataclass(frozen=True)
class _Tables:
    """The places of the two tables, in inches."""

    words: list[str]
    negatives: list[str]

    @property
    def left(self) -> float:
        """Return the left side of the first table; the names of its rows stand left of it."""
        names = max(text_width(word, _NAMES) for word in self.words) + 0.1
        wide = names + (len(self.words) + len(self.negatives)) * _CELL + _BETWEEN
        return (WIDTH - wide) / 2 + names

    @property
    def right(self) -> float:
        return self.left + len(self.words) * _CELL + _BETWEEN

    @property
    def top(self) -> float:
        return _LOW + len(self.words) * _CELL

    @property
    def names(self) -> float:
        """Return the height of the longest name above the columns."""
        return max(text_width(word, _NAMES) for word in (*self.words, *self.negatives))


def shared_negatives(
    words: Sequence[str] = ("the", "quick", "brown", "fox", "jumps", "over", "the", "lazy"),
    negatives: Sequence[str] = ("sun", "tree", "of", "king"),
    *,
    window: int = 2,
) -> Axes:
    """Draw the two tables of scores of one block of words.

    Each cell is the inner product of a centre (its row) with a context word (its column). In the
    first table the pairs inside the window are positive, and the other cells are not used. The
    columns of the second table are negatives, which all centres of the block share.

    Args:
        words: the block, from 3 to 9 words.
        negatives: from 1 to 5 words that were drawn as noise.
        window: words at each side of a centre that belong to its context, from 1 to 4.

    Returns:
        The Axes.

    Raises:
        TypeError: window is not a whole number, or words or negatives is no list of texts.
        ValueError: there are too few or too many words, one of them cannot be drawn, or window is
            out of range.
    """
    words = as_symbols("words", words, least=3, most=9, longest=LONGEST)
    negatives = as_symbols("negatives", negatives, most=5, longest=LONGEST)
    window = as_count("window", window, high=4)
    tables = _Tables(words, negatives)
    ax = canvas(tables.top + tables.names + 0.95)
    for row, word in enumerate(tables.words):
        y = tables.top - (row + 1) * _CELL
        look = {"size": _NAMES, "ha": "right", "parse_math": False}
        label(ax, (tables.left - 0.1, y + _CELL / 2), word, **look)
        for col in range(len(words)):
            positive = 0 < abs(row - col) <= window
            _score(ax, (tables.left + col * _CELL, y), _POSITIVE if positive else _UNUSED)
        for col in range(len(negatives)):
            _score(ax, (tables.right + col * _CELL, y), _NEGATIVE)
    _headings(ax, tables)
    _legend(ax)
    return ax


def _score(ax: Axes, corner: Point, kind: tuple[dict[str, object], str]) -> None:
    look, sign = kind
    cell(ax, corner, (_CELL, _CELL), sign, **look)


def _headings(ax: Axes, tables: _Tables) -> None:
    """Write the words above the columns, and what each table is."""
    high = tables.top + tables.names + 0.55
    for left, names, title in (
        (tables.left, tables.words, "words of the block"),
        (tables.right, tables.negatives, "shared\nnegatives"),
    ):
        for col, word in enumerate(names):
            at = (left + (col + 0.5) * _CELL, tables.top + 0.08)
            look = {"rotation": 90, "va": "bottom", "parse_math": False}
            label(ax, at, word, size=_NAMES, **look)
        middle = left + len(names) * _CELL / 2
        label(ax, (middle, high), title, size=15, weight="bold", va="center")
    x = (tables.left + len(tables.words) * _CELL + tables.right) / 2
    label(ax, (x, (tables.top + _LOW) / 2), "and", size=15)
    label(ax, (tables.left - 0.1, tables.top + 0.25), "centres", size=15, ha="right", weight="bold")


def _legend(ax: Axes) -> None:
    """Write under the tables what training does with each kind of cell."""
    notes = ((_POSITIVE, "raise"), (_NEGATIVE, "lower"), (_UNUSED, "not used"))
    for number, (kind, note) in enumerate(notes):
        x = 2.0 + number * 1.85
        _score(ax, (x, 0.2), kind)
        label(ax, (x + _CELL + 0.1, 0.2 + _CELL / 2), note, size=14, ha="left")
    label(ax, (0.3, 0.2 + _CELL / 2), "the score:", size=14, ha="left")
