"""Any text gets an answer in one line, and nothing in it is changed without a word."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings
from name_samples import small_guesser

from course_utils.recipes.names import spell
from course_utils.recipes.spelling import left_out, read_as

QUICK = settings(derandomize=True, database=None, max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kim", "Kim"),
        ("  SATOSHI ", "SATOSHI"),
        ("Šlusàrski", "Šlusàrski, read as slusarski"),
        ("Groß", "Groß, read as gross"),
        ("Kim😀", "Kim😀, read as kim (left out: 😀)"),
        ("Kim 김 김😀!", "Kim 김 김😀!, read as kim (left out: 김 😀 !)"),
        ("a1b2c3d4e5f6g7", "a1b2c3d4e5f6g7, read as abcdefg (left out: 1 2 3 4 5 and 2 more)"),
        ("Kim\tLee", "Kim\\tLee, read as kimlee (left out: \\t)"),
        ("Kim\ud800", "Kim\\ud800, read as kim (left out: \\ud800)"),
        ("Ki\u200bm", "Kim"),
        ("Ki\u200bm😀", "Kim😀, read as kim (left out: 😀)"),
        ("Kim \u1100\u1175\u11b7", "Kim \u1100\u1175\u11b7, read as kim (left out: 김)"),
        ("e\u0301e\u0301", "e\u0301e\u0301, read as ee"),
        ("K" + "김" * 100, "K" + "김" * 79 + "…, read as k (left out: 김)"),
    ],
)
def test_a_name_is_never_changed_without_a_word(name, shown):
    assert read_as(name) == shown
    answer = small_guesser().describe(name)
    assert re.fullmatch(re.escape(shown) + r": \w+ \d+ %, \w+ \d+ %, \w+ \d+ %", answer)


def test_a_description_names_the_guesses():
    guesser = small_guesser()
    for share in (0.0, 1.0):
        (first, chance), _, _ = guesser.predict("Kim", share=share)
        wanted = f"Kim: {first} {100 * chance:.0f} %"
        assert guesser.describe("Kim", 1, share=share) == wanted
    assert guesser.describe("Kim", share=0.0) != guesser.describe("Kim", share=1.0)


@pytest.mark.parametrize("name", ["", " ", "😀", "김", "a" * 500, "\ud800"])
def test_a_name_that_cannot_be_used_gets_advice(name):
    answer = small_guesser().describe(name)
    if len(name) > 60:
        assert answer == "a name may have up to 60 letters here, this one has 500"
    else:
        assert "holds no letter from a to z" in answer
        assert "such as Kim for 김" in answer


@QUICK
@given(st.text(st.characters()), st.sampled_from([0.0, 0.5, 1.0]))
@example("Kim\u202egnol", 1.0)
@example("'" * 60 + "a", 1.0)
@example("ﷺ" * 70 + "a", 0.0)
def test_any_text_is_described(name, share):
    answer = small_guesser().describe(name, share=share)
    answer.encode("utf-8")
    assert answer
    assert answer.isprintable()
    assert len(answer) < 400


@QUICK
@given(st.text(st.sampled_from("Kimé김😀 -\t\u0301"), max_size=12))
def test_what_is_left_out_is_what_the_rest_is_spelled_without(name):
    lost = left_out(name)
    kept = "".join(c for c in name if c not in lost)
    if not re.search("[Kime]", name):
        return
    assert left_out(kept) == []
    assert spell(kept) == spell(name)
    assert bool(lost) == bool({"김", "😀", "\t"} & {*name.strip()})


def test_only_text_is_described():
    for ask in (small_guesser().describe, small_guesser().predict, left_out, read_as):
        with pytest.raises(TypeError, match="name must be .*a string"):
            ask(5)
