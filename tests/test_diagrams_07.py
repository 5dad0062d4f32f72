"""Pictures of lesson 07: the numbers, the arrows and the cells say what the text says."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_checks import (
    assert_readable,
    cell_around,
    cells_of,
    texts_of,
    wider_than_its_cell,
)
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_utils import diagrams

FOX = "the quick brown fox jumps over the lazy dog".split()
LONG = ["immediately"] * 6
MINUS = "\u2212"

DRAWINGS: dict[str, Callable[[], Axes]] = {
    "lookup": diagrams.lookup,
    "lookup largest": lambda: diagrams.lookup(5, 6, 4),
    "lookup smallest": lambda: diagrams.lookup(0, 2, 1),
    "skip-gram": lambda: diagrams.word_windows(FOX, 3, 2, kind="skip-gram"),
    "skip-gram first": lambda: diagrams.word_windows(FOX, 0, 6, kind="skip-gram"),
    "skip-gram last": lambda: diagrams.word_windows(FOX, 8, 1, kind="skip-gram"),
    "CBOW": lambda: diagrams.word_windows(FOX, 4, 6, kind="CBOW"),
    "CBOW first": lambda: diagrams.word_windows(FOX, 0, 1, kind="CBOW"),
    "CBOW last": lambda: diagrams.word_windows(FOX, 8, 6, kind="CBOW"),
    "long words": lambda: diagrams.word_windows(LONG, 5, 5, kind="CBOW"),
    "short words": lambda: diagrams.word_windows(["a", "$x$"], 0, 1, kind="skip-gram"),
    "most words": lambda: diagrams.word_windows(["I"] * 14, 7, 6, kind="skip-gram"),
    "negatives": diagrams.shared_negatives,
    "negatives most": lambda: diagrams.shared_negatives(["jumps"] * 9, ["moon"] * 5, window=4),
    "negatives fewest": lambda: diagrams.shared_negatives(["a", "b", "c"], ["d"], window=1),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert_readable(drawn)
    assert wider_than_its_cell(drawn) == []


def numbers_in(ax: Axes) -> list[tuple[float, float, float, float]]:
    """Return (left, bottom, width, number) of every cell with a text."""
    found = []
    for text in ax.texts:
        cell = cell_around(ax, text)
        if cell is not None and cell.get_fill():
            number = float(text.get_text().replace(MINUS, "-"))
            found.append((cell.get_x(), cell.get_y(), round(cell.get_width(), 3), number))
    return found


@pytest.mark.parametrize(("row", "n_rows", "n_dims"), [(2, 5, 3), (0, 2, 1), (5, 6, 4), (3, 4, 2)])
def test_lookup_shows_a_product_that_is_right(row: int, n_rows: int, n_dims: int) -> None:
    cells = numbers_in(diagrams.lookup(row, n_rows, n_dims))
    narrow = min(cell[2] for cell in cells)
    one_hot = [number for _, _, wide, number in sorted(cells) if wide == narrow]
    wide_cells = [cell for cell in cells if cell[2] > narrow]
    columns = sorted({round(cell[0], 3) for cell in wide_cells})
    assert len(columns) == 2 * n_dims
    left = [cell for cell in wide_cells if round(cell[0], 3) in columns[:n_dims]]
    right = [cell for cell in wide_cells if round(cell[0], 3) in columns[n_dims:]]
    in_order = [number for *_, number in sorted(left, key=lambda cell: (-cell[1], cell[0]))]
    matrices = np.array(in_order).reshape(2, n_rows, n_dims)
    results = np.array([n for *_, n in sorted(right, key=lambda cell: (-cell[1], cell[0]))])
    np.testing.assert_array_equal(matrices[0], matrices[1])
    assert len({*map(tuple, matrices[0])}) == n_rows  # or another row would look right too
    np.testing.assert_allclose(one_hot @ matrices[0], results[:n_dims])
    np.testing.assert_allclose(matrices[1][row], results[n_dims:])


def boxes(ax: Axes) -> dict[float, tuple[str, str]]:
    """Return the middle of each word's box -> the word and the colour of its letters."""
    low = min(patch.get_y() for patch in ax.patches if isinstance(patch, FancyBboxPatch))
    found = {}
    for patch in ax.patches:
        if isinstance(patch, FancyBboxPatch) and patch.get_y() == low:
            middle = patch.get_x() + patch.get_width() / 2
            inside = [t for t in ax.texts if abs(t.get_position()[0] - middle) < 1e-6]
            (text,) = [t for t in inside if low < t.get_position()[1] < low + patch.get_height()]
            found[middle] = (text.get_text(), text.get_color())
    return dict(sorted(found.items()))


def ends(ax: Axes) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return [p._posA_posB for p in ax.patches if isinstance(p, FancyArrowPatch)]


