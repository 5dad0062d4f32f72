"""A passage of text, each character on a coloured cell: what a unit does, what was surprising."""

from __future__ import annotations

from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import PathPatch

from course_utils import arguments
from course_utils.plots.colours import diverging, needs_white, sequential
from course_utils.plots.glyphs import joined, outline
from course_utils.plots.inputs import LARGEST, as_numbers, written
from course_utils.plots.rows import Page, blank_page, page_for
from course_utils.plots.style import INK

SMALLEST = 1e-12  # of the range of a colour bar

_SIGNS = {"\n": "\u21b5", "\t": "\u21e5"}


def passage_map(
    text: str,
    values: Any,
    *,
    low: float,
    high: float,
    kind: Literal["diverging", "sequential"],
    label: str,
    title: str = "",
) -> Axes:
    """Print a passage with each character on a cell whose colour is its number.

    A line break is drawn as an arrow at the end of its line. Lines of more than 64 characters are
    continued in the next row, after a blank if there is one. Characters that no font holds are
    drawn as a box.

    Args:
        text: the passage; it must fit into 40 rows.
        values: (N,), one number per character. Numbers outside low to high get the colour of the
            end, and the colour bar an arrow there.
        low: the number of the first colour.
        high: the number of the last colour.
        kind: "diverging" (blue, white, orange; low must be -high; cells from high / 2 are
            underlined, so that they are also found in grey), or "sequential" (white to dark brown).
        label: what the numbers are; written below the colour bar.
        title: what stands above the passage.

    Returns:
        The Axes with the cells, of a new figure; its unit is one inch.

    Raises:
        TypeError: text, label or title is no text, or low or high no number.
        ValueError: the text is empty or too long, the values do not fit it or are not finite, or
            the kind or the limits cannot be used.
    """
    if not arguments.text("text", text):
        raise ValueError("text is empty: give a passage of at least one character")
    values = as_numbers("values", values, (len(text),))
    _check_limits(low, high, kind)
    if kind == "diverging":
        label = f"{label}\u2002(underlined: {high / 2:g} or more)"
    label, title = written("label", label), written("title", title)[0]
    page, height = page_for(text, title)
    norm = mpl.colors.Normalize(low, high)
    colors = (diverging() if kind == "diverging" else sequential())(norm(values))
    ax = blank_page(height, title)
    _cells(ax, page, colors)
    _letters(ax, page, text, colors)
    if kind == "diverging":
        _underline(ax, page, values >= high / 2)
    _colour_bar(ax, norm, kind, label, values)
    return ax


def unit_map(
    text: str,
    activations: Any,
    *,
    limit: float = 1.0,
    title: str = "",
    label: str = "activation of the unit",
) -> Axes:
    """Print a passage coloured by what one hidden unit does at each character; 0 is white.

    Args:
        text: the passage.
        activations: (N,), the unit's value after it has read each character; a hidden state of
            tanh, GRU or LSTM lies from -1 to 1.
        limit: the value that gets the full colour; raise it for an LSTM's cell state.
        title: what stands above the passage.
        label: what the numbers are.

    Returns:
        The Axes.

    Raises:
        ValueError: as for `passage_map`.
    """
    limit = arguments.real_number("limit", limit, least=SMALLEST, most=LARGEST)
    ends = {"low": -limit, "high": limit}
    arguments.text("label", label)
    activations = as_numbers("activations", activations, (_count(text),))
    return passage_map(text, activations, kind="diverging", label=label, title=title, **ends)


def surprise_map(
    text: str,
    bits: Any,
    *,
    most: float = 8.0,
    title: str = "",
    label: str = "surprise in bits: \u2212log\u2082 of the character's probability",
) -> Axes:
    """Print a passage coloured by how surprised a model was: white expected, dark surprising.

    Args:
        text: the passage.
        bits: (N,), -log2 of the probability that the model gave each character before it read it.
        most: bits of the darkest colour; the same in every figure, so that they can be compared.
        title: what stands above the passage.
        label: what the numbers are.

    Returns:
        The Axes.

    Raises:
        ValueError: a number is negative, or as for `passage_map`.
    """
    bits = as_numbers("bits", bits, (_count(text),))
    most = arguments.real_number("most", most, least=SMALLEST, most=LARGEST)
    if bits.min() < 0:
        raise ValueError(f"bits are -log2 of a probability, so never below 0, got {bits.min():g}")
    ends = {"low": 0.0, "high": most}
    return passage_map(text, bits, kind="sequential", label=label, title=title, **ends)


