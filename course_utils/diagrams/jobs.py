"""Four jobs with a sequence in them, as four cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Circle, Polygon, Rectangle

from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    PAST,
    RECURRENT,
    Point,
    arrow,
    box,
    canvas,
    label,
    tint,
)
from course_utils.plots import INK, PALETTE

_CARD: Point = (4.3, 2.2)


def four_jobs() -> Axes:
    """Draw four jobs as cards, with a double frame around the part of each that is a sequence.

    Returns:
        The Axes.
    """
    ax = canvas(5.5)
    drawings: Sequence[tuple[str, Callable[[Axes, Point], None]]] = (
        ("1  Write a caption for a picture", _caption),
        ("2  Will this company go bankrupt?", _bankruptcy),
        ("3  Translate a sentence", _translation),
        ("4  Is this word a person's name?", _person_name),
    )
    for number, (title, draw) in enumerate(drawings):
        x = (2.28, 6.72)[number % 2]
        y = (4.3, 1.93)[number // 2]
        box(ax, (x, y), color="#AAAAAA", size=_CARD, strength=0.05, linewidth=1.2, zorder=0)
        label(ax, (x - 2.0, y + 0.8), title, size=15, weight="bold", ha="left")
        draw(ax, (x, y - 0.2))
    _double_frame(ax, (2.2, 0.4), (0.5, 0.34))
    label(ax, (2.6, 0.4), "double frame: a sequence, its order matters", size=14, ha="left")
    return ax


def _double_frame(ax: Axes, at: Point, size: Point) -> None:
    """Draw two frames, one inside the other, around a part that is a sequence."""
    for grow in (0.0, 0.13):
        wide = (size[0] + grow, size[1] + grow)
        box(ax, at, color=RECURRENT, size=wide, facecolor="none", linewidth=2, zorder=4)


def _tiles(ax: Axes, at: Point, words: Sequence[str], *, color: str, width: float) -> None:
    """Draw a sequence: one tile per element in a row, inside a double frame."""
    pitch = width + 0.08
    for number, word in enumerate(words):
        x = at[0] + (number - (len(words) - 1) / 2) * pitch
        box(ax, (x, at[1]), word, color=color, size=(width, 0.46), letters=14, linewidth=1.5)
    _double_frame(ax, at, (len(words) * pitch + 0.1, 0.66))


def _caption(ax: Axes, at: Point) -> None:
    """Draw a picture on the left and the words of its caption on the right."""
    x, y = at
    _landscape(ax, (x - 1.4, y))
    arrow(ax, (x - 0.72, y), (x - 0.27, y))
    _tiles(ax, (x + 0.92, y), ("sun", "and", "hills"), color=OUTPUT, width=0.56)
    label(ax, (x - 1.4, y - 0.72), "picture")
    label(ax, (x + 0.92, y - 0.72), "words")


def _landscape(ax: Axes, at: Point) -> None:
    """Draw a small picture: hills and a sun in a frame."""
    x, y = at
    sky, hill = tint(PALETTE["sky"], 0.35), PALETTE["green"]
    ax.add_patch(Rectangle((x - 0.55, y - 0.42), 1.1, 0.84, facecolor=sky, zorder=2))
    ax.add_patch(Circle((x + 0.28, y + 0.2), 0.12, facecolor=PALETTE["amber"], zorder=3))
    near = [(x - 0.55, y - 0.42), (x - 0.2, y + 0.18), (x + 0.2, y - 0.42)]
    far = [(x - 0.15, y - 0.42), (x + 0.2, y), (x + 0.55, y - 0.42)]
    ax.add_patch(Polygon(far, facecolor=tint(hill, 0.6), zorder=3))
    ax.add_patch(Polygon(near, facecolor=hill, zorder=3))
    frame = {"fill": False, "edgecolor": INK, "linewidth": 2, "zorder": 4}
    ax.add_patch(Rectangle((x - 0.55, y - 0.42), 1.1, 0.84, **frame))


def _bankruptcy(ax: Axes, at: Point) -> None:
    """Draw one balance sheet per year on the left and a yes-or-no answer on the right."""
    x, y = at
    years = ((2021, (0.34, 0.26)), (2022, (0.22, 0.3)), (2023, (0.1, 0.34)))
    for number, (year, bars) in enumerate(years):
        _sheet(ax, (x - 1.49 + 0.74 * number, y), str(year), bars)
    _double_frame(ax, (x - 0.75, y), (2.3, 0.94))
    arrow(ax, (x + 0.53, y), (x + 0.93, y))
    _answer(ax, (x + 1.5, y))
    label(ax, (x - 0.75, y - 0.72), "balance sheet of each year")


def _sheet(ax: Axes, at: Point, year: str, bars: Sequence[float]) -> None:
    """Draw one balance sheet: its year and two bars, what is owned and what is owed."""
    x, y = at
    box(ax, at, color=INPUT, size=(0.66, 0.8), strength=0.1, linewidth=1.5)
    label(ax, (x, y + 0.24), year, zorder=5)
    for dx, height, color, hatch in zip(
        (-0.2, 0.04), bars, (INPUT, OUTPUT), ("", "///"), strict=True
    ):
        look = {"facecolor": tint(color, 0.6), "edgecolor": INK, "hatch": hatch, "zorder": 4}
        ax.add_patch(Rectangle((x + dx, y - 0.33), 0.16, height, **look))


def _answer(ax: Axes, at: Point) -> None:
    """Draw a yes-or-no answer as a diamond."""
    x, y = at
    corners = [(x - 0.55, y), (x, y + 0.42), (x + 0.55, y), (x, y - 0.42)]
    look = {"facecolor": tint(PAST, 0.15), "edgecolor": PAST, "linewidth": 2, "zorder": 3}
    ax.add_patch(Polygon(corners, **look))
    label(ax, at, "yes/no", zorder=5)


def _translation(ax: Axes, at: Point) -> None:
    """Draw the words of one language on the left and those of another on the right."""
    x, y = at
    _tiles(ax, (x - 1.22, y), ("I'm", "here"), color=INPUT, width=0.54)
    arrow(ax, (x - 0.44, y), (x - 0.04, y))
    _tiles(ax, (x + 1.0, y), ("ich", "bin", "da"), color=OUTPUT, width=0.5)
    label(ax, (x - 1.22, y - 0.72), "English words")
    label(ax, (x + 1.0, y - 0.72), "German words")


def _person_name(ax: Axes, at: Point) -> None:
    """Draw the letters of a word on the left and a yes-or-no answer on the right."""
    x, y = at
    _tiles(ax, (x - 0.75, y), "Satoshi", color=INPUT, width=0.24)
    arrow(ax, (x + 0.53, y), (x + 0.93, y))
    _answer(ax, (x + 1.5, y))
    label(ax, (x - 0.75, y - 0.72), "letters of the word")
