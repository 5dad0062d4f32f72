"""A first try of a draw function, before its panel is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from course_utils.widgets.panel import Picture


def try_once(draw: Callable[..., tuple[Picture, str]], **values: Any) -> None:
    """Draw once and close the figure, so that data that do not fit raise their error at once.

    Inside of a panel the error would only be a message below an empty picture.

    Args:
        draw: answers with (figure or Axes, text).
        values: its keywords.

    Raises:
        Exception: what draw raises.
    """
    picture, _ = draw(**values)
    plt.close(picture.figure if isinstance(picture, Axes) else picture)
