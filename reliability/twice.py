"""Execute each notebook twice and compare the texts that would be stored.

    python -m reliability.twice [NOTEBOOK ...]      default: all lessons and solutions

The two executions have different PYTHONHASHSEEDs. In cells without the tag nbval-ignore-output, all
texts must be the same. Pictures that differ are named: one that shows times, or a network that was
trained for a number of seconds, must differ; elsewhere something is left to chance. In cells with
the tag (times, training by the clock, figures of the real texts) those that differ are counted.
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
        unequal: numbers of compared cells whose texts differ.
        redrawn: numbers of compared cells whose pictures differ.
        varying: number of cells with the tag whose outputs differ.
        tagged: number of cells with the tag.
    """

    name: str
    texts: int
    pictures: int
    unequal: tuple[int, ...]
    redrawn: tuple[int, ...]
    varying: int
    tagged: int


def outputs_of(cell: NotebookNode) -> tuple[list[tuple[str, str]], list[str]]:
    """Return all that a cell shows: (kind, text) of its texts, and its pictures.

    A widget is its text only.
    """
    texts, pictures = [], []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            texts.append((output.name, output.text))
        for kind, content in sorted(output.get("data", {}).items()):
            if kind.startswith("image/"):
                pictures.append(str(content))
            elif "widget-view" not in kind:
                texts.append((kind, str(content)))
    return texts, pictures


def compare(name: str, first: NotebookNode, second: NotebookNode) -> Compared:
    """Compare two executions of one notebook, cell by cell."""
    n_texts = n_pictures = varying = tagged = 0
    unequal, redrawn = [], []
    for number, (a, b) in enumerate(zip(first.cells, second.cells, strict=True)):
        ours, theirs = outputs_of(a), outputs_of(b)
        if TAG in a.metadata.get("tags", []):
            tagged, varying = tagged + 1, varying + (ours != theirs)
            continue
        (texts, pictures), (other_texts, other_pictures) = ours, theirs
        n_texts, n_pictures = n_texts + len(texts), n_pictures + len(pictures)
        unequal += [number] * (texts != other_texts)
        redrawn += [number] * (pictures != other_pictures)
    return Compared(name, n_texts, n_pictures, tuple(unequal), tuple(redrawn), varying, tagged)


def run_twice(path: Path, tool: ModuleType) -> Compared:
    """Execute a notebook twice, with two seeds of Python's hashing; nothing is stored."""
    versions = []
    for hash_seed in ("1", "2"):
        os.environ["PYTHONHASHSEED"] = hash_seed  # of the kernel; this process has its own
        versions.append(tool.normalise(tool.execute(path)))
    return compare(path.stem, *versions)


def summary(found: Sequence[Compared]) -> str:
    """Return what all comparisons found, in four lines."""
    total = {
        name: sum(getattr(one, name) for one in found)
        for name in ("texts", "pictures", "varying", "tagged")
    }
    texts = [f"{one.name} {list(one.unequal)}" for one in found if one.unequal]
    pictures = [f"{one.name} {list(one.redrawn)}" for one in found if one.redrawn]
    return (
        f"{len(found)} notebooks twice: {total['texts']} texts, {total['pictures']} pictures.\n"
        f"Cells whose texts differ: {'; '.join(texts) or 'none'}.\n"
        f"Cells whose pictures differ: {'; '.join(pictures) or 'none'}.\n"
        f"Cells that may differ: {total['varying']} of {total['tagged']} did."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the notebooks; return 1 when a text of a compared cell differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    options = parser.parse_args(arguments)
    tool = ci_script("notebooks")
    found = []
    for path in options.notebooks or tool.all_notebooks():
        found.append(run_twice(path.resolve(), tool))
        print(found[-1], flush=True)
    print(summary(found))
    return int(any(one.unequal for one in found))


if __name__ == "__main__":
    sys.exit(main())
