"""The pictures of character networks: what is read, answered, framed and fed back."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figure_checks import (
    assert_readable,
    cell_around,
    cells_of,
    texts_of,
    wider_than_its_cell,
)
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from course_utils import diagrams

SPECIALS = ["<S>", "<E>"] * 7
HELLO = np.array([[1.0, 2.2, -3, 4.1], [0.5, 0.3, -1, 1.2], [0.1, 0.5, 1.9, -1.1], [0, -1, 0, 2]])

# Every picture at its usual size and at the ends of what its arguments allow.
DRAWINGS: dict[str, Callable[[], Axes]] = {
    "training": diagrams.char_training,
    "training with scores": lambda: diagrams.char_training(scores=HELLO),
    "training of two letters": lambda: diagrams.char_training("hi"),
    "training with one symbol": lambda: diagrams.char_training("aa"),
    "training at its largest": lambda: diagrams.char_training(
        "hello pytorchh", scores=np.full((13, 10), -9.9)
    ),
    "training with large scores": lambda: diagrams.char_training(
        "hello pytorchh", scores=np.full((13, 10), -99)
    ),
    "training with specials": lambda: diagrams.char_training(SPECIALS, [*"pqgyjQ", "<S>", "<E>"]),
    "generation": lambda: diagrams.char_generation("hello"),
    "generation of one letter": lambda: diagrams.char_generation("hi"),
    "generation at its longest": lambda: diagrams.char_generation("hello\npytorch\t"),
    "generation with specials": lambda: diagrams.char_generation(SPECIALS),
    "teacher": diagrams.teacher_or_free,
    "teacher, two letters": lambda: diagrams.teacher_or_free("hi", "ha"),
    "teacher, all right": lambda: diagrams.teacher_or_free("hello", "hello"),
    "teacher, last wrong": lambda: diagrams.teacher_or_free("hello", "helle"),
    "teacher, longest": lambda: diagrams.teacher_or_free("hello pytorch!", "h" * 14),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert isinstance(drawn, Axes)
    assert_readable(drawn)
    assert wider_than_its_cell(drawn) == []
    assert drawn.figure.get_figheight() < 7.5  # on a screen 720 dots high, 13 points are 17 dots


def letters_in_rows(ax: Axes) -> list[str]:
    """Return the letters in boxes: the rows from the top, each from left to right."""
    rows: dict[float, list] = {}
    for text in ax.texts:
        if text.get_fontsize() == 17:
            rows.setdefault(round(text.get_position()[1], 2), []).append(text)
    for texts in rows.values():
        texts.sort(key=lambda text: text.get_position()[0])
    return ["".join(t.get_text() for t in rows[y]) for y in sorted(rows, reverse=True)]


def at_cell(ax: Axes, cell: Rectangle) -> list[str]:
    """Return what stands in a cell and, before it, at the left of its row."""
    (x, y), (width, height) = cell.get_xy(), (cell.get_width(), cell.get_height())
    inside = [
        text
        for text in ax.texts
        if y < text.get_position()[1] < y + height and 0.2 < text.get_position()[0] < x + width
    ]
    inside.sort(key=lambda text: text.get_position()[0])
    return [inside[0].get_text(), inside[-1].get_text()]


def framed(ax: Axes) -> list[list[str]]:
    """Return symbol and content of the cells with a thick frame, from left to right."""
    frames = [cell for cell in cells_of(ax) if cell.get_linewidth() == 3]
    return [at_cell(ax, cell) for cell in sorted(frames, key=lambda cell: cell.get_x())]


def test_the_target_of_each_letter_is_the_next_one() -> None:
    ax = diagrams.char_training("hello")
    assert letters_in_rows(ax) == ["ello", "hell"]
    assert framed(ax) == [["e", "\u2191"], ["l", "\u2191"], ["l", "\u2191"], ["o", "\u2191"]]


def test_one_hot_vectors_are_those_of_the_vocabulary() -> None:
    ax = diagrams.char_training("hello", "olehx")
    ones = [text for text in ax.texts if text.get_text() == "1"]
    ones.sort(key=lambda text: text.get_position()[0])
    hot = [cell_around(ax, one) for one in ones]
    assert [at_cell(ax, cell)[0] for cell in hot] == list("hell")
    assert texts_of(ax).count("0") == 4 * (5 - 1) + 1  # the first hidden state comes from 0, too


def test_scores_stand_in_their_cells_and_the_highest_is_bold() -> None:
    ax = diagrams.char_training("hello", scores=torch.tensor(HELLO, requires_grad=True))
    assert framed(ax) == [["e", "2.2"], ["l", "\u22121.0"], ["l", "1.9"], ["o", "2.0"]]
    bold = [t for t in ax.texts if t.get_weight() == "bold" and "." in t.get_text()]
    bold.sort(key=lambda text: text.get_position()[0])
    assert [text.get_text() for text in bold] == ["4.1", "1.2", "1.9", "2.0"]
    assert "0.0" in texts_of(diagrams.char_training("hi", scores=[[-0.01, 1]]))
    assert "12" in texts_of(diagrams.char_training("hi", scores=[[12.3, 1]]))  # no room for 12.3


def test_answer_goes_down_and_becomes_the_next_input() -> None:
    ax = diagrams.char_generation("hello")
    assert letters_in_rows(ax) == ["ello", "hell"]
    columns = [t.get_position()[0] for t in ax.texts if t.get_text().startswith("$h_")]
    assert len(ax.lines) == len(columns) - 1
    for line, before, after in zip(ax.lines, columns, columns[1:], strict=False):
        (x, y), (x_end, y_end) = line.get_xydata()[[0, -1]]
        assert before < x < after == x_end
        assert y > y_end
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert sum(patch.get_linestyle() == "--" for patch in boxes) == 3  # all inputs but the given


def marks(ax: Axes) -> list[tuple[float, float]]:
    """Return the crosses in the picture, without the legend's, from top to bottom."""
    crosses = [line.get_xydata()[0] for line in ax.lines if line.get_marker() == "X"]
    return sorted(((x, y) for x, y in crosses if y > 0.5), key=lambda at: -at[1])


