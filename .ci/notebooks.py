"""Execute notebooks and store their outputs, in one normal form.

    python .ci/notebooks.py [NOTEBOOK ...]      execute, then store (default: all)
    python .ci/notebooks.py --check             are the stored outputs complete and in normal form?

A notebook that fails is left as it was. Running this twice gives the same bytes, except in
cells that carry the tag nbval-ignore-output.
"""

from __future__ import annotations

import argparse
import atexit
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
CELL_TIMEOUT = 600  # seconds
STARTS = 3  # of a kernel that dies before its first answer
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # holds a random id
TOOL_KEYS = ("execution", "ExecuteTime", "collapsed", "scrolled", "colab", "outputId")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(Exception):
    """A notebook could not be executed; the message says where and why."""


def all_notebooks(root: Path = ROOT) -> list[Path]:
    """Return the lessons and their solutions, in order."""
    folder = root / "notebooks"
    return [*sorted(folder.glob("*.ipynb")), *sorted((folder / "solutions").glob("*.ipynb"))]


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring stream outputs of one name: where they were cut depends on timing."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without anything that changes from run to run or machine to machine."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = 0
    for cell in notebook.cells:
        for key in TOOL_KEYS:
            cell.metadata.pop(key, None)
        if cell.cell_type != "code":
            continue
        ran = cell.execution_count is not None
        count += ran
        cell.execution_count = count if ran else None
        cell.outputs = merge_streams(cell.outputs)
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    return notebook


def to_text(notebook: NotebookNode) -> str:
    """Return the text of the file: one-space indent, newline at the end."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def write(path: Path, text: str) -> None:
    """Replace a file in one step, so that there is never a half one."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(text.encode("utf-8"))
        shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def own_kernel():
    """Return a manager that starts the kernel of this Python, whatever else is installed."""
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class OwnKernel(KernelSpecManager):
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=OwnKernel())


def kernel_environment() -> dict[str, str]:
    """Return the environment of the kernel: what stored outputs may depend on is fixed."""
    environment = {"COURSE_DEVICE": "cpu"} | os.environ
    environment.pop("MPLBACKEND", None)  # it would turn stored pictures off
    mirror = environment.get("COURSE_DATA_MIRROR")
    if mirror and Path(mirror).is_dir():  # the kernel starts in the folder of its notebook
        environment["COURSE_DATA_MIRROR"] = str(Path(mirror).resolve())
    return environment


def client_of(notebook: NotebookNode, path: Path, timeout: int = CELL_TIMEOUT) -> NotebookClient:
    """Return what runs a notebook in the folder of its file, with a kernel of this Python."""
    return NotebookClient(
        notebook,
        km=own_kernel(),
        timeout=timeout,
        iopub_timeout=60,  # else, on a busy machine, outputs that come late are left out
        raise_on_iopub_timeout=True,
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )


def run(client: NotebookClient) -> None:
    """Run all cells; a kernel that dies before its first answer is started again.

    jupyter_client chooses free ports before the kernel opens them, so two kernels that start at
    the same moment can be given the same one, and then one of them dies.
    """
    for left in reversed(range(STARTS)):
        try:
            # A client leaves a manager's kernel running that it did not make itself.
            client.execute(env=kernel_environment(), stderr=subprocess.DEVNULL, cleanup_kc=True)
            return
        except RuntimeError as error:
            if "Kernel died before replying" not in str(error):
                raise
            atexit.unregister(client._cleanup_kernel)  # nbclient leaves it there
            if left == 0:
                raise
            client.km = own_kernel()


def where(path: Path, notebook: NotebookNode) -> str:
    """Name the notebook and the last cell that was started."""
    started = [i for i, cell in enumerate(notebook.cells) if cell.get("execution_count")]
    failed = [
        i
        for i, cell in enumerate(notebook.cells)
        if any(output.output_type == "error" for output in cell.get("outputs", []))
    ]
    index = (failed or started or [0])[-1]
    return f"{path}, cell {index} (counted from 0, text cells too)"


def execute(path: Path) -> NotebookNode:
    """Run one notebook from an empty state, in its own folder.

    Raises:
        NotebookError: A cell raised an error or took too long, or the kernel died.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = client_of(notebook, path)
    try:
        run(client)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        reason = ANSI.sub("", str(error)).strip()
        raise NotebookError(f"{where(path, notebook)}:\n{reason}") from None
    return notebook


def problems(path: Path) -> list[str]:
    """Say what is missing in the stored outputs of one notebook."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    found = []
    if to_text(normalise(notebook)) != text:
        found.append(f"{path}: not in normal form; run `make notebooks`")
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append(f"{path}: cells without a run, or not run in order; run `make notebooks`")
    if any(output.output_type == "error" for cell in code for output in cell.outputs):
        found.append(f"{path}: an error is stored; repair the cell and run `make notebooks`")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Execute notebooks and store their outputs.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    parser.add_argument("--check", action="store_true", help="only look at what is stored")
    options = parser.parse_args(arguments)
    paths = options.notebooks or all_notebooks()
    if options.check:
        found = [problem for path in paths for problem in problems(path)]
        print("\n".join(found) or f"{len(paths)} notebooks: the stored outputs are complete.")
        return 1 if found else 0
    for path in paths:
        print(f"{os.path.relpath(path)} ...", flush=True)
        try:
            write(path, to_text(normalise(execute(path))))
        except NotebookError as error:
            print(f"FAILED, and left as it was: {error}", file=sys.stderr)
            return 1
    print(f"{len(paths)} notebooks executed and stored.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
