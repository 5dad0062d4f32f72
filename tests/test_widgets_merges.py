"""The explorer of merges: any number of merges, any text, and a clear answer to bad input."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from course_utils import widgets
from course_utils.text import BytePairTokenizer, learn_bpe
from course_utils.widgets import Panel, merges

BPE = learn_bpe("the cat sat on the mat, the hat\n" * 3, 20)


def explorer(**options: object) -> Panel:
    return widgets.merge_explorer(BPE, **options)


def test_at_rest() -> None:
    panel = explorer(text="the hat")
    assert repr(panel).startswith("[interactive: how byte-pair merges cut a text")
    slider = panel.controls["n_merges"]
    assert (slider.min, slider.max, slider.value) == (0, len(BPE.merges), len(BPE.merges))
    n_tokens = len(BPE.encode("the hat"))
    assert f"{n_tokens} tokens for 7 characters: {7 / n_tokens:.2f}" in panel.message.value
    assert bytes(panel.picture.value).startswith(b"\x89PNG")
    assert not plt.get_fignums()


def test_the_slider_takes_merges_away_from_the_end() -> None:
    panel = explorer(text="the mat")
    before = panel.picture.value
    counts = []
    for n in range(len(BPE.merges), -1, -1):
        panel.controls["n_merges"].value = n
        counts.append(int(panel.message.value.split(" token")[0].rsplit(">")[-1]))
    assert counts == sorted(counts)
    assert counts[-1] == 7
    assert counts[0] == len(BPE.encode("the mat"))
    assert panel.picture.value != before


def test_a_tokenizer_without_merges_has_a_slider_that_stays() -> None:
    panel = widgets.merge_explorer(BytePairTokenizer(()), text="a")
    assert panel.controls["n_merges"].max == 0
    assert "1 token for 1 character: 1.00" in panel.message.value


def test_empty_text_is_answered_and_the_picture_stays() -> None:
    panel = explorer()
    before = panel.picture.value
    panel.controls["text"].value = ""
    assert "the text is empty: type at least one character" in panel.message.value
    assert 'role="alert"' in panel.message.value
    assert panel.picture.value == before
    panel.controls["text"].value = "cat"
    assert "alert" not in panel.message.value


def test_an_emoji_is_bytes_and_the_message_says_so() -> None:
    panel = explorer(text="cat")
    assert "byte" not in panel.message.value
    panel.controls["text"].value = "\U0001f680"
    assert "4 tokens for 1 character: 0.25" in panel.message.value
    assert "a byte that is only a part of a character" in panel.message.value
    panel.controls["text"].value = "\\x41"  # typed by the reader: these are whole characters
    assert "part" not in panel.message.value


def test_half_a_surrogate_pair_is_answered() -> None:
    panel = explorer()
    panel.controls["text"].value = "a\ud83d"
    assert panel.controls["text"].value == "a?"
    assert "2 tokens for 2 characters" in panel.message.value


def test_very_long_texts_are_counted_but_not_all_drawn() -> None:
    panel = explorer(text="the cat " * 5000)
    assert "for 40,000 characters" in panel.message.value
    assert "alert" not in panel.message.value
    panel.controls["text"].value = "a" * (merges.MAX_LETTERS + 1)
    assert "the text has 100,001 characters; give at most 100,000" in panel.message.value


@pytest.mark.parametrize("n_merges", [-1, len(BPE.merges) + 1])
def test_the_number_of_merges_must_be_there(n_merges: int) -> None:
    with pytest.raises(ValueError, match=f"n_merges={n_merges} must be from 0 to"):
        merges.draw_merges(BPE, n_merges, "a")
