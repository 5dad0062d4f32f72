"""Sliders and boxes around plain functions. The only module that imports ipywidgets.

A widget here redraws by setting the bytes of an Image: that works alike in JupyterLab, in Colab,
in live slides, and with ipywidgets 7.7 and 8. What a widget shows at rest is also a stored figure
in the notebook, for readers without a running Python.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils import cells, plots

# A draw function answers with a picture, a text, or both.
Picture = Figure | Axes
Answer = Picture | str | tuple[Picture, str]


class Panel(ipywidgets.VBox):
    """Controls above a picture and a line of text, redrawn when a control moves.

    Attributes:
        controls: name -> widget; set ``panel.controls["t"].value`` to move one from code.
        picture: the Image, whose ``value`` holds PNG bytes.
        message: the HTML line below the picture.
    """

    def __init__(self, draw: Callable[..., Answer], title: str, controls: Mapping[str, Any]):
        """Show the controls and draw once."""
        self.controls = dict(controls)
        # Without align_self a box stretches its picture to the full width, which blurs it.
        layout = {"max_width": "100%", "align_self": "flex-start"}
        self.picture = ipywidgets.Image(format="png", layout=layout)
        self.message = ipywidgets.HTML()
        self._draw, self._title = draw, title
        # Many controls stand in two columns, so that the answer below stays on the screen.
        row = ipywidgets.HBox([*self.controls.values()], layout={"flex_flow": "row wrap"})
        super().__init__([row, self.picture, self.message])
        for control in self.controls.values():
            control.observe(self._redraw, names="value")
        self._redraw(None)

    def __repr__(self) -> str:
        """Return the text that stands in the stored notebook in place of the widget."""
        return f"[interactive: {self._title}. Run this cell to use it.]"

    def _redraw(self, _change: object) -> None:
        """Call the draw function with the controls' values; show its error if it refuses them."""
        values = {name: control.value for name, control in self.controls.items()}
        try:
            answer = self._draw(**values)
        except (ValueError, TypeError, IndexError, KeyError) as error:
            self._say(f"✗ {error}", alert=True)
            return
        picture, text = _split(answer)
        self.picture.layout.display = "none" if picture is None else None
        if picture is not None:
            figure = picture.figure if isinstance(picture, Axes) else picture
            self.picture.value = plots.to_png(figure)
        self._say(text)

    def _say(self, text: str, *, alert: bool = False) -> None:
        """Write the text below the picture; escape it, because a reader may have typed it."""
        colour = "; color: #B3261E; background: white" if alert else ""
        role = ' role="alert"' if alert else ""
        self.message.value = (
            f'<pre{role} style="font-size: 18px; line-height: 1.4; white-space: pre-wrap{colour}">'
            f"{html.escape(text)}</pre>"
        )


def _split(answer: Answer) -> tuple[Picture | None, str]:
    """Sort what a draw function answered into (picture or None, text)."""
    if isinstance(answer, tuple):
        return answer
    return (None, answer) if isinstance(answer, str) else (answer, "")


def explore(draw: Callable[..., Answer], *, title: str, **controls: Any) -> Panel:
    """Build a panel that redraws when a control moves.

    Args:
        draw: takes one keyword per control; returns a figure, a text, or (figure, text). A
            ValueError, TypeError, IndexError or KeyError it raises is shown below the picture.
        title: what the widget is for, a few words.
        controls: name -> widget, made by `slider`, `choice`, `text_box` or `switch`.

    Returns:
        The Panel; as the last line of a cell it is displayed.

    Raises:
        ValueError: there is no control.
    """
    if not controls:
        raise ValueError("explore needs at least one control, such as t=slider('t', 0, 9)")
    return Panel(draw, title, controls)


_WIDE = {"description_width": "150px"}


def slider(
    label: str, low: float, high: float, *, value: float | None = None, step: float = 1
) -> Any:
    """Build a slider from low to high, for whole numbers or, with a float step, for any.

    Raises:
        ValueError: high is below low, or step is not positive.
    """
    if high < low or step <= 0:
        raise ValueError(f"need low <= high and step > 0, got {low}, {high}, {step}")
    whole = all(isinstance(number, int) for number in (low, high, step))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    start = low if value is None else value
    return kind(
        value=start,
        min=low,
        max=high,
        step=step,
        description=label,
        style=_WIDE,
        layout={"width": "480px"},
    )


