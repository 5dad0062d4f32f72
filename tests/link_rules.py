"""The rules for links: what a page links to inside the repository is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

import nbformat
from notebook_page import FENCE, Page

LABEL = r"(?:[^\[\]]|\[[^\]]*\]\([^)]*\)|\[[^\]]*\])*"  # may hold a picture
LINK = re.compile(rf"(!?)\[({LABEL})\]\(\s*<?([^\s)>]*)>?[^)]*\)")
HTML_LINK = re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)=[\"']([^\"']+)", re.IGNORECASE)
HTML_ANCHOR = re.compile(r"<[^>]+\b(?:id|name)=[\"']([^\"']+)", re.IGNORECASE)
HEADING = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def link_targets(markdown: str) -> list[str]:
    """Return the targets of links and pictures; code is not looked at.

    >>> link_targets("[a](b.md#c), ![d](e.png) and `[f](g)` [![h](i.svg)](j)")
    ['b.md#c', 'e.png', 'j', 'i.svg']
    """
    text = CODE.sub("", FENCE.sub("", markdown))
    found = []
    for match in LINK.finditer(text):
        found += [match[3], *link_targets(match[2])]
    return found + HTML_LINK.findall(text)


def anchors(markdown: str) -> set[str]:
    """Return the anchors of a text: of its headings, as GitHub and as Jupyter write them, and own.

    >>> sorted(anchors("## 1.2 What is it?"))
    ['1.2-What-is-it?', '12-what-is-it']
    """
    text = FENCE.sub("", markdown)
    headings = [re.sub(r"[`*]|\]\([^)]*\)|!?\[", "", title) for title in HEADING.findall(text)]
    github = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}
    return github | {title.replace(" ", "-") for title in headings} | set(HTML_ANCHOR.findall(text))


def text_of(path: Path) -> str:
    """Return the text of a page, or of all text cells of a notebook."""
    if path.suffix != ".ipynb":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def inside(target: str, repository: str) -> str | None:
    """Return the path of an address that leads into our own repository, as GitHub writes it."""
    match = re.match(rf"{re.escape(repository)}/(?:blob|tree|raw)/[^/]+/(.+)", target)
    colab = repository.replace("https://github.com/", "https://colab.research.google.com/github/")
    match = match or re.match(rf"{re.escape(colab)}/blob/[^/]+/(.+)", target)
    return match[1] if match else None


def dead(target: str, here: Path, root: Path, repository: str, own_text: str) -> bool:
    """Say whether a link leads nowhere; addresses elsewhere are left to the weekly check."""
    own = inside(target, repository)
    if ELSEWHERE.match(target) and own is None:
        return False
    path_part, _, anchor = (own or target).partition("#")
    path = (root if own else here.parent) / unquote(path_part) if path_part else here
    if not path.exists() or not path.resolve().is_relative_to(root.resolve()):
        return True
    text = own_text if path == here else text_of(path) if path.is_file() and anchor else ""
    return bool(anchor) and unquote(anchor) not in anchors(text)


def dead_links(markdown: str, here: Path, root: Path, repository: str, own_text: str) -> list[str]:
    """Return the links of a text in the file `here` that lead nowhere."""
    targets = link_targets(markdown)
    return [t for t in targets if not t or dead(t, here, root, repository, own_text)]


def links_resolve(page: Page, here: Path, root: Path, repository: str) -> list[str]:
    """Relative links, anchors and addresses inside our repository lead to something."""
    own_text = "\n\n".join(cell.source for _, cell in page.markdown)
    return [
        f"cell {i}: the link {target!r} leads nowhere"
        for i, cell in page.markdown
        for target in dead_links(cell.source, here, root, repository, own_text)
    ]


def lessons_without_a_row(page: Page, files: Iterable[str]) -> list[str]:
    """In the index, a row of a table links each lesson, with a sentence and its minutes."""
    rows = [line for _, cell in page.markdown for line in cell.source.splitlines()]
    return [
        f"no row `| [..]({file}) | A sentence. | minutes |`"
        for file in files
        if not any(lesson_row(file, row) for row in rows)
    ]


def lesson_row(file: str, line: str) -> re.Match | None:
    """Read a row of the index: the groups are the name, the sentence and the minutes."""
    return re.fullmatch(
        rf"\| \[([^\]]+)\]\({re.escape(file)}\) \| ([A-Z][^|]+\.) \| (\d+) \|", line
    )
