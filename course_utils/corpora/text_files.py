"""Read a text file piece by piece, and refuse what is no text with advice."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from course_utils.arguments import shown
from course_utils.paths import at_home

# Bytes that are in memory at a time: much less than a large text, enough to be quick.
BLOCK = 2**20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = 'open it in a text editor, choose "Save as" with the encoding UTF-8, and use that file'


class TextFileError(ValueError):
    """Say what is wrong with a text, and what to do."""


def printable(name: str) -> str:
    """Return a file's name for a message; what is no UTF-8 in it is written out in ASCII."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _checked(path: str | Path) -> Path:
    """Return a path, with ~ replaced by the home folder, or refuse what is none."""
    if not isinstance(path, str | Path):
        raise TypeError(f"path must be the path of a text file (a string), got {shown(path)}")
    if not str(path).strip():
        raise ValueError('path is empty: give the path of a text file, such as "my_text.txt"')
    return at_home("path", path)


class TextFile:
    """Read a file of UTF-8 text in pieces, as often as needed.

    A byte order mark at the start is skipped; line ends are kept as they are.

    Args:
        path: the file.

    Attributes:
        path: the file, with ~ replaced by the home folder.
        name: what messages call it; any screen can show it.
        n_bytes: length of the file, known after a whole reading.
        n_skipped: bytes before the first character: 3 after a byte order mark, else 0.

    Raises:
        TypeError: path is no path.
        ValueError: path is empty, or begins with the home of a user who does not exist.
        FileNotFoundError: there is no such file.
        IsADirectoryError: it is a folder.
        TextFileError: it is neither a file nor a folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = _checked(path)
        self.name = printable(str(self.path)[:200])
        self.n_bytes = self.n_skipped = 0
        self._digest = hashlib.sha256()
        if os.path.isdir(self.path):
            raise IsADirectoryError(f"{self.name} is a folder; give the path of one text file")
        if not os.path.exists(self.path):
            raise FileNotFoundError(
                f"there is no file {self.name}; check its name and its folder (a "
                f"relative path starts in {os.getcwd()})"
            )
        if not os.path.isfile(self.path):
            raise TextFileError(f"{self.name} is a device or a pipe; give the path of a text file")

    @property
    def sha256(self) -> str:
        """Checksum of the bytes of the file, known after a whole reading."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[str]:
        """Read the file from its start.

        Yields:
            Pieces of the text, in order; a piece may be empty.

        Raises:
            TextFileError: the file holds bytes that are no UTF-8 text.
        """
        self.n_bytes = self.n_skipped = 0
        self._digest = hashlib.sha256()
        decoder = codecs.getincrementaldecoder("utf-8")()
        block = b"first"
        with open(self.path, "rb") as file:
            while block:
                block = file.read(BLOCK)
                yield self._decoded(decoder, block)

    def _decoded(self, decoder: codecs.IncrementalDecoder, block: bytes) -> str:
        """Return the characters that end in this block; an empty block ends the file."""
        n_pending = len(decoder.getstate()[0])  # bytes of a character that the last block cut
        self._digest.update(block)
        self._refuse_binary(block)
        place = self.n_bytes - n_pending
        if self.n_bytes == 0 and block.startswith(codecs.BOM_UTF8):
            self.n_skipped = len(codecs.BOM_UTF8)
            block, place = block[self.n_skipped :], self.n_skipped
        self.n_bytes = place + n_pending + len(block)
        try:
            return decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise TextFileError(
                f"{self.name} is not UTF-8 text: byte {error.object[error.start]:#04x} at position "
                f"{place + error.start} (counted from 0) is not part of a character. It may be "
                f"an older text file, such as cp949 (Korean) or cp1252 (Western): {_SAVE_AS}"
            ) from None

    def _refuse_binary(self, block: bytes) -> None:
        """Stop at what no text holds; the position says where to look."""
        if self.n_bytes == 0 and block.startswith(_UTF_16):
            raise TextFileError(f"{self.name} is UTF-16 text, not UTF-8: {_SAVE_AS}")
        place = block.find(0)
        if place >= 0:
            raise TextFileError(
                f"{self.name} is a binary file, not UTF-8 text: it holds a zero byte at position "
                f"{self.n_bytes + place} (counted from 0). If it is a document (Word, PDF, UTF-16 "
                "text), save it as plain text with the encoding UTF-8, and use that file"
            )
