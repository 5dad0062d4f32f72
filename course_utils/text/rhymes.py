"""Find the end of a word that a rhyme repeats, by its spelling."""

from __future__ import annotations

import re

from course_utils import arguments

_VOWELS = re.compile(r"(?:[aeiou]|y(?![aeiou]))+")


def rhyme(word: str) -> str:
    """Return the end of a word that a rhyme repeats: its letters from the last group of vowels on.

    Vowels are a, e, i, o, u, and y where none of these follows. An e at the end, after a consonant,
    is not a group when there is another one before it. This looks at spelling only: "loan" and
    "bone" rhyme for the ear but not here, "father" and "her" do here.

    >>> rhyme("heart"), rhyme("Time"), rhyme("thee"), rhyme("play'd"), rhyme("hm")
    ('eart', 'ime', 'ee', "ay'd", '')

    Args:
        word: letters and apostrophes.

    Returns:
        The end in lower case; empty when the word has no vowel.

    Raises:
        TypeError: word is not a string.
    """
    word = arguments.text("word", word, what="one word").lower()
    starts = [group.start() for group in _VOWELS.finditer(word)]
    if len(starts) > 1 and word.endswith("e") and starts[-1] == len(word) - 1:
        starts.pop()
    return word[starts[-1] :] if starts else ""
