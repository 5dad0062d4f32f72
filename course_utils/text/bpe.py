"""Byte-pair encoding: tokens that are longer than a letter and often shorter than a word.

Every text can be written with the 256 bytes of UTF-8, so no character is unknown. Learning joins
the pair of neighbours that occurs most often into one new token, again and again.

Sources: Sennrich, Haddow and Birch 2016, "Neural machine translation of rare words with subword
units", section 3.2 (joining pairs inside words); Radford et al. 2019, "Language models are
unsupervised multitask learners", section 2.2 (bytes; a word keeps the blank before it).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from re import findall

from course_utils.arguments import items, shown, whole_number
from course_utils.text.given import outside, utf8_text, whole_numbers

N_BYTES = 256
MAX_MERGES = 1_000_000
MAX_BYTES = 2**28  # of all tokens together

# A word, or signs, each with the blank before it; or blanks. Blanks and signs are those of ASCII,
# every other character belongs to a word: so each character is in exactly one of the three, and
# regular expressions of other programs, which sort the letters of the world differently, agree.
SIGNS = r"!-/:-@\[-`{-~"
WORDS = rf" ?[^ \t-\r{SIGNS}]+| ?[{SIGNS}]+|[ \t-\r]+"

# While it is cut, a word is a string in which each token is one character: chr(its number).
# `str.replace` then joins a pair from left to right, and is quick. This one stands between words.
_WALL = chr(0x10FFFF)


def learn_bpe(text: str, n_merges: int) -> BytePairTokenizer:
    """Learn byte-pair merges from a text.

    The text is cut into words, each with the blank before it; a merge never crosses the border of
    a word. Then, n_merges times: the pair of neighbouring tokens that occurs most often becomes
    the next token. If several pairs occur equally often, the one with the smallest token numbers
    is taken: the smaller first number, then the smaller second.

    Counts are kept from merge to merge: only words that hold the pair are counted again.

    Args:
        text: what to learn from.
        n_merges: how many merges, from 0 to 1,000,000. They are fewer when every word of the text
            has become one token.

    Returns:
        The tokenizer; its vocabulary has 256 + merges tokens.

    Raises:
        TypeError: text is not a string, or n_merges is not a whole number.
        ValueError: n_merges is negative or too large, or the text holds half a surrogate pair.

    >>> bpe = learn_bpe("hug hugs pug pugs", 2)
    >>> [bpe.token(256), bpe.token(257), bpe.pieces("hugs")]
    [b'ug', b' p', ['h', 'ug', 's']]
    """
    utf8_text("text", text)
    n_merges = whole_number("n_merges", n_merges)
    if not 0 <= n_merges <= MAX_MERGES:
        raise ValueError(f"n_merges={shown(n_merges)} must be from 0 to {MAX_MERGES:,}")
    counts = _PairCounts(Counter(findall(WORDS, text)))
    merges = []
    for new in range(N_BYTES, N_BYTES + n_merges):
        pair = counts.most_frequent()
        if pair is None:
            break
        counts.merge(pair, chr(new))
        merges.append((ord(pair[0]), ord(pair[1])))
    return BytePairTokenizer(tuple(merges))


@dataclass(frozen=True)
class BytePairTokenizer:
    """Cut text into the tokens that a list of merges makes, and join them again.

    `decode` undoes `encode` for every text.

    Args:
        merges: (M, 2) whole numbers: merge i joins two tokens into the token 256 + i. Tokens 0 to
            255 are the bytes.

    Raises:
        TypeError: merges is no list.
        ValueError: a merge is not a pair of earlier tokens, or stands there twice; or there are
            more than 1,000,000 merges, or more than 2 ** 28 bytes in all tokens.

    >>> bpe = BytePairTokenizer([(104, 117), (256, 103)])
    >>> bpe.encode("hug hum"), bpe.decode([257, 115])
    ([257, 32, 256, 109], 'hugs')
    """

    merges: tuple[tuple[int, int], ...]
    _tokens: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the merges, and spell every token in bytes."""
        tokens = [bytes([value]) for value in range(N_BYTES)]
        merges: dict[tuple[int, int], None] = {}
        n_bytes = N_BYTES
        for pair in items("merges", self.merges, what="a list of pairs of token numbers"):
            merge = _checked_merge(pair, len(tokens))
            if merge in merges:
                raise ValueError(f"merge {merge} is there twice: the second could never be used")
            merges[merge] = None
            n_bytes += len(tokens[merge[0]]) + len(tokens[merge[1]])
            if n_bytes > MAX_BYTES or len(merges) > MAX_MERGES:
                raise ValueError(
                    f"merges must be at most {MAX_MERGES:,}, and make at most {MAX_BYTES:,} bytes"
                )
            tokens.append(tokens[merge[0]] + tokens[merge[1]])
        object.__setattr__(self, "merges", tuple(merges))
        object.__setattr__(self, "_tokens", tuple(tokens))

    def __repr__(self) -> str:
        return f"BytePairTokenizer({len(self.merges)} merges)"

    @property
    def vocab_size(self) -> int:
        """Number of tokens: 256 + merges."""
        return len(self._tokens)

    def token(self, number: int) -> bytes:
        """Return the bytes of a token.

        Raises:
            TypeError: number is not a whole number.
            IndexError: the number is negative or too large.
        """
        return self._spell([whole_number("number", number)])

    def encode(self, text: str) -> list[int]:
        """Cut a text into tokens: in each word, make the merges in the order they were learned.

        Words that occur several times are cut once.

        Args:
            text: any string; the empty one has no tokens.

        Returns:
            The token numbers.

        Raises:
            TypeError: text is not a string.
            ValueError: it holds half a surrogate pair, which has no UTF-8 form.
        """
        utf8_text("text", text)
        words = findall(WORDS, text)
        different = list(dict.fromkeys(words))
        row = _WALL.join(map(_as_tokens, different))
        for new, (first, second) in enumerate(self.merges, start=N_BYTES):
            row = row.replace(chr(first) + chr(second), chr(new))
        numbers = [[*map(ord, word)] for word in row.split(_WALL)]
        cut = dict(zip(different, numbers, strict=False))  # no text at all: no word, one empty row
        return [number for word in words for number in cut[word]]

    def decode(self, numbers: Iterable[int]) -> str:
        """Join tokens to a text.

        A token can be a part of a character. Bytes that make no whole character, such as those of
        a text that is cut off inside one, become the sign \ufffd (U+FFFD).

        Args:
            numbers: token numbers, or a 1-D integer tensor.

        Raises:
            TypeError: numbers holds something else.
            IndexError: a number is negative or too large.
        """
        known = whole_numbers("numbers", numbers, what="token numbers")
        return self._spell(known).decode("utf-8", errors="replace")

    def pieces(self, text: str) -> list[str]:
        r"""Return the tokens of a text as strings, to look at.

        A byte that is no whole character is written as \x and two digits.

        Raises:
            TypeError, ValueError: as for `encode`.

        >>> BytePairTokenizer([(32, 98)]).pieces("a b\u00e9")
        ['a', ' b', '\\xc3', '\\xa9']
        """
        tokens = (self._tokens[number] for number in self.encode(text))
        return [token.decode("utf-8", errors="backslashreplace") for token in tokens]

    def _spell(self, numbers: list[int]) -> bytes:
        """Return the bytes of tokens; a negative number would count from the end."""
        if numbers and (min(numbers) < 0 or max(numbers) >= self.vocab_size):
            position, number = outside(numbers, self.vocab_size)
            raise IndexError(
                f"token {shown(number)} at position {position} is outside 0 to "
                f"{self.vocab_size - 1}"
            )
        return b"".join([self._tokens[number] for number in numbers])


