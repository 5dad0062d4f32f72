"""Ask many analogy questions, and compare the answers with a baseline that ignores a and b."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.arguments import flag, instance, items, shown
from course_utils.corpora.registry import shipped
from course_utils.word_vectors.vectors import WordVectors

Question = tuple[str, str, str, str]


@dataclass(frozen=True)
class AnalogyScore:
    """How many questions of one kind were answered.

    Attributes:
        n_questions: all questions of this kind.
        n_answered: those of which all four words have a vector; only these are scored.
        n_right: how often the first answer of b - a + c is d.
        n_right_baseline: how often the nearest neighbour of c is d.
    """

    n_questions: int
    n_answered: int
    n_right: int
    n_right_baseline: int

    @property
    def accuracy(self) -> float:
        """Return the share of right answers, from 0 to 1; NaN when no question was answered."""
        return self.n_right / self.n_answered if self.n_answered else float("nan")

    @property
    def baseline(self) -> float:
        """Return the share that the nearest neighbour of c gets right; NaN as above."""
        return self.n_right_baseline / self.n_answered if self.n_answered else float("nan")


@dataclass(frozen=True)
class AnalogyReport:
    """The scores of all questions together and of each kind.

    Attributes:
        total: all kinds added up, every question with the same weight.
        by_kind: name of a kind -> its score.
    """

    total: AnalogyScore
    by_kind: dict[str, AnalogyScore]


def load_analogies(is_standin: bool = False) -> dict[str, list[Question]]:
    """Return the analogy questions that were compiled for the course.

    Args:
        is_standin: True for the words of the generated play, False for those of Shakespeare. The
            play draws "horse" and "horses" independently of each other, so its questions have no
            answer in the text: they show a failure that can be explained.

    Returns:
        Kind -> questions (a, b, c, d), read as "a is to b as c is to d": any two pairs of this
        kind, in both orders.

    >>> load_analogies()["man and woman"][0]
    ('king', 'queen', 'man', 'woman')
    """
    is_standin = flag("is_standin", is_standin)
    kinds = json.loads(shipped("words", "analogies.json").read_text(encoding="utf-8"))
    kinds = kinds["play" if is_standin else "shakespeare"]
    return {
        kind: [(*first, *second) for first, second in permutations(pairs, 2)]
        for kind, pairs in kinds.items()
    }


def analogy_accuracy(
    vectors: WordVectors, questions: Mapping[str, Sequence[Question]] | Iterable[Question]
) -> AnalogyReport:
    """Score analogy questions, beside the baseline "the nearest neighbour of c".

    The answer is the one of `WordVectors.analogy`: the word that is closest to b - a + c, without
    a, b and c. The baseline is the word that is closest to c, also without a, b and c. It never
    looks at a and b, so what it gets right needs no analogy: only answers beyond it are evidence
    for a direction that b and a share with d and c (Linzen, 2016, "Issues in evaluating semantic
    spaces using word analogies").

    Args:
        vectors: any word vectors.
        questions: (a, b, c, d) by kind, as `load_analogies` gives them; or without kinds, then
            they are one kind, "all".

    Returns:
        The scores. A question with an unknown word is counted in n_questions only.

    Raises:
        TypeError: vectors is no WordVectors, or questions are no lists of words.
        ValueError: a question has not four words, or d is one of a, b and c.
    """
    instance("vectors", vectors, WordVectors)
    what = "a list of questions (a, b, c, d), or such lists by kind"
    if not isinstance(questions, Mapping):
        questions = {"all": items("questions", questions, what=what)}
    listed = {kind: items("questions", asked, what=what) for kind, asked in questions.items()}
    by_kind = {kind: _score(vectors, asked) for kind, asked in listed.items()}
    scores = [
        (s.n_questions, s.n_answered, s.n_right, s.n_right_baseline) for s in by_kind.values()
    ]
    sums = [sum(column) for column in zip(*scores, strict=True)] or [0] * 4
    return AnalogyReport(AnalogyScore(*sums), by_kind)


def _score(vectors: WordVectors, asked: list[Question]) -> AnalogyScore:
    for question in asked:
        is_row = isinstance(question, tuple | list) and len(question) == 4
        if (
            not is_row
            or not all(isinstance(w, str) for w in question)
            or question[3] in question[:3]
        ):
            raise ValueError(
                f"each of the questions, such as {shown(question)}, must be four words (a, b, c, "
                "d), with d none of a, b and c"
            )
    known = [q for q in asked if all(word in vectors for word in q)]
    if not known:
        return AnalogyScore(len(asked), 0, 0, 0)
    rows = torch.tensor([[vectors.index[word] for word in question] for question in known])
    a, b, c = (vectors.unit[rows[:, i]] for i in range(3))
    right = [
        int((_answers(vectors.unit, direction, rows[:, :3]) == rows[:, 3]).sum())
        for direction in (F.normalize(b - a + c, dim=1, eps=1e-30), c)
    ]
    return AnalogyScore(len(asked), len(known), *right)


def _answers(unit: Tensor, directions: Tensor, left_out: Tensor) -> Tensor:
    """Return the closest row to each direction, none of those left out: int64, (Q,)."""
    cosines = directions @ unit.T
    return cosines.scatter_(1, left_out, -torch.inf).argmax(1)
