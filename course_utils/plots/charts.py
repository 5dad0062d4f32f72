"""Charts of numbers: a heat map, lines over repeated runs, bars with a dot per seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.plots.colours import diverging
from course_utils.plots.style import INK, PALETTE


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
        values: (rows, columns), numbers.
        ax: where to draw.
        row_labels: one label per row, or none.
        col_labels: one label per column, or none.
        limit: the value that gets the full colour; by default the largest absolute value.
        write: a format such as ``".1f"`` writes each number into its square.

    Raises:
        ValueError: values is not a matrix, or is empty.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"values must be a matrix (rows, columns), got shape {values.shape}")
    limit = limit or float(np.nanmax(np.abs(values))) or 1.0
    ax.imshow(values, cmap=diverging(), vmin=-limit, vmax=limit, aspect="auto")
    ax.grid(False)
    ax.set_xticks(range(len(col_labels)), col_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    if write is not None:
        for (row, col), value in np.ndenumerate(values):
            ax.text(col, row, format(value, write), ha="center", va="center", fontsize=13)
    return ax


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
        ValueError: runs does not have one column per position.
    """
    runs = np.atleast_2d(np.asarray(runs, dtype=float))
    if runs.shape[1] != len(x):
        raise ValueError(f"runs must be (R, {len(x)}) to match x, got {runs.shape}")
    ax.plot(x, runs.mean(axis=0), color=color, marker=marker, label=label)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2, linewidth=0)
    return ax


def bars_with_seeds(values: Mapping[str, Sequence[float]], *, ax: Axes, unit: str) -> Axes:
    """Draw one bar per method: the mean over its seeds, with a dot per seed and their range.

    Args:
        values: method -> one number per seed (one number for a method without chance).
        ax: where to draw.
        unit: label of the axis.

    Raises:
        ValueError: values is empty, or a method has no number.
    """
    if not values or not all(len(numbers) for numbers in values.values()):
        raise ValueError("values must hold at least one method, each with at least one number")
    colours = [colour for name, colour in PALETTE.items() if name != "black"]
    for row, (name, numbers) in enumerate(values.items()):
        mean = float(np.mean(numbers))
        ax.barh(row, mean, height=0.42, color=colours[row % len(colours)], alpha=0.75)
        if len(numbers) > 1:
            ax.hlines(row, min(numbers), max(numbers), color=INK, linewidth=1.5)
            ax.plot(numbers, [row] * len(numbers), "o", color=INK, markersize=5)
        # The name stands above its bar: there it never runs out of the picture.
        ax.text(0, row - 0.27, f"{name}: {mean:.3f}", va="bottom", ha="left")
    ax.set_xlabel(unit)
    ax.set_yticks([])
    ax.set_ylim(len(values) - 0.6, -0.75)
    ax.grid(False, axis="y")
    return ax
