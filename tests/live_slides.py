"""How every live slide of a notebook fits in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_suffix(".js")
SIZES = ((1280, 720), (1920, 1080))
SMALLEST = {"body": 24.0, "code": 18.0, "figure": 12.0}  # px on a slide of 1280 x 720
TOLERANCE = 3.0  # px: rounding, and the padding of inline code at the end of a line
PRESENTING = "body[data-jp-deck-mode=presenting] .jp-deck-mod-onscreen"


def start(page: Any) -> None:
    """Present the notebook in front, from its first slide, as the button in its toolbar does."""
    page.evaluate("window.jupyterapp.commands.execute('rnn-course:present')")
    page.wait_for_selector(PRESENTING)


def active_cell(page: Any) -> int:
    """Return the index of the cell that the slides have come to."""
    return page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex")


def problems_of(measured: dict[str, Any], where: str) -> list[str]:
    """Say what does not fit on one slide; an empty list when everything does."""
    found = [] if measured["shown"] else [f"{where}: nothing is shown"]
    for key, said in (("over_x", "too wide"), ("over_y", "too high")):
        if measured[key] > TOLERANCE:
            found.append(f"{where}: {measured[key]:.0f} px {said}")
    sizes = [("body", measured["body"]), ("code", measured["code"])]
    sizes += [("figure", size) for size in measured["figures"] if size is not None]
    for kind, size in sizes:
        if size is not None and size < SMALLEST[kind] - 0.05:
            found.append(f"{where}: {kind} text of {size:.1f} px, at least {SMALLEST[kind]:.0f}")
    if None in measured["figures"]:
        found.append(f"{where}: a figure without the size of its text; run `make notebooks`")
    return found


def misfits(page: Any, name: str) -> list[str]:
    """Measure every slide of the notebook that is being presented, on both screens.

    Args:
        page: a page of Playwright (sync) on which `start` was called.
        name: the lesson, for the messages.

    Returns:
        One message for everything that does not fit, with lesson, slide and px.
    """
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found, stops = [], page.evaluate("window.liveSlides.stops()")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("w => window.innerWidth === w", arg=width)
        for number, index in enumerate(stops, 1):
            measured = page.evaluate("index => window.liveSlides.measure(index)", index)
            where = f"{name}, slide {number} of {len(stops)}, cell {index}, {width} x {height}"
            found += problems_of(measured, where)
    return found
