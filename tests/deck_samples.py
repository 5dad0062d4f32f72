"""Small notebooks for the tests of decks and pages, and what is built only once per run."""

from __future__ import annotations

import atexit
import functools
import io
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from presenting import decks, pages

WEB = "https://github.com/owner/name/blob/v1.0.0/notebooks/"
BADGE = (
    "[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    "(https://colab.research.google.com/github/owner/name/blob/v1.0.0/notebooks/01_a.ipynb)"
)
REPR = "[interactive: a slider. Run this cell to use it.]"


def png(width=900, height=400, smallest=None):
    """Return a white PNG, with the size of its smallest text when that is given."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    if smallest is not None:
        info.add_text("smallest-text", str(smallest))
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def text(source, kind="slide", **slideshow):
    """Return a text cell; `notes` is what the speaker says beside it."""
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind, **slideshow}})


def code(source, *outputs, kind="slide", hidden=False):
    """Return a code cell with stored outputs."""
    metadata = {"slideshow": {"slide_type": kind}}
    if hidden:
        metadata["jupyter"] = {"source_hidden": True}
    return new_code_cell(source, outputs=list(outputs), metadata=metadata, execution_count=1)


def printed(words):
    return new_output("stream", name="stdout", text=words)


def drawn(alt="A white figure without anything in it.", **options):
    """Return a stored figure."""
    import base64

    picture = base64.b64encode(png(**options)).decode()
    return new_output(
        "display_data",
        data={"image/png": picture, "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
    )


def widget(words=REPR):
    return new_output("execute_result", data={"text/plain": words}, execution_count=1)


def notebook(*cells):
    """Return a notebook of Python."""
    return new_notebook(cells=list(cells), metadata={"language_info": {"name": "python"}})


def lesson():
    """Return a lesson of five slides with one of everything."""
    more = "[two](02_b.ipynb), [solved](solutions/01_a_solutions.ipynb), [README](../README.md)."
    table = "## Numbers\n\n| | meaning |\n|---|---|\n| $h_t$ | the *state* |\n\n`a < b` and \\$5."
    return notebook(
        text(f"# 01 · A lesson\n\n{BADGE}\n\n{more}"),
        text("Say **hello** first.", "notes"),
        code("import secret_setup", kind="skip"),
        text(table, notes="Ask: what is a **state**?\nMinutes: 2"),
        code("x = 1  # one\nprint('done', x)", printed("done 1\n"), kind="fragment"),
        code("hidden_call()", drawn(smallest=14.5), hidden=True),
        code("slider()", widget(), kind="slide"),
        text("### The end\n\n$$\\frac{a}{b} = \\text{mean}$$", "subslide"),
        text("Good bye.", "fragment"),
        code("assert True", kind="skip"),
    )


def saved(folder, made=None, name="01_a.ipynb"):
    """Write a notebook (default: the lesson) into a folder; return its path."""
    path = Path(folder) / name
    nbformat.write(made or lesson(), path)
    return path


@functools.cache
def _workshop():
    folder = Path(tempfile.mkdtemp(prefix="rnn-course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@functools.cache
def built_deck(path):
    """Return the file of a deck, built once per run."""
    return decks.write(decks.deck_of(path), _workshop() / "slides" / f"{path.stem}.html")


@functools.cache
def built_page(path):
    """Return the file of a page, built once per run."""
    return decks.write(pages.page_of(path), _workshop() / "pages" / f"{path.stem}.html")


@functools.cache
def sample_deck():
    """Return the deck of the small lesson, built once per run."""
    return built_deck(saved(_workshop()))


@functools.cache
def sample_page():
    """Return the page of the small lesson, built once per run."""
    return built_page(saved(_workshop()))
