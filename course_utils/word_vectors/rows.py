"""A text as numbers: all words in one row, and to which sentence each belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from course_utils.arguments import items, shown, whole_number
from course_utils.text import count_words


@dataclass(frozen=True)
class NumberedText:
    """The words of a text that are frequent enough, in one row.

    Attributes:
        words: the vocabulary, most frequent first, ties in alphabetical order.
        counts: how often each of them stands in the text, int64, (V,).
        row: numbers of the words in reading order, int64, (N,).
        sentence: the number of the sentence in which each word stands, int64, (N,), rising.
        n_raw: how many words the text has with the rare ones.
    """

    words: tuple[str, ...]
    counts: Tensor
    row: Tensor
    sentence: Tensor
    n_raw: int


def number_text(sentences: Iterable[Sequence[str]], *, min_count: int) -> NumberedText:
    """Count and number the words of a text; leave out those that are rarer than min_count.

    The neighbours of a word that is left out become neighbours of each other, as in word2vec.

    Args:
        sentences: lists of words, as `word_sentences` gives them.
        min_count: at least 1.

    Raises:
        TypeError: sentences is not made of lists of words.
        ValueError: there is no word, no word reaches min_count, or min_count is below 1.
    """
    sentences = [_words(each) for each in _sentences(sentences)]
    min_count = whole_number("min_count", min_count, least=1)
    everything = count_words(sentences)
    if not everything:
        raise ValueError("sentences hold no word; give a longer text to word_sentences")
    counts = {word: n for word, n in everything.items() if n >= min_count}
    if not counts:
        raise ValueError(
            f"no word occurs min_count={min_count} times in the sentences; the most frequent one "
            f"occurs {max(everything.values())} times: choose a smaller min_count or take a longer "
            "text"
        )
    row, sentence = number_words(sentences, {word: i for i, word in enumerate(counts)})
    numbers = torch.tensor([*counts.values()])
    return NumberedText(tuple(counts), numbers, row, sentence, sum(everything.values()))


def number_words(
    sentences: Iterable[Sequence[str]], index: Mapping[str, int]
) -> tuple[Tensor, Tensor]:
    """Lay the words of all sentences in one row, without the words that have no number.

    >>> number_words([["a", "rare", "b"], ["b"]], {"a": 0, "b": 1})
    (tensor([0, 1, 1]), tensor([0, 0, 1]))

    Args:
        sentences: lists of words.
        index: the number of every known word.

    Returns:
        row and sentence, as in `NumberedText`: int64, (N,) each.

    Raises:
        TypeError: sentences is not made of lists of words.
    """
    numbers: list[int] = []
    lengths: list[int] = []
    for words in _sentences(sentences):
        known = [index[word] for word in _words(words) if word in index]
        numbers += known
        lengths.append(len(known))
    order = torch.arange(len(lengths))
    sentence = order.repeat_interleave(torch.tensor(lengths, dtype=torch.int64))
    return torch.tensor(numbers, dtype=torch.int64), sentence


def _sentences(sentences: Iterable[Sequence[str]]) -> Iterable[Sequence[str]]:
    if isinstance(sentences, str):
        raise TypeError(
            f"sentences must be lists of words, got the string {sentences[:20]!r}; "
            "word_sentences(text) cuts a text into them"
        )
    return items("sentences", sentences, what="lists of words")


def _words(words: Sequence[str]) -> Sequence[str]:
    if isinstance(words, str):
        raise TypeError(
            f"every sentence must be a list of words, got the string {words[:20]!r} among the "
            "sentences; for one sentence write [words]"
        )
    listed = items("each of the sentences", words, what="a list of words")
    for word in listed:
        if not isinstance(word, str):
            raise TypeError(f"sentences must hold words (strings), got {shown(word)} in one")
    return listed
