"""What each place of a text reads: attention weights as a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.plots.colours import sequential
from course_utils.plots.inputs import as_count, as_numbers, as_symbols, written
from course_utils.plots.style import INK, PALETTE, new_figure

MAX_LETTERS = 32  # more rows leave no room for letters that can be read


def attention_map(
    weights: Any, letters: Sequence[str], *, place: int | None = None, title: str = ""
) -> Axes:
    """Draw which earlier places each place reads: a row per reading place, dark where it reads.

    A causal model reads no later place: that part is grey.

    Args:
        weights: (T, T), row t sums to 1 over the places from 0 to t, and is 0 behind them. T is at
            most 32.
        letters: T letters.
        place: a row to frame, from 0; the letters that it may read are bold. None frames none.
        title: what stands above the map.

    Returns:
        The Axes.

    Raises:
        TypeError: letters, place or title is of another type.
        ValueError: weights do not fit letters, are not causal or do not sum to 1, there are too
            many letters, one is longer than 12 signs, or place is out of range.
    """
    names = as_symbols("letters", letters, most=MAX_LETTERS)
    size = len(names)
    shares = causal_weights(weights, size)
    place = None if place is None else as_count("place", place, low=0, high=size - 1)
    title, look = written("title", title)
    row = max(0.23, min(0.42, 4.2 / size))
    figure, ax = new_figure(height=max(2.8, row * size + 1.3) + (0.35 if title else 0))
    masked = np.where(np.tri(size, dtype=bool), shares, np.nan)
    image = ax.imshow(masked, cmap=sequential(), vmin=0, vmax=1, aspect="auto")
    ax.set_facecolor("#E4E4E4")
    _axes(ax, names, place)
    if title:
        ax.set_title(title, **look)
    bar = figure.colorbar(image, ax=ax, pad=0.02, aspect=25)
    bar.set_label("attention weight", fontsize=14)
    bar.ax.tick_params(labelsize=13)
    return ax


def causal_weights(weights: Any, size: int) -> np.ndarray:
    """Return attention weights as float (T, T), or say what is wrong with them.

    Args:
        weights: (T, T).
        size: T.

    Raises:
        ValueError: they have another shape, read a later place, or do not sum to 1 in each row.
    """
    shares = as_numbers("weights", weights, (size, size))
    if shares.min() < -1e-6 or np.abs(shares.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "each row of weights must be from 0 to 1 with the sum 1, got sums from "
            f"{shares.sum(axis=1).min():.3g} to {shares.sum(axis=1).max():.3g}: apply softmax to "
            "the scores of each row"
        )
    later = np.triu(shares, 1)
    if later.max() > 1e-6:
        row, col = np.unravel_index(later.argmax(), later.shape)
        raise ValueError(
            f"weights[{row}, {col}] is {later.max():.3g}, but place {row} must not read the later "
            f"place {col}: set the scores of later places to -inf before softmax"
        )
    return shares


def _axes(ax: Axes, names: list[str], place: int | None) -> None:
    """Write the letters at both axes, and frame the row of the reading place."""
    ax.grid(False)
    ax.tick_params(length=0)
    look = {"fontsize": 15 if len(names) <= 24 else 13, "parse_math": False}
    look["fontfamily"] = "DejaVu Sans Mono"
    ax.set_xticks(range(len(names)), names, **look)
    ax.set_yticks(range(len(names)), names, **look)
    ax.set(xlabel="place that is read", ylabel="reading place")
    if place is None:
        return
    frame = {"fill": False, "edgecolor": INK, "linewidth": 2.5, "clip_on": False, "zorder": 4}
    ax.add_patch(Rectangle((-0.5, place - 0.5), place + 1, 1, **frame))
    for tick in [ax.get_yticklabels()[place], *ax.get_xticklabels()[: place + 1]]:
        tick.set(fontweight="bold", color=PALETTE["blue"])
