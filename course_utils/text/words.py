"""Cut a text into words and sentences, and count the words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from course_utils.arguments import items, whole_number
from course_utils.text.given import symbols_of

_BLANK_LINE = re.compile(r"\n\s*\n")


def word_sentences(text: str) -> list[list[str]]:
    r"""Cut a text into sentences of lower-case words: the paragraphs and their words.

    A sentence is a paragraph: what stands between two blank lines, such as one speech of a play.
    A word is a run of letters of any script, with the marks above and below them. An apostrophe
    (' or ’, both written ' here) belongs to a word only where letters stand on both sides of it:

        king's o'er know't   stay one word each
        'tis th' 'Hark!'     become tis, th and hark

    Every other sign (a blank, a hyphen, a digit, a full stop, an underscore) ends a word and is
    left out. The name of a speaker is a word like any other. Letters are brought into the composed
    form (NFC) first, so "é" is the same word however it was typed.

    Args:
        text: any text; it may be empty. A text without blank lines is one sentence.

    Returns:
        One list of words for each paragraph; paragraphs without a word are left out.

    Raises:
        TypeError: text is not a string.

    >>> word_sentences("ROMEO:\n'Tis the King’s well-known horse, no. 9!\n\n* * *\n\nO'er there.")
    [['romeo', 'tis', 'the', "king's", 'well', 'known', 'horse', 'no'], ["o'er", 'there']]
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, not {type(text).__name__}: {text!r:.60}")
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    kinds = {sign: unicodedata.category(sign)[0] for sign in set(text)}
    blanks = {ord(sign): " " for sign, kind in kinds.items() if kind not in "LM" and sign != "'"}
    table = {**blanks, ord("’"): "'"}
    # A mark without a letter before it, such as that of an emoji, begins no word.
    marks = "".join(re.escape(sign) for sign, kind in kinds.items() if kind == "M")
    part = rf"[^\s'{marks}][^\s']*"
    find = re.compile(rf"{part}(?:'{part})*").findall
    # Cut before the signs go: a line of stars is not blank.
    found = [find(paragraph.translate(table)) for paragraph in _BLANK_LINE.split(text)]
    return [words for words in found if words]


def count_words(sentences: Iterable[Sequence[str]], *, min_count: int = 1) -> dict[str, int]:
    """Count how often each word occurs.

    Args:
        sentences: lists of words.
        min_count: rarer words are left out, at least 1.

    Returns:
        word -> count, the most frequent word first, equal counts in the order of the code points
        of the words.

    Raises:
        TypeError: a sentence is a string (its letters would be counted) or no list of strings, or
            min_count is not a whole number.
        ValueError: min_count is below 1.

    >>> count_words([["a", "rose", "is", "a", "rose"], ["is", "a", "rose", "red"]], min_count=2)
    {'a': 3, 'rose': 3, 'is': 2}
    """
    if whole_number("min_count", min_count) < 1:
        raise ValueError(f"min_count={min_count} must be at least 1; 1 keeps every word")
    counts: Counter[str] = Counter()
    given = [sentences] if isinstance(sentences, str) else sentences
    for i, sentence in enumerate(items("sentences", given, what="lists of words")):
        if isinstance(sentence, str):
            raise TypeError(
                f"sentences must be lists of words, and {sentence!r:.60} is a string; "
                "word_sentences cuts a text"
            )
        counts.update(symbols_of(f"sentences[{i}]", sentence, what="a list of words"))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {word: count for word, count in ordered if count >= min_count}
