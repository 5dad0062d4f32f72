"""Bad input to the functions that build controls and panels, and to what they draw."""

from __future__ import annotations

import ipywidgets
import numpy as np
import sent_messages
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_figures import drawn, is_figure

from course_utils import widgets
from course_utils.text import BytePairTokenizer
from course_utils.widgets.controls import sendable
from course_utils.word_vectors import WordVectors

_packed = sent_messages._packed

FEW = {"cases": 0.1}
LOOK = {"right": is_figure, **FEW}
WEIGHTS = [[[[1.0, 0.0], [0.5, 0.5]]]]
FOX = ["the", "quick", "brown", "fox"]
BPE = BytePairTokenizer([(116, 104), (256, 101)])
COUNTS = {"the": 60, "sun": 5, "king": 1}
SIZES = {"input_size": 3, "hidden_size": 2, "num_layers": 2, "seq_len": 4, "batch_size": 2}


def vectors():
    return WordVectors(["sun", "moon", "king"], torch.eye(3))


def is_a_panel(answer, _given):
    """Assert that the panel shows a picture or words, and says nothing is wrong."""
    assert isinstance(answer, widgets.Panel)
    assert bytes(answer.picture.value).startswith(b"\x89PNG") or answer.message.value
    assert 'role="alert"' not in answer.message.value


def cuts_the_text(answer, _given):
    """Assert that the panel cuts its text, or tells what is wrong with this text."""
    assert isinstance(answer, widgets.Panel)
    is_wrong = 'role="alert"' in answer.message.value
    assert "the text " in answer.message.value if is_wrong else answer.message.value


def is_a_control(answer, given):
    assert isinstance(answer, ipywidgets.Widget)
    for name, kept in (("low", "min"), ("high", "max"), ("value", "value")):
        if given.get(name) is not None and hasattr(answer, kept):
            wanted = given[name]
            assert getattr(answer, kept) == (sendable(wanted) if type(wanted) is str else wanted)


def is_a_table(answer, _given):
    assert "✗" not in answer
    assert "parameters: " in answer


def a_writing_box(answer, given):
    assert answer.wait() == given["start_text"]
    assert answer.controls["prompt"].value == sendable(given["prompt"])
    for name in ("temperature", "top_k", "top_p", "seed", "length"):
        assert abs(answer.controls[name].value - given[name]) < 1e-9


def writing_arguments():
    words = {"title": "write", "prompt": "R:", "start_text": "R: no"}
    numbers = {"temperature": 1.0, "top_k": 3, "top_p": 0.9, "seed": 5, "length": 100}
    return {"write": iter, **words, **numbers, "letters_per_second": 60.0}


def explore(**arguments):
    return widgets.explore(**arguments)


def explore_arguments():
    return {"draw": lambda t: f"t = {t}", "title": "a line", "t": widgets.slider("t", 0, 3)}


def answered(answer, _given):
    """Assert that the panel shows what draw answers, or that draw answers with nothing useful."""
    assert isinstance(answer, widgets.Panel)
    assert "t = 0" in answer.message.value or 'role="alert"' in answer.message.value


GOODS = [
    Good(
        widgets.slider,
        lambda: {"label": "t", "low": 0, "high": 9, "value": 3, "step": 1},
        is_a_control,
        names={"low": ("high", "value"), "high": ("low", "value")},
    ),
    Good(
        widgets.choice,
        lambda: {"label": "kind", "options": ["a", "b"], "value": "a"},
        is_a_control,
        names={"options": ("value",)},
    ),
    Good(widgets.text_box, lambda: {"label": "word", "value": "sun"}, is_a_control),
    Good(widgets.switch, lambda: {"label": "bias", "value": True}, is_a_control),
    Good(explore, explore_arguments, answered),
    Good(
        widgets.attention_explorer,
        lambda: {"weights": torch.tensor(WEIGHTS), "letters": "ab"},
        is_a_panel,
        names={"letters": ("weights",)},
        **FEW,
    ),
    Good(widgets.scan_explorer, lambda: {"n_steps": 4}, is_a_panel, **FEW),
    Good(
        widgets.merge_explorer,
        lambda: {"tokenizer": BPE, "text": "the sun"},
        cuts_the_text,
        **FEW,
    ),
    Good(
        widgets.word_map,
        lambda: {
            "vectors": vectors(),
            "points": np.eye(3)[:, :2],
            "groups": {"sky": ["sun"]},
            "word": "sun",
        },
        is_a_panel,
        **FEW,
    ),
    Good(widgets.window_explorer, lambda: {"words": list(FOX)}, is_a_panel, **FEW),
    Good(widgets.noise_explorer, lambda: {"counts": dict(COUNTS)}, is_a_panel, **FEW),
    Good(widgets.writing_box, writing_arguments, a_writing_box),
    Good(
        widgets.describe_rnn,
        lambda: {
            **SIZES,
            "nonlinearity": "tanh",
            "dropout": 0.5,
            "bias": True,
            "batch_first": True,
        },
        is_a_table,
        **FEW,
    ),
]
DRAWN = [
    Good(
        drawn(widgets.draw_attention),
        lambda: {"weights": WEIGHTS, "letters": ["a", "b"], "layer": 0, "head": 0, "place": 1},
        names={"letters": ("weights",)},
        **LOOK,
    ),
    Good(
        drawn(widgets.draw_scan),
        lambda: {"n_steps": 4, "rounds": 1},
        names={"n_steps": ("rounds",)},
        **LOOK,
    ),
    Good(
        drawn(widgets.draw_neighbours),
        lambda: {
            "vectors": vectors(),
            "points": np.eye(3)[:, :2],
            "word": "sun",
            "k": 2,
            "zoom": 2,
        },
        **LOOK,
    ),
    Good(
        drawn(widgets.draw_windows),
        lambda: {"words": list(FOX), "place": 1, "window": 2, "kind": "skip-gram"},
        names={"words": ("place",)},
        **LOOK,
    ),
    Good(
        drawn(widgets.draw_noise),
        lambda: {"counts": dict(COUNTS), "power": 0.75, "threshold": 1e-3},
        names={"counts": ("words",)},
        **LOOK,
    ),
]
EXEMPT = {
    "Panel": "what explore returns, which checks what it is given",
    "WritingBox": "what writing_box returns, which checks what it is given",
    "shape_explorer": "a function of no arguments",
}


@each([*GOODS, *DRAWN])
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.widgets", [*GOODS, *DRAWN], EXEMPT)


def test_waiting_for_a_text(record_property):
    box = widgets.writing_box(lambda prompt, **_: "ab", title="write", letters_per_second=None)
    wait = Good(box.wait, lambda: {"timeout": 1.0}, label="WritingBox.wait")
    record_property("cases", try_all(wait))
