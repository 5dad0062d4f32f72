"""Hold a text that may be larger than memory, as numbers of symbols.

The file is memory-mapped: the operating system brings the parts that are read into memory and may
drop them again. A text of one-byte characters (ASCII) is read where it lies. Of any other text the
numbers are written once into a temporary file without a name, in the system's folder for temporary
files; it disappears when the text is no longer used, or the program ends.

**The file must not change while it is in use.** New characters would appear in the middle of a run.
A file that becomes shorter is refused at the next reading; if that happens in the middle of a
reading, the system ends the program without a message.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils import arguments
from course_utils.corpora import text_files
from course_utils.corpora.mapped import (
    cells_of,
    digest_of,
    mapped_file,
    mapped_numbers,
    release,
)
from course_utils.corpora.numbering import number_table, numbers, survey
from course_utils.corpora.text_files import TextFile, TextFileError, printable

if TYPE_CHECKING:
    import numpy as np

# After so many bytes the mapped pages are given back, so that a long run stays small. A read maps
# at least its neighbourhood: the system fetches 16 pages of 4 kB at a time.
RELEASE_EVERY = 2**24
_LEAST_MAPPED = 2**16


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
            source, is_standin, bits_per_char: see the attributes; bits_per_char is 0 or more.
            symbols: as in `open_text`.

        Raises:
            TypeError: text or source is not a string, or another argument has a wrong type.
            TextFileError: as in `open_text`, or text holds half of a character (a surrogate).
            ValueError: symbols are not at least two different characters.
        """
        import numpy as np

        if not isinstance(text, str):
            raise TypeError(f"text must be a string, got {type(text).__name__}")
        arguments.text("source", source, what="one line")
        arguments.flag("is_standin", is_standin)
        if bits_per_char is not None:
            bits_per_char = arguments.real_number("bits_per_char", bits_per_char, least=0)
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
            TextFileError: the file has become shorter since it was opened.
        """
        # Called for every row of every batch: a plain whole number is taken as it is.
        if type(start) is not int or type(stop) is not int:
            start = arguments.whole_number("start", start)
            stop = arguments.whole_number("stop", stop)
        if not 0 <= start <= stop <= len(self._cells):
            self._refuse(start, stop)
        # The system would end the program for touching what is no longer in the file.
        if self._mapping is not None and self._mapping.size() < len(self._mapping):
            raise TextFileError(f"{self.source} became shorter while it was used; open it again")
        cells = self._cells[start:stop]
        numbers = cells.astype("int64") if self._table is None else self._table[cells]
        self._mapped_bytes += max(cells.nbytes, _LEAST_MAPPED)
        if self._mapped_bytes >= RELEASE_EVERY:
            self._release()
        return numbers

    def _refuse(self, start: int, stop: int) -> None:
        if 0 <= stop < start <= len(self):
            raise ValueError(f"stop must not be below start, got start={start} and stop={stop}")
        start, stop = arguments.shown(start), arguments.shown(stop)
        raise IndexError(
            f"the text has {len(self)} characters, so start and stop must be from 0 to "
            f"{len(self)}; got start={start} and stop={stop}"
        )

    def _release(self) -> None:
        """Let the system take back the mapped pages; they are read again when needed."""
        self._mapped_bytes = 0
        if self._mapping is not None:
            release(self._mapping)

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
        TypeError: path or source is no string, or symbols is no list.
        FileNotFoundError: there is no such file.
        IsADirectoryError: it is a folder.
        TextFileError: (a ValueError) the file is empty, binary, not UTF-8, holds one character
            over and over, or a character that is not in symbols; or it has just changed.
        ValueError: path is empty, or symbols are not at least two different characters.
        OSError: it cannot be read, or there is no space for the temporary file.
    """
    if source is not None:
        arguments.text("source", source, what="one line")
    file = TextFile(path)
    found, n_chars = survey(file, symbols, file.name)
    digest, is_ascii = file.sha256, n_chars == file.n_bytes - file.n_skipped
    mapping = mapped_file(file) if is_ascii else mapped_numbers(file, found)
    if mapping is None or digest != (digest_of(mapping) if is_ascii else file.sha256):
        raise TextFileError(f"{file.name} changed while it was read; wait, and open it again")
    cells = cells_of(mapping, file, found, is_ascii=is_ascii)
    return LongText(
        cells,
        found,
        sha256=digest,
        source=source or f"text file {printable(file.path.name)}",
        is_ascii=is_ascii,
        mapping=mapping,
    )
