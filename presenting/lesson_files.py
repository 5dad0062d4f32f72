"""Where the lessons are, and the scripts that keep them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]


def lessons(folder: Path = ROOT / "notebooks") -> list[Path]:
    """Return the notebooks of the lessons, in order; solutions are none."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def ci_script(name: str, root: Path = ROOT) -> ModuleType:
    """Return .ci/NAME.py as a module: the folder's name cannot be imported."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", root / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def all_notebooks() -> list[Path]:
    """Return the lessons and their solutions, in order."""
    return ci_script("notebooks").all_notebooks()
