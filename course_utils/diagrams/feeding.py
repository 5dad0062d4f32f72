"""What a character network reads next: the true letter, or its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from course_utils.diagrams.letter_pieces import (
    DASHES,
    TALL,
    Columns,
    columns,
    feed_back,
    letter,
    letters_of,
    read_and_answer,
)
from course_utils.diagrams.pieces import INPUT, OUTPUT, PAST, WIDTH, box, canvas, label
from course_utils.plots import INK

_TARGETS = 5.8  # inches; middle of the targets
_FORCED = (3.44, 4.16, 4.88)  # middles of inputs, hidden states, answers
_FREE = (0.98, 1.7, 2.42)
_TITLE = 0.52  # from the middle of the answers up to the title


def char_generation(letters: Sequence[str]) -> Axes:
    """Draw how a character network writes: every answer goes down and becomes the next input.

    Args:
        letters: from 2 to 14: the first is given, the others are the answers in order.

    Returns:
        The Axes.

    Raises:
        TypeError: letters is no text and no list of letters.
        ValueError: there are too few or too many letters, or one cannot be drawn.
    """
    letters = letters_of("letters", letters)
    places = columns(len(letters) - 1)
    heights = (1.25, 2.35, 3.45)
    ax = canvas(4.4)
    read_and_answer(ax, places, heights)
    for t, x in enumerate(places.xs):
        # The first input stands in a full frame; the others come from the network itself.
        look = {"color": OUTPUT, "linestyle": "--"} if t else {"color": INPUT}
        letter(ax, (x, heights[0]), letters[t], width=places.wide, **look)
        letter(ax, (x, heights[2]), letters[t + 1], width=places.wide, color=OUTPUT)
        if t + 1 < len(places.xs):
            feed_back(ax, places, t, heights)
    label(ax, (places.xs[0], heights[0] - TALL / 2 - 0.2), "given")
    label(ax, (WIDTH / 2, 4.12), "Each answer becomes the next input", size=15)
    note = "Dashed: written by the network itself. Nobody tells it the right letter."
    label(ax, (WIDTH / 2, 0.25), note, size=14)
    return ax


@dataclass(frozen=True)
class _Run:
    """One way to run: its title, what it reads, what it answers, the step of the first mistake."""

    title: str
    heights: tuple[float, float, float]
    inputs: list[str]
    answers: list[str]
    wrong: int | None
    own: bool  # whether it reads its own answers


def teacher_or_free(
    truth: Sequence[str] = "hello",
    own: Sequence[str] = "hallo",
    *,
    forced: Sequence[str] | None = None,
) -> Axes:
    """Draw teacher forcing above free running, the first wrong answer marked in both.

    Teacher forcing reads the true letter even after a wrong answer. Free running reads the answer,
    so that all that follows stands on it: a hatched field lies behind it.

    Args:
        truth: T + 1 letters, from 2 to 14: the first is given, the others are the targets.
        own: T + 1 letters: the given one, then the answers in free running.
        forced: T + 1 letters: the given one, then the answers under teacher forcing; by default the
            first wrong answer of own, and the truth elsewhere.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is no text and no list of letters.
        ValueError: truth has too few or too many letters, one cannot be drawn, or own or forced
            differ from truth in their length or in the given letter.
    """
    truth = letters_of("truth", truth)
    own = _as_long("own", own, truth)
    wrong = _first_wrong(own, truth)
    forced = _with_one_mistake(truth, own) if forced is None else _as_long("forced", forced, truth)
    title = "Teacher forcing: the next input is the true letter"
    taught = _Run(title, _FORCED, truth[:-1], forced[1:], _first_wrong(forced, truth), False)
    title = "Free running: the next input is its own answer"
    free = _Run(title, _FREE, own[:-1], own[1:], wrong, True)
    places = columns(len(truth) - 1)
    ax = canvas(6.1)
    for x, target in zip(places.xs, truth[1:], strict=True):
        letter(ax, (x, _TARGETS), target, width=places.wide, color=PAST)
    label(ax, (0.2, _TARGETS), "target", size=14, ha="left")
    for run in (taught, free):
        _draw(ax, places, run)
    ax.plot([0.2, WIDTH - 0.2], [_FORCED[0] - 0.32] * 2, color="#CCCCCC", linewidth=1)
    _legend(ax, mistake=taught.wrong is not None or wrong is not None)
    return ax


def _as_long(name: str, word: Sequence[str], truth: list[str]) -> list[str]:
    """Return the letters of a word that must begin like the truth and be as long."""
    letters = letters_of(name, word)
    if len(letters) != len(truth):
        raise ValueError(f"{name} must have {len(truth)} letters like truth, got {len(letters)}")
    if letters[0] != truth[0]:
        raise ValueError(
            f"{name} must begin with the given letter {truth[0]!r}, got {letters[0]!r}"
        )
    return letters


def _first_wrong(letters: list[str], truth: list[str]) -> int | None:
    """Return the first step whose answer is not the target, or None when all are right."""
    pairs = enumerate(zip(letters[1:], truth[1:], strict=True))
    return next((t for t, (answer, target) in pairs if answer != target), None)


def _with_one_mistake(truth: list[str], own: list[str]) -> list[str]:
    """Return the truth with the first wrong answer of own in it."""
    wrong = _first_wrong(own, truth)
    return truth if wrong is None else [*truth[: wrong + 1], own[wrong + 1], *truth[wrong + 2 :]]


def _draw(ax: Axes, places: Columns, run: _Run) -> None:
    """Draw one way to run in its part of the page."""
    low, _, high = run.heights
    label(ax, (0.2, high + _TITLE), run.title, size=15, weight="bold", ha="left")
    read_and_answer(ax, places, run.heights)
    for t, x in enumerate(places.xs):
        fed = run.own and t > 0
        look = {"color": OUTPUT, "linestyle": "--"} if fed else {"color": INPUT}
        letter(ax, (x, low), run.inputs[t], width=places.wide, **look)
        look = {"edgecolor": INK, "linewidth": 3.5} if t == run.wrong else {}
        letter(ax, (x, high), run.answers[t], width=places.wide, color=OUTPUT, **look)
        if run.own and t + 1 < len(places.xs):
            feed_back(ax, places, t, run.heights)
    if run.wrong is not None:
        _cross(ax, places.xs[run.wrong] + places.wide / 2, high + TALL / 2)
        if run.own:
            _field(ax, places, run)


def _cross(ax: Axes, x: float, y: float) -> None:
    """Draw the sign for a wrong answer, which no colour is needed to see."""
    look = {"markersize": 17, "color": INK, "markeredgecolor": "white", "markeredgewidth": 1.5}
    ax.plot(x, y, "X", zorder=7, **look)


def _field(ax: Axes, places: Columns, run: _Run) -> None:
    """Draw a hatched field behind everything that follows from the first wrong answer."""
    if run.wrong + 1 == len(places.xs):
        return
    left, right = places.gaps[run.wrong] + 0.03, places.xs[-1] + places.pitch / 2
    low, high = run.heights[0] - TALL / 2 - 0.09, run.heights[2] + TALL / 2 + 0.09
    _hatched(ax, (left, low), (min(right, 8.95) - left, high - low))


def _hatched(ax: Axes, corner: tuple[float, float], size: tuple[float, float]) -> None:
    """Draw a hatched field from its lower left corner."""
    middle = (corner[0] + size[0] / 2, corner[1] + size[1] / 2)
    look = {"hatch": "//", "edgecolor": "#B5B5B5", "linestyle": DASHES, "linewidth": 1.2}
    box(ax, middle, color=PAST, size=size, strength=0.12, zorder=0, **look)


def _legend(ax: Axes, *, mistake: bool) -> None:
    """Write under the picture what the marks say."""
    y = 0.24
    if not mistake:
        label(ax, (WIDTH / 2, y), "Every answer is right: both read the same letters.", size=14)
        return
    _cross(ax, 2.0, y)
    label(ax, (2.2, y), "first wrong answer", size=14, ha="left")
    _hatched(ax, (4.6, y - 0.13), (0.5, 0.26))
    label(ax, (5.22, y), "all that follows from it", size=14, ha="left")
