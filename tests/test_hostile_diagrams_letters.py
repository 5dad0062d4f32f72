"""Bad input to the diagrams of letters and words: refused by name, or drawn as they were typed."""

from __future__ import annotations

import pytest
import torch
from hostile import Good, each, try_all
from hostile_figures import drawn, is_figure, texts

from course_utils import diagrams

LOOK = {"right": is_figure, "cases": 0.1}
FOX = ["the", "quick", "brown", "fox"]


def training_arguments():
    return {"word": "abba", "vocabulary": ["a", "b"], "scores": torch.zeros(3, 2)}


GOODS = [
    Good(
        drawn(diagrams.attention_rows),
        lambda: {"letters": "abc", "place": 1, "weights": [0.25, 0.75]},
        names={"letters": ("place",), "place": ("weights",)},
        **LOOK,
    ),
    Good(drawn(diagrams.rnn_or_attention), lambda: {"letters": ["a", "b"]}, **LOOK),
    Good(drawn(diagrams.char_generation), lambda: {"letters": "abc"}, **LOOK),
    Good(
        drawn(diagrams.teacher_or_free),
        lambda: {"truth": "abc", "own": ["a", "c", "c"], "forced": "abb"},
        names={"truth": ("own",)},
        **LOOK,
    ),
    Good(
        drawn(diagrams.char_training),
        training_arguments,
        names={"word": ("vocabulary", "scores"), "vocabulary": ("scores",)},
        **LOOK,
    ),
    Good(
        drawn(diagrams.word_windows),
        lambda: {"words": list(FOX), "place": 1, "window": 2, "kind": "CBOW"},
        names={"words": ("place",)},
        **LOOK,
    ),
    Good(
        drawn(diagrams.shared_negatives),
        lambda: {"words": list(FOX), "negatives": ["sun", "tree"], "window": 1},
        **LOOK,
    ),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: diagrams.word_windows(["$a$", "_b", "\\c"], 0, 1, kind="CBOW"),
        lambda: diagrams.shared_negatives(["$a$", "_b", "\\c"], ["$d$"], window=1),
        lambda: diagrams.padded_batch([["$a$", "_b", "\\c"]]),
        lambda: diagrams.symbol_strip(["$a$", "_b", "\\c"]),
    ],
)
def test_words_are_drawn_as_they_were_typed(draw):
    answer = drawn(lambda: draw())()
    assert {"$a$", "_b", "\\c"} <= {*texts(answer)}
    maths = [text for text in answer.findobj(lambda part: hasattr(part, "get_parse_math"))]
    assert not [text for text in maths if text.get_text() == "$a$" and text.get_parse_math()]
