"""The index: every place that names the lessons, their order and their minutes says the same."""

from __future__ import annotations

import re

import link_rules
import nbformat
import pytest
from conftest import ROOT

from course_utils.lessons import LESSONS, all_needs, direct_needs

NOTEBOOKS = ROOT / "notebooks"
INDEX = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", 4)
PLAY = "play = write()\nprint("


def title_of(lesson):
    return nbformat.read(NOTEBOOKS / f"{lesson.file}.ipynb", 4).cells[0].source


def names_of(lessons):
    return [f"{lesson.number:02d}" for lesson in lessons]


def each_lesson(function):
    return pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.file)(function)


def test_the_lessons_are_the_notebooks():
    files = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    assert files == ["00_start_here", *(lesson.file for lesson in LESSONS)]
    assert [lesson.number for lesson in LESSONS] == list(range(1, len(LESSONS) + 1))
    assert [lesson.file[:2] for lesson in LESSONS] == names_of(LESSONS)


@each_lesson
def test_a_title_has_the_minutes(lesson):
    (run, study) = re.search(
        r"\*\*Time:\*\* (\d+) minutes? to run on a CPU, (\d+) minutes to study\.", title_of(lesson)
    ).groups()
    assert (int(run), int(study)) == (lesson.run_minutes, lesson.study_minutes)


@each_lesson
def test_a_title_names_the_lessons_that_come_before(lesson):
    line = re.search(r"\*\*You need to know:\*\* .*", title_of(lesson))[0]
    assert tuple(map(int, re.findall(r"\b0\d\b", line))) == lesson.needs
    assert all(before < lesson.number for before in lesson.needs)


@each_lesson
def test_the_index_has_the_minutes_and_a_sentence(lesson):
    lines = [line for cell in INDEX.cells for line in cell.source.splitlines()]
    rows = [link_rules.lesson_row(f"{lesson.file}.ipynb", line) for line in lines]
    (row,) = [row for row in rows if row]
    name, sentence, minutes = row.groups()
    assert name == f"{lesson.number:02d} · {lesson.title}"
    assert int(minutes) == lesson.study_minutes
    assert 5 <= len(sentence.split()) <= 18


@each_lesson
def test_the_readme_has_the_minutes(lesson):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [[part.strip() for part in line.strip("|").split(" | ")] for line in text.splitlines()]
    head = next(row for row in rows if row[0] == "Lesson")
    (row,) = [row for row in rows if row[0].startswith(f"[{lesson.number:02d}](notebooks/")]
    found = dict(zip(head, row, strict=True))
    assert found["Minutes on a CPU"] == str(lesson.run_minutes)
    assert found["Minutes to study"] == str(lesson.study_minutes)


def test_what_comes_before():
    assert direct_needs(1) == ()
    assert [direct_needs(n) for n in range(2, 9)] == [(1,), (2,), (3,), (4,), (5,), (5,), (5,)]
    assert direct_needs(9) == (7, 8)
    assert all_needs(9) == {1, 2, 3, 4, 5, 7, 8}
    for number in (0, 10, -1):
        with pytest.raises(ValueError, match="from 1 to 9"):
            direct_needs(number)


def test_the_play_comes_before_everything_that_could_take_time():
    code = [cell.source for cell in INDEX.cells if cell.cell_type == "code"]
    (play,) = [place for place, source in enumerate(code) if source.startswith(PLAY)]
    before = "\n".join(code[:play])
    assert play <= 3  # after the bootstrap cell, the imports and a function
    assert "corpora" not in before
    assert "check_machine()" not in before
    assert "train" not in before


def test_the_stored_play_has_300_letters_and_speakers():
    (cell,) = [cell for cell in INDEX.cells if cell.source.startswith(PLAY)]
    (output,) = cell.outputs
    assert len(output.text) == len("ROMEO:\n") + 300 + 1
    assert len(re.findall(r"^[A-Z ]+:$", output.text, re.MULTILINE)) >= 2


def test_the_index_shows_all_three_verdicts():
    stored = "".join(o.get("text", "") for c in INDEX.cells for o in c.get("outputs", []))
    for verdict in ("– backwards: not attempted yet.", "✗ backwards: ", "✓ backwards: correct."):
        assert verdict in stored
