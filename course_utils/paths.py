"""Paths as people write them: with ~ for the home folder, too long, or with impossible signs."""

from __future__ import annotations

import os
from pathlib import Path

from course_utils.arguments import shown

_LONGEST_NAME = 200  # bytes; most systems take 255, and the endings of some files need a few
_LONGEST_PATH = 2000  # bytes


def at_home(name: str, path: str | Path) -> Path:
    """Return a path in which ~ is replaced by the home folder.

    Args:
        name: of the argument or of the environment variable, for the message.
        path: as it was written.

    Raises:
        ValueError: it begins with ~ and the name of a user whom this machine does not know.

    >>> at_home("path", "texts/mine.txt").as_posix()
    'texts/mine.txt'
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ValueError(
            f"{name}={shown(str(path))} begins with the home folder of a user who is not known "
            "here; write the whole path"
        ) from None


def is_possible(path: Path) -> bool:
    r"""Tell whether a file can have this path on most systems.

    >>> is_possible(Path("networks/mine")), is_possible(Path("a" * 300)), is_possible(Path("\0"))
    (True, False, False)
    """
    try:
        longest = max((len(os.fsencode(part)) for part in path.parts), default=0)
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    whole = os.fsencode(path)
    return longest <= _LONGEST_NAME and len(whole) <= _LONGEST_PATH and b"\0" not in whole
