"""Run the cells of a notebook on the fake GPU, with the stored outputs compared, strictly."""

from __future__ import annotations

import copy
import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parents[2]
BEGIN = """import sys

sys.path.insert(0, {root!r})
from reliability.devices.fake_gpu import fake_gpu
from course_utils import runtime

runtime.budget = lambda *, cpu, gpu: cpu  # the numbers are still computed on the CPU
gpu = fake_gpu(rounding={rounding!r})
refused = gpu.__enter__()
assert runtime.pick_device().type == "cuda"
"""
END = "assert not refused, refused\nassert runtime.pick_device().type == 'cuda'\n"


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook.

    Attributes:
        path: the notebook.
        passed: every cell ran, and printed what is stored.
        n_cells: code cells.
        seconds: processor seconds of the run.
        log: what pytest said.
    """

    path: Path
    passed: bool
    n_cells: int
    seconds: float
    log: str


def on_the_gpu(notebook: NotebookNode, *, rounding: float = 0.0) -> NotebookNode:
    """Return a copy that begins with the fake GPU, and ends with a look at what was refused."""
    moved = copy.deepcopy(notebook)
    tags = [cell.metadata.get("tags", []) for cell in moved.cells]
    bootstrap = next((i for i, of_cell in enumerate(tags) if "bootstrap" in of_cell), None)
    if bootstrap is None:
        raise ValueError("the notebook has no cell with the tag bootstrap")
    moved.cells[bootstrap].source = BEGIN.format(root=str(ROOT), rounding=rounding)
    moved.cells.append(new_code_cell(END, metadata={"tags": []}))
    return moved


def run_here(notebook: NotebookNode, scope: dict[str, object] | None = None) -> list[str]:
    """Run the cells in this process, and on the fake GPU if it is in; compare what they print.

    Figures and widgets are drawn, and shown nowhere.

    Args:
        notebook: its bootstrap cell is left out.
        scope: is given the names that the cells define.

    Returns:
        One line for each cell that prints something else than what is stored.

    Raises:
        Exception: whatever a cell raises.
    """
    scope = {} if scope is None else scope
    scope["__name__"] = "__main__"
    found = []
    with patch("IPython.display.display", lambda *shown, **options: None):
        for i, cell in enumerate(notebook.cells):
            tags = cell.metadata.get("tags", [])
            if cell.cell_type != "code" or "bootstrap" in tags:
                continue
            printed = io.StringIO()
            with redirect_stdout(printed):
                # The code of our own notebooks: to run it is what this is for.
                exec(compile(cell.source, f"cell {i}", "exec"), scope)  # nosec B102
            stored = "".join(out.text for out in cell.outputs if out.output_type == "stream")
            if "nbval-ignore-output" not in tags and printed.getvalue() != stored:
                found.append(f"cell {i} printed {printed.getvalue()!r}, and not {stored!r}")
    return found


def run_lesson(path: Path, folder: Path, *, rounding: float = 0.0, timeout: int = 3600) -> Outcome:
    """Execute a notebook with strict nbval on the fake GPU.

    Args:
        path: the notebook; it stays as it is.
        folder: where the copy is written.
        rounding: see `fake_gpu`.
        timeout: seconds for all cells.

    Returns:
        The outcome; its log names the cells that failed.
    """
    notebook = on_the_gpu(nbformat.read(path, as_version=4), rounding=rounding)
    where = folder / path.name
    nbformat.write(notebook, where)
    before = sum(os.times()[2:4])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c"]
        + [str(ROOT / "pyproject.toml"), "--rootdir", str(folder), str(where)]
        + ["--nbval-cell-timeout=600", "-o", "timeout=0"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    n_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    seconds = sum(os.times()[2:4]) - before
    return Outcome(path, done.returncode == 0, n_cells, seconds, done.stdout + done.stderr)


def environment() -> dict[str, str]:
    """Return the environment of the run: the course asks for the GPU."""
    unwanted = ("MPLBACKEND", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return kept | {"PYTHONPATH": str(ROOT), "COURSE_DEVICE": "cuda"}
