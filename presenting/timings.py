"""Measure how long every cell of the lessons takes: in a demonstration no class should wait.

    python -m presenting.timings [NOTEBOOK ...] [--html FILE]      default: all lessons

The cells run from the first to the last, on a copy: nothing is stored. The exit status is 1 if a
cell takes longer than its limit. Measure on a machine that does nothing else, or judge with
`--by cpu`: the seconds in which the kernel had a processor.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from presenting import timings_page
from presenting.lesson_files import ci_script, lessons

SETUP = 1  # the second code cell holds the imports; the first finds the course


@dataclass(frozen=True)
class CellTime:
    """One code cell and what it took.

    Attributes:
        index: place in the notebook, counted from 0, text cells too.
        count: the number in its brackets, In [count].
        heading: the last heading above it.
        first_line: of its source.
        slide_type: as in its slideshow metadata; "-" if there is none.
        is_setup: it is the cell of the imports, which has its own limit.
        wall, cpu: seconds on the clock, and seconds in which the kernel had a processor.
    """

    index: int
    count: int
    heading: str
    first_line: str
    slide_type: str
    is_setup: bool
    wall: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What a cell may take.

    Attributes:
        cell, setup: seconds of every cell, and of the cell of the imports.
        by: "wall" or "cpu", the seconds that count.
    """

    cell: float = 5.0
    setup: float = 8.0
    by: str = "wall"

    def seconds(self, cell: CellTime) -> float:
        """Return the seconds of a cell that count."""
        return cell.cpu if self.by == "cpu" else cell.wall

    def broken(self, cells: Sequence[CellTime]) -> list[CellTime]:
        """Return the cells that take too long, in the order of the notebook."""
        of = {True: self.setup, False: self.cell}
        return [cell for cell in cells if self.seconds(cell) > of[cell.is_setup]]


class Stopwatch:
    """Two clocks that are read before and after every cell.

    Args:
        clock: returns seconds.
        processor: returns the processor seconds of the process with this id.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[int], float] | None = None,
    ) -> None:
        self.clock, self.processor = clock, processor or processor_seconds
        self.pid, self.start = 0, (0.0, 0.0)
        self.taken: dict[int, tuple[float, float]] = {}

    def read(self) -> tuple[float, float]:
        """Return (seconds, processor seconds) now."""
        return self.clock(), self.processor(self.pid)

    def begin(self, cell_index: int, **_: object) -> None:
        """Note that a cell starts."""
        self.start = self.read()

    def end(self, cell_index: int, **_: object) -> None:
        """Note that a cell has ended, well or not."""
        wall, cpu = (now - then for now, then in zip(self.read(), self.start, strict=True))
        self.taken[cell_index] = (wall, cpu)


def processor_seconds(pid: int) -> float:
    """Return the processor seconds that a process and its ended children have used."""
    import psutil

    return sum(psutil.Process(pid).cpu_times()[:4])


def describe(notebook: NotebookNode) -> list[CellTime]:
    """Return the code cells of a notebook that hold something, without times."""
    found: list[CellTime] = []
    heading = ""
    for index, cell in enumerate(notebook.cells):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if cell.cell_type == "code" and lines:
            slide_type = cell.metadata.get("slideshow", {}).get("slide_type", "-")
            n = len(found)
            found.append(CellTime(index, n + 1, heading, lines[0], slide_type, n == SETUP))
        elif cell.cell_type == "markdown":
            headings = [line.lstrip("# ") for line in lines if line.startswith("#")]
            heading = headings[-1] if headings else heading
    return found


def measure(path: Path, *, watch: Stopwatch | None = None, timeout: int = 600) -> list[CellTime]:
    """Run a copy of a notebook in its own folder, from an empty state, and time its cells.

    Args:
        path: the notebook; it stays as it is.
        watch: reads the clocks.
        timeout: seconds after which a cell is given up.

    Returns:
        The code cells with their times, in order.

    Raises:
        RuntimeError: a cell raised an error or took longer than timeout, or the kernel died.
    """
    watch, scripts = watch or Stopwatch(), ci_script("notebooks")
    notebook = nbformat.read(path, as_version=4)
    client = scripts.client_of(notebook, path, timeout)
    client.on_cell_execute, client.on_cell_executed = watch.begin, watch.end
    client.on_notebook_start = lambda **_: setattr(watch, "pid", client.km.provisioner.pid)
    try:
        scripts.run(client)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        reason = scripts.ANSI.sub("", str(error)).strip()
        raise RuntimeError(f"{scripts.where(path, notebook)}:\n{reason}") from None
    found = [(cell, *watch.taken[cell.index]) for cell in describe(notebook)]
    return [replace(cell, wall=wall, cpu=cpu) for cell, wall, cpu in found]


def verdict(cells: Sequence[CellTime], limits: Limits) -> str:
    """Return one line that says whether the limits hold.

    >>> cell = CellTime(45, 20, "9.5 The race", "runs = {}", "slide", False, wall=11.21)
    >>> verdict([cell], Limits()), verdict([cell], Limits(cell=12))
    ('✗ cell 45: 11.2 s', '✓ no cell over 12 s, the imports not over 8 s')
    """
    slow = [f"cell {cell.index}: {limits.seconds(cell):.1f} s" for cell in limits.broken(cells)]
    if slow:
        return "✗ " + ", ".join(slow)
    return f"✓ no cell over {limits.cell:g} s, the imports not over {limits.setup:g} s"


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m presenting.timings", description="Measure how long every cell takes."
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all lessons")
    parser.add_argument("--html", type=Path, help="also write a page with every cell")
    parser.add_argument("--rows", type=int, default=10, help="cells to print (0: all)")
    parser.add_argument("--cell", type=float, default=Limits.cell, help="limit in seconds")
    parser.add_argument("--setup", type=float, default=Limits.setup, help="limit of the imports")
    parser.add_argument("--by", choices=["wall", "cpu"], default="wall", help="seconds that count")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = options_of(arguments)
    limits = Limits(options.cell, options.setup, options.by)
    paths = options.notebooks or lessons()
    timed: dict[str, list[CellTime]] = {}
    for path in paths:
        try:
            timed[path.name] = cells = measure(path)
        except (RuntimeError, FileNotFoundError) as error:
            print(f"NOT MEASURED: {error}", file=sys.stderr)
            return 1
        print(timings_page.as_text(path.name, cells, limits, options.rows or len(cells)))
        print(verdict(cells, limits), end="\n\n", flush=True)
    if options.html:
        verdicts = {name: verdict(cells, limits) for name, cells in timed.items()}
        options.html.write_text(timings_page.as_html(timed, verdicts, limits), encoding="utf-8")
        print(f"The page with every cell: {options.html}")
    return int(any(limits.broken(cells) for cells in timed.values()))


if __name__ == "__main__":
    sys.exit(main())
