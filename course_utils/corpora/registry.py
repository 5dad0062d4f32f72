"""Know the shipped data folder and the list of files that can be fetched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_utils.arguments import shown, text


@dataclass(frozen=True)
class Entry:
    """Describe one file that can be fetched.

    Args:
        name: registry key, for example "names/Polish.txt".
        address: pinned http address of this file.
        size: length in bytes.
        sha256: checksum, 64 hexadecimal digits.
    """

    name: str
    address: str
    size: int
    sha256: str


def shipped(*parts: str) -> Path:
    """Return the path of a file or folder in the repository's data folder.

    Args:
        parts: path below data/, for example "names".

    Returns:
        The path.

    Raises:
        FileNotFoundError: when it is not there, because the package was copied on its own.
    """
    path = Path(__file__).resolve().parents[2].joinpath("data", *parts)
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing. Keep course_utils inside the course's repository, "
            "beside its data folder (pip install -e . does)."
        )
    return path


@cache
def entries() -> dict[str, Entry]:
    """Return every file that can be fetched, by name.

    Returns:
        Entries of data/registry.json, sorted by name.

    >>> entries()["names/Polish.txt"].size
    1165
    """
    registry = json.loads(shipped("registry.json").read_text(encoding="utf-8"))
    found = {}
    for name, facts in sorted(registry["files"].items()):
        folder, _, file_name = name.partition("/")
        address = registry["sources"][folder]["address"] + file_name
        found[name] = Entry(name, address, facts["bytes"], facts["sha256"])
    return found


def entry(name: str) -> Entry:
    """Return the entry of one file.

    Args:
        name: registry key, for example "tinyshakespeare/input.txt".

    Returns:
        The entry.

    Raises:
        TypeError: when name is not a string.
        ValueError: when the name is not in the registry.
    """
    if text("name", name, what="a file of the course") not in entries():
        raise ValueError(
            f"name={shown(name)} is not a file of the course; choose one of {[*entries()]}"
        )
    return entries()[name]


def languages() -> list[str]:
    """Return the languages of the name corpus, sorted.

    Returns:
        18 language names.

    >>> languages()[:3]
    ['Arabic', 'Chinese', 'Czech']
    """
    return [Path(name).stem for name in entries() if name.startswith("names/")]
