"""Outlines of letters, whatever the alphabet: a letter that no font holds becomes a box."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category, east_asian_width

import numpy as np
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

ADVANCE = 0.602  # width of every letter of DejaVu Sans Mono, as a share of its size
MISSING = "\u25a1"
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # categories of signs without a picture of their own

# Matplotlib ships with the first two. The others are asked only for letters that these lack.
_FAMILIES = ("DejaVu Sans Mono", "DejaVu Sans")
_OTHERS = (
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans KR",
    "Noto Sans CJK KR",
    "Noto Sans CJK JP",
    "Segoe UI Emoji",
    "Segoe UI Symbol",
    "Noto Emoji",
)


@lru_cache(maxsize=1)
def _files() -> dict[str, str]:
    """Return name -> file of the fonts that are installed, the best first."""
    installed = {entry.name: entry.fname for entry in fontManager.ttflist}
    own = {family: findfont(FontProperties(family=family)) for family in _FAMILIES}
    return own | {name: installed[name] for name in _OTHERS if name in installed}


@lru_cache(maxsize=4096)
def font_for(sign: str) -> str | None:
    """Return the file of the first installed font that can draw the sign, or None.

    A character that controls something, such as a carriage return, has no picture of its own.

    Args:
        sign: one character.

    >>> font_for("a").endswith("DejaVuSansMono.ttf"), font_for(chr(0x10FFFF))
    (True, None)
    """
    if category(sign) in _UNSEEN:
        return None
    holds = (file for file in _files().values() if get_font(file).get_char_index(ord(sign)))
    return next(holds, None)


@lru_cache(maxsize=4096)
def outline(sign: str) -> Path:
    """Return the outline of one character of size 1, its middle at x = 0, its base line at y = 0.

    Letters of the fixed-width font keep their place in the line; any other is centred, and made
    smaller where it is too wide. A character that no font holds is drawn as an empty box; a blank
    has no outline.
    """
    file = font_for(sign)
    if file is None:
        return outline(MISSING)
    points, codes = text_to_path.get_text_path(FontProperties(fname=file), sign)
    if not len(points):
        return Path(np.zeros((0, 2)))
    path = Path(np.array(points) / text_to_path.FONT_SCALE, codes)
    (left, _), (right, _) = path.get_extents().get_points()
    if file == _files()[_FAMILIES[0]] and right - left <= ADVANCE:
        left, right = 0, ADVANCE
    scale = min(1.0, (1.0 if is_broad(sign) else ADVANCE) / max(right - left, 1e-9))
    return Path((path.vertices - ((left + right) / 2, 0)) * scale, codes)


def in_default_font(sign: str) -> bool:
    """Return whether the font of a figure's plain texts has a picture of a character."""
    if category(sign) in _UNSEEN:
        return False
    return bool(get_font(_files()[_FAMILIES[1]]).get_char_index(ord(sign)))


def is_broad(sign: str) -> bool:
    """Return whether a character is as wide as it is high, such as a Korean letter."""
    return east_asian_width(sign) in "WF"


def writable(text: str) -> tuple[str, list[str]]:
    """Return a text with a box for each character that no font holds, and the fonts to use.

    The fonts are for matplotlib's option ``fontfamily``: the later ones stand in for the first.

    >>> writable("Kim" + chr(0x10FFFF))[0]
    'Kim\u25a1'
    """
    signs = [sign if sign in "\n " or font_for(sign) else MISSING for sign in text]
    return "".join(signs), [_FAMILIES[1], _FAMILIES[0], *list(_files())[2:]]


def joined(paths: list[tuple[Path, float, float]], size: float) -> Path:
    """Return one path of many outlines, each enlarged to the size and moved to (x, y).

    One path is drawn much faster than hundreds of texts, and its letters stand where they should.

    Args:
        paths: (outline of size 1, x, y) for each letter.
        size: height of the letters in the unit of x and y.
    """
    paths = [place for place in paths if len(place[0].vertices)]
    if not paths:
        return Path(np.zeros((0, 2)))
    points = [path.vertices * size + (x, y) for path, x, y in paths]
    return Path(np.concatenate(points), np.concatenate([path.codes for path, _, _ in paths]))
