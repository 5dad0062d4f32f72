"""Move every control of a notebook's widgets as a reader does; each must change what is shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import writer_moves
from lab_notebook import LIMIT, LabNotebook

ODD_TEXTS = ("Roméo 😀", "")  # what a curious reader types; the widget must answer something
KEYS = ("ArrowRight", "ArrowLeft", "End", "Home")  # the other ones if the first changes nothing
LATEST = 15  # seconds until a figure that has come is drawn
QUIET = 2  # seconds without an answer, kernel at rest: this move changed nothing, try another one

Facts = dict[str, str]
Moves = list[Callable[[], object]]


def move_all(
    notebook: LabNotebook, *, texts: Mapping[str, str], silent: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """Move every control of every widget of a notebook that has run.

    Args:
        notebook: an open notebook.
        texts: label of a text box -> a text that the box understands.
        silent: labels of controls that may change nothing.

    Returns:
        The names of the controls that were moved, and what went wrong.
    """
    moved, problems = [], []
    for index in notebook.ask("widgetCells"):
        controls = notebook.controls(index)
        if writer_moves.is_writer(controls):
            results = writer_moves.move_writer(notebook, index, controls)
        else:
            results = move_panel(notebook, index, controls, texts)
        for facts, problem in results:
            name = f"{notebook.name}, cell {index}, {facts['kind']} {facts['label']!r}"
            moved.append(name)
            if problem and facts["label"] not in silent:
                problems.append(f"{name}: {problem}")
    return moved, problems


def move_panel(
    notebook: LabNotebook, index: int, controls: list[tuple[Facts, Any]], texts: Mapping[str, str]
) -> Iterator[tuple[Facts, str]]:
    """Yield each control of a panel with what went wrong when it was moved, "" if nothing did."""
    at_rest = refusal(notebook, index)
    for facts, control in controls:
        if facts["kind"] == "text":
            problem = retype(notebook, index, control, texts.get(facts["label"]))
        elif facts["kind"] in MOVES:
            moves, put_back = MOVES[facts["kind"]](control)
            worked = any(changes(notebook, index, move, quiet=QUIET) for move in moves)
            problem = refusal(notebook, index) if worked else "was moved, and nothing else changed"
            put_back()  # each control is moved from where the widget stands at rest
        else:
            problem = "the tests do not know how to move this: teach it to widget_moves.py"
        yield facts, at_rest or problem or not_drawn(notebook, index)


def refusal(notebook: LabNotebook, index: int) -> str:
    """Say that a widget shows an error, "" if it does not: only a typed text may have one."""
    words = notebook.settled(index)["words"]
    return f"the widget shows an error: {words}" if "✗" in words else ""


def changes(
    notebook: LabNotebook, index: int, move: Callable[[], object], *, quiet: float = LIMIT
) -> bool:
    """Make one move, and tell whether the widget's figures or words change.

    When the kernel rests, they are waited for only `quiet` seconds.
    """
    before, start = notebook.settled(index), time.monotonic()
    move()
    notebook.ask("heard")
    while notebook.answer(index) == before:
        took = time.monotonic() - start
        if took > LIMIT or (took > quiet and notebook.ask("status") == "idle"):
            return False
        notebook.wait()
    return True


def retype(notebook: LabNotebook, index: int, box: Any, text: str | None) -> str:
    """Type odd texts, then one that the box understands, then what stood there; say what failed."""
    if text is None:
        return "no text is known for it: add one to TEXTS in test_browser_notebooks.py"
    first, at_rest = box.input_value(), notebook.settled(index)
    for odd in ODD_TEXTS:
        if not changes(notebook, index, lambda odd=odd: box.fill(odd)):
            return f"{odd!r} was typed, and nothing changed"
        answer = notebook.settled(index)
        if not answer["figures"] and not answer["words"]:
            return f"{odd!r} was typed, and the answer is empty"
    box.fill(text[:-1])
    if not changes(notebook, index, lambda: (box.press("End"), box.press_sequentially(text[-1]))):
        return f"{text!r} was typed, and nothing changed"
    answer = notebook.settled(index)
    what = "figures" if at_rest["figures"] else "words"
    if answer[what] == at_rest[what] or "✗" in answer["words"]:
        return f"{text!r} was typed, and the {what} are the same: {answer['words']}"
    box.fill(first)
    same = notebook.waits_for(index, at_rest)
    return "" if same else f"{first!r} was typed again, and the answer is another one than before"


def not_drawn(notebook: LabNotebook, index: int) -> str:
    """Say whether a figure of the widget is broken: one that has just come needs a moment."""
    end = time.monotonic() + LATEST
    while "not drawn" in notebook.settled(index)["figures"]:
        if time.monotonic() > end:
            return "a figure is not drawn"
    return ""


def slide(handle: Any) -> tuple[Moves, Callable[[], object]]:
    """Return the moves of a slider: one step, the other way, to its ends; and the way back."""
    value = writer_moves.value_of(handle)
    moves = [lambda key=key: handle.press(key) for key in KEYS]
    return moves, lambda: writer_moves.put_back(handle, value)


def choose(box: Any) -> tuple[Moves, Callable[[], object]]:
    """Return the moves of a drop-down list: each choice that it does not show; the way back."""
    count = box.locator("option").count()
    now = box.evaluate("box => box.selectedIndex")
    moves = [lambda i=i: box.select_option(index=i) for i in range(count) if i != now]
    return moves, lambda: box.select_option(index=now)


def tick(box: Any) -> tuple[Moves, Callable[[], object]]:
    """Return the only move of a box to tick, and the way back."""
    return [box.click], box.click


def press(button: Any) -> tuple[Moves, Callable[[], object]]:
    """Return the only move of a button, which has no way back."""
    return [button.click], lambda: None


MOVES: dict[str, Callable[[Any], tuple[Moves, Callable[[], object]]]] = {
    "slider": slide,
    "select": choose,
    "checkbox": tick,
    "radio": press,
    "button": press,
}
