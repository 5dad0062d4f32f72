"""How training reads a long text: parallel streams with the state carried, or random windows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from course_utils.arguments import text as words
from course_utils.arguments import whole_number
from course_utils.diagrams.letter_pieces import DASHES, cell
from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    PAST,
    RECURRENT,
    WIDTH,
    Point,
    arrow,
    box,
    canvas,
    check_title,
    heading,
    label,
    tint,
)
from course_utils.plots.inputs import as_count, visible

MAX_STREAMS = 5
MAX_CHUNKS = 4
MAX_CELLS = 20  # beside each other; more leave no room for letters that can be read

_TALL = 0.4  # inches; height of a cell
_ROW = 1.0  # inches; from one row to the next
_LEFT, _RIGHT = 1.05, 8.62  # inches; the names of the rows stand left of the cells
_GAP = 0.6  # inches between two chunks, for the state that is carried
_WIDEST = 0.42
_LETTER = {"facecolor": tint(INPUT, 0.15)}
_SCISSORS = "\u2702"


@dataclass(frozen=True)
class _Page:
    """A page with rows of chunks: how many, and the width of a cell, in inches."""

    ax: Axes
    n_rows: int
    n_chunks: int
    chunk_len: int
    top: float

    @property
    def pitch(self) -> float:
        """Return the distance from one chunk to the next one."""
        return self.chunk_len * self.wide + _GAP

    @property
    def wide(self) -> float:
        room = _RIGHT - _LEFT - self.n_chunks * _GAP
        return min(_WIDEST, room / (self.n_chunks * self.chunk_len))

    def left(self, chunk: int) -> float:
        """Return the left side of a chunk's first cell."""
        return _LEFT + _GAP + chunk * self.pitch

    def middle(self, row: int) -> float:
        """Return the height of the middle of a row's cells."""
        return self.top - row * _ROW - _TALL / 2


def parallel_streams(
    text: str, *, n_streams: int = 3, chunk_len: int = 6, n_chunks: int = 3, title: str = ""
) -> Axes:
    """Draw a text cut into parallel streams and each stream into chunks, the state carried on.

    Training step k reads chunk k of every stream. The hidden state goes on into the next chunk; the
    gradient, drawn dashed, flows back to the start of its own chunk only and is cut there.

    Args:
        text: at least n_streams * chunk_len * n_chunks + 1 characters (the last one is a target
            only); it is cut as `batching.Streams` cuts it, and its first chunks are drawn.
        n_streams: B, from 1 to 5.
        chunk_len: T, from 2.
        n_chunks: from 2 to 4; all chunks beside each other have at most 20 characters.
        title: what stands above the picture.

    Returns:
        The Axes.

    Raises:
        TypeError: a number is not whole.
        ValueError: a number is out of range, the text is too short, or one of its characters
            cannot be drawn.
    """
    words("text", text)
    names = ("n_streams", "chunk_len", "n_chunks")
    sizes = (n_streams, chunk_len, n_chunks)
    n_streams, chunk_len, n_chunks = _sizes(dict(zip(names, sizes, strict=True)))
    title = check_title(title)
    shown = chunk_len * n_chunks
    part = max(0, len(text) - 1) // n_streams
    if part < shown:
        need = f"{n_streams} x {chunk_len} x {n_chunks} + 1 = {n_streams * shown + 1}"
        raise ValueError(f"text must have at least {need} characters, got {len(text)}")
    starts = [b * part for b in range(n_streams)]
    rows = [[visible(sign, "text") for sign in text[at : at + shown]] for at in starts]
    page = _open(n_streams, chunk_len, n_chunks, title)
    for b, row in enumerate(rows):
        label(page.ax, (0.12, page.middle(b)), f"stream {b}", ha="left")
        _first_state(page, b, 0)
        for chunk in range(n_chunks):
            _chunk(page, b, chunk, row[chunk * chunk_len :][:chunk_len])
            _carry(page, b, chunk)
    notes = ("the state is carried on", "the gradient stops here (detach)")
    _legend(page.ax, notes, carried=True)
    return page.ax


