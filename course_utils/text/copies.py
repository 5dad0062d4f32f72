"""Find what a written text has copied from its training text."""

from __future__ import annotations

from collections.abc import Iterable

from course_utils import arguments


def longest_copy(text: str, training_text: str) -> str:
    """Return the longest run of characters that stands in both texts.

    A model that knows its training text by heart repeats hundreds of characters; a few dozen are
    common phrases. Every part of a copied run is copied too, so the length is found by doubling
    and then halving, and a place that holds no shorter run is never looked at again. The time grows
    with the product of both lengths, of the text and of the run: a run of 50,000 characters takes
    some seconds, the usual few dozen a fraction of one.

    >>> longest_copy("we know not, sir", "I know not what, sir")
    ' know not'

    Args:
        text: what a model wrote, the whole of it.
        training_text: the text that the model learned from.

    Returns:
        The first one in the training text if there are several; empty when no character is in
        both.

    Raises:
        TypeError: an argument is not a string.
    """
    arguments.text("text", text, what="one text")
    arguments.text("training_text", training_text, what="one text")
    if text in training_text:
        return text
    length, step, places = 0, 8, range(len(training_text))
    growing = True
    while step:
        kept = _copied(text, training_text, length + step, places)
        if kept:
            length, places = length + step, kept
        growing = growing and bool(kept)
        step = step * 2 if growing else step // 2
    return training_text[places[0] :][:length] if length else ""


def _copied(text: str, training_text: str, length: int, places: Iterable[int]) -> list[int]:
    """Return the places of the training text where a run of the text of this length begins."""
    # Hashes, not the runs: a long text has runs of many times its own size. Two of 64 bits agree
    # by chance less than once in a million calls.
    runs = {hash(text[i : i + length]) for i in range(len(text) - length + 1)}
    return [j for j in places if hash(training_text[j : j + length]) in runs]
