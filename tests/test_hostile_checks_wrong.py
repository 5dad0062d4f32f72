"""No check accepts the solution when it is wrong in one place, whichever it is."""

from __future__ import annotations

from random import Random

import pytest
import torch
from hostile import CASES as N_CASES
from hostile import SEED
from hostile_answers import copied, equal, spoil, wrong_ways
from test_checks import CASES
from test_hostile_checks import NAMES, said

from course_utils import checks

# The order of their rows is free.
UNORDERED = {checks.check_cbow_pairs, checks.check_split_names}
# Its answer is drawn: numbers near to it are right too.
DRAWN = {checks.check_permutation_p_value}
MOST_CALLS = 30


def calls_of(check, capsys) -> list:
    """Return what the solution answers at each call that the check makes."""
    answers = []

    def watched(*arguments):
        answers.append(CASES[check][0](*arguments))
        return answers[-1]

    said(check, watched, capsys)
    return answers


def wrong_at(check, place: int, number: int, seed: str):
    """Return the solution, wrong in the n-th way at one of its calls; None if there is no n-th."""
    calls = 0

    def answer(*arguments):
        nonlocal calls
        right = CASES[check][0](*arguments)
        calls += 1
        if calls != place + 1:
            return right
        return [*wrong_ways(right, Random(seed), ordered=check not in UNORDERED)][number]

    return answer


@pytest.mark.parametrize("check", [*CASES], ids=NAMES)
def test_wrong_in_one_place(check, capsys, record_property):
    answers, tried = calls_of(check, capsys), 0
    for place in range(min(len(answers), MOST_CALLS)):
        for round_ in range(max(1, N_CASES // 25)):
            seed = f"{SEED} {check.__name__} {place} {round_}"
            ways = [*wrong_ways(answers[place], Random(seed), ordered=check not in UNORDERED)]
            for number, wrong in enumerate(ways):
                if equal(wrong, answers[place]) or (check in DRAWN and is_near(wrong)):
                    continue
                out = said(check, wrong_at(check, place, number, seed), capsys)
                assert out.startswith("✗ "), (place, answers[place], wrong)
                tried += 1
    assert tried >= 5
    record_property("cases", tried)


def is_near(wrong) -> bool:
    """Tell whether a wrong p-value may also have been drawn."""
    return isinstance(wrong, float) and 0 < wrong <= 1


@pytest.mark.parametrize("check", [*CASES], ids=NAMES)
def test_a_function_that_spoils_its_arguments_first(check, capsys, record_property):
    """What it answers is wrong, because it computes with other numbers: never accepted."""
    same = []

    def careless(*arguments):
        right = CASES[check][0](*copied(arguments))
        for value in arguments:
            spoil(value)
        try:
            got = CASES[check][0](*arguments)
        except Exception:
            same.append(False)
            raise
        same.append(equal(got, right))
        return got

    out = said(check, careless, capsys)
    if not all(same):
        assert out.startswith("✗ ")
    record_property("cases", 1)


@pytest.mark.parametrize("check", [*CASES], ids=NAMES)
def test_a_function_that_spoils_its_arguments_last(check, capsys, record_property):
    """The answer is right: the check says so, or that the arguments changed."""

    def untidy(*arguments):
        got = CASES[check][0](*copied(arguments))
        for value in arguments:
            spoil(value)
        return got

    out = said(check, untidy, capsys)
    assert out.startswith("✓ ") or "argument" in out or "gradient" in out
    record_property("cases", 1)


def test_a_tensor_that_cannot_be_read_is_not_an_exercise_that_was_not_attempted(capsys):
    out = said(checks.check_nearest, lambda *_: torch.ones(3, device="meta"), capsys)
    assert out.startswith("✗ ")
