"""Count what a written play gets right: words, speakers, lines, brackets, rhymes, and copies.

Only a line feed ends a line. A line is blank when it holds nothing but white space. A paragraph is
a row of lines between blank lines; in a play each paragraph is a speech. The text is taken to begin
with a new speech, and what stands after its last line feed is unfinished and is left out (a text
without any line feed is judged whole).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from course_utils import arguments
from course_utils.text.copies import longest_copy
from course_utils.text.given import symbols_of
from course_utils.text.rhymes import rhyme

LONGEST_SPEAKER_LINE = 30  # characters; the longest one of the tiny Shakespeare has 24

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CLOSES = {")": "(", "]": "[", "”": "“"}
_FINDERS = {"known_words": "known_words", "names": "speaker_names"}
_MARKS = frozenset('()[]"“”')


@dataclass(frozen=True)
class Quality:
    """What `judge` counted; None where the text has nothing to count.

    A share is a number from 0 to 1. A spoken line is a line that is neither blank nor the first
    line of a speech in speaker format.

    Attributes:
        known_words: share of the words that are known, upper and lower case not distinguished.
        speaker_format: share of the speeches whose first line has the speaker format: at most
            30 characters, the first one a capital letter, the last one a colon.
        known_speakers: share of these first lines that, without the colon, are known names.
        line_length: mean length of the spoken lines, in characters without the line feed.
        capitals: share of the spoken lines whose first letter is a capital letter; lines without
            a letter are not counted.
        balanced: share of the paragraphs with brackets or double quotes in which they balance:
            each one is closed, in the right order. Apostrophes are left out, because nobody can
            tell a single quote from a letter that is left out, as in 'tis.
        rhymes: share of the neighbouring spoken lines of a speech whose last words rhyme in
            spelling (see `rhyme`). Pairs of rhymed lines come to about a half: the second line
            of a pair does not rhyme with the first of the next. Pairs in which a last word has
            no vowel are not counted.
        longest_copy: characters of the longest run that also stands in the training text.
    """

    known_words: float | None
    speaker_format: float | None
    known_speakers: float | None
    line_length: float | None
    capitals: float | None
    balanced: float | None
    rhymes: float | None
    longest_copy: int | None


def known_words(training_text: str) -> frozenset[str]:
    """Return the words of a text in lower case: letters, with apostrophes between letters.

    >>> sorted(known_words("'Tis known: we know't!"))
    ["know't", 'known', 'tis', 'we']

    Raises:
        TypeError: training_text is not a string.
    """
    arguments.text("training_text", training_text, what="one text")
    return frozenset(_WORD.findall(training_text.lower()))


def speaker_names(training_text: str) -> frozenset[str]:
    """Return the names, without the colon, of all first lines in speaker format.

    >>> sorted(speaker_names("ROMEO:\\nListen:\\nAy me!\\n\\nFirst Citizen:\\nSpeak.\\n"))
    ['First Citizen', 'ROMEO']

    Raises:
        TypeError: training_text is not a string.
    """
    arguments.text("training_text", training_text, what="one text")
    speeches = _paragraphs(_finished(training_text))
    return frozenset(speech[0][:-1] for speech in speeches if _is_speaker_line(speech[0]))


def judge(
    text: str,
    known_words: Collection[str],
    *,
    names: Collection[str] | None = None,
    training_text: str | None = None,
) -> Quality:
    """Count what a written play gets right.

    Args:
        text: what a model wrote; it should begin where a speech begins.
        known_words: what `known_words` found in the training text.
        names: what `speaker_names` found in the training text; None leaves known_speakers out.
        training_text: the text that the model learned from; None leaves longest_copy out.

    Returns:
        One number for each measure (see `Quality`).

    Raises:
        TypeError: a text is not a string, or known_words or names are no list or set of strings.
    """
    arguments.text("text", text, what="one text")
    if training_text is not None:
        arguments.text("training_text", training_text, what="one text")
    known_words = _collection("known_words", known_words)
    names = None if names is None else _collection("names", names)
    whole, text = text, _finished(text)
    speeches = list(_paragraphs(text))
    spoken = [speech[_is_speaker_line(speech[0]) :] for speech in speeches]
    lines = [line for speech in spoken for line in speech]
    letters = (re.search(r"[^\W\d_]", line) for line in lines)
    said = [speech[0][:-1] for speech in speeches if _is_speaker_line(speech[0])]
    marked = [marks for marks in map(_marks, speeches) if marks]
    return Quality(
        known_words=_share(_WORD.findall(text.lower()), known_words.__contains__),
        speaker_format=_share(speeches, lambda speech: _is_speaker_line(speech[0])),
        known_speakers=None if names is None else _share(said, names.__contains__),
        line_length=sum(map(len, lines)) / len(lines) if lines else None,
        capitals=_share(filter(None, letters), lambda letter: letter[0].isupper()),
        balanced=_share(marked, _balances),
        rhymes=_share(_neighbours(spoken), _rhymes),
        longest_copy=(len(longest_copy(whole, training_text)) if training_text and whole else None),
    )


def _collection(name: str, given: Collection[str]) -> Collection[str]:
    """Return strings in which one can be looked up quickly; a string would find its parts."""
    if isinstance(given, frozenset):  # what known_words and speaker_names answer
        return given
    found = arguments.items(name, given, what=f"a list or a set of strings (see {_FINDERS[name]})")
    return frozenset(symbols_of(name, found))


def compare_quality(texts: Mapping[str, str], training_text: str) -> list[list[str]]:
    """Judge several texts side by side.

    Args:
        texts: name -> text; real text among them shows what can be reached.
        training_text: the text that the models learned from.

    Returns:
        A table of strings: a row of headings, then one row for each measure of `Quality` in its
        order, and one column for each text after the name of the measure. Shares are in per cent;
        "–" stands where there was nothing to count.

    Raises:
        TypeError: texts is no dictionary of strings, or training_text is not a string.
    """
    if not isinstance(texts, Mapping):
        raise TypeError(f"texts must be a dictionary: name -> text; got {arguments.shown(texts)}")
    for name, text in texts.items():
        arguments.text("each name in texts", name, what="a name")
        arguments.text(f"texts[{name!r:.60}]", text, what="one text")
    words, names = known_words(training_text), speaker_names(training_text)
    judged = [
        judge(text, words, names=names, training_text=training_text) for text in texts.values()
    ]
    rows = [["measure", *texts]]
    for measure in (field.name for field in fields(Quality)):
        values = (getattr(quality, measure) for quality in judged)
        rows.append([measure.replace("_", " "), *(_written(measure, value) for value in values)])
    return rows


def _written(measure: str, value: float | None) -> str:
    if value is None:
        return "–"
    plain = {"line_length": "{:.1f}", "longest_copy": "{}"}
    return plain.get(measure, "{:.0%}").format(value)


def _finished(text: str) -> str:
    """Leave out the last line when no line feed ends it."""
    return text[: text.rfind("\n") + 1] or text


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Yield the lines of each paragraph."""
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            yield lines
            lines = []


