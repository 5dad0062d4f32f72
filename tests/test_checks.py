"""Each check accepts its solution and answers plausible mistakes with a hint about them."""

import math

import check_cases_00
import check_cases_01_02
import check_cases_03_04
import check_cases_05_06
import check_cases_07
import check_cases_07_training
import check_cases_08
import check_cases_09
import check_cases_09_steps
import pytest
import torch

from course_utils import checks
from course_utils.checks import lesson_07_chance
from course_utils.word_vectors import permutation_test

# check -> (solution, [(mistake, part of its hint), ...])
CASES = check_cases_01_02.CASES | check_cases_03_04.CASES
CASES |= check_cases_00.CASES
CASES |= check_cases_05_06.CASES | check_cases_08.CASES
CASES |= check_cases_07.CASES | check_cases_07_training.CASES
CASES |= check_cases_09.CASES | check_cases_09_steps.CASES
# (check, another right answer)
ALSO_RIGHT = check_cases_07.ALSO_RIGHT + check_cases_07_training.ALSO_RIGHT
ALSO_RIGHT += check_cases_00.ALSO_RIGHT
ALSO_RIGHT += check_cases_09.ALSO_RIGHT + check_cases_09_steps.ALSO_RIGHT

GARBAGE = [None, "text", 3, math.nan, [1, 2], [], {}, (1, 2, 3), [["a"]], [[1], [2, 3]], object()]
GARBAGE += [torch.zeros(0), torch.ones(2, 3, 1, 5), torch.full((4,), math.nan), ("a", "b", "c")]


def not_attempted(*_arguments):
    raise NotImplementedError


@pytest.mark.parametrize("check", CASES, ids=lambda check: check.__name__)
def test_solution_and_stub(check, capsys):
    check(CASES[check][0])
    assert capsys.readouterr().out.startswith("✓ ")
    check(not_attempted)
    assert capsys.readouterr().out.endswith(": not attempted yet.\n")
    check(5)
    assert "pass the function itself" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [(check, *mistake) for check, (_, mistakes) in CASES.items() for mistake in mistakes],
)
def test_each_mistake_gets_its_own_hint(check, wrong, hint, capsys):
    check(wrong)
    out, err = capsys.readouterr()
    assert out.startswith("✗ ")
    assert hint in out
    assert out.count("\n") == 1
    assert not err


def test_every_check_is_tested_with_three_mistakes():
    assert {check.__name__ for check in CASES} == set(checks.__all__)
    assert all(len(mistakes) >= 3 for _, mistakes in CASES.values())


@pytest.mark.parametrize(("check", "answer"), ALSO_RIGHT)
def test_another_right_answer_is_right(check, answer, capsys):
    check(answer)
    assert capsys.readouterr().out.startswith("✓ ")


def raising(*_arguments):
    raise ValueError("something broke")


@pytest.mark.parametrize("check", dict.fromkeys(check for check, _ in ALSO_RIGHT))
def test_garbage_gets_a_hint_in_one_line(check, capsys):
    for answer in [lambda *_, value=value: value for value in GARBAGE]:
        check(answer)
        out, err = capsys.readouterr()
        assert out.startswith("✗ ")
        assert "your code stopped" not in out
        assert out.count("\n") == 1
        assert not err
    check(raising)
    assert "your code stopped with ValueError" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("n", "part", "whole"), [(199, 1, 210), (1999, 2, 7), (199, 1, 1), (60, 1, 2)]
)
def test_a_possible_share_is_almost_never_refused(n, part, whole):
    """Add up the binomial distribution exactly: what is refused, and how much is let through."""
    refused, kept = 0.0, []
    for count in range(n + 1):
        ways = math.comb(n, count) * part**count * (whole - part) ** (n - count)
        if lesson_07_chance.share_is_possible(count, n, part / whole):
            kept.append(count)
        else:
            refused += ways / whole**n
    assert refused < 1e-10
    assert kept == list(range(min(kept), max(kept) + 1))
    assert max(kept) - min(kept) < 14 * math.sqrt(n * part * (whole - part)) / whole + 14


def test_the_exact_chance_of_the_permutation_test_agrees_with_the_course():
    """Compare with the exact test of the course, which goes through all groups too."""
    axes = [(1, 0), (-1, 0), (0, -2), (1, 0), (-1, 0), (0, 1), (0, -1)]
    for group in [(1, 2, 4, 5), (0, 3), (0, 1, 2)]:
        members = torch.zeros(len(axes), dtype=torch.bool)
        members[list(group)] = True
        rows = torch.tensor(axes, dtype=torch.float64)
        exact = permutation_test(rows, members, n_permutations=None).p_value
        case = lesson_07_chance.Grouping(axes, group)
        assert case.chance() == pytest.approx(exact, abs=1e-12)
