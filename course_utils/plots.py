"""Figures of the course: one style, one palette, and `show`, which stores the alt text.

Every function takes data and returns the matplotlib Axes it drew on. Only `show` displays.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito (2008), "Color Universal Design": eight colours that colour-blind readers can tell
# apart. Yellow is left out: on white paper it is too pale for a line.
PALETTE: Mapping[str, str] = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#009E73",
    "pink": "#CC79A7",
    "sky": "#56B4E9",
    "amber": "#E69F00",
    "black": "#000000",
    "grey": "#6B6B6B",
}
# A second cue besides colour: lines that also differ in their marker can be told apart in grey.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK = "#1A1A1A"

_STYLE: dict[str, Any] = {
    # An opaque white card with dark ink reads well on a light and on a dark page.
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 14,
    "axes.titlesize": 16,
    "axes.labelsize": 15,
    "legend.fontsize": 13,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "lines.markersize": 7,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.edgecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "axes.axisbelow": True,
}


def use_course_style() -> None:
    """Set the fonts, sizes and colours of the course for every later figure."""
    colours = [PALETTE[name] for name in ("blue", "orange", "green", "pink", "sky", "amber")]
    mpl.rcParams.update(_STYLE | {"axes.prop_cycle": mpl.cycler(color=colours)})


def new_figure(
    n_rows: int = 1, n_cols: int = 1, *, width: float = 9.0, height: float = 4.0, **options: Any
) -> tuple[Figure, Any]:
    """Open a figure in the course's style.

    Args:
        n_rows: rows of axes, at least 1.
        n_cols: columns of axes, at least 1.
        width: inches; 9 inches fill the text column of a notebook.
        height: inches.
        options: passed to `matplotlib.pyplot.subplots`, such as ``sharex=True``.

    Returns:
        The figure and its Axes (an array of Axes when there are several).

    Raises:
        ValueError: n_rows or n_cols is below 1, or a size is not positive.
    """
    if n_rows < 1 or n_cols < 1:
        raise ValueError(f"n_rows and n_cols must be at least 1, got {n_rows} and {n_cols}")
    if width <= 0 or height <= 0:
        raise ValueError(f"width and height are inches above 0, got {width} and {height}")
    use_course_style()
    return plt.subplots(n_rows, n_cols, figsize=(width, height), **options)


def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG bytes, the same bytes in every run, and close it."""
    buffer = io.BytesIO()
    # Without the Software entry (it names the matplotlib version) a re-run stores equal bytes.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    return buffer.getvalue()


def show(figure: Figure | Axes, *, alt: str) -> None:
    """Display a figure with a text that says what it shows, then close it.

    Args:
        figure: a Figure, or any Axes in it.
        alt: what a reader who cannot see the figure needs to know, in one or two sentences. It is
            stored with the picture, and screen readers speak it.

    Raises:
        ValueError: alt is shorter than 20 characters.
    """
    from IPython.display import display

    if len(alt.strip()) < 20:
        raise ValueError(f"alt must describe the figure in at least 20 characters, got {alt!r}")
    figure = figure.figure if isinstance(figure, Axes) else figure
    data = {"image/png": to_png(figure), "text/plain": alt}
    display(data, raw=True, metadata={"image/png": {"alt": alt}})


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
    ax.imshow(values, cmap=_diverging(), vmin=-limit, vmax=limit, aspect="auto")
    ax.grid(False)
    ax.set_xticks(range(len(col_labels)), col_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    if write is not None:
        for (row, col), value in np.ndenumerate(values):
            ax.text(col, row, format(value, write), ha="center", va="center", fontsize=13)
    return ax


def _diverging() -> mpl.colors.Colormap:
    """Return the blue-white-orange colour map, pale enough for dark text on top."""
    ends = ["#3C93C8", "white", "#EE8A3C"]
    return mpl.colors.LinearSegmentedColormap.from_list("course", ends)


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
