"""Bad input to the check of the machine: refused by name; what it finds is always a table."""

from __future__ import annotations

import re

import pytest
from hostile import Good, assert_all_tried, each, try_all
from hostile_values import SIGNS

from course_utils import machine
from course_utils.machine import facts, speed


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch, no_texts):
    """Measure a tiny network, and ask no network for texts."""
    monkeypatch.setattr(speed, "_UNITS", 2)
    monkeypatch.setattr(speed, "_STEPS", 2)
    monkeypatch.setattr(facts, "lstm_seconds", lambda: 0.061)


def a_report(answer, _given):
    assert len(answer.rows) == 10
    assert str(answer).count("\n") >= 9


def a_time(answer, _given):
    assert 0 < answer < 10


GOODS = [
    Good(machine.check_machine, lambda: {"wait": 0.1}, a_report, cases=0.2),
    Good(machine.lstm_seconds, lambda: {"repeats": 2, "limit": 0.01}, a_time, long=("limit",)),
]
EXEMPT = {
    "MachineReport": "a plain record that check_machine returns; its table is tried below",
    "Row": "a plain record, one line of the report",
}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.machine", GOODS, EXEMPT)


@pytest.mark.parametrize("found", [*SIGNS, "</td><script>", "a" * 20_000, ""])
def test_whatever_is_found_the_table_holds(found):
    report = machine.MachineReport((machine.Row("!", found, found, found),))
    assert found in str(report)
    table = report._repr_html_()
    assert "<script>" not in table
    assert len(re.findall("<t[hd] ", table)) == 4 + 4
