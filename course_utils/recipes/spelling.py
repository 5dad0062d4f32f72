"""Say how a name was read, so that nothing in it is changed or left out without a word."""

from __future__ import annotations

import unicodedata

from course_utils.arguments import text
from course_utils.recipes.names import LETTERS, spell
from course_utils.text import normalise

_LONGEST = 80
_MOST = 5


def left_out(name: str) -> list[str]:
    """Return the characters of a name that its spelling has no letter for.

    A mark on a letter is not counted, nor is a character that nobody can see: the letter below the
    mark is either spelled or in the list.

    >>> left_out("Šlusàrski"), left_out("Kim 김 😀😀")
    ([], ['김', '😀'])

    Args:
        name: any text.

    Returns:
        The characters, each once, in the order of the name.

    Raises:
        TypeError: name is not a string.
    """
    text("name", name, what="a surname")
    # Composed first: a Hangul syllable is one character for its reader, not three.
    characters = dict.fromkeys(unicodedata.normalize("NFC", name.strip()))
    return [c for c in characters if not normalise(c) and _stands_alone(c)]


def _stands_alone(character: str) -> bool:
    """Tell whether a character is no mark on another one, and can be seen."""
    kind = unicodedata.category(character)
    return not kind.startswith("M") and kind != "Cf"


def read_as(name: str) -> str:
    """Return a name together with how the network reads it, where that differs.

    >>> read_as("O'Neill"), read_as("Groß")
    ("O'Neill", 'Groß, read as gross')
    >>> read_as("Kim😀")
    'Kim😀, read as kim (left out: 😀)'

    Args:
        name: any text with 1 to MAX_LETTERS letters.

    Returns:
        One line that can be shown anywhere.

    Raises:
        TypeError, ValueError: name cannot be spelled, see `spell`.
    """
    letters = "".join(LETTERS.decode(spell(name)))
    shown = _visible(name.strip())
    if shown.lower() == letters:
        return shown
    shown = shown[:_LONGEST] + ("…" if len(shown) > _LONGEST else "")
    lost = left_out(name)
    if not lost:
        return f"{shown}, read as {letters}"
    more = f" and {len(lost) - _MOST} more" if len(lost) > _MOST else ""
    return f"{shown}, read as {letters} (left out: {' '.join(map(_visible, lost[:_MOST]))}{more})"


def _visible(name: str) -> str:
    """Return a text without what has no picture: a line break or half a character is escaped."""
    seen = (c for c in name if unicodedata.category(c) != "Cf")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in seen)
