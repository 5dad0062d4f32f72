"""Measure word vectors on groups of words that belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.arguments import flag, instance, items, shown
from course_utils.corpora.registry import shipped
from course_utils.word_vectors.vectors import WordVectors

TIE = 1e-9  # cosines that differ by less count as equal; rounding in float64 is far below this


def load_groups(is_standin: bool) -> dict[str, list[str]]:
    """Return the groups of words that were compiled for the course.

    They were compiled from a list of counts before any vectors were trained, so a probe with them
    is a fair test. data/README.md lists the rules.

    Args:
        is_standin: True for the words of the generated play, False for those of Shakespeare, as in
            `TextCorpus.is_standin`.

    Returns:
        Name of a group -> its words; no word stands in two groups.

    >>> load_groups(is_standin=False)["colours"]
    ['black', 'white', 'red', 'green', 'golden', 'silver']
    """
    is_standin = flag("is_standin", is_standin)
    groups = json.loads(shipped("words", "groups.json").read_text(encoding="utf-8"))
    return groups["play" if is_standin else "shakespeare"]


def group_probe(vectors: WordVectors, groups: Mapping[str, Sequence[str]]) -> float:
    """Return how often a word is closer to a word of its own group than to one of another group.

    A triple is (a, b, c): two words a and b of one group and a word c of another one. It counts 1
    when cos(a, b) > cos(a, c), one half when they are equal, else 0. The share of each group is
    the mean of its triples, and the answer is the mean of the groups, so that a large group
    weighs no more than a small one. The vectors are used as they are, as `nearest` uses them: no
    mean is taken off first. A direction that all vectors share makes all cosines larger, but
    changes little in their order.

    Args:
        vectors: any word vectors.
        groups: name -> words, no word in two groups. Words without a vector are left out, and so
            are groups with fewer than 2 words that have one.

    Returns:
        From 0 to 1; vectors that know nothing reach 0.5 on average.

    Raises:
        TypeError: a group is a string instead of a list of words.
        ValueError: a word stands twice in the groups, or fewer than 2 groups are left.
    """
    shares = group_shares(vectors, groups)
    return sum(shares.values()) / len(shares)


def group_shares(vectors: WordVectors, groups: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return the share of each group, of which `group_probe` is the mean.

    Args and errors: as in `group_probe`.

    Returns:
        Name -> share from 0 to 1, without the groups that were left out.
    """
    instance("vectors", vectors, WordVectors)
    instance("groups", groups, Mapping, what="a dictionary: name -> list of words")
    known = _known_rows(vectors, groups)
    rows = [row for group in known.values() for row in group]
    units = F.normalize(vectors.vectors[rows].double(), dim=1, eps=1e-30)
    cosines = units @ units.T
    shares, start = {}, 0
    for name, group in known.items():
        own = torch.zeros(len(rows), dtype=torch.bool)
        own[start : start + len(group)] = True
        shares[name] = _share(cosines[own], own)
        start += len(group)
    return shares


def _share(cosines: Tensor, own: Tensor) -> float:
    """Return the share of won triples of one group: cosines (m, N), own (N,) bool."""
    inside, outside = cosines[:, own], cosines[:, ~own]
    won = 0.0
    for i in range(len(inside)):
        partners = torch.cat([inside[i, :i], inside[i, i + 1 :]])
        difference = partners[:, None] - outside[i]
        won += float(((difference > TIE).double() + (difference >= -TIE).double()).mean()) / 2
    return won / len(inside)


def _known_rows(vectors: WordVectors, groups: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Return the rows of the known words of each group that has at least 2 of them."""
    rows, seen = {}, {}
    for name, words in groups.items():
        if isinstance(words, str):
            raise TypeError(f"groups[{name!r}] must be a list of words, not the string {words!r}")
        words = items("groups", words, what="lists of words by name")
        for word in words:
            if not isinstance(word, str):
                raise TypeError(f"groups must hold words (strings), got {shown(word)}")
            if word in seen:
                raise ValueError(
                    f"{word!r} stands in groups {seen[word]!r} and {name!r}; each word needs one "
                    "place, so that 'the same group' has one meaning"
                )
            seen[word] = name
        rows[name] = [vectors.index[word] for word in words if word in vectors]
    rows = {name: known for name, known in rows.items() if len(known) >= 2}
    if len(rows) < 2:
        raise ValueError(
            f"groups: {len(rows)} of {len(groups)} groups have 2 or more words with a vector, and "
            "the probe compares at least 2; give groups made for this text"
        )
    return rows
