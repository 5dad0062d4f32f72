"""Every control of every panel over its whole domain, and hostile text in every text box."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sent_messages
import torch
from hostile import CASES, SEED, no_hang
from hostile_values import SIGNS, TEXTS
from hypothesis import HealthCheck, Phase, given, seed, settings

from course_utils import widgets
from course_utils.text import learn_bpe
from course_utils.word_vectors import WordVectors

_packed = sent_messages._packed


@pytest.fixture(autouse=True)
def _small_pictures():
    """Draw with few dots: it is quick, and meets the same mistakes."""
    with plt.rc_context({"savefig.dpi": 25}):
        yield


FOX = "the quick brown fox jumps over the lazy dog".split()
TYPED = ["", " ", "a", "\x00", "\n", *SIGNS, "".join(SIGNS), "a" * 20_000, "🙂" * 20_000]
TYPED += ["<script>alert(1)</script>", "</pre><b>", "$x^2$", "$", r"\frac{", "_", "%", "&amp;"]


def weights() -> torch.Tensor:
    scores = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    return scores.masked_fill(torch.ones(5, 5).triu(1).bool(), -torch.inf).softmax(-1)


def word_map():
    words = [f"word{number}" for number in range(30)]
    generator = torch.Generator().manual_seed(1)
    vectors = WordVectors(words, torch.randn(30, 4, generator=generator))
    points = torch.randn(30, 2, generator=generator)
    return widgets.word_map(vectors, points, groups={"first": words[:5]})


def own_panel():
    """Build a panel whose function breaks in every way that a reader's own may break."""

    def draw(n: int, word: str):
        if n == 1:
            raise RuntimeError("<b>broken</b>")
        if n == 2:
            plt.subplots()
            raise ZeroDivisionError
        return {3: None, 4: (1, 2), 5: b"text"}.get(n, f"{n} {word[:99]}")

    controls = {"n": widgets.slider("n", 0, 6), "word": widgets.text_box("word", "sun")}
    return widgets.explore(draw, title="a broken function", **controls)


PANELS = {
    "attention": lambda: widgets.attention_explorer(weights(), "ab $\n"),
    "scan": lambda: widgets.scan_explorer(9),
    "merges": lambda: widgets.merge_explorer(learn_bpe("the cat sat on the mat\n" * 3, 12)),
    "words": word_map,
    "windows": lambda: widgets.window_explorer(FOX),
    "noise": lambda: widgets.noise_explorer({f"w{n}": 6000 // n for n in range(1, 60)}),
    "shapes": widgets.shape_explorer,
    "own": own_panel,
}


def domain(control: ipywidgets.Widget) -> list:
    """Return every value that a reader can give to a control that is not a text box."""
    if isinstance(control, ipywidgets.Checkbox):
        return [True, False, True]
    if isinstance(control, ipywidgets.Dropdown):
        return [*control.options]
    steps = round((control.max - control.min) / control.step)
    return [min(control.max, control.min + step * control.step) for step in range(steps + 1)]


def answer(panel: widgets.Panel) -> tuple[bytes, str, str | None]:
    """Return what a panel shows, and assert that a browser can show it."""
    assert plt.get_fignums() == []
    message, picture = panel.message.value, bytes(panel.picture.value)
    message.encode("utf-8")
    hidden = panel.picture.layout.display
    said = html.unescape(re.sub("<[^>]+>", "", message))
    assert picture.startswith(b"\x89PNG") or hidden == "none" or 'role="alert"' in message
    assert picture or said.strip()
    assert re.fullmatch(r"<pre[^<>]*>[^<>]*</pre>", message)
    assert len(said) < 2000
    return picture, said, hidden


@pytest.mark.parametrize("name", PANELS)
def test_each_control_over_its_whole_domain(name, capfd, record_property):
    panel, moves = PANELS[name](), 0
    rest = answer(panel)
    for control in panel.controls.values():
        if isinstance(control, ipywidgets.Text):
            continue
        at_rest = control.value
        for value in domain(control):
            with no_hang():
                control.value = value
            answer(panel)
            moves += 1
        control.value = at_rest
        assert answer(panel) == rest
    record_property("cases", moves)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", PANELS)
def test_the_ends_of_all_controls_together(name, capfd, record_property):
    panel = PANELS[name]()
    rest, moves = answer(panel), 0
    controls = [one for one in panel.controls.values() if not isinstance(one, ipywidgets.Text)]
    at_rest = [control.value for control in controls]
    ends = [dict.fromkeys((domain(one)[0], domain(one)[-1])) for one in controls]
    for values in itertools.islice(itertools.product(*ends), 0, None, 1 if len(ends) < 6 else 37):
        for control, value in zip(controls, values, strict=True):
            control.value = value
            moves += 1
        answer(panel)
    for control, value in zip(controls, at_rest, strict=True):
        control.value = value
    assert answer(panel) == rest
    record_property("cases", moves)
    assert capfd.readouterr() == ("", "")


def searched(type_in: Callable[[str], None]) -> None:
    """Type what hypothesis finds."""

    @settings(
        max_examples=max(5, CASES // 3),
        deadline=None,
        database=None,
        derandomize=SEED is None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(TEXTS)
    def search(text: str) -> None:
        type_in(text)

    (search if SEED is None else seed(int(SEED))(search))()


TEXT_BOXES = ["merges", "words", "own"]


@pytest.mark.parametrize("name", TEXT_BOXES)
def test_hostile_text_in_every_text_box(name, capfd, record_property):
    panel, moves = PANELS[name](), 0
    rest = answer(panel)
    boxes = [one for one in panel.controls.values() if isinstance(one, ipywidgets.Text)]
    for box in boxes:
        first = box.value

        def type_in(text: str, box=box, first=first) -> None:
            nonlocal moves
            moves += 1
            with no_hang():
                if moves % 2:  # from Python, or as it comes from a browser
                    box.value = text
                else:
                    box.set_state({"value": text})
            box.value.encode("utf-8")
            answer(panel)
            if moves % 7 == 0:  # after whatever came before, the good text gives the same again
                box.value = first
                assert answer(panel) == rest

        for text in TYPED:
            type_in(text)
        searched(type_in)
        box.value = first
        assert answer(panel) == rest
    assert boxes
    record_property("cases", moves)
    assert capfd.readouterr() == ("", "")


def test_a_broken_function_is_told_and_the_panel_goes_on():
    panel = own_panel()
    told = {}
    for n in range(7):
        panel.controls["n"].value = n
        told[n] = answer(panel)[1]
    assert told[1] == "✗ RuntimeError: <b>broken</b>"
    assert "ZeroDivisionError" in told[2]
    assert all("draw must return" in told[n] for n in (3, 4, 5))
    assert told[6] == "6 sun"


def test_the_author_of_a_broken_widget_sees_the_error():
    def broken(n: int) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        widgets.explore(broken, title="broken", n=widgets.slider("n", 0, 1))


def test_points_far_apart_and_all_on_one_place():
    vectors = WordVectors(["a", "b", "c"], torch.eye(3))
    for scale in (0.0, 1e-300, 1e-12, 1e12, 1e29):
        panel = widgets.word_map(vectors, scale * np.array([[0, 0], [1, 1], [1, 0.0]]))
        for zoom in (1, 20):
            panel.controls["zoom"].value = zoom
            assert "nearest to" in answer(panel)[1]
