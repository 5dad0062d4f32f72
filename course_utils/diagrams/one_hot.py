"""A one-hot row times a matrix is a row of the matrix: the product, and the short way to it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.diagrams.letter_pieces import cell
from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    PAST,
    WIDTH,
    Point,
    arrow,
    box,
    canvas,
    label,
    tint,
)
from course_utils.plots import INK
from course_utils.plots.inputs import as_count

MAX_ROWS = 6
MAX_DIMS = 4

_TALL = 0.34  # inches; height of a cell
_HOT, _NUMBER = 0.36, 0.66  # inches; width of a cell with 0 or 1, and with a number
_SIGN = 0.66  # inches between two blocks, for the sign that joins them and the rows' numbers
_TAKEN = {"facecolor": tint(OUTPUT, 0.4), "weight": "bold"}
_PLAIN = {"facecolor": tint(INPUT, 0.12)}


@dataclass(frozen=True)
class _Blocks:
    """Where the three blocks stand: the left side of each, in inches."""

    n_rows: int
    n_dims: int

    @property
    def hot(self) -> float:
        wide = self.n_rows * _HOT + 2 * self.n_dims * _NUMBER + 2 * _SIGN
        return (WIDTH - wide) / 2

    @property
    def matrix(self) -> float:
        return self.hot + self.n_rows * _HOT + _SIGN

    @property
    def result(self) -> float:
        return self.matrix + self.n_dims * _NUMBER + _SIGN

    @property
    def tall(self) -> float:
        """Return the height of the matrix."""
        return self.n_rows * _TALL

    def height(self, row: int, middle: float) -> float:
        """Return the middle of a row of the matrix whose middle is given."""
        return middle + (self.n_rows / 2 - row - 0.5) * _TALL


def lookup(row: int = 2, n_rows: int = 5, n_dims: int = 3) -> Axes:
    """Draw that a one-hot row times a matrix is one row of it, and below it the shortcut.

    The numbers in the matrix are an example. The row that is taken is bold and orange.

    Args:
        row: place of the 1, from 0: the number of the word.
        n_rows: V, words in the vocabulary, from 2 to 6.
        n_dims: D, numbers per word, from 1 to 4.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    n_rows = as_count("n_rows", n_rows, low=2, high=MAX_ROWS)
    n_dims = as_count("n_dims", n_dims, high=MAX_DIMS)
    row = as_count("row", row, low=0, high=n_rows - 1)
    blocks = _Blocks(n_rows, n_dims)
    ax = canvas(2 * blocks.tall + 2.1)
    low = 0.25 + blocks.tall / 2
    high = low + blocks.tall + 1.3
    _title(ax, high + blocks.tall / 2 + 0.34, "one-hot row \u00d7 matrix: every number is used")
    _title(ax, low + blocks.tall / 2 + 0.26, f"the shortcut: take row {row}, nothing is multiplied")
    _product(ax, blocks, row, high)
    _shortcut(ax, blocks, row, low)
    return ax


def _title(ax: Axes, y: float, text: str) -> None:
    label(ax, (WIDTH / 2, y), text, size=16, weight="bold")


def _product(ax: Axes, blocks: _Blocks, row: int, y: float) -> None:
    """Draw the one-hot row, the matrix and the row that comes out."""
    for place in range(blocks.n_rows):
        hot = place == row
        look = _TAKEN if hot else {"ink": PAST}
        corner = (blocks.hot + place * _HOT, y - _TALL / 2)
        cell(ax, corner, (_HOT, _TALL), "1" if hot else "0", **look)
    _matrix(ax, blocks, row, y)
    _row(ax, blocks, row, y)
    label(ax, (blocks.matrix - 0.46, y), "\u00d7", size=19)
    label(ax, (blocks.result - _SIGN / 2, y), "=", size=19)
    low = y - blocks.tall / 2
    shapes = (
        (blocks.hot + blocks.n_rows * _HOT / 2, y - _TALL / 2, (1, blocks.n_rows)),
        (blocks.matrix + blocks.n_dims * _NUMBER / 2, low, (blocks.n_rows, blocks.n_dims)),
        (blocks.result + blocks.n_dims * _NUMBER / 2, y - _TALL / 2, (1, blocks.n_dims)),
    )
    for x, bottom, shape in shapes:
        label(ax, (x, bottom - 0.2), str(shape), size=14)


def _shortcut(ax: Axes, blocks: _Blocks, row: int, y: float) -> None:
    """Draw the number of the row, and that row of the matrix alone."""
    at = blocks.height(row, y)
    x = blocks.hot + blocks.n_rows * _HOT / 2
    box(ax, (x, at), str(row), color=OUTPUT, size=(0.5, 0.32), strength=0.4)
    arrow(ax, (x + 0.25, at), (blocks.matrix - 0.3, at), color=OUTPUT)
    _matrix(ax, blocks, row, y)
    arrow(ax, (blocks.matrix + blocks.n_dims * _NUMBER, at), (blocks.result, at), color=OUTPUT)
    _row(ax, blocks, row, at)


def _matrix(ax: Axes, blocks: _Blocks, taken: int, y: float) -> None:
    """Draw the matrix with its middle at height y, the number of each row at its left."""
    for row in range(blocks.n_rows):
        at = blocks.height(row, y)
        look = _TAKEN if row == taken else _PLAIN
        label(ax, (blocks.matrix - 0.15, at), str(row), color=INK if row == taken else PAST)
        for col in range(blocks.n_dims):
            _number(ax, (blocks.matrix + col * _NUMBER, at), row, col, look)
    _frame(ax, (blocks.matrix, y - blocks.tall / 2), (blocks.n_dims * _NUMBER, blocks.tall))


def _row(ax: Axes, blocks: _Blocks, row: int, y: float) -> None:
    """Draw the row that was taken, with its middle at height y."""
    for col in range(blocks.n_dims):
        _number(ax, (blocks.result + col * _NUMBER, y), row, col, _TAKEN)
    _frame(ax, (blocks.result, y - _TALL / 2), (blocks.n_dims * _NUMBER, _TALL))


def _number(ax: Axes, left: Point, row: int, col: int, look: dict[str, object]) -> None:
    """Draw one number of the matrix; `left` is the middle of its cell's left side."""
    value = ((7 * row + 5 * col + 3) % 19 - 9) / 10  # an example: numbers from -0.9 to 0.9
    text = f"{value:.1f}".replace("-", "\u2212")
    cell(ax, (left[0], left[1] - _TALL / 2), (_NUMBER, _TALL), text, **look)


def _frame(ax: Axes, corner: Point, size: Point) -> None:
    look = {"fill": False, "edgecolor": INK, "linewidth": 2, "zorder": 4}
    ax.add_patch(Rectangle(corner, *size, **look))
