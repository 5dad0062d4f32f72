"""What runs inside of the kernel when the widgets are moved: build them, and list their controls.

The text of this file is run as a cell, so it imports nothing of `reliability`.
"""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

Widgets = dict[str, Callable[[], Any]]


def strict() -> None:
    """Make a deprecation in the course's own code, or in this cell, an error."""
    for module in ("course_utils", "__main__"):
        for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
            warnings.filterwarnings("error", category=kind, module=module)


def builders() -> Widgets:
    """Return every widget of course_utils.widgets, each with small data: name -> how to build."""
    import numpy as np
    import torch

    from course_utils import widgets
    from course_utils.text import learn_bpe
    from course_utils.word_vectors import WordVectors

    words = "the quick brown fox jumps over the lazy dog".split()
    known = sorted(set(words))
    points = torch.randn(len(known), 2, generator=torch.Generator().manual_seed(1)).numpy()
    vectors = WordVectors(tuple(known), torch.tensor(points))
    weights = np.tril(np.ones((2, 2, 5, 5)))
    weights /= weights.sum(axis=-1, keepdims=True)
    return {
        "explore": lambda: _every_control(widgets),
        "shape_explorer": widgets.shape_explorer,
        "window_explorer": lambda: widgets.window_explorer(words),
        "noise_explorer": lambda: widgets.noise_explorer({w: 9 - i for i, w in enumerate(known)}),
        "word_map": lambda: widgets.word_map(vectors, points),
        "merge_explorer": lambda: widgets.merge_explorer(learn_bpe(" ".join(words) * 9, 12)),
        "scan_explorer": widgets.scan_explorer,
        "attention_explorer": lambda: widgets.attention_explorer(weights, "hello"),
        "writing_box": lambda: widgets.writing_box(_write, title="write", prompt="R:"),
    }


def _every_control(widgets: Any) -> Any:
    """Return a panel with one control of each kind, and a picture that follows all of them."""
    from course_utils import plots

    def draw(n: int, x: float, kind: str, dark: bool, text: str) -> tuple[Any, str]:
        ax = plots.new_figure(width=3, height=2)[1]
        ax.plot([x * i for i in range(n)], "o" if kind == "dots" else "-", alpha=1 - 0.5 * dark)
        ax.set_xlabel(text)
        return ax, f"{n} {x} {kind} {dark} {text}"

    return widgets.explore(
        draw,
        title="every control",
        n=widgets.slider("n", 2, 9),
        x=widgets.slider("x", 0.0, 1.0, step=0.25),
        kind=widgets.choice("kind", ["dots", "line"]),
        dark=widgets.switch("dark", False),
        text=widgets.text_box("text", "hello"),
    )


def _write(prompt: str, **options: Any) -> Iterator[str]:
    """Write what all the options say, again and again."""
    while True:
        yield f"{prompt}{sorted(options.items())} "


def describe(every: list[Any] | None = None) -> list[dict[str, Any]]:
    """Return what can be moved: of these widgets, or of all that live in this kernel."""
    from course_utils.widgets import Panel, WritingBox

    if every is None:
        every = [x for x in gc.get_objects() if issubclass(type(x), (Panel, WritingBox))]
    return [_facts(widget) for widget in sorted(every, key=lambda one: one.model_id)]


def _facts(widget: Any) -> dict[str, Any]:
    """Return the ids of one widget's parts, and to which values its controls can be moved."""
    message = widget.message
    facts = {"title": repr(widget), "controls": {}, "shows": [message.model_id]}
    facts["says"] = message.value
    if hasattr(widget, "picture"):
        facts["shows"].append(widget.picture.model_id)
    else:
        facts["shows"].append(widget.paper.model_id)
        facts["buttons"] = [widget.write_button.model_id, widget.stop_button.model_id]
    for name, control in widget.controls.items():
        facts["controls"][name] = {"id": control.model_id, **_moves(control)}
    return facts


def _moves(control: Any) -> dict[str, Any]:
    """Return the state that holds where a control stands, and the states to move it to."""
    value = control.value
    if hasattr(control, "_options_labels"):  # a drop-down list sends the place of its choice
        others = [i for i in range(len(control._options_labels)) if i != control.index]
        return {"key": "index", "rest": control.index, "to": others}
    if isinstance(value, bool):
        return {"key": "value", "rest": value, "to": [not value]}
    if isinstance(value, str):
        return {"key": "value", "rest": value, "to": [value[:-1], "Rom\u00e9o \U0001f600", ""]}
    steps = [value + control.step, value - control.step, control.max, control.min]
    inside = [number for number in steps if control.min <= number <= control.max]
    return {"key": "value", "rest": value, "to": [x for x in inside if x != value]}


def report(every: list[Any] | None = None) -> None:
    """Print what `describe` returns, and the version of ipywidgets."""
    import ipywidgets

    print(json.dumps({"version": ipywidgets.__version__, "widgets": describe(every)}))
