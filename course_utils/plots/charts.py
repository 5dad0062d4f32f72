"""Charts of numbers: a heat map, lines over repeated runs, bars with a dot per seed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from course_utils.arguments import instance, real_number, shown, text
from course_utils.plots.colours import diverging
from course_utils.plots.glyphs import MISSING, in_default_font
from course_utils.plots.inputs import (
    LARGEST,
    any_numbers,
    as_axes,
    as_names,
    as_numbers,
    tick_names,
    written,
)
from course_utils.plots.style import INK, PALETTE

MAX_SIDE = 2000  # rows or columns of a heat map
MAX_WRITTEN = 2000  # numbers that are written into the squares
MAX_BARS = 30
_FORMAT = re.compile(r"[-+ ]?\d{0,2}(\.\d{1,2})?[eEfFgG%]?")


def heat_map(
    values: Any,
    *,
    ax: Axes,
    row_labels: Sequence[str] = (),
    col_labels: Sequence[str] = (),
    limit: float | None = None,
    write: str | None = None,
) -> Axes:
    """Draw a matrix as coloured squares, white at zero, blue below and orange above.

    Args:
        values: (rows, columns), numbers; the square of a NaN stays white.
        ax: where to draw.
        row_labels: one label per row, or none.
        col_labels: one label per column, or none.
        limit: the value that gets the full colour; by default the largest absolute value.
        write: a format such as ``".1f"`` writes each number into its square.

    Raises:
        TypeError: ax is no Axes, or labels, limit or write is of another type.
        ValueError: values is not a matrix, is empty, too large or infinite; the labels do not fit
            it; limit is not above 0; write is no format of a number.
    """
    values, ax = _matrix(values), as_axes("ax", ax)
    rows = _labels("row_labels", row_labels, values.shape[0])
    cols = _labels("col_labels", col_labels, values.shape[1])
    largest = float(np.abs(np.nan_to_num(values)).max()) or 1.0
    if limit is not None:
        largest = real_number("limit", limit, least=1e-30, most=LARGEST)
    digits = None if write is None else _format(write, values.size)
    largest = max(largest, 1e-30)
    ax.imshow(values, cmap=diverging(), vmin=-largest, vmax=largest, aspect="auto")
    ax.grid(False)
    for axis, names in ((ax.xaxis, cols), (ax.yaxis, rows)):
        drawn, look = tick_names(names)
        axis.set_ticks(range(len(drawn)), drawn, **look)
    if digits is not None:
        for (row, col), value in np.ndenumerate(values):
            ax.text(col, row, format(value, digits), ha="center", va="center", fontsize=13)
    return ax


def _matrix(values: Any) -> np.ndarray:
    """Return the numbers of a heat map, NaN among them, or say what is wrong with them."""
    values = any_numbers("values", values)
    if values.ndim != 2 or not 1 <= values.size or max(values.shape) > MAX_SIDE:
        wanted = f"(rows, columns) with at most {MAX_SIDE} of each"
        raise ValueError(f"values must be a matrix {wanted}, got shape {values.shape}")
    if np.abs(np.nan_to_num(values, posinf=np.inf, neginf=-np.inf)).max() > LARGEST:
        raise ValueError(f"values must be at most {LARGEST:g} to be drawn, and not infinite")
    return values


def _labels(name: str, labels: Any, count: int) -> list[str]:
    """Return the labels of a side of a heat map: none, or one for each row or column."""
    names = as_names(name, labels)
    if names and len(names) != count:
        raise ValueError(f"{name} must be {count} labels to fit values, got {len(names)}")
    return names


def _format(write: Any, count: int) -> str:
    """Return a format for numbers, or say what is wrong with it."""
    if not _FORMAT.fullmatch(text("write", write, what="a format such as '.1f'")):
        raise ValueError(f"write must be a format such as '.1f', got {shown(write)}")
    if count > MAX_WRITTEN:
        raise ValueError(f"write: {count} numbers cannot be read, leave it out or draw fewer")
    return write


def line_with_band(
    x: Sequence[float], runs: Any, *, ax: Axes, label: str, color: str, marker: str = "o"
) -> Axes:
    """Draw the mean over repeated runs with a band from the lowest to the highest run.

    Args:
        x: (N,) positions.
        runs: (R, N), one row per seed.
        ax: where to draw.
        label: entry of the legend.
        color: a colour, such as one of PALETTE's values.
        marker: a matplotlib marker, the second cue besides colour.

    Raises:
        TypeError: ax is no Axes, or label or marker is no text.
        ValueError: runs does not have one column per position, a number is not finite, label
            begins with "_" (matplotlib leaves such names out of a legend), or color or marker is
            none.
    """
    x, runs = as_numbers("x", x, ("N",)), any_numbers("runs", runs)
    runs = runs[None] if runs.ndim == 1 else runs
    if runs.ndim != 2 or runs.shape[1] != len(x):
        raise ValueError(f"runs must be (R, {len(x)}) to match x, got {runs.shape}")
    runs = as_numbers("runs", runs, ("R", len(x)))
    look = {"color": _colour(color), "marker": _marker(marker), "label": _in_legend(label)}
    return band(x, runs, ax=as_axes("ax", ax), **look)


def band(x: np.ndarray, runs: np.ndarray, *, ax: Axes, color: str, **look: Any) -> Axes:
    """Draw the mean of (R, N) runs as a line, and a band from the lowest to the highest."""
    ax.plot(x, runs.mean(axis=0), color=color, **look)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
    return ax


def _colour(color: Any) -> Any:
    """Return a colour that matplotlib knows."""
    if not isinstance(color, str | tuple) or not mpl.colors.is_color_like(color):
        raise ValueError(f"color must be a colour such as '#0072B2', got {shown(color)}")
    return color


def _marker(marker: Any) -> str:
    """Return one of matplotlib's markers."""
    if text("marker", marker, what="a marker") not in Line2D.markers:
        raise ValueError(f"marker must be a marker such as 'o' or 's', got {shown(marker)}")
    return marker


