"""Points with names: words or letters on a map, their names written where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.arguments import instance, items, shown, text
from course_utils.plots.glyphs import writable
from course_utils.plots.inputs import as_names, as_numbers, written
from course_utils.plots.names import write_names
from course_utils.plots.style import INK, MARKERS, PALETTE, new_figure

MAX_GROUPS = 6
LONGEST = 60  # signs in a label

_WIDE, _TALL, _SIDE = 8.7, 5.9, 0.15  # inches; the map, and what is free around it
_COLOURS = ("blue", "orange", "green", "pink", "sky", "amber")
_REST = "others"

Limits = tuple[float, float, float, float]
Written = tuple[str, dict[str, Any]]


def point_map(
    points: Any,
    labels: Sequence[str],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    highlight: Sequence[str] = (),
    lines_from: str | None = None,
    limits: Limits | None = None,
    title: str | None = None,
) -> Axes:
    """Draw words or letters at their points, each group with its own colour and marker.

    Both directions have the same scale, so that distances can be compared. The names are written
    in the order in which they are given (the first 150 that are in the picture), each where it
    covers no other name. A name without room is left out, but its marker is drawn; highlighted
    names are always written.

    Args:
        points: (N, 2).
        labels: N names, all different.
        groups: name -> its labels, at most 6 groups; labels in none of them are grey. By default
            all points are blue.
        highlight: labels that are written first and large, while all others are pale.
        lines_from: a label from which a thin line goes to each highlighted one; it is bold.
        limits: (left, right, bottom, top), the part to draw; one direction is made longer until
            the part has the picture's shape. By default all points are drawn.
        title: what stands above the map.

    Returns:
        The Axes.

    Raises:
        TypeError: labels, groups, highlight, lines_from or title is of another type.
        ValueError: points do not fit labels or are not finite, a label stands there twice, the
            groups are too many, limits are in the wrong order, or groups, highlight or lines_from
            hold a name that is not among the labels.
    """
    labels = as_names("labels", labels, longest=LONGEST)
    points = as_numbers("points", points, (len(labels), 2))
    groups = _members(groups)
    centre = [] if lines_from is None else [text("lines_from", lines_from)]
    strong = items("highlight", highlight, what="a list of labels")
    marked = dict.fromkeys([*centre, *(text("each label in highlight", one) for one in strong)])
    index = _index(labels, groups, marked)
    strong = [index[label] for label in marked]
    kinds = _kinds(len(labels), index, groups)
    named = None if title is None else written("title", title)
    ax = _open(_limits(points, limits), named, [*groups, *[_REST] * (-1 in kinds and bool(groups))])
    _markers(ax, points, kinds, [*groups], strong)
    for place in strong[1:] if centre else []:
        ax.plot(*points[[strong[0], place]].T, color=INK, linewidth=1, alpha=0.7, zorder=2)
    write_names(ax, points, labels, strong, bold=len(centre))
    return ax


def _members(groups: Any) -> dict[str, list[str]]:
    """Return the labels of each group as lists."""
    groups = instance("groups", {} if groups is None else groups, Mapping, what="a dict of lists")
    as_names("groups", groups)
    return {
        name: items(f"groups[{name!r}]", members, what="a list of labels")
        for name, members in groups.items()
    }


def _index(
    labels: list[str], groups: dict[str, list[str]], marked: Iterable[str]
) -> dict[str, int]:
    """Return label -> its place, and check that every name that is asked for has one."""
    index = {label: place for place, label in enumerate(labels)}
    if len(index) < len(labels):
        twice = next(label for place, label in enumerate(labels) if index[label] != place)
        raise ValueError(f"labels holds {twice!r} twice: give each name once")
    if len(groups) > MAX_GROUPS:
        raise ValueError(f"groups must be at most {MAX_GROUPS}, got {len(groups)}")
    asked = [(label, f"groups[{name!r}]") for name in groups for label in groups[name]]
    asked += [(label, "highlight or lines_from") for label in marked]
    for label, where in asked:
        if text(f"each label in {where}", label) not in index:
            raise ValueError(f"{where} holds {shown(label)}, which is not among the labels")
    return index


def _kinds(count: int, index: dict[str, int], groups: dict[str, list[str]]) -> np.ndarray:
    """Return for each point the number of its group, -1 for none."""
    kinds = np.full(count, -1)
    for number, members in enumerate(groups.values()):
        kinds[[index[label] for label in members]] = number
    return kinds


def _limits(points: np.ndarray, limits: Limits | None) -> Limits:
    """Return the part to draw, made as wide for its height as the picture is."""
    if limits is None:
        low, high = points.min(axis=0), points.max(axis=0)
        (left, bottom), (right, top) = low - 0.07 * (high - low), high + 0.07 * (high - low)
    else:
        left, right, bottom, top = as_numbers("limits", limits, (4,))
        if not (left < right and bottom < top):
            raise ValueError(f"limits must be (left, right, bottom, top), got {shown(limits)}")
    x, y = (left + right) / 2, (bottom + top) / 2
    half = max((right - left) / _WIDE, (top - bottom) / _TALL) / 2 or 0.1
    # Below this the computer could not tell left from right.
    half = max(half, 1e-9 * abs(x), 1e-9 * abs(y), 1e-30)
    return (x - half * _WIDE, x + half * _WIDE, y - half * _TALL, y + half * _TALL)


def _open(limits: Limits, title: Written | None, entries: list[str]) -> Axes:
    """Open a figure with the map's frame, and room above it for the title and the legend."""
    longest = max(map(len, entries), default=0)
    columns = max(1, min(len(entries), int(78 / (longest + 5))))
    above = 0.3 * -(-len(entries) // columns) + 0.1 * bool(entries)
    words, how = title or ("", {})
    height = 2 * _SIDE + _TALL + above + (0.4 if words else 0)
    width = _WIDE + 2 * _SIDE
    figure, ax = new_figure(width=width, height=height)
    figure.set_layout_engine("none")
    ax.set_position((_SIDE / width, _SIDE / height, _WIDE / width, _TALL / height))
    ax.set(xlim=limits[:2], ylim=limits[2:], xticks=[], yticks=[])
    ax.spines[["top", "right"]].set_visible(True)
    ax.grid(False)
    if words:
        at = (0.5, (height - 0.28) / height)
        figure.text(*at, words, ha="center", va="center", fontsize=16, **how)
    if entries:
        _legend(ax, entries, columns)
    return ax


def _legend(ax: Axes, entries: list[str], columns: int) -> None:
    """Write the names of the groups above the map."""
    marks = []
    for number, name in enumerate(entries):
        color, marker = _look(-1 if name == _REST else number)
        marks += ax.plot([], [], marker, color=color, markersize=9)
    look = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": columns}
    look |= {"handletextpad": 0.2, "columnspacing": 1.2, "borderaxespad": 0.1, "fontsize": 14}
    legend = ax.legend(marks, ["name"] * len(marks), **look)
    # Written afterwards: a legend leaves out names that begin with "_", and reads mathematics.
    for place, name in zip(legend.get_texts(), entries, strict=True):
        drawn, fonts = writable(name)
        place.set(text=drawn, fontfamily=fonts, parse_math=False)


def _look(kind: int) -> tuple[str, str]:
    """Return the colour and the marker of a group, grey circles for the points in none."""
    return (PALETTE["grey"], "o") if kind < 0 else (PALETTE[_COLOURS[kind]], MARKERS[kind])


def _markers(
    ax: Axes, points: np.ndarray, kinds: np.ndarray, groups: list[str], strong: list[int]
) -> None:
    """Draw all markers; when some are highlighted, the others are small and pale."""
    plain = 6.0 if len(points) <= 300 else 3.5
    sizes = np.full(len(points), plain if not strong else 0.8 * plain)
    sizes[strong] = 9.0
    chosen = np.zeros(len(points), dtype=bool)
    chosen[strong] = True
    for kind in np.unique(kinds):
        color, marker = _look(int(kind)) if groups else (PALETTE["blue"], "o")
        pale = 0.5 if kind >= 0 and groups else 0.25
        for part, alpha in ((~chosen, pale if strong else 0.85), (chosen, 1.0)):
            at = points[part & (kinds == kind)]
            look = {"s": sizes[part & (kinds == kind)] ** 2, "alpha": alpha, "linewidths": 0}
            ax.scatter(*at.T, c=color, marker=marker, zorder=3, **look)
