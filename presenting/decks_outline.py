"""From the cells of a notebook to slides, and to the cells that a template writes."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from presenting.decks_cells import is_empty, is_hidden, slide_type, without_python


@dataclass(frozen=True)
class Slide:
    """One slide, as indices of cells.

    Args:
        steps: The first step is there at once; each further one comes with a key press.
        notes: The speaker notes.
    """

    steps: list[list[int]] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)

    @property
    def cells(self) -> list[int]:
        """All cells that the audience sees, in order."""
        return [index for step in self.steps for index in step]


def outline(notebook: NotebookNode) -> list[Slide]:
    """Sort the cells of a notebook into slides.

    Slides and sub-slides stand in one row: one key goes through them all. Cells of type skip
    are left out, and so are slides on which nothing would be seen.
    """
    slides = [Slide()]
    for index, cell in enumerate(notebook.cells):
        kind = slide_type(cell)
        if kind == "skip" or is_empty(cell):
            continue
        if kind == "notes":
            slides[-1].notes.append(index)
            continue
        if kind in {"slide", "subslide"}:
            slides.append(Slide())
        if kind == "fragment" or not slides[-1].steps:
            slides[-1].steps.append([])
        slides[-1].steps[-1].append(index)
    return [slide for slide in slides if slide.steps]


def deck_notebook(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook of the cells that a deck shows, in order, with the marks between them.

    Each cell's metadata.deck holds what the template writes before and after it, its index in
    the notebook, and whether it is a speaker note.
    """
    cells = [cell for slide in outline(notebook) for cell in _slide_cells(notebook.cells, slide)]
    return NotebookNode(notebook | {"cells": cells})


def _slide_cells(cells: list[NotebookNode], slide: Slide) -> list[NotebookNode]:
    """Return the cells of one slide, its notes last."""
    shown: list[NotebookNode] = []
    for number, step in enumerate(slide.steps):
        members = [_marked(cells, index, slide) for index in step]
        _wrap(members, f'<div class="{"fragment" if number else "step"}">', "</div>")
        shown += members
    _wrap(shown, '<div class="deck-content">', "</div>")
    notes = [_marked(cells, index, slide, note=True) for index in slide.notes]
    notes += [_note(cells[index]) for index in slide.cells if said(cells[index])]
    _wrap([*shown, *notes], "<section>", "</section>")
    return [*shown, *notes]


def said(cell: NotebookNode) -> str:
    """Return what the speaker says beside a cell: metadata.slideshow.notes, or nothing."""
    return cell.metadata.get("slideshow", {}).get("notes", "").strip()


def _note(cell: NotebookNode) -> NotebookNode:
    """Return a speaker note as a cell of its own; each line is a paragraph."""
    note = new_markdown_cell(said(cell).replace("\n", "\n\n"))
    note.metadata["deck"] = {"index": -1, "before": "", "after": "", "note": True}
    return note


def _marked(
    cells: list[NotebookNode], index: int, slide: Slide, *, note: bool = False
) -> NotebookNode:
    """Return a copy of a cell with room for its marks."""
    elsewhere = set(range(len(cells))) - set(slide.cells)
    cell = without_python(cells, index, again=elsewhere)
    cell.metadata["transient"] = {"remove_source": is_hidden(cell)}  # nbconvert leaves it out
    cell.metadata["deck"] = {"index": index, "before": "", "after": "", "note": note}
    return cell


def _wrap(cells: list[NotebookNode], before: str, after: str) -> None:
    """Put marks around a row of cells, outside those that are there."""
    first, last = cells[0].metadata["deck"], cells[-1].metadata["deck"]
    first["before"] = before + first["before"]
    last["after"] += after
