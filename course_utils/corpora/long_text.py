"""Hold a text that may be larger than memory, as numbers of symbols.

The file is memory-mapped: the operating system brings the parts that are read into memory and may
drop them again. A text of one-byte characters (ASCII) is read where it lies. Of any other text the
numbers are written once into a temporary file without a name, in the system's folder for temporary
files; it disappears when the text is no longer used, or the program ends.

**The file must not change while it is in use.** Others would see new characters in the middle of a
run, and a file that becomes shorter can end the program without a message.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import operator
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from course_utils.corpora import text_files
from course_utils.corpora.numbering import dtype_of, number_table, numbers, survey
from course_utils.corpora.text_files import TextFile, TextFileError

if TYPE_CHECKING:
    import numpy as np

# After so many bytes the mapped pages are given back, so that a long run stays small. A read maps
# at least its neighbourhood: the system fetches 16 pages of 4 kB at a time.
RELEASE_EVERY = 2**24
_LEAST_MAPPED = 2**16
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class LongText:
    """Hold a long text; make one by `open_text`, `open_shakespeare` or `LongText.from_string`.

    Attributes:
        symbols: the characters of the text; a symbol's number is its place here.
        sha256: checksum of the file's bytes (of a string: of its UTF-8 bytes).
        source: one short line that says where the text comes from.
        is_standin: True when this is the generated play and not the real text.
        bits_per_char: true entropy rate in bits per character, where it is known.

    >>> text = LongText.from_string("to be")
    >>> text.symbols, text.read(0, 2), text.string(3, 5)
    ((' ', 'b', 'e', 'o', 't'), array([4, 3]), 'be')
    """

    def __init__(
        self,
        cells: np.ndarray,
        symbols: tuple[str, ...],
        *,
        sha256: str,
        source: str,
        is_ascii: bool,
        mapping: mmap.mmap | None = None,
        is_standin: bool = False,
        bits_per_char: float | None = None,
    ) -> None:
        """Hold what is ready; cells are bytes of an ASCII text, or else numbers, (N,)."""
        self.symbols, self.sha256, self.source = symbols, sha256, source
        self.is_standin, self.bits_per_char = is_standin, bits_per_char
        self._cells, self._mapping, self._mapped_bytes = cells, mapping, 0
        self._table = number_table(symbols, "int64")[:256].copy() if is_ascii else None

    @classmethod
    def from_string(
        cls,
        text: str,
        *,
        source: str = "text in memory",
        symbols: Sequence[str] | None = None,
        is_standin: bool = False,
        bits_per_char: float | None = None,
    ) -> LongText:
        """Hold a string.

        Args:
            text: at least two different characters, unless symbols are given.
            source, is_standin, bits_per_char: see the attributes.
            symbols: as in `open_text`.

        Raises:
            TypeError: text is not a string.
            TextFileError: as in `open_text`, or text holds half of a character (a surrogate).
            ValueError: symbols are not at least two different characters.
        """
        import numpy as np

        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        try:
            content = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise TextFileError(f"the text cannot be written as UTF-8: {error}") from None
        size = text_files.BLOCK
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        found, _ = survey(pieces, symbols, "the text")
        if text.isascii():
            cells = np.frombuffer(content, dtype=np.uint8)
        else:
            cells = np.concatenate([*numbers(pieces, found)])
        digest = hashlib.sha256(content).hexdigest()
        return cls(
            cells,
            found,
            sha256=digest,
            source=source,
            is_ascii=text.isascii(),
            is_standin=is_standin,
            bits_per_char=bits_per_char,
        )

    def __len__(self) -> int:
        return len(self._cells)

    def __repr__(self) -> str:
        return f"LongText({len(self):,} characters, {len(self.symbols)} symbols, {self.source})"

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return the numbers of the symbols start ... stop - 1.

        Args:
            start: 0 or more.
            stop: from start to len(self).

        Returns:
            int64, (stop - start,), a new array.

        Raises:
            TypeError: start or stop is not a whole number.
            IndexError: the part does not lie in the text.
            ValueError: stop is below start.
        """
        start, stop = operator.index(start), operator.index(stop)
        if not 0 <= start <= stop <= len(self._cells):
            self._refuse(start, stop)
        cells = self._cells[start:stop]
        numbers = cells.astype("int64") if self._table is None else self._table[cells]
        self._mapped_bytes += max(cells.nbytes, _LEAST_MAPPED)
        if self._mapped_bytes >= RELEASE_EVERY:
            self._release()
        return numbers

    def _refuse(self, start: int, stop: int) -> None:
        if 0 <= stop < start <= len(self):
            raise ValueError(f"stop must not be below start, got start={start} and stop={stop}")
        raise IndexError(
            f"the text has {len(self)} characters, so start and stop must be from 0 to "
            f"{len(self)}; got start={start} and stop={stop}"
        )

    def _release(self) -> None:
        """Let the system take back the mapped pages; they are read again when needed."""
        self._mapped_bytes = 0
        # Windows has no such call; there the system does it by itself.
        if self._mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._mapping.madvise(mmap.MADV_DONTNEED)

    def string(self, start: int, stop: int) -> str:
        """Return the characters start ... stop - 1; arguments and errors as in `read`."""
        import numpy as np

        codes = np.array([ord(symbol) for symbol in self.symbols], dtype="<u4")
        return codes[self.read(start, stop)].tobytes().decode("utf-32-le")


