"""Colour maps on which black or white letters can be read, and which of the two to write in."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np


def diverging() -> mpl.colors.Colormap:
    """Return blue for negative, white for zero, orange for positive numbers."""
    return mpl.colors.LinearSegmentedColormap.from_list("course", ["#3C93C8", "white", "#EE8A3C"])


def sequential() -> mpl.colors.Colormap:
    """Return white to dark brown: each colour is darker than the one before, also in grey."""
    steps = ["white", "#FCE3B6", "#E69F00", "#C04F00", "#5A1E00"]
    return mpl.colors.LinearSegmentedColormap.from_list("course_sequential", steps)


def luminance(colors: Any) -> np.ndarray:
    """Return how bright each colour is, from 0 (black) to 1 (white) (WCAG 2.1, 1.4.3).

    Args:
        colors: (N, 3) or (N, 4), red, green, blue (and opacity, left out) from 0 to 1.

    Returns:
        (N,).
    """
    rgb = np.asarray(colors, dtype=float)[:, :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def needs_white(colors: Any) -> np.ndarray:
    """Return for each colour whether white letters have more contrast on it than black ones.

    The better of the two has a contrast of at least 4.5 to 1 on every colour.

    Args:
        colors: (N, 3) or (N, 4), from 0 to 1.

    Returns:
        bool, (N,).

    >>> needs_white([(1, 1, 1), (0, 0, 0.5)]).tolist()
    [False, True]
    """
    # White has the contrast 1.05 / (L + 0.05), black has (L + 0.05) / 0.05.
    return (luminance(colors) + 0.05) ** 2 < 1.05 * 0.05
