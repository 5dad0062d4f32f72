"""The rules for the anatomy and the cells of a notebook.

A rule is a pure function from a `Page` to a list of problems, each of which names the cell
(counted from 0). More rules stand in `stored_rules` and `link_rules`.
"""

from __future__ import annotations

import ast
import re
import statistics

from notebook_page import (
    Page,
    count_words,
    holds_an_assertion,
    is_title,
    line_count,
    list_items,
    tags,
)
from slide_rules import every_cell_has_a_slide_type, sections_have_speaker_notes

MAX_CODE_LINES = 25
MAX_MEDIAN_CODE_LINES = 8
MAX_WORDS = 90
IGNORE_TAG = "nbval-ignore-output"
MAX_FREE_RUN = 4
MIN_EXERCISES = 3  # in a lesson; the index has one, to show how exercises work
FORBIDDEN_TAGS = {"raises-exception", "nbval-raises-exception", "nbval-skip"}
FORBIDDEN_COMMENT = re.compile(r"^\s*#\s*(NBVAL_|PYTEST_VALIDATE_)", re.MULTILINE)
CHECK_CALL = re.compile(r"\bchecks\.(check_\w+)\(")


def code_cells_are_short(page: Page) -> list[str]:
    """No code cell has more than 25 lines."""
    counts = [(i, line_count(cell.source)) for i, cell in page.code]
    return [
        f"cell {i}: {n} lines of code, at most {MAX_CODE_LINES}"
        for i, n in counts
        if n > MAX_CODE_LINES
    ]


def median_code_cell_is_short(page: Page) -> list[str]:
    """Half of a lesson's code cells have at most 8 lines."""
    median = statistics.median([line_count(cell.source) for _, cell in page.code] or [0])
    if median <= MAX_MEDIAN_CODE_LINES:
        return []
    return [f"the median code cell has {median} lines, at most {MAX_MEDIAN_CODE_LINES}"]


def text_cells_are_short(page: Page) -> list[str]:
    """No text cell has more than 90 words; see count_words."""
    counts = [(i, count_words(cell.source)) for i, cell in page.markdown]
    return [f"cell {i}: {n} words, at most {MAX_WORDS}" for i, n in counts if n > MAX_WORDS]


def title_comes_first(page: Page) -> list[str]:
    """The first cell has the H1, the Colab badge, minutes on a CPU and what to know before."""
    cell = page.notebook.cells[0] if page.notebook.cells else None
    if cell is None or cell.cell_type != "markdown":
        return ["cell 0: not a text cell with the title"]
    needed = {
        "no title (`# ...`) at its start": re.match(r"# \S", cell.source),
        f"no Colab badge that leads to {page.badge}": f"({page.badge})" in cell.source,
        "no minutes on a CPU": re.search(r"\d+\s*(?:min\b|minutes?)[^\n]*CPU", cell.source),
        "no line on what to know before (`You need: ...`)": re.search(
            r"\b(?:need|before|prerequisites?)\b", cell.source, re.IGNORECASE
        ),
    }
    return [f"cell 0: {problem}" for problem, found in needed.items() if not found]


def goals_come_second(page: Page) -> list[str]:
    """The second cell lists three to five goals."""
    count = list_items(page.notebook.cells[1:2])
    return [] if 3 <= count <= 5 else [f"cell 1: {count} goals in a list, not 3 to 5"]


def recap_mirrors_goals(page: Page) -> list[str]:
    """The recap answers as many points as there are goals."""
    recap = page.section("Recap")
    goals = list_items(page.notebook.cells[1:2])
    points = list_items([page.notebook.cells[i] for i in recap])
    if not recap or goals == points:
        return []
    return [f"cell {recap[0]}: the recap lists {points} points for {goals} goals"]


def bootstrap_is_first_and_the_same(page: Page) -> list[str]:
    """The first code cell is the bootstrap cell: the same bytes everywhere, tagged, not shown."""
    if not page.code:
        return ["no code cell, so no bootstrap cell"]
    index, cell = page.code[0]
    needed = {
        "not the bootstrap cell; run `make fork`": cell.source == page.bootstrap,
        "the bootstrap cell has no tag bootstrap": "bootstrap" in tags(cell),
        "the bootstrap cell is not skipped in slides": (
            cell.metadata.get("slideshow", {}).get("slide_type") == "skip"
        ),
        "the bootstrap cell prints something": not cell.get("outputs"),
    }
    return [f"cell {index}: {problem}" for problem, good in needed.items() if not good]


def imports_and_seed_come_next(page: Page) -> list[str]:
    """The second code cell has the imports and the seed."""
    if len(page.code) < 2:
        return ["no code cell after the bootstrap cell"]
    index, cell = page.code[1]
    needed = {
        "no imports": re.search(r"^(?:import|from) ", cell.source, re.MULTILINE),
        "no seed": "seed" in cell.source,
    }
    return [f"cell {index}: {problem}" for problem, found in needed.items() if not found]


