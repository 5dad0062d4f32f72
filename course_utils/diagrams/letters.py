"""A character network while it trains: one column per letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.diagrams.letter_pieces import (
    STATE,
    TALL,
    Columns,
    cell,
    columns,
    hidden_states,
    letter,
    letters_of,
    row_names,
    upwards,
)
from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    PAST,
    WIDTH,
    Point,
    arrow,
    canvas,
    label,
    tint,
)
from course_utils.plots import INK
from course_utils.plots.inputs import as_numbers

MAX_SYMBOLS = 10  # of the vocabulary: each needs a cell in every column

_LARGEST = 99.5  # a score must fit into its cell
_LETTERS = 0.7  # inches; middle of the input letters
_ARROW = 0.24


@dataclass(frozen=True)
class _Rows:
    """The heights of the parts of a column, in inches, for a vocabulary of so many symbols."""

    n_symbols: int

    @property
    def cell(self) -> float:
        """Return the height of one number's cell: low ones when there are many."""
        return 0.3 if self.n_symbols <= 4 else max(0.228, 1.56 / self.n_symbols)

    @property
    def part(self) -> float:
        """Return the height of a one-hot vector, and of a column of scores."""
        return self.cell * self.n_symbols

    @property
    def vector(self) -> float:
        return _LETTERS + TALL / 2 + _ARROW

    @property
    def state(self) -> float:
        return self.vector + self.part + _ARROW + STATE / 2

    @property
    def scores(self) -> float:
        return self.state + STATE / 2 + _ARROW

    @property
    def target(self) -> float:
        return self.scores + self.part + _ARROW + TALL / 2

    @property
    def top(self) -> float:
        return self.target + TALL / 2 + 0.1


def char_training(
    word: Sequence[str] = "hello",
    vocabulary: Sequence[str] | None = None,
    *,
    scores: Any | None = None,
) -> Axes:
    """Draw how a character network learns a word: the target of each letter is the next one.

    From bottom to top: the input letter, its one-hot vector, the hidden state, the scores with the
    target's cell framed, the target. With scores, the highest of each column is bold.

    Args:
        word: T + 1 letters, from 2 to 14.
        vocabulary: V different symbols, at most 10; by default the letters of the word in the order
            in which they come.
        scores: (T, V), what the network answers, between -99 and 99; None leaves the cells empty.

    Returns:
        The Axes.

    Raises:
        TypeError: word or vocabulary is no text and no list of letters.
        ValueError: word has too few or too many letters, or some outside the vocabulary; the
            vocabulary is empty, too large or holds a symbol twice; scores do not fit.
    """
    letters = letters_of("word", word)
    symbols = _vocabulary(letters, vocabulary)
    numbers = _numbers(scores, len(letters) - 1, len(symbols))
    places, rows = columns(len(letters) - 1), _Rows(len(symbols))
    ax = canvas(rows.top)
    _frame_of_training(ax, places, rows)
    _symbols_beside(ax, places, rows, symbols)
    for t, x in enumerate(places.xs):
        letter(ax, (x, _LETTERS), letters[t], width=places.wide, color=INPUT)
        letter(ax, (x, rows.target), letters[t + 1], width=places.wide, color=OUTPUT)
        _one_hot(ax, (x, rows.vector), places, rows, symbols.index(letters[t]))
        _scores(ax, (x, rows.scores), places, rows, symbols.index(letters[t + 1]), numbers[t])
    note = "Framed: the score of the target. Training raises it and lowers the others."
    if scores is not None:
        note = "Framed: the score of the target. Bold: the highest score, the network's guess."
    label(ax, (WIDTH / 2, 0.24), note, size=14)
    return ax


def _vocabulary(letters: list[str], vocabulary: Sequence[str] | None) -> list[str]:
    """Return the symbols as they are drawn, and check that they hold every letter once."""
    if vocabulary is None:
        symbols = list(dict.fromkeys(letters))
        if len(symbols) > MAX_SYMBOLS:
            raise ValueError(
                f"word has {len(symbols)} different letters, but at most {MAX_SYMBOLS} fit: "
                "give a shorter word"
            )
        return symbols
    symbols = letters_of("vocabulary", vocabulary, low=1, high=MAX_SYMBOLS)
    twice = [symbol for symbol in symbols if symbols.count(symbol) > 1]
    if twice:
        raise ValueError(f"vocabulary holds {twice[0]!r} twice: give each symbol once")
    missing = [letter for letter in dict.fromkeys(letters) if letter not in symbols]
    if missing:
        raise ValueError(f"vocabulary lacks {', '.join(map(repr, missing))}, a letter of the word")
    return symbols


