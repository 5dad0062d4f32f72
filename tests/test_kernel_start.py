"""A kernel that dies before its first answer is started again; any other failure is one."""

from __future__ import annotations

import subprocess
import sys

import kernel_start
import nbval.kernel
import pytest
from conftest import ROOT


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


def test_the_plugin_is_there_when_notebooks_alone_are_run(tmp_path):
    code = "import nbval.kernel; print(nbval.kernel.start_new_kernel.__wrapped__.__name__)"
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    {code}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml"), str(tmp_path / "test_it.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "start_new_kernel" in done.stdout