def section_numbers_match(page: Page) -> list[str]:
    """Numbered sections count on from N.1, where N is the number of the file; three at least."""
    numbered = [
        (i, level, [int(part) for part in match[0].split(".")])
        for i, level, text in page.headings()
        if (match := re.match(r"\d+(?:\.\d+)+", text))
    ]
    found = [
        f"cell {i}: section {'.'.join(map(str, parts))} in lesson {page.number}"
        for i, _, parts in numbered
        if parts[0] != page.number
    ]
    order = [parts[1] for _, level, parts in numbered if level == 2]
    if order != list(range(1, len(order) + 1)) or len(order) < 3:
        found.append(f"sections are numbered {order}, not 1, 2, 3, ...")
    return found


def exercises(page: Page) -> list[str]:
    """Return the names of the checks that the notebook calls, in order, without repeats."""
    names = [name for _, cell in page.code for name in CHECK_CALL.findall(cell.source)]
    return list(dict.fromkeys(names))


def is_index(page: Page) -> bool:
    """Say whether this is notebook 00, the page to start from: it leads to the lessons."""
    return page.number == 0


def exercises_check_themselves(page: Page) -> list[str]:
    """The Exercises section has enough stubs, each followed by a cell that checks it."""
    least = 1 if is_index(page) else MIN_EXERCISES
    found, stubs, section = [], 0, set(page.section("Exercises"))
    if not section:
        return ["no section `## Exercises`"]
    for (i, cell), following in zip(page.code, [*page.code[1:], None], strict=True):
        if "raise NotImplementedError" not in cell.source:
            continue
        stubs += i in section
        if following is None or not CHECK_CALL.search(following[1].source):
            found.append(f"cell {i}: the next code cell does not call checks.check_...")
    return found if stubs >= least else [*found, f"{stubs} exercises, at least {least}"]


def ends_with_recap_glossary_next(page: Page) -> list[str]:
    """The last three sections are Recap, Glossary and Next."""
    last = [text for _, level, text in page.headings() if level == 2][-3:]
    wanted = ["Recap", "Glossary", "Next"]
    if len(last) == 3 and all(map(is_title, last, wanted)):
        return []
    return [f"the last sections are {last}, not {wanted}"]


def solutions_match(lesson: Page, solutions: Page) -> list[str]:
    """The solutions notebook solves the lesson's exercises, the same ones in the same order."""
    found = [
        f"cell {i}: NotImplementedError in the solutions"
        for i, cell in solutions.code
        if "NotImplementedError" in cell.source
    ]
    if exercises(lesson) != exercises(solutions):
        found.append(f"the lesson checks {exercises(lesson)}, not {exercises(solutions)}")
    return found


def code_is_plain_python(page: Page) -> list[str]:
    """Cells hold Python only: no magics, no shell, no `;` at the end of a line."""
    found = []
    for i, cell in page.code:
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            found.append(f"cell {i}: not plain Python ({error.msg}); no `!` and no `%`")
        if re.search(r";[ \t]*(?:#.*)?$", cell.source, re.MULTILINE):
            found.append(f"cell {i}: a line ends in `;`, which strict nbval does not know")
    return found


def nothing_switches_nbval_off(page: Page) -> list[str]:
    """No tag or comment keeps a cell from being run, or lets it fail."""
    found = [
        f"cell {i}: tag {sorted(tags(cell) & FORBIDDEN_TAGS)}; assert what is raised instead"
        for i, cell in page.code
        if tags(cell) & FORBIDDEN_TAGS
    ]
    return found + [
        f"cell {i}: a comment steers nbval; use the tag {IGNORE_TAG}"
        for i, cell in page.code
        if FORBIDDEN_COMMENT.search(cell.source)
    ]


def free_output_is_checked(page: Page) -> list[str]:
    """At most four code cells in a row may vary; one of the two after them asserts what holds."""
    found, free = [], [IGNORE_TAG in tags(cell) for _, cell in page.code]
    for first, (i, _) in enumerate(page.code):
        if not free[first] or (first and free[first - 1]):
            continue
        end = next((k for k in range(first, len(free)) if not free[k]), len(free))
        compared = [c for k, (_, c) in enumerate(page.code) if end <= k < end + 2 and not free[k]]
        if not any(holds_an_assertion(cell.source) for cell in compared):
            found.append(f"cell {i}: {IGNORE_TAG}, and no cell after it asserts what must hold")
        if end - first > MAX_FREE_RUN:
            found.append(f"cell {i}: {end - first} cells in a row with {IGNORE_TAG}")
    return found


COMMON_RULES = (
    code_cells_are_short,
    text_cells_are_short,
    every_cell_has_a_slide_type,
    bootstrap_is_first_and_the_same,
    code_is_plain_python,
    nothing_switches_nbval_off,
    free_output_is_checked,
)
LESSON_RULES = (
    median_code_cell_is_short,
    title_comes_first,
    goals_come_second,
    recap_mirrors_goals,
    imports_and_seed_come_next,
    section_numbers_match,
    sections_have_speaker_notes,
    exercises_check_themselves,
    ends_with_recap_glossary_next,
)
