"""The exercise of notebook 00: its solution, and mistakes that a beginner makes."""

from __future__ import annotations

from course_utils import checks


def backwards(word):
    return word[::-1]


def with_a_loop(word):
    turned = ""
    for letter in word:
        turned = letter + turned
    return turned


def only_printed(word):
    turned = word[::-1]
    len(turned)  # where a beginner prints, and returns nothing


CASES = {
    checks.check_backwards: (
        backwards,
        [
            (only_printed, "returned None"),
            (lambda word: reversed(word), "return a text (str), got reversed"),
            (lambda word: list(word)[::-1], "return a text (str), got list"),
            (lambda word: word, "in the old order"),
            (lambda word: word[-1:0:-1], "the first letter of the word is missing"),
            (lambda word: word[-2::-1], "the last letter of the word is missing"),
            (lambda word: "".join(sorted(word)), "sorted by the alphabet"),
            (lambda word: "".join(sorted(word, reverse=True)), "sorted; turn"),
            (lambda word: " ".join(word[::-1]), "blanks too many"),
            (lambda word: word[::-1].upper(), "should be 'maerts', got 'MAERTS'"),
            (lambda word: word[::-1].lower(), "backwards('Anna') should be 'annA'"),
            (lambda word: word[::-1].replace(" ", ""), "backwards('a b') should be 'b a'"),
            (lambda word: word[::-1] or None, "backwards('') should be ''"),
            (lambda word: word.reverse(), "stopped with AttributeError"),
        ],
    )
}
ALSO_RIGHT = [(checks.check_backwards, with_a_loop)]
