"""Find out whether the real texts are here or can be fetched, without waiting long."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from course_utils.arguments import real_number
from course_utils.corpora import registry
from course_utils.corpora.fetching import address_of, download_folder, is_intact, is_offline, is_web
from course_utils.corpora.waiting import in_time

Kind = Literal["here", "mirror", "network", "offline", "unreachable"]


@dataclass(frozen=True)
class Availability:
    """Where the real texts would come from now.

    Attributes:
        kind: "here" (downloaded and intact), "mirror" or "network" (they can be fetched),
            "offline" (COURSE_OFFLINE forbids it), "unreachable" (no answer, or a wrong one).
        folder: where downloads land.
        n_here: how many files are there and intact.
        n_files: how many there are in all.
    """

    kind: Kind
    folder: Path
    n_here: int
    n_files: int


def look_for_data(*, wait: float = 3.0) -> Availability:
    """Find out where the real texts would come from; nothing is downloaded or written.

    Args:
        wait: seconds to wait for a mirror or the network at most, up to 3600.

    Returns:
        The Availability. A file on a slow disk that does not answer in time counts as missing.

    Raises:
        TypeError: wait is not a number.
        ValueError: it is negative, not finite, or above 3600; COURSE_DATA_DIR begins with ~ and a
            user who is not known here.
    """
    wait = real_number("wait", wait, least=0, most=3600)
    folder, files = download_folder(None), registry.entries()
    intact = _within(wait, lambda: {n for n, i in files.items() if is_intact(folder / n, i)})
    missing = sorted(set(files) - (intact or set()))
    kind: Kind = _source_of(missing[0], wait) if missing else "here"
    return Availability(kind, folder, len(files) - len(missing), len(files))


def _source_of(name: str, wait: float) -> Kind:
    """Say where a missing file would come from."""
    mirror = os.environ.get("COURSE_DATA_MIRROR")
    address = address_of(registry.entries()[name], mirror)
    if not is_web(address):
        return "mirror" if _within(wait, Path(address).is_file) else "unreachable"
    if is_offline():
        return "offline"
    if not _within(wait, lambda: _answers(address, wait)):
        return "unreachable"
    return "mirror" if mirror else "network"


def _answers(address: str, wait: float) -> bool:
    """Say whether an address answers with a file; a web page is that of a login, perhaps."""
    import requests

    with requests.get(address, timeout=wait, stream=True) as answer:
        return answer.ok and not next(answer.iter_content(256), b"<").lstrip().startswith(b"<")


def _within(seconds: float, ask: Callable[[], object]) -> object:
    """Return what a question answers, or None when it fails or does not end in time."""
    try:
        return in_time(seconds, ask)
    except Exception:  # whatever it is, there is no answer
        return None