def open_text(
    path: str | Path, *, symbols: Sequence[str] | None = None, source: str | None = None
) -> LongText:
    """Open a file of UTF-8 text in any language, without loading it.

    The whole file is read once, in pieces. A byte order mark at the start is skipped, and line ends
    are kept as they are. The file must not change while it is in use.

    Args:
        path: a text file with at least two different characters, unless symbols are given.
        symbols: the characters that a model knows, in its order; None takes all characters of the
            text, sorted.
        source: one short line that says where the text comes from; None names the file.

    Returns:
        The text.

    Raises:
        FileNotFoundError: there is no such file.
        IsADirectoryError: it is a folder.
        TextFileError: (a ValueError) the file is empty, binary, not UTF-8, holds one character
            over and over, or a character that is not in symbols; or it has just changed.
        ValueError: symbols are not at least two different characters.
        OSError: it cannot be read, or there is no space for the temporary file.
    """
    file = TextFile(path)
    found, n_chars = survey(file, symbols, str(file.path))
    digest, is_ascii = file.sha256, n_chars == file.n_bytes - file.n_skipped
    mapping = _mapped_file(file) if is_ascii else _mapped_numbers(file, found)
    cells = _cells(mapping, file, found, is_ascii)
    if file.sha256 != digest or len(cells) != n_chars:
        raise TextFileError(f"{file.path} changed while it was read; wait, and open it again")
    return LongText(
        cells,
        found,
        sha256=digest,
        source=source or f"text file {file.path.name}",
        is_ascii=is_ascii,
        mapping=mapping,
    )


def _cells(mapping: mmap.mmap, file: TextFile, symbols: tuple, is_ascii: bool) -> np.ndarray:
    """Return the mapped bytes or numbers as an array, without a byte order mark."""
    import numpy as np

    if is_ascii:
        return np.frombuffer(mapping, dtype=np.uint8)[file.n_skipped :]
    return np.frombuffer(mapping, dtype=dtype_of(symbols))


def _mapped(file: BinaryIO) -> mmap.mmap:
    """Map a file into memory; the mapping goes on when the file is closed."""
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _mapped_file(file: TextFile) -> mmap.mmap:
    with open(file.path, "rb") as opened:
        return _mapped(opened)


def _mapped_numbers(file: TextFile, symbols: Sequence[str]) -> mmap.mmap:
    """Write the numbers of all characters into a temporary file, and map it."""
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
