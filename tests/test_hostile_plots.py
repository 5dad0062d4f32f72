"""Bad input to the general charts of the course: refused by name, or drawn as it was given."""

from __future__ import annotations

import functools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_figures import drawn, is_figure, texts
from test_hostile_plots_shares import GOODS as SHARES
from test_hostile_plots_text import GOODS as TEXTS

from course_utils import plots

LOOK = {"right": is_figure, "cases": 0.1}


def ax():
    return plots.new_figure(width=3, height=2)[1]


def heat_map_arguments():
    values = np.array([[1.0, -2.0], [0.5, 0.0]])
    rows = {"row_labels": ["a", "b"], "col_labels": ["c", "d"]}
    return {"values": values, "ax": ax(), **rows, "limit": 2.0, "write": ".1f"}


def band_arguments():
    look = {"label": "RNN", "color": plots.PALETTE["blue"], "marker": "s"}
    return {"x": [1.0, 2.0, 3.0], "runs": torch.ones(2, 3), "ax": ax(), **look}


def curves_arguments():
    runs = [([1, 2, 3], [3.0, 2.0, 1.5]), ([1, 2, 3], [3.0, 2.5, 1.0])]
    words = {"x_label": "steps", "y_label": "bits"}
    return {"curves": {"a": runs}, **words, "levels": {"b": 2.0}, "top": 4.0, "ax": ax()}


def closed(call):
    """Return the function; whatever figure is left open is closed after it."""

    @functools.wraps(call)
    def wrapped(**arguments):
        try:
            return call(**arguments)
        finally:
            plt.close("all")

    return wrapped


def png(answer, _given):
    assert answer.startswith(b"\x89PNG")


def shown_as_given(published, given):
    (data, metadata) = published
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == given["alt"]


def show(**arguments):
    """Call `plots.show`, and return what a notebook would store."""
    published = []
    with pytest.MonkeyPatch.context() as patch:
        what = "IPython.display.display"
        patch.setattr(what, lambda data, raw, metadata: published.append((data, metadata)))
        assert plots.show(**arguments) is None
    return published[0]


def new_figure(**arguments):
    return plots.new_figure(**arguments)[0]


GOODS = [
    Good(drawn(plots.heat_map), heat_map_arguments, names={"ax": ()}, **LOOK),
    Good(drawn(plots.line_with_band), band_arguments, names={"x": ("runs",)}, **LOOK),
    Good(
        drawn(plots.bars_with_seeds),
        lambda: {"values": {"a": [0.5, 0.7], "b": [1.0]}, "ax": ax(), "unit": "bits"},
        **LOOK,
    ),
    Good(drawn(plots.learning_curves), curves_arguments, names={"top": ("levels",)}, **LOOK),
    Good(
        closed(new_figure),
        lambda: {"n_rows": 1, "n_cols": 2, "width": 3.0, "height": 2.0},
        label="new_figure",
        **LOOK,
    ),
    Good(closed(plots.to_png), lambda: {"figure": ax().figure}, png, cases=0.1),
    Good(
        closed(show),
        lambda: {"figure": ax(), "alt": "A line that rises from left to right."},
        shown_as_given,
        cases=0.1,
    ),
]
EXEMPT = {"use_course_style": "a function of no arguments"}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))
    plt.close("all")


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.plots", [*GOODS, *SHARES, *TEXTS], EXEMPT)


ODD = r"$a_b^ \$ %s {} _x"
TITLED = [
    lambda: plots.attention_map(np.eye(2), "ab", title=ODD),
    lambda: plots.choice_panels({ODD: [0.5, 0.5]}, "ab"),
    lambda: plots.confusion(np.eye(2), [ODD, "b"], counts=False),
    lambda: plots.beliefs(np.eye(2), "ab", [ODD, "b"]),
    lambda: plots.belief_bars([0.9, 0.1], [ODD, "b"]),
    lambda: plots.point_map([[0, 0], [1, 1]], [ODD, "b"]),
    lambda: plots.point_map([[0, 0], [1, 1]], "ab", groups={ODD: ["a"]}),
    lambda: plots.point_map([[0, 0], [1, 1]], "ab", title=ODD),
    lambda: plots.null_histogram([1, 2, 3], 2, label=ODD),
    lambda: plots.noise_bars([ODD], [0.5], [0.5], [1]),
    lambda: plots.unit_map("ab", [0, 1], title=ODD),
    lambda: plots.unit_map("ab", [0, 1], label=ODD),
    lambda: plots.token_strip(["a"], [1], title=ODD),
    lambda: plots.heat_map(np.eye(2), ax=ax(), row_labels=[ODD, "b"]),
    lambda: plots.bars_with_seeds({ODD: [1.0]}, ax=ax(), unit="bits"),
    lambda: plots.bars_with_seeds({"a": [1.0]}, ax=ax(), unit=ODD),
    lambda: plots.learning_curves({ODD: [([1, 2], [1, 2])]}, x_label="x", y_label="y"),
    lambda: plots.learning_curves({"a": [([1, 2], [1, 2])]}, x_label=ODD, y_label="y"),
]


@pytest.mark.parametrize("draw", TITLED)
def test_words_are_drawn_as_they_were_typed(draw):
    """No mathematics is read from them; what a legend or a tick shows is the same text."""
    answer = drawn(lambda: draw())()
    found = answer_texts(answer)
    assert found
    assert all(ODD in text.get_text() and not text.get_parse_math() for text in found)


def answer_texts(answer):
    figure = getattr(answer, "figure", answer)
    shown = figure.findobj(lambda part: isinstance(part, plt.Text) and part.get_visible())
    return [text for text in shown if "a_b^" in text.get_text()]


def test_a_legend_shows_a_dollar_sign():
    where = ax()
    plots.line_with_band([1, 2], [[1, 2]], ax=where, label="$5 and $6 \U0001f642", color="k")
    legend = where.legend()
    where.figure.canvas.draw()
    (text,) = legend.get_texts()
    assert text.get_text() == r"\$5 and \$6 " + "\u25a1"
    drawn_text, is_maths = text._preprocess_math(text.get_text())
    assert (drawn_text, is_maths) == ("$5 and $6 \u25a1", False)


def test_a_sign_that_no_font_holds_becomes_a_box():
    answer = drawn(plots.belief_bars)(probabilities=[0.9, 0.1], labels=["a\U000f0000\x00", "b"])
    assert "a\u25a1\u25a1" in texts(answer)
