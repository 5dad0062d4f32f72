"""Move every control of the course's widgets as a browser does: by messages to a real kernel.

A control that moves must change the picture or the words of its widget, and not to those of an
error, which only a text that a reader typed may have as an answer. Nothing may be printed as an
error or a warning. This is done with every widget of `course_utils.widgets`, under
Colab's ipywidgets and under the newest ones, and with the widgets of each lesson that has run.
"""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient, KernelManager

from reliability.colab_runs import Machine, Result, kernel
from reliability.colab_source import ROOT, release

LIMIT = 60  # seconds to wait for an answer
REFUSAL = 'role="alert"'  # how a widget marks the words of an error
CELL = Path(__file__).with_name("colab_widget_cell.py")
# These change nothing that is shown, as the lessons say.
SILENT = ("nonlinearity",)
SHORTEST = 50  # letters that a writing box writes while it is tried

Facts = dict[str, Any]


class Page:
    """What a browser page does: it sends the moves of controls, and hears what changes.

    Args:
        client: talks to the kernel.

    Attributes:
        printed: what came on stderr, and errors.
        values: what widgets have shown since a button was pressed: id -> value.
    """

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.printed: list[str] = []
        self.values: dict[str, Any] = {}

    def run(self, source: str) -> str:
        """Run a cell; return what it printed.

        Raises:
            RuntimeError: it ended with an error.
        """
        said: list[str] = []

        def hear(message: Facts) -> None:
            self._note_trouble(message)
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                said.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            source, store_history=False, output_hook=hear, timeout=LIMIT
        )
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{reply['content']['ename']}: {reply['content']['evalue']}")
        return "".join(said)

    def move(self, control: str, state: Facts, shows: Collection[str]) -> bool:
        """Move a control; tell whether one of some widgets shows something else then."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        return self._send(control, data, lambda message: _changes(message) in shows)

    def press(self, button: str) -> None:
        """Press a button; what widgets showed before is forgotten."""
        self.values.clear()
        data = {"method": "custom", "content": {"event": "click"}}
        self._send(button, data, lambda message: False)

    def wait_for(self, widget: str, words: Collection[str]) -> str:
        """Wait until a widget shows one of some words; return all that it shows then.

        Raises:
            TimeoutError: it does not.
        """
        heard = self._heard()
        while not any(word in self.values.get(widget, "") for word in words):
            if next(heard, None) is None:
                raise TimeoutError(f"it never said {' or '.join(words)}")
        return self.values[widget]

    def _send(self, comm: str, data: Facts, is_wanted: Callable[[Facts], bool]) -> bool:
        """Send a message and hear the kernel until it rests; tell whether a wanted one came."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.client.shell_channel.send(message)
        came = False
        for heard in self._heard():
            came = came or is_wanted(heard)
            if heard["msg_type"] == "status" and heard["content"]["execution_state"] == "idle":
                if heard["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                    return came
        raise TimeoutError(f"the kernel gave no answer within {LIMIT} s")

    def _heard(self) -> Iterator[Facts]:
        """Yield the messages of the kernel until none comes in time."""
        end = time.monotonic() + LIMIT
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except queue.Empty:
                return
            self._note_trouble(message)
            if widget := _changes(message):
                self.values[widget] = message["content"]["data"]["state"].get("value", "")
            yield message

    def _note_trouble(self, message: Facts) -> None:
        content = message["content"]
        if message["msg_type"] == "error":
            self.printed.append(f"{content['ename']}: {content['evalue']}")
        elif message["msg_type"] == "stream" and content["name"] == "stderr":
            self.printed.append(content["text"].strip())


def _changes(message: Facts) -> str:
    """Return the id of the widget whose value a message changes, "" if it changes none."""
    if message["msg_type"] != "comm_msg":
        return ""
    data = message["content"]["data"]
    keys = {*data.get("state", {}), *(path[0] for path in data.get("buffer_paths", []))}
    return message["content"]["comm_id"] if "value" in keys else ""


def move_widget(page: Page, facts: Facts) -> Iterator[tuple[str, str]]:
    """Move all controls of one widget; yield each name with what went wrong, "" if nothing did."""
    if "buttons" in facts:
        yield from move_box(page, facts)
        return
    for name, control in facts["controls"].items():
        page.values.clear()
        moved = any(
            page.move(control["id"], {control["key"]: value}, facts["shows"])
            for value in control["to"]
        )
        fine, said = moved or name in SILENT, str(page.values.get(facts["shows"][0], ""))
        page.move(control["id"], {control["key"]: control["rest"]}, ())
        trouble = [page.printed.pop(0) for _ in page.printed[:]]
        if REFUSAL in said and not isinstance(control["rest"], str):
            trouble.append(f"was moved, and the widget shows an error: {said}")
        yield name, "; ".join(trouble + ["was moved, and nothing changed"] * (not fine))


def move_box(page: Page, facts: Facts) -> Iterator[tuple[str, str]]:
    """Let a writing box write after each move, and press its buttons."""
    (message, paper), (write, stop) = facts["shows"], facts["buttons"]
    length = facts["controls"]["length"]

    def written() -> str:
        page.press(write)
        return page.wait_for(message, ["Done", "Stopped", "\u2717"])

    page.press(write)
    page.wait_for(paper, ["</b>"])
    page.press(stop)
    ended = page.wait_for(message, ["Done", "Stopped", "\u2717"])
    yield "Write and Stop", "" if "Stopped" in ended else f"Stop was pressed: {ended}"
    for name, control in {"length": length | {"to": [SHORTEST]}, **facts["controls"]}.items():
        page.move(control["id"], {control["key"]: control["to"][0]}, ())
        ended = written()
        trouble = [page.printed.pop(0) for _ in page.printed[:]]
        fine = "Done" in ended
        yield name, "; ".join(trouble + [f"the box said: {ended}"] * (not fine))
        rest = SHORTEST if name == "length" else control["rest"]  # the texts stay short
        page.move(control["id"], {control["key"]: rest}, ())


@contextmanager
def opened(manager: KernelManager) -> Iterator[Page]:
    """Open a second connection to a kernel, with the functions of the cell in it."""
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT)
        page = Page(client)
        page.run(CELL.read_text("utf-8"))
        yield page
    finally:
        client.stop_channels()


