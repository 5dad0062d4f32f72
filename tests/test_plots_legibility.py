"""The note in a PNG that says how small its letters are."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from course_utils import diagrams, plots
from course_utils.plots import legibility


def note_of(figure) -> float | None:
    return legibility.read_note(plots.to_png(figure))


def test_the_smallest_of_all_visible_texts_counts() -> None:
    figure, ax = plots.new_figure()
    ax.set_title("large", fontsize=20)
    ax.text(0.5, 0.5, "small", fontsize=7.2)
    assert note_of(figure) == pytest.approx(10.0)  # 7.2 points at 100 dots per inch


@pytest.mark.parametrize("hide", ["text", "empty", "axes", "frame"])
def test_what_is_not_drawn_does_not_count(hide: str) -> None:
    figure, (ax, other) = plots.new_figure(1, 2)
    if hide == "text":
        ax.text(0, 0, "small", fontsize=5).set_visible(False)
    elif hide == "empty":
        ax.text(0, 0, "  ", fontsize=5)
    elif hide == "axes":
        other.text(0, 0, "small", fontsize=5)
        other.set_visible(False)
    else:
        other.tick_params(labelsize=5)
        other.axis("off")
    assert note_of(figure) == pytest.approx(19.4)  # the tick labels, 14 points


def test_tick_labels_legends_and_titles_of_figures_count() -> None:
    sizes = []
    for where in ("ticks", "legend", "suptitle", "label"):
        figure, ax = plots.new_figure()
        ax.plot([1, 2], label="line")
        if where == "ticks":
            ax.tick_params(axis="y", labelsize=6)
        elif where == "legend":
            ax.legend(fontsize=6)
        elif where == "suptitle":
            figure.suptitle("t", fontsize=6)
        else:
            ax.set_xlabel("x", fontsize=6)
        sizes.append(note_of(figure))
    assert sizes == [8.3] * 4


def test_a_picture_without_text_says_so() -> None:
    figure, ax = plots.new_figure()
    ax.axis("off")
    assert note_of(figure) is None


def test_the_note_is_a_valid_chunk_that_other_programs_read() -> None:
    png = plots.to_png(diagrams.lstm_cell(5).figure)
    with Image.open(io.BytesIO(png)) as image:
        image.verify()  # checks the sums of all chunks
    with Image.open(io.BytesIO(png)) as image:
        assert float(image.info["smallest-text"]) == legibility.read_note(png)


def test_a_picture_of_another_program_is_refused_with_the_remedy() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, format="png")
    with pytest.raises(ValueError, match="make notebooks"):
        legibility.read_note(buffer.getvalue())
