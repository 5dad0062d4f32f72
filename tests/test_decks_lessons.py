"""The deck of every lesson: nothing runs off a slide, everybody can read it, no network."""

from __future__ import annotations

import pytest
from axe import COLOURS, grave_findings
from deck_samples import built_deck
from slide_measures import SIZES, measure_deck, open_deck

from presenting.decks import lessons

pytestmark = pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
LARGEST = 8e6  # bytes


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_nothing_runs_off_a_slide(page, trouble, path, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.context.set_offline(True)
    fits = measure_deck(page, built_deck(path))
    assert page.evaluate("Reveal.getScale()") == size[1] / 720
    assert len(fits) >= 20
    assert trouble == []
    if problems := [problem for fit in fits for problem in fit.problems()]:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave(page, path, theme):
    open_deck(page, built_deck(path), f"?print-pdf&theme={theme}")  # all slides at once
    assert grave_findings(page, rules=None if theme == "light" else COLOURS) == []


def test_it_is_one_file_of_at_most_8_mb(path):
    assert built_deck(path).stat().st_size <= LARGEST
