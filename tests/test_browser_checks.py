"""What the tests with a browser look for, they find: on notebooks made with one fault per cell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import browser as browser_finder
import lab_notebook
import lab_server
import nbformat
import psutil
import pytest
import widget_moves
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

TEXTS = {"deaf": "word", "known": "word"}
START = """
import ipywidgets
from IPython.display import Javascript, display
from course_utils import diagrams, widgets
def panel(control, answer, *more):
    line = ipywidgets.HTML(answer(control.value))
    control.observe(lambda c: setattr(line, "value", answer(c.new)), "value")
    return ipywidgets.VBox([control, line, *more])
"""
# Per cell: what is wrong in it, and its source.
FAULTS = {
    "": START,
    "slider 'dead': was moved, and nothing else changed": (
        "panel(widgets.slider('dead', 0, 3, value=2), lambda x: 'always the same')"
    ),
    "error: ZeroDivisionError: division by zero": (
        "panel(widgets.slider('raises', 0, 3), lambda x: str(1 / (x == 0)))"
    ),
    "text 'deaf': 'word' was typed, and the words are the same": (
        "panel(widgets.text_box('deaf', 'none'), lambda x: f'{x.replace(\"word\", \"none\")}.')"
    ),
    "text 'unknown': no text is known for it": "panel(widgets.text_box('unknown', 'a'), str)",
    "number 'other': the tests do not know": "ipywidgets.IntText(description='other')",
    "slider 'broken': a figure is not drawn": (
        "panel(widgets.slider('broken', 0, 3), str, ipywidgets.Image(value=b'no PNG'))"
    ),
    "cell 7: on stderr: careful": "import sys; print('careful', file=sys.stderr)",
    "console: a script complains": "display(Javascript(\"console.error('a script complains')\"))",
    "script error: a script stops": (
        "display(Javascript(\"setTimeout(() => { throw new Error('a script stops') })\"))"
    ),
    "outside of this machine: https://example.org/x": (
        "display(Javascript(\"fetch('https://example.org/x').catch(() => 0)\"))"
    ),
    "slider 'refuses': the widget shows an error: ✗ list index out of range": (
        "widgets.explore(lambda n: ['fine'][n], title='t', n=widgets.slider('refuses', 0, 3))"
    ),
    "slider 'at rest': the widget shows an error: ✗ 0": (
        "widgets.explore(lambda n: {}[n], title='t', n=widgets.slider('at rest', 0, 3))"
    ),
    # The last one: a cell after it would not run.
    "cell 13: error: KeyError: 'no such key'": "{}['no such key']",
}
GOOD = [
    START,
    "panel(widgets.slider('at its end', 0, 3, value=3), str)",
    "panel(widgets.choice('list', ['a', 'b']), str)",
    "panel(widgets.switch('box', True), str)",
    "panel(widgets.text_box('known', 'at rest'), lambda x: f'you typed {x}')",
    "kinds = widgets.choice('kind', diagrams.TASK_KINDS)\n"
    "widgets.explore(diagrams.task_shape, title='t', kind=kinds)",
    "box = widgets.writing_box(lambda text, seed, temperature, top_k, top_p:"
    " (f'{seed} {temperature} {top_k} {top_p} '.encode().hex() for _ in range(2000)), title='t',"
    " prompt='p', length=2000, letters_per_second=100)\nbox",
    "# nothing",
]


def opened(lab, page, name: str, sources: list[str], first: str = "0") -> lab_notebook.LabNotebook:
    """Write a notebook with these cells, open it, run a script in its page, and run the cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new_code_cell(source.strip()) for source in sources]
    path = lab.root / "notebooks" / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    notebook = lab_notebook.open_notebook(page, lab, f"notebooks/{name}.ipynb")
    page.evaluate(first)
    notebook.run_all()
    return notebook


def test_every_fault_is_found(lab, lab_page, trouble):
    notebook = opened(lab, lab_page, "faults", [*FAULTS.values()])
    _, problems = widget_moves.move_all(notebook, texts=TEXTS)
    found = [*problems, *notebook.problems(), *trouble]
    missed = [fault for fault in FAULTS if not any(fault in text for text in found)]
    assert missed == [], found


def test_a_notebook_without_fault_passes(lab, lab_page, trouble):
    notebook = opened(lab, lab_page, "good", GOOD)
    moved, problems = widget_moves.move_all(notebook, texts=TEXTS)
    assert problems + notebook.problems() + trouble == []
    assert len(moved) == 5 + 8
    assert sum("cell 6" in name for name in moved) == 8


# What a page asks each new kernel; here it comes as late as it does on a busy machine.
ASKS_FOR_WIDGETS = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const comm = kernel.createComm("jupyter.widget.control");
    comm.open({}, {version: "1.0.0"});
    comm.send({method: "request_states"});
}"""


def test_what_a_page_asks_a_new_kernel_is_no_fault_of_the_notebook(lab, lab_page, trouble):
    notebook = opened(lab, lab_page, "asked", ["1 + 1"], first=ASKS_FOR_WIDGETS)
    assert notebook.problems() + trouble == []


def test_jupyterlab_leaves_no_process_behind(tmp_path):
    with lab_server.running_lab(tmp_path) as lab:
        lab.ask("api/kernels", "POST")
        assert processes_in(tmp_path) != []
    assert processes_in(tmp_path) == []


def processes_in(folder: Path) -> list[psutil.Process]:
    """Return the processes that were started with a path in a folder."""
    every = psutil.process_iter(["cmdline"])
    return [p for p in every if any(str(folder) in word for word in p.info["cmdline"] or [])]


def test_the_browser_is_found_or_the_reason_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("COURSE_BROWSER", raising=False)
    assert browser_finder.find_browser(str(tmp_path / "own")) is None
    assert browser_finder.find_browser(sys.executable) == sys.executable
    monkeypatch.setenv("COURSE_BROWSER", sys.executable)
    assert browser_finder.find_browser() == sys.executable
    monkeypatch.setenv("COURSE_BROWSER", str(tmp_path / "none"))
    with pytest.raises(ValueError, match="is no program"):
        browser_finder.find_browser()


def test_a_missing_browser_skips_unless_it_is_promised(monkeypatch):
    monkeypatch.delenv("COURSE_NEEDS_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="sudo apt install chromium"):
        browser_finder.give_up(browser_finder.MISSING)
    monkeypatch.setenv("COURSE_NEEDS_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="sudo apt install chromium"):
        browser_finder.give_up(browser_finder.MISSING)


def test_a_failure_leaves_a_picture_of_the_page(browser, tmp_path):
    imported = "from browser import browser, page, pytest_runtest_makereport, trouble\n"
    (tmp_path / "conftest.py").write_text(imported, encoding="utf-8")
    test = "def test_it(page):\n    page.set_content('<p>Seen here</p>')\n    assert not page.url\n"
    (tmp_path / "test_small.py").write_text(test, encoding="utf-8")
    kept = tmp_path / "kept"
    variables = {"PYTHONPATH": str(ROOT / "tests"), "COURSE_SCREENSHOTS": str(kept)}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 1, run.stdout
    assert f"what the page showed: {kept / 'test_small-test_it'}.png" in run.stdout
    assert (kept / "test_small-test_it.png").stat().st_size > 1000
    assert "Seen here" in (kept / "test_small-test_it.txt").read_text(encoding="utf-8")
