"""`make notebooks`: executed, stored in one normal form, never half written."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from conftest import ci_script
from fixtures import breaches, small_lesson
from nbformat.v4 import new_code_cell, new_notebook, new_output

notebooks_script = ci_script("notebooks")

CELLS = """
import random; import sys; import time
---
for k in range(3):
    print(k, flush=True)
    time.sleep(0.05)
---
import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()
---
import ipywidgets; ipywidgets.IntSlider(3)
---
random.random()
---
{"a": 1}
"""


def small_notebook(folder: Path, *sources: str) -> Path:
    cells = [new_code_cell(source.strip()) for source in sources]
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
        cell.metadata = {"execution": {"iopub.status.idle": "now"}, "tags": ["nbval-ignore-output"]}
        if "random.random" not in cell.source:
            cell.metadata["tags"] = []
    path = folder / "small.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"widgets": {}}), path)
    return path


def test_notebooks_come_out_the_same_twice(tmp_path):
    path = small_notebook(tmp_path, *CELLS.split("---"))
    assert notebooks_script.main([str(path)]) == 0
    first = nbformat.read(path, as_version=4)
    assert notebooks_script.problems(path) == []
    assert notebooks_script.main([str(path)]) == 0
    second = nbformat.read(path, as_version=4)
    assert [cell.source for cell in first.cells] == [cell.source for cell in second.cells]
    varying = [i for i, (a, b) in enumerate(zip(first.cells, second.cells, strict=True)) if a != b]
    assert varying == [4]
    assert first.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert first.cells[1].outputs == [new_output("stream", text="0\n1\n2\n")]
    assert "image/png" in first.cells[2].outputs[0].data
    assert list(first.cells[3].outputs[0].data) == ["text/plain"]
    assert [cell.execution_count for cell in first.cells] == [1, 2, 3, 4, 5, 6]
    text = path.read_text(encoding="utf-8")
    assert text.startswith('{\n "cells"')
    assert text.endswith("}\n")
    assert '"execution"' not in text
    assert list(tmp_path.iterdir()) == [path]


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path, capsys):
    path = small_notebook(tmp_path, "x = 1", "print('before')\n1 / 0", "x = 2")
    before = path.read_bytes()
    assert notebooks_script.main([str(path)]) == 1
    message = capsys.readouterr().err
    assert "small.ipynb, cell 1" in message
    assert "ZeroDivisionError" in message
    assert "\x1b" not in message
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda nb: nb.metadata.update(widgets={}), "not in normal form"),
        (lambda nb: nb.cells[0].update(execution_count=None), "cells without a run"),
        (lambda nb: nb.cells[0].update(outputs=[breaches.ERROR]), "an error is stored"),
    ],
)
def test_incomplete_outputs_are_found(tmp_path, capsys, change, message):
    notebook = notebooks_script.normalise(small_lesson.good_lesson())
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    path = tmp_path / "small.ipynb"
    path.write_text(notebooks_script.to_text(notebook), encoding="utf-8", newline="\n")
    assert notebooks_script.main(["--check", str(path)]) == 0
    change(notebook)
    path.write_text(notebooks_script.to_text(notebook), encoding="utf-8", newline="\n")
    assert notebooks_script.main(["--check", str(path)]) == 1
    assert message in capsys.readouterr().out
