"""The writing box: it streams, it can be stopped, one thread at a time, and no error is lost."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

import pytest

from course_utils import widgets
from course_utils.widgets import WritingBox, writer

LIMIT = 60  # seconds to wait for a thread before a test fails


def endless(prompt: str, **_: object) -> Iterator[str]:
    while True:
        yield "ab"


def box(write=endless, **options: object) -> WritingBox:
    looks = {"title": "write a play", "prompt": "R:", "letters_per_second": None}
    return widgets.writing_box(write, **looks | options)


def written(write=endless, **options: object) -> WritingBox:
    """Return a box after one text."""
    made = box(write, **options)
    made.write_button.click()
    made.wait(LIMIT)
    return made


class Gate:
    """A writer that yields a letter only when the test lets it."""

    def __init__(self, letters: str):
        self.letters, self.open, self.given = letters, queue.Queue(), queue.Queue()
        self.running, self.most, self.closed = 0, 0, 0

    def __call__(self, prompt: str, **_: object) -> Iterator[str]:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for letter in self.letters:
                self.given.put(prompt)
                self.open.get(timeout=LIMIT)
                yield letter
        finally:
            self.running -= 1
            self.closed += 1

    def asked(self) -> str:
        """Wait until a letter is asked for, and return the prompt."""
        return self.given.get(timeout=LIMIT)


def test_it_writes_as_many_letters_as_the_slider_says() -> None:
    made = written(length=50)
    assert made.text == "R:" + "ab" * 25
    assert "Done: 50 letters" in made.message.value
    assert 'role="status"' in made.message.value
    assert made.paper.value.endswith("<b>R:</b>" + "ab" * 25 + "</pre>")


def test_the_writer_gets_what_the_controls_say() -> None:
    seen = []

    def write(*args: str, **options: object) -> list[str]:
        seen.append((args, options))
        return ["x"]

    made = written(write, temperature=0.5, top_p=0.9, seed=3)
    made.controls["top_k"].value = 5
    made.controls["prompt"].value = "JULIET:\n"
    made.write()
    assert made.wait(LIMIT) == "JULIET:\nx"
    given = {"temperature": 0.5, "top_k": None, "top_p": 0.9, "seed": 3}
    assert seen == [(("R:",), given), (("JULIET:\n",), given | {"top_k": 5})]


def test_a_short_text_ends_by_itself() -> None:
    made = written(lambda prompt, **_: iter(["a", "", "bc"]))
    assert made.text == "R:abc"
    assert "Done: 3 letters" in made.message.value


def test_stop_keeps_what_is_written_and_ends_the_writer() -> None:
    gate = Gate("xyz")
    made = box(gate)
    assert made.stop_button.disabled
    made.write_button.click()
    gate.asked()
    assert not made.stop_button.disabled
    gate.open.put(1)
    gate.asked()  # x is written, y is asked for
    made.stop_button.click()
    gate.open.put(1)
    assert made.wait(LIMIT) == "R:xy"
    assert "Stopped: 2 letters" in made.message.value
    assert made.stop_button.disabled
    assert (gate.running, gate.closed) == (0, 1)


def test_writing_again_stops_the_first_and_never_two_write_at_once() -> None:
    gate = Gate("xyz")
    made = box(gate)
    made.write()
    gate.asked()
    for prompt in ("A:", "B:"):
        made.controls["prompt"].value = prompt
        made.write()
    for _ in range(4):
        gate.open.put(1)
    # The first ends at its next letter; the second is stopped before it asked for one.
    assert made.wait(LIMIT) == "B:xyz"
    assert (gate.most, gate.closed) == (1, 2)
    assert gate.asked() == "B:"
    assert made.stop_button.disabled
    assert "Done: 3 letters" in made.message.value


def test_stop_does_not_wait_for_the_next_letter_to_be_shown() -> None:
    made = box(letters_per_second=1e-6)
    made.write()
    while "ab" not in made.text and made.text != "R:a":
        time.sleep(0.001)
    made.stop()
    assert made.wait(LIMIT) == "R:a"


def test_stop_at_rest_does_nothing() -> None:
    made = box(start_text="Once")
    made.stop()
    assert made.wait() == "Once"
    made.stop_button.click()
    assert "Press Write" in made.message.value


def refuse(prompt: str, **_: object) -> Iterator[str]:
    yield from prompt.lower()
    raise ValueError("the letter '<' is unknown")


def broken(prompt: str, **_: object) -> list[str]:
    raise KeyError("weights")


def test_an_error_is_said_in_red_and_what_was_written_stays() -> None:
    made = written(refuse, prompt="AB")
    assert made.text == "ABab"
    assert "\u2717 the letter &#x27;&lt;&#x27; is unknown" in made.message.value
    assert 'role="alert"' in made.message.value
    assert "#B3261E" in made.message.value
    assert made.stop_button.disabled


def test_an_error_before_the_first_letter_leaves_the_text_before() -> None:
    made = written(refuse, prompt="", start_text="Once <b>")
    assert made.text == "Once <b>"
    assert "Once &lt;b&gt;" in made.paper.value
    assert "is unknown" in made.message.value


def test_an_error_of_the_program_is_named_and_the_box_goes_on() -> None:
    made = written(broken)
    assert "\u2717 KeyError: &#x27;weights&#x27;" in made.message.value
    made._write = endless
    made.write()
    made.wait(LIMIT)
    assert "alert" not in made.message.value
    assert "Done" in made.message.value


def test_what_is_typed_and_written_is_escaped() -> None:
    made = written(lambda prompt, **_: ["<i>&"], prompt="<script>")
    assert "<b>&lt;script&gt;</b>&lt;i&gt;&amp;</pre>" in made.paper.value
    assert made.text == "<script><i>&"


def test_the_text_is_shown_at_most_15_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10**6))
    monkeypatch.setattr(writer.time, "monotonic", lambda: next(clock) / 100)  # 10 ms a letter
    made = box(length=300)
    shown = []
    made.paper.observe(lambda change: shown.append(change.new), names="value")
    made.write()
    made.wait(LIMIT)
    seconds = 300 / 100
    assert seconds * 10 <= len(shown) <= seconds * writer.FRAMES_PER_SECOND + 2
    lengths = [len(html) for html in shown]
    assert lengths == sorted(lengths)


def test_letters_are_not_faster_than_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return False

    run = writer._Run("R:", 50, {}, stop=Stop())
    monkeypatch.setattr(writer.time, "monotonic", lambda: 0.0)
    box(letters_per_second=20)._stream(run)
    assert waits == pytest.approx([(n + 1) / 20 for n in range(50)])


def test_wait_says_when_it_gives_up() -> None:
    made = box(letters_per_second=1e-6)
    made.write()
    with pytest.raises(TimeoutError, match=r"still writes after 0.01 s: stop it first"):
        made.wait(0.01)
    made.stop()
    made.wait(LIMIT)


def test_at_rest() -> None:
    made = box(start_text="Once")
    assert repr(made) == "[interactive: write a play. Run this cell to use it.]"
    assert "Once" in made.paper.value
    assert {*made.controls} == {"prompt", "temperature", "top_k", "top_p", "seed", "length"}
    assert all(control.description for control in made.controls.values())
    limits = {name: (c.min, c.max) for name, c in made.controls.items() if name != "prompt"}
    assert limits["temperature"] == (0.2, 2)
    assert limits["top_p"] == (0.05, 1)
    assert limits["top_k"][0] == 0


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_the_speed_is_positive(speed: float) -> None:
    with pytest.raises(ValueError, match="letters_per_second must be above 0"):
        box(letters_per_second=speed)