def _in_legend(label: Any) -> str:
    """Return a name as it must be given to a legend, to stand there as it was typed."""
    name, _ = written("label", label)
    if name.startswith("_"):
        raise ValueError(f"label must not begin with _, or no legend shows it, got {shown(name)}")
    drawn = (sign if sign == "\n" or in_default_font(sign) else MISSING for sign in name)
    return "".join(drawn).replace("$", r"\$")


def bars_with_seeds(values: Mapping[str, Sequence[float]], *, ax: Axes, unit: str) -> Axes:
    """Draw one bar per method: the mean over its seeds, with a dot per seed and their range.

    Args:
        values: method -> one number per seed (one number for a method without chance).
        ax: where to draw.
        unit: label of the axis.

    Raises:
        TypeError: values is no dict, a name or unit is no text, or ax is no Axes.
        ValueError: values is empty or has more than 30 methods, or a method has no number, or one
            that is not finite.
    """
    values, ax = _methods(values), as_axes("ax", ax)
    (unit, look) = written("unit", unit)
    colours = [colour for name, colour in PALETTE.items() if name != "black"]
    for row, (name, numbers) in enumerate(values.items()):
        mean = float(np.mean(numbers))
        ax.barh(row, mean, height=0.42, color=colours[row % len(colours)], alpha=0.75)
        if len(numbers) > 1:
            ax.hlines(row, min(numbers), max(numbers), color=INK, linewidth=1.5)
            ax.plot(numbers, [row] * len(numbers), "o", color=INK, markersize=5)
        # The name stands above its bar: there it never runs out of the picture.
        digits = ".3f" if abs(mean) < 1e6 else ".3g"
        drawn, how = written("values", f"{name}: {mean:{digits}}")
        ax.text(0, row - 0.27, drawn, va="bottom", ha="left", **how)
    ax.set_xlabel(unit, **look)
    ax.set_yticks([])
    ax.set_ylim(len(values) - 0.6, -0.75)
    ax.grid(False, axis="y")
    return ax


def _methods(values: Any) -> dict[str, list[float]]:
    """Return the numbers of each method as lists, or say what is wrong with them."""
    what = "a dict with the numbers of each method"
    named = dict(instance("values", values, Mapping, what=what))
    if not 1 <= len(named) <= MAX_BARS:
        raise ValueError(f"values must hold at least one method, at most {MAX_BARS}")
    as_names("values", named, longest=60)
    for name, numbers in named.items():
        if not np.size(any_numbers(f"values[{name!r}]", numbers)):
            raise ValueError(f"values[{name!r}] must hold at least one number")
        named[name] = as_numbers(f"values[{name!r}]", numbers, ("N",)).tolist()
    return named
