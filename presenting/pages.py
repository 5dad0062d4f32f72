"""Write each lesson as a page to read: one HTML file, light and dark, without a network.

    python -m presenting.pages [NOTEBOOK ...] [--out pages]

A page follows the reader's system; `?theme=dark` in the address starts dark.
"""

from __future__ import annotations

import sys
from pathlib import Path

from presenting.decks import run
from presenting.decks_assets import HERE, TEMPLATE, mathjax, read, script, style

PAGE = HERE / "page_template"
ROOT_RULE = ":root {"


def lab_styles() -> list[str]:
    """Return nbconvert's style sheets of JupyterLab; the dark one only counts in the dark.

    Raises:
        ValueError: This version of nbconvert writes them in another way.
    """
    from jupyter_core.paths import jupyter_path

    found = [
        folder
        for path in jupyter_path("nbconvert", "templates")
        if (folder := Path(path) / "lab" / "static").is_dir()
    ]
    if not found:
        raise ValueError("nbconvert has no template `lab`; install nbconvert again")
    dark = read(found[0] / "theme-dark.css")
    if ROOT_RULE not in dark:
        raise ValueError(f"theme-dark.css of nbconvert holds no `{ROOT_RULE}`")
    light = [read(found[0] / name) for name in ("index.css", "theme-light.css")]
    return [*light, dark.replace(ROOT_RULE, ':root[data-theme="dark"] {')]


def page_parts() -> dict[str, str]:
    """Return what stands in place of each mark in the template of the pages."""
    ours = [TEMPLATE / "colours.css", TEMPLATE / "code.css", PAGE / "page.css"]
    sheets = [*lab_styles(), *map(read, ours)]
    return {
        "@FIRST_SCRIPTS@": script(read(TEMPLATE / "theme.js")),
        "@STYLES@": "\n".join(map(style, sheets)),
        "@LAST_SCRIPTS@": mathjax() + script(read(PAGE / "page.js")),
    }


def page_of(path: Path) -> str:
    """Return the page of one notebook as HTML.

    Raises:
        ValueError: The file is no notebook.
        PackageError: A package of npm is missing and cannot be fetched.
    """
    from presenting.decks_cells import all_without_python
    from presenting.decks_render import lesson_html

    return lesson_html(path, all_without_python, "page_template", page_parts())


if __name__ == "__main__":
    sys.exit(run(page_of, "Write lessons as pages to read, one HTML file each.", "pages"))
