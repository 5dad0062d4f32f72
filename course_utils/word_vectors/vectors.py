"""Hold word vectors, and ask them for neighbours and analogies."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.arguments import items, shown, tensor, whole_number

_LONGEST = 100  # letters of a word that similar ones are looked for


@dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """Hold one vector for each word.

    Closeness is the cosine of the angle between two vectors, from -1 to 1. A vector of zeros has
    no direction; its cosine with every vector is 0.

    >>> words = WordVectors(("cat", "dog", "sun"), torch.tensor([[1.0, 2], [2, 3], [1, -1]]))
    >>> len(words), "dog" in words, words["dog"], words.nearest("cat", k=1)
    (3, True, tensor([2., 3.]), [('dog', 0.992...)])

    Args:
        words: V different words.
        vectors: float, (V, D), one row for each word, kept as float32.
        contexts: float, (V, D), the second vectors of the training, those of the words as
            neighbours; None when they are not known.
        counts: int64, (V,), how often each word occurs in the training text; None when that is not
            known.

    Raises:
        TypeError: words are no list of strings, or another argument holds no numbers.
        ValueError: there is no word, a word stands there twice, a shape does not fit, or a number
            is NaN or infinite.
    """

    words: tuple[str, ...]
    vectors: Tensor
    contexts: Tensor | None = None
    counts: Tensor | None = None

    def __post_init__(self) -> None:
        listed = items("words", self.words, what="a list of words")
        for word in listed:
            if not isinstance(word, str):
                raise TypeError(f"words must be strings, got {shown(word)} among them")
        object.__setattr__(self, "words", tuple(listed))
        if not self.words or len(set(self.words)) < len(self.words):
            raise ValueError("words must hold at least one word, and each word only once")
        object.__setattr__(self, "vectors", _checked("vectors", self.vectors, len(self.words)))
        if self.contexts is not None:
            contexts = _checked("contexts", self.contexts, len(self.words))
            if contexts.shape != self.vectors.shape:
                raise ValueError(
                    f"contexts must have the shape of vectors, {tuple(self.vectors.shape)}, got "
                    f"{tuple(contexts.shape)}"
                )
            object.__setattr__(self, "contexts", contexts)
        if self.counts is not None:
            counts = as_numbers("counts", self.counts, kind="whole").to(torch.int64)
            if counts.shape != (len(self.words),):
                raise ValueError(
                    f"counts must be ({len(self.words)},), one for each word, got "
                    f"{tuple(counts.shape)}"
                )
            if (counts < 0).any():
                raise ValueError(f"counts must be 0 or more, got {int(counts.min())} among them")
            object.__setattr__(self, "counts", counts)

    @classmethod
    def from_gensim(cls, model: Any) -> WordVectors:
        """Copy the vectors of a gensim model.

        Args:
            model: a Word2Vec of gensim 4, or its KeyedVectors (`model.wv`), which hold no contexts.

        Returns:
            The words in gensim's order, with the contexts when the model was trained with negative
            sampling, and with the counts when gensim knows them.

        Raises:
            TypeError: model is neither of the two.
        """
        wv = getattr(model, "wv", model)
        if not hasattr(wv, "index_to_key") or not hasattr(wv, "vectors"):
            raise TypeError(
                f"model must be gensim's Word2Vec or KeyedVectors, not {type(model).__name__}"
            )
        contexts = getattr(model, "syn1neg", None)
        counts = getattr(wv, "expandos", {}).get("count")
        return cls(
            tuple(wv.index_to_key),
            torch.tensor(wv.vectors),
            None if contexts is None else torch.tensor(contexts),
            None if counts is None else torch.tensor(counts),
        )

    @cached_property
    def index(self) -> dict[str, int]:
        """Return the row of each word."""
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def unit(self) -> Tensor:
        """Return the vectors divided by their lengths: float32, (V, D); zeros stay zeros."""
        return F.normalize(self.vectors, dim=1, eps=1e-30)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self.index

    def __getitem__(self, word: str) -> Tensor:
        return self.vectors[self.row(word)]

    def __repr__(self) -> str:
        return f"WordVectors({len(self)} words, {self.vectors.shape[1]} dimensions)"

    def row(self, word: str) -> int:
        """Return the row of a word.

        Raises:
            ValueError: the word is unknown; the message names known words of similar spelling.
        """
        if isinstance(word, str) and word in self.index:
            return self.index[word]
        close = difflib.get_close_matches(str(word)[:_LONGEST], self.words)
        advice = (
            f"known words of similar spelling: {', '.join(close)}" if close else "none is close"
        )
        lower = " (words are written in lower case)" if str(word) != str(word).lower() else ""
        raise ValueError(
            f"word={shown(word)} is not among the {len(self)} known words{lower}; {advice}"
        )

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words.

        Raises:
            ValueError: a word is unknown.
        """
        return float(self.unit[self.row(a)] @ self.unit[self.row(b)])

    def nearest(self, word: str, k: int = 10) -> list[tuple[str, float]]:
        """List the nearest neighbours of a word.

        Args:
            word: a known word.
            k: how many neighbours, at least 1; fewer come back when the vocabulary is smaller.

        Returns:
            (word, cosine), the highest cosine first, without the word itself.

        Raises:
            ValueError: the word is unknown, or k is below 1.
        """
        row = self.row(word)
        return self._best(self.unit[row], [row], k)

    def analogy(self, a: str, b: str, c: str, k: int = 5) -> list[tuple[str, float]]:
        """Answer "a is to b as c is to ?" by the direction b - a + c.

        All three vectors are divided by their lengths first. The three words of the question are
        left out, as in the paper: with them, the answer is often c or b itself.

        Source: Mikolov, Yih & Zweig (2013), "Linguistic regularities in continuous space word
        representations"; the rule is called 3CosAdd by Levy & Goldberg (2014).

        Args:
            a, b, c: known words.
            k: how many answers, at least 1.

        Returns:
            (word, cosine with b - a + c), the highest cosine first.

        Raises:
            ValueError: a word is unknown, or k is below 1.
        """
        rows = [self.row(word) for word in (a, b, c)]
        direction = self.unit[rows[1]] - self.unit[rows[0]] + self.unit[rows[2]]
        return self._best(F.normalize(direction, dim=0, eps=1e-30), rows, k)

    def _best(self, direction: Tensor, left_out: list[int], k: int) -> list[tuple[str, float]]:
        k = whole_number("k", k)
        if k < 1:
            raise ValueError(f"k={k} must be at least 1: it counts words")
        cosines = self.unit @ direction
        cosines[left_out] = -torch.inf
        k = min(k, len(self) - len(set(left_out)))
        values, rows = cosines.topk(k)
        return [
            (self.words[i], value) for i, value in zip(rows.tolist(), values.tolist(), strict=True)
        ]


