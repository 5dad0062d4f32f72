"""Compare what a notebook printed with what is stored in it, where strict nbval compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNCOMPARED = frozenset({"nbval-ignore-output", "nbval-skip"})

Cell = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One cell that printed something else than is stored.

    Attributes:
        cell: its place in the notebook, counted from 0, text cells too.
        stored, seen: the first line that differs; "" where one text has ended.
    """

    cell: int
    stored: str
    seen: str

    def __str__(self) -> str:
        """Return it in one line."""
        return f"cell {self.cell}: stored {self.stored!r}, here {self.seen!r}"


def is_compared(cell: Cell) -> bool:
    """Tell whether strict nbval compares the outputs of a cell."""
    tags = cell["metadata"].get("tags", [])
    return cell["cell_type"] == "code" and not UNCOMPARED.intersection(tags)


def texts_of(cell: Cell) -> list[str]:
    """Return the texts of a cell's outputs: what was printed, and what stands for each picture.

    Neighbouring pieces of one stream are joined: where they were cut depends on time.
    """
    texts: list[tuple[str, str]] = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            kind, text = output["name"], _joined(output["text"])
            if texts and texts[-1][0] == kind:
                text = texts.pop()[1] + text
            texts.append((kind, text))
        elif output["output_type"] == "error":
            texts.append(("error", f"{output['ename']}: {output['evalue']}"))
        else:
            texts.append(("shown", _joined(output["data"].get("text/plain", ""))))
    return [text for _, text in texts]


def stderr_of(cell: Cell) -> str:
    """Return what a cell printed as an error or a warning."""
    found = [o for o in cell.get("outputs", []) if o["output_type"] == "stream"]
    return "".join(_joined(output["text"]) for output in found if output["name"] == "stderr")


def compare(stored: Sequence[Cell], seen: Sequence[Cell]) -> tuple[int, list[Difference]]:
    """Compare the cells of two copies of a notebook.

    Returns:
        How many outputs were compared, and the cells that differ.
    """
    count, differences = 0, []
    for index, (old, new) in enumerate(zip(stored, seen, strict=True)):
        if not is_compared(old):
            continue
        before, after = texts_of(old), texts_of(new)
        count += len(before)
        if before != after:
            differences.append(Difference(index, *_first_line(before, after)))
    return count, differences


def _first_line(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    """Return the first lines in which the texts of two cells differ."""
    old, new = ([line for text in texts for line in text.splitlines()] for texts in (before, after))
    length = max(len(old), len(new))
    pairs = zip(old + [""] * (length - len(old)), new + [""] * (length - len(new)), strict=True)
    other = (f"{len(before)} outputs", f"{len(after)} outputs")
    return next((pair for pair in pairs if pair[0] != pair[1]), other)


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
