"""Map a text file, or the numbers of its symbols, into memory."""

from __future__ import annotations

import errno
import hashlib
import mmap
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from course_utils.corpora.numbering import dtype_of, numbers
from course_utils.corpora.text_files import TextFile

if TYPE_CHECKING:
    import numpy as np

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_PIECE = 2**22  # bytes of a mapping that are in memory at a time while all of it is read


def cells_of(
    mapping: mmap.mmap, file: TextFile, symbols: Sequence[str], *, is_ascii: bool
) -> np.ndarray:
    """Return the mapped bytes or numbers as an array, without a byte order mark."""
    import numpy as np

    if is_ascii:
        return np.frombuffer(mapping, dtype=np.uint8)[file.n_skipped :]
    return np.frombuffer(mapping, dtype=dtype_of(symbols))


def release(mapping: mmap.mmap) -> None:
    """Let the system take back the mapped pages; they are read again when needed."""
    # Windows has no such call; there the system does it by itself.
    if hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


def digest_of(mapping: mmap.mmap) -> str:
    """Return the SHA-256 of all that is mapped, in hexadecimal."""
    digest = hashlib.sha256()
    for start in range(0, len(mapping), _PIECE):
        digest.update(mapping[start : start + _PIECE])
        release(mapping)
    return digest.hexdigest()


def _mapped(file: BinaryIO) -> mmap.mmap | None:
    """Map a file into memory; the mapping goes on when the file is closed; None: it is empty."""
    if file.seek(0, 2) == 0:
        return None
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def mapped_file(file: TextFile) -> mmap.mmap | None:
    """Map the bytes of a text file; None when it has become empty."""
    with open(file.path, "rb") as opened:
        return _mapped(opened)


def mapped_numbers(file: TextFile, symbols: Sequence[str]) -> mmap.mmap | None:
    """Write the numbers of all characters into a temporary file, and map it.

    Args:
        file: the text.
        symbols: its characters; a symbol's number is its place here.

    Returns:
        The mapping; None when the text has become empty.

    Raises:
        OSError: there is no space for the temporary file.
    """
    try:
        # Without a name, or deleted when it is closed: it is gone when the mapping is.
        with tempfile.TemporaryFile(prefix="course-text-") as copy:
            for part in numbers(file, symbols):
                copy.write(part)
            copy.flush()
            return _mapped(copy)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        n_bytes = file.n_bytes * dtype_of(symbols).itemsize
        raise OSError(
            error.errno,
            f"no space for the numbers of {file.path}: up to {n_bytes:,} bytes are needed in the "
            f"folder {tempfile.gettempdir()}; make room there, or set the environment variable "
            "TMPDIR (on Windows TEMP) to a folder on another disk and start again",
        ) from error
