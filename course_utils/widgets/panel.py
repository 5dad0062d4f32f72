"""Controls above a picture and a line of text, around a plain function."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils import arguments, plots
from course_utils.arguments import shown
from course_utils.widgets.controls import sendable

LONGEST = 1000  # characters of an error that are shown

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
        self.add_class("course-panel")  # on a slide, the words stand beside the picture
        for control in self.controls.values():
            control.observe(self._redraw, names="value")
        self._redraw(None)

    def __repr__(self) -> str:
        """Return the text that stands in the stored notebook in place of the widget."""
        return stored_text(self._title)

    def _redraw(self, change: object) -> None:
        """Call the draw function with the controls' values; show its error if it refuses them."""
        values = {name: control.value for name, control in self.controls.items()}
        open_before = set(plt.get_fignums())
        try:
            png, text = _answered(self._draw, values)
        except (ValueError, TypeError, IndexError, KeyError) as error:
            self._say(f"✗ {error}"[:LONGEST], alert=True)
        except Exception as error:
            if change is None:  # the author of the widget should see it
                raise
            # An error that leaves this function would reach no reader.
            self._say(f"✗ {type(error).__name__}: {error}"[:LONGEST], alert=True)
        else:
            self.picture.layout.display = "none" if png is None else None
            if png is not None:
                self.picture.value = png
            self._say(text)
        finally:
            for number in set(plt.get_fignums()) - open_before:  # left by an error in the middle
                plt.close(number)

    def _say(self, text: str, *, alert: bool = False) -> None:
        """Write the text below the picture."""
        self.message.value = message_html(text, role="alert" if alert else "")


def stored_text(title: str) -> str:
    """Return the text that stands in a stored notebook in place of a widget."""
    return f"[interactive: {title}. Run this cell to use it.]"


def message_html(text: str, *, role: str = "", label: str = "", bold: str = "") -> str:
    """Return a text as HTML in large letters; it is escaped, because a reader may have typed it.

    Args:
        text: any text; line breaks are kept.
        role: what it is for screen readers: "alert" for a mistake, which is also drawn red,
            "status" for what is going on, "region" for a part of the page with a label.
        label: a name for screen readers.
        bold: a text to put before it, in bold.

    >>> message_html("<b>", role="status").endswith("&lt;b&gt;</pre>")
    True
    """
    text, label, bold = map(sendable, (text, label, bold))
    colour = "; color: #B3261E; background: white" if role == "alert" else ""
    marks = f' role="{role}"' if role else ""
    marks += f' aria-label="{html.escape(label)}"' if label else ""
    strong = f"<b>{html.escape(bold)}</b>" if bold else ""
    style = f"font-size: 18px; line-height: 1.4; white-space: pre-wrap{colour}"
    return f'<pre{marks} style="{style}">{strong}{html.escape(text)}</pre>'


def _answered(draw: Callable[..., Answer], values: Mapping[str, Any]) -> tuple[bytes | None, str]:
    """Return what a draw function answers: PNG bytes or None, and the text."""
    answer = draw(**values)
    if isinstance(answer, str):
        return None, answer
    picture, text = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, "")
    if picture is None and isinstance(text, str) and text:
        return None, text
    if not isinstance(picture, Picture) or not isinstance(text, str):
        raise TypeError(f"draw must return a figure, a text or both, got {shown(answer)}")
    return plots.to_png(picture.figure if isinstance(picture, Axes) else picture), text


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
        TypeError: draw is no function, title no text, or a control no widget with a value.
        ValueError: there is no control.
    """
    if not controls:
        raise ValueError("explore needs at least one control, such as t=slider('t', 0, 9)")
    if not callable(draw):
        raise TypeError(f"draw must be a function, got {shown(draw)}")
    arguments.text("title", title)
    for name, control in controls.items():
        if not isinstance(control, ipywidgets.Widget) or not hasattr(control, "value"):
            raise TypeError(f"{name} must be a control, such as a slider, got {shown(control)}")
    return Panel(draw, title, controls)