def _checked(name: str, rows: Tensor, n_words: int) -> Tensor:
    """Return the rows as float32 on the CPU without gradient, or refuse them."""
    rows = as_numbers(name, rows).to("cpu", torch.float32)
    if rows.ndim != 2 or len(rows) != n_words or not rows.shape[1]:
        raise ValueError(
            f"{name} must be ({n_words}, D), one row for each word, got {tuple(rows.shape)}"
        )
    if not rows.isfinite().all():
        raise ValueError(f"{name} holds NaN or infinity: the training went wrong; lower its rate")
    return rows


def as_numbers(name: str, value: Any, *, kind: str = "any", may_be_flags: bool = False) -> Tensor:
    """Return numbers from a list, an array or a tensor as a tensor without gradient.

    Args:
        name: the argument's name, for the message.
        value: what was given.
        kind: "any" or "whole".
        may_be_flags: whether True and False are taken, too.

    Raises:
        TypeError: value holds something else.
    """
    try:
        found = tensor(name, torch.as_tensor(value)).detach()
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise TypeError(f"{name} must hold numbers, got {shown(value)} ({error})") from None
    is_flags = found.dtype == torch.bool and found.numel() > 0
    if found.is_complex() or (is_flags and not may_be_flags):
        raise TypeError(f"{name} must hold real numbers, got {found.dtype}")
    if kind == "whole" and found.is_floating_point() and found.numel():
        raise TypeError(f"{name} must hold whole numbers, got {found.dtype}")
    return found
