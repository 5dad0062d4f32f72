"""Run a notebook as Colab does: a new machine that holds this one file, from the first cell on."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from reliability import colab_outputs
from reliability.colab_outputs import Difference

CELL_TIMEOUT = 600  # seconds
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# What the person who runs this may have set for the course, and what Colab would not know.
PASSED_ON = ("COURSE_DATA_MIRROR", "COURSE_DEVICE", "no_proxy", "NO_PROXY")
_ENDED = (CellExecutionError, CellTimeoutError, DeadKernelError)


@dataclass(frozen=True)
class Machine:
    """An empty machine: a home, a working folder, and the programs of the stack.

    Attributes:
        python: path of the stack's Python.
        folder: holds home/, content/ and the log of pip.
        address: of the git repository that the first cell clones.
        offline: the network is not tried, and there is no mirror.
    """

    python: Path
    folder: Path
    address: str
    offline: bool = False

    @property
    def content(self) -> Path:
        """Return the working folder, which Colab calls /content."""
        return self.folder / "content"

    def make(self) -> None:
        """Make its folders, empty."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("home", "content"):
            (self.folder / name).mkdir(parents=True)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process on it: nothing of the person who runs this."""
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        if self.offline:
            kept.pop("COURSE_DATA_MIRROR", None)
            kept["COURSE_OFFLINE"] = "1"
        elif os.path.isdir(kept.get("COURSE_DATA_MIRROR", "")):
            kept["COURSE_DATA_MIRROR"] = os.path.abspath(kept["COURSE_DATA_MIRROR"])
        return {
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "PATH": f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as in Colab
            "PIP_GUARD_LOG": str(self.folder / "pip.log"),
            "COURSE_DEVICE": "cpu",
            "COURSE_REPOSITORY": self.address,
            **kept,
            **more,
        }

    def pip_calls(self) -> list[str]:
        """Return what was asked of pip, one line for each call."""
        log = self.folder / "pip.log"
        return log.read_text("utf-8").splitlines() if log.is_file() else []


@dataclass
class Result:
    """What came of a notebook, or of another run on the machine.

    Attributes:
        name: of the notebook.
        seconds: on the clock.
        compared: outputs that were compared.
        differences: cells that printed something else than is stored.
        problems: everything that must not be; empty when all is well.
        controls: of widgets, that were moved.
        left_out: why it was not run; empty when it was.
    """

    name: str
    seconds: float = 0.0
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    controls: int = 0
    left_out: str = ""


@contextmanager
def kernel(machine: Machine, python: Path | None = None, **env: str) -> Iterator[KernelManager]:
    """Start a kernel on the machine, and end it with the block.

    Args:
        machine: where it works.
        python: the Python that runs it; default the machine's.
        env: more variables.
    """
    argv = [str(python or machine.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    class OneKernel(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    manager = KernelManager(
        kernel_name="python3",
        kernel_spec_manager=OneKernel(),
        connection_file=str(machine.folder / "kernel.json"),
    )
    with open(machine.folder / "kernel.log", "ab") as log:
        manager.start_kernel(
            env=machine.environment(**env), cwd=str(machine.content), stdout=log, stderr=log
        )
        try:
            yield manager
        finally:
            manager.shutdown_kernel(now=True)


def run_notebook(
    machine: Machine, path: Path, then: Callable[[KernelManager, Result], Any] | None = None
) -> Result:
    """Copy one notebook to an empty machine, and run it from the first cell to the last.

    Args:
        machine: is emptied first.
        path: the notebook.
        then: what to do with the kernel after the last cell.

    Returns:
        The Result.
    """
    machine.make()
    copy = machine.content / path.name
    shutil.copy2(path, copy)
    stored, result, start = nbformat.read(path, as_version=4), Result(path.stem), time.monotonic()
    notebook = nbformat.read(copy, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with kernel(machine) as manager:
        client = NotebookClient(notebook, km=manager, timeout=CELL_TIMEOUT, record_timing=False)
        if run_cells(client, result) and then is not None:
            try:
                then(manager, result)
            except (RuntimeError, TimeoutError) as error:
                result.problems.append(f"after the last cell: {error}")
    result.seconds = time.monotonic() - start
    result.problems += look_at(machine, notebook.cells)
    if then is not None and not result.controls and has_widgets(notebook.cells):
        result.problems.append("none of its widgets was moved")
    result.compared, result.differences = colab_outputs.compare(stored.cells, notebook.cells)
    return result


def has_widgets(cells: list[nbformat.NotebookNode]) -> bool:
    """Tell whether a cell shows a widget of the course, by the text that stands for it."""
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return any(
        "[interactive: " in str(output.get("data", {}).get("text/plain")) for output in outputs
    )


def run_cells(client: NotebookClient, result: Result) -> bool:
    """Run all cells; tell whether all ended well, and note the one that did not."""
    with client.setup_kernel():
        for index, cell in enumerate(client.nb.cells):
            try:
                client.execute_cell(cell, index)
            except _ENDED as error:
                reason = ANSI.sub("", str(error)).strip()
                result.problems.append(f"cell {index} failed:\n{reason}")
                return False
    return True


def look_at(machine: Machine, cells: list[Mapping[str, Any]]) -> list[str]:
    """Say what a run left that must not be: warnings, calls of pip, another copy of the course."""
    found = []
    for index, cell in enumerate(cells):
        if text := colab_outputs.stderr_of(cell):
            found.append(f"cell {index} printed an error or a warning: {text.strip()}")
    found += [f"pip was called: pip {line}" for line in machine.pip_calls()]
    if not (machine.content / "rnn-course" / "course_utils").is_dir():
        found.append("the first cell has not copied the course beside the notebook")
    with contextlib.suppress(OSError):
        text = (machine.folder / "kernel.log").read_text("utf-8", "replace")
        found += [f"the kernel said: {line}" for line in text.splitlines() if is_trouble(line)]
    return found


def is_trouble(line: str) -> bool:
    """Tell whether a line of the kernel's own log speaks of an error or a warning.

    >>> is_trouble("DeprecationWarning: x"), is_trouble("0.00s - Debugger warning: frozen modules")
    (True, False)
    """
    return bool(re.search(r"Traceback|Exception|\bERROR\b|\w+(Warning|Error):", line))
