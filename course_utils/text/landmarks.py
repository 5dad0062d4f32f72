"""Describe, at every character of a play, where in the text a reader is."""

from __future__ import annotations

from course_utils import arguments


def causal_features(text: str, *, cap: int = 60) -> dict[str, list[float]]:
    """Describe each character by what a reader knows who has come so far.

    Number t of each list depends on text[: t + 1] only, never on what follows. So a network that
    has read up to and including character t can know it, and its state after character t can be
    compared with it. The start of the text counts as the start of a speech.

    Features (1.0 for yes and 0.0 for no, where nothing else is said):
        line_position: characters before this one in its line, at most `cap`; a line feed is the
            last character of its line.
        speech_line: finished lines of this speech before this one, at most `cap`; 0 in the first
            line after a blank line, which names the speaker, and where a blank line ends.
        after_blank_line: the line follows a blank line and had no colon before this character. In
            a play these are the speaker lines, up to and including the colon. That a line *is* a
            speaker line nobody knows before its colon.
        in_word: a letter, or an apostrophe right after a letter (whether another letter follows is
            not known yet).
        word_position: 1 for the first letter of a word, 2 for the next character of it, and so on,
            at most `cap`; 0 outside words.
        first_letter: the first letter of its line.
        upper_case, vowel (a, e, i, o, u), blank (" "), comma: what the character is.
        in_quotes: an opened double quote was not closed yet in this speech; 1 at the opening, 0
            at the closing quote. Only where the text has a double quote.

    >>> features = causal_features("Ay:\\nO no")
    >>> features["line_position"]
    [0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0]
    >>> features["after_blank_line"], features["word_position"][4:]
    ([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 1.0, 2.0])

    Args:
        text: T characters; may be empty.
        cap: the largest position that is told apart, at least 1.

    Returns:
        Name -> list of T numbers.

    Raises:
        TypeError: text is not a string, or cap is not a whole number.
        ValueError: cap is below 1.
    """
    arguments.text("text", text, what="one text")
    if arguments.whole_number("cap", cap) < 1:
        raise ValueError(f"cap must be at least 1, got {cap}")
    reader = _Reader()
    rows = [reader.read(character) for character in text]
    names = list(_Reader().read(" "))
    if not any(mark in text for mark in '"“”'):
        names.remove("in_quotes")
    return {name: [float(min(row[name], cap)) for row in rows] for name in names}


class _Reader:
    """Read a text one character at a time; it cannot see what follows."""

    def __init__(self) -> None:
        self.last = ""  # the character before; empty at the start
        self.in_line, self.line = -1, 0  # place in the line, number of the line in its speech
        self.line_is_blank, self.follows_blank = True, True
        self.had_colon = self.had_letter = self.in_quotes = False
        self.in_word = 0

    def read(self, character: str) -> dict[str, float]:
        """Take in one character and return the features at it."""
        if self.last == "\n":
            self._start_line()
        self.in_line += 1
        self._word(character)
        self._quotes(character)
        self.line_is_blank &= character.isspace()
        if self.line_is_blank and character == "\n":
            self.line, self.in_quotes = 0, False
        features = self._features(character)
        self.had_colon |= character == ":"
        self.had_letter |= character.isalpha()
        self.last = character
        return features

    def _features(self, character: str) -> dict[str, float]:
        """Return the features, when all but had_colon and had_letter knows this character."""
        return {
            "line_position": self.in_line,
            "speech_line": self.line,
            "after_blank_line": self.follows_blank and not self.had_colon,
            "in_word": self.in_word > 0,
            "word_position": self.in_word,
            "first_letter": character.isalpha() and not self.had_letter,
            "upper_case": character.isupper(),
            "vowel": character.lower() in "aeiou",
            "blank": character == " ",
            "comma": character == ",",
            "in_quotes": self.in_quotes,
        }

    def _start_line(self) -> None:
        """Close the line before, which a line feed has ended."""
        self.line = 0 if self.line_is_blank else self.line + 1
        self.follows_blank = self.line_is_blank
        self.in_line, self.line_is_blank = -1, True
        self.had_colon = self.had_letter = False

    def _word(self, character: str) -> None:
        inside = character.isalpha() or (character in "'’" and self.last.isalpha())
        self.in_word = self.in_word + 1 if inside else 0

    def _quotes(self, character: str) -> None:
        if character == '"':
            self.in_quotes = not self.in_quotes
        elif character in "“”":
            self.in_quotes = character == "“"
