"""Sequences of different length in one batch: padded, and packed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from course_utils.arguments import shown
from course_utils.diagrams.letter_pieces import MAX_LETTERS, cell, letters_of
from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    PAST,
    RECURRENT,
    WIDTH,
    Point,
    canvas,
    check_title,
    heading,
    label,
    tint,
)
from course_utils.plots.inputs import as_names

MAX_ROWS = 8
MAX_STEPS = MAX_LETTERS + 2  # a name, its start and its end

_TALL = 0.42  # inches; height of a row
_BESIDE = 1.2  # inches; free for the words at the right of the grid
_LETTER = {"facecolor": tint(INPUT, 0.15)}
_SPECIAL = {"facecolor": tint(HIDDEN, 0.45), "weight": "bold"}
_PAD = {"facecolor": "#EFEFEF", "hatch": "//", "edgecolor": "#C6C6C6", "weight": "bold"}
_SAVED = {"linestyle": ":", "edgecolor": PAST}
_RUNNING = {"facecolor": tint(RECURRENT, 0.4), "weight": "bold"}


@dataclass(frozen=True)
class _Grid:
    """A page with a grid of cells: its upper left corner and the width of a cell, in inches."""

    ax: Axes
    corner: Point
    wide: float
    steps: int

    def put(self, row: int, step: int, text: str, **look: object) -> None:
        """Draw one cell."""
        at = (self.corner[0] + step * self.wide, self.corner[1] - (row + 1) * _TALL)
        cell(self.ax, at, (self.wide, _TALL), text, **look)

    def beside(self, row: int, text: str) -> None:
        """Write at the right of a row."""
        x = self.corner[0] + self.steps * self.wide + 0.12
        label(self.ax, (x, self.corner[1] - (row + 0.5) * _TALL), text, ha="left")


def padded_batch(
    rows: Sequence[Sequence[str]],
    *,
    specials: Sequence[str] = ("<S>", "<E>"),
    pad: str = "\u00b7",
    title: str = "",
) -> Axes:
    """Draw a batch as a grid with a cell per symbol: every row is filled up to the longest one.

    Special symbols are tinted and bold, padding is grey and hatched.

    Args:
        rows: up to 8 sequences of 1 to 16 symbols, each a text or a list of symbols; a special
            symbol inside a text counts as one symbol.
        specials: symbols to tint, of at most 3 signs each.
        pad: what stands in a cell of the padding.
        title: what stands above the grid.

    Returns:
        The Axes.

    Raises:
        TypeError: a row is no text and no list of symbols.
        ValueError: there is no row or too many, or one is empty or too long, or cannot be drawn.
    """
    specials = as_names("specials", specials)
    table = _table(rows, specials)
    (pad,) = letters_of("pad", [pad], low=1)
    title = check_title(title)
    grid = _grid(table, title, below=0.65)
    for number, row in enumerate(table):
        _symbols(grid, number, row, specials)
        for step in range(len(row), grid.steps):
            grid.put(number, step, pad, **_PAD)
        grid.beside(number, f"length {len(row)}")
    cells = len(table) * grid.steps
    empty = cells - sum(map(len, table))
    note = f"cells: {len(table)} \u00d7 {grid.steps} = {cells}, padding: {empty}"
    label(grid.ax, (WIDTH / 2, 0.3), f"{note} ({100 * empty / cells:.0f} %)", size=15)
    return grid.ax


def packed_steps(
    rows: Sequence[Sequence[str]],
    *,
    specials: Sequence[str] = ("<S>", "<E>"),
    title: str = "",
) -> Axes:
    """Draw the same rows packed: by falling length, a step computes only rows that still run.

    Under each step stands the number of rows that still run there: PyTorch's `batch_sizes`. Cells
    that padding would have added are dotted.

    Args:
        rows: up to 8 sequences of 1 to 16 symbols, each a text or a list of symbols; a special
            symbol inside a text counts as one symbol.
        specials: symbols to tint, of at most 3 signs each.
        title: what stands above the grid.

    Returns:
        The Axes.

    Raises:
        TypeError: a row is no text and no list of symbols.
        ValueError: there is no row or too many, or one is empty or too long, or cannot be drawn.
    """
    specials = as_names("specials", specials)
    table = sorted(_table(rows, specials), key=len, reverse=True)
    title = check_title(title)
    grid = _grid(table, title, below=0.65 + 1.25 * _TALL)
    for number, row in enumerate(table):
        _symbols(grid, number, row, specials)
        for step in range(len(row), grid.steps):
            grid.put(number, step, "", **_SAVED)
        grid.beside(number, f"length {len(row)}")
    for step in range(grid.steps):
        running = sum(step < len(row) for row in table)
        grid.put(len(table) + 0.25, step, str(running), **_RUNNING)
    grid.beside(len(table) + 0.25, "rows running")
    padded, packed = len(table) * grid.steps, sum(map(len, table))
    note = f"cells to compute: {padded} padded, {packed} packed"
    label(grid.ax, (WIDTH / 2, 0.3), f"{note} ({100 - 100 * packed / padded:.0f} % saved)", size=15)
    return grid.ax


def _table(rows: Sequence[Sequence[str]], specials: Sequence[str]) -> list[list[str]]:
    """Return each row as a list of symbols as they are drawn."""
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise TypeError(f"rows must be a list of texts such as ['Kim', 'Li'], got {shown(rows)}")
    if not 1 <= len(rows) <= MAX_ROWS:
        raise ValueError(f"rows must hold from 1 to {MAX_ROWS} sequences, got {len(rows)}")
    # A longer special symbol first: "<S>" before "<".
    known = sorted(map(re.escape, specials), key=len, reverse=True)
    one = re.compile("|".join([*known, "."]), re.DOTALL)
    split = [one.findall(row) if isinstance(row, str) else row for row in rows]
    return [
        letters_of(f"rows: row {number}", row, low=1, high=MAX_STEPS)
        for number, row in enumerate(split)
    ]


def _grid(table: list[list[str]], title: str, *, below: float) -> _Grid:
    """Open a page for so many rows, with the numbers of the steps above the grid."""
    steps = max(map(len, table))
    wide = min(0.6, (WIDTH - 0.55 - _BESIDE) / steps)
    left = 0.45 + (WIDTH - 0.55 - _BESIDE - steps * wide) / 2
    above = 0.75 if title else 0.4
    top = below + len(table) * _TALL
    ax = canvas(top + above)
    heading(ax, (WIDTH / 2, top + 0.52), title)
    label(ax, (left - 0.22, top + 0.16), "t")
    for step in range(steps):
        label(ax, (left + (step + 0.5) * wide, top + 0.16), str(step))
    return _Grid(ax, (left, top), wide, steps)


def _symbols(grid: _Grid, number: int, row: list[str], specials: Sequence[str]) -> None:
    """Draw the symbols of one row."""
    for step, symbol in enumerate(row):
        grid.put(number, step, symbol, **(_SPECIAL if symbol in specials else _LETTER))
