"""How every slide of a deck fits: overflow, size of the smallest text in figures, heights of cells.

A slide counts as 1280 x 720 px on every screen, 36 px free above and below, 56 px at the sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_suffix(".js")
SIZES = ((1280, 720), (1920, 1080))
SMALLEST_TEXT = 12.0  # px, of a figure's text as shown on a slide of 1280 x 720
TOLERANCE = 1.0  # px: rounding of the browser


@dataclass(frozen=True)
class CellFit:
    """The heights of one cell in px.

    Args:
        shown: As it stands on the slide; figures are scaled so that the slide fits.
        natural: With its figures at their natural size.
        least: With its figures so small that their smallest text has 12 px.
    """

    shown: float
    natural: float
    least: float


@dataclass(frozen=True)
class SlideFit:
    """How one slide fits, all its fragments shown.

    Args:
        lesson: The name of the deck without ".html".
        slide: Its number, from 1.
        heading: The first heading on it, or the nearest one before it in round brackets.
        overflow_x: px that its content is too wide; 0 when it fits.
        overflow_y: px that its content is too high; 0 when it fits.
        smallest_text: px of the smallest text in its figures as shown; None without figures.
        unknown_texts: How many of its figures do not state the size of their smallest text.
        cells: From the index of a cell in the notebook to its heights. Between two cells of a
            slide there are 12 px.
    """

    lesson: str
    slide: int
    heading: str
    overflow_x: float
    overflow_y: float
    smallest_text: float | None
    unknown_texts: int
    cells: dict[int, CellFit]

    def problems(self) -> list[str]:
        """Say what does not fit; an empty list when everything does."""
        where = f"{self.lesson}, slide {self.slide} {self.heading!r}, cells {list(self.cells)}"
        found = []
        if self.overflow_x:
            found.append(f"{where}: {self.overflow_x:.0f} px too wide")
        if self.overflow_y:
            found.append(f"{where}: {self.overflow_y:.0f} px too high")
        if self.smallest_text is not None and self.smallest_text < SMALLEST_TEXT - 0.05:
            found.append(f"{where}: text of {self.smallest_text:.1f} px in a figure")
        if self.unknown_texts:
            found.append(f"{where}: a figure without the size of its text; run `make notebooks`")
        return found


def _over(pixels: float) -> float:
    return round(pixels, 1) if pixels > TOLERANCE else 0.0


def _fit(lesson: str, slide: int, heading: str, measured: dict) -> SlideFit:
    texts = [text for cell in measured["cells"] for text in cell["texts"]]
    known = [text for text in texts if text is not None]
    return SlideFit(
        lesson,
        slide,
        heading,
        _over(measured["overflow_x"]),
        _over(measured["overflow_y"]),
        round(min(known), 2) if known else None,
        len(texts) - len(known),
        {
            cell["index"]: CellFit(*(round(cell[key], 1) for key in ("height", "natural", "least")))
            for cell in measured["cells"]
        },
    )


def open_deck(page, path: Path, query: str = "") -> None:
    """Open a deck and wait until it is drawn.

    Args:
        page: A page of Playwright (sync).
        path: The HTML file.
        query: What follows the address, such as "?theme=dark".
    """
    page.goto(path.resolve().as_uri() + query)
    page.wait_for_selector("html.deck-ready", state="attached")
    if "print-pdf" in query:  # reveal.js lays the pages out some frames later
        page.wait_for_selector(".pdf-page", state="attached")


def measure_deck(page, path: Path) -> list[SlideFit]:
    """Measure every slide of a deck at the size that the page has.

    Args:
        page: A page of Playwright (sync).
        path: The HTML file of a deck.

    Returns:
        One SlideFit per slide, in order.
    """
    open_deck(page, path)
    fits, heading = [], ""
    for number, measured in enumerate(page.evaluate(SCRIPT.read_text(encoding="utf-8")), 1):
        heading = measured["heading"] or (heading if heading[:1] == "(" else f"({heading})")
        fits.append(_fit(path.stem, number, heading, measured))
    return fits
