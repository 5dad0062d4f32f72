"""Decks of slides: which cells stand where, and what the file holds."""

from __future__ import annotations

import deck_samples as samples
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT

from presenting import decks, decks_assets, npm
from presenting.decks_outline import Slide, deck_notebook, outline
from presenting.decks_render import home_of, tidy, title_of


@pytest.fixture(scope="module")
def deck():
    """Return the deck of the small lesson."""
    return BeautifulSoup(samples.sample_deck().read_text(encoding="utf-8"), "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def test_slides_fragments_notes_and_what_is_skipped():
    assert outline(samples.lesson()) == [
        Slide([[0]], [1]),
        Slide([[3], [4]]),
        Slide([[5]]),
        Slide([[6]]),
        Slide([[7], [8]]),
    ]


def test_a_cell_without_a_type_goes_on_and_empty_ones_are_left_out():
    cells = [samples.text("a"), samples.text("b"), samples.text("c", "-"), samples.text(" ")]
    del cells[1].metadata["slideshow"]
    assert outline(samples.notebook(*cells)) == [Slide([[0, 1, 2]])]
    assert outline(samples.notebook(samples.code("x = 1", hidden=True))) == []


def test_a_first_fragment_and_a_first_note_need_no_slide():
    cells = [samples.text("say", "notes"), samples.text("a", "fragment")]
    assert outline(samples.notebook(*cells)) == [Slide([[1]], [0])]


def test_the_notebook_is_left_as_it_was():
    lesson = samples.lesson()
    before = samples.nbformat.writes(lesson)
    deck_notebook(lesson)
    assert samples.nbformat.writes(lesson) == before


def test_every_cell_says_which_it_is(deck):
    sections = deck.select(".slides > section")
    numbers = [[int(c["data-cell"]) for c in s.select("[data-cell]")] for s in sections]
    assert numbers == [[0], [3, 4], [5], [6], [7, 8]]
    assert [len(section.select(".fragment")) for section in sections] == [0, 1, 0, 0, 1]


def test_notes_are_for_the_speaker_only(deck):
    notes = deck.select("section > aside.notes")
    assert [words(note) for note in notes] == [
        "Say hello first.",
        "Ask: what is a state ? Minutes: 2",
    ]
    assert len(notes[1].select("p")) == 2
    assert "Minutes: 2" not in "".join(words(part) for part in deck.select(".deck-content"))
    assert "secret_setup" not in deck.select_one(".slides").get_text()


def test_hidden_code_shows_its_figure_with_alt_text(deck):
    cell = deck.select_one('[data-cell="5"]')
    image = cell.select_one("img")
    assert not cell.select(".deck-code")
    assert image["alt"] == "A white figure without anything in it."
    facts = ("width", "height", "data-smallest-text")
    assert [image[name] for name in facts] == ["900", "400", "14.5"]


def test_a_widget_is_its_stored_figure_and_a_line(deck):
    cell = deck.select_one('[data-cell="6"]')
    assert words(cell.select_one(".deck-outputs")) == "Move this in the live notebook."
    assert cell.img["alt"] == "A white figure without anything in it."
    assert "interactive" not in deck.select_one(".slides").get_text()


def test_a_figure_is_not_shown_twice_on_a_slide_nor_taken_from_another_section():
    figure, slider = samples.code("f()", samples.drawn()), samples.code("w()", samples.widget())
    together = [figure, samples.code("w()", samples.widget(), kind="fragment")]
    apart = [figure, samples.text("### Next"), slider]
    for cells in (together, apart):
        shown = deck_notebook(samples.notebook(*cells)).cells[-1].outputs
        assert [list(output.data) for output in shown] == [["text/html"]]


def test_what_a_progress_bar_left_is_not_shown():
    bar = samples.new_output("display_data", data={"text/plain": "training: 0%| | 0/400"})
    cell = samples.code("train()", bar, samples.printed("ready"))
    assert len(deck_notebook(samples.notebook(cell)).cells[0].outputs) == 1


def test_every_kind_of_output_is_shown(tmp_path):
    result = samples.new_output("execute_result", data={"text/plain": "42 <b>"}, execution_count=1)
    rich = {"text/html": "<table><tr><td>7 rows</td></tr></table>", "text/plain": "a table"}
    table = samples.new_output("execute_result", data=rich, execution_count=1)
    vector = {"image/svg+xml": "<svg></svg>", "text/plain": "A circle."}
    formula = {"text/latex": "$x^2$", "text/plain": "x**2"}
    displays = [samples.new_output("display_data", data=data) for data in (vector, formula)]
    cell = samples.code("f()", result, table, *displays, samples.printed("\x1b[31mred\x1b[0m"))
    path = samples.saved(tmp_path, samples.notebook(cell), "09_kinds.ipynb")
    outputs = BeautifulSoup(decks.deck_of(path), "html.parser").select_one(".deck-outputs")
    assert words(outputs) == "42 <b> 7 rows $x^2$ red"
    assert outputs.img["alt"] == "A circle."


def test_the_badge_is_a_link_and_links_lead_somewhere(deck):
    links = {words(link): link["href"] for link in deck.select(".slides a")}
    assert links.pop("Open In Colab").startswith("https://colab.research.google.com/github/owner/")
    assert links == {
        "two": "02_b.html",
        "solved": samples.WEB + "solutions/01_a_solutions.ipynb",
        "README": "https://github.com/owner/name/blob/v1.0.0/README.md",
    }


def test_nothing_names_another_file(deck):
    assert deck.html["lang"] == "en"
    assert deck.title.string == "01 · A lesson · slides"
    assert not deck.select("link, script[src], iframe, object, embed, source")
    assert all(image["src"].startswith("data:") for image in deck.select("img"))
    styles = "".join(style.string for style in deck.select("style"))
    assert "@import" not in styles
    assert "url(http" not in styles.replace('"', "")


def test_without_a_badge_relative_links_stay():
    notebook = samples.notebook(samples.text("## Only a section"))
    assert home_of(notebook) is None
    assert 'href="../README.md"' in tidy('<a href="../README.md">x</a>', None)
    assert title_of(notebook, ROOT / "01_a.ipynb") == "01_a"


def test_the_empty_corner_of_a_table_is_no_heading(deck):
    assert [words(cell) for cell in deck.select("th")] == ["meaning"]


def test_no_script_can_end_too_early():
    code = 'let a = "</script><!-- <script>";'
    assert decks_assets.script(code).count("</script") == 1
    with pytest.raises(ValueError, match="</style"):
        decks_assets.style("a {} </STYLE>")


def test_a_mark_must_be_there_once():
    assert decks_assets.fill("a @X@ b", {"@X@": "1"}) == "a 1 b"
    with pytest.raises(ValueError, match="@X@ 2 times"):
        decks_assets.fill("@X@ @X@", {"@X@": "1"})


def test_command_writes_one_file_per_notebook(tmp_path, capsys):
    path = samples.saved(tmp_path)
    assert decks.run(decks.deck_of, "", "slides", [str(path), "--out", str(tmp_path / "o")]) == 0
    assert [file.name for file in (tmp_path / "o").iterdir()] == ["01_a.html"]
    assert "01_a.html" in capsys.readouterr().out


@pytest.mark.parametrize("content", [None, "not a notebook", "{}"])
def test_command_says_what_is_wrong_with_a_notebook(tmp_path, capsys, content):
    path = tmp_path / "01_a.ipynb"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert decks.run(decks.deck_of, "", str(tmp_path / "o"), [str(path)]) == 1
    assert f"{path} cannot be read as a notebook" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_command_says_which_package_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COURSE_NPM_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    arguments = [str(samples.saved(tmp_path)), "--out", str(tmp_path / "o")]
    assert decks.run(decks.deck_of, "", "slides", arguments) == 1
    assert f"reveal.js {npm.pins()['reveal.js'].version} could not be" in capsys.readouterr().err


def test_all_lessons_and_no_solutions_are_the_default():
    names = [path.name for path in decks.lessons()]
    assert len(names) >= 9
    assert not any("solutions" in name for name in names)