def fields(ax: Axes) -> list[FancyBboxPatch]:
    return [p for p in ax.patches if p.get_hatch() and p.get_window_extent().height > 50]


def test_only_free_running_reads_its_own_mistake() -> None:
    ax = diagrams.teacher_or_free("hello", "hexxo")
    target, forced, true, answers, read = letters_in_rows(ax)
    assert (target, forced, true) == ("ello", "exlo", "hell")
    assert (answers, read) == ("exxo", "hexx")
    upper, lower = marks(ax)
    assert upper[0] == lower[0]
    (field,) = fields(ax)
    columns = sorted({t.get_position()[0] for t in ax.texts if t.get_text().startswith("$h_")})
    left = ax.transData.inverted().transform(field.get_window_extent().get_points())[0, 0]
    assert columns[1] < left < columns[2]  # the answer at step 1 is wrong, step 2 follows from it


def test_answers_under_teacher_forcing_can_be_given() -> None:
    ax = diagrams.teacher_or_free("hello", "hallo", forced="hexlo")
    assert letters_in_rows(ax)[1] == "exlo"
    upper, lower = marks(ax)
    assert upper[0] > lower[0]


def test_without_mistake_nothing_is_marked() -> None:
    ax = diagrams.teacher_or_free("hello", "hello")
    assert marks(ax) == fields(ax) == []
    assert fields(diagrams.teacher_or_free("hello", "helle")) == []  # nothing follows the last one
    assert len(marks(diagrams.teacher_or_free("hello", "helle"))) == 2


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: diagrams.char_training(""), "word is empty: give from 2 to 14"),
        (lambda: diagrams.char_training("h"), "word must have from 2 to 14 letters, got 1"),
        (lambda: diagrams.char_training("h" * 15), "word must have from 2 to 14 letters, got 15"),
        (lambda: diagrams.char_training("abcdefghijk"), "word has 11 different letters"),
        (lambda: diagrams.char_training("hello", "heo"), "vocabulary lacks 'l'"),
        (lambda: diagrams.char_training("hello", "helolo"), "vocabulary holds 'l' twice"),
        (lambda: diagrams.char_training("hello", ""), "vocabulary is empty"),
        (lambda: diagrams.char_training("he", "abcdefghijk"), "vocabulary must have from 1 to 10"),
        (lambda: diagrams.char_training(["<STA>", "a"]), "word holds '<STA>'.*at most 3 signs"),
        (lambda: diagrams.char_training("\uae40\uae40"), "'\uae40' cannot be drawn"),
        (lambda: diagrams.char_training(["a", ""]), "a letter is empty"),
        (lambda: diagrams.char_training(scores=HELLO[:3]), r"scores .*\(4, 4\), got \(3, 4\)"),
        (lambda: diagrams.char_training(scores=HELLO.T[:3]), r"scores .*\(4, 4\), got \(3, 4\)"),
        (lambda: diagrams.char_training(scores=HELLO * np.nan), "scores must be finite"),
        (lambda: diagrams.char_training(scores=HELLO * 30), "scores must lie between -99 and 99"),
        (lambda: diagrams.char_training(scores="hello"), "scores must be rows of numbers"),
        (lambda: diagrams.char_generation(""), "letters is empty"),
        (lambda: diagrams.char_generation("h"), "letters must have from 2 to 14"),
        (lambda: diagrams.char_generation("h" * 15), "letters must have from 2 to 14"),
        (lambda: diagrams.teacher_or_free("", ""), "truth is empty"),
        (lambda: diagrams.teacher_or_free("hello", "hallo!"), "own must have 5 letters like truth"),
        (lambda: diagrams.teacher_or_free("hello", "jello"), "own must begin with .* 'h', got 'j'"),
        (lambda: diagrams.teacher_or_free(forced="hell"), "forced must have 5 letters"),
        (lambda: diagrams.teacher_or_free("h" * 15, "h" * 15), "truth must have from 2 to 14"),
    ],
)
def test_bad_argument_is_named_and_no_figure_is_left(
    draw: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: diagrams.char_training(5), "word must be a text"),
        (lambda: diagrams.char_training(["a", 5]), "word must be a text"),
        (lambda: diagrams.char_generation(None), "letters must be a text"),
        (lambda: diagrams.teacher_or_free("hello", 5), "own must be a text"),
    ],
)
def test_what_is_no_text_is_refused(draw: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        draw()
    assert plt.get_fignums() == []