def move_all(page: Page, ask: str, result: Result) -> str:
    """Move the widgets that a line of Python reports; return the version of ipywidgets."""
    found = json.loads(page.run(ask).splitlines()[-1])
    for facts in found["widgets"]:
        if REFUSAL in facts["says"]:
            result.problems.append(f"{facts['title']} shows an error: {facts['says']}")
        for name, problem in move_widget(page, facts):
            result.controls += 1
            if problem:
                result.problems.append(f"{facts['title']} {name}: {problem}")
    result.problems += page.printed
    return found["version"]


def move_lesson(manager: KernelManager, result: Result) -> None:
    """Move the widgets of a lesson that has run."""
    with opened(manager) as page:
        move_all(page, "report()", result)


def move_every_kind(machine: Machine, python: Path, major: int) -> Result:
    """Build each widget of the course with small data under one Python, and move it.

    Args:
        machine: is emptied first.
        python: the interpreter.
        major: first number of the version of ipywidgets that it must have.
    """
    machine.make()
    result, start = Result("widgets"), time.monotonic()
    cell = (ROOT / ".ci" / "bootstrap_cell.py").read_text("utf-8")
    address, tag = release()
    with kernel(machine, python) as manager, opened(manager) as page:
        page.run(cell.replace("@REPOSITORY@", address).replace("@TAG@", tag))
        page.run("strict(); built = {name: build() for name, build in builders().items()}")
        version = move_all(page, "report([*built.values()])", result)
    result.name = f"every widget, ipywidgets {version}"
    if not version.startswith(f"{major}."):
        result.problems.append(f"these are not the widgets of ipywidgets {major}")
    result.seconds = time.monotonic() - start
    return result
