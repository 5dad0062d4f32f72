"""Strict nbval compares what is stored: an edited output fails, an untouched one passes."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, ci_script
from fixtures import small_lesson
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

notebooks_script = ci_script("notebooks")
LESSON = ROOT / "notebooks" / "01_sequential_data.ipynb"
ENOUGH = 3  # printed outputs in the cut-down lesson

SMALL = [
    "from IPython.display import display",
    "print('T =', 5)",
    "png = b'\\x89PNG\\r\\n\\x1a\\n'",
    f"display({{'image/png': '', 'text/plain': {small_lesson.ALT!r}}}, raw=True)",
    "import ipywidgets\n\nipywidgets.IntSlider(3)",
    "import time\n\nprint(time.time())",
]


def outputs_of(notebook: NotebookNode, *, ignored: bool = False) -> list[NotebookNode]:
    """Return the outputs that nbval compares, or those that it does not."""
    tag = "nbval-ignore-output"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    chosen = [cell for cell in code if (tag in cell.metadata.get("tags", [])) == ignored]
    return [output for cell in chosen for output in cell.outputs]


def printed(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for output in outputs_of(notebook) if output.output_type == "stream"]


def alt_texts(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for output in outputs_of(notebook) if "image/png" in output.get("data", {})]


def first_cells(notebook: NotebookNode) -> NotebookNode:
    """Return the lesson up to its third print and its first picture: it runs in seconds."""
    short = copy.deepcopy(notebook)
    first = next(cell for cell in short.cells if cell.cell_type == "code")
    first.source = f"import sys\n\nsys.path.insert(0, {str(ROOT)!r})"  # not the bootstrap cell
    for end in range(1, len(notebook.cells) + 1):
        part = new_notebook(cells=short.cells[:end])
        if len(printed(part)) >= ENOUGH and alt_texts(part):
            break
    return part


def nbval(folder: Path, notebook: NotebookNode) -> subprocess.CompletedProcess:
    """Run strict nbval, with the settings of the course, on one notebook."""
    path = folder / "notebook.ipynb"
    nbformat.write(notebook, path)
    environment = {k: v for k, v in os.environ.items() if k not in ("MPLBACKEND", "PYTEST_ADDOPTS")}
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *settings, str(path)],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> NotebookNode:
    """Return a small notebook, executed: a print, a picture, a slider, a time."""
    cells = [new_code_cell(source, metadata={"tags": []}) for source in SMALL]
    cells[-1].metadata["tags"] = ["nbval-ignore-output"]
    path = tmp_path_factory.mktemp("small") / "small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    assert notebooks_script.main([str(path)]) == 0
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def lesson(small) -> NotebookNode:
    """Return the first cells of lesson 01, or the small notebook while there is no lesson."""
    if not LESSON.is_file():
        return small
    notebook = nbformat.read(LESSON, as_version=4)
    bootstrap = next(
        cell for cell in notebook.cells if "bootstrap" in cell.metadata.get("tags", [])
    )
    bootstrap.source = f"import sys\n\nsys.path.insert(0, {str(ROOT)!r})"
    return first_cells(notebook)


def test_untouched_lesson_passes(lesson, tmp_path):
    assert printed(lesson)
    assert alt_texts(lesson)
    run = nbval(tmp_path, lesson)
    assert run.returncode == 0, run.stdout


def test_edited_print_fails(lesson, tmp_path):
    edited = copy.deepcopy(lesson)
    printed(edited)[-1].text += "and more\n"
    run = nbval(tmp_path, edited)
    assert run.returncode == 1
    assert "Cell outputs differ" in run.stdout, run.stdout
    assert "1 failed" in run.stdout


def test_edited_alt_text_fails(lesson, tmp_path):
    edited = copy.deepcopy(lesson)
    alt_texts(edited)[0].data["text/plain"] += " And more."
    run = nbval(tmp_path, edited)
    assert run.returncode == 1
    assert "mismatch 'text/plain'" in run.stdout, run.stdout
    assert "1 failed" in run.stdout


def test_removed_output_fails(small, tmp_path):
    edited = copy.deepcopy(small)
    edited.cells[1].outputs = []
    run = nbval(tmp_path, edited)
    assert run.returncode == 1
    assert "1 failed" in run.stdout


def test_slider_and_ignored_output_may_differ(small, tmp_path):
    slider = small.cells[4].outputs[0].data
    assert list(slider) == ["text/plain"]  # the live one also holds a random view id
    edited = copy.deepcopy(small)
    outputs_of(edited, ignored=True)[0].text = "another time\n"
    run = nbval(tmp_path, edited)
    assert run.returncode == 0, run.stdout
