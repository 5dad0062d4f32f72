"""Texts that would do harm if they were run, and not shown: what a file or a reader may hold."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from matplotlib.axes import Axes
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.text import Text

MARK = "pwned"  # in every text below that could do something

TEXTS = {
    "script": f"<script>{MARK}()</script>",
    "image": f'<img src=x onerror="{MARK}()">',
    "end of a tag": f"</pre></textarea><svg onload={MARK}()>",
    "attribute": f'" onmouseover="{MARK}()" x=\'',
    "entity": f"&lt;b&gt;{MARK}&amp;#60;",
    "python": f"__import__('os').system('{MARK}')",
    "braces": "{0.__class__} {MARK} %s %(x)s %n ${HOME} $(id)",
    "jinja": "{{ 7 * 7 }}{% for x in y %}",
    "mathematics": r"$\frac{1}{pwned$ and $x_{$",
    "a price": "it costs $5 or $6",
    "terminal": "\x1b[2J\x1b]0;pwned\x07",
    "zero": "a\x00b",
    "markdown": f"[{MARK}](javascript:{MARK}()) ![x](http://example.org/{MARK}.png)",
    "right to left": "\u202epwned\u202c",
}


class Page(HTMLParser):
    """Collect the tags, the attributes and the text of a piece of a page."""

    def __init__(self, page: str) -> None:
        """Read the whole piece."""
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag and its attributes."""
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        self.text += data


def formulas(drawn: Axes | Figure) -> Iterator[str]:
    """Yield the texts of a figure that matplotlib would read as formulas."""
    figure = drawn.figure if isinstance(drawn, Axes) else drawn
    for text in figure.findobj(Text):
        if text.get_parse_math() and is_math_text(text.get_text()):
            yield text.get_text()
