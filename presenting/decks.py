"""Write each lesson as slides: one HTML file that opens anywhere, without a network.

    python -m presenting.decks [NOTEBOOK ...] [--out slides]

Keys: space or right goes on, left goes back, T changes between light and dark, S opens the
speaker view, ? lists all keys. `?theme=dark` in the address starts dark; `?print-pdf` lays the
slides out for printing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from presenting.decks_assets import deck_parts
from presenting.lesson_files import lessons
from presenting.npm import PackageError


def deck_of(path: Path) -> str:
    """Return the deck of one notebook as HTML.

    Raises:
        ValueError: The file is no notebook.
        PackageError: A package of npm is missing and cannot be fetched.
    """
    from presenting.decks_outline import deck_notebook
    from presenting.decks_render import lesson_html

    return lesson_html(path, deck_notebook, "deck_template", deck_parts())


def write(text: str, target: Path) -> Path:
    """Write a file in one step, so that there is never a half one; return its path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def run(make, description: str, folder: str, arguments: list[str] | None = None) -> int:
    """Run the command line of decks or pages; return the exit status.

    Args:
        make: A function from the path of a notebook to HTML.
        description: What the command does.
        folder: Where files land unless --out says otherwise.
        arguments: The command line; None takes that of the process.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all lessons")
    parser.add_argument("--out", type=Path, default=Path(folder), help=f"default: {folder}")
    options = parser.parse_args(arguments)
    for path in options.notebooks or lessons():
        try:
            target = write(make(path), options.out / f"{path.stem}.html")
        except (ValueError, PackageError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{target}  {target.stat().st_size / 1e6:.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(run(deck_of, "Write lessons as slides, one HTML file each.", "slides"))
