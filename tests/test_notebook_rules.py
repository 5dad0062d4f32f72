"""Every notebook keeps the rules, and every rule bites."""

from __future__ import annotations

import copy
from pathlib import Path

import link_rules
import nbformat
import notebook_rules
import pytest
import stored_rules
from conftest import ROOT, ci_script
from fixtures import breaches, small_lesson
from notebook_page import Page

notebooks_script = ci_script("notebooks")
repository_script = ci_script("set_repository")
ADDRESS, TAG = repository_script.project(ROOT)
EVERY_RULE = notebook_rules.COMMON_RULES + notebook_rules.LESSON_RULES + stored_rules.STORED_RULES
PAGE_RULES = notebook_rules.COMMON_RULES + stored_rules.STORED_RULES
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "solutions").glob("*.ipynb"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT / "notebooks").as_posix()


def page_of(path: Path) -> Page:
    colab = ADDRESS.replace("https://github.com/", "https://colab.research.google.com/github/")
    return Page(
        nbformat.read(path, as_version=4),
        path.name,
        bootstrap=repository_script.bootstrap_source(ROOT, ADDRESS, TAG),
        badge=f"{colab}/blob/{TAG}/notebooks/{name_of(path)}",
    )


def small_page(notebook) -> Page:
    return Page(notebook, "07_small.ipynb", small_lesson.BOOTSTRAP, small_lesson.BADGE)


def test_there_are_lessons():
    assert LESSONS, "notebooks/ holds no lesson"


@pytest.mark.parametrize("rule", PAGE_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS + SOLUTIONS, ids=name_of)
def test_notebook_keeps_the_rule(path, rule):
    problems = rule(page_of(path))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("rule", notebook_rules.LESSON_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_lesson_keeps_the_rule(path, rule):
    problems = rule(page_of(path))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", LESSONS + SOLUTIONS, ids=name_of)
def test_links_of_a_notebook_resolve(path):
    problems = link_rules.links_resolve(page_of(path), path, ROOT, ADDRESS)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", LESSONS + SOLUTIONS, ids=name_of)
def test_stored_file_is_in_normal_form(path):
    problems = notebooks_script.problems(path)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_lesson_has_its_solutions(path):
    solved = path.parent / "solutions" / f"{path.stem}_solutions.ipynb"
    assert solved in SOLUTIONS, f"{solved.name} is missing"
    problems = notebook_rules.solutions_match(page_of(path), page_of(solved))
    assert not problems, "\n".join(problems)


def test_index_leads_to_every_lesson():
    index, *lessons = LESSONS
    problems = link_rules.lessons_without_a_row(page_of(index), [path.name for path in lessons])
    assert notebook_rules.is_index(page_of(index))
    assert not problems, "\n".join(problems)


def test_solutions_have_their_lesson():
    lessons = {f"{path.stem}_solutions" for path in LESSONS}
    assert {path.stem for path in SOLUTIONS} <= lessons


# The rules themselves


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.__name__)
def test_rule_accepts_a_good_lesson(rule):
    assert rule(small_page(small_lesson.good_lesson())) == []


CASES = [
    pytest.param(rule, change, message, id=f"{rule.__name__}-{k}")
    for rule in EVERY_RULE
    for k, (change, message) in enumerate(breaches.BREACHES[rule.__name__])
]


@pytest.mark.parametrize(("rule", "change", "message"), CASES)
def test_rule_bites(rule, change, message):
    notebook = small_lesson.good_lesson()
    change(notebook)
    assert any(message in problem for problem in rule(small_page(notebook)))


@pytest.mark.parametrize(
    ("name", "stubs", "problems"),
    [
        ("07_small.ipynb", 2, ["2 exercises, at least 3"]),
        ("00_small.ipynb", 1, []),
        ("00_small.ipynb", 0, ["0 exercises, at least 1"]),
    ],
)
def test_the_index_needs_one_exercise_and_a_lesson_three(name, stubs, problems):
    notebook = small_lesson.good_lesson()
    first = 12  # the first cell of the first exercise
    del notebook.cells[first + 3 * stubs : first + 9]
    page = Page(notebook, name, small_lesson.BOOTSTRAP, small_lesson.BADGE)
    assert notebook_rules.exercises_check_themselves(page) == problems


@pytest.mark.parametrize(
    ("row", "good"),
    [
        ("| [01](01_a.ipynb) | It counts. | 90 |", True),
        ("| [01](01_a.ipynb) | It counts. | |", False),
        ("| [01](01_a.ipynb) | | 90 |", False),
        ("| [01](02_a.ipynb) | It counts. | 90 |", False),
        ("See [01](01_a.ipynb).", False),
    ],
)
def test_an_index_that_leaves_a_lesson_out_is_found(row, good):
    notebook = small_lesson.good_lesson()
    notebook.cells[4].source += f"\n\n| lesson | what | minutes |\n|---|---|---|\n{row}"
    problems = link_rules.lessons_without_a_row(small_page(notebook), ["01_a.ipynb"])
    assert bool(problems) is not good


def test_every_breach_belongs_to_a_rule():
    assert set(breaches.BREACHES) == {rule.__name__ for rule in EVERY_RULE}


def test_rules_change_nothing():
    notebook = small_lesson.good_lesson()
    before = copy.deepcopy(notebook)
    for rule in EVERY_RULE:
        rule(small_page(notebook))
    assert notebook == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (breaches.source(2, "def a(x):\n    raise NotImplementedError"), "cell 2"),
        (breaches.drop(3), "['check_a', 'check_c']"),
    ],
)
def test_solutions_that_do_not_match_are_found(change, message):
    lesson, solutions = small_lesson.good_lesson(), small_lesson.good_solutions()
    assert notebook_rules.solutions_match(small_page(lesson), small_page(solutions)) == []
    change(solutions)
    problems = notebook_rules.solutions_match(small_page(lesson), small_page(solutions))
    assert any(message in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](other.md) [b](other.md#two-words) [c](#here) [d](https://x.org/y)", []),
        ("[a](https://github.com/o/r/blob/v1/pages/other.md) ![x](data:image/png;base64,A)", []),
        ("`[a](missing.md)`", []),
        ("[a](missing.md)", ["missing.md"]),
        ("[![a](missing.png)](other.md)", ["missing.png"]),
        ("[a](other.md#three)", ["other.md#three"]),
        ("[a](#nowhere)", ["#nowhere"]),
        ("[a]()", [""]),
        ("[a](../../outside.md)", ["../../outside.md"]),
        ("<img src='missing.png'>", ["missing.png"]),
        (
            "[a](https://github.com/o/r/blob/v1/missing.md)",
            ["https://github.com/o/r/blob/v1/missing.md"],
        ),
    ],
)
def test_dead_links_are_found(tmp_path, text, dead):
    root = tmp_path / "repository"
    (root / "pages").mkdir(parents=True)
    (root / "pages" / "other.md").write_text("# Other\n\n## Two words\n", encoding="utf-8")
    (tmp_path / "outside.md").write_text("outside", encoding="utf-8")
    own = f"# Here\n\n{text}"
    here = root / "pages" / "page.md"
    here.write_text(own, encoding="utf-8")
    assert link_rules.dead_links(text, here, root, "https://github.com/o/r", own) == dead


def test_words_are_counted_as_documented():
    long_table = "| a b c | d |\n|---|---|\n| e | f |"
    assert notebook_rules.count_words(long_table) == 3
    assert notebook_rules.count_words("one $a_t + b$ two\n\n$$x = \n y$$ <b>three</b>") == 4
