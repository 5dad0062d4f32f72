"""Texts of files and readers are shown as texts: never as a page, a formula or a format."""

from __future__ import annotations

import json

import numpy as np
import pytest
from security_samples import MARK, TEXTS, Page, formulas

from course_utils import plots, widgets
from course_utils.machine.report import BAD, MachineReport, Row
from course_utils.text import BytePairTokenizer, Vocabulary
from presenting import timings, timings_page

HOSTILE = [pytest.param(text, id=name) for name, text in TEXTS.items()]
SHORT = ["$x$", "<b>", "{0}", "%s", "{{}}", "&lt;", "\\x"]
CAUSAL = np.tril(np.ones((3, 3))) / np.arange(1, 4)[:, None]

pytestmark = pytest.mark.offline


def seen(page: str, *, allowed: tuple[str, ...]) -> Page:
    """Read a piece of a page: it has the allowed tags alone, and no handler of an event."""
    read = Page(page)
    assert set(read.tags) <= set(allowed), read.tags
    assert not [name for name in read.attributes if name.startswith("on")]
    return read


@pytest.mark.parametrize("text", HOSTILE)
def test_a_panel_shows_what_a_reader_types_as_text(text):
    panel = widgets.explore(lambda t: t, title="echo", t=widgets.text_box("t", ""))
    panel.controls["t"].value = text
    assert seen(panel.message.value, allowed=("pre",)).text == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_panel_shows_an_error_with_a_typed_text_as_text(text):
    def refuse(t: str) -> str:
        if t:
            raise ValueError(f"no {t}")
        return t

    panel = widgets.explore(refuse, title="refuse", t=widgets.text_box("t", ""))
    panel.controls["t"].value = text
    assert MARK not in text or MARK in seen(panel.message.value, allowed=("pre",)).text


@pytest.mark.parametrize("text", HOSTILE)
def test_the_writing_box_shows_prompt_text_and_error_as_text(text):
    def write(prompt: str, **_: object):
        yield text
        raise RuntimeError(text)

    box = widgets.writing_box(write, title="box", prompt=text, letters_per_second=None)
    box.write()
    box.wait(60)
    shown = seen(box.paper.value, allowed=("pre", "b"))
    assert shown.text.count(MARK) == 2 * text.count(MARK)
    assert seen(box.message.value, allowed=("pre",)).text.count(MARK) == text.count(MARK)


@pytest.mark.parametrize("text", HOSTILE)
def test_tables_of_the_machine_and_of_times_show_text(text):
    table = MachineReport((Row(BAD, text, text, text),))._repr_html_()
    allowed = ("table", "caption", "thead", "tbody", "tr", "th", "td", "span")
    assert seen(table, allowed=allowed).text.count(MARK) == 3 * text.count(MARK)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_page_of_timings_shows_text(text):
    cell = timings.CellTime(0, 1, text, text, "slide", False, 1.0, 1.0)
    page = timings_page.as_html({text: [cell]}, {text: text}, timings.Limits())
    parts = ("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section")
    allowed = (*parts, "table", "caption", "thead", "tbody", "tr", "th", "td", "div", "code")
    assert text in seen(page, allowed=allowed).text


DRAWN = {
    "tokens": lambda s: plots.token_strip([s, "a"], [1, 2], title="tokens"),
    "attention": lambda s: plots.attention_map(CAUSAL, [s, "a", "b"]),
    "chances": lambda s: plots.choice_panels({"all": [0.5, 0.3, 0.2]}, [s, "a", "b"]),
    "bars": lambda s: plots.belief_bars([0.5, 0.3, 0.2], [s, "a", "b"]),
    "surprise": lambda s: plots.surprise_map(s, np.zeros(len(s))),
    "unit": lambda s: plots.unit_map(s, np.zeros(len(s))),
    "words": lambda s: plots.noise_bars([s, "a", "b"], *3 * [[0.5, 0.3, 0.2]]),
    "map": lambda s: plots.point_map(np.eye(3)[:, :2], [s, "a", "b"], highlight=[s]),
    "merges": lambda s: (
        widgets.merge_explorer(BytePairTokenizer([]), text=s) and plots.new_figure()[0]
    ),
    "windows": lambda s: widgets.draw_windows([s, "a", "b"], place=0, window=1, kind="CBOW")[0],
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
@pytest.mark.parametrize("sign", SHORT)
def test_a_figure_draws_a_readers_signs_and_no_formula(draw, sign):
    drawn = draw(sign)
    assert list(formulas(drawn)) == []
    assert plots.to_png(getattr(drawn, "figure", None) or drawn).startswith(b"\x89PNG")


def test_a_formula_is_noticed():
    figure, ax = plots.new_figure()
    ax.set_title("$x$")
    assert list(formulas(figure)) == ["$x$"]


def test_a_text_comes_back_from_numbers_and_files_as_it_was(tmp_path):
    whole = "\n".join(TEXTS.values())
    vocabulary = Vocabulary.from_text(whole)
    assert "".join(vocabulary.decode(vocabulary.encode(whole))) == whole
    tokenizer = BytePairTokenizer([])
    assert tokenizer.decode(tokenizer.encode(whole)) == whole
    (tmp_path / "text.json").write_text(json.dumps(vocabulary.tokens), encoding="utf-8")
    assert json.loads((tmp_path / "text.json").read_text(encoding="utf-8")) == [*vocabulary.tokens]
