"""Count which symbols follow each other, and predict by these counts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING

from course_utils.text.symbols import END, START, Vocabulary

if TYPE_CHECKING:
    import random


def _check_n(n: int) -> None:
    if n < 1:
        raise ValueError(f"n={n} must be at least 1; n=1 counts single symbols")


def ngrams(tokens: Sequence[Hashable], n: int) -> list:
    """List all runs of n neighbours.

    Args:
        tokens: a string, or a list of words.
        n: length of a run, at least 1.

    Returns:
        len(tokens) - n + 1 runs in order: strings of a string, else tuples; none when the text
        is shorter than n.

    Raises:
        ValueError: when n is below 1.

    >>> ngrams("hello", 2), ngrams(["dog", "bites", "man"], 2)
    (['he', 'el', 'll', 'lo'], [('dog', 'bites'), ('bites', 'man')])
    """
    _check_n(n)
    runs = (tokens[i : i + n] for i in range(len(tokens) - n + 1))
    return [*runs] if isinstance(tokens, str) else [tuple(run) for run in runs]


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
        _check_n(n)
        if not smoothing > 0:
            raise ValueError(f"smoothing={smoothing} must be above 0, or unseen symbols get P = 0")
        self.n = n
        self.vocabulary = vocabulary
        self.smoothing = smoothing
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
            n: length of the runs that are counted; n - 1 symbols are the context.
            vocabulary: all symbols that can occur; default those of the data.
            smoothing: s of the formula, above 0; larger trusts long contexts less.

        Raises:
            ValueError: when n < 1, smoothing <= 0, the data are empty or hold an unknown symbol.
        """
        sequences = [data] if isinstance(data, str) else [*data]
        if vocabulary is None:
            vocabulary = Vocabulary.from_tokens(token for s in sequences for token in s)
        model = cls(n, vocabulary, smoothing=smoothing)
        level = model._count_runs(sequences)
        while level:
            level = model._store(level)
        model._totals = {h: sum(after.values()) for h, after in model._followers.items()}
        return model

    def _texts(self, data: str | Iterable[Sequence[str]]) -> list[str]:
        """Turn data into strings with one character for each symbol."""
        sequences = [data] if isinstance(data, str) else data
        encode = self.vocabulary.encode
        texts = ["".join(map(chr, encode(s, add_ends=self.has_ends))) for s in sequences]
        if not any(texts):
            raise ValueError("the data are empty: give a text or a list of sequences")
        return texts

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
            ValueError: when a symbol is not in the vocabulary.
        """
        symbols = [*context][max(0, len(context) - self.n + 1) :]
        codes = "".join(map(chr, self.vocabulary.encode([*symbols, token])))
        return self._probability(codes[:-1], codes[-1])

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
        bits = (n * -math.log2(self._probability(run[:-1], run[-1])) for run, n in counts.items())
        return sum(bits) / counts.total()

    def sample(self, length: int, rng: random.Random) -> list[str]:
        """Draw symbols one after the other.

        Args:
            length: number of symbols, 0 or more.
            rng: random.Random(seed).

        Returns:
            `length` symbols; fewer when "<E>" was drawn (it is left out).

        Raises:
            ValueError: when length is negative.
        """
        if length < 0:
            raise ValueError(f"length={length} must not be negative")
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