def choice(label: str, options: Sequence[Any], *, value: Any = None) -> ipywidgets.Dropdown:
    """Build a drop-down list; the first option is chosen unless value says otherwise."""
    start = options[0] if value is None else value
    return ipywidgets.Dropdown(
        options=list(options),
        value=start,
        description=label,
        style=_WIDE,
        layout={"width": "480px"},
    )


def text_box(label: str, value: str) -> ipywidgets.Text:
    """Build a box to type in; it answers after every letter."""
    return ipywidgets.Text(
        value=value,
        description=label,
        style=_WIDE,
        continuous_update=True,
        layout={"width": "95%"},
    )


def switch(label: str, value: bool) -> ipywidgets.Checkbox:
    """Build a box to tick."""
    return ipywidgets.Checkbox(
        value=value, description=label, style=_WIDE, layout={"width": "480px"}
    )


def shape_explorer() -> Panel:
    """Build the explorer of nn.RNN's arguments: predicted shapes beside those of a real call."""
    return explore(
        describe_rnn,
        title="every argument of nn.RNN and the shapes that follow from it",
        input_size=slider("input_size", 1, 12, value=4),
        hidden_size=slider("hidden_size", 1, 12, value=2),
        num_layers=slider("num_layers", 1, 4),
        nonlinearity=choice("nonlinearity", ["tanh", "relu"]),
        bias=switch("bias", True),
        batch_first=switch("batch_first", True),
        dropout=slider("dropout", 0.0, 0.9, step=0.1),
        bidirectional=switch("bidirectional", False),
        batch_size=slider("batch (0: unbatched)", 0, 8, value=1),
        seq_len=slider("sequence length", 1, 12, value=5),
    )


def describe_rnn(*, nonlinearity: str, dropout: float, batch_size: int, **sizes: Any) -> str:
    """Compare the shapes that follow from nn.RNN's arguments with those of a real call.

    Args:
        nonlinearity: "tanh" or "relu"; changes no shape.
        dropout: probability; changes no shape, and acts only between layers.
        batch_size: B, or 0 for one sequence without a batch dimension.
        sizes: input_size, hidden_size, seq_len, num_layers, bias, batch_first, bidirectional.

    Returns:
        A table, one line per tensor, with a ✓ or ✗ for the comparison.

    Raises:
        ValueError: a size is below 1 (batch_size: below 0).
    """
    import torch

    if batch_size < 0:
        raise ValueError(f"batch_size must be 0 (unbatched) or more, got {batch_size}")
    if not 0 <= dropout <= 1:
        raise ValueError(f"dropout is a probability from 0 to 1, got {dropout}")
    shapes = cells.rnn_shapes(batch_size=batch_size or None, **sizes)
    # nn.RNN warns about dropout with one layer, where it has no place to act.
    active_dropout = dropout if sizes.get("num_layers", 1) > 1 else 0.0
    options = {name: value for name, value in sizes.items() if name != "seq_len"}
    rnn = torch.nn.RNN(nonlinearity=nonlinearity, dropout=active_dropout, **options)
    output, h_n = rnn(torch.zeros(shapes.x), torch.zeros(shapes.h_0))
    rows = [("x", shapes.x, shapes.x), ("h_0", shapes.h_0, shapes.h_0)]
    rows += [("output", shapes.output, tuple(output.shape)), ("h_n", shapes.h_n, tuple(h_n.shape))]
    real = {name: tuple(p.shape) for name, p in rnn.named_parameters()}
    rows += [(name, shapes.weights.get(name), real.get(name)) for name in real | shapes.weights]
    table = [f"{'tensor':<24}{'by the rule':<16}nn.RNN"]
    for name, rule, seen in rows:
        table.append(f"{name:<24}{rule!s:<16}{seen!s:<14} {'✓' if rule == seen else '✗'}")
    table.append(f"parameters: {sum(p.numel() for p in rnn.parameters())}")
    if dropout > active_dropout:
        table.append("dropout acts between layers: with one layer it does nothing")
    return "\n".join(table)
