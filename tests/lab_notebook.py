"""One notebook in a real JupyterLab: open it, run it, read what its cells and widgets show."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("lab_notebook.js")
OPEN_LIMIT = 90  # seconds for JupyterLab to load, and for a kernel to start
RUN_LIMIT = 400  # seconds for all cells of a notebook
LIMIT = 60  # seconds for a widget to answer
PAUSE = 0.1  # seconds between two looks at a page


@dataclass(frozen=True)
class LabNotebook:
    """A notebook that is open in a page of JupyterLab, with a kernel of its own."""

    page: Any
    name: str

    def ask(self, function: str, *arguments: Any) -> Any:
        """Return what a function of lab_notebook.js answers."""
        call = "([name, given]) => window.course[name](...given)"
        return self.page.evaluate(call, [function, arguments])

    def wait(self, seconds: float = PAUSE) -> None:
        """Let the page work for a while."""
        self.page.wait_for_timeout(1000 * seconds)

    def run_all(self, limit: float = RUN_LIMIT) -> None:
        """Clear all outputs, run all cells, and wait until the kernel has nothing more to do.

        Raises:
            AssertionError: the cells take longer than `limit` seconds.
        """
        self.ask("clearAndRun")
        end, quiet = time.monotonic() + limit, 0
        while quiet < 3:  # between two cells, too, the kernel is idle for a moment
            quiet = quiet + 1 if self.ask("hasEnded") else 0
            left = self.ask("waiting")
            message = f"{self.name}: after {limit} s these cells have not run: {left}"
            assert time.monotonic() < end, message
            self.wait(3 * PAUSE)

    def problems(self) -> list[str]:
        """Say what the kernel complained about: in cells, and in the answers of widgets."""
        found = [f"{self.name}, cell {index}: {text}" for index, text in self.ask("problems")]
        shown = "\n".join(found)
        said = self.page.evaluate("window.course.kernelTrouble")
        return found + [f"{self.name}: {text}" for text in said if text not in shown]

    def show(self, index: int) -> Any:
        """Scroll to a cell, and return it as a locator."""
        self.ask("show", index)
        cell = self.page.locator(f'[data-course-cell="{index}"]')
        cell.wait_for()
        return cell

    def controls(self, index: int) -> list[tuple[dict[str, str], Any]]:
        """Return (facts, locator) for everything that a reader can move in a cell's widgets."""
        cell = self.show(index)
        places = cell.locator(self.page.evaluate("window.course.CONTROLS"))
        return [(facts, places.nth(i)) for i, facts in enumerate(self.ask("controls", index))]

    def answer(self, index: int) -> dict[str, Any]:
        """Return what a cell's widgets answer: figures (as checksums) and words."""
        return self.ask("answer", index)

    def settled(self, index: int, limit: float = LIMIT) -> dict[str, Any]:
        """Return what a cell's widgets answer once it stays the same while the kernel rests.

        Raises:
            AssertionError: it goes on changing for `limit` seconds.
        """
        end, same, last = time.monotonic() + limit, 0, self.answer(index)
        while same < 2:
            self.wait()
            self.ask("heard")
            now = self.answer(index)
            at_rest = now == last and self.ask("status") == "idle"
            same, last = (same + 1 if at_rest else 0), now
            message = f"{self.name}, cell {index}: still changing after {limit} s"
            assert time.monotonic() < end, message
        return last

    def waits_for(self, index: int, answer: dict[str, Any], limit: float = LIMIT) -> bool:
        """Tell whether a cell's widgets come to this answer within `limit` seconds."""
        end = time.monotonic() + limit
        while self.answer(index) != answer and time.monotonic() < end:
            self.wait()
        return self.answer(index) == answer


def open_notebook(page: Any, lab: Any, path: str) -> LabNotebook:
    """Open a notebook of a running JupyterLab, and wait until its kernel is ready.

    Args:
        page: an empty page of the browser.
        lab: the running JupyterLab, a `lab_server.Lab`.
        path: the notebook's path below the root of JupyterLab.

    Raises:
        AssertionError: it is not open in time.
    """
    page.add_init_script(path=SCRIPT)
    page.goto(lab.url(path))
    end = time.monotonic() + OPEN_LIMIT
    while not page.evaluate("path => window.course.isOpen(path)", path):
        assert time.monotonic() < end, f"{path} did not open within {OPEN_LIMIT} s"
        page.wait_for_timeout(1000 * PAUSE)
    return LabNotebook(page, Path(path).stem)
