"""Move every control of a writing box: what it changes shows when the network writes again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from lab_notebook import LabNotebook
from playwright.sync_api import expect

ENDED = re.compile("^(Done|Stopped|✗)")
LIMIT = 30  # seconds for a text
MESSAGE = ":is([role=status], [role=alert])"
MOST_STEPS = 250  # from one end of any slider to where it stood

Facts = dict[str, str]
Controls = list[tuple[Facts, Any]]


def is_writer(controls: Controls) -> bool:
    """Tell whether these are the controls of a writing box."""
    return any(facts == {"kind": "button", "label": "Write"} for facts in map(_named, controls))


def _named(control: tuple[Facts, Any]) -> Facts:
    return {key: control[0][key] for key in ("kind", "label")}


def move_writer(
    notebook: LabNotebook, index: int, controls: Controls
) -> Iterator[tuple[Facts, str]]:
    """Yield each control of a writing box with what went wrong, "" if nothing did."""
    box = WritingBoxInPage(notebook, notebook.show(index))
    buttons = {f["label"]: (f, c) for f, c in controls if f["kind"] == "button"}
    yield from box.write_and_stop(*buttons["Write"], *buttons["Stop"])
    sliders = [(f, c) for f, c in controls if f["kind"] == "slider"]
    # Short texts from now on: the length is the last slider.
    sliders[-1][1].press("Home")
    for facts, slider in reversed(sliders):
        yield facts, box.move_slider(slider)
    for facts, area in controls:
        if facts["kind"] == "textarea":
            yield facts, box.odd_texts(area)
        elif facts["kind"] not in ("slider", "button"):
            yield facts, "the tests do not know how to move this: teach it to writer_moves.py"


class WritingBoxInPage:
    """A writing box as a reader sees it: the text, and the message beside the buttons."""

    def __init__(self, notebook: LabNotebook, cell: Any):
        """Find the parts of the box in its cell."""
        self.notebook, self.cell = notebook, cell
        self.write_button = cell.get_by_role("button", name="Write", exact=True)
        self.stop_button = cell.get_by_role("button", name="Stop", exact=True)

    def paper(self) -> str:
        """Return the text that the network wrote, with its prompt."""
        return self.cell.locator("[role=region][aria-label='the text']").inner_text()

    def press_write(self) -> None:
        """Press Write; the message that stands there is marked as old."""
        self.notebook.ask("heard")  # the kernel has what was typed or moved before
        marked = "(all) => all.forEach(one => one.setAttribute('data-old', ''))"
        self.cell.locator(MESSAGE).evaluate_all(marked)
        self.write_button.click()

    def ended(self) -> str:
        """Wait until nothing is written any more, and return the message."""
        # The kernel knows of the click; from then on, Stop can be pressed until the very end.
        self.notebook.ask("heard")
        expect(self.stop_button).to_be_disabled(timeout=1000 * LIMIT)
        news = self.cell.locator(f"{MESSAGE}:not([data-old])").filter(has_text=ENDED)
        news.wait_for(timeout=1000 * LIMIT)
        return news.inner_text()

    def written(self) -> tuple[str, str]:
        """Let the network write; return the text and the message."""
        self.press_write()
        message = self.ended()
        return self.paper(), message

    def write_and_stop(
        self, write_facts: Facts, write: Any, stop_facts: Facts, stop: Any
    ) -> Iterator[tuple[Facts, str]]:
        """Press Write, see the text grow, press Stop, see that it grows no more."""
        start = self.paper()
        self.press_write()
        grows = self.paper_changes(start) and self.paper_changes(self.paper())
        yield write_facts, "" if grows else f"was pressed, and no text grows within {LIMIT} s"
        stop.click()
        message, text = self.ended(), self.paper()
        self.notebook.wait(1)
        stopped = message.startswith("Stopped") and self.paper() == text
        yield stop_facts, "" if stopped else f"was pressed, and the network went on: {message}"

    def paper_changes(self, before: str) -> bool:
        """Wait until another text stands there."""
        end = time.monotonic() + LIMIT
        while self.paper() == before and time.monotonic() < end:
            self.notebook.wait()
        return self.paper() != before

    def move_slider(self, slider: Any) -> str:
        """Move a slider until the text comes out otherwise, then put it back where it stood."""
        at_rest = value_of(slider)
        before, _ = self.written()
        worked = False
        for key in ("ArrowRight", "ArrowLeft", "Home", "End"):
            slider.press(key)
            worked = self.written()[0] != before
            if worked:
                break
        return put_back(slider, at_rest) if worked else "was moved, and the text is the same"

    def odd_texts(self, area: Any) -> str:
        """Write on from odd beginnings; say which of them got no answer."""
        first, before = area.input_value(), self.paper()
        for text in ("KING", "Roméo 😀", ""):
            area.fill(text)
            after, message = self.written()
            if after == before and not message.startswith("✗"):
                return f"{text!r} was typed, and the text is the same: {after!r}, {message!r}"
            before = after
        area.fill(first)
        return ""


def value_of(slider: Any) -> float:
    """Return the value of a slider; what it says to screen readers is rounded."""
    return slider.evaluate("handle => handle.closest('.noUi-target').noUiSlider.get(true)")


def put_back(slider: Any, value: float) -> str:
    """Move a slider back, step by step; say so when that does not succeed."""
    for _ in range(MOST_STEPS):
        now = value_of(slider)
        if abs(now - value) < 1e-6:
            return ""
        slider.press("ArrowLeft" if now > value else "ArrowRight")
    return f"does not go back to {value}"
