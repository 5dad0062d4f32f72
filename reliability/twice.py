"""Execute each notebook twice and compare the texts that would be stored.

    python -m reliability.twice [NOTEBOOK ...]      default: all lessons and solutions

The two executions have different PYTHONHASHSEEDs. In cells without the tag nbval-ignore-output, all
texts must be the same, and so must the pictures. In cells with the tag (times, training for a
number of seconds, figures of the real texts) the tool counts those that differ.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from nbformat import NotebookNode

from presenting.lesson_files import ci_script

TAG = "nbval-ignore-output"


@dataclass(frozen=True)
class Compared:
    """What two executions of one notebook have in common.

    Attributes:
        name: of the notebook.
        texts: text outputs in cells that are compared.
        pictures: pictures in cells that are compared.
        unequal: numbers of compared cells whose texts or pictures differ.
        varying: number of cells with the tag whose outputs differ.
        tagged: number of cells with the tag.
    """

    name: str
    texts: int
    pictures: int
    unequal: tuple[int, ...]
    varying: int
    tagged: int


def outputs_of(cell: NotebookNode) -> list[tuple[str, str]]:
    """Return (kind, content) of all that a cell shows; a widget is its text only."""
    found = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            found.append((output.name, output.text))
        for kind, content in sorted(output.get("data", {}).items()):
            if "widget-view" not in kind:
                found.append((kind, str(content)))
    return found


def compare(name: str, first: NotebookNode, second: NotebookNode) -> Compared:
    """Compare two executions of one notebook, cell by cell."""
    texts = pictures = varying = tagged = 0
    unequal = []
    for number, (a, b) in enumerate(zip(first.cells, second.cells, strict=True)):
        is_same = outputs_of(a) == outputs_of(b)
        if TAG in a.metadata.get("tags", []):
            tagged, varying = tagged + 1, varying + (not is_same)
            continue
        kinds = [kind for kind, _ in outputs_of(a)]
        pictures += sum(kind.startswith("image/") for kind in kinds)
        texts += sum(not kind.startswith("image/") for kind in kinds)
        if not is_same:
            unequal.append(number)
    return Compared(name, texts, pictures, tuple(unequal), varying, tagged)


def run_twice(path: Path, tool: ModuleType) -> Compared:
    """Execute a notebook twice, with two seeds of Python's hashing; nothing is stored."""
    versions = []
    for hash_seed in ("1", "2"):
        os.environ["PYTHONHASHSEED"] = hash_seed  # of the kernel; this process has its own
        versions.append(tool.normalise(tool.execute(path)))
    return compare(path.stem, *versions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the notebooks; return 1 when a compared cell differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    options = parser.parse_args(arguments)
    tool = ci_script("notebooks")
    found = []
    for path in options.notebooks or tool.all_notebooks():
        found.append(run_twice(path.resolve(), tool))
        print(found[-1], flush=True)
    unequal = sum(len(one.unequal) for one in found)
    texts, pictures = sum(one.texts for one in found), sum(one.pictures for one in found)
    varying, tagged = sum(one.varying for one in found), sum(one.tagged for one in found)
    print(f"{len(found)} notebooks twice: {texts} texts and {pictures} pictures compared.")
    print(f"Cells that differ: {unequal}. Cells that may differ: {varying} of {tagged} did.")
    return int(unequal > 0)


if __name__ == "__main__":
    sys.exit(main())