def _numbers(scores: Any | None, n_steps: int, n_symbols: int) -> list[np.ndarray | None]:
    """Return the scores of each step, or None for each when there are none."""
    if scores is None:
        return [None] * n_steps
    numbers = as_numbers("scores", scores, (n_steps, n_symbols))
    if np.abs(numbers).max() >= _LARGEST:
        raise ValueError(
            f"scores must lie between -99 and 99 to fit, got {numbers.min():g} to {numbers.max():g}"
        )
    return list(numbers)


def _frame_of_training(ax: Axes, places: Columns, rows: _Rows) -> None:
    """Draw what does not depend on the word: the hidden states, the arrows, the rows' names."""
    hidden_states(ax, places, rows.state)
    for top, color in (
        (rows.vector, INPUT),
        (rows.state - STATE / 2, INPUT),
        (rows.scores, OUTPUT),
    ):
        upwards(ax, places, top - _ARROW, top, color=color)
    top, half = rows.scores + rows.part, rows.part / 2
    for x in places.xs:
        arrow(ax, (x, top + _ARROW), (x, top), mutation_scale=12)
    names = {
        "input": _LETTERS,
        "one-hot": rows.vector + half,
        "hidden\nstate": rows.state,
        "scores": rows.scores + half,
        "loss": top + _ARROW / 2,
        "target": rows.target,
    }
    row_names(ax, names)


def _symbols_beside(ax: Axes, places: Columns, rows: _Rows, symbols: list[str]) -> None:
    """Write at the left of the one-hot vectors and of the scores which cell is whose."""
    x = places.xs[0] - places.cell / 2 - 0.1
    for bottom in (rows.vector, rows.scores):
        for place, symbol in enumerate(symbols):
            y = bottom + (len(symbols) - place - 0.5) * rows.cell
            # Not on the base line: there the sign of a blank would hang into the row below.
            label(ax, (x, y), symbol, ha="right", va="center", parse_math=False)


def _one_hot(ax: Axes, at: Point, places: Columns, rows: _Rows, hot: int) -> None:
    """Draw a one-hot vector over the middle of its lower edge, its first number on top."""
    size = (places.cell, rows.cell)
    for place in range(rows.n_symbols):
        corner = (at[0] - size[0] / 2, at[1] + (rows.n_symbols - 1 - place) * rows.cell)
        if place == hot:
            cell(ax, corner, size, "1", facecolor=tint(INPUT, 0.45), weight="bold")
        else:
            cell(ax, corner, size, "0", ink=PAST)


def _scores(
    ax: Axes, at: Point, places: Columns, rows: _Rows, target: int, numbers: np.ndarray | None
) -> None:
    """Draw the scores of one step over the middle of their lower edge, the target's framed."""
    size = (places.cell, rows.cell)
    texts = _score_texts(numbers, rows.n_symbols, target)
    for place, text in enumerate(texts):
        corner = (at[0] - size[0] / 2, at[1] + (rows.n_symbols - 1 - place) * rows.cell)
        look = {"facecolor": tint(OUTPUT, 0.1)}
        if place == target:
            look = {"facecolor": tint(OUTPUT, 0.45), "edgecolor": INK, "linewidth": 3, "zorder": 4}
        best = numbers is not None and place == int(numbers.argmax())
        cell(ax, corner, size, text, weight="bold" if best else "normal", **look)


def _score_texts(numbers: np.ndarray | None, n_symbols: int, target: int) -> list[str]:
    """Return what stands in the cells: the scores, or an arrow up at the target."""
    if numbers is None:
        return ["\u2191" if place == target else "" for place in range(n_symbols)]
    digits = 1 if np.abs(numbers).max() < 9.95 else 0
    rounded = numbers.round(digits) + 0.0  # no "-0.0"
    return [f"{number:.{digits}f}".replace("-", "\u2212") for number in rounded]
