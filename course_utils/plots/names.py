"""Where the names on a map are written: beside their markers, not on each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from course_utils.plots.glyphs import writable
from course_utils.plots.style import INK

MAX_NAMES = 150  # names that are tried when none is highlighted
MAX_PALE = 60  # names that are tried beside the highlighted ones
PLAIN, LARGE = 14, 19  # points; sizes of the names

_PALE = "#767676"  # the palest grey that still has a contrast of 4.5 to 1 on white
# Where a name may stand beside its marker, the best first: all of them near, then further away.
_WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_NEAR = (7.0, 13.0, 20.0)  # points from the marker's middle to the name
_FAR = (*_NEAR, 32.0, 48.0, 66.0)  # for a name that must be written
_FULL = 100.0  # the cost of covering another name; covering a marker costs 1


def write_names(
    ax: Axes, points: np.ndarray, labels: Sequence[str], strong: Sequence[int], *, bold: int = 0
) -> list[str]:
    """Write names beside their points, each where it covers no other name and few markers.

    The limits and the place of the axes must be final. A name outside of the axes is not written.

    Args:
        ax: where to write.
        points: (N, 2), in the unit of the axes.
        labels: N names.
        strong: places of the names that are always written, large and first; when there are any,
            the other names are pale.
        bold: how many of the strong names, from the first, are bold.

    Returns:
        The labels that were written, in the order in which they were.
    """
    pixels = ax.transData.transform(points)
    inside = (pixels >= ax.bbox.min).all(axis=1) & (pixels <= ax.bbox.max).all(axis=1)
    half = 4 * ax.figure.dpi / 72  # pixels; half the side of a marker
    corners = np.hstack([pixels - half, pixels + half])
    # Where names are highlighted, only their own markers must stay free.
    markers = corners[[*strong]] if strong else corners[inside]
    taken, written = np.zeros((0, 4)), []
    others = [place for place in np.flatnonzero(inside).tolist() if place not in {*strong}]
    order = [place for place in strong if inside[place]]
    order += others[: MAX_PALE if strong else MAX_NAMES]
    for place in order:
        must = place in strong
        text = _text(ax, labels[place], must, pale=bool(strong), bold=place in strong[:bold])
        distances = _FAR if must else _NEAR
        box, cost = _best_place(ax, text, pixels[place], distances, taken, markers)
        if cost >= _FULL and not must:
            text.remove()
            continue
        text.set_position(ax.transData.inverted().transform(box[:2]))
        taken = np.vstack([taken, box])
        written.append(labels[place])
    return written


def _text(ax: Axes, name: str, must: bool, *, pale: bool, bold: bool) -> Text:
    """Write a name anywhere, so that it can be measured."""
    drawn, fonts = writable(name)
    look = {"fontsize": LARGE if must else PLAIN, "weight": "bold" if bold else "normal"}
    look |= {"parse_math": False, "clip_on": True, "fontfamily": fonts, "va": "bottom"}
    color = _PALE if pale and not must else INK
    text = ax.text(0, 0, drawn, color=color, zorder=5 if must else 4, **look)
    if must:  # a white edge keeps the letters apart from lines and markers below them
        text.set_path_effects([withStroke(linewidth=4, foreground="white")])
    return text


def _best_place(
    ax: Axes,
    text: Text,
    at: np.ndarray,
    distances: Sequence[float],
    taken: np.ndarray,
    markers: np.ndarray,
) -> tuple[np.ndarray, float]:
    """Return the best box for a name in pixels (left, bottom, right, top), and what it costs."""
    extent = text.get_window_extent()
    size, scale = np.array([extent.width, extent.height]), ax.figure.dpi / 72
    far = np.repeat(distances, len(_WAYS))[:, None]
    ways = np.tile(_WAYS, (len(distances), 1))
    # Letters are drawn in the middle of a box that is higher: above and below it may come closer.
    middles = at + ways * (size / 2 + far * scale * np.array([1, 0.6]))
    boxes = np.hstack([middles - size / 2, middles + size / 2])
    out = (boxes[:, :2] < ax.bbox.min).any(axis=1) | (boxes[:, 2:] > ax.bbox.max).any(axis=1)
    costs = 10 * _FULL * out + _FULL * _hits(boxes, taken) + _hits(boxes, markers) + 0.1 * far[:, 0]
    best = int(costs.argmin())
    return boxes[best], float(costs[best])


def _hits(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how many of the others (M, 4) each of the boxes (C, 4) overlaps: (C,)."""
    first, second = boxes[:, None], others[None]
    apart = (first[..., :2] >= second[..., 2:]) | (second[..., :2] >= first[..., 2:])
    return (~apart.any(axis=-1)).sum(axis=1)
