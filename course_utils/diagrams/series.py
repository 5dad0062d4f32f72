"""Pictures of sequences themselves: symbols in a row, and windows cut from a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    WIDTH,
    Point,
    box,
    canvas,
    check_count,
    label,
    tint,
)
from course_utils.plots import PALETTE, new_figure

MAX_WINDOWS = 3
_ROW, _SPACE = 0.56, 0.06  # inches: height of a row of symbols, space between two boxes


def windows(series: Any, size: int) -> Figure:
    """Draw how a series is cut to windows, the inputs, each with the next value as its target.

    Args:
        series: (N,) numbers; only the part that the drawn windows need is drawn.
        size: values in one window, from 1 to N - 1.

    Returns:
        The figure: one panel for each of the first three windows (fewer in a short series).

    Raises:
        TypeError: size is not a whole number.
        ValueError: series is not a row of finite numbers, or size does not fit into it.
    """
    values = _row_of_numbers(series)
    # The last value can only be a target: a window needs one more value after it.
    check_count("size", size, high=len(values) - 1)
    count = min(MAX_WINDOWS, len(values) - size)
    values = values[: size + count + max(2, size // 3)]
    figure, axes = new_figure(count, 1, height=1.2 + 1.35 * count, sharex=True, squeeze=False)
    for start, ax in enumerate(axes[:, 0]):
        _window(ax, values, start, size)
    axes[-1, 0].set_xlabel("time step t")
    axes[-1, 0].xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def _row_of_numbers(series: Any) -> np.ndarray:
    """Return the series as float (N,), or raise an error that says what is wrong with it."""
    try:
        values = np.asarray(series, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"series must be a row of numbers, got {type(series).__name__}") from error
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"series must be (N,) with N at least 2, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("series holds values that are not finite (nan or inf): fill or drop them")
    return values


def _window(ax: Axes, values: np.ndarray, start: int, size: int) -> None:
    """Draw one window over the series: its inputs in a shaded band, and its target."""
    t, stop = np.arange(len(values)), start + size
    ax.plot(t, values, ".-", color="#A8A8A8", linewidth=1.2, label="series")
    ax.axvspan(start - 0.4, stop - 0.6, color=tint(INPUT, 0.2), linewidth=0, zorder=0)
    inputs, dots = slice(start, stop), 8 if size <= 24 else 4
    ax.plot(t[inputs], values[inputs], "o", color=INPUT, markersize=dots, label="window (input)")
    ax.plot(stop, values[stop], "D", color=OUTPUT, markersize=10, label="next value (target)")
    steps = f"t = {start} to {stop - 1}" if size > 1 else f"t = {start}"
    ax.set_title(f"window {start + 1}: {steps}, target at t = {stop}", fontsize=14)
    ax.grid(False)
    ax.margins(x=0.02, y=0.2)
    ax.set_yticks([])


def symbol_strip(
    symbols: Sequence[str], *, ax: Axes | None = None, colors: Mapping[str, str] | None = None
) -> Axes:
    """Draw symbols in order, each as a coloured box with the symbol written in it.

    A long sequence continues on the next row. A space is drawn as an open box, \u2423.

    Args:
        symbols: letters of one string, or a list of words.
        ax: where to draw; by default a new figure of the needed height.
        colors: symbol -> colour; by default the colours of the course in order of appearance.

    Returns:
        The Axes.

    Raises:
        ValueError: symbols is empty, colors lacks a symbol, or ax is too small for the symbols.
    """
    symbols = list(symbols)
    if not symbols:
        raise ValueError("symbols is empty: give at least one letter or word")
    palette = [color for name, color in PALETTE.items() if name not in ("black", "grey")]
    order = {symbol: palette[i % len(palette)] for i, symbol in enumerate(dict.fromkeys(symbols))}
    colors = order if colors is None else colors
    missing = [symbol for symbol in order if symbol not in colors]
    if missing:
        raise ValueError(f"colors has no colour for {', '.join(map(repr, missing))}")
    wide, tall = _inches(ax)
    rows = _rows([_tile_width(symbol) for symbol in symbols], wide - 0.2)
    if rows is None or tall < len(rows) * _ROW:
        text = f"needs {len(rows) * _ROW:.1f} inches of height" if rows else "is too narrow"
        raise ValueError(f"ax {text} for these {len(symbols)} symbols: make the figure larger")
    if ax is None:
        tall = len(rows) * _ROW + 0.14
        ax = canvas(tall)
    _place(ax, symbols, rows, colors, (wide, tall))
    return ax


def _inches(ax: Axes | None) -> Point:
    """Return the width and height of ax; a page that is not open yet has any height."""
    if ax is None:
        return WIDTH, float("inf")
    extent = ax.get_window_extent()
    return extent.width / ax.figure.dpi, extent.height / ax.figure.dpi


def _tile_width(symbol: str) -> float:
    """Return the width of a symbol's box in inches."""
    return max(_ROW - _SPACE, 0.14 * len(symbol) + 0.2)


def _rows(widths: Sequence[float], wide: float) -> list[list[float]] | None:
    """Break boxes into rows that fit the width; None when one box alone is too wide."""
    if max(widths) > wide:
        return None
    rows: list[list[float]] = [[]]
    for width in widths:
        if sum(rows[-1]) + width + _SPACE * len(rows[-1]) > wide:
            rows.append([])
        rows[-1].append(width)
    return rows


def _place(
    ax: Axes,
    symbols: Sequence[str],
    rows: Sequence[Sequence[float]],
    colors: Mapping[str, str],
    page: Point,
) -> None:
    """Draw the boxes row by row from the top, the rows in the middle of the page."""
    ax.set_axis_off()
    ax.set(xlim=(0, page[0]), ylim=(0, page[1]))
    left = (page[0] - max(sum(row) + _SPACE * (len(row) - 1) for row in rows)) / 2
    y = (page[1] + len(rows) * _ROW) / 2 - _ROW / 2
    remaining = iter(symbols)
    for row in rows:
        x = left
        for width, symbol in zip(row, remaining, strict=False):
            size = (width, _ROW - _SPACE)
            box(ax, (x + width / 2, y), color=colors[symbol], size=size, strength=0.4)
            text = symbol.replace(" ", "\u2423")
            label(ax, (x + width / 2, y), text, size=16, zorder=5, parse_math=False)
            x += width + _SPACE
        y -= _ROW
