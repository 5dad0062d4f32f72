"""The map of the course: nine lessons, their questions, and which one to study before which."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    OUTPUT,
    PAST,
    Point,
    box,
    canvas,
    darker,
    label,
    path_arrow,
)
from course_utils.lessons import LESSONS, Lesson, direct_needs

MAP_WIDTH, MAP_HEIGHT = 11.5, 6.0  # inches: it is read from the back of a room

_LETTERS = 14  # points
_TITLE = 16
_RIM = 0.16  # inches between the edge of a box and its letters
_APART = 0.3  # inches, half the distance of two arrows that end at one box
_HEAD = 0.22  # inches, length of the last part of an arrow


@dataclass(frozen=True)
class _Part:
    """One part of the course: its heading and where that stands, its colour, its lessons."""

    says: str
    at: Point
    color: str
    numbers: tuple[int, ...]


_PARTS = (
    _Part("1. Build the network", (0.2, 5.72), HIDDEN, (1, 2, 3, 4)),
    _Part("2. Let it work", (0.2, 3.42), INPUT, (5, 6, 7, 8)),
    _Part("3. Look further", (9.0, 3.42), OUTPUT, (9,)),
)
# Lesson -> middle of its box, and (width, height); inches.
_FOUR = [1.47, 4.32, 7.17, 10.02]
_BOXES: dict[int, tuple[Point, Point]] = {
    **{n: ((x, 4.72), (2.54, 1.4)) for n, x in enumerate(_FOUR, start=1)},
    5: ((1.47, 1.83), (2.54, 1.4)),
    6: ((5.75, 2.86), (5.4, 0.86)),
    7: ((5.75, 1.83), (5.4, 0.86)),
    8: ((5.75, 0.80), (5.4, 0.86)),
    9: ((10.02, 1.31), (2.54, 1.4)),
}


def course_map() -> Axes:
    """Draw the nine lessons with their questions and minutes; arrows say what comes first.

    The words and the minutes are those of `course_utils.lessons.LESSONS`.

    Returns:
        The Axes, of a figure 11.5 x 6 inches.
    """
    ax = canvas(MAP_HEIGHT, width=MAP_WIDTH)
    for part in _PARTS:
        color = darker(part.color)
        label(ax, part.at, part.says, size=_TITLE + 1, ha="left", weight="bold", color=color)
        for number in part.numbers:
            _lesson(ax, LESSONS[number - 1], part.color)
            for before in direct_needs(number):
                path_arrow(ax, _way(before, number), color=PAST, linewidth=2.5)
    runs = max(lesson.run_minutes for lesson in LESSONS)
    note = f"min: minutes to study. Running all cells of a lesson takes about {runs} min."
    label(ax, (0.2, 0.16), note, size=_LETTERS, ha="left")
    return ax


def _lesson(ax: Axes, lesson: Lesson, color: str) -> None:
    """Draw the box of one lesson: number and minutes, title, question."""
    (x, y), (wide, high) = _BOXES[lesson.number]
    box(ax, (x, y), color=color, size=(wide, high), strength=0.14)
    left, right, top = x - wide / 2 + _RIM, x + wide / 2 - _RIM, y + high / 2 - 0.27
    look = {"ha": "left", "zorder": 5}
    minutes = f"{lesson.study_minutes} min"
    label(ax, (right, top), minutes, size=_LETTERS, zorder=5, ha="right")
    if wide > 4:
        title = f"{lesson.number:02d}  {lesson.title}"
        label(ax, (left, top), title, size=_TITLE, weight="bold", **look)
        label(ax, (left, top - 0.34), lesson.question, size=_LETTERS, **look)
        return
    label(ax, (left, top), f"{lesson.number:02d}", size=_TITLE, weight="bold", **look)
    label(ax, (left, top - 0.32), lesson.title, size=_TITLE, weight="bold", **look)
    label(ax, (left, top - 0.74), _two_lines(lesson.question), size=_LETTERS, **look)


def _two_lines(question: str) -> str:
    """Break a question into two lines of about the same length.

    >>> _two_lines("Why does order need a memory?")
    'Why does order\\nneed a memory?'
    """
    words = question.split()
    ways = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return "\n".join(min(ways, key=lambda way: max(map(len, way))))


def _way(before: int, number: int) -> list[Point]:
    """Return the corners of the arrow from one box to another."""
    (x0, y0), (wide0, high0) = _BOXES[before]
    (x1, y1), (wide1, high1) = _BOXES[number]
    if x1 < x0:  # the next row begins at the left
        between, enter = y0 - high0 / 2 - 0.3, x1 + 0.95
        return [(x0, y0 - high0 / 2), (x0, between), (enter, between), (enter, y1 + high1 / 2)]
    start, end = x0 + wide0 / 2, x1 - wide1 / 2
    if abs(y1 - y0) < 0.01:
        return [(start, y0), (end, y0)]
    # Two arrows into one box end apart; an arrow out of one box to three ends at their middles.
    target = y1 + max(-_APART, min(_APART, y0 - y1)) if wide0 > wide1 else y1
    step = end - _HEAD
    return [(start, y0), (step, y0), (step, target), (end, target)]
