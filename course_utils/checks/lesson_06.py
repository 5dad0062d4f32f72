"""Checks for the exercises of notebook 06."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.answers import close, number_of, whole_numbers_of
from course_utils.checks.grading import grade, hint, need_tensor


def check_macro_accuracy(answer: Callable[..., Any]) -> None:
    """Check a function (truth, guess) -> mean of the accuracies within each class."""
    grade("macro_accuracy", _examine_macro, answer)


def _examine_macro(answer: Callable[..., Any]) -> None:
    import torch

    # Class 2 never occurs in the first case, although it is guessed.
    for truth, guess in [
        ([0, 0, 0, 0, 0, 1, 1, 3], [0, 0, 0, 1, 1, 1, 2, 3]),
        ([4, 4, 4, 0, 0, 0, 0, 2], [4, 0, 4, 0, 0, 0, 2, 4]),
    ]:
        t, g = torch.tensor(truth), torch.tensor(guess)
        present = sorted(set(truth))
        within = [float((g[t == k] == k).float().mean()) for k in present]
        right = sum(within) / len(within)
        value = answer(t.clone(), g.clone())
        if value is None:
            hint("the answer is None: does your function end with return?")
        value = number_of(value, "the answer")
        guessed = [k for k in sorted(set(guess)) if (t == k).any() or (g == k).any()]
        precision = [float((t[g == k] == k).float().mean()) for k in guessed]
        known = {
            "this is the plain accuracy: average within each class first.": float(
                (t == g).float().mean()
            ),
            "divide by the number of classes that occur in truth, not by the largest number + 1.": (
                sum(within) / (max(truth) + 1)
            ),
            "these are the guesses of a class that are right; ask within each TRUE class.": (
                sum(precision) / len(precision)
            ),
        }
        for text, wrong in known.items():
            if math.isclose(value, wrong, rel_tol=1e-5) and not math.isclose(right, wrong):
                hint(text)
        if not math.isclose(value, right, rel_tol=1e-5):
            hint(f"for truth {truth} and guess {guess} it is {right:.4f}, got {value:.4f}.")


def check_last_states(answer: Callable[..., Any]) -> None:
    """Check a function (hidden (B, T, H), lengths (B,)) -> (B, H)."""
    grade("last_states", _examine_last, answer)


def _examine_last(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(6)
    B, T, H = 4, 5, 3
    hidden = torch.randn(B, T, H, generator=generator)
    lengths = torch.tensor([3, 5, 1, 2])
    rows = torch.arange(B)
    given = hidden.clone().requires_grad_()
    got = answer(given, lengths.clone())
    need_tensor(got, (B, H), "the answer")
    known = {
        "this is the last column: it is padding for the short rows.": hidden[:, -1],
        "one step too late: the last real symbol of a row stands at lengths - 1.": (
            hidden[rows, lengths.clamp(max=T - 1)]
        ),
        "this is the first state of each row.": hidden[:, 0],
    }
    for text, wrong in known.items():
        if close(got, wrong):
            hint(text)
    if not close(got, hidden[rows, lengths - 1]):
        hint("row b of the answer must be hidden[b, lengths[b] - 1].")
    if not got.requires_grad:
        hint("the values are right, but no gradient reaches hidden: index it, without .detach().")


def check_change_prior(answer: Callable[..., Any]) -> None:
    """Check a function (probabilities (N, C), drawn (C,), prior (C,)) -> (N, C)."""
    grade("change_prior", _examine_prior, answer)


def _examine_prior(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(6)
    p, drawn, prior = (
        torch.rand(*shape, generator=generator, dtype=torch.float64) + 0.1
        for shape in [(5, 3), (3,), (3,)]
    )
    p, drawn, prior = (x / x.sum(-1, keepdim=True) for x in (p, drawn, prior))
    got = answer(p.clone(), drawn.clone(), prior.clone())
    need_tensor(got, (5, 3), "the answer")
    odds = p / drawn * prior
    swapped = p / prior * drawn
    known = {
        "the rows do not sum to 1 yet: divide each row by its sum.": odds,
        "divide each ROW by its sum (dim=1, keepdim=True), not each column.": odds / odds.sum(0),
        "drawn and prior are swapped: divide by drawn, multiply by prior.": (
            swapped / swapped.sum(1, keepdim=True)
        ),
        "the shares in training must be divided out, too.": (
            p * prior / (p * prior).sum(1, keepdim=True)
        ),
        "the new prior is missing: multiply by prior.": p
        / drawn
        / (p / drawn).sum(1, keepdim=True),
        "nothing changed.": p,
    }
    for text, wrong in known.items():
        if close(got, wrong):
            hint(text)
    if not close(got, odds / odds.sum(1, keepdim=True)):
        hint("each entry is p * prior / drawn, then each row is divided by its sum.")


def check_split_names(answer: Callable[..., Any]) -> None:
    """Check a function (names, held_out) -> (training rows, exam rows)."""
    grade("split_names", _examine_split, answer)


def _examine_split(answer: Callable[..., Any]) -> None:
    names = ["Kim", "Park", "kim", "Li", "PARK", "Sato", "Kim"]
    held_out = {"KIM", "sato"}
    got = answer([*names], {*held_out})
    if not isinstance(got, tuple) or len(got) != 2:
        hint("return the pair (training rows, exam rows).")
    train, exam = ([*part] for part in got)
    if any(isinstance(row, str) for row in (*train, *exam)):
        hint("return the numbers of the rows, not the names.")
    train, exam = whole_numbers_of(train, "the answer"), whole_numbers_of(exam, "the answer")
    if (sorted(train), sorted(exam)) == ([0, 2, 5, 6], [1, 3, 4]):
        hint("the two lists are in each other's place: first the training rows.")
    if not exam or sorted(exam) == [row for row, name in enumerate(names) if name in held_out]:
        hint("upper and lower case: compare name.lower() with the held-out names in lower case.")
    if sorted(exam) == [0, 5]:
        hint("a held-out name stands on several lines: all of them belong to the exam.")
    if sorted(train) == [*range(7)]:
        hint("the exam lines are still in the training rows: that is leakage.")
    if (sorted(train), sorted(exam)) != ([1, 3, 4], [0, 2, 5, 6]):
        hint(f"for {names} and {held_out} it is ([1, 3, 4], [0, 2, 5, 6]), got {(train, exam)}.")
