"""A figure that a function returns is drawn, and no refusal leaves one open."""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

SMALL = 25  # dots per inch: enough to meet every mistake, and quick
RENDERED = 5  # one figure of so many also becomes a picture: that takes most of the time

_DRAWN = itertools.count()


def drawn(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, with its figure drawn and closed; pytest turns warnings into errors."""

    @functools.wraps(call)
    def wrapped(**arguments: Any) -> Any:
        before = set(plt.get_fignums())
        try:
            answer = call(**arguments)
        except Exception:
            assert set(plt.get_fignums()) <= before, "an error left a figure open"
            raise
        else:
            draw(answer)
        finally:
            plt.close("all")
        return answer

    return wrapped


def draw(answer: Any) -> None:
    """Draw the figure of an answer: a Figure, Axes, or one of them with a text."""
    picture = answer[0] if isinstance(answer, tuple) else answer
    figure = picture.figure if isinstance(picture, Axes) else picture
    assert isinstance(figure, Figure), answer
    if next(_DRAWN) % RENDERED:
        figure.draw_without_rendering()  # places every letter, which is where text is refused
    else:
        figure.savefig(io.BytesIO(), format="png", dpi=SMALL)


def is_figure(answer: Any, _arguments: Any) -> None:
    """Assert that the answer is a figure of a size that a notebook can show."""
    picture = answer[0] if isinstance(answer, tuple) else answer
    figure = picture.figure if isinstance(picture, Axes) else picture
    assert (figure.get_size_inches() <= 40).all()


def texts(answer: Any) -> list[str]:
    """Return what is written in a figure."""
    figure = answer.figure if isinstance(answer, Axes) else answer
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
