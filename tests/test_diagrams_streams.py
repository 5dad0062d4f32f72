"""Parallel streams and random windows: the letters that training reads, and what is carried."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
from figure_checks import assert_readable, cell_around, cells_of, texts_of, wider_than_its_cell
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from course_utils import diagrams
from course_utils.batching import Streams

ALPHABET = "".join(map(chr, range(65, 91))) * 4
CUT = "\u2702"

DRAWINGS: dict[str, Callable[[], Axes]] = {
    "streams": lambda: diagrams.parallel_streams(ALPHABET),
    "one stream": lambda: diagrams.parallel_streams("abcde", n_streams=1, chunk_len=2, n_chunks=2),
    "most streams": lambda: diagrams.parallel_streams(
        "WM@\n" * 60, n_streams=5, chunk_len=5, n_chunks=4, title="Streams"
    ),
    "long chunks": lambda: diagrams.parallel_streams(
        "WM@\n" * 60, chunk_len=10, n_chunks=2, title="Streams"
    ),
    "windows": lambda: diagrams.random_windows(ALPHABET),
    "one window": lambda: diagrams.random_windows("ab", n_rows=1, window_len=2, n_steps=2),
    "most windows": lambda: diagrams.random_windows(
        "WM@\n" * 100_000, n_rows=5, window_len=2, n_steps=4, title="Windows"
    ),
    "long windows": lambda: diagrams.random_windows("WM@\n" * 9, window_len=10, n_steps=2),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert_readable(drawn)
    assert wider_than_its_cell(drawn) == []


@pytest.mark.parametrize("name", DRAWINGS)
def test_arrows_stay_on_the_page(name: str) -> None:
    ax = DRAWINGS[name]()
    ax.figure.canvas.draw()
    for arrow in arrows(ax, dashed=True) + arrows(ax, dashed=False):
        assert ax.bbox.containsx(arrow.get_window_extent().x0)
        assert ax.bbox.containsx(arrow.get_window_extent().x1)


def arrows(ax: Axes, *, dashed: bool) -> list[FancyArrowPatch]:
    found = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    return [arrow for arrow in found if (arrow.get_linestyle() not in ("-", "solid")) is dashed]


def chunks(ax: Axes) -> list[list[str]]:
    """Return the texts of the chunks, row by row from the top: cells that touch are one chunk."""
    inside = {id(cell_around(ax, text)): text.get_text() for text in ax.texts}
    rows: dict[float, list[tuple[float, float, str]]] = {}
    for cell in cells_of(ax):
        place = (cell.get_x(), cell.get_x() + cell.get_width(), inside[id(cell)])
        rows.setdefault(round(-cell.get_y(), 2), []).append(place)
    table = []
    for _, row in sorted(rows.items()):
        table.append([])
        end = -1.0
        for left, right, sign in sorted(row):
            if left > end + 0.01:
                table[-1].append("")
            table[-1][-1] += sign
            end = right
    return table


@pytest.mark.parametrize("length", [55, 57, 58, 104])
def test_streams_are_those_that_training_reads(length: int) -> None:
    text = (ALPHABET)[:length]
    drawn = chunks(diagrams.parallel_streams(text))
    streams = Streams(np.array([*map(ord, text)]), n_streams=3, chunk_len=6)
    for step in range(3):
        read = ["".join(map(chr, row)) for row in streams.chunk(step).inputs.tolist()]
        assert [row[step] for row in drawn] == read


def test_the_state_is_carried_and_the_gradient_is_cut_between_chunks() -> None:
    ax = diagrams.parallel_streams(ALPHABET, n_streams=2, chunk_len=4, n_chunks=3)
    texts = texts_of(ax)
    assert texts.count("0") == 2  # one first state per stream
    assert texts.count("h") == 4
    assert texts.count(CUT) == 4 + 1  # and one in the legend
    assert [text for text in texts if "step" in text] == [f"training step {k}" for k in range(3)]
    assert [text for text in texts if text.startswith("stream")] == ["stream 0", "stream 1"]
    backwards = [a for a in arrows(ax, dashed=True) if a.get_path().vertices[0, 0] > 0]
    assert len(backwards) == 2 * 3 + 1


def test_the_gradient_flows_back_through_its_own_chunk_only() -> None:
    ax = diagrams.parallel_streams(ALPHABET, n_streams=1, chunk_len=4, n_chunks=3)
    *drawn, _ = sorted(arrows(ax, dashed=True), key=lambda a: -a._posA_posB[0][1])
    lefts = sorted(cell.get_x() for cell in cells_of(ax))[::4]
    wide = cells_of(ax)[0].get_width()
    ends = sorted((b[0], a[0]) for a, b in (arrow._posA_posB for arrow in drawn))
    np.testing.assert_allclose(ends, [(left, left + 4 * wide) for left in lefts])


def test_windows_are_pieces_of_the_text_from_the_places_they_name() -> None:
    text = "".join(map(chr, range(0x4E, 0x7E))) + "abc"
    ax = diagrams.random_windows(text, n_rows=3, window_len=5, n_steps=3, seed=1)
    starts = [int(t.removeprefix("from ")) for t in texts_of(ax) if t.startswith("from ")]
    assert len({*starts}) > 3
    drawn = chunks(ax)
    by_step = [drawn[row][step] for step in range(3) for row in range(3)]
    assert by_step == [text[start:][:5] for start in starts]
    assert texts_of(ax).count("0") == 9 + 1  # every window begins with the state 0
    assert CUT not in texts_of(ax)
    assert "h" not in [text for text in texts_of(ax) if text not in "".join(by_step)]


def test_windows_come_from_every_place_and_from_the_seed() -> None:
    seen = set()
    for seed in range(40):
        ax = diagrams.random_windows("abcd", n_rows=3, window_len=2, n_steps=2, seed=seed)
        seen |= {piece for row in chunks(ax) for piece in row}
        plt.close("all")
    assert seen == {"ab", "bc", "cd"}
    first, again = (chunks(diagrams.random_windows(ALPHABET, seed=s)) for s in (3, 3))
    assert first == again


@pytest.mark.parametrize(
    ("draw", "kind", "message"),
    [
        (lambda: diagrams.parallel_streams("a" * 54), ValueError, r"3 x 6 x 3 \+ 1 = 55 .* got 54"),
        (lambda: diagrams.parallel_streams(""), ValueError, "characters, got 0"),
        (lambda: diagrams.parallel_streams(ALPHABET, n_streams=6), ValueError, "n_streams must be"),
        (lambda: diagrams.parallel_streams(ALPHABET, n_streams=0), ValueError, "n_streams must be"),
        (lambda: diagrams.parallel_streams(ALPHABET, chunk_len=1), ValueError, "chunk_len must be"),
        (
            lambda: diagrams.parallel_streams(ALPHABET, chunk_len=7),
            ValueError,
            "from 2 to 2, got 3",
        ),
        (lambda: diagrams.parallel_streams(ALPHABET, n_chunks=1), ValueError, "n_chunks must be"),
        (lambda: diagrams.parallel_streams(ALPHABET, n_streams=2.0), TypeError, "a whole number"),
        (lambda: diagrams.parallel_streams("\uac00" * 99), ValueError, "cannot be drawn"),
        (lambda: diagrams.random_windows("abcde"), ValueError, "at least 6 characters, got 5"),
        (lambda: diagrams.random_windows(ALPHABET, n_steps=5), ValueError, "n_steps must be"),
        (lambda: diagrams.random_windows("\uac00" * 9), ValueError, "cannot be drawn"),
    ],
)
def test_bad_sizes_are_named_and_no_figure_is_left(
    draw: Callable[[], Axes], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        draw()
    assert plt.get_fignums() == []
