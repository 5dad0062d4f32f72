"""How small the letters of a figure are, written into its PNG, so that a slide can be checked."""

from __future__ import annotations

import struct
import zlib

from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

KEYWORD = "smallest-text"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_AFTER_HEADER = len(_SIGNATURE) + 25  # IHDR is always first, and always 25 bytes long


def _texts(artist: Artist) -> list[Text]:
    """Return the visible, non-empty texts in an artist and its visible children."""
    if not artist.get_visible():
        return []
    if isinstance(artist, Text):
        return [artist] if artist.get_text().strip() else []
    if isinstance(artist, Axis):
        parts = [artist.label, artist.offsetText, *artist.get_ticklabels(which="both")]
        return [text for part in parts for text in _texts(part)]
    drawn = artist.get_children()
    if not getattr(artist, "axison", True):  # Axes whose frame and ticks are switched off
        drawn = [child for child in drawn if not isinstance(child, Axis)]
    return [text for child in drawn for text in _texts(child)]


def smallest_text(figure: Figure) -> float | None:
    """Return the size of the smallest text in a figure that has been drawn.

    Subscripts and superscripts count with the size of the text that they stand in.

    Returns:
        The font size in px of the figure's own resolution, or None for a figure without text.
    """
    sizes = [text.get_fontsize() * figure.dpi / 72 for text in _texts(figure)]
    return min(sizes, default=None)


def with_note(png: bytes, size: float | None) -> bytes:
    """Return PNG bytes that also say how small their smallest text is (a tEXt chunk).

    Args:
        png: the bytes of a PNG file.
        size: px, or None for a picture without text: the chunk then says "none".
    """
    value = "none" if size is None else f"{size:.1f}"
    data = b"tEXt" + f"{KEYWORD}\0{value}".encode("latin-1")
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    return png[:_AFTER_HEADER] + chunk + png[_AFTER_HEADER:]


def read_note(png: bytes) -> float | None:
    """Return the size in px that `with_note` wrote, or None for a picture without text.

    Raises:
        ValueError: the picture says nothing about its text.

    >>> read_note(with_note(_SIGNATURE + bytes(25), 14.6))
    14.6
    """
    start = png.find(b"tEXt" + KEYWORD.encode() + b"\0")
    if start < 4:
        raise ValueError("this picture does not say how small its text is: run `make notebooks`")
    (length,) = struct.unpack(">I", png[start - 4 : start])
    value = png[start + 4 : start + 4 + length].split(b"\0")[1].decode()
    return None if value == "none" else float(value)
