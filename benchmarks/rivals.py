"""What our network for names is compared with: the lecture's recipe, and n-grams without a network.

Both get the same names to train on and the same held-out names.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks import lecture, ngrams
from course_utils.models import LectureRNN
from course_utils.recipes.names import NameData, Split

WARM_UP_STEPS = 200  # before the clock starts: the first calls of a process are slower


@dataclass(frozen=True)
class Task:
    """What every contender gets.

    Attributes:
        data: the names as our network reads them.
        lines: the same names, in the same order, with capitals: for the lecture and the n-grams.
        split: rows to train on and rows held out.
    """

    data: NameData
    lines: tuple[str, ...]
    split: Split

    def texts(self, rows: Tensor) -> list[str]:
        """Return the lines of some rows."""
        return [self.lines[row] for row in rows.tolist()]

    def scores(self, guesses: Sequence[int] | np.ndarray) -> tuple[float, float]:
        """Return accuracy and macro accuracy of guesses about the held-out names, in order."""
        from sklearn.metrics import accuracy_score, balanced_accuracy_score

        truth = self.data.labels[self.split.test].numpy()
        plain, macro = accuracy_score(truth, guesses), balanced_accuracy_score(truth, guesses)
        return float(plain), float(macro)


def run_lecture(task: Task, n_steps: int) -> dict[str, float]:
    """Train as the lecture does, one name per step, and score the result.

    Scores of single-name steps go up and down by several points until the end, so they are also
    read at 60, 70, 80 and 90 % of the way, outside the measured time, and the best is kept.
    """
    rows = task.split.train
    lines: dict[str, list[str]] = {language: [] for language in task.data.languages}
    for name, label in zip(task.texts(rows), task.data.labels[rows].tolist(), strict=True):
        lines[task.data.languages[label]].append(name)
    source, rnn = random.Random(0), _lecture_network(lines)
    _lecture_steps(_lecture_network(lines), lines, random.Random(1), min(n_steps, WARM_UP_STEPS))
    names, seconds, readings = task.texts(task.split.test), 0.0, []
    for tenth in range(10):
        n_now = n_steps * (tenth + 1) // 10 - n_steps * tenth // 10
        seconds += _lecture_steps(rnn, lines, source, n_now)
        if tenth >= 5:
            readings.append(task.scores([_lecture_guess(rnn, name) for name in names]))
    return {
        "lecture_seconds": seconds,
        "lecture_plain": readings[-1][0],
        "lecture_macro": readings[-1][1],
        "lecture_best_plain": max(plain for plain, _ in readings),
        "lecture_best_macro": max(macro for _, macro in readings),
        "lecture_own_draws": _own_draws(rnn, lines, min(n_steps, 10_000)),
    }


def _lecture_network(lines: dict[str, list[str]]) -> LectureRNN:
    """Build the lecture's network."""
    torch.manual_seed(0)
    return LectureRNN(lecture.N_LETTERS, lecture.N_HIDDEN, len(lines))


def _lecture_steps(
    rnn: LectureRNN, lines: dict[str, list[str]], source: random.Random, n_steps: int
) -> float:
    """Train the lecture's network for some steps; return the seconds."""
    start = time.perf_counter()
    for _ in range(n_steps):
        _, _, category_tensor, line_tensor = lecture.random_training_pair(lines, source)
        lecture.train(rnn, category_tensor, line_tensor)
    return time.perf_counter() - start


def _lecture_guess(rnn: LectureRNN, name: str) -> int:
    """Return the index of the language that the lecture's network finds most likely."""
    return int(lecture.evaluate(rnn, lecture.line_to_tensor(name)).argmax())


def _own_draws(rnn: LectureRNN, lines: dict[str, list[str]], n_draws: int) -> float:
    """Return the accuracy on training names, each language drawn equally often."""
    source, n_right = random.Random(2), 0
    for _ in range(n_draws):
        _, name, label, _ = lecture.random_training_pair(lines, source)
        n_right += _lecture_guess(rnn, name) == int(label)
    return n_right / n_draws


def run_svms(task: Task) -> dict[str, float]:
    """Fit a linear classifier on character n-grams, without and with balanced weights."""
    start = time.perf_counter()
    as_they_are = _svm_guesses(task, ngrams.PLAIN_C, None)
    balanced = _svm_guesses(task, ngrams.MACRO_C, "balanced")
    seconds = time.perf_counter() - start
    plain, macro_unweighted = task.scores(as_they_are)
    plain_balanced, macro = task.scores(balanced)
    return {
        "svm_seconds": seconds,
        "svm_plain": plain,
        "svm_macro": macro,
        "svm_plain_balanced": plain_balanced,
        "svm_macro_unweighted": macro_unweighted,
    }


def _svm_guesses(task: Task, C: float, class_weight: str | None) -> np.ndarray:
    """Fit the n-gram classifier on the training names, and guess the held-out ones."""
    train, test = (task.texts(rows) for rows in task.split)
    classifier = ngrams.build(C, class_weight)
    return classifier.fit(train, task.data.labels[task.split.train].numpy()).predict(test)
