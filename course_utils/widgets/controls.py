"""Sliders, lists and boxes, all of one size, to put into a panel."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import ipywidgets
from traitlets import validate

from course_utils import arguments

LARGEST = 10**15  # a browser counts exactly up to 2 ** 53
LONGEST = 80  # signs of a label
LABELLED = {"description_width": "150px"}  # the style of every control


def slider(
    label: str, low: float, high: float, *, value: float | None = None, step: float = 1
) -> Any:
    """Build a slider from low to high, for whole numbers or, with a float step, for any.

    Args:
        label: what stands before it.
        low, high: its ends, from -1e15 to 1e15.
        value: where it stands at rest, from low to high; None stands for low.
        step: from one value to the next, above 0.

    Raises:
        TypeError: label is no text, or another argument no number.
        ValueError: high is below low, step is not positive, or value is not between them.
    """
    numbers = {"low": low, "high": high, "step": step, "value": low if value is None else value}
    whole = all(isinstance(numbers[name], Integral) for name in ("low", "high", "step"))
    checked = {name: _number(name, number, whole) for name, number in numbers.items()}
    low, high, step, start = checked.values()
    if high < low or step <= 0:
        raise ValueError(f"need low <= high and step > 0, got {low}, {high}, {step}")
    if not low <= start <= high:
        raise ValueError(f"value must be from {low} to {high}, got {start}")
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    return kind(
        value=start,
        min=low,
        max=high,
        step=step,
        description=_label(label),
        style=LABELLED,
        layout={"width": "480px"},
    )


def _number(name: str, value: Any, whole: bool) -> float:
    """Return a number that a slider in a browser can hold."""
    if whole:
        return arguments.whole_number(name, value, least=-LARGEST, most=LARGEST)
    return arguments.real_number(name, value, least=-LARGEST, most=LARGEST)


def _label(label: Any) -> str:
    """Return the words before a control."""
    if len(arguments.text("label", label)) > LONGEST:
        raise ValueError(f"label must have at most {LONGEST} signs, got {arguments.shown(label)}")
    return sendable(label)


def sendable(text: str) -> str:
    """Return a text that can be sent to a browser: half of a surrogate pair becomes "?".

    >>> sendable("sun " + chr(0xD800)), sendable("sun 🙂")
    ('sun ?', 'sun 🙂')
    """
    return text.encode(errors="replace").decode()


class _Typed:
    """A box to type in that never holds, and never sends, half of a surrogate pair."""

    @validate("value")
    def _whole(self, proposal: Any) -> str:
        return sendable(proposal["value"])

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser sends; ipywidgets sends it back before it looks at it."""
        kept = {n: sendable(v) if isinstance(v, str) else v for n, v in sync_data.items()}
        super().set_state(kept)


class TextLine(_Typed, ipywidgets.Text):
    """One line to type in."""


class TextArea(_Typed, ipywidgets.Textarea):
    """Some lines to type in."""


def choice(label: str, options: Sequence[Any], *, value: Any = None) -> ipywidgets.Dropdown:
    """Build a drop-down list; the first option is chosen unless value says otherwise.

    Args:
        label: what stands before it.
        options: texts or numbers, at least one, all different.
        value: one of them.

    Raises:
        TypeError: label is no text, or an option neither text nor number.
        ValueError: there is no option, one stands there twice or holds half of a surrogate pair,
            or value is none of them.
    """
    found = arguments.items("options", options, what="a list of texts or numbers", least=1)
    for option in found:
        if not isinstance(option, str | int | float):
            raise TypeError(f"options must be texts or numbers, got {arguments.shown(option)}")
        if isinstance(option, str) and sendable(option) != option:
            raise ValueError(f"options must be whole characters, got {arguments.shown(option)}")
    if len({*found}) < len(found):
        raise ValueError(f"options must all be different, got {arguments.shown(options)}")
    start = found[0] if value is None else arguments.one_of("value", value, found)
    return ipywidgets.Dropdown(
        options=found,
        value=start,
        description=_label(label),
        style=LABELLED,
        layout={"width": "480px"},
    )


def text_box(label: str, value: str) -> ipywidgets.Text:
    """Build a box to type in; it answers after every letter.

    Raises:
        TypeError: label or value is no text.
    """
    return TextLine(
        value=sendable(arguments.text("value", value)),
        description=_label(label),
        style=LABELLED,
        continuous_update=True,
        layout={"width": "95%"},
    )


def switch(label: str, value: bool) -> ipywidgets.Checkbox:
    """Build a box to tick.

    Raises:
        TypeError: label is no text, or value not True or False.
    """
    return ipywidgets.Checkbox(
        value=arguments.flag("value", value),
        description=_label(label),
        style=LABELLED,
        layout={"width": "480px"},
    )
