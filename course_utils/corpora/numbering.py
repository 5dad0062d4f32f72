"""Find the characters of a long text and number them, one piece of the text at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from course_utils.arguments import items, shown
from course_utils.corpora.text_files import TextFileError

if TYPE_CHECKING:
    import numpy as np

_N_CODES = 0x110000  # Unicode's characters are numbered below this


def _codes(piece: str) -> np.ndarray:
    """Return Unicode's numbers of the characters: uint32, (len(piece),)."""
    import numpy as np

    return np.frombuffer(piece.encode("utf-32-le"), dtype="<u4")


def survey(
    pieces: Iterable[str], symbols: Sequence[str] | None, name: str
) -> tuple[tuple[str, ...], int]:
    """Find which characters a text holds, and how many.

    Args:
        pieces: the text, cut anywhere.
        symbols: the only characters that may stand in it; None allows all.
        name: what an error calls the text.

    Returns:
        The symbols as given, or else the characters of the text, sorted; and the number of
        characters.

    Raises:
        TextFileError: the text is empty, holds one character only while symbols is None, or a
            character that is not among the symbols.
        TypeError: symbols is no string and no list.
        ValueError: symbols are not at least two different characters.
    """
    import numpy as np

    known = None if symbols is None else _checked(symbols)
    allowed, seen = np.zeros((2, _N_CODES), dtype=bool)
    allowed[[ord(symbol) for symbol in known or ()]] = True
    n_chars = 0
    for piece in pieces:
        codes = _codes(piece)
        if known is not None and not allowed[codes].all():
            place = int(allowed[codes].argmin())
            raise TextFileError(_unknown(name, piece[place], n_chars + place, known))
        seen[codes] = True
        n_chars += len(codes)
    found = tuple(map(chr, seen.nonzero()[0].tolist()))
    if n_chars == 0:
        raise TextFileError(f"{name} is empty; take a text with at least two different characters")
    if known is None and len(found) == 1:
        raise TextFileError(
            f"{name} holds only one distinct character, {found[0]!r}, so there is nothing to "
            "predict; take a text with at least two"
        )
    return known or found, n_chars


def _checked(symbols: Sequence[str]) -> tuple[str, ...]:
    """Return the symbols; refuse what is not two or more different characters."""
    what = "a string or a list of characters"
    known = tuple(symbols if isinstance(symbols, str) else items("symbols", symbols, what=what))
    wrong = [symbol for symbol in known if not isinstance(symbol, str) or len(symbol) != 1]
    if wrong or len(set(known)) != len(known) or len(known) < 2:
        raise ValueError(
            "symbols must be at least two single characters, each only once; got "
            + (f"{shown(wrong[0])} among them" if wrong else shown(known))
        )
    return known


def _unknown(name: str, character: str, place: int, known: tuple[str, ...]) -> str:
    shown = " ".join(map(repr, known[:60])) + (" ..." if len(known) > 60 else "")
    return (
        f"{name} holds {character!r} at position {place} (counted from 0), which is not one of the "
        f"{len(known)} symbols: {shown}. Change it in the text, or leave symbols out (a new model "
        "then learns all characters of the text)"
    )


def dtype_of(symbols: Sequence[str]) -> np.dtype:
    """Return the smallest type that holds the numbers of all symbols: uint8, uint16 or uint32."""
    import numpy as np

    return np.min_scalar_type(len(symbols) - 1)


def number_table(symbols: Sequence[str], dtype: np.typing.DTypeLike) -> np.ndarray:
    """Return the number of every character at its Unicode place, 0 for all that are no symbols.

    >>> number_table("ba", "int64")[[ord("a"), ord("b")]]
    array([1, 0])
    """
    import numpy as np

    table = np.zeros(_N_CODES, dtype=dtype)
    table[[ord(symbol) for symbol in symbols]] = np.arange(len(symbols), dtype=dtype)
    return table


def numbers(pieces: Iterable[str], symbols: Sequence[str]) -> Iterator[np.ndarray]:
    """Yield the numbers of the characters, piece by piece, in the type of `dtype_of`."""
    table = number_table(symbols, dtype_of(symbols))
    for piece in pieces:
        yield table[_codes(piece)]
