"""A small deck in a real browser: by keyboard alone, in light and dark, on paper, unplugged."""

from __future__ import annotations

import re

import deck_samples as samples
import pytest
from slide_measures import CellFit, measure_deck, open_deck

SIZES_OF_TYPE = """() => Object.fromEntries(["h1", "h2", "h3", "p", "td", "pre", ".deck-print"]
  .map((name) => [name, document.querySelector(`.slides ${name}`)])
  .filter(([, element]) => element)
  .map(([name, element]) => [name, parseFloat(getComputedStyle(element).fontSize)]))"""


@pytest.fixture
def deck(page, trouble):
    """Open the small deck without a network; afterwards nothing may have gone wrong."""
    page.context.set_offline(True)
    open_deck(page, samples.sample_deck())
    yield page
    assert trouble == []


def place(page):
    """Return the number of the slide, from 1, and how many fragments are shown."""
    shown = "Reveal.getCurrentSlide().querySelectorAll('.fragment.visible').length"
    return page.evaluate(f"[Reveal.getIndices().h + 1, {shown}]")


def background(page):
    return page.evaluate("getComputedStyle(document.querySelector('.reveal-viewport')).background")


def test_space_goes_through_everything(deck):
    places = [place(deck)]
    for _ in range(7):
        deck.keyboard.press("Space")
        places.append(place(deck))
    assert places == [[1, 0], [2, 0], [2, 1], [3, 0], [4, 0], [5, 0], [5, 1], [5, 1]]


@pytest.mark.parametrize("key", ["ArrowRight", "ArrowDown", "PageDown", "n", "l"])
def test_other_keys_go_on_too(deck, key):
    deck.keyboard.press(key)
    deck.keyboard.press(key)
    assert place(deck) == [2, 1]


@pytest.mark.parametrize("key", ["ArrowLeft", "ArrowUp", "PageUp", "p", "Shift+Space"])
def test_keys_that_go_back(deck, key):
    deck.keyboard.press("End")
    assert place(deck)[0] == 5
    for _ in range(3):
        deck.keyboard.press(key)
    assert place(deck) == [2, 1]
    deck.keyboard.press("Home")
    assert place(deck) == [1, 0]


def test_t_changes_the_theme_and_figures_stay_white(deck):
    light = background(deck)
    deck.keyboard.press("t")
    assert deck.evaluate("document.documentElement.dataset.theme") == "dark"
    assert background(deck) != light
    figure = "getComputedStyle(document.querySelector('.deck-figure')).backgroundColor"
    assert deck.evaluate(figure) == "rgb(255, 255, 255)"
    deck.keyboard.press("t")
    assert background(deck) == light


@pytest.mark.parametrize(
    ("system", "query", "theme"),
    [
        ("light", "", "light"),
        ("dark", "", "dark"),
        ("light", "?theme=dark", "dark"),
        ("dark", "?theme=light", "light"),
        ("dark", "?print-pdf", "light"),
    ],
)
def test_the_theme_follows_the_system_and_the_address(page, system, query, theme):
    page.emulate_media(color_scheme=system)
    open_deck(page, samples.sample_deck(), query)
    assert page.evaluate("document.documentElement.dataset.theme") == theme


def test_s_opens_the_speaker_view_which_follows(deck):
    with deck.expect_popup() as opening:
        deck.keyboard.press("s")
    speaker = opening.value
    speaker.wait_for_function("document.querySelectorAll('iframe').length === 2")
    speaker.wait_for_function("/Say hello first/.test(document.body.innerText)")
    deck.keyboard.press("Space")
    frame = speaker.frames[1]
    frame.wait_for_function("window.Reveal && Reveal.isReady() && Reveal.getIndices().h === 1")
    speaker.close()


def test_a_link_is_opened_by_tab_and_enter(deck):
    link = "document.activeElement.closest('.slides a')?.textContent"
    for _ in range(20):
        deck.keyboard.press("Tab")
        if deck.evaluate(link) == "two":
            break
    assert deck.evaluate(link) == "two"
    deck.keyboard.press("Space")
    assert place(deck) == [1, 0], "the space bar belongs to the link that has the focus"


def test_number_progress_and_keys_are_shown(deck):
    assert re.sub(r"\s", "", deck.locator(".slide-number").inner_text()) == "1/5"
    assert deck.locator(".deck-keys").is_visible()
    deck.keyboard.press("End")
    assert deck.evaluate("Reveal.getProgress()") == 1
    assert deck.locator(".deck-keys").is_hidden()
    deck.wait_for_function("location.hash === '#/5'")


def test_a_slide_without_a_heading_names_its_section(deck):
    sections = []
    for slide in range(5):
        deck.evaluate("slide => Reveal.slide(slide)", slide)
        sections.append(deck.locator(".deck-section").inner_text())
    assert sections == ["", "", "Numbers", "Numbers", "Numbers"]


def test_type_is_as_large_as_promised(deck):
    least = {"h1": 44, "h2": 36, "h3": 30, "p": 24, "td": 20, "pre": 18, ".deck-print": 18}
    sizes = deck.evaluate(SIZES_OF_TYPE)
    assert sizes.keys() == least.keys()
    assert all(sizes[name] >= least[name] for name in least), sizes


def test_formulas_are_drawn_and_code_is_not_one(deck):
    assert deck.locator("mjx-container").count() == 2
    assert deck.locator("mjx-container[display=true] mjx-assistive-mml").count() == 1
    assert deck.locator("code mjx-container, pre mjx-container, mjx-merror").count() == 0
    assert "$5" in deck.locator(".slides section").nth(1).text_content()


def test_each_slide_is_one_page_of_paper(page):
    open_deck(page, samples.sample_deck(), "?print-pdf")
    page.wait_for_selector(".pdf-page")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 5
    hidden = ".pdf-page > section:is([hidden], [aria-hidden]), .fragment:not(.visible)"
    assert page.locator(hidden).count() == 0


def test_a_slide_that_is_too_full_is_measured(page, tmp_path):
    long = samples.code("x = 1\n" * 25 + f"y = '{'m' * 120}'", samples.printed("1\n" * 10))
    figure = samples.code("f()", samples.drawn(height=500, smallest=9), hidden=True)
    unknown = samples.code("g()", samples.drawn(), hidden=True)
    made = samples.notebook(samples.text("# One"), long, figure, unknown)
    fits = measure_deck(page, samples.built_deck(samples.saved(tmp_path, made, "09_long.ipynb")))
    heading, code, drawn, drawn_unknown = fits
    assert heading.problems() == []
    assert code.heading == "(One)"
    assert code.overflow_x > 100
    assert code.overflow_y > 200
    assert drawn.overflow_y == 0
    assert drawn.smallest_text == pytest.approx(9 * 1.25, abs=0.1)
    assert drawn.cells == {2: CellFit(625.0, 500.0, 500.0)}
    assert "slide 3 '(One)', cells [2]: text of 11.2 px in a figure" in drawn.problems()[0]
    assert "run `make notebooks`" in drawn_unknown.problems()[0]


def test_figures_shrink_together_until_the_slide_fits(page, tmp_path):
    figures = [samples.drawn(height=500, smallest=20) for _ in range(2)]
    made = samples.notebook(samples.code("f()", *figures, hidden=True))
    (fit,) = measure_deck(page, samples.built_deck(samples.saved(tmp_path, made, "09_two.ipynb")))
    assert fit.problems() == []
    assert 12 < fit.smallest_text < 20
    assert fit.cells[0].least < fit.cells[0].shown <= 648 < fit.cells[0].natural
