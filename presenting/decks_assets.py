"""Styles and scripts, written into a page so that it needs no network and no second file."""

from __future__ import annotations

from pathlib import Path

from presenting.npm import package

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "deck_template"
THEME = HERE / "labextensions" / "rnn-course-present" / "live"  # the same sizes as the live slides
MATHJAX = "es5/tex-svg-full.js"  # formulas as SVG: one file, no fonts


def style(css: str) -> str:
    """Return a style element.

    Raises:
        ValueError: The text would end the element too early.
    """
    if "</style" in css.lower():
        raise ValueError("a style sheet must not hold </style")
    return f"<style>\n{css}\n</style>"


def script(code: str) -> str:
    r"""Return a script element; what HTML would read as a mark is written in another way.

    >>> script('show("<!-- </script>")')
    '<script>\nshow("\\x3C!-- \\x3C/script>")\n</script>'
    """
    for mark in ("<!--", "</script", "<script"):
        code = code.replace(mark, "\\x3C" + mark[1:])
    return f"<script>\n{code}\n</script>"


def read(path: Path) -> str:
    """Return the text of a style sheet or script, without the address of its source map."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.startswith("//# sourceMappingURL"))


def mathjax() -> str:
    """Return our settings and MathJax itself, as script elements."""
    return script(read(TEMPLATE / "formulas.js")) + script(read(package("mathjax") / MATHJAX))


def deck_parts() -> dict[str, str]:
    """Return what stands in place of each mark in the template of the decks."""
    reveal = package("reveal.js")
    sheets = [reveal / "dist/reveal.css", THEME / "slides.css"]
    sheets += [TEMPLATE / "colours.css", TEMPLATE / "code.css", TEMPLATE / "deck.css"]
    scripts = [reveal / "dist/reveal.js", reveal / "plugin/notes/notes.js"]
    scripts += [THEME / "fit.js", TEMPLATE / "deck.js"]
    return {
        "@STYLES@": "\n".join(style(read(sheet)) for sheet in sheets),
        "@FIRST_SCRIPTS@": script(read(TEMPLATE / "theme.js")),
        "@LAST_SCRIPTS@": mathjax() + "\n".join(script(read(path)) for path in scripts),
    }


def fill(page: str, parts: dict[str, str]) -> str:
    """Put styles and scripts in the places of their marks.

    Raises:
        ValueError: A mark is not there once.
    """
    for mark, part in parts.items():
        if page.count(mark) != 1:
            raise ValueError(f"the page holds the mark {mark} {page.count(mark)} times, not once")
        page = page.replace(mark, part)
    return page
