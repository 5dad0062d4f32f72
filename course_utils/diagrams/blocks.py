"""Two ways to combine the new input with the state before, as pictures of matrices."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.diagrams.pieces import (
    INPUT,
    PAST,
    RECURRENT,
    WIDTH,
    Point,
    canvas,
    label,
    tint,
)
from course_utils.plots.inputs import as_count

MAX_BLOCK = 4

_LEFT = 2.55  # inches; the words stand left of it, the matrices right
_TALL = 0.34  # height of one number's box
# Colour and, as a second cue, a hatch: what belongs to the input and what to the state before.
_LOOKS = {"input": (INPUT, ""), "state": (RECURRENT, "//"), "sum": (PAST, "")}
_BESIDE = {"size": 15, "ha": "left"}  # a name at the right of a block


@dataclass(frozen=True)
class _Block:
    """A matrix of boxes: what it belongs to, its rows and columns, the width of one box."""

    part: str
    n_rows: int
    n_cols: int
    cell: float

    @property
    def width(self) -> float:
        return self.n_cols * self.cell

    @property
    def height(self) -> float:
        return self.n_rows * _TALL


@dataclass(frozen=True)
class _Blocks:
    """The five matrices of the equation."""

    W_xh: _Block
    W_hh: _Block
    x_t: _Block
    h_prev: _Block
    a_t: _Block


def concat_or_add(n_inputs: int = 2, n_hidden: int = 3) -> Axes:
    """Draw that one wide matrix times the joined vector equals the sum of two products.

    Args:
        n_inputs: length of x_t, from 1 to 4.
        n_hidden: length of h_t, from 1 to 4.

    Returns:
        The Axes.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: an argument is out of range.
    """
    n_inputs = as_count("n_inputs", n_inputs, high=MAX_BLOCK)
    n_hidden = as_count("n_hidden", n_hidden, high=MAX_BLOCK)
    cell = 0.46 if n_inputs + n_hidden <= 5 else 0.36
    blocks = _Blocks(
        _Block("input", n_hidden, n_inputs, cell),
        _Block("state", n_hidden, n_hidden, cell),
        _Block("input", n_inputs, 1, cell),
        _Block("state", n_hidden, 1, cell),
        _Block("sum", n_hidden, 1, cell),
    )
    long, short = blocks.x_t.height + blocks.h_prev.height, max(n_inputs, n_hidden) * _TALL
    ax = canvas(long + short + 2.6)
    low = 1.15 + short / 2
    high = 1.15 + short + 1.05 + long / 2
    _one_product(ax, high, blocks)
    _two_products(ax, low, blocks)
    label(ax, (0.3, high), "concatenate,\nthen multiply", size=15, ha="left", weight="bold")
    label(ax, (0.3, low), "multiply twice,\nthen add", size=15, ha="left", weight="bold")
    note = r"Both give the same $a_t$. Then $h_t = \tanh(a_t + b_h)$."
    label(ax, (WIDTH / 2, 0.3), note, size=15)
    return ax


def _one_product(ax: Axes, y: float, blocks: _Blocks) -> None:
    """Draw the wide matrix times the long vector."""
    W_xh, W_hh, x_t, h_prev = blocks.W_xh, blocks.W_hh, blocks.x_t, blocks.h_prev
    x = _LEFT
    _grid(ax, (x, y - W_xh.height / 2), W_xh, "$W_{xh}$")
    _grid(ax, (x + W_xh.width, y - W_hh.height / 2), W_hh, "$W_{hh}$")
    wide = W_xh.width + W_hh.width
    _shape(ax, (x + wide / 2, y - W_xh.height / 2), W_xh.n_rows, W_xh.n_cols + W_hh.n_cols)
    label(ax, (x + wide + 0.22, y), "\u00d7", size=18)
    x += wide + 0.44
    bottom = y - (x_t.height + h_prev.height) / 2
    _grid(ax, (x, bottom + h_prev.height), x_t)
    _grid(ax, (x, bottom), h_prev)
    label(ax, (x + x_t.width + 0.08, bottom + h_prev.height + x_t.height / 2), "$x_t$", **_BESIDE)
    label(ax, (x + x_t.width + 0.08, bottom + h_prev.height / 2), "$h_{t-1}$", **_BESIDE)
    _shape(ax, (x + x_t.width / 2, bottom), x_t.n_rows + h_prev.n_rows, 1)
    _result(ax, (x + x_t.width + 0.85, y), blocks.a_t)


def _two_products(ax: Axes, y: float, blocks: _Blocks) -> None:
    """Draw the sum of two smaller products."""
    x = _LEFT
    x = _product(ax, (x, y), (blocks.W_xh, "$W_{xh}$"), (blocks.x_t, "$x_t$"))
    label(ax, (x + 0.27, y), "+", size=20)
    x += 0.54
    x = _product(ax, (x, y), (blocks.W_hh, "$W_{hh}$"), (blocks.h_prev, "$h_{t-1}$"))
    _result(ax, (x + 0.27, y), blocks.a_t)


def _product(ax: Axes, at: Point, matrix: tuple[_Block, str], vector: tuple[_Block, str]) -> float:
    """Draw a matrix times a vector and return the x position of its right end."""
    x, y = at
    for block, name in (matrix, vector):
        bottom = y - block.height / 2
        _grid(ax, (x, bottom), block, name)
        _shape(ax, (x + block.width / 2, bottom), block.n_rows, block.n_cols)
        x += block.width
        if block is matrix[0]:
            label(ax, (x + 0.22, y), "\u00d7", size=18)
            x += 0.44
    return x


def _result(ax: Axes, at: Point, a_t: _Block) -> None:
    """Draw an equals sign and the vector that comes out."""
    x, y = at
    label(ax, (x, y), "=", size=20)
    bottom = y - a_t.height / 2
    _grid(ax, (x + 0.27, bottom), a_t, "$a_t$")
    _shape(ax, (x + 0.27 + a_t.width / 2, bottom), a_t.n_rows, 1)


def _grid(ax: Axes, corner: Point, block: _Block, name: str = "") -> None:
    """Draw the boxes of a matrix from its lower left corner, with its name above."""
    x, y = corner
    color, hatch = _LOOKS[block.part]
    look = {"facecolor": tint(color, 0.35), "edgecolor": color, "hatch": hatch, "zorder": 2}
    for row in range(block.n_rows):
        for col in range(block.n_cols):
            at = (x + col * block.cell, y + row * _TALL)
            ax.add_patch(Rectangle(at, block.cell, _TALL, linewidth=1.3, **look))
    frame = {"fill": False, "edgecolor": "black", "linewidth": 2, "zorder": 4}
    ax.add_patch(Rectangle(corner, block.width, block.height, **frame))
    if name:
        label(ax, (x + block.width / 2, y + block.height + 0.2), name, size=15)


def _shape(ax: Axes, at: Point, n_rows: int, n_cols: int) -> None:
    """Write the shape of a matrix under the middle of its lower edge."""
    label(ax, (at[0], at[1] - 0.2), f"({n_rows}, {n_cols})")
