"""Check for the first exercise of all, in notebook 00."""

from __future__ import annotations

from collections.abc import Callable

from course_utils.checks.answers import shortly
from course_utils.checks.grading import grade, hint


def check_backwards(answer: Callable[[str], str]) -> None:
    """Check a function word -> the same letters from the last to the first."""
    grade("backwards", _examine_backwards, answer)


def _examine_backwards(answer: Callable[[str], str]) -> None:
    word = "stream"
    got = answer(word)
    if got is None:
        hint("your function returned None: end it with return (print only shows a text).")
    if not isinstance(got, str):
        hint(f"return a text (str), got {type(got).__name__}: {shortly(got)}.")
    known = {
        word: "these are the letters in the old order.",
        word[:0:-1]: "the first letter of the word is missing at the end.",
        word[-2::-1]: "the last letter of the word is missing at the front.",
        "".join(sorted(word)): "the letters are sorted by the alphabet; turn their order round.",
        "".join(sorted(word, reverse=True)): "the letters are sorted; turn their order round.",
    }
    if got in known:
        hint(known[got])
    if got != word[::-1] and "".join(got.split()) == word[::-1]:
        hint("the letters are right, and there are blanks too many.")
    if got != word[::-1]:
        hint(f"backwards({word!r}) should be {word[::-1]!r}, got {shortly(got)}.")
    for other in ("ab", "Anna", "a b", ""):
        got = answer(other)
        if not isinstance(got, str) or got != other[::-1]:
            hint(f"backwards({other!r}) should be {other[::-1]!r}, got {shortly(got)}.")
