"""Each check accepts its solution and answers plausible mistakes with a hint about them."""

import check_cases_01_02
import check_cases_03_04
import check_cases_05_06
import check_cases_08
import pytest

from course_utils import checks

# check -> (solution, [(mistake, part of its hint), ...])
CASES = check_cases_01_02.CASES | check_cases_03_04.CASES
CASES |= check_cases_05_06.CASES | check_cases_08.CASES


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
