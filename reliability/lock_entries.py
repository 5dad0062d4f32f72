"""Read requirements.lock: every package with its version and its checksums.

Only the standard library is used: the file is read before anything is installed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
START = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+?)(?: ?; (.+?))?(?: \\)?$")
HASH = re.compile(r"--hash=(\w+):([0-9a-f]+)")
# PyPI's torch for Linux brings CUDA; the build without it stands in another index.
TORCH = re.compile(r"torch|triton|(?:nvidia|cuda)-.*")


@dataclass(frozen=True)
class Entry:
    """One line of the lock with what belongs to it.

    Args:
        name: the package.
        version: the only version that may be installed.
        marker: on which Python and system; "" for all.
        hashes: the checksums of its files, "sha256:" and hexadecimal digits.
        text: its lines in the file.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    text: str


def entry(lines: list[str]) -> Entry:
    r"""Return what the lines of one package say.

    >>> found = entry(["six==1.17.0 ; os_name == 'nt' \\", "    --hash=sha256:0a"])
    >>> found.version, found.marker, found.hashes
    ('1.17.0', "os_name == 'nt'", ('sha256:0a',))
    """
    name, version, marker = START.match(lines[0]).groups()
    hashes = tuple(f"{kind}:{digits}" for kind, digits in HASH.findall("\n".join(lines)))
    return Entry(name, version, marker or "", hashes, "\n".join(lines))


def entries(text: str) -> list[Entry]:
    """Return all packages of a lock, in order."""
    groups: list[list[str]] = []
    for line in text.splitlines():
        if START.match(line):
            groups.append([line])
        elif groups and line.startswith(" "):
            groups[-1].append(line)
    return [entry(lines) for lines in groups]


def without_torch(found: list[Entry]) -> list[Entry]:
    """Return the packages without torch and those of CUDA that only its build for CUDA needs.

    >>> [e.name for e in without_torch([entry(["torch==2.13.0"]), entry(["sympy==1.14.0"])])]
    ['sympy']
    """
    return [one for one in found if not TORCH.fullmatch(one.name)]


def differences(found: list[Entry], pins: list[tuple[str, str, str]]) -> list[str]:
    """Say where a lock and the pins of requirements.txt disagree.

    Args:
        found: the packages of the lock.
        pins: (name, version, marker) from requirements.txt.

    >>> differences([entry(["a==1", "    --hash=sha256:0a"])], [("a", "2", "")])
    ['requirements.txt has a==2, requirements.lock has a==1']
    """
    locked: dict[str, set[str]] = {}
    for one in found:
        locked.setdefault(one.name, set()).add(one.version)
    wanted: dict[str, set[str]] = {}
    for name, version, _ in pins:
        wanted.setdefault(name, set()).add(version)

    def said(name: str, versions: set[str]) -> str:
        return ", ".join(f"{name}=={version}" for version in sorted(versions)) or f"no {name}"

    problems = [
        f"requirements.txt has {said(name, versions)}, "
        f"requirements.lock has {said(name, locked.get(name, set()))}"
        for name, versions in wanted.items()
        if versions != locked.get(name)
    ]
    return problems + [f"{e.name}=={e.version} has no checksum" for e in found if not e.hashes]
