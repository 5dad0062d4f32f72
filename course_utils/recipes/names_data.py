"""Surnames as numbers: how a name is spelled, and how the data are divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.arguments import instance, items, tensor, whole_number
from course_utils.batching import PaddedBatch, pad
from course_utils.text import Vocabulary, normalise

# What `normalise` leaves, in lower case: a capital says nothing about the language.
LETTERS = Vocabulary(tuple("abcdefghijklmnopqrstuvwxyz .,;'-"))
MAX_LETTERS = 60


class Split(NamedTuple):
    """Rows to train on and rows held out: int64, (N_train,) and (N_test,)."""

    train: Tensor
    test: Tensor


@dataclass(frozen=True)
class NameData:
    """Surnames of several languages, ready for a network.

    Attributes:
        names: N names as the network sees them: normalised, in lower case.
        batch: their letters as numbers, padded: tokens (N, T), lengths (N,).
        labels: int64, (N,), the language of each name.
        languages: the C languages; a label is a place here.
    """

    names: tuple[str, ...]
    batch: PaddedBatch
    labels: Tensor
    languages: tuple[str, ...]

    def prior(self, rows: Tensor) -> Tensor:
        """Return the share of each language among some rows: float, (C,)."""
        rows = check_rows(rows, len(self.names))
        counts = torch.bincount(self.labels[rows], minlength=len(self.languages))
        return counts / counts.sum()


def spell(name: str) -> list[int]:
    """Write a name as the network's symbols.

    >>> LETTERS.decode(spell("Šlusàrski"))
    ['s', 'l', 'u', 's', 'a', 'r', 's', 'k', 'i']

    Args:
        name: any text; marks are removed, letters outside the alphabet are left out.

    Returns:
        From 1 to MAX_LETTERS indices of LETTERS.

    Raises:
        TypeError: name is not a string.
        ValueError: no letter of the alphabet is left, or too many are.
    """
    letters = normalise(name).strip().lower()
    if not any(letter.isalpha() for letter in letters):
        raise ValueError(
            f"{name[:20]!r} holds no letter from a to z. The network has only seen names in the "
            "Latin alphabet: write the name in Latin letters, such as Kim for 김."
        )
    if len(letters) > MAX_LETTERS:
        raise ValueError(
            f"a name may have up to {MAX_LETTERS} letters here, this one has {len(letters)}"
        )
    return LETTERS.encode(letters)


def prepare_names(names: Mapping[str, Sequence[str]]) -> NameData:
    """Turn lists of names into numbers.

    Args:
        names: for each language its surnames, as `corpora.load_names().names`.

    Returns:
        The data, in the order of the lists, duplicates kept.

    Raises:
        TypeError: names is no dictionary of lists, or a name is no string.
        ValueError: there is no name, or one cannot be spelled.
    """
    instance("names", names, Mapping, what="a dictionary: language -> list of surnames")
    if not all(isinstance(language, str) for language in names):
        raise TypeError("names must have the names of languages as keys")
    names = {
        language: items("names", group, what="a list of surnames for each language")
        for language, group in names.items()
    }
    if not any(names.values()):
        raise ValueError("names is empty: give at least one surname")
    pairs = [(name, label) for label, group in enumerate(names.values()) for name in group]
    spelled = [spell(name) for name, _ in pairs]
    return NameData(
        names=tuple("".join(LETTERS.decode(symbols)) for symbols in spelled),
        batch=pad(spelled),
        labels=torch.tensor([label for _, label in pairs]),
        languages=tuple(names),
    )


def split_by_line(data: NameData, *, seed: int = 0) -> Split:
    """Hold out a fifth of the lines of every language, although a name may stand on two lines.

    Raises:
        TypeError: data is no NameData, or seed no whole number.
        ValueError: seed is out of its range, or a language of the data has too few names.
    """
    _check_split(data, seed, 2)
    from sklearn.model_selection import train_test_split

    rows = range(len(data.names))
    parts = train_test_split(rows, test_size=0.2, stratify=data.labels, random_state=seed)
    return Split(*(torch.tensor(sorted(part)) for part in parts))


def split_by_name(data: NameData, *, seed: int = 0) -> Split:
    """Hold out about a fifth of every language; all lines of one name stay on one side.

    Raises:
        TypeError, ValueError: as `split_by_line`.
    """
    _check_split(data, seed, 5)
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    parts = next(folds.split(data.names, data.labels, groups=data.names))
    return Split(*(torch.as_tensor(part) for part in parts))


def check_rows(rows: Tensor, n_rows: int) -> Tensor:
    """Return row numbers on the CPU; refuse what are none.

    Args:
        rows: int64, (R,), R at least 1.
        n_rows: how many rows there are.

    Raises:
        TypeError: rows is not a tensor of int64.
        ValueError: rows is empty, or not one row of numbers.
        IndexError: there is no such row.
    """
    tensor("rows", rows, ndim=1, shape="(R,)", kind="whole")
    if len(rows) == 0:
        raise ValueError("rows is empty: there is no name to guess")
    smallest, largest = int(rows.min()), int(rows.max())
    if smallest < 0 or largest >= n_rows:
        raise IndexError(f"rows must be from 0 to {n_rows - 1}, got {smallest} to {largest}")
    return rows.cpu()


def _check_split(data: NameData, seed: int, least: int) -> None:
    """Refuse what cannot be divided."""
    instance("data", data, NameData)
    whole_number("seed", seed, least=0, most=2**32 - 1)
    counts = torch.bincount(data.labels, minlength=len(data.languages))
    if len(data.names) < 5 or int(counts.min()) < least:
        raise ValueError(
            f"data must have at least 5 names and {least} of each language to be divided, got "
            f"{len(data.names)} and {int(counts.min())}"
        )
