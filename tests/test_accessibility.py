"""Everybody can read the pages: axe-core finds nothing grave, and every ink has contrast."""

from __future__ import annotations

import re

import deck_samples as samples
import pytest
from axe import COLOURS, grave_findings
from bs4 import BeautifulSoup
from slide_measures import open_deck

from presenting import pages
from presenting.decks import lessons
from presenting.decks_assets import TEMPLATE

OPEN_FOLDED = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def open_page(page, path, query=""):
    page.goto(path.as_uri() + query)
    page.wait_for_selector("html.page-ready", state="attached")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_axe_finds_nothing_grave_in_a_lesson(page, trouble, path, theme):
    page.context.set_offline(True)
    open_page(page, samples.built_page(path), f"?theme={theme}")
    page.evaluate(OPEN_FOLDED)
    assert grave_findings(page, rules=None if theme == "light" else COLOURS) == []
    assert page.locator("mjx-merror").count() == 0
    assert trouble == []


FAULTS = {
    "image-alt": '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "color-contrast": '<p style="color: #999; background: #fff">pale</p>',
    "button-name": "<button></button>",
}


@pytest.mark.parametrize("query", ["", "?print-pdf", "?print-pdf&theme=dark"])
@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_on_a_slide_is_found(page, rule, query):
    open_deck(page, samples.sample_deck(), query)
    place = "beforeend", FAULTS[rule]
    page.locator(".slides section").first.evaluate("(e, a) => e.insertAdjacentHTML(...a)", place)
    assert [found.split(" ")[0] for found in grave_findings(page)] == [rule]


def test_a_page_shows_all_cells_folds_hidden_code_and_names_its_figures():
    page = BeautifulSoup(samples.sample_page().read_text(encoding="utf-8"), "html.parser")
    main = page.main.get_text()
    assert page.html["lang"] == "en"
    assert page.title.string == "01 · A lesson"
    assert "secret_setup" in main
    assert "Say hello first." in main
    assert "Move this in the live notebook." in main
    assert "interactive" not in main
    assert [image["alt"] for image in page.select("main img")] == [
        "A white figure without anything in it."
    ]
    assert "hidden_call" in page.select_one("details").get_text()
    assert not page.select("link, script[src], iframe, [tabindex]")


def test_the_button_of_a_page_changes_the_theme(page):
    open_page(page, samples.sample_page())
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(colour) == "rgb(20, 24, 29)"
    assert page.locator("mjx-container").count() == 2


def test_another_nbconvert_is_noticed(monkeypatch):
    monkeypatch.setattr(pages, "read", lambda _: "body { color: red }")
    with pytest.raises(ValueError, match="theme-dark.css of nbconvert holds no"):
        pages.lab_styles()


def colours():
    """Return theme -> name -> colour from the style sheet of decks and pages."""
    sheet = (TEMPLATE / "colours.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root[^{]*\{([^}]*)\}", sheet)
    pattern = r"--([\w-]+): (#[0-9a-f]{6});"
    return {"light": dict(re.findall(pattern, light)), "dark": dict(re.findall(pattern, dark))}


def luminance(colour):
    """Return the relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Return the contrast ratio of two colours, from 1 to 21."""
    bright, dim = sorted([luminance(one), luminance(other)], reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_ink_has_a_contrast_of_4_5(theme):
    found = colours()[theme]
    inks = {name: found["code-paper"] for name in found if re.match(r"code-(?!paper)", name)}
    inks |= {name: found["paper"] for name in found if name.startswith("ink")}
    assert len(inks) == 11
    assert {n: p for n, p in inks.items() if contrast(found[n], p) < 4.5} == {}
    assert contrast(found["bar"], found["paper"]) >= 3  # what is drawn, not written


def test_code_takes_its_colours_from_the_checked_ones():
    sheets = [TEMPLATE / "code.css", TEMPLATE / "deck.css", pages.PAGE / "page.css"]
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) <= {"#ffffff"}, sheet.name
