"""A check of an exercise survives whatever a student's function answers, and says it in one line.

A function that never ends is out of scope: nothing in Python can end it but the kernel's button.
"""

from __future__ import annotations

import pytest
from hostile import assert_all_tried, no_hang
from hostile_answers import junk, odd_functions, raising
from test_checks import CASES

NAMES = [check.__name__ for check in CASES]


def said(check, answer, capsys) -> str:
    """Return the one line that a check prints about an answer."""
    with no_hang():
        assert check(answer) is None
    out, err = capsys.readouterr()
    assert not err
    assert out.count("\n") == 1
    assert out.startswith(("✓ ", "✗ ", "– "))
    assert len(out.splitlines()) == 1
    return out


@pytest.mark.parametrize("check", CASES, ids=NAMES)
def test_junk_gets_a_hint(check, capsys, record_property):
    answers = junk()
    for value in answers:
        out = said(check, lambda *_, value=value: value, capsys)
        assert out.startswith("✗ "), (value, out)
        assert "your code stopped" not in out, (value, out)
    record_property("cases", len(answers))


@pytest.mark.parametrize("check", CASES, ids=NAMES)
def test_an_error_in_the_students_code_is_told(check, capsys, record_property):
    errors = raising()
    for error in errors:

        def broken(*_, error=error):
            raise error

        out = said(check, broken, capsys)
        assert out.startswith("✗ ")
        assert len(out) < 500
    record_property("cases", len(errors))


@pytest.mark.parametrize("check", CASES, ids=NAMES)
def test_odd_functions(check, capsys, record_property):
    for function in odd_functions():
        if function is print:
            continue
        assert said(check, function, capsys).startswith("✗ ")
    for value in junk():
        if not callable(value):
            assert "pass the function itself" in said(check, value, capsys)
    record_property("cases", len(odd_functions()) + len(junk()))


@pytest.mark.parametrize("check", CASES, ids=NAMES)
def test_not_attempted_is_said_of_the_students_code_only(check, capsys):
    def begun(*_):
        raise NotImplementedError

    assert said(check, begun, capsys).endswith(": not attempted yet.\n")


@pytest.mark.parametrize("check", CASES, ids=NAMES)
def test_a_function_that_also_prints_is_right(check, capsys):
    def chatty(*arguments):
        print("here I am")
        return CASES[check][0](*arguments)

    check(chatty)
    assert capsys.readouterr().out.splitlines()[-1].startswith("✓ ")


def test_every_check_is_tried():
    assert_all_tried("course_utils.checks", NAMES, {})
