"""What a readable figure is: nothing overlaps or is cut off, letters are large enough."""

from __future__ import annotations

from itertools import combinations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SMALLEST = 13  # points, on a figure 9 inches wide


def written(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """Return every text that can be seen: its letters, its box in pixels, its size in points."""
    figure.canvas.draw()
    hidden = set()
    for axis in [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]:
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if not (axis.axes.axison and low <= tick.get_loc() <= high):
                hidden |= {tick.label1, tick.label2}
    texts = [text for text in figure.findobj(Text) if text not in hidden]
    return [
        (text.get_text(), text.get_window_extent(), text.get_fontsize())
        for text in texts
        if text.get_visible() and text.get_text().strip()
    ]


def overlapping(boxes: list[tuple[str, Bbox, float]]) -> list[tuple[str, str]]:
    return [
        (first[0], second[0])
        for first, second in combinations(boxes, 2)
        if first[1].x0 < second[1].x1
        and second[1].x0 < first[1].x1
        and first[1].y0 < second[1].y1
        and second[1].y0 < first[1].y1
    ]


def cut_off(texts: list[tuple[str, Bbox, float]], figure: Figure) -> list[str]:
    width, height = figure.canvas.get_width_height()
    return [
        text
        for text, box, _ in texts
        if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height
    ]


def across_an_edge(texts: list[tuple[str, Bbox, float]], figure: Figure) -> list[str]:
    """Return the texts that lie neither inside a box nor outside it."""
    boxes = [patch.get_window_extent() for patch in figure.findobj(FancyBboxPatch)]
    return [
        text
        for text, inner, _ in texts
        for box in boxes
        if inner.overlaps(box) and Bbox.union([inner, box]).bounds != box.bounds
    ]


def assert_readable(drawn: Axes | Figure, *, width: float = 9, smallest: float = SMALLEST) -> None:
    """Assert that the only open figure is this one, and that all of it can be read."""
    assert len(plt.get_fignums()) == 1
    figure = drawn.figure if isinstance(drawn, Axes) else drawn
    texts = written(figure)
    assert cut_off(texts, figure) == []
    assert overlapping(texts) == []
    assert across_an_edge(texts, figure) == []
    assert min(size for _, _, size in texts) >= smallest
    assert figure.get_figwidth() == width
    assert figure.get_facecolor() == (1, 1, 1, 1)


def texts_of(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def cells_of(ax: Axes) -> list[Rectangle]:
    """Return the cells of the grids in a diagram."""
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def cell_around(ax: Axes, text: Text) -> Rectangle | None:
    """Return the cell that a text stands in, if any."""
    at = ax.transData.transform(text.get_position())
    return next((cell for cell in cells_of(ax) if cell.contains_point(at)), None)


def wider_than_its_cell(ax: Axes) -> list[str]:
    """Return the texts in cells that run over the cell's side."""
    ax.figure.canvas.draw()
    inside = [(text, cell_around(ax, text)) for text in ax.texts]
    return [
        text.get_text()
        for text, cell in inside
        if cell is not None and text.get_window_extent().width > cell.get_window_extent().width
    ]
