"""A sentence with the window around one word, and who predicts whom in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from course_utils.arguments import items, shown
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
from course_utils.plots.inputs import as_count, visible

MAX_WORDS = 14
MAX_WINDOW = 6
MAX_SIGNS = 60  # of a word; longer ones never fit
WINDOW_KINDS = ("skip-gram", "CBOW")

_TALL = 0.46  # inches; height of a word's box
_MIDDLE = 0.95  # inches; height of the words' middle
_SIDE, _GAP, _PAD = 0.15, 0.1, 0.2  # inches: free at the page's sides, between words, in a box
_SIZES = (17, 15, 13)  # points; the largest with which the words fit is taken
_SAYS = {
    "skip-gram": "Skip-gram: the centre predicts each context word, one pair for each",
    "CBOW": "CBOW: the mean of the context words predicts the centre, one pair",
}


@dataclass(frozen=True)
class _Line:
    """The words in one line: the middle and the width of each box, the size of the letters."""

    words: list[str]
    xs: list[float]
    wide: list[float]
    size: float


def word_windows(
    words: Sequence[str], place: int, window: int, *, kind: Literal["skip-gram", "CBOW"]
) -> Axes:
    """Draw the words of a sentence with the centre, its context, and who predicts whom.

    Args:
        words: from 2 to 14 words that fit into one line.
        place: the centre's place, from 0.
        window: how many words at each side belong to the context, from 1 to 6; fewer at the ends
            of the sentence.
        kind: "skip-gram" (arrows from the centre to each context word) or "CBOW" (arrows from the
            context words to their mean, and from there to the centre).

    Returns:
        The Axes.

    Raises:
        TypeError: words is a single text, or place or window is not a whole number.
        ValueError: there are too few or too many words for one line, a word cannot be drawn, or
            place, window or kind is out of range.
    """
    line = _line(words)
    place = as_count("place", place, low=0, high=len(line.words) - 1)
    window = as_count("window", window, high=MAX_WINDOW)
    if not isinstance(kind, str) or kind not in WINDOW_KINDS:
        raise ValueError(f"kind must be 'skip-gram' or 'CBOW', got {shown(kind)}")
    low, high = max(0, place - window), min(len(line.words) - 1, place + window)
    around = [other for other in range(low, high + 1) if other != place]
    ax = canvas(3.35)
    label(ax, (WIDTH / 2, 3.05), _SAYS[kind], size=16)
    _band(ax, line, low, high, f"window {window}")
    for number, word in enumerate(line.words):
        color = OUTPUT if number == place else INPUT
        look = {"size": (line.wide[number], _TALL), "letters": line.size}
        outside = not low <= number <= high
        look |= {"color": color, "dim": outside, "plain": True}
        box(ax, (line.xs[number], _MIDDLE), word, **look)
    (_to_each if kind == "skip-gram" else _to_centre)(ax, line, place, around)
    return ax


def _line(words: Sequence[str]) -> _Line:
    """Return the places of the words' boxes, with the largest letters that fit."""
    if isinstance(words, str):
        raise TypeError(f"words must be a list of words, got the text {words!r:.40}: split it")
    words = items("words", words, what="a list of words")
    if not 2 <= len(words) <= MAX_WORDS:
        raise ValueError(f"words must be from 2 to {MAX_WORDS} words, got {len(words)}")
    drawn = [visible(word, "words") for word in words]
    if any(len(word) > MAX_SIGNS for word in drawn):
        raise ValueError(f"words must have at most {MAX_SIGNS} signs: take shorter ones")
    room = WIDTH - 2 * _SIDE - _GAP * (len(words) - 1)
    for size in _SIZES:
        wide = [max(_TALL, text_width(word, size) + _PAD) for word in drawn]
        if sum(wide) <= room:
            break
    else:
        raise ValueError(
            f"words: {len(words)} words are too long for one line: take fewer or shorter ones"
        )
    x = (WIDTH - sum(wide) - _GAP * (len(words) - 1)) / 2
    lefts = [x + sum(wide[:place]) + _GAP * place for place in range(len(words))]
    return _Line(drawn, [left + w / 2 for left, w in zip(lefts, wide, strict=True)], wide, size)


def text_width(text: str, size: float) -> float:
    """Return how wide a text is, in inches."""
    return (
        text_to_path.get_text_width_height_descent(text, FontProperties(size=size), False)[0] / 72
    )


def _band(ax: Axes, line: _Line, low: int, high: int, name: str) -> None:
    """Shade the window behind the words, with its name below."""
    left = line.xs[low] - line.wide[low] / 2 - _GAP / 2
    right = line.xs[high] + line.wide[high] / 2 + _GAP / 2
    look = {"facecolor": tint(PAST, 0.14), "edgecolor": "none", "zorder": 0}
    ax.add_patch(Rectangle((left, _MIDDLE - 0.37), right - left, 0.74, **look))
    label(ax, ((left + right) / 2, _MIDDLE - 0.58), name, size=14)


def _to_each(ax: Axes, line: _Line, place: int, around: list[int]) -> None:
    """Draw an arc from the centre to each context word; wider ones rise higher."""
    top = _MIDDLE + _TALL / 2
    for other in around:
        side = 1 if other > place else -1
        steps = abs(other - place)
        # The ends stand apart, so that the arcs are seen to leave the centre one by one.
        start = (line.xs[place] + side * min(0.05 + 0.04 * steps, 0.19), top)
        far = abs(line.xs[other] - start[0])
        # An arc of this kind rises by half its number times the distance.
        rise = min(1.5, 0.25 + 0.22 * far)
        curve = f"arc3,rad={-side * 2 * rise / far:.3f}"
        arrow(ax, start, (line.xs[other], top), color=OUTPUT, connectionstyle=curve)


def _to_centre(ax: Axes, line: _Line, place: int, around: list[int]) -> None:
    """Draw an arrow from each context word to their mean, and from the mean to the centre."""
    top, mean = _MIDDLE + _TALL / 2, _MIDDLE + 1.45
    size: Point = (0.86, 0.44)
    x = min(max(line.xs[place], _SIDE + size[0] / 2), WIDTH - _SIDE - size[0] / 2)
    box(ax, (x, mean), "mean", color=INPUT, size=size, letters=15)
    for other in around:
        side = 1 if other > place else -1
        end = (x + side * size[0] / 2, mean)
        bend = f"angle3,angleA=90,angleB={0 if side < 0 else 180}"
        arrow(ax, (line.xs[other], top), end, color=INPUT, connectionstyle=bend)
    arrow(ax, (x, mean - size[1] / 2), (line.xs[place], top), color=OUTPUT, linewidth=3)
