"""A lesson presented from its notebook, in a real JupyterLab: by keyboard alone, cells run live."""

from __future__ import annotations

import lab_notebook
import live_slides
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from presenting.lab import PRESENT

NAME = "slides_of_a_test"
WIDGET = """from course_utils import plots, widgets
def draw(n):
    figure, ax = plots.new_figure(height=3)
    ax.plot(range(n))
    return figure
widgets.explore(draw, title="a line", n=widgets.slider("n", 2, 9))"""
CELLS = (
    ("skip", "ran = ['setup']"),
    ("skip", "ran.append('imports')"),
    ("slide", "# The title"),
    ("slide", "## A section"),
    ("fragment", "ran.append('fragment')"),
    ("skip", "ran.append('hidden')"),
    ("slide", "print(' '.join(ran))"),
    ("notes", "What to say."),
    ("slide", WIDGET),
    ("slide", "raise ValueError('broken')"),
    ("slide", "## The end"),
)
TITLE, SECTION, FRAGMENT, PRINTED, NOTES, MOVED, BROKEN, END = 2, 3, 4, 6, 7, 8, 9, 10


def a_notebook():
    cells = []
    for kind, source in CELLS:
        new = new_markdown_cell if source.startswith("#") or kind == "notes" else new_code_cell
        cells.append(new(source, metadata={"slideshow": {"slide_type": kind}}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def slides(lab, lab_page):
    """Open a small notebook as `make present` does, and wait until its first slide is there."""
    path = lab.root / "notebooks" / f"{NAME}.ipynb"
    nbformat.write(a_notebook(), path)
    lab_page.set_viewport_size({"width": 1280, "height": 720})
    lab_page.add_init_script(path=lab_notebook.SCRIPT)
    lab_page.goto(f"{lab.address.rstrip('/')}{PRESENT}notebooks/{NAME}.ipynb?token={lab.token}")
    lab_page.wait_for_selector(live_slides.PRESENTING)
    quiet(lab_page)
    return lab_page


def quiet(page) -> None:
    """Wait until the line for messages has nothing to say any more."""
    page.wait_for_function("window.course.status() === 'idle'")
    page.wait_for_function(
        "!document.querySelector('.rnn-slide-message').textContent.startsWith('Running')"
    )


def printed(page, index: int) -> str:
    """Return what the outputs of a cell say."""
    return page.evaluate(
        "i => window.jupyterapp.shell.currentWidget.content.widgets[i].model.outputs.toJSON()"
        ".map(o => o.text || o.ename || '').join('')",
        index,
    )


def press(page, *keys: str) -> int:
    """Press keys, and return the cell that the slides have come to."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(100)
    return live_slides.active_cell(page)


def test_present_starts_at_the_first_slide_and_runs_the_setup(slides):
    assert live_slides.active_cell(slides) == TITLE
    assert slides.locator(".rnn-slide-number").text_content() == "1 / 6"
    counts = slides.evaluate(
        "window.jupyterapp.shell.currentWidget.content.widgets.slice(0, 5)"
        ".map(cell => cell.model.executionCount || null)"
    )
    assert counts == [1, 2, None, None, None]
    for part in (".jp-InputPrompt", ".jp-NotebookPanel-toolbar", ".jp-SideBar", "#jp-top-panel"):
        assert not any(place.is_visible() for place in slides.locator(part).all()), part
    # Notes are for the speaker.
    assert NOTES not in [press(slides, "PageDown") for _ in range(6)]


def test_keys_go_through_all_slides_and_fragments(slides):
    way = [SECTION, FRAGMENT, PRINTED, MOVED, BROKEN, END]
    assert [press(slides, "PageDown") for _ in way] == way
    assert press(slides, "PageDown") == END
    # A slide that was shown once appears with all its fragments.
    again = [PRINTED, MOVED, BROKEN, END]
    for on, back in (("PageDown", "PageUp"), ("ArrowRight", "ArrowLeft"), ("Space", "Shift+Space")):
        assert [press(slides, back) for _ in range(4)] == [BROKEN, MOVED, PRINTED, FRAGMENT], back
        assert [press(slides, on) for _ in again] == again, on
    assert press(slides, "Home") == TITLE
    assert press(slides, "End") == END


def test_shift_enter_runs_the_cell_in_place_after_all_cells_before_it(slides):
    said = "setup imports fragment hidden"
    assert press(slides, "PageDown", "PageDown", "PageDown") == PRINTED
    for _ in range(2):  # a second time, only the cell itself runs
        press(slides, "Shift+Enter")
        quiet(slides)
        assert live_slides.active_cell(slides) == PRINTED
        assert printed(slides, PRINTED).strip() == said
    slides.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    quiet(slides)
    press(slides, "Shift+Enter")  # a new kernel has run nothing
    quiet(slides)
    assert printed(slides, PRINTED).strip() == said
    assert press(slides, "PageDown", "PageDown", "Shift+Enter") == BROKEN
    slides.wait_for_function(
        "document.querySelector('.rnn-slide-message').textContent.includes('failed')"
    )
    assert printed(slides, BROKEN) == "ValueError"
    assert press(slides, "PageDown") == END


def test_a_slider_is_moved_by_keyboard_and_the_slides_stay(slides):
    assert press(slides, "End", "PageUp", "PageUp", "Shift+Enter") == MOVED
    quiet(slides)
    slides.locator("[role=slider]").wait_for()
    before = slides.locator(".jupyter-widgets img").get_attribute("src")
    press(slides, "Tab")
    assert slides.evaluate("document.activeElement.getAttribute('role')") == "slider"
    assert press(slides, "ArrowRight") == MOVED
    slides.wait_for_function(
        "src => document.querySelector('.jupyter-widgets img').src !== src", arg=before
    )
    assert press(slides, "Escape") == MOVED  # back from the slider to the slides
    assert slides.evaluate("document.body.dataset.jpDeckMode") == "presenting"
    assert press(slides, "ArrowRight") == BROKEN


def test_escape_leaves_and_one_click_starts_again_at_the_first_slide(slides, lab):
    left = "() => !document.body.dataset.jpDeckMode"
    press(slides, "End", "Escape")
    slides.wait_for_function(left)
    assert slides.locator(".jp-NotebookPanel-toolbar").first.is_visible()
    assert slides.locator('[data-jp-item-name="deck"]').count() == 0  # it would begin anywhere
    slides.locator('[data-jp-item-name="present"]').click()
    slides.wait_for_selector(live_slides.PRESENTING)
    assert live_slides.active_cell(slides) == TITLE
    # A page that was closed during the slides opens as a notebook again.
    slides.goto(lab.url(f"notebooks/{NAME}.ipynb"))
    slides.wait_for_selector(".jp-Notebook .jp-Cell")
    slides.wait_for_timeout(4000)
    slides.wait_for_function(left)
    assert slides.locator(".jp-NotebookPanel-toolbar").first.is_visible()


def test_a_slide_that_does_not_fit_is_found(slides):
    def replace(index: int, source: str) -> None:
        script = """([i, text]) => window.jupyterapp.shell.currentWidget.content.widgets[i]
            .model.sharedModel.setSource(text)"""
        slides.evaluate(script, [index, source])
        shown = """([i, text]) => [...window.jupyterapp.shell.currentWidget.content.widgets[i].node
            .querySelectorAll('.jp-RenderedMarkdown, .cm-content')]
            .some((place) => place.checkVisibility() && place.textContent.includes(text))"""
        slides.wait_for_function(shown, arg=[index, source[-5:].strip()])

    assert live_slides.misfits(slides, "x") == []
    replace(TITLE, "# The title\n\n" + "word\n\n" * 40)
    replace(PRINTED, "x = 1  # " + "long " * 40)
    found = live_slides.misfits(slides, "x")
    assert any("x, slide 1 of 6, cell 2, 1280 x 720" in line and "high" in line for line in found)
    assert any("cell 6, 1920 x 1080" in line and "too wide" in line for line in found)
