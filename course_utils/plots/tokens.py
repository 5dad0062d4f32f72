"""A text as a row of boxes, one for each token, with the token's number below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import PathPatch

from course_utils.arguments import items, shown, text, whole_number
from course_utils.plots.glyphs import ADVANCE, font_for, is_broad, joined, outline
from course_utils.plots.inputs import as_count, written
from course_utils.plots.rows import LEFT, WIDTH, blank_page
from course_utils.plots.style import INK

MOST_ROWS = 40
TONES = ("#CFE6F5", "#FBE0B0")  # pale blue, pale amber: black letters have a contrast above 15

_SIGNS = {" ": "\u2423", "\n": "\u21b5", "\t": "\u21e5"}
_LETTER, _NUMBER = 17 / 72, 13 / 72  # inches; heights of the letters
_BOX, _ROW = 0.38, 0.80  # inches; height of a box, and of a box with its number and a gap
_PADDING, _GAP = 0.12, 0.03  # inches; free inside a box, and between two boxes
_LONGEST = 40  # columns of one box
_DIGITS = 18  # of one number
_MORE = "\u2026"


@dataclass(frozen=True)
class _Box:
    """One token: what is written in it, the number below, its place."""

    text: str
    number: str
    left: float
    wide: float
    row: int
    tone: str


def token_strip(
    pieces: Sequence[str], numbers: Sequence[int], *, max_rows: int = 8, title: str = ""
) -> Axes:
    """Draw a text as boxes, one for each token, with the token's number below it.

    Neighbouring boxes have two different tones. A blank is drawn as \u2423, a line break as \u21b5
    (the next token starts a new row), and a character that no font holds as an empty box. If the
    tokens need more rows than max_rows, the last box says how many more there are.

    Args:
        pieces: N strings, what to write in the boxes.
        numbers: N whole numbers.
        max_rows: rows of boxes at most, at least 1.
        title: what stands above the boxes.

    Returns:
        The Axes with the boxes, of a new figure; its unit is one inch.

    Raises:
        ValueError: there is no token, a piece is empty, there are not as many numbers as pieces,
            or max_rows is not from 1 to 40.
        TypeError: a piece or the title is no text, or a number is not whole.
    """
    max_rows = as_count("max_rows", max_rows, high=MOST_ROWS)
    title, _ = written("title", title)
    pieces = _pieces(pieces)
    numbers = _numbers(numbers, len(pieces))
    boxes = _fitting(pieces, numbers, max_rows)
    height = (boxes[-1].row + 1) * _ROW + (0.55 if title else 0.1)
    ax = blank_page(height, title)
    bottoms = height - (0.5 if title else 0.08) - np.array([box.row * _ROW for box in boxes]) - _BOX
    _draw_boxes(ax, boxes, bottoms)
    _write(ax, [box.text for box in boxes], boxes, bottoms + 0.12, _LETTER)
    _write(ax, [box.number for box in boxes], boxes, bottoms - 0.22, _NUMBER)
    return ax


def _pieces(pieces: Any) -> list[str]:
    """Return the tokens, the letters of a text or a list of texts."""
    found = [*pieces] if isinstance(pieces, str) else items("pieces", pieces)
    if not found or not all(text("each of the pieces", piece) for piece in found):
        raise ValueError("pieces must hold at least one token, and none may be empty")
    return found


def _numbers(numbers: Any, count: int) -> list[str]:
    """Return the numbers of the tokens as they are written."""
    found = items("numbers", numbers, what="a list of whole numbers")
    if len(found) != count:
        raise ValueError(f"numbers: one number for each piece: got {count} and {len(found)}")
    whole = [whole_number("each of the numbers", number) for number in found]
    for number in whole:
        if abs(number) >= 10**_DIGITS:
            raise ValueError(f"numbers of more than {_DIGITS} digits do not fit: {shown(number)}")
    return list(map(str, whole))


def _fitting(pieces: Sequence[str], numbers: list[str], max_rows: int) -> list[_Box]:
    """Lay out the boxes that fit; if some do not, end with a box that counts them."""
    boxes, n_placed = _lay_out(pieces, numbers, max_rows)
    while n_placed < len(pieces):
        last = f"{_MORE} {len(pieces) - n_placed:,} more"
        shown = [*pieces[:n_placed], last]
        boxes, n_fits = _lay_out(shown, [*numbers[:n_placed], ""], max_rows, plain=n_placed)
        if n_fits == len(shown):
            break
        n_placed -= 1  # make room for the last box
    return boxes


def _lay_out(
    pieces: Sequence[str], numbers: list[str], max_rows: int, *, plain: int | None = None
) -> tuple[list[_Box], int]:
    """Place boxes from left to right, row by row, until the rows are full.

    Args:
        pieces: what to write.
        numbers: what to write below.
        max_rows: rows at most.
        plain: the place of a box that is white and whose blanks stay blanks.

    Returns:
        The boxes, and how many they are.
    """
    boxes: list[_Box] = []
    left, row = LEFT, 0
    for i, (piece, number) in enumerate(zip(pieces, numbers, strict=True)):
        text = piece if i == plain else _visible(piece)
        wide = max(_width(text, _LETTER), _width(number, _NUMBER)) + _PADDING
        broken = i > 0 and "\n" in pieces[i - 1]
        if broken or (left > LEFT and left + wide > WIDTH - LEFT):
            left, row = LEFT, row + 1
        if row == max_rows:
            break
        tone = "white" if i == plain else TONES[i % 2]
        boxes.append(_Box(text, number, left, wide, row, tone))
        left += wide + _GAP
    return boxes, len(boxes)


def _visible(piece: str) -> str:
    """Return a piece with signs for its blanks; of a very long one, its two ends."""
    if len(piece) > _LONGEST:
        piece = piece[: _LONGEST // 3] + _MORE + piece[-_LONGEST // 3 :]
    return "".join(_SIGNS.get(sign, sign) for sign in piece)


def _columns(sign: str) -> float:
    """Return the width of a character, as a share of its size."""
    return 1.05 if is_broad(sign) and font_for(sign) else ADVANCE


def _width(text: str, size: float) -> float:
    return size * sum(map(_columns, text))


def _draw_boxes(ax: Axes, boxes: list[_Box], bottoms: np.ndarray) -> None:
    """Draw the boxes, each with an edge, so that they are told apart in grey too."""
    sides = [(box.left, box.left + box.wide) for box in boxes]
    corners = [
        [(left, low), (right, low), (right, low + _BOX), (left, low + _BOX)]
        for (left, right), low in zip(sides, bottoms, strict=True)
    ]
    look = {"facecolors": [box.tone for box in boxes], "edgecolors": "#8C8C8C", "linewidths": 0.8}
    ax.add_collection(PolyCollection(corners, **look), autolim=False)


def _write(ax: Axes, texts: list[str], boxes: list[_Box], lines: np.ndarray, size: float) -> None:
    """Write one text in the middle of each box's width, on the given base lines."""
    places = []
    for word, box, y in zip(texts, boxes, lines, strict=True):
        x = box.left + (box.wide - _width(word, size)) / 2
        for sign in word:
            wide = size * _columns(sign)
            places.append((outline(sign), x + wide / 2, y))
            x += wide
    path = joined(places, size)
    ax.add_artist(PathPatch(path, facecolor=INK, linewidth=0, zorder=3))
