"""Bad input to the plots that print a text: passages and tokens."""

from __future__ import annotations

import torch
from hostile import Good, each, try_all
from hostile_figures import drawn, is_figure

from course_utils import plots

LOOK = {"right": is_figure, "cases": 0.1}
WORDS = {"title": "unit 3", "label": "activation"}


def passage_arguments():
    return {
        "text": "ab\n",
        "values": [0, 1, -1],
        "low": -1.0,
        "high": 1.0,
        "kind": "diverging",
    } | WORDS


GOODS = [
    Good(
        drawn(plots.passage_map),
        passage_arguments,
        names={"text": ("values",), "low": ("high",)},
        **LOOK,
    ),
    Good(
        drawn(plots.unit_map),
        lambda: {"text": "a b", "activations": torch.zeros(3), "limit": 1.0, **WORDS},
        names={"text": ("activations",)},
        **LOOK,
    ),
    Good(
        drawn(plots.surprise_map),
        lambda: {"text": "a b", "bits": [0.5, 2.0, 9.0], "most": 8.0, **WORDS},
        names={"text": ("bits",)},
        **LOOK,
    ),
    Good(
        drawn(plots.token_strip),
        lambda: {"pieces": ["ab", " c"], "numbers": [3, 7], "max_rows": 2, "title": "tokens"},
        names={"pieces": ("numbers",)},
        **LOOK,
    ),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))
