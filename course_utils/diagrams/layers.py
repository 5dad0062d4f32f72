"""Networks drawn node by node and layer by layer."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Circle

from course_utils.diagrams.pieces import (
    HIDDEN,
    INPUT,
    OUTPUT,
    PAST,
    RECURRENT,
    Point,
    arrow,
    box,
    canvas,
    label,
    path_arrow,
    tint,
    weight_label,
)
from course_utils.plots.inputs import as_count

MAX_NODES = 4

_RADIUS = 0.2
_PITCH = 0.54

Nodes = list[Point]


def hidden_layer(n_inputs: int = 2, n_hidden: int = 3, n_outputs: int = 1) -> Axes:
    """Draw one time step node by node, with the hidden layer of the step before beside the inputs.

    Every hidden node at time t-1 leads to every hidden node at time t.

    Args:
        n_inputs: input nodes, from 1 to 4.
        n_hidden: hidden nodes, from 1 to 4.
        n_outputs: output nodes, from 1 to 4.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    n_inputs = as_count("n_inputs", n_inputs, high=MAX_NODES)
    n_hidden = as_count("n_hidden", n_hidden, high=MAX_NODES)
    n_outputs = as_count("n_outputs", n_outputs, high=MAX_NODES)
    left = _PITCH * (n_inputs + n_hidden) + 0.8
    tall = max(left, _PITCH * n_outputs)
    ax = canvas(tall + 1.75)
    middle = 1.4 + tall / 2
    x_t = _nodes(ax, (2.6, middle + (left - _PITCH * n_inputs) / 2), n_inputs, INPUT)
    past = _nodes(ax, (2.6, middle - (left - _PITCH * n_hidden) / 2), n_hidden, PAST)
    h_t = _nodes(ax, (5.2, middle), n_hidden, HIDDEN)
    y_t = _nodes(ax, (7.3, middle), n_outputs, OUTPUT)
    _connect(ax, x_t, h_t, color=INPUT, linewidth=1.3)
    _connect(ax, past, h_t, color=RECURRENT, linewidth=2.4)
    _connect(ax, h_t, y_t, color=OUTPUT, linewidth=1.3)
    _name_groups(ax, x_t, past, h_t, y_t)
    _one_step_later(ax, h_t, past)
    _count_edges(ax, n_inputs, n_hidden, n_outputs)
    return ax


def _nodes(ax: Axes, at: Point, count: int, color: str) -> Nodes:
    """Draw a column of nodes in a frame and return their centres, from top to bottom."""
    x, y = at
    size = (0.62, count * _PITCH + 0.1)
    box(ax, at, color=color, size=size, strength=0.08, linewidth=1.2, zorder=1, linestyle="--")
    centres = [(x, y + ((count - 1) / 2 - number) * _PITCH) for number in range(count)]
    for number, centre in enumerate(centres, start=1):
        look = {"facecolor": tint(color), "edgecolor": color, "linewidth": 2, "zorder": 4}
        ax.add_patch(Circle(centre, _RADIUS, **look))
        label(ax, centre, str(number), size=14, zorder=5)
    return centres


def _connect(ax: Axes, sources: Nodes, targets: Nodes, *, color: str, linewidth: float) -> None:
    """Draw an arrow from every source to every target, from edge to edge of the circles."""
    for source in sources:
        for target in targets:
            run, rise = target[0] - source[0], target[1] - source[1]
            scale = _RADIUS / (run**2 + rise**2) ** 0.5
            start = (source[0] + run * scale, source[1] + rise * scale)
            end = (target[0] - run * scale, target[1] - rise * scale)
            arrow(ax, start, end, color=color, linewidth=linewidth, mutation_scale=9)


def _middle(nodes: Nodes) -> float:
    """Return the height of the middle of a column of nodes."""
    return (nodes[0][1] + nodes[-1][1]) / 2


def _name_groups(ax: Axes, x_t: Nodes, past: Nodes, h_t: Nodes, y_t: Nodes) -> None:
    """Write beside each column what it is."""
    label(ax, (2.1, _middle(x_t) + 0.13), "$x_t$", size=18, ha="right")
    label(ax, (2.1, _middle(x_t) - 0.17), "input", ha="right")
    label(ax, (2.1, _middle(past) + 0.27), "$h_{t-1}$", size=18, ha="right")
    label(ax, (2.1, _middle(past) - 0.17), "the hidden layer\none step before", ha="right")
    label(ax, (4.9, h_t[0][1] + 0.6), "$h_t$", size=18, ha="left")
    label(ax, (5.23, h_t[0][1] + 0.6), "hidden layer", ha="left")
    label(ax, (7.75, _middle(y_t) + 0.13), "$y_t$", size=18, ha="left")
    label(ax, (7.75, _middle(y_t) - 0.17), "output", ha="left")


def _one_step_later(ax: Axes, h_t: Nodes, past: Nodes) -> None:
    """Draw the dashed path on which the hidden layer becomes the one of the step before."""
    low = past[-1][1] - 0.7
    edge = _RADIUS + 0.13
    points = [(5.2, h_t[-1][1] - edge), (5.2, low), (2.6, low), (2.6, past[-1][1] - edge)]
    path_arrow(ax, points, color=HIDDEN, linestyle=(0, (4, 2)))
    label(ax, (5.4, low), "one step later", ha="left")


def _count_edges(ax: Axes, n_inputs: int, n_hidden: int, n_outputs: int) -> None:
    """Write the number of edges of each weight matrix under the picture."""
    edges = (
        ("xh", n_inputs, n_hidden, INPUT, 1.3),
        ("hh", n_hidden, n_hidden, RECURRENT, 2.4),
        ("hy", n_hidden, n_outputs, OUTPUT, 1.3),
    )
    for x, (name, before, after, color, width) in zip((0.2, 3.15, 6.1), edges, strict=True):
        arrow(ax, (x, 0.28), (x + 0.45, 0.28), color=color, linewidth=width, mutation_scale=9)
        weight_label(ax, (x + 0.55, 0.28), name, color=color, ha="left")
        count = before * after
        text = f"{before} \u00d7 {after} = {count} edge{'s' if count > 1 else ''}"
        label(ax, (x + 1.05, 0.28), text, ha="left")
