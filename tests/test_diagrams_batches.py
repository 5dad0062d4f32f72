"""Padded and packed batches as grids, and the cell of the lecture's name classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import pytest
import torch
from figure_checks import assert_readable, cell_around, cells_of, texts_of, wider_than_its_cell
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from torch.nn.utils.rnn import pack_padded_sequence

from course_utils import diagrams

NAMES = ["<S>Kim<E>", "<S>Satoshi<E>", "<S>Jackson<E>", "<S>Li<E>"]
LONGEST = "<S>abcdefghijklmn<E>"

# Every picture at its usual size and at the ends of what its arguments allow.
DRAWINGS: dict[str, Callable[[], Axes]] = {
    "padded": lambda: diagrams.padded_batch(NAMES),
    "padded one": lambda: diagrams.padded_batch(["a"], title="One letter"),
    "padded most": lambda: diagrams.padded_batch([LONGEST] + ["b"] * 7, title="Eight", pad="<P>"),
    "padded specials": lambda: diagrams.padded_batch(["<S>" * 16]),
    "packed": lambda: diagrams.packed_steps(NAMES),
    "packed one": lambda: diagrams.packed_steps(["a"]),
    "packed most": lambda: diagrams.packed_steps([LONGEST] + ["b"] * 7, title="Eight"),
    "lecture cell": diagrams.lecture_cell,
    "lecture cell with tanh": lambda: diagrams.lecture_cell(tanh=True),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert isinstance(drawn, Axes)
    assert_readable(drawn)
    assert wider_than_its_cell(drawn) == []


def grid(ax: Axes) -> list[list[str]]:
    """Return the texts in the cells, row by row from the top."""
    inside = {id(cell): "" for cell in cells_of(ax)}
    inside |= {id(cell_around(ax, text)): text.get_text() for text in ax.texts}
    rows: dict[float, list[tuple[float, str]]] = {}
    for cell in cells_of(ax):
        rows.setdefault(round(cell.get_y(), 2), []).append((cell.get_x(), inside[id(cell)]))
    return [[text for _, text in sorted(rows[y])] for y in sorted(rows, reverse=True)]


def looks(ax: Axes) -> dict[str, set[str]]:
    """Return hatch and weight -> the texts that are drawn so."""
    found: dict[str, set[str]] = {}
    for text in ax.texts:
        cell = cell_around(ax, text)
        if cell is not None:
            look = f"{cell.get_facecolor()} {cell.get_hatch()} {text.get_weight()}"
            found.setdefault(look, set()).add(text.get_text())
    return found


def test_padding_fills_every_row_up_to_the_longest() -> None:
    ax = diagrams.padded_batch(["<S>Kim<E>", ["<S>", "L", "i", "<E>"], "a"], title="Names")
    dots = ["\u00b7"] * 4
    assert grid(ax) == [
        ["<S>", "K", "i", "m", "<E>"],
        ["<S>", "L", "i", "<E>", *dots[:1]],
        ["a", *dots],
    ]
    assert {"Names", "length 5", "length 4", "length 1"} <= set(texts_of(ax))
    assert "cells: 3 \u00d7 5 = 15, padding: 5 (33 %)" in texts_of(ax)


def test_letters_specials_and_padding_look_different() -> None:
    ax = diagrams.padded_batch(["<S>Kim<E>", "a"])
    kinds = [{"K", "i", "m", "a"}, {"<S>", "<E>"}, {"\u00b7"}]
    assert sorted(looks(ax).values(), key=str) == sorted(kinds, key=str)
    hatched = [cell for cell in cells_of(ax) if cell.get_hatch()]
    assert len(hatched) == 4


def test_other_specials_and_another_padding() -> None:
    ax = diagrams.padded_batch(["[a]", "<S>"], specials=("[", "]"), pad="0")
    assert grid(ax) == [["[", "a", "]"], ["<", "S", ">"]]
    assert grid(diagrams.padded_batch(["ab", "a"], specials=(), pad="0"))[1] == ["a", "0"]
    nested = diagrams.padded_batch(["<<S>"], specials=("<", "<S>"))
    assert grid(nested) == [["<", "<S>"]]


@pytest.mark.parametrize("rows", [NAMES, ["a"], ["ab", "abc"], [LONGEST, "a", "bc"], ["\n ", "a"]])
def test_rows_running_are_the_batch_sizes_of_torch(rows: Sequence[str]) -> None:
    ax = diagrams.packed_steps(rows)
    *symbols, running = grid(ax)
    lengths = [sum(text != "" for text in row) for row in symbols]
    assert lengths == sorted(lengths, reverse=True)
    zeros = torch.zeros(len(rows), max(lengths))
    packed = pack_padded_sequence(zeros, torch.tensor(lengths), batch_first=True)
    assert [int(number) for number in running] == packed.batch_sizes.tolist()
    note = f"cells to compute: {zeros.numel()} padded, {len(packed.data)} packed"
    assert any(text.startswith(note) for text in texts_of(ax))
    dotted = [cell for cell in cells_of(ax) if cell.get_linestyle() == ":"]
    assert len(dotted) == zeros.numel() - len(packed.data)


def test_rows_of_equal_length_keep_their_order() -> None:
    *symbols, _ = grid(diagrams.packed_steps(["ab", "xyz", "cd"]))
    assert symbols == [["x", "y", "z"], ["a", "b", ""], ["c", "d", ""]]


def test_the_lecture_cell_shows_where_the_tanh_is_missing() -> None:
    without, with_it = texts_of(diagrams.lecture_cell()), texts_of(diagrams.lecture_cell(tanh=True))
    assert "no tanh here" in without
    assert "no tanh here" not in with_it
    assert "tanh" in with_it
    assert "tanh" not in without
    assert r"$h_t = \mathrm{i2h}([x_t, h_{t-1}])$" in without
    assert r"$h_t = \tanh(\mathrm{i2h}([x_t, h_{t-1}]))$" in with_it


@pytest.mark.parametrize("tanh", [False, True])
def test_the_place_of_the_tanh_is_dashed_and_empty_or_filled(tanh: bool) -> None:
    ax = diagrams.lecture_cell(tanh=tanh)
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    (place,) = [box for box in boxes if box.get_height() == 0.4]
    dashed = [box for box in boxes if box.get_linestyle() not in ("-", "solid")]
    assert dashed == ([] if tanh else [place])
    assert (place.get_facecolor() == (1, 1, 1, 1)) is not tanh
    inside = [
        t.get_text()
        for t in ax.texts
        if place.contains_point(ax.transData.transform(t.get_position()))
    ]
    assert inside == (["tanh"] if tanh else [])


@pytest.mark.parametrize("draw", [diagrams.padded_batch, diagrams.packed_steps])
@pytest.mark.parametrize(
    ("rows", "kind", "message"),
    [
        ([], ValueError, "rows must hold from 1 to 8 sequences, got 0"),
        (["a"] * 9, ValueError, "rows must hold from 1 to 8 sequences, got 9"),
        (["a", ""], ValueError, "row 1 is empty"),
        (["a", "b" * 17], ValueError, "row 1 must have from 1 to 16 letters, got 17"),
        (["a", "\uae40"], ValueError, "'\uae40' cannot be drawn"),
        (["a", ["<STA>"]], ValueError, "row 1 holds '<STA>': .* at most 3 signs"),
        ("Kim", TypeError, r"rows must be a list of texts .*'Kim'"),
        (5, TypeError, "rows must be a list of texts .*5"),
        (["a", 3], TypeError, "row 1 must be a text or a list of letters, got 3"),
        (["a", ["b", 3]], TypeError, "row 1 must be a text"),
    ],
)
def test_bad_rows_are_named_and_no_figure_is_left(
    draw: Callable[[object], Axes], rows: object, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        draw(rows)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("pad", ["", "<PAD>"])
def test_padding_must_be_a_short_sign(pad: str) -> None:
    with pytest.raises(ValueError, match="a letter is empty|pad holds '<PAD>'"):
        diagrams.padded_batch(["a"], pad=pad)
    assert plt.get_fignums() == []