def _count(text: str) -> int:
    """Return how many characters a passage has, at least one."""
    if not arguments.text("text", text):
        raise ValueError("text is empty: give a passage of at least one character")
    return len(text)


def _check_limits(low: float, high: float, kind: str) -> None:
    if not isinstance(kind, str) or kind not in ("diverging", "sequential"):
        raise ValueError(f"kind must be 'diverging' or 'sequential', got {arguments.shown(kind)}")
    low = arguments.real_number("low", low, least=-LARGEST, most=LARGEST)
    high = arguments.real_number("high", high, least=-LARGEST, most=LARGEST)
    if not low < high or high - low < max(SMALLEST, 1e-9 * max(abs(low), abs(high))):
        raise ValueError(f"low must be below high, got {low} and {high}")
    if kind == "diverging" and low != -high:
        raise ValueError(f"a diverging map has 0 in its middle: low must be -high, got {low}")


def _cells(ax: Axes, page: Page, colors: np.ndarray) -> None:
    """Draw one rectangle per character, with a pale edge so that a white one is seen too."""
    corners = np.array([(0, 0), (page.wide, 0), (page.wide, page.tall), (0, page.tall)])
    places = np.stack([page.lefts, page.bottoms], axis=1)
    boxes = places[:, None] + corners
    look = {"facecolors": colors, "edgecolors": "#DDDDDD", "linewidths": 0.6}
    ax.add_collection(PolyCollection(boxes, **look), autolim=False)


def _letters(ax: Axes, page: Page, text: str, colors: np.ndarray) -> None:
    """Write each character in the middle of its cell, in black or white as the cell demands."""
    white = needs_white(colors)
    xs, ys = page.lefts + page.wide / 2, page.bottoms + 0.32 * page.tall
    letters = [outline(_SIGNS.get(sign, sign)) for sign in text]
    for chosen, ink in ((~white, "black"), (white, "white")):
        places = [(letters[i], xs[i], ys[i]) for i in np.flatnonzero(chosen)]
        path = joined(places, page.size / 72)
        # add_patch would work out the limits of the axes from every curve: 0.2 s, for nothing.
        ax.add_artist(PathPatch(path, facecolor=ink, linewidth=0, zorder=3))


def _underline(ax: Axes, page: Page, chosen: np.ndarray) -> None:
    """Draw a dark line at the foot of the chosen cells."""
    corners = np.array([(0, 0), (page.wide, 0), (page.wide, 0.035), (0, 0.035)])
    places = np.stack([page.lefts, page.bottoms], axis=1)[chosen]
    lines = PolyCollection(places[:, None] + corners, facecolors=INK, linewidths=0, zorder=4)
    ax.add_collection(lines, autolim=False)


def _colour_bar(
    ax: Axes,
    norm: mpl.colors.Normalize,
    kind: str,
    label: tuple[str, dict[str, Any]],
    values: np.ndarray,
) -> None:
    """Draw the colours with their numbers below the passage; an arrow where values go beyond."""
    height = ax.get_ylim()[1]
    place = ax.figure.add_axes((0.25, 0.68 / height, 0.5, 0.14 / height))
    beyond = (values.min() < norm.vmin, values.max() > norm.vmax)
    ends = {(True, True): "both", (True, False): "min", (False, True): "max"}
    colors = diverging() if kind == "diverging" else sequential()
    bar = ax.figure.colorbar(
        mpl.cm.ScalarMappable(norm, colors),
        cax=place,
        orientation="horizontal",
        extend=ends.get(beyond, "neither"),
    )
    ticks = np.linspace(norm.vmin, norm.vmax, 5)
    bar.set_ticks(ticks, labels=[f"{tick:g}".replace("-", "\u2212") for tick in ticks])
    bar.ax.tick_params(labelsize=13)
    bar.set_label(label[0], fontsize=14, **label[1])
