"""What a classifier answers: a confusion matrix, and its belief while it reads letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.arguments import flag
from course_utils.plots.colours import needs_white
from course_utils.plots.inputs import (
    as_axes,
    as_count,
    as_names,
    as_numbers,
    as_symbols,
    tick_names,
)
from course_utils.plots.style import INK, PALETTE, new_figure

MAX_CLASSES = 18  # more rows leave no room for letters that can be read
MAX_LETTERS = 20
LONGEST = 24  # signs in the name of a class

_LEAST = 0.05  # a smaller share of a row is only coloured, not written
_NUMBER = 13  # points
_FEW = 6  # letters


def confusion(
    matrix: Any, labels: Sequence[str], *, ax: Axes | None = None, counts: bool = True
) -> Axes:
    """Draw which class is taken for which, as the share of each true class in per cent.

    Each row is divided by its sum. The diagonal, where the guess is right, is framed; shares below
    5 % are only coloured.

    Args:
        matrix: (C, C) counts; row: the true class, column: the guess; C is at most 18.
        labels: C names of the classes.
        ax: where to draw; by default a new figure of the needed height.
        counts: write each row's sum behind its label.

    Returns:
        The Axes.

    Raises:
        TypeError: labels is no list of texts, ax is no Axes, or counts is not True or False.
        ValueError: matrix is not square, holds negative numbers or too many classes, or labels
            do not fit it.
    """
    labels = _labels(labels, MAX_CLASSES)
    matrix = as_numbers("matrix", matrix, (len(labels), len(labels)))
    if (matrix < 0).any():
        raise ValueError(f"matrix must hold counts from 0, got {matrix.min():g}")
    counts = flag("counts", counts)
    totals = matrix.sum(axis=1)
    # A class without any name has no shares: its row stays white.
    shares = np.divide(
        matrix, totals[:, None], out=np.zeros_like(matrix), where=totals[:, None] > 0
    )
    ax = new_figure(height=2.05 + _tall(len(labels)))[1] if ax is None else as_axes("ax", ax)
    _per_cent_grid(ax, shares, least=_LEAST)
    for place in range(len(labels)):
        _frame(ax, place, place)
    named = [f"{name} ({total:g})" for name, total in zip(labels, totals, strict=True)]
    names, look = tick_names(named if counts else labels)
    ax.set_yticks(range(len(labels)), names, **look)
    names, look = tick_names(labels)
    look |= {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(labels)), names, **look)
    ax.set(xlabel="guess (in per cent of the row, from 5 %)", ylabel="true language")
    return ax


def beliefs(
    probabilities: Any,
    letters: Sequence[str],
    labels: Sequence[str],
    *,
    top: int = 6,
    ax: Axes | None = None,
) -> Axes:
    """Draw the belief in each class after every letter, in per cent.

    The rows are the classes that were believed in most at any letter, the last one's winner always
    among them, in the order of the belief after the last letter. The best guess after each letter
    is framed, unless it has no row.

    Args:
        probabilities: (T, C), each row sums to 1; T is at most 20.
        letters: T letters.
        labels: C names of the classes.
        top: rows to draw, from 1 to 18; all classes when there are fewer.
        ax: where to draw; by default a new figure of the needed height.

    Returns:
        The Axes.

    Raises:
        TypeError: letters or labels is no list of texts, top is no whole number, or ax is no Axes.
        ValueError: probabilities are none, do not fit letters and labels, or top is out of range.
    """
    letters, labels = as_symbols("letters", letters, most=MAX_LETTERS), _labels(labels)
    top = as_count("top", top, high=MAX_CLASSES)
    shares = _probabilities(probabilities, (len(letters), len(labels)))
    rows = _most_believed(shares, top)
    ax = new_figure(height=1.3 + _tall(len(rows)))[1] if ax is None else as_axes("ax", ax)
    _per_cent_grid(ax, shares[:, rows].T, least=0)
    for col, winner in enumerate(shares.argmax(axis=1)):
        if winner in rows:
            _frame(ax, rows.index(winner), col)
    # Few letters leave room for more: one wide square would look like a bar.
    ax.set_xlim(-0.5, max(len(letters), _FEW) - 0.5)
    names, look = tick_names([labels[row] for row in rows])
    ax.set_yticks(range(len(rows)), names, **look)
    ax.set_xticks(range(len(letters)), letters, fontsize=17, parse_math=False)
    ax.set_xlabel("belief in per cent after each letter (framed: the best guess)")
    return ax


def belief_bars(
    probabilities: Any, labels: Sequence[str], *, top: int = 5, ax: Axes | None = None
) -> Axes:
    """Draw the most probable classes as bars in per cent, the best on top.

    Args:
        probabilities: (C,), sums to 1.
        labels: C names of the classes.
        top: bars to draw, from 1 to 18; all classes when there are fewer.
        ax: where to draw; by default a new figure of the needed height.

    Returns:
        The Axes.

    Raises:
        TypeError: labels is no list of texts, top is no whole number, or ax is no Axes.
        ValueError: probabilities are none, do not fit labels, or top is out of range.
    """
    labels = _labels(labels)
    top = as_count("top", top, high=MAX_CLASSES)
    shares = _probabilities(probabilities, (len(labels),))
    best = np.argsort(-shares, kind="stable")[:top]
    height = 0.6 + min(0.5 * len(best), 5.4)
    ax = new_figure(height=height)[1] if ax is None else as_axes("ax", ax)
    ax.barh(range(len(best)), shares[best], height=0.68, color=PALETTE["blue"])
    for row, share in enumerate(shares[best]):
        text = f"{100 * share:.0f} %" if share >= 0.005 else "< 1 %"
        ax.text(share + 0.012, row, text, ha="left", va="center_baseline", fontsize=15)
    names, look = tick_names([labels[place] for place in best])
    ax.set_yticks(range(len(best)), names, fontsize=15, **look)
    ax.set_ylim(len(best) - 0.5, -0.5)
    ax.set(xlim=(0, 1.13), xticks=[])
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def _labels(labels: Sequence[str], most: int | None = None) -> list[str]:
    """Return the labels as a list, or raise an error when there are none or too many."""
    labels = as_names("labels", labels, longest=LONGEST)
    if not labels:
        raise ValueError("labels is empty: give the name of each class")
    if most is not None and len(labels) > most:
        raise ValueError(f"labels must be at most {most} to be read, got {len(labels)}")
    return labels


def _probabilities(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return probabilities as float of that shape, or say why they are none."""
    shares = as_numbers("probabilities", values, shape)
    sums = shares.sum(axis=-1)
    if shares.min() < 0 or shares.max() > 1 + 1e-3 or np.abs(sums - 1).max() > 1e-3:
        raise ValueError(
            "probabilities must be from 0 to 1 and sum to 1, got numbers from "
            f"{shares.min():.3g} to {shares.max():.3g}. Apply softmax to scores, exp to a "
            "log-softmax"
        )
    return shares


