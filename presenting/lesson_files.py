"""Where the lessons are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lessons(folder: Path = ROOT / "notebooks") -> list[Path]:
    """Return the notebooks of the lessons, in order; solutions are none."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))
