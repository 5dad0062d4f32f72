"""The course in a real browser: each lesson runs, every widget answers, every live slide fits."""

from __future__ import annotations

import re
from pathlib import Path

import lab_notebook
import live_slides
import nbformat
import pytest
import widget_moves
from conftest import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OFFLINE = "00_start_here"  # this one also without network and mirror; all would take long
# A cell that ends with a widget to move.
WIDGET = re.compile(r"^widgets\.(explore|\w+_explorer|word_map|writing_box)\(", re.MULTILINE)
# For each box to type in: a text that it understands, and that is not the one it begins with.
TEXTS = {
    "01_sequential_data": {"sentence": "the man bites the dog", "word": "bee"},
    "04_lstm_gru": {"sentence": "I was born in Greece"},
    "06_char_rnn_names": {"name": "Romanov"},
    "07_embeddings": {"word": "queen"},
    "08_shakespeare": {"beginning": "O Romeo, Romeo"},
    "09_beyond_rnns": {"text": "It was the winter of our discontent."},
}
SILENT = {"02_vanilla_rnn": ("nonlinearity",)}  # changes no shape, as its lesson says


def lesson_cases() -> list:
    """Return the lessons as parameters, one of them marked offline."""
    marks = {OFFLINE: [pytest.mark.offline]}
    return [pytest.param(p, id=p.stem, marks=marks.get(p.stem, [])) for p in LESSONS]


def cells_with_widgets(path: Path) -> list[int]:
    """Return which cells show a widget to move, as their source says."""
    cells = nbformat.read(path, as_version=4).cells
    return [i for i, c in enumerate(cells) if c.cell_type == "code" and WIDGET.search(c.source)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", lesson_cases())
def test_lesson_runs_its_widgets_answer_and_its_slides_fit(lab, lab_page, trouble, path):
    notebook = lab_notebook.open_notebook(lab_page, lab, f"notebooks/{path.name}")
    notebook.run_all()
    assert notebook.problems() == []
    options = {"texts": TEXTS.get(path.stem, {}), "silent": SILENT.get(path.stem, ())}
    moved, problems = widget_moves.move_all(notebook, **options)
    print("\n".join(moved))
    assert problems == []
    for index in cells_with_widgets(path):
        assert any(f", cell {index}, " in name for name in moved), f"cell {index} shows no widget"
    assert notebook.problems() == []  # again: what widgets said while they were moved
    live_slides.start(lab_page)
    assert live_slides.misfits(lab_page, path.stem) == []
    assert trouble == []
