"""Which versions of the dependencies an environment gets: the oldest or the newest of the ranges.

The ranges stand in pyproject.toml, the tested set in requirements.txt. Every list is made from
these two, so that there is no third place to keep up to date.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"([\w.-]+)==([\w.]+)(?:;\s*(.+))?")


def normal(name: str) -> str:
    """Return a package's name as PyPI compares it.

    >>> normal("huggingface_hub")
    'huggingface-hub'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(root: Path = ROOT) -> dict[str, str]:
    """Return name -> range of versions, as pyproject.toml declares them.

    >>> declared()["gensim"]
    '>=4.4'
    """
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("\ndependencies = [")[1].split("\n]")[0]
    return {normal(name): rest for name, rest in re.findall(r'^\s*"([\w.-]+)([^"]*)"', block, re.M)}


def lines_of(path: Path) -> list[str]:
    """Return the lines of a list of requirements without comments and empty lines."""
    texts = [line.split(" #")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [text for text in texts if text and not text.startswith("#")]


def pinned(root: Path = ROOT) -> list[tuple[str, str, str]]:
    """Return (name, version, marker or "") of each pin in requirements.txt, in order."""
    found = [PIN.fullmatch(line) for line in lines_of(root / "requirements.txt")]
    return [(normal(pin[1]), pin[2], pin[3] or "") for pin in found if pin]


def lowest(specifier: str) -> str:
    """Return the lower bound of a range, with three numbers.

    Raises:
        ValueError: the range has no lower bound.

    >>> lowest(">=7.34"), lowest(">=0.14.3,<1")
    ('7.34.0', '0.14.3')
    """
    found = re.search(r">=\s*([\d.]+)", specifier)
    if found is None:
        raise ValueError(f"the range {specifier!r} has no lower bound; write >= and a version")
    return ".".join([*found[1].split("."), "0", "0"][: max(3, found[1].count(".") + 1)])


def tools(root: Path = ROOT) -> list[str]:
    """Return the pins of what reads and tests the course, and is no dependency of it."""
    ranges = declared(root)
    return [
        f"{name}=={version}" + (f"; {marker}" if marker else "")
        for name, version, marker in pinned(root)
        if name not in ranges
    ]


def torch_line(version: str | None) -> list[str]:
    """Return the requirement for torch; an empty version leaves torch out."""
    if version is None:
        version = next(pin for name, pin, _ in pinned() if name == "torch")
    return [f"torch=={version}"] if version else []


def oldest(torch: str | None = None) -> list[str]:
    """Return requirements: each dependency at the lower bound of its range.

    Args:
        torch: its version; by default the pinned one, because older builds without CUDA are not
            on PyPI. "" leaves it out.
    """
    pins = [f"{n}=={lowest(rest)}" for n, rest in declared().items() if n != "torch"]
    return [*pins, *torch_line(torch), *tools()]


def newest(torch: str | None = None) -> list[str]:
    """Return requirements: each dependency at its newest release, the tools as they are tested."""
    ranges = [f"{name}{rest}" for name, rest in declared().items() if name != "torch"]
    return [*ranges, *torch_line(torch), *tools()]


def pinned_without_torch() -> list[str]:
    """Return the tested set without torch."""
    return [
        line for line in lines_of(ROOT / "requirements.txt") if not re.match(r"torch==|-e ", line)
    ]