@pytest.mark.parametrize("window", [1, 2, 5])
@pytest.mark.parametrize("place", range(9))
def test_skip_gram_has_an_arrow_to_each_context_word(place: int, window: int) -> None:
    ax = diagrams.word_windows(FOX, place, window, kind="skip-gram")
    drawn = boxes(ax)
    xs = [*drawn]
    assert [word for word, _ in drawn.values()] == FOX
    near = [i for i in range(9) if i != place and abs(i - place) <= window]
    assert sorted(end[0] for _, end in ends(ax)) == pytest.approx([xs[i] for i in near])
    wide = 0.5 * (xs[1] - xs[0])
    assert all(abs(start[0] - xs[place]) < wide for start, _ in ends(ax))
    pale = [i for i, (_, color) in enumerate(drawn.values()) if color == "#767676"]
    assert pale == [i for i in range(9) if i not in (*near, place)]
    assert f"window {window}" in texts_of(ax)


@pytest.mark.parametrize(("place", "window"), [(0, 2), (3, 2), (8, 5)])
def test_cbow_has_an_arrow_from_each_context_word_and_one_to_the_centre(place, window) -> None:
    ax = diagrams.word_windows(FOX, place, window, kind="CBOW")
    xs = [*boxes(ax)]
    near = [i for i in range(9) if i != place and abs(i - place) <= window]
    *into_mean, last = ends(ax)
    assert sorted(start[0] for start, _ in into_mean) == pytest.approx([xs[i] for i in near])
    assert last[1][0] == pytest.approx(xs[place])
    assert last[1][1] < last[0][1]  # downwards, to the centre
    assert "mean" in texts_of(ax)


def test_equal_words_are_told_apart_by_their_place() -> None:
    ax = diagrams.word_windows(FOX, 6, 1, kind="skip-gram")
    pale = [i for i, (_, color) in enumerate(boxes(ax).values()) if color == "#767676"]
    assert pale == [0, 1, 2, 3, 4, 8]


def test_negatives_a_band_of_positive_pairs_and_a_full_table() -> None:
    words, noise, window = FOX[:7], ["sun", "of", "king"], 3
    ax = diagrams.shared_negatives(words, noise, window=window)
    cells = cells_of(ax)[: 7 * 10]
    signs = {id(cell): "" for cell in cells}
    for text in ax.texts:
        cell = cell_around(ax, text)
        if cell is not None:
            signs[id(cell)] = text.get_text()
    ordered = sorted(cells, key=lambda cell: (-round(cell.get_y(), 3), cell.get_x()))
    table = np.array([signs[id(cell)] for cell in ordered]).reshape(7, 10)
    apart = np.abs(np.subtract.outer(np.arange(7), np.arange(7)))
    np.testing.assert_array_equal(table[:, :7] == "+", (apart > 0) & (apart <= window))
    assert (table[:, :7] != MINUS).all()
    assert (table[:, 7:] == MINUS).all()
    assert all(texts_of(ax).count(word) == 2 * words.count(word) for word in words)


@pytest.mark.parametrize(
    ("draw", "kind", "message"),
    [
        (lambda: diagrams.lookup(5), ValueError, "row must be from 0 to 4, got 5"),
        (lambda: diagrams.lookup(-1), ValueError, "row must be"),
        (lambda: diagrams.lookup(0, 7), ValueError, "n_rows must be from 2 to 6, got 7"),
        (lambda: diagrams.lookup(0, 5, 5), ValueError, "n_dims must be from 1 to 4"),
        (lambda: diagrams.lookup(1.0), TypeError, "row must be a whole number"),
        (lambda: diagrams.word_windows(FOX, 9, 2, kind="CBOW"), ValueError, "place must be"),
        (lambda: diagrams.word_windows(FOX, 0, 0, kind="CBOW"), ValueError, "window must be"),
        (lambda: diagrams.word_windows(FOX, 0, 1, kind="cbow"), ValueError, "kind .* got 'cbow'"),
        (lambda: diagrams.word_windows("fox", 0, 1, kind="CBOW"), TypeError, "'fox': split it"),
        (lambda: diagrams.word_windows(["a"], 0, 1, kind="CBOW"), ValueError, "2 to 14 .* got 1"),
        (lambda: diagrams.word_windows(LONG * 2, 0, 1, kind="CBOW"), ValueError, "too long"),
        (lambda: diagrams.word_windows(["a", ""], 0, 1, kind="CBOW"), ValueError, "empty"),
        (
            lambda: diagrams.shared_negatives(FOX + FOX),
            ValueError,
            "words must be from 3 to 9, got 18",
        ),
        (
            lambda: diagrams.shared_negatives(FOX, []),
            ValueError,
            "negatives must be from 1 to 5, got 0",
        ),
        (lambda: diagrams.shared_negatives(window=0), ValueError, "window must be"),
    ],
)
def test_bad_arguments_are_named_and_no_figure_is_left(draw, kind, message) -> None:
    with pytest.raises(kind, match=message):
        draw()
    assert plt.get_fignums() == []
