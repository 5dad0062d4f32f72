"""The soak test and the comparison of two executions: they count, and they notice."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from reliability import soak, twice


@pytest.mark.parametrize(
    ("output", "status", "wanted"),
    [
        ("1156 passed, 2 skipped in 99.1s", 0, (1156, 0)),
        ("=== 2 failed, 1154 passed, 3 skipped in 99.1s ===", 1, (1154, 2)),
        ("1 failed, 2 passed, 1 error in 9s", 1, (2, 2)),
        ("5 passed in 1s\nINTERNALERROR", 3, (0, 1)),
        ("no tests ran in 0.1s", 5, (0, 1)),
        ("", 0, (0, 0)),
    ],
)
def test_counts(output, status, wanted):
    assert soak.counts(output, status) == wanted


def a_round(**changes):
    values = {"commit": "abc", "is_busy": False, "threads": 1, "hash_seed": 7, "passed": 9}
    return soak.Round(**(values | {"failed": 0, "seconds": 2.0} | changes))


def test_a_round_without_cells_is_not_good():
    assert a_round().is_good
    assert not a_round(passed=0).is_good
    assert not a_round(failed=1).is_good


def test_summary():
    busy = a_round(is_busy=True, threads=2, seconds=8.0)
    rounds = [a_round(), a_round(failed=1), busy, replace(busy, hogs=2, processor=8)]
    lines = [line.split() for line in soak.summary(rounds).splitlines()]
    assert lines[1:] == [
        ["quiet", "0", "this", "1", "2", "19", "1", "2"],
        ["busy", "0", "this", "2", "1", "9", "0", "8"],
        ["busy", "2", "other", "2", "1", "9", "0", "8"],
    ]


def test_busy_cores_end():
    with soak.busy_cores(1):
        pass


def test_the_plan():
    options = soak.read(["--quiet", "3", "--busy", "2", "--hogs", "5"])
    rounds = list(soak.plan(options))
    assert [(r.is_busy, r.hogs) for r in rounds] == [(False, 0)] * 3 + [(True, 5)] * 2
    assert [r.threads for r in rounds] == [1, 2, 1, 2, 1]
    assert len({r.hash_seed for r in rounds}) == 5
    assert not any(r.is_good for r in rounds)  # nothing was run yet
    assert {r.processor for r in rounds} == {0}
    others = soak.plan(soak.read(["--quiet", "2", "--busy", "1", "--other-processors"]))
    assert len({r.processor for r in others} - {0}) == 3


def test_environment():
    found = soak.environment(2, 99)
    assert (found["COURSE_THREADS"], found["OMP_NUM_THREADS"]) == ("2", "2")
    assert (found["PYTHONHASHSEED"], found["OMP_WAIT_POLICY"]) == ("99", "PASSIVE")


def small(folder: Path, source: str, printed: str) -> Path:
    cell = new_code_cell(source, outputs=[new_output("stream", text=printed)], execution_count=1)
    nbformat.write(new_notebook(cells=[cell]), folder / "small.ipynb")
    return folder / "small.ipynb"


@pytest.mark.parametrize(("printed", "status"), [("3\n", 0), ("4\n", 1)])
def test_rounds_on_a_small_notebook(tmp_path, printed, status):
    path, report = small(tmp_path, "print(3)", printed), tmp_path / "report.json"
    options = ["--quiet", "1", "--busy", "0", "--workers", "0", "--report", str(report), str(path)]
    assert soak.main(options) == status
    assert soak.main([*options, "--add"]) == status
    rounds = json.loads(report.read_text())
    assert [(r["passed"], r["failed"]) for r in rounds] == [(1 - status, status)] * 2
    assert [bool(r["output"]) for r in rounds] == [bool(status)] * 2
    assert rounds[0]["hash_seed"] != rounds[1]["hash_seed"]


def test_cells_that_are_not_run_count_as_failed(tmp_path, monkeypatch):
    small(tmp_path, "print(3)", "3\n")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    small(tmp_path / ".ipynb_checkpoints", "print(3)", "3\n")
    assert soak.code_cells([str(tmp_path)]) == 1
    assert soak.code_cells([str(tmp_path / "small.ipynb"), str(tmp_path)]) == 2
    monkeypatch.setattr(soak, "code_cells", lambda notebooks: 5)
    planned = soak.Round("x", False, 1, 1, passed=0, failed=0, seconds=0.0)
    found = soak.run_round([str(tmp_path / "small.ipynb")], 0, planned)
    assert (found.passed, found.failed, found.is_good) == (1, 4, False)


def executed(*printed: str, tag: bool = False) -> nbformat.NotebookNode:
    tags = {"tags": [twice.TAG]} if tag else {}
    cells = [
        new_code_cell("x", metadata=tags, outputs=[new_output("stream", text=text)])
        for text in printed
    ]
    picture = new_output("display_data", data={"image/png": "abc", "text/plain": "A curve."})
    return new_notebook(cells=[*cells, new_code_cell("y", outputs=[picture])])


def test_two_executions():
    same = twice.compare("n", executed("1", "2"), executed("1", "2"))
    nothing = {"unequal": (), "redrawn": (), "varying": 0, "tagged": 0}
    assert same == twice.Compared("n", texts=3, pictures=1, **nothing)
    assert twice.compare("n", executed("1", "2"), executed("1", "3")).unequal == (1,)
    tagged = twice.compare("n", executed("1", tag=True), executed("2", tag=True))
    assert (tagged.unequal, tagged.varying, tagged.tagged) == ((), 1, 1)


def test_a_picture_that_differs_is_named_apart_from_texts():
    other = executed("1")
    other.cells[-1].outputs[0].data["image/png"] = "abd"
    found = twice.compare("n", executed("1"), other)
    assert (found.unequal, found.redrawn) == ((), (1,))
    lines = twice.summary([found, twice.compare("m", executed("1"), executed("2"))]).splitlines()
    assert lines[1:3] == ["Cells whose texts differ: m [0].", "Cells whose pictures differ: n [1]."]


@pytest.mark.parametrize(
    ("source", "status"), [("print(3)", 0), ("print(hash('a'))", 1), ("print(id([]))", 1)]
)
def test_twice_on_a_small_notebook(tmp_path, monkeypatch, source, status):
    monkeypatch.setitem(os.environ, "PYTHONHASHSEED", "0")  # put back at the end
    assert twice.main([str(small(tmp_path, source, ""))]) == status
