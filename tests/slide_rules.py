"""The rules for the slides of a notebook, and for what the speaker says beside them."""

from __future__ import annotations

import re

from notebook_page import Page

SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes"}
NOTE_WORDS = (15, 90)


def every_cell_has_a_slide_type(page: Page) -> list[str]:
    """Each cell says where it stands in the slides."""
    kinds = [
        (i, cell.metadata.get("slideshow", {}).get("slide_type"))
        for i, cell in enumerate(page.notebook.cells)
    ]
    return [
        f"cell {i}: slide_type is {kind!r}, not one of {sorted(SLIDE_TYPES)}"
        for i, kind in kinds
        if kind not in SLIDE_TYPES
    ]


def sections_have_speaker_notes(page: Page) -> list[str]:
    """Each numbered section tells the speaker what to ask: metadata.slideshow.notes."""
    found = []
    for i, cell in page.markdown:
        if not re.match(r"## \d+\.\d+ ", cell.source):
            continue
        count = len(cell.metadata.get("slideshow", {}).get("notes", "").split())
        if not NOTE_WORDS[0] <= count <= NOTE_WORDS[1]:
            found.append(f"cell {i}: speaker notes of {count} words, not 15 to 90")
    return found
