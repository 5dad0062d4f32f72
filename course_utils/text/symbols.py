"""Turn text into numbers: normalise, number the symbols, one-hot rows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from course_utils import arguments
from course_utils.arguments import flag, items, shown, whole_number
from course_utils.text.given import outside, symbols_of, whole_numbers

if TYPE_CHECKING:
    import torch

START, END = "<S>", "<E>"
MOST_NUMBERS = 2**28  # in a table of one-hot rows: 1 GiB
_KEPT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,;'-")
# Letters that Unicode does not split into an ASCII letter and a mark.
_REPLACED = str.maketrans(
    {"ł": "l", "Ł": "L", "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d"}
    | {"Ð": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ı": "i"}
    | {"ħ": "h", "Ħ": "H", "’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "\u00a0": " "}
)


def normalise(name: str) -> str:
    """Write a name with ASCII letters and " .,;'-" only.

    Letters lose their marks (Unicode form NFD splits them off), letters such as "ł" and "ß" are
    replaced, and every other character is dropped.

    Args:
        name: any text.

    Returns:
        The text in 58 possible characters; it can be empty.

    Raises:
        TypeError: when name is not a string.

    >>> normalise("Šlusàrski"), normalise("Łukasz O’Neill"), normalise("Groß")
    ('Slusarski', "Lukasz O'Neill", 'Gross')
    """
    arguments.text("name", name, what="one name")
    # Split first: "ǿ" is "ø" with a mark, and only "ø" is in the table.
    parts = unicodedata.normalize("NFD", name).translate(_REPLACED)
    return "".join(c for c in parts if c in _KEPT)


@dataclass(frozen=True)
class Vocabulary:
    """Number the symbols of a text: letters or words.

    Args:
        tokens: the symbols; a symbol's number is its place here.

    Raises:
        TypeError: tokens holds something that is no string.
        ValueError: there is no symbol, or one stands there twice.

    >>> vocabulary = Vocabulary.from_text("hello")
    >>> vocabulary.tokens, vocabulary.encode("hello")
    (('e', 'h', 'l', 'o'), [1, 0, 2, 2, 3])
    """

    tokens: tuple[str, ...]
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tokens = symbols_of("tokens", self.tokens)
        index = {token: i for i, token in enumerate(tokens)}
        if not index or len(index) != len(tokens):
            twice = next((t for i, t in enumerate(tokens) if index[t] != i), None)
            raise ValueError(
                "tokens must hold at least one symbol, and each symbol only once; got "
                + ("none" if twice is None else f"{shown(twice)} twice")
            )
        object.__setattr__(self, "tokens", tuple(tokens))
        object.__setattr__(self, "index", index)

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], *, specials: Sequence[str] = ()) -> Vocabulary:
        """Build a vocabulary of the specials, then the sorted symbols.

        Args:
            tokens: symbols, repeated or not, in any order.
            specials: symbols that come first, such as ("<S>", "<E>").

        Raises:
            TypeError: when a token or a special is no string, or specials is one string.
            ValueError: when there is no token, or a special stands there twice.
        """
        what = 'a list of symbols, such as ("<S>", "<E>")'
        first = symbols_of("specials", items("specials", specials, what=what))
        if len(set(first)) != len(first):
            raise ValueError(f"specials must hold each symbol only once, got {shown(specials)}")
        found = sorted(set(symbols_of("tokens", tokens)) - set(first))
        if not found:
            raise ValueError(
                "tokens is empty, or the text is empty: a vocabulary needs at least one symbol"
            )
        return cls((*first, *found))

    @classmethod
    def from_text(cls, text: str, *, specials: Sequence[str] = ()) -> Vocabulary:
        """Build a vocabulary of the characters of a text.

        Raises:
            TypeError: when text is not a string, or as in `from_tokens`.
            ValueError: when the text is empty, or as in `from_tokens`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a string, not {type(text).__name__}; use from_tokens")
        return cls.from_tokens(text, specials=specials)

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.index

    def encode(self, sequence: Iterable[str], *, add_ends: bool = False) -> list[int]:
        """Turn symbols into numbers.

        Args:
            sequence: a string (its letters) or a list of words.
            add_ends: put the number of "<S>" before and of "<E>" after.

        Returns:
            The numbers, one for each symbol, and the two ends if asked for.

        Raises:
            TypeError: when sequence is neither, or add_ends is not True or False.
            ValueError: when a symbol is unknown, or add_ends without "<S>" and "<E>".
        """
        symbols = symbols_of("sequence", sequence)
        if flag("add_ends", add_ends):
            if START not in self or END not in self:
                raise ValueError('add_ends needs a vocabulary with specials=("<S>", "<E>")')
            symbols = [START, *symbols, END]
        try:
            return [self.index[symbol] for symbol in symbols]
        except KeyError as error:
            unknown = error.args[0]
        raise ValueError(self._unknown(unknown, symbols.index(unknown) - add_ends))

    def _unknown(self, symbol: str, position: int) -> str:
        """Say which symbol is unknown, which are known, and what could be written for it."""
        known = " ".join(map(repr, self.tokens[:60])) + (" ..." if len(self) > 60 else "")
        plain = normalise(symbol)
        advice = ""
        if plain and all(letter in self for letter in plain):
            advice = f". Write {plain!r} for it, as text.normalise does"
        elif symbol.lower() in self or symbol.upper() in self:
            near = symbol.lower() if symbol.lower() in self else symbol.upper()
            advice = f". Write {near!r} for it"
        elif not symbol.isascii():
            advice = ". Take it out, or build the vocabulary from a text that has it"
        return (
            f"unknown symbol {shown(symbol)} at position {position}; the vocabulary knows: "
            f"{known}{advice}"
        )

    def decode(self, indices: Iterable[int]) -> list[str]:
        """Turn numbers back into symbols; `"".join(...)` makes a text of letters.

        Args:
            indices: whole numbers, or a 1-D integer tensor.

        Raises:
            TypeError: when indices holds something else.
            IndexError: when a number is negative or too large.
        """
        return [self.tokens[i] for i in _checked(indices, len(self))]


def _checked(indices: Iterable[int], size: int) -> list[int]:
    """Return the indices as Python integers; a negative one would count from the end."""
    found = whole_numbers("indices", indices, what="whole numbers, such as encode gives")
    if found and (min(found) < 0 or max(found) >= size):
        position, i = outside(found, size)
        raise IndexError(f"index {shown(i)} at position {position} is outside 0 to {size - 1}")
    return found


def one_hot(indices: Iterable[int], size: int) -> torch.Tensor:
    """Turn each index into a row of zeros with a single one.

    Args:
        indices: T whole numbers, each from 0 to size - 1.
        size: length of a row: the size of the vocabulary.

    Returns:
        float32 tensor (T, size); (0, size) when there is no index.

    Raises:
        TypeError: when size is not a whole number, or indices holds something else.
        ValueError: when size is negative, or the rows would fill more than 1 GiB.
        IndexError: when an index is outside.

    >>> one_hot([1, 0], 3)
    tensor([[0., 1., 0.],
            [1., 0., 0.]])
    """
    import torch

    size = whole_number("size", size)
    if size < 0:
        raise ValueError(f"size={size} must not be negative; use the length of the vocabulary")
    columns = torch.tensor(_checked(indices, size), dtype=torch.long)
    if max(len(columns), 1) * size > MOST_NUMBERS:
        raise ValueError(f"size={size} makes rows of more than 1 GiB; use an nn.Embedding instead")
    rows = torch.zeros(len(columns), size)
    rows[torch.arange(len(columns)), columns] = 1.0
    return rows
