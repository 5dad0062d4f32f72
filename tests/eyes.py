"""How people see a colour: with usual sight, with three kinds of colour-blindness, and in grey."""

from __future__ import annotations

from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np

from course_utils.plots.colours import luminance

with np.printoptions():  # on import it changes how all arrays are printed: here that ends again
    import colour
    from colour.blindness import CVD_MATRICES_MACHADO2010 as MACHADO

# Machado, Oliveira & Fernandes (2009), full severity, for linear RGB. For tritanopia their model
# is an approximation; the palette keeps its distance there, too.
EYES = {
    "usual": np.eye(3),
    "protanopia": np.asarray(MACHADO["Protanomaly"][1.0]),
    "deuteranopia": np.asarray(MACHADO["Deuteranomaly"][1.0]),
    "tritanopia": np.asarray(MACHADO["Tritanomaly"][1.0]),
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),  # a black-and-white printer
}
COLOUR_EYES = [eye for eye in EYES if eye != "grey"]
# Steps of CIE Delta E 2000: 1 is just seen side by side, 10 is another colour at first sight.
APART = 10.0
WHITE = (1.0, 1.0, 1.0)


@cache
def lab(rgb: tuple[float, float, float], eye: str) -> np.ndarray:
    """Return CIE Lab of a colour as this eye sees it."""
    linear = colour.cctf_decoding(np.asarray(rgb), function="sRGB")
    seen = np.clip(EYES[eye] @ linear, 0, 1)
    return colour.XYZ_to_Lab(colour.RGB_to_XYZ(seen, "sRGB"))


def distance(first: Any, second: Any, eye: str) -> float:
    """Return how far apart two colours are for an eye, in CIE Delta E 2000."""
    seen = (lab(mpl.colors.to_rgb(each), eye) for each in (first, second))
    return float(colour.delta_E(*seen, method="CIE 2000"))


def can_be_told_apart(first: Any, second: Any) -> bool:
    """Say whether two colours differ at first sight for every eye, and in grey."""
    return all(distance(first, second, eye) >= APART for eye in EYES)


@cache
def contrast(first: Any, second: Any = WHITE) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.1)."""
    dark, light = sorted(luminance([mpl.colors.to_rgb(first), mpl.colors.to_rgb(second)]))
    return float((light + 0.05) / (dark + 0.05))
