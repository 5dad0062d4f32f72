"""A control that moves redraws the picture; bad input is answered in words and loses nothing."""

import itertools

import ipywidgets
import matplotlib as mpl
import pytest

from course_utils import cells, plots, widgets


def draw_dots(n):
    if n == 3:
        raise ValueError("three is not <allowed>")
    ax = plots.new_figure(width=2, height=1)[1]
    ax.plot(range(n), "o")
    return ax, f"{n} dots"


def panel():
    return widgets.explore(draw_dots, title="count dots", n=widgets.slider("n", 1, 5))


def test_it_draws_at_rest():
    p = panel()
    assert bytes(p.picture.value).startswith(b"\x89PNG")
    assert "1 dots" in p.message.value


def test_moving_the_slider_redraws():
    p = panel()
    before = p.picture.value
    p.controls["n"].value = 2
    assert p.picture.value != before
    assert "2 dots" in p.message.value


def test_bad_input_is_answered_and_the_picture_stays():
    p = panel()
    before = p.picture.value
    p.controls["n"].value = 3
    assert "three is not &lt;allowed&gt;" in p.message.value
    assert 'role="alert"' in p.message.value
    assert p.picture.value == before
    p.controls["n"].value = 4
    assert "alert" not in p.message.value


def test_no_figure_is_left_open():
    before = mpl.pyplot.get_fignums()
    p = panel()
    for n in (2, 4, 5):
        p.controls["n"].value = n
    assert mpl.pyplot.get_fignums() == before


def test_the_stored_text_names_the_widget():
    assert repr(panel()) == "[interactive: count dots. Run this cell to use it.]"


def test_text_answers_hide_the_picture():
    p = widgets.explore(lambda word: word.upper(), title="shout", word=widgets.text_box("w", "hi"))
    assert p.picture.layout.display == "none"
    p.controls["word"].value = "<b>한글 🚀"
    assert "&lt;B&gt;한글 🚀" in p.message.value


def test_a_panel_needs_a_control():
    with pytest.raises(ValueError, match="at least one control"):
        widgets.explore(draw_dots, title="nothing")


@pytest.mark.parametrize("bad", [(5, 1, 1), (0, 1, 0), (0, 1, -1)])
def test_sliders_need_a_range(bad):
    low, high, step = bad
    with pytest.raises(ValueError, match="low <= high and step > 0"):
        widgets.slider("x", low, high, step=step)


def test_sliders_for_whole_numbers_and_for_any():
    assert isinstance(widgets.slider("n", 0, 3, value=2), ipywidgets.IntSlider)
    assert isinstance(widgets.slider("p", 0.0, 1.0, step=0.1), ipywidgets.FloatSlider)


def test_shape_explorer_agrees_for_every_control():
    p = widgets.shape_explorer()
    for name, control in p.controls.items():
        values = getattr(control, "options", None) or [True, False]
        if hasattr(control, "max"):
            values = [control.min, control.max]
        for value in values:
            control.value = value
            assert "✗" not in p.message.value, (name, value)
            assert "✓" in p.message.value


def test_shape_explorer_has_every_argument_of_nn_rnn():
    arguments = "input_size hidden_size num_layers nonlinearity bias batch_first dropout"
    assert {*arguments.split(), "bidirectional"} <= set(widgets.shape_explorer().controls)


def test_describe_rnn_shows_a_rule_that_is_wrong(monkeypatch):
    rule = cells.rnn_shapes
    monkeypatch.setattr(cells, "rnn_shapes", lambda **o: rule(**o)._replace(output=(9, 9, 9)))
    table = widgets.describe_rnn(
        input_size=4, hidden_size=2, seq_len=5, batch_size=1, nonlinearity="tanh", dropout=0.0
    )
    (line,) = [line for line in table.splitlines() if line.startswith("output")]
    assert line.endswith("✗")


@pytest.mark.parametrize(
    ("name", "value"), [("batch_size", -1), ("dropout", 1.5), ("hidden_size", 0), ("seq_len", -2)]
)
def test_describe_rnn_refuses(name, value):
    options = {"input_size": 4, "hidden_size": 2, "seq_len": 5, "batch_size": 1, "dropout": 0.0}
    with pytest.raises(ValueError, match=name):
        widgets.describe_rnn(nonlinearity="tanh", **(options | {name: value}))


def test_describe_rnn_all_switches(recwarn):
    for bias, first, both, layers in itertools.product([True, False], repeat=4):
        table = widgets.describe_rnn(
            input_size=3,
            hidden_size=2,
            seq_len=4,
            batch_size=0,
            nonlinearity="relu",
            dropout=0.5,
            bias=bias,
            batch_first=first,
            bidirectional=both,
            num_layers=1 + layers,
        )
        assert "✗" not in table
        assert ("dropout acts between layers" in table) == (not layers)
    # A socket that another test left to the garbage collector may be told of here.
    assert [w for w in recwarn.list if not issubclass(w.category, ResourceWarning)] == []
