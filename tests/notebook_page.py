"""A notebook as the rules see it: its cells, headings and sections, and how words are counted."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

FENCE = re.compile(r"^```.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
LIST_ITEM = re.compile(r"^(?:[-*+]|\d+[.)]) +\S", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One notebook with what the rules need to know about it.

    Args:
        notebook: The notebook, nbformat 4.
        name: Its file name, such as "01_sequential_data.ipynb".
        bootstrap: What its bootstrap cell must hold.
        badge: The address that its Colab badge must lead to.
    """

    notebook: NotebookNode
    name: str
    bootstrap: str = ""
    badge: str = ""

    @property
    def number(self) -> int:
        """The number at the start of the file name."""
        return int(self.name.split("_")[0])

    @cached_property
    def code(self) -> list[tuple[int, NotebookNode]]:
        """The code cells that hold something, with their indices."""
        cells = enumerate(self.notebook.cells)
        return [(i, c) for i, c in cells if c.cell_type == "code" and c.source.strip()]

    @cached_property
    def markdown(self) -> list[tuple[int, NotebookNode]]:
        """The text cells with their indices."""
        return [(i, c) for i, c in enumerate(self.notebook.cells) if c.cell_type == "markdown"]

    def headings(self) -> Iterator[tuple[int, int, str]]:
        """Yield (cell index, level, text) of every heading."""
        for index, cell in self.markdown:
            for match in re.finditer(r"^(#{1,6}) +(.+)$", FENCE.sub("", cell.source), re.MULTILINE):
                yield index, len(match[1]), match[2].strip()

    def section(self, title: str) -> list[int]:
        """Return the indices of the cells from the H2 `title` up to the next H2."""
        marks = [(i, text) for i, level, text in self.headings() if level == 2]
        starts = [k for k, (_, text) in enumerate(marks) if is_title(text, title)]
        if not starts:
            return []
        ends = [i for i, _ in marks[starts[0] + 1 :]] or [len(self.notebook.cells)]
        return list(range(marks[starts[0]][0], max(ends[0], marks[starts[0]][0] + 1)))


def is_title(text: str, title: str) -> bool:
    """Say whether a heading is `title`, with or without a section number."""
    return re.fullmatch(rf"(?:\d+\.\d+ )?{title}\b.*", text) is not None


def tags(cell: NotebookNode) -> set[str]:
    """Return a cell's tags."""
    return set(cell.metadata.get("tags", []))


def count_words(markdown: str) -> int:
    r"""Count the words that a reader reads on the slide.

    A word is anything between spaces that holds a letter or a digit; code counts like text.
    Not counted: HTML tags and comments, the targets of links and images, display formulas
    ($$…$$), rulers of tables. An inline formula ($…$) is one word. The words in the rows of a
    table count half, rounded up: a table is looked up, not read from end to end.

    >>> count_words("The state $h_t = 3$ is [here](https://example.org/a/b). $$a + b$$")
    5
    >>> count_words("| sign | meaning |\n|---|---|\n| h | the state |")
    3
    """
    text = re.sub(r"<!--.*?-->|<[^>]+>", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"(?<![\\$])\$[^$\n]+\$", " formula ", text)
    text = re.sub(r"\]\([^)]*\)", "] ", text)
    rows = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    prose = [line for line in text.splitlines() if not line.lstrip().startswith("|")]

    def words(lines: list[str]) -> int:
        return sum(bool(re.search(r"\w", word)) for line in lines for word in line.split())

    return words(prose) + -(-words([row.replace("|", " ") for row in rows]) // 2)


def line_count(source: str) -> int:
    """Count the lines of a code cell, empty ones too: they take room on a slide."""
    return len(source.strip("\n").splitlines())


def list_items(cells: list[NotebookNode]) -> int:
    """Count the items of the top-level lists in text cells."""
    return sum(
        len(LIST_ITEM.findall(FENCE.sub("", c.source))) for c in cells if c.cell_type == "markdown"
    )


def holds_an_assertion(source: str) -> bool:
    """Say whether a cell asserts something: assert, ...assert_close(...), checks.check_...(...)."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return False
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return any(isinstance(node, ast.Assert) for node in nodes) or any(
        re.search(r"(?:^|\.)assert_\w+$|^checks\.check_\w+$", call) for call in calls
    )
