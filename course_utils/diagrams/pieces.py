"""Boxes, arrows and labels from which every diagram is put together.

A diagram is drawn on a blank page whose unit is one inch, so that the sizes of boxes and of letters
(13 points are 0.18 inch) can be compared directly.
"""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text

from course_utils.plots import INK, PALETTE, new_figure
from course_utils.plots.inputs import written

WIDTH = 9.0
LONGEST = 80  # signs of a title
SMALL = 13  # points; smaller letters cannot be read from the back of a room
MATHS = 16  # a letter with an index needs a larger size, because the index is drawn smaller

INPUT = PALETTE["blue"]
HIDDEN = PALETTE["green"]
OUTPUT = PALETTE["orange"]
RECURRENT = PALETTE["pink"]
PAST = PALETTE["grey"]
_DIM_LINE = "#C4C4C4"
_DIM_TEXT = "#767676"  # the palest grey that still has a contrast of 4.5 to 1 on white

Point = tuple[float, float]


def canvas(height: float, *, width: float = WIDTH) -> Axes:
    """Open a blank white page of width x height inches; one data unit is one inch."""
    figure, ax = new_figure(width=width, height=height)
    figure.set_layout_engine("none")
    ax.set_position((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, width), ylim=(0, height))
    return ax


def tint(color: str, strength: float = 0.25) -> tuple[float, float, float]:
    """Mix a colour with white: 0 is white, 1 is the full colour."""
    red, green, blue = mpl.colors.to_rgb(color)
    return (
        1 - strength * (1 - red),
        1 - strength * (1 - green),
        1 - strength * (1 - blue),
    )


def label(ax: Axes, at: Point, text: str, *, size: float = SMALL, **options: Any) -> Text:
    """Write text centred on a point; options are those of `Axes.text`."""
    x, y = at
    options = {"ha": "center", "color": INK, "linespacing": 1.25} | options
    if "va" not in options and "\n" in text:
        options["va"] = "center"
    elif "va" not in options:
        # Centred boxes would set "sun" lower than "hills"; equal base lines look straight.
        options["va"] = "baseline"
        y -= 0.36 * size / 72
    return ax.text(x, y, text, fontsize=size, **options)


def heading(ax: Axes, at: Point, title: str) -> None:
    """Write a reader's title as it was typed; `check_title` has seen it."""
    drawn, look = written("title", title, longest=LONGEST)
    label(ax, at, drawn, size=16, weight="bold", **look)


def check_title(title: str) -> str:
    """Return a title that fits into one line of a page.

    Raises:
        TypeError: title is no text.
        ValueError: it is too long or has several lines.
    """
    words = written("title", title, longest=LONGEST)[0]
    if "\n" in words:
        raise ValueError(f"title must be one line, got {words!r}")
    return title


def box(
    ax: Axes,
    at: Point,
    text: str = "",
    *,
    color: str,
    size: Point = (0.6, 0.52),
    dim: bool = False,
    letters: float = MATHS,
    strength: float = 0.25,
    plain: bool = False,
    **options: Any,
) -> FancyBboxPatch:
    """Draw a rounded box around a point, pale inside, with a text in it.

    Args:
        ax: a page from `canvas`.
        at: the centre, inches.
        text: what stands in the box.
        color: colour of the edge; the inside is a pale tint of it.
        size: (width, height), inches.
        dim: draw in pale grey, for a part that is not reached yet.
        letters: size of the text in points.
        strength: how strong the inside is, from 0 (white) to 1.
        plain: the text is a reader's: no mathematics in it.
        options: of `FancyBboxPatch`, such as ``hatch="//"``.
    """
    corner = (at[0] - size[0] / 2, at[1] - size[1] / 2)
    colours = {"edgecolor": color, "facecolor": tint(color, strength)}
    if dim:
        colours = {"edgecolor": _DIM_LINE, "facecolor": "white"}
    shape = f"round,pad=0,rounding_size={min(0.1, 0.18 * min(size))}"
    options = {"linewidth": 2, "zorder": 3} | colours | options
    patch = FancyBboxPatch(corner, *size, boxstyle=shape, **options)
    ax.add_patch(patch)
    if text:
        look = {"color": _DIM_TEXT if dim else INK, "zorder": 5, "parse_math": not plain}
        label(ax, at, text, size=letters, **look)
    return patch


def arrow(
    ax: Axes,
    start: Point,
    end: Point,
    *,
    color: str = INK,
    dim: bool = False,
    **options: Any,
) -> FancyArrowPatch:
    """Draw an arrow from start to end; options are those of `FancyArrowPatch`."""
    options = {"linewidth": 2, "zorder": 2, "mutation_scale": 15} | options
    patch = FancyArrowPatch(
        start,
        end,
        arrowstyle="-|>",
        shrinkA=0,
        shrinkB=0,
        color=_DIM_LINE if dim else color,
        **options,
    )
    ax.add_patch(patch)
    return patch


def path_arrow(ax: Axes, points: list[Point], *, color: str = INK, **options: Any) -> None:
    """Draw a line through the points that ends in an arrow; options are those of `Axes.plot`."""
    options = {"linewidth": 2, "zorder": 2} | options
    ax.plot(*zip(*points, strict=True), color=color, **options)
    (x0, y0), (x1, y1) = points[-2:]
    # The head is drawn apart, because a dashed line would break it up.
    part = 0.22 / ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    arrow(
        ax,
        (x1 - part * (x1 - x0), y1 - part * (y1 - y0)),
        (x1, y1),
        color=color,
        linewidth=options["linewidth"],
    )


def loop(ax: Axes, at: Point, *, reach: float, color: str, spread: float = 0.13) -> None:
    """Draw an arrow that leaves the right side of a box and comes back to it.

    Args:
        ax: a page from `canvas`.
        at: middle of the box's right side, inches.
        reach: how far the loop goes to the right, inches.
        color: its colour.
        spread: distance of the arrow's two ends from the middle, inches.
    """
    x, y = at
    far = x + reach * 4 / 3  # a cubic curve reaches three quarters of the way to its controls
    high = 0.95 * reach
    points = [(x, y + spread), (far, y + high), (far, y - high), (x, y - spread)]
    path = Path(points, [Path.MOVETO] + [Path.CURVE4] * 3)
    look = {"linewidth": 2, "zorder": 2, "mutation_scale": 15, "fill": False}
    ax.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>", color=color, **look))


def weight_label(
    ax: Axes, at: Point, name: str, *, color: str, dim: bool = False, **options: Any
) -> None:
    """Write the name of a weight matrix beside its arrow, such as ``"xh"`` for W_xh."""
    ink = _DIM_TEXT if dim else darker(color)
    label(ax, at, rf"$W_{{{name}}}$", size=15, color=ink, **options)


def darker(color: str) -> tuple[float, float, float]:
    """Return a darker shade, for letters on white."""
    red, green, blue = mpl.colors.to_rgb(color)
    return (red * 0.72, green * 0.72, blue * 0.72)
