"""What a cell shows without a running Python: figures that stand for widgets, facts of pictures."""

from __future__ import annotations

import base64
import copy
import io
import re

from nbformat import NotebookNode

WIDGET = re.compile(r"\[interactive: .*Run this cell to use it\.\]", re.DOTALL)
INSTEAD = '<p class="live-only">Move this in the live notebook.</p>'
LOOK_BACK = 3  # cells: as far before a widget stands the figure that shows it at rest
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)


def slide_type(cell: NotebookNode) -> str:
    """Return slide, subslide, fragment, skip or notes; "" goes on where the last cell stopped."""
    kind = cell.metadata.get("slideshow", {}).get("slide_type", "")
    return "" if kind == "-" else kind


def is_hidden(cell: NotebookNode) -> bool:
    """Tell whether a cell's code is folded, so that only its outputs are shown."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def is_widget(output: NotebookNode) -> bool:
    """Tell whether an output is the stored text of a widget."""
    return bool(WIDGET.fullmatch(output.get("data", {}).get("text/plain", "").strip()))


def is_leftover(output: NotebookNode) -> bool:
    """Tell whether an output is the text that is left of a progress bar."""
    return output.output_type == "display_data" and set(output.data) == {"text/plain"}


def picture(output: NotebookNode) -> bytes | None:
    """Return the PNG bytes of an output, None if it has none."""
    data = output.get("data", {}).get("image/png")
    return None if data is None else base64.b64decode(data)


def picture_facts(png: bytes) -> dict[str, str]:
    """Return what the page should know about a picture.

    Args:
        png: The bytes of a PNG file.

    Returns:
        width and height in px and, where the file states it in a text chunk of this name,
        smallest-text: the height of its smallest text in px.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        facts = {"width": str(image.width), "height": str(image.height)}
        image.load()  # text chunks may stand behind the picture
        if "smallest-text" in image.text:
            facts["smallest-text"] = image.text["smallest-text"]
    return facts


def figure_at_rest(cells: list[NotebookNode], index: int) -> tuple[int, NotebookNode] | None:
    """Return the stored figure that shows a widget at rest, with the index of its cell.

    It is the nearest one before the widget, at most three cells back and under the same heading.
    """
    for back in range(index - 1, max(-1, index - 1 - LOOK_BACK), -1):
        cell = cells[back]
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            return None
        for output in reversed(cell.get("outputs", [])):
            if picture(output) is not None:
                return back, output
    return None


def without_python(cells: list[NotebookNode], index: int, *, again: set[int]) -> NotebookNode:
    """Return a copy of a cell whose outputs need no running Python.

    Args:
        cells: All cells of the notebook.
        index: Which one.
        again: The cells whose figure may be shown a second time, in place of a widget.
    """
    cell = copy.deepcopy(cells[index])
    outputs = []
    for output in cell.get("outputs", []):
        if is_widget(output):
            rest = figure_at_rest(cells, index)
            if rest is not None and rest[0] in again:
                outputs.append(copy.deepcopy(rest[1]))
            outputs.append(
                NotebookNode(
                    output_type="display_data",
                    data=NotebookNode({"text/html": INSTEAD}),
                    metadata=NotebookNode(),
                )
            )
        elif not is_leftover(output):
            outputs.append(output)
    if cell.cell_type == "code":
        cell.outputs = outputs
        _add_facts(outputs)
    return cell


def all_without_python(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of a notebook in which no cell needs a running Python."""
    numbers = range(len(notebook.cells))
    cells = [without_python(notebook.cells, index, again=set()) for index in numbers]
    return NotebookNode(notebook | {"cells": cells})


def _add_facts(outputs: list[NotebookNode]) -> None:
    """Write the facts of each picture where the templates look for them."""
    for output in outputs:
        png = picture(output)
        if png is not None:
            facts = output.metadata.setdefault("image/png", NotebookNode())
            facts.setdefault("alt", output.data.get("text/plain", ""))
            facts.update(picture_facts(png))


def is_empty(cell: NotebookNode) -> bool:
    """Tell whether nothing of a cell would be seen."""
    return not cell.source.strip() or (is_hidden(cell) and not cell.get("outputs"))
