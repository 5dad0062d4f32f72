"""Learning curves of several methods, each with its seeds, against levels that others reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter

from course_utils.arguments import instance, items, real_number
from course_utils.plots.charts import band
from course_utils.plots.inputs import LARGEST, as_axes, as_names, as_numbers, written
from course_utils.plots.style import INK, MARKERS, PALETTE, new_figure

MAX_CURVES = len(MARKERS)
MAX_LABELS = 12  # more names do not fit beside each other at the right

_COLOURS = [colour for name, colour in PALETTE.items() if name != "black"]
_POINTS = 10  # markers on a curve
_APART = 0.27  # inches between the base lines of two names
_GREY = "#6B6B6B"

Runs = Sequence[tuple[Any, Any]]


def learning_curves(
    curves: Mapping[str, Runs | Mapping[Any, tuple[Any, Any]]],
    *,
    x_label: str,
    y_label: str,
    levels: Mapping[str, float] | None = None,
    top: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a line per method: the mean over its seeds, with a band from the lowest to the highest.

    Each line and each level is named at the right, beside its end. Seeds that were measured at
    different places (such as seconds) are compared where all of them have values, on straight
    lines between their points.

    Args:
        curves: method -> its runs, one per seed: pairs (x, y) of (N,) and (N,) numbers, in a list
            or as the values of a mapping. x must rise. At most 7 methods.
        x_label: what x is, such as "characters read".
        y_label: what y is, such as "held-out bits per character".
        levels: name -> a value without x, such as that of an n-gram model: a dashed line.
        top: the largest y that is shown; by default all is.
        ax: where to draw; by default a new figure.

    Returns:
        The Axes.

    Raises:
        TypeError: curves or levels is no dict of texts, a label is no text, or ax is no Axes.
        ValueError: there are no or too many methods or names, a run is empty or not finite, its x
            and y differ in length or x does not rise, the seeds of a method have no x in common,
            a level lies above top, or top lies below all curves.
    """
    levels = _levels(curves, levels, top)
    lines = {name: _on_one_grid(name, runs) for name, runs in curves.items()}
    lowest = min(runs.min() for _, runs in lines.values())
    top = None if top is None else real_number("top", top, above=lowest, most=LARGEST)
    named = [written(*label) for label in (("x_label", x_label), ("y_label", y_label))]
    ax = new_figure(height=4.8)[1] if ax is None else as_axes("ax", ax)
    for place, (name, (x, runs)) in enumerate(lines.items()):
        look = {"color": _COLOURS[place], "marker": MARKERS[place]}
        band(x, runs, ax=ax, label=name, **look)
        ax.lines[-1].set(markevery=max(1, -(-len(x) // _POINTS)), clip_on=top is not None)
    if len(ends := {x[-1] for x, _ in lines.values()} | {ax.dataLim.x0}) > 1:
        ax.set_xlim(right=max(ends))  # the lines reach their names
    for level in levels.values():
        ax.axhline(level, color=_GREY, linestyle="--", linewidth=1.6, zorder=1)
    ax.set_xlabel(named[0][0], **named[0][1])
    ax.set_ylabel(named[1][0], **named[1][1])
    if top is not None:
        ax.set_ylim(top=top)
    if ax.get_xlim()[1] >= 10_000:
        ax.xaxis.set_major_formatter(EngFormatter(sep="\u2009"))
    _name_ends(ax, {name: runs.mean(axis=0)[-1] for name, (_, runs) in lines.items()}, levels)
    return ax


def _levels(curves: Any, levels: Any, top: Any) -> dict[str, float]:
    """Return the levels, and check the names of both and that the levels are in the picture."""
    levels = {} if levels is None else levels
    for name, value in (("curves", curves), ("levels", levels)):
        as_names(name, instance(name, value, Mapping, what="a dict with a text for each entry"))
    highest = LARGEST if top is None else real_number("top", top, most=LARGEST)
    if not 1 <= len(curves) <= MAX_CURVES:
        raise ValueError(f"curves must hold from 1 to {MAX_CURVES} methods, got {len(curves)}")
    if len(curves) + len(levels) > MAX_LABELS:
        raise ValueError(
            f"curves and levels must be at most {MAX_LABELS} together to be named, got "
            f"{len(curves) + len(levels)}"
        )
    limits = {"least": -LARGEST, "most": highest}
    return {key: real_number(f"levels[{key!r}]", level, **limits) for key, level in levels.items()}


def _on_one_grid(name: str, runs: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return (N,) places that all runs of a method share, and their values there, (R, N)."""
    runs = list(runs.values()) if isinstance(runs, Mapping) else runs
    runs = items(f"curves[{name!r}]", runs, what="a list of pairs (x, y)")
    if not runs:
        raise ValueError(f"curves[{name!r}] is empty: give a pair (x, y) for each seed")
    pairs = [_run(f"curves[{name!r}], run {number}", run) for number, run in enumerate(runs)]
    low, high = max(x[0] for x, _ in pairs), min(x[-1] for x, _ in pairs)
    if low > high:
        raise ValueError(f"curves[{name!r}]: the runs have no x in common ({low:g} to {high:g})")
    grid = np.unique(np.concatenate([x for x, _ in pairs]))
    grid = grid[(grid >= low) & (grid <= high)]
    return grid, np.stack([np.interp(grid, x, y) for x, y in pairs])


def _run(name: str, run: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the x and y of one seed, or say what is wrong with them."""
    run = items(name, run, what="a pair (x, y)")
    if len(run) != 2:
        raise ValueError(f"{name} must be a pair (x, y), got {len(run)} items")
    x = as_numbers(f"{name}: x", run[0], ("N",))
    y = as_numbers(f"{name}: y", run[1], (len(x),))
    if (np.diff(x) <= 0).any():
        raise ValueError(f"{name}: x must rise from each number to the next")
    return x, y


def _name_ends(ax: Axes, ends: Mapping[str, float], levels: Mapping[str, float]) -> None:
    """Write each name at the right of the axes, as near to its line's end as there is room."""
    ax.figure.draw_without_rendering()  # the height of the axes is known after the layout
    tall = ax.get_window_extent().height / ax.figure.dpi
    bottom, top = ax.get_ylim()
    ax.set(xlim=ax.get_xlim(), ylim=(bottom, top))  # or what is drawn below would move them
    named = [(y, name, place) for place, (name, y) in enumerate(ends.items())]
    named += [(y, name, None) for name, y in levels.items()]
    named.sort(key=lambda entry: entry[0])
    wanted = [(y - bottom) / (top - bottom) for y, _, _ in named]
    for at, y, (value, name, place) in zip(
        _spread(wanted, _APART / tall), wanted, named, strict=True
    ):
        color = _GREY if place is None else _COLOURS[place]
        marker = "" if place is None else MARKERS[place]
        look = {"color": color, "clip_on": False, "transform": ax.transAxes, "linewidth": 1.4}
        ax.plot([1, 1.025, 1.05], [y, at, at], marker=marker, markevery=[2], **look)
        look = {"va": "center_baseline", "fontsize": 13, "color": INK}
        drawn, how = written("curves", f"{name} {value:{'.2f' if abs(value) < 1e5 else '.3g'}}")
        ax.text(1.07, at, drawn, transform=ax.transAxes, **look, **how)


def _spread(wanted: Sequence[float], apart: float) -> np.ndarray:
    """Return rising places, at least so far apart, each as near as possible to the wanted one.

    Places that are too near to each other become a block around their middle (the method of least
    squares for a rising sequence: Ayer et al., 1955, pool adjacent violators).

    Args:
        wanted: rising places from 0 to 1.
        apart: the smallest distance.

    >>> _spread([0.0, 0.5, 0.5], 0.2).round(2).tolist()
    [0.0, 0.4, 0.6]
    """
    blocks: list[list[float]] = []
    for number, place in enumerate(wanted):
        blocks.append([place - number * apart])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    level = np.concatenate([[np.mean(block)] * len(block) for block in blocks])
    # All names stay between the foot of the axes (0) and its head (1).
    return np.clip(level, 0, 1 - apart * (len(wanted) - 1)) + apart * np.arange(len(wanted))
