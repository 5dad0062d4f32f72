"""Bad input to the diagrams of batches, streams and series: refused by name, or drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hostile import Good, each, try_all
from hostile_figures import drawn, is_figure, texts

from course_utils import diagrams, plots

LOOK = {"right": is_figure, "cases": 0.1}
TEXT = "to be or not to be"


def rows():
    look = {"specials": ["<S>"], "title": "two rows"}
    return {"rows": ["<S>ab", ["c"]], **look}


GOODS = [
    Good(drawn(diagrams.padded_batch), lambda: {**rows(), "pad": "-"}, **LOOK),
    Good(drawn(diagrams.packed_steps), rows, **LOOK),
    Good(
        drawn(diagrams.parallel_streams),
        lambda: {"text": TEXT, "n_streams": 2, "chunk_len": 2, "n_chunks": 2, "title": "streams"},
        names={name: ("text", "n_chunks") for name in ("n_streams", "chunk_len", "n_chunks")},
        **LOOK,
    ),
    Good(
        drawn(diagrams.random_windows),
        lambda: {"text": TEXT, "n_rows": 2, "window_len": 3, "n_steps": 2, "seed": 1, "title": "w"},
        names={"window_len": ("text", "n_steps")},
        **LOOK,
    ),
    Good(
        drawn(diagrams.windows),
        lambda: {"series": np.array([1.0, 2.0, 1.5, 3.0]), "size": 2},
        names={"series": ("size",)},
        **LOOK,
    ),
    Good(
        drawn(diagrams.symbol_strip),
        lambda: {"symbols": ["a", "bc"], "ax": None, "colors": {"a": "#FF0000", "bc": "green"}},
        names={"symbols": ("colors",)},
        **LOOK,
    ),
    Good(
        drawn(diagrams.symbol_strip),
        lambda: {"symbols": ["a", "bc"], "ax": plots.new_figure(width=3, height=2)[1]},
        label="symbol_strip on given axes",
        **LOOK,
    ),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


@pytest.mark.parametrize("title", ["$x$ and $", "a_b", r"\alpha", "\U000f0000"])
@pytest.mark.parametrize("draw", [diagrams.padded_batch, diagrams.packed_steps])
def test_a_title_is_drawn_as_it_was_typed(draw, title):
    assert title.replace("\U000f0000", "\u25a1") in texts(drawn(draw)(rows=["ab"], title=title))


@pytest.mark.parametrize("draw", [diagrams.parallel_streams, diagrams.random_windows])
def test_dollar_signs_in_a_text(draw):
    assert "$" in texts(drawn(draw)(text="$a$_b^\\{}" * 9))
