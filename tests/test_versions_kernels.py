"""A notebook that was executed leaves no kernel behind: twenty of them would fill the memory."""

from __future__ import annotations

from contextlib import suppress

import nbformat
import psutil
import pytest
from conftest import ci_script
from nbformat.v4 import new_code_cell, new_notebook

from presenting import timings

notebooks_script = ci_script("notebooks")


def kernels() -> set[int]:
    """Return the processes of kernels that this process has started and that still run."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            if "ipykernel_launcher" in process.cmdline():
                found.add(process.pid)
    return found


@pytest.mark.offline
@pytest.mark.parametrize("source", ["1 + 1", "1 / 0"])
@pytest.mark.parametrize("run", [notebooks_script.execute, timings.measure])
def test_no_kernel_is_left(tmp_path, run, source):
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    before = kernels()
    try:
        run(path)
    except (RuntimeError, notebooks_script.NotebookError):
        assert source == "1 / 0"
    assert kernels() <= before