class _PairCounts:
    """How often each pair of neighbouring tokens occurs, and in which words."""

    def __init__(self, words: Counter[str]) -> None:
        self._times = words
        self._cut = {word: _as_tokens(word) for word in words}
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._words: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for word in words:
            self._add(word, 1)

    def _add(self, word: str, sign: int) -> None:
        """Count the pairs of a word, or with the sign -1 take them out."""
        for pair in pairwise(self._cut[word]):
            self._pairs[pair] += sign * self._times[word]
            self._words[pair].add(word)

    def most_frequent(self) -> tuple[str, str] | None:
        """Return the pair that occurs most often, or None when no word has two tokens."""
        most = max(self._pairs.values(), default=0)
        return min(pair for pair, n in self._pairs.items() if n == most) if most else None

    def merge(self, pair: tuple[str, str], new: str) -> None:
        """Write `new` for the pair in every word."""
        for word in self._words.pop(pair):
            self._add(word, -1)
            self._cut[word] = self._cut[word].replace("".join(pair), new)
            self._add(word, 1)
        del self._words[pair]  # _add(word, -1) has named it again
        del self._pairs[pair]


def _as_tokens(word: str) -> str:
    """Return the bytes of a word, each as one character."""
    return word.encode("utf-8").decode("latin-1")


def _checked_merge(pair: Sequence[int], n_tokens: int) -> tuple[int, int]:
    """Return a merge as two whole numbers of tokens that exist before it."""
    try:
        first, second = (whole_number("number", number) for number in pair)
    except (TypeError, ValueError):
        raise ValueError(
            f"merges must hold pairs: a merge is a pair of token numbers, got {shown(pair)}"
        ) from None
    if not (0 <= first < n_tokens and 0 <= second < n_tokens):
        raise ValueError(f"merge {first, second} must join two of the tokens 0 to {n_tokens - 1}")
    return first, second
