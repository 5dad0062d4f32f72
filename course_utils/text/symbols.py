"""Turn text into numbers: normalise, number the symbols, one-hot rows."""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

START, END = "<S>", "<E>"
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
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, not {type(name).__name__}: {name!r}")
    # Split first: "ǿ" is "ø" with a mark, and only "ø" is in the table.
    parts = unicodedata.normalize("NFD", name).translate(_REPLACED)
    return "".join(c for c in parts if c in _KEPT)


@dataclass(frozen=True)
class Vocabulary:
    """Number the symbols of a text: letters or words.

    Args:
        tokens: the symbols; a symbol's number is its place here.

    >>> vocabulary = Vocabulary.from_text("hello")
    >>> vocabulary.tokens, vocabulary.encode("hello")
    (('e', 'h', 'l', 'o'), [1, 0, 2, 2, 3])
    """

    tokens: tuple[str, ...]
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {token: i for i, token in enumerate(self.tokens)}
        if not index or len(index) != len(self.tokens):
            raise ValueError("tokens must hold at least one symbol, and each symbol only once")
        object.__setattr__(self, "tokens", tuple(self.tokens))
        object.__setattr__(self, "index", index)

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], *, specials: Sequence[str] = ()) -> Vocabulary:
        """Build a vocabulary of the specials, then the sorted symbols.

        Args:
            tokens: symbols, repeated or not, in any order.
            specials: symbols that come first, such as ("<S>", "<E>").

        Raises:
            ValueError: when there is no token.
        """
        found = sorted(set(tokens) - set(specials))
        if not found:
            raise ValueError("the text is empty: a vocabulary needs at least one symbol")
        return cls((*specials, *found))

    @classmethod
    def from_text(cls, text: str, *, specials: Sequence[str] = ()) -> Vocabulary:
        """Build a vocabulary of the characters of a text.

        Raises:
            TypeError: when text is not a string.
            ValueError: when the text is empty.
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
            ValueError: when a symbol is unknown, or add_ends without "<S>" and "<E>".
        """
        symbols = [*sequence]
        if add_ends:
            if START not in self or END not in self:
                raise ValueError('add_ends needs a vocabulary with specials=("<S>", "<E>")')
            symbols = [START, *symbols, END]
        try:
            return [self.index[symbol] for symbol in symbols]
        except KeyError as error:
            unknown = error.args[0]
        known = " ".join(map(repr, self.tokens[:60])) + (" ..." if len(self) > 60 else "")
        position = symbols.index(unknown) - add_ends
        raise ValueError(
            f"unknown symbol {unknown!r} at position {position}; the vocabulary knows: {known}"
        )

    def decode(self, indices: Iterable[int]) -> list[str]:
        """Turn numbers back into symbols; `"".join(...)` makes a text of letters.

        Args:
            indices: whole numbers, or a 1-D integer tensor.

        Raises:
            IndexError: when a number is negative or too large.
        """
        return [self.tokens[i] for i in _checked(indices, len(self))]


def _checked(indices: Iterable[int], size: int) -> Iterator[int]:
    """Yield the indices as Python integers; a negative one would count from the end."""
    for position, value in enumerate(indices):
        i = operator.index(value)
        if not 0 <= i < size:
            raise IndexError(f"index {i} at position {position} is outside 0 to {size - 1}")
        yield i


def one_hot(indices: Iterable[int], size: int) -> torch.Tensor:
    """Turn each index into a row of zeros with a single one.

    Args:
        indices: T whole numbers, each from 0 to size - 1.
        size: length of a row: the size of the vocabulary.

    Returns:
        float32 tensor (T, size); (0, size) when there is no index.

    Raises:
        ValueError: when size is negative.
        IndexError: when an index is outside.

    >>> one_hot([1, 0], 3)
    tensor([[0., 1., 0.],
            [1., 0., 0.]])
    """
    import torch

    if size < 0:
        raise ValueError(f"size={size} must not be negative; use the length of the vocabulary")
    columns = torch.tensor([*_checked(indices, size)], dtype=torch.long)
    rows = torch.zeros(len(columns), size)
    rows[torch.arange(len(columns)), columns] = 1.0
    return rows