def _most_believed(shares: np.ndarray, top: int) -> list[int]:
    """Return up to `top` columns of (T, C) shares, the most believed at the end first."""
    last, peak = shares[-1], shares.max(axis=0)
    by_peak = sorted(range(len(last)), key=lambda place: -peak[place])
    winner = int(last.argmax())
    chosen = [winner, *(place for place in by_peak if place != winner)][:top]
    return sorted(chosen, key=lambda place: -last[place])


def _tall(count: int) -> float:
    """Return the height of so many rows in inches; they are lower when they are many."""
    return min(0.45 * count, 4.6)


def _per_cent_grid(ax: Axes, shares: np.ndarray, *, least: float) -> None:
    """Draw shares from 0 to 1 as squares from white to dark blue, with the number in per cent."""
    colours = mpl.colors.LinearSegmentedColormap.from_list(
        "shares", ["white", "#A9D6F2", PALETTE["sky"], PALETTE["blue"], "#003E63"]
    )
    ax.imshow(shares, cmap=colours, vmin=0, vmax=1, aspect="auto")
    for axis, size in ((ax.xaxis, shares.shape[1]), (ax.yaxis, shares.shape[0])):
        axis.set_ticks(np.arange(1, size) - 0.5, minor=True)
    ax.grid(False)
    ax.grid(which="minor", color="#DDDDDD", linewidth=1)
    ax.tick_params(which="both", length=0)
    for (row, col), share in np.ndenumerate(shares):
        if share >= least:
            color = "white" if needs_white([colours(share)])[0] else "black"
            look = {"ha": "center", "va": "center_baseline", "fontsize": _NUMBER, "color": color}
            ax.text(col, row, f"{100 * share:.0f}", **look)


def _frame(ax: Axes, row: int, col: int) -> None:
    """Draw a frame around one square."""
    look = {"fill": False, "edgecolor": INK, "linewidth": 2.5, "clip_on": False, "zorder": 4}
    ax.add_patch(Rectangle((col - 0.5, row - 0.5), 1, 1, **look))