def _is_speaker_line(line: str) -> bool:
    return line.endswith(":") and line[0].isupper() and len(line) <= LONGEST_SPEAKER_LINE


def _share(items: Iterable, is_right: Callable[..., bool]) -> float | None:
    """Return the share of the items that are right; None when there are none."""
    answers = [bool(is_right(item)) for item in items]
    return sum(answers) / len(answers) if answers else None


def _marks(lines: list[str]) -> str:
    """Return the brackets and double quotes of a paragraph, in order."""
    return "".join(c for line in lines for c in line if c in _MARKS)


def _balances(marks: str) -> bool:
    opened: list[str] = []
    for mark in marks:
        # A straight quote closes the one that was opened last, or else opens.
        partner = _CLOSES.get(mark, mark if mark == '"' else "")
        if partner and opened and opened[-1] == partner:
            opened.pop()
        elif mark in _CLOSES:
            return False
        else:
            opened.append(mark)
    return not opened


def _neighbours(speeches: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Yield the last words of each two neighbouring lines, where both have a vowel."""
    for lines in speeches:
        words = [(_WORD.findall(line.lower()) or [""])[-1] for line in lines]
        pairs = zip(words, words[1:], strict=False)
        yield from (pair for pair in pairs if rhyme(pair[0]) and rhyme(pair[1]))


def _rhymes(pair: tuple[str, str]) -> bool:
    """Say whether two different words end alike."""
    return pair[0] != pair[1] and rhyme(pair[0]) == rhyme(pair[1])
