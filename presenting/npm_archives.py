"""Unpack an archive of npm: never outside its folder, and never more than fits."""

from __future__ import annotations

import gzip
import re
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

GZIP = b"\x1f\x8b"
MOST_BYTES = 2**28  # of an archive, and of all that is in it: the largest has a tenth of it
TOO_LARGE = f"the archive unpacks to more than {MOST_BYTES // 2**20} MB"


def _inner_path(member: tarfile.TarInfo) -> PurePosixPath | None:
    """Return where a member belongs below the package's folder; None for a folder.

    Raises:
        ValueError: The member is a link or a device, or would leave the folder.
    """
    if member.isdir():
        return None
    path = PurePosixPath(member.name)
    parts = path.parts[1:]  # an archive of npm holds one folder, mostly called "package"
    safe = parts and ".." not in path.parts and not re.search(r"[\\:\0]", member.name)
    if not member.isfile() or path.is_absolute() or not safe:
        raise ValueError(f"the archive holds {member.name!r}, which does not belong in a package")
    return PurePosixPath(*parts)


class _Capped:
    """Read at most MOST_BYTES of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.left = file, MOST_BYTES

    def read(self, size: int) -> bytes:
        """Return the next bytes.

        Raises:
            ValueError: There are more than MOST_BYTES.
        """
        found = self.file.read(size)
        self.left -= len(found)
        if self.left < 0:
            raise ValueError(TOO_LARGE)
        return found


def unpack(archive: Path, target: Path) -> None:
    """Unpack an archive of npm into a new folder, without the folder that is around it all.

    Args:
        archive: A .tgz file.
        target: The folder to make.

    Raises:
        ValueError: A member is a link, a device, or would be written outside the folder, or all
            together are too large.
        OSError, EOFError, tarfile.TarError, zlib.error: The archive is damaged.
        OSError: The disk is full.
    """
    target.mkdir(parents=True)
    n_bytes = 0
    # As a stream: no header, however long it says it is, is read into memory unseen.
    with gzip.open(archive) as plain, tarfile.open(fileobj=_Capped(plain), mode="r|") as tar:
        for member in tar:
            inner = _inner_path(member)
            if inner is None:
                continue
            n_bytes += member.size  # a sparse file is longer than what is stored of it
            if n_bytes > MOST_BYTES:
                raise ValueError(TOO_LARGE)
            path = target / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            with tar.extractfile(member) as source, open(path, "xb") as copy:
                shutil.copyfileobj(source, copy)
        while plain.read(2**16):  # to the checksum at the end
            pass
