"""Sliders, lists and boxes, all of one size, to put into a panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets

LABELLED = {"description_width": "150px"}  # the style of every control


def slider(
    label: str, low: float, high: float, *, value: float | None = None, step: float = 1
) -> Any:
    """Build a slider from low to high, for whole numbers or, with a float step, for any.

    Raises:
        ValueError: high is below low, or step is not positive.
    """
    if high < low or step <= 0:
        raise ValueError(f"need low <= high and step > 0, got {low}, {high}, {step}")
    whole = all(isinstance(number, int) for number in (low, high, step))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    start = low if value is None else value
    return kind(
        value=start,
        min=low,
        max=high,
        step=step,
        description=label,
        style=LABELLED,
        layout={"width": "480px"},
    )


def choice(label: str, options: Sequence[Any], *, value: Any = None) -> ipywidgets.Dropdown:
    """Build a drop-down list; the first option is chosen unless value says otherwise."""
    start = options[0] if value is None else value
    return ipywidgets.Dropdown(
        options=list(options),
        value=start,
        description=label,
        style=LABELLED,
        layout={"width": "480px"},
    )


def text_box(label: str, value: str) -> ipywidgets.Text:
    """Build a box to type in; it answers after every letter."""
    return ipywidgets.Text(
        value=value,
        description=label,
        style=LABELLED,
        continuous_update=True,
        layout={"width": "95%"},
    )


def switch(label: str, value: bool) -> ipywidgets.Checkbox:
    """Build a box to tick."""
    return ipywidgets.Checkbox(
        value=value, description=label, style=LABELLED, layout={"width": "480px"}
    )
