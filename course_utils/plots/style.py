"""The course's style: colours that everyone can tell apart, new figures, and `show`."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.arguments import instance, real_number, shown, text, whole_number
from course_utils.plots.legibility import smallest_text, with_note

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
MAX_PANELS = 20
SMALLEST, LARGEST = 0.5, 40.0  # inches; sides of a figure
MAX_ALT = 2000  # signs; nobody listens to more

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
        n_rows: rows of axes, from 1 to 20.
        n_cols: columns of axes, from 1 to 20.
        width: inches, at most 40; 9 inches fill the text column of a notebook.
        height: inches, at most 40.
        options: passed to `matplotlib.pyplot.subplots`, such as ``sharex=True``.

    Returns:
        The figure and its Axes (an array of Axes when there are several).

    Raises:
        TypeError: n_rows or n_cols is not a whole number, or a size is no number.
        ValueError: one of them is out of its range.
    """
    n_rows = whole_number("n_rows", n_rows, least=1, most=MAX_PANELS)
    n_cols = whole_number("n_cols", n_cols, least=1, most=MAX_PANELS)
    width = real_number("width", width, least=SMALLEST, most=LARGEST)
    height = real_number("height", height, least=SMALLEST, most=LARGEST)
    use_course_style()
    return plt.subplots(n_rows, n_cols, figsize=(width, height), **options)


def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG bytes, the same bytes in every run, and close it.

    The picture also says how small its smallest text is; see `legibility`.

    Raises:
        TypeError: figure is no Figure.
    """
    instance("figure", figure, Figure)
    buffer = io.BytesIO()
    try:
        # Without the Software entry (it names matplotlib's version) a re-run stores equal bytes.
        figure.savefig(buffer, format="png", metadata={"Software": None})
    finally:
        plt.close(figure)
    return with_note(buffer.getvalue(), smallest_text(figure))


def show(figure: Figure | Axes, *, alt: str) -> None:
    """Display a figure with a text that says what it shows, then close it.

    Args:
        figure: a Figure, or any Axes in it.
        alt: what a reader who cannot see the figure needs to know, in one or two sentences. It is
            stored with the picture, and screen readers speak it.

    Raises:
        TypeError: figure is neither a Figure nor Axes, or alt is no text.
        ValueError: alt is shorter than 20 characters or longer than 2,000, or holds half of a
            surrogate pair, which no notebook file can store.
    """
    from IPython.display import display

    instance("figure", figure, (Figure, Axes), what="a Figure or Axes")
    if len(text("alt", alt).strip()) < 20:
        raise ValueError(
            f"alt must describe the figure in at least 20 characters, got {shown(alt)}"
        )
    if len(alt) > MAX_ALT or any("\ud800" <= sign <= "\udfff" for sign in alt):
        raise ValueError(f"alt must be at most {MAX_ALT} characters of text, got {shown(alt)}")
    figure = figure.figure if isinstance(figure, Axes) else figure
    data = {"image/png": to_png(figure), "text/plain": alt}
    display(data, raw=True, metadata={"image/png": {"alt": alt}})
