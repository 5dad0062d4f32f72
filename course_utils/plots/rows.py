"""How text is laid out on a page: which row and column each character stands in, how large."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_utils.plots.glyphs import ADVANCE, font_for, is_broad, writable
from course_utils.plots.style import new_figure

MAX_COLUMNS = 64
MAX_ROWS = 40  # more rows make a picture that no screen shows whole
WIDTH = 9.0  # inches
LEFT = 0.2  # inches; free at each side

_WIDE_COLUMNS = 42  # a Korean letter or an emoji is as wide as it is high
_BELOW = 0.95  # inches; the colour bar with its numbers and its name
_LARGEST, _SMALLEST = 17.0, 13.0  # points; sizes of the letters
_SPACED = 1.42  # height of a row, as a share of the letters' size


@dataclass(frozen=True)
class Page:
    """Where the cells stand: row and column of each character, sizes in inches."""

    rows: np.ndarray
    cols: np.ndarray
    wide: float
    tall: float
    size: float
    top: float

    @property
    def lefts(self) -> np.ndarray:
        return LEFT + self.cols * self.wide

    @property
    def bottoms(self) -> np.ndarray:
        return self.top - (self.rows + 1) * self.tall


def page_for(text: str, title: str) -> tuple[Page, float]:
    """Find the largest cells with which the passage fits; return them and the figure's height."""
    broad = any(is_broad(sign) and font_for(sign) for sign in {*text})
    rows, cols = places(text, _WIDE_COLUMNS if broad else MAX_COLUMNS)
    n_rows = int(rows[-1]) + 1
    if n_rows > MAX_ROWS:
        raise ValueError(
            f"text fills {n_rows} rows, but at most {MAX_ROWS} can be shown: take a shorter passage"
        )
    room = (WIDTH - 2 * LEFT) / (int(cols.max()) + 1) * 72  # points for one character
    fits = (room / 1.08 if broad else room / (1.12 * ADVANCE), 7.2 * 72 / n_rows / _SPACED)
    size = max(_SMALLEST, min(_LARGEST, *fits))
    wide = min(room, size * (1.08 if broad else 1.2 * ADVANCE)) / 72
    tall = _SPACED * size / 72
    top = _BELOW + n_rows * tall
    return Page(rows, cols, wide, tall, size, top), top + (0.55 if title else 0.15)


def places(text: str, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the column of each character; a line break may stand one further."""
    rows: list[int] = []
    cols: list[int] = []
    row = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        while line:
            length = _row_length(line, columns)
            rows += [row] * length
            cols += range(length)
            line, row = line[length:], row + 1
    return np.array(rows), np.array(cols)


def _row_length(line: str, columns: int) -> int:
    """Return how many characters of a line go into one row: up to a blank, if there is one."""
    if len(line.rstrip("\n")) <= columns:
        return len(line)
    return line.rfind(" ", 0, columns) + 1 or columns


def blank_page(height: float, title: str) -> Axes:
    """Open a white page whose unit is one inch, with the title at its top.

    Args:
        height: inches; the page is WIDTH inches wide.
        title: what stands at the top; an empty one leaves no room.

    Returns:
        The Axes, without axes to be seen.
    """
    figure, ax = new_figure(width=WIDTH, height=height)
    figure.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, WIDTH), ylim=(0, height))
    if title:
        title, fonts = writable(title)
        look = {"fontsize": 16, "va": "center", "fontfamily": fonts}
        ax.text(LEFT, height - 0.28, title, parse_math=False, **look)
    return ax
