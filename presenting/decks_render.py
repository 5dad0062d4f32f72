"""Write a lesson as one HTML file that holds everything it needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from presenting.decks_assets import HERE, fill

TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)
BADGE = re.compile(
    r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+/blob/[^/\s)]+)/notebooks/"
)
PLAIN = ".highlight :is(.n, .p, .w, .o, .nn)"  # parts of code that have no colour of their own
LESSON = re.compile(r"(\d\d_\w+)\.ipynb(#.*)?")


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook.

    Raises:
        ValueError: The file is not there or is no notebook.
    """
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise ValueError(f"{path} cannot be read as a notebook: {error}") from None


def title_of(notebook: NotebookNode, path: Path) -> str:
    """Return the first heading, or the name of the file."""
    for cell in notebook.cells:
        match = TITLE.search(cell.source) if cell.cell_type == "markdown" else None
        if match:
            return re.sub(r"[*_`]", "", match[1]).strip()
    return path.stem


def home_of(notebook: NotebookNode) -> str | None:
    """Return the web address of the folder that holds the notebook, as its Colab badge says."""
    for cell in notebook.cells:
        match = BADGE.search(cell.source) if cell.cell_type == "markdown" else None
        if match:
            return f"https://github.com/{match[1]}/notebooks/"
    return None


def export(notebook: NotebookNode, path: Path, template: str, title: str) -> str:
    """Return the HTML of a notebook, with marks where styles and scripts belong.

    Args:
        notebook: What to write.
        path: Its file: pictures that it names are looked for beside it.
        template: A folder of templates in this package.
        title: The title of the page.
    """
    exporter = HTMLExporter(
        template_name=template,
        extra_template_basedirs=[str(HERE)],
        embed_images=True,
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    resources = {
        "metadata": {"name": path.stem, "path": str(path.resolve().parent)},
        "deck_title": title,
    }
    return exporter.from_notebook_node(notebook, resources)[0]


def _is_remote(address: str) -> bool:
    """Tell whether an address needs a network."""
    return urlsplit(address).scheme in {"http", "https"} or address.startswith("//")


def tidy(page: str, home: str | None) -> str:
    """Make a page stand alone: no picture from the network, no link that leads nowhere.

    A remote picture becomes its alt text. A link to another lesson leads to the same kind of
    page of that lesson; any other relative link leads to the repository. The Tab key stops at
    links and buttons only: nothing in our pages has to be scrolled by itself.

    Args:
        page: HTML.
        home: The web address of the folder of the notebook; None keeps relative links.
    """
    soup = BeautifulSoup(page, "html.parser")
    for image in soup.find_all("img", src=True):
        if _is_remote(image["src"]):
            image.replace_with(image.get("alt", ""))
    for element in soup.find_all(tabindex=True):
        del element["tabindex"]
    for span in soup.select(PLAIN):
        span.unwrap()
    for corner in soup.find_all("th"):
        if not corner.get_text(strip=True):
            corner.name = "td"  # the empty corner of a table heads nothing
            del corner["scope"]
    for link in soup.find_all("a", href=True):
        target = link["href"]
        lesson = LESSON.fullmatch(target)
        if lesson:
            link["href"] = f"{lesson[1]}.html"
        elif home and not urlsplit(target).scheme and not target.startswith("#"):
            link["href"] = urljoin(home, target)
    return str(soup)


def lesson_html(
    path: Path,
    shape: Callable[[NotebookNode], NotebookNode],
    template: str,
    parts: Mapping[str, str],
) -> str:
    """Return a lesson as one HTML page.

    Args:
        path: Its notebook.
        shape: Turns the notebook into the one that is written, and leaves the first as it was.
        template: A folder of templates in this package.
        parts: What stands in place of each mark in the template.

    Raises:
        ValueError: The file is no notebook.
    """
    notebook = read_notebook(path)
    title = title_of(notebook, path)
    shown = shape(notebook)
    shown.metadata["title"] = title
    page = export(shown, path, template, title)
    return fill(tidy(page, home_of(notebook)), parts)
