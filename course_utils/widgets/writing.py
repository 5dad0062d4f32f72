"""The writing box with its controls, each checked before the box is built."""

from __future__ import annotations

from typing import Any

from course_utils import arguments
from course_utils.widgets.controls import LABELLED, TextArea, sendable, slider
from course_utils.widgets.writer import Write, WritingBox


def writing_box(
    write: Write,
    *,
    title: str,
    prompt: str = "",
    start_text: str = "",
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int = 0,
    length: int = 400,
    letters_per_second: float | None = 60,
) -> WritingBox:
    """Build a box in which a network goes on with a prompt, letter by letter.

    Args:
        write: called as ``write(prompt, temperature=, top_k=, top_p=, seed=)``; returns an iterator
            over pieces of text. top_k is None where the slider stands at 0. Any error is shown
            beside the buttons, and what was written before it stays.
        title: what the box is for, a few words.
        prompt: what stands in the prompt box at rest; it may have several lines.
        start_text: the text that is shown at rest.
        temperature: from 0.2 to 2.
        top_k: from 0 (every character may be drawn) to 30.
        top_p: from 0.05 to 1.
        seed: from 0 to 99.
        length: letters to write at most, from 50 to 2000.
        letters_per_second: the text is not shown faster than this; None does not wait.

    Returns:
        The WritingBox; as the last line of a cell it is displayed.

    Raises:
        TypeError: write is no function, a text is none, or a number is none.
        ValueError: letters_per_second is not positive, or a number is out of its range.
    """
    if not callable(write):
        raise TypeError(f"write must be a function, got {arguments.shown(write)}")
    words = {"title": title, "prompt": prompt, "start_text": start_text}
    for name, value in words.items():
        arguments.text(name, value)
    if letters_per_second is not None:
        letters_per_second = _pace(letters_per_second)
    area = {"rows": 2, "layout": {"width": "95%"}, "style": LABELLED}
    controls = {
        "prompt": TextArea(value=sendable(prompt), description="prompt", **area),
        **_sliders(temperature, top_k, top_p, seed, length),
    }
    looks = {"start_text": start_text, "letters_per_second": letters_per_second}
    return WritingBox(write, title, controls, **looks)


def _pace(letters_per_second: Any) -> float:
    """Return how many letters are shown in a second, above 0."""
    try:
        return arguments.real_number("letters_per_second", letters_per_second, above=0)
    except ValueError:
        seen = arguments.shown(letters_per_second)
        raise ValueError(f"letters_per_second must be above 0 or None, got {seen}") from None


def _sliders(temperature: Any, top_k: Any, top_p: Any, seed: Any, length: Any) -> dict[str, Any]:
    """Return the sliders of a writing box, each at its value."""
    real, whole = arguments.real_number, arguments.whole_number
    temperature = real("temperature", temperature, least=0.2, most=2)
    top_p = real("top_p", top_p, least=0.05, most=1)
    top_k, seed = whole("top_k", top_k, least=0, most=30), whole("seed", seed, least=0, most=99)
    length = whole("length", length, least=50, most=2000)
    return {
        "temperature": slider("temperature", 0.2, 2.0, value=temperature, step=0.1),
        "top_k": slider("top-k (0: all)", 0, 30, value=top_k),
        "top_p": slider("top-p (1: all)", 0.05, 1.0, value=top_p, step=0.05),
        "seed": slider("seed", 0, 99, value=seed),
        "length": slider("length", 50, 2000, value=length, step=50),
    }
