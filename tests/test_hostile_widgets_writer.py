"""The writing box: any prompt, any slider, buttons at any time, and writers that break."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sent_messages
from hostile_values import SIGNS
from test_hostile_widgets_moves import TYPED, domain

from course_utils import widgets

_packed = sent_messages._packed
LIMIT = 60  # seconds to wait for a thread before a test fails
SLIDERS = ("temperature", "top_k", "top_p", "seed", "length")


def echo(prompt: str, **options: object) -> Iterator[str]:
    """Write what it was asked for."""
    while True:
        yield f"<{options}>"


def box(write=echo, **options: object) -> widgets.WritingBox:
    looks = {"title": "write", "prompt": "R:", "letters_per_second": None, "length": 200}
    return widgets.writing_box(write, **looks | options)


def written(made: widgets.WritingBox) -> str:
    """Press Write, wait, and return the text; what is shown can be sent to a browser."""
    made.write_button.click()
    text = made.wait(LIMIT)
    for shown in (made.paper.value, made.message.value):
        shown.encode("utf-8")
    assert made.stop_button.disabled
    return text


def test_every_slider_over_its_whole_domain(capfd, record_property):
    made, moves = box(), 0
    for name in SLIDERS:
        control = made.controls[name]
        at_rest = control.value
        for value in domain(control):
            control.value = value
            text = written(made)
            moves += 1
            if name == "length":
                assert len(text) == len("R:") + value
            else:
                asked = None if name == "top_k" and not value else value
                assert f"'{name}': {asked!r}" in text
        control.value = at_rest
    record_property("cases", moves)
    assert capfd.readouterr() == ("", "")


def test_hostile_prompts(capfd, record_property):
    made = box(length=50)
    for prompt in TYPED:
        made.controls["prompt"].set_state({"value": prompt})
        assert written(made).startswith(made.controls["prompt"].value)
        assert "Done: 50 letters" in made.message.value
    record_property("cases", len(TYPED))
    assert capfd.readouterr() == ("", "")


def broken_writers() -> dict[str, object]:
    def raises(error):
        def write(prompt: str, **_: object) -> Iterator[str]:
            yield "ab"
            raise error

        return write

    errors = [ValueError("no"), KeyError("x"), RuntimeError("\ud800<b>"), MemoryError(), OSError(5)]
    broken = {f"raises {type(error).__name__}": raises(error) for error in errors}
    broken["raises at once"] = lambda prompt, **_: 1 / 0
    broken["takes nothing"] = lambda: "ab"
    for value in (None, 3, [None], [1, 2], [b"ab"], object()):
        broken[f"returns {value!r:.20}"] = lambda prompt, value=value, **_: value
    return broken


@pytest.mark.parametrize("name", broken_writers())
def test_a_broken_writer_is_told_and_the_box_goes_on(name, capfd, record_property):
    writers = [broken_writers()[name]]
    made = box(lambda prompt, **options: writers[0](prompt, **options), length=50)
    if name == "takes nothing":
        made = box(lambda prompt, **options: writers[0](), length=50)
        writers[0] = lambda: 1 + "a"
    before = made.text
    written(made)
    assert 'role="alert"' in made.message.value
    assert "✗" in made.message.value
    assert made.text in (before, "R:ab")
    writers[0] = (lambda: "good") if name == "takes nothing" else lambda prompt, **_: "good"
    assert written(made) == "R:good"
    assert 'role="status"' in made.message.value
    record_property("cases", 2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("text", [*SIGNS, "a" * 20_000, "</pre><script>"])
def test_whatever_a_network_writes_is_shown(text, capfd):
    made = box(lambda prompt, **_: text, length=2000)
    assert written(made) == "R:" + text[:2000]
    assert "<script>" not in made.paper.value
    assert capfd.readouterr() == ("", "")


def test_buttons_twice_quickly_before_and_while_it_works(capfd, record_property):
    made, presses = box(), 0
    before = made.text
    for press in (made.stop_button.click, made.stop_button.click, made.stop):  # nothing runs yet
        press()
        presses += 1
    assert made.wait(LIMIT) == before
    for _ in range(20):
        made.write_button.click()
        made.write_button.click()
        made.stop_button.click()
        made.stop_button.click()
        presses += 4
    made.wait(LIMIT)
    assert "Stopped" in made.message.value or "Done" in made.message.value
    assert len(written(made)) == len("R:") + 200
    writing = [one for one in threading.enumerate() if one is made._thread]
    assert not writing
    record_property("cases", presses)
    assert capfd.readouterr() == ("", "")


def test_controls_that_move_while_it_writes_count_for_the_next_text(record_property):
    started, goes_on = threading.Event(), threading.Event()

    def slow(prompt: str, **options: object) -> Iterator[str]:
        started.set()
        goes_on.wait(LIMIT)
        yield f"{options['seed']}"

    made = box(slow, seed=1)
    made.write_button.click()
    assert started.wait(LIMIT)
    made.controls["seed"].value = 7
    made.controls["prompt"].value = "\ud800"
    goes_on.set()
    assert made.wait(LIMIT) == "R:1"
    assert written(made) == "?7"  # half an emoji cannot be shown
    record_property("cases", 4)
