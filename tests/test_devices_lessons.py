"""Solutions and two lessons run on the GPU here; `python -m reliability.devices` runs them all."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from fake_device import gpu_in
from nbformat.v4 import new_code_cell, new_notebook

from course_utils import runtime
from reliability.devices import __main__ as command
from reliability.devices import lessons
from reliability.devices.lessons import Outcome

SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))
LESSONS = [ROOT / "notebooks" / name for name in ("00_start_here.ipynb", "02_vanilla_rnn.ipynb")]
GOOD = [
    "import torch\n\nfrom course_utils.runtime import pick_device\n\ndevice = pick_device()",
    "print(torch.ones(2, device=device).sum().item())",
]
MISTAKE = "torch.ones(2, device=device) + torch.ones(2)"
CAUGHT = f"try:\n    {MISTAKE}\nexcept RuntimeError:\n    pass"


@pytest.fixture(autouse=True)
def _texts(no_texts, monkeypatch):
    monkeypatch.setattr(runtime, "budget", lambda *, cpu, gpu: cpu)


def notebook(*sources):
    """Return a small notebook whose second cell has its output stored."""
    cells = [new_code_cell(source, metadata={"tags": []}) for source in ("1 / 0", *sources)]
    for count, cell in enumerate(cells, start=1):
        cell.execution_count = count
    cells[0].metadata["tags"] = ["bootstrap"]
    cells[2].outputs = [nbformat.v4.new_output("stream", name="stdout", text="2.0\n")]
    return new_notebook(cells=cells)


@pytest.mark.parametrize("path", [*SOLUTIONS, *LESSONS], ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_gpu_and_prints_what_is_stored(path):
    with gpu_in():
        assert lessons.run_here(nbformat.read(path, as_version=4)) == []


def test_another_output_and_a_mistake_are_seen():
    with gpu_in():
        assert lessons.run_here(notebook(*GOOD)) == []
        (found,) = lessons.run_here(notebook(GOOD[0], "print(3)"))
        assert found == "cell 2 printed '3\\n', and not '2.0\\n'"
    with pytest.raises(AssertionError, match="same device"), gpu_in():
        lessons.run_here(notebook(*GOOD, CAUGHT))


def test_the_copy_begins_with_the_gpu_and_the_original_stays():
    original = notebook(*GOOD)
    moved = lessons.on_the_gpu(original)
    assert "fake_gpu(rounding=0.0)" in moved.cells[0].source
    assert moved.cells[-1].source == lessons.END
    assert original.cells[0].source == "1 / 0"
    with pytest.raises(ValueError, match="no cell with the tag bootstrap"):
        lessons.on_the_gpu(new_notebook(cells=original.cells[1:]))


@pytest.mark.parametrize(("more", "passes"), [([], True), ([CAUGHT], False)])
def test_a_notebook_is_judged_in_a_kernel_of_its_own(more, passes, tmp_path):
    path = tmp_path / "small.ipynb"
    nbformat.write(notebook(*GOOD, *more), path)
    (tmp_path / "copy").mkdir()
    outcome = lessons.run_lesson(path, tmp_path / "copy")
    assert outcome.passed is passes, outcome.log
    assert outcome.n_cells == 4 + len(more)
    assert passes or "same device" in outcome.log


def test_the_command_counts_the_failures(monkeypatch, capsys):
    def run(path, folder, *, rounding):
        return Outcome(path, path.stem != "b", 3, 1.0, "the log")

    monkeypatch.setattr(command, "run_lesson", run)
    assert command.main(["a.ipynb"]) == 0
    assert "the log" not in capsys.readouterr().out
    assert command.main(["a.ipynb", "b.ipynb"]) == 1
    out = capsys.readouterr().out
    assert "passed  a.ipynb: 3 code cells" in out
    assert "FAILED  b.ipynb" in out
    assert "1 of 2 notebooks failed" in out
    ran: list[Path] = []
    monkeypatch.setattr(
        command, "run_lesson", lambda p, f, **more: ran.append(p) or run(p, f, **more)
    )
    assert command.main([]) == 0
    assert len(ran) == 20