def random_windows(
    text: str,
    *,
    n_rows: int = 3,
    window_len: int = 6,
    n_steps: int = 3,
    seed: int = 0,
    title: str = "",
) -> Axes:
    """Draw what random windows read instead: each from any place, each with the state at 0.

    The same layout as `parallel_streams`, so that the two can be compared. Above each window stands
    the place of its first character in the text.

    Args:
        text: at least window_len characters.
        n_rows: windows in one training step, from 1 to 5.
        window_len: T, from 2.
        n_steps: training steps, from 2 to 4; at most 20 characters stand beside each other.
        seed: of the places, which are drawn with equal chances.
        title: what stands above the picture.

    Returns:
        The Axes.

    Raises:
        TypeError: a number is not whole.
        ValueError: a number is out of range, the text is too short, or one of its characters
            cannot be drawn.
    """
    words("text", text)
    names = ("n_rows", "window_len", "n_steps")
    sizes = (n_rows, window_len, n_steps)
    n_rows, window_len, n_steps = _sizes(dict(zip(names, sizes, strict=True)))
    title = check_title(title)
    if len(text) < window_len:
        raise ValueError(f"text must have at least {window_len} characters, got {len(text)}")
    draw = random.Random(whole_number("seed", seed))
    starts = [draw.randrange(len(text) - window_len + 1) for _ in range(n_rows * n_steps)]
    windows = [[visible(sign, "text") for sign in text[at : at + window_len]] for at in starts]
    page = _open(n_rows, window_len, n_steps, title)
    for number, (start, window) in enumerate(zip(starts, windows, strict=True)):
        step, row = divmod(number, n_rows)
        if not step:
            label(page.ax, (0.12, page.middle(row)), f"window {row}", ha="left")
        _first_state(page, row, step)
        _chunk(page, row, step, window)
        middle = page.left(step) + page.chunk_len * page.wide / 2
        label(page.ax, (middle, page.middle(row) + _TALL / 2 + 0.13), f"from {start}", color=PAST)
    _legend(page.ax, ("each window begins with the state 0",), carried=False)
    return page.ax


def _sizes(given: dict[str, int]) -> tuple[int, int, int]:
    """Return the number of rows, the length of a chunk and the number of chunks."""
    (rows, n_rows), (chunk, chunk_len), (chunks, n_chunks) = given.items()
    n_rows = as_count(rows, n_rows, high=MAX_STREAMS)
    chunk_len = as_count(chunk, chunk_len, low=2, high=MAX_CELLS // 2)
    most = min(MAX_CHUNKS, MAX_CELLS // chunk_len)
    return n_rows, chunk_len, as_count(chunks, n_chunks, low=2, high=most)


def _open(n_rows: int, chunk_len: int, n_chunks: int, title: str) -> _Page:
    """Open a page, with the training step above each column of chunks."""
    top = 0.42 + n_rows * _ROW
    ax = canvas(top + (1.05 if title else 0.7))
    page = _Page(ax, n_rows, n_chunks, chunk_len, top)
    heading(ax, (WIDTH / 2, top + 0.82), title)
    word = "training step" if page.pitch > 1.5 else "step"
    for chunk in range(n_chunks):
        middle = page.left(chunk) + chunk_len * page.wide / 2
        label(ax, (middle, top + 0.45), f"{word} {chunk}", size=14)
    return page


def _first_state(page: _Page, row: int, chunk: int) -> None:
    """Draw the state 0 and its arrow into the first cell of a chunk."""
    x, y = page.left(chunk), page.middle(row)
    box(page.ax, (x - 0.37, y), "0", color=PAST, size=(0.28, 0.3), letters=13)
    arrow(page.ax, (x - 0.22, y), (x, y), color=RECURRENT, mutation_scale=10)


def _chunk(page: _Page, row: int, chunk: int, letters: Sequence[str]) -> None:
    """Draw the cells of a chunk, and under them the gradient that flows back to its start."""
    x, y = page.left(chunk), page.middle(row)
    for place, sign in enumerate(letters):
        corner = (x + place * page.wide, y - _TALL / 2)
        cell(page.ax, corner, (page.wide, _TALL), sign, **_LETTER)
    low = y - _TALL / 2 - 0.17
    ends: tuple[Point, Point] = ((x + len(letters) * page.wide, low), (x, low))
    arrow(page.ax, *ends, color=OUTPUT, linestyle=DASHES, mutation_scale=13)


def _carry(page: _Page, row: int, chunk: int) -> None:
    """Draw the state that leaves a chunk, and the cut that no gradient passes."""
    x, y = page.left(chunk) + page.chunk_len * page.wide, page.middle(row)
    last = chunk + 1 == page.n_chunks
    arrow(page.ax, (x, y), (x + (0.3 if last else _GAP), y), color=RECURRENT, mutation_scale=14)
    if not last:
        label(page.ax, (x + _GAP / 2 - 0.03, y + 0.17), "h", size=14, style="italic")
        _cut(page.ax, (x + _GAP / 2, y - _TALL / 2 - 0.17))


def _cut(ax: Axes, at: Point) -> None:
    label(ax, at, _SCISSORS, size=20, va="center_baseline", rotation=90)


def _legend(ax: Axes, notes: Sequence[str], *, carried: bool) -> None:
    """Write under the picture what the arrows are."""
    y = 0.28
    arrow(ax, (0.85, y), (0.25, y), color=OUTPUT, linestyle=DASHES, mutation_scale=13)
    label(ax, (0.95, y), "gradient", size=14, ha="left")
    if not carried:
        box(ax, (2.6, y), "0", color=PAST, size=(0.28, 0.3), letters=13)
        label(ax, (2.85, y), notes[0], size=14, ha="left")
        return
    arrow(ax, (2.2, y), (2.75, y), color=RECURRENT, mutation_scale=14)
    label(ax, (2.85, y), notes[0], size=14, ha="left")
    _cut(ax, (5.6, y))
    label(ax, (5.8, y), notes[1], size=14, ha="left")
