"""Count which symbols follow each other, and predict by these counts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from course_utils import arguments
from course_utils.arguments import instance, real_number, shown, whole_number
from course_utils.text.given import symbols_of
from course_utils.text.runs import check_n, sequences_of
from course_utils.text.symbols import END, START, Vocabulary

if TYPE_CHECKING:
    import random

MOST_N = 100  # of a model: it keeps every context of each length below n
MOST_SMOOTHING = 1e12  # with more, every chance is that of the uniform distribution
MOST_DRAWN = 10**7
_LEAST = 2.0**-1074  # above 0: a product of many small shares may be rounded to 0


class NGramModel:
    """Predict the next symbol from the n - 1 symbols before it.

    Counts of long contexts are exact but rare, so each length of context is mixed with the next
    shorter one (interpolated Witten-Bell smoothing):

        P(w | h) = (c(h w) + s * T(h) * P(w | h')) / (c(h) + s * T(h))

    c counts in the training text, T(h) is the number of different symbols seen after h, h' is h
    without its first symbol, s is `smoothing`; below the empty context stands the uniform
    distribution. A context that was never seen leaves P(w | h'). So P sums to 1 over the
    vocabulary and no symbol has probability 0.

    Source: Witten and Bell 1991, "The zero-frequency problem" (method C, here s = 1), in the
    interpolated form of Chen and Goodman 1999, "An empirical study of smoothing techniques for
    language modeling", section 2.4.

    With "<S>" and "<E>" in the vocabulary, each sequence starts with "<S>" (a context, never
    predicted: probability 0) and its end "<E>" is predicted like a symbol.

    >>> model = NGramModel.fit("abababac", n=2)
    >>> [round(model.probability("b", symbol), 3) for symbol in "abc"]
    [0.864, 0.091, 0.045]
    """

    def __init__(self, n: int, vocabulary: Vocabulary, *, smoothing: float = 1.0) -> None:
        self.n = check_n(n)
        if self.n > MOST_N:
            raise ValueError(f"n={shown(n)} must be at most {MOST_N}: all shorter runs are counted")
        self.vocabulary = instance("vocabulary", vocabulary, Vocabulary)
        if len(vocabulary) > 0x110000:
            raise ValueError("vocabulary must have at most 1,114,112 symbols")
        # With 0, symbols that were never seen would have P = 0.
        self.smoothing = real_number("smoothing", smoothing, above=0, most=MOST_SMOOTHING)
        self.has_ends = START in vocabulary and END in vocabulary
        # Inside, each symbol is one character, so words and letters are both slices of a string.
        self._followers: dict[str, dict[str, int]] = {}
        self._totals: dict[str, int] = {}

    @classmethod
    def fit(
        cls,
        data: str | Iterable[Sequence[str]],
        n: int,
        vocabulary: Vocabulary | None = None,
        *,
        smoothing: float = 1.0,
    ) -> NGramModel:
        """Count a training text.

        Args:
            data: one text (its letters are the symbols), or several sequences, each a string of
                letters or a list of words. One list of words must stand in a list: [words].
            n: length of the runs that are counted, from 1 to 100; n - 1 symbols are the context.
            vocabulary: all symbols that can occur; default those of the data.
            smoothing: s of the formula, above 0 and up to 1e12; larger trusts long contexts less.

        Raises:
            TypeError: when an argument is of another type.
            ValueError: when n is below 1 or above 100, smoothing <= 0, or the data are empty, hold
                an unknown symbol, or the ends themselves.
        """
        sequences = sequences_of(data)
        if vocabulary is None:
            if not any(sequences):
                raise ValueError("the data are empty: give a text or a list of sequences")
            vocabulary = Vocabulary.from_tokens(token for s in sequences for token in s)
        model = cls(n, vocabulary, smoothing=smoothing)
        level = model._count_runs(sequences)
        while level:
            level = model._store(level)
        model._totals = {h: sum(after.values()) for h, after in model._followers.items()}
        return model

    def _texts(self, data: str | Iterable[Sequence[str]]) -> list[str]:
        """Turn data into strings with one character for each symbol."""
        sequences = sequences_of(data)
        if self.has_ends and any(START in s or END in s for s in sequences if type(s) is list):
            raise ValueError(f"data must not hold {START!r} and {END!r}: the model adds them")
        texts = ["".join(map(chr, self._codes("data", s, self.has_ends))) for s in sequences]
        if not any(texts):
            raise ValueError("the data are empty: give a text or a list of sequences")
        return texts

    def _codes(self, name: str, symbols: Iterable[str], add_ends: bool = False) -> list[int]:
        """Return the numbers of symbols; an error names the argument."""
        try:
            return self.vocabulary.encode(symbols, add_ends=add_ends)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    def _count_runs(self, data: str | Iterable[Sequence[str]]) -> Counter[str]:
        """Count each predicted symbol after its context (shorter near the start)."""
        counts: Counter[str] = Counter()
        for text in self._texts(data):
            first = min(self.n, len(text) + 1)  # the first end with a whole context
            counts.update(text[:end] for end in range(1 + self.has_ends, first))
            start = max(0, 1 + self.has_ends - self.n)
            columns = (text[k:] for k in range(start, start + self.n))
            counts.update(map("".join, zip(*columns, strict=False)))
        return counts

    def _store(self, level: dict[str, int]) -> dict[str, int]:
        """Add counted runs to the followers; return the runs without their first symbol."""
        shorter: defaultdict[str, int] = defaultdict(int)
        for run, count in level.items():
            after = self._followers.setdefault(run[:-1], {})
            after[run[-1]] = after.get(run[-1], 0) + count
            if len(run) > 1:
                shorter[run[1:]] += count
        return shorter

    def _base(self, symbol: str) -> float:
        """Return the uniform probability below the empty context."""
        if not self.has_ends:
            return 1 / len(self.vocabulary)
        is_start = ord(symbol) == self.vocabulary.index[START]
        return 0.0 if is_start else 1 / (len(self.vocabulary) - 1)

    def _probability(self, context: str, symbol: str) -> float:
        p = self._base(symbol)
        for start in range(len(context), -1, -1):
            after = self._followers.get(context[start:])
            if after is None:  # then no longer context was seen either
                break
            back = self.smoothing * len(after)
            total = self._totals[context[start:]]
            p = (after.get(symbol, 0) + back * p) / (total + back)
        return p

    def probability(self, context: Sequence[str], token: str) -> float:
        """Return P(token | context).

        Args:
            context: symbols before it; only the last n - 1 count; fewer are fine.
            token: the symbol to predict.

        Returns:
            Probability from 0 to 1; over all tokens of the vocabulary it sums to 1.

        Raises:
            TypeError: when context holds something else than symbols, or token is no string.
            ValueError: when a symbol is not in the vocabulary.
        """
        symbols = symbols_of("context", context)
        last = symbols[max(0, len(symbols) - self.n + 1) :]
        index = self.vocabulary.index
        try:  # asked for every symbol of a vocabulary, so the words for an error come later
            codes = [chr(index[symbol]) for symbol in (*last, token)]
        except (KeyError, TypeError):
            self._codes("token", [arguments.text("token", token, what="a symbol")])
            self._codes("context", last)
            raise
        return self._probability("".join(codes[:-1]), codes[-1])

    def bits_per_token(self, data: str | Iterable[Sequence[str]]) -> float:
        """Return the mean of -log2 P over all predicted symbols: the cross-entropy.

        Args:
            data: one text, or several sequences, as in `fit`.

        Returns:
            Bits per symbol (bits per character for text); "<E>" counts as a symbol.

        Raises:
            ValueError: when the data are empty or hold an unknown symbol.
        """
        counts = self._count_runs(data)
        chances = ((self._probability(run[:-1], run[-1]), n) for run, n in counts.items())
        return sum(n * -math.log2(max(p, _LEAST)) for p, n in chances) / counts.total()

    def sample(self, length: int, rng: random.Random) -> list[str]:
        """Draw symbols one after the other.

        Args:
            length: number of symbols, from 0 to 10,000,000.
            rng: random.Random(seed).

        Returns:
            `length` symbols; fewer when "<E>" was drawn (it is left out).

        Raises:
            TypeError: when length is not a whole number, or rng is something else.
            ValueError: when length is negative or too large.
        """
        length = whole_number("length", length, most=MOST_DRAWN)
        if length < 0:
            raise ValueError(f"length={length} must not be negative")
        for method in ("random", "choice", "choices"):
            if not callable(getattr(rng, method, None)) or isinstance(rng, type):
                raise TypeError(f"rng must be random.Random(seed), got {shown(rng)}")
        index = self.vocabulary.index
        text = [chr(index[START])] if self.has_ends else []
        drawn: list[str] = []
        while len(drawn) < length:
            text.append(self._draw("".join(text[max(0, len(text) - self.n + 1) :]), rng))
            token = self.vocabulary.tokens[ord(text[-1])]
            if self.has_ends and token == END:
                break
            drawn.append(token)
        return drawn

    def _draw(self, context: str, rng: random.Random) -> str:
        """Draw from the mixture: stay at a context with its share of the mass, or go shorter."""
        for start in range(len(context) + 1):
            after = self._followers.get(context[start:])
            if after is None:
                continue
            total = self._totals[context[start:]]
            if rng.random() * (total + self.smoothing * len(after)) < total:
                return rng.choices([*after], [*after.values()])[0]
        tokens = [t for t in self.vocabulary.tokens if not (self.has_ends and t == START)]
        return chr(self.vocabulary.index[rng.choice(tokens)])
