"""Which words are neighbours: the training pairs of skip-gram and CBOW."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

from course_utils.arguments import items, whole_number

Word = TypeVar("Word", bound=Hashable)


def skip_gram_pairs(words: Sequence[Word], window: int) -> list[tuple[Word, Word]]:
    """Pair every word with each of its neighbours (Mikolov et al., 2013, arXiv:1301.3781).

    >>> skip_gram_pairs(["the", "quick", "fox"], 1)
    [('the', 'quick'), ('quick', 'the'), ('quick', 'fox'), ('fox', 'quick')]

    Args:
        words: one sentence, words or their numbers.
        window: how many words on each side are neighbours, at least 1. At both ends of the
            sentence there are fewer.

    Returns:
        Pairs (centre, context) in reading order.

    Raises:
        TypeError: words is a string, which is a row of letters, or window is not a whole number.
        ValueError: window is below 1.
    """
    return [(centre, word) for around, centre in cbow_pairs(words, window) for word in around]


def cbow_pairs(words: Sequence[Word], window: int) -> list[tuple[list[Word], Word]]:
    """Pair the neighbours of every word, taken together, with the word in their middle.

    CBOW, the continuous bag of words, is from the same paper as skip-gram (arXiv:1301.3781).

    >>> cbow_pairs(["the", "quick", "fox"], 1)
    [(['quick'], 'the'), (['the', 'fox'], 'quick'), (['quick'], 'fox')]

    Args:
        words: one sentence, words or their numbers.
        window: how many words on each side are neighbours, at least 1. At both ends of the
            sentence there are fewer.

    Returns:
        Pairs (contexts in reading order, centre). A word without neighbours is in no pair.

    Raises:
        TypeError: words is a string, which is a row of letters, or window is not a whole number.
        ValueError: window is below 1.
    """
    words = _sentence(words)
    window = min(_window(window), len(words))  # a slice takes no number beyond 2 ** 63
    pairs = []
    for i, centre in enumerate(words):
        around = words[max(0, i - window) : i] + words[i + 1 : i + 1 + window]
        if around:
            pairs.append((around, centre))
    return pairs


def _sentence(words: Sequence[Word]) -> list[Word]:
    """Return the words as a list."""
    if isinstance(words, str):
        raise TypeError(
            f"words must be a list of words, got the string {words[:20]!r}; words.split() or "
            "word_sentences cuts a string into words"
        )
    return items("words", words, what="a list of words")


def _window(window: int) -> int:
    """Return a window that is a whole number of at least 1."""
    return whole_number("window", window, least=1)
