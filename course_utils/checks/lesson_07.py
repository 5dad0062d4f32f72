"""Checks for the exercises of notebook 07 about neighbours, of a vector and of a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from course_utils.checks.answers import shortly, whole_numbers_of
from course_utils.checks.grading import grade, hint


def check_nearest(answer: Callable[..., Any]) -> None:
    """Check a function (vectors (V, D), index, k) -> the k nearest rows by cosine, best first."""
    grade("nearest", _examine_nearest, answer)


def _examine_nearest(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(7)
    lengths = torch.tensor([1.0, 6.0, 0.5, 3.0, 1.0, 0.2, 2.0, 8.0, 1.0])
    vectors = torch.randn(9, 3, generator=generator) * lengths[:, None]
    for index, k in [(8, 4), (4, 3), (0, 2), (2, 8), (5, 1)]:
        given = vectors.clone()
        got = whole_numbers_of(answer(given, index, k), "the answer")
        if not torch.equal(given, vectors):
            hint("your function changes its argument: work on a copy.")
        _compare_nearest(got, vectors, index, k)


def _compare_nearest(got: list[int], vectors: Any, index: int, k: int) -> None:
    """Name the usual slips in finding neighbours."""
    lengths = vectors.norm(dim=1)
    dots = vectors @ vectors[index]
    cosines = dots / (lengths * lengths[index])
    best = _ranked(cosines, index)
    if got == best[:k]:
        return
    with_itself = "the row itself is in the list (its cosine is 1): leave `index` out."
    dot = "these are the largest dot products: long rows win. Divide by the lengths of the rows."
    distance = "these rows are nearest by distance: sort by the cosine."
    worst = "these are the LEAST similar rows: sort from the highest cosine down."
    known = [
        (with_itself, [index, *best]),
        (dot, _ranked(dots, index)),
        (dot, dots.argsort(descending=True).tolist()),
        (dot, dots.argsort(descending=True).tolist()[1:]),
        (distance, _ranked(-(vectors - vectors[index]).norm(dim=1), index)),
        (worst, best[::-1]),
        ("take the cosine with its sign: -1 is the opposite.", _ranked(cosines.abs(), index)),
    ]
    for text, rows in known:
        if got == rows[:k]:
            hint(text)
    if index in got:
        hint(with_itself)
    if len(got) != k:
        hint(f"k = {k} rows are asked for, got {len(got)}.")
    if sorted(got) == sorted(best[:k]):
        hint("the right rows in another order: the highest cosine comes first.")
    hint(f"for index = {index} and k = {k} the rows are {best[:k]}, got {got}.")


def _ranked(scores: Any, index: int) -> list[int]:
    """Return all rows but `index`, highest score first."""
    return [row for row in scores.argsort(descending=True).tolist() if row != index]


def check_cbow_pairs(answer: Callable[..., Any]) -> None:
    """Check a function (words, window) -> list of (list of context words, centre)."""
    grade("cbow_pairs", _examine_cbow, answer)


def _examine_cbow(answer: Callable[..., Any]) -> None:
    for text, window in [
        ("the quick brown fox jumps over the lazy dog", 2),
        ("a rose is a rose is a rose", 3),
        ("to be or not to be", 1),
        ("one two", 4),
    ]:
        words = text.split()
        got = _cbow_pairs_of(answer([*words], window))
        right = _cbow(words, window)
        if Counter(got) == Counter(right):  # the order of the pairs is free
            continue
        for hint_text, wrong in _wrong_cbow(words, window):
            if Counter(got) == Counter(wrong):
                hint(hint_text)
        if len(got) != len(right):
            hint(f"{len(words)} words give {len(right)} pairs, one for each word; got {len(got)}.")
        at = next(i for i, pair in enumerate(right) if pair not in got)
        context, centre = right[at]
        hint(f"for {text!r}, window = {window}: word {at} gives ({[*context]}, {centre!r}).")


def _cbow_pairs_of(got: Any) -> list[tuple[tuple[str, ...], str]]:
    """Read the pairs, each as (context words, centre)."""
    if got is None:
        hint("the answer is None: does your function end with return?")
    if isinstance(got, (str, dict)) or not hasattr(got, "__iter__"):
        hint(f"return a list of pairs, got {type(got).__name__}.")
    pairs = list(got)
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            hint(f"each item is a pair (list of context words, centre), got {shortly(pair)}.")
        if isinstance(pair[0], str) and isinstance(pair[1], (list, tuple)):
            hint("the pair is the wrong way round: first the context words, then the centre.")
        if not isinstance(pair[0], (list, tuple)) or not isinstance(pair[1], str):
            hint(f"each item is a pair (list of context words, centre), got {shortly(pair)}.")
    return [(tuple(map(str, context)), centre) for context, centre in pairs]


def _cbow(words: list[str], left: int, right: int | None = None) -> list[tuple[Any, str]]:
    """Return the pairs; `left` and `right` are the words on each side."""
    right = left if right is None else right
    return [
        (tuple(words[max(0, i - left) : i] + words[i + 1 : i + 1 + right]), word)
        for i, word in enumerate(words)
    ]


def _wrong_cbow(words: list[str], n: int) -> Iterator[tuple[str, list[tuple[Any, str]]]]:
    """Yield pairs (hint, the answer that this mistake gives)."""
    pairs, places = _cbow(words, n), range(len(words))
    yield (
        "the centre is in its own context: leave its place out.",
        [(tuple(words[max(0, i - n) : i + n + 1]), words[i]) for i in places],
    )
    yield (
        "the context is only on the left: take the words after the centre too.",
        _cbow(words, n, 0),
    )
    yield "the context is only on the right: take the words before it too.", _cbow(words, 0, n)
    yield (
        "the words near an edge are missing: there the context is shorter.",
        pairs[n : len(words) - n],
    )
    yield (
        "near the left edge words[i - window : i] starts at a negative number: use max(0, ...).",
        [(tuple(words[i - n : i] + words[i + 1 : i + n + 1]), words[i]) for i in places],
    )
    one_less = "one word too few on the right: a slice stops BEFORE its second number."
    yield one_less, _cbow(words, n, n - 1)
    yield "`window` is the number of words on EACH side.", _cbow(words, n // 2)
    yield (
        "these are skip-gram pairs: CBOW has one pair for each centre, with all its words.",
        [((word,), centre) for context, centre in pairs for word in context],
    )
    yield (
        "leave out the PLACE of the centre, not every word that is spelled like it.",
        [(tuple(word for word in context if word != centre), centre) for context, centre in pairs],
    )
    first = "words.index() finds the first place only: a word may occur twice. Use enumerate."
    yield first, [pairs[words.index(word)] for word in words]
    yield (
        "the right words, but not in reading order.",
        [(context[::-1], centre) for context, centre in pairs],
    )
    yield (
        "the right words, but not in reading order.",
        [(tuple(words[i + 1 : i + n + 1] + words[max(0, i - n) : i]), words[i]) for i in places],
    )
