"""Pictures of sequences themselves: symbols in a row, and windows cut from a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.arguments import instance, shown
from course_utils.diagrams.pieces import (
    INPUT,
    OUTPUT,
    WIDTH,
    Point,
    box,
    canvas,
    label,
    tint,
)
from course_utils.plots import PALETTE, new_figure
from course_utils.plots.glyphs import writable
from course_utils.plots.inputs import LARGEST, any_numbers, as_axes, as_count, as_names

MAX_WINDOWS = 3
MAX_SIZE = 5000  # values in one window
MAX_TALL = 38.0  # inches; a page with more rows of symbols is refused
_BLANKS = str.maketrans({" ": "\u2423", "\n": "\u21b5", "\t": "\u21e5"})
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
        ValueError: series is not a row of finite numbers, or size does not fit into it or is
            above 5,000.
    """
    values = _row_of_numbers(series)
    # The last value can only be a target: a window needs one more value after it.
    size = as_count("size", size, high=min(MAX_SIZE, len(values) - 1))
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
    values = any_numbers("series", series)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"series must be (N,) with N at least 2, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("series holds values that are not finite (nan or inf): fill or drop them")
    if np.abs(values).max() > LARGEST:
        raise ValueError(f"series must be at most {LARGEST:g} to be drawn")
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
        TypeError: symbols is no list of texts, colors is no dict, or ax is no Axes.
        ValueError: symbols is empty, colors lacks a symbol or holds no colour, or ax is too small
            for the symbols.
    """
    symbols = as_names("symbols", symbols)
    if not symbols:
        raise ValueError("symbols is empty: give at least one letter or word")
    ax = None if ax is None else as_axes("ax", ax)
    colors = _colors(symbols, colors)
    wide, tall = _inches(ax)
    rows = _rows([_tile_width(symbol) for symbol in symbols], wide - 0.2)
    high = len(rows or ()) * _ROW
    if rows is None or min(tall, MAX_TALL) < high:
        text = f"needs {high:.1f} inches of height" if rows else "is too narrow"
        many = f"ax {text} for these {len(symbols)} symbols"
        raise ValueError(f"{many}: make the figure larger, or draw fewer symbols")
    if ax is None:
        tall = high + 0.14
        ax = canvas(tall)
    _place(ax, symbols, rows, colors, (wide, tall))
    return ax


def _colors(symbols: list[str], colors: Any) -> Mapping[str, str]:
    """Return the colour of each symbol, in order of appearance when none are given."""
    palette = [color for name, color in PALETTE.items() if name not in ("black", "grey")]
    order = {symbol: palette[i % len(palette)] for i, symbol in enumerate(dict.fromkeys(symbols))}
    if colors is None:
        return order
    missing = [symbol for symbol in order if symbol not in instance("colors", colors, Mapping)]
    if missing:
        raise ValueError(f"colors has no colour for {', '.join(map(repr, missing))}")
    for symbol in order:
        if not mpl.colors.is_color_like(colors[symbol]):
            raise ValueError(f"colors[{symbol!r}] must be a colour, got {shown(colors[symbol])}")
    return colors


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
            text, fonts = writable(symbol.translate(_BLANKS))
            look = {"size": 16, "zorder": 5, "parse_math": False, "fontfamily": fonts}
            label(ax, (x + width / 2, y), text, **look)
            x += width + _SPACE
        y -= _ROW
