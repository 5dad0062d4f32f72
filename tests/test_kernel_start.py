"""A kernel that dies before its first answer is started again; any other failure is one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kernel_start
import nbformat
import nbval.kernel
import nbval.plugin
import pytest
from conftest import ROOT, ci_script
from jupyter_client.manager import AsyncKernelManager
from nbformat.v4 import new_code_cell, new_notebook

notebooks_script = ci_script("notebooks")


def failing(*messages: str):
    """Return a start that fails with each of these messages, then returns its arguments."""
    left = list(messages)

    def start(*args, **kwargs):
        if left:
            raise RuntimeError(left.pop(0))
        return args, kwargs

    return start


def test_it_tries_three_times():
    died = f"{kernel_start.DIED} to kernel_info"
    assert kernel_start.patient(failing(died, died))(1, cwd="x") == ((1,), {"cwd": "x"})
    with pytest.raises(RuntimeError, match=kernel_start.DIED):
        kernel_start.patient(failing(died, died, died))()


def test_a_kernel_that_does_not_answer_is_not_tried_again():
    with pytest.raises(RuntimeError, match="respond"):
        kernel_start.patient(failing("Kernel didn't respond in 60 seconds"))()


def test_nbval_goes_on_when_its_first_kernel_dies(monkeypatch):
    manager, started = nbval.kernel.KernelManager, []
    start_kernel = manager.start_kernel

    def first_one_dies(self, **how):
        result = start_kernel(self, **how)
        started.append(self)
        if len(started) == 1:
            self.provisioner.process.kill()
        return result

    monkeypatch.setattr(manager, "start_kernel", first_one_dies)
    kernel = nbval.kernel.RunningKernel("python3")
    assert len(started) == 2
    kernel.stop()


def one_cell(folder: Path) -> Path:
    """Write a notebook of one cell."""
    path = folder / "one.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), path)
    return path


@pytest.mark.parametrize(("dead", "ends_well"), [(1, True), (2, True), (3, False)])
def test_make_notebooks_goes_on_when_its_first_kernels_die(monkeypatch, tmp_path, dead, ends_well):
    started, start_kernel = [], AsyncKernelManager.start_kernel

    async def first_ones_die(self, **how):
        await start_kernel(self, **how)
        started.append(self)
        if len(started) <= dead:
            self.provisioner.process.kill()

    monkeypatch.setattr(AsyncKernelManager, "start_kernel", first_ones_die)
    if ends_well:
        (cell,) = notebooks_script.execute(one_cell(tmp_path)).cells
        assert cell.outputs[0].data["text/plain"] == "2"
    else:
        with pytest.raises(RuntimeError, match=kernel_start.DIED):
            notebooks_script.execute(one_cell(tmp_path))
    assert len(started) == min(dead + 1, notebooks_script.STARTS)


def test_a_cell_that_kills_its_kernel_is_not_run_again(tmp_path):
    path = one_cell(tmp_path)
    source = f"open({str(tmp_path / 'runs')!r}, 'a').write('x'); import os; os._exit(1)"
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    with pytest.raises(notebooks_script.NotebookError, match="Kernel died"):
        notebooks_script.execute(path)
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "x"


def test_a_cell_of_nbval_may_give_its_outputs_late():
    cell = nbval.plugin.IPyNbCell.__new__(nbval.plugin.IPyNbCell)
    assert cell.__init__.__func__.__wrapped__.__qualname__ == "IPyNbCell.__init__"
    kernel_start.waiting(lambda self: setattr(self, "output_timeout", 5))(cell)
    assert cell.output_timeout == kernel_start.SLOWEST


def test_the_plugin_is_there_when_notebooks_alone_are_run(tmp_path):
    code = "import nbval.kernel; print(nbval.kernel.start_new_kernel.__wrapped__.__name__)"
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    {code}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml"), str(tmp_path / "test_it.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "start_new_kernel" in done.stdout
