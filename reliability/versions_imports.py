"""Compile every Python file of the project and import every module; run inside an environment.

    python -m reliability.versions_imports

Prints one line of figures. A module that does not import is an error, unless what is missing is
torch in an environment without torch.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from importlib.machinery import SourceFileLoader
from pathlib import Path

from reliability.versions_plugin import is_torch

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("course_utils", "presenting", "benchmarks", "reliability")
FOLDERS = (*PACKAGES, "tests", ".ci")


def python_files(root: Path = ROOT) -> list[Path]:
    """Return the Python files of the project, in order."""
    return sorted(path for name in FOLDERS for path in (root / name).rglob("*.py"))


def problem_in(path: Path) -> str | None:
    """Compile a file with warnings as errors; return what is wrong with it, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # The garbage collector may meet here a socket that someone else forgot to close.
            warnings.simplefilter("ignore", ResourceWarning)
            SourceFileLoader(path.stem, str(path)).source_to_code(path.read_bytes(), str(path))
    except (SyntaxError, Warning, ValueError) as error:
        return f"{path.relative_to(ROOT)}: {error}"
    return None


def modules(root: Path = ROOT) -> list[str]:
    """Return the names of all modules of the packages, in order."""
    files = [path for name in PACKAGES for path in (root / name).rglob("*.py")]
    files = [path for path in files if (path.parent / "__init__.py").is_file()]
    files = [path for path in files if "fake_colab" not in path.parts]  # its root is elsewhere
    parts = [path.relative_to(root).with_suffix("").parts for path in files]
    names = {".".join(p[:-1] if p[-1] == "__init__" else p) for p in parts if p[-1] != "__main__"}
    return sorted(names)


def try_imports(names: list[str], *, torch_is_here: bool) -> tuple[int, int, list[str]]:
    """Import modules; return (imported, left out for torch, problems)."""
    imported, left, problems = 0, 0, []
    for name in names:
        try:
            importlib.import_module(name)
            imported += 1
        except Exception as error:  # whatever it is, it is a problem of this module
            if is_torch(error) and not torch_is_here:
                left += 1
            else:
                problems.append(f"import {name}: {type(error).__name__}: {error}")
    return imported, left, problems


def main() -> int:
    """Print the figures and the problems; return the exit status."""
    files = python_files()
    problems = [text for text in map(problem_in, files) if text]
    here = importlib.util.find_spec("torch") is not None
    names = modules()
    imported, left, more = try_imports(names, torch_is_here=here)
    problems += more
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    print(
        f"compiled: {len(files)} files; imported: {imported} of {len(names)} modules; "
        f"left out for torch: {left}; problems: {len(problems)}"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
