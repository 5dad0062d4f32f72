"""`python -m presenting.timings`: every cell is timed on a copy, and limits are kept."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from presenting import timings, timings_page
from presenting.timings import CellTime, Limits, Stopwatch

CELLS = ["print(1)", "# The title\n\n## 1.1 A <section>", "x = 2", "", "print('a < b', x)"]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with one text cell, three code cells and an empty one."""
    cells = [
        (new_markdown_cell if source.startswith("#") else new_code_cell)(source) for source in CELLS
    ]
    cells[2].metadata["slideshow"] = {"slide_type": "skip"}
    cells[4].metadata["slideshow"] = {"slide_type": "fragment"}
    path = tmp_path / "01_small.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def fake_watch(step: float) -> Stopwatch:
    """Return a watch on which every cell takes `step` seconds, and half of them are CPU."""
    clock, processor = count(0, step), count(0, step / 2)
    return Stopwatch(lambda: next(clock), lambda pid: next(processor))


def cell_times(*seconds: float) -> list[CellTime]:
    """Return cells of these seconds; the second one holds the imports."""
    return [
        CellTime(10 + i, i + 1, "9.5 A & B", "a < b", "slide", i == 1, wall, wall / 2)
        for i, wall in enumerate(seconds)
    ]


def test_the_cells_of_a_copy_are_timed(notebook):
    before = notebook.read_bytes()
    cells = timings.measure(notebook, watch=fake_watch(3.0))
    assert [(cell.index, cell.count) for cell in cells] == [(0, 1), (2, 2), (4, 3)]
    assert [cell.is_setup for cell in cells] == [False, True, False]
    assert [cell.slide_type for cell in cells] == ["-", "skip", "fragment"]
    assert [cell.heading for cell in cells] == ["", "1.1 A <section>", "1.1 A <section>"]
    assert cells[2].first_line == "print('a < b', x)"
    assert {(cell.wall, cell.cpu) for cell in cells} == {(3.0, 1.5)}
    assert notebook.read_bytes() == before
    assert [path.name for path in notebook.parent.iterdir()] == [notebook.name]


def test_the_real_watch_reads_the_processor_of_the_kernel(notebook):
    watch = Stopwatch()
    timings.measure(notebook, watch=watch)
    assert watch.pid > 0
    assert all(wall > 0 and cpu >= 0 for wall, cpu in watch.taken.values())


def test_a_cell_that_fails_is_named(tmp_path):
    path = tmp_path / "bad.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), path)
    with pytest.raises(RuntimeError, match="cell 0.*\n[^√]*ZeroDivisionError"):
        timings.measure(path)


def test_the_imports_have_their_own_limit():
    cells = cell_times(4.9, 7.9, 5.1)
    assert [cell.index for cell in Limits().broken(cells)] == [12]
    assert Limits(by="cpu").broken(cells) == []
    assert [cell.index for cell in Limits(setup=7).broken(cells)] == [11, 12]
    assert timings.verdict(cells, Limits()) == "✗ cell 12: 5.1 s"
    assert timings.verdict(cells, Limits(cell=6)).startswith("✓ no cell over 6 s")


def test_the_table_starts_with_the_slowest_cell():
    table = timings_page.as_text("09_x.ipynb", cell_times(1, 2, 3), Limits(), 2).splitlines()
    assert [line.split()[0] for line in table] == ["09_x.ipynb", "cell", "12", "11", "all"]
    assert "6.0 s (CPU 3.0 s)" in table[-1]
    assert "imports, cell 11: 2.0 s" in table[-1]


@pytest.mark.parametrize(("seconds", "status"), [(1.0, 0), (6.0, 1)])
def test_the_exit_status_says_whether_the_limits_hold(
    monkeypatch, capsys, tmp_path, seconds, status
):
    monkeypatch.setattr(timings, "measure", lambda path: cell_times(1.0, 1.0, seconds))
    page = tmp_path / "times.html"
    assert timings.main(["09_a.ipynb", "09_b.ipynb", "--html", str(page)]) == status
    printed = capsys.readouterr().out
    assert printed.count("✗ cell 12: 6.0 s" if status else "✓ no cell over 5 s") == 2
    assert page.read_text(encoding="utf-8").count("<table>") == 2


def test_a_notebook_that_is_not_there_is_named(capsys, tmp_path):
    assert timings.main([str(tmp_path / "none.ipynb")]) == 1
    assert "none.ipynb" in capsys.readouterr().err


class _Tags(HTMLParser):
    """Notes all start tags, and refuses a page whose tags do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_can_be_read_by_everyone():
    lessons = {"01_a.ipynb": cell_times(1, 2, 6), "02_b.ipynb": cell_times(1)}
    verdicts = {name: timings.verdict(cells, Limits()) for name, cells in lessons.items()}
    page = timings_page.as_html(lessons, verdicts, Limits())
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    names = [tag for tag, _ in tags.seen]
    assert ("html", {"lang": "en"}) in tags.seen
    assert names.count("title") == names.count("h1") == names.count("main") == 1
    assert names.count("caption") == names.count("table") == 2
    scopes = [attrs.get("scope") for tag, attrs in tags.seen if tag == "th"]
    assert scopes.count("col") == 2 * len(timings_page.COLUMNS)
    assert scopes.count("row") == 4
    assert "a &lt; b" in page
    assert "(too slow)" in page  # not by colour alone


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#1a1a1a", "#ffffff"),
        ("#b00020", "#ffffff"),
        ("#f0f0f0", "#121212"),
        ("#ffb4ab", "#121212"),
    ],
)
def test_the_colours_have_enough_contrast(text, ground):
    assert text in timings_page.STYLE
    assert ground in timings_page.STYLE
    dark, light = sorted([luminance(text), luminance(ground)])
    assert (light + 0.05) / (dark + 0.05) >= 4.5
