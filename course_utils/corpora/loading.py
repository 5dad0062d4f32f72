"""Load the text corpora of the course, or their stand-ins with a visible message."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from course_utils.arguments import flag
from course_utils.corpora.fetching import DataUnavailableError, fetch
from course_utils.corpora.long_text import LongText, open_text
from course_utils.corpora.play import generate_play
from course_utils.corpora.records import NameCorpus, TextCorpus
from course_utils.corpora.registry import entry, languages, shipped

SHAKESPEARE = "tinyshakespeare/input.txt"
_SHAKESPEARE_SOURCE = "tiny Shakespeare of karpathy/char-rnn"


@cache  # a second call with the same reason prints nothing
def _announce(wanted: str, standin: str, why: str) -> None:
    """Say once per process and reason that a stand-in is used."""
    print(f"STAND-IN DATA: {wanted} could not be loaded, so {standin}.\n{why}", flush=True)


def _read_names(path: Path) -> list[str]:
    """Read one name a line; strip blanks, drop empty lines, keep order and duplicates."""
    with open(path, encoding="utf-8", newline=None) as file:
        return [line.strip() for line in file if line.strip()]


def load_names(*, fallback: bool = True) -> NameCorpus:
    """Load surnames of 18 languages.

    Args:
        fallback: with True, answer with the shipped surname lists when the real files cannot be
            had, and print one message that says so.

    Returns:
        The corpus: `names` maps a language to its surnames.

    Raises:
        TypeError: when fallback is not True or False.
        DataUnavailableError: when the files cannot be had and fallback is False.
    """
    flag("fallback", fallback)
    try:
        paths = {language: fetch(f"names/{language}.txt") for language in languages()}
    except DataUnavailableError as error:
        if not fallback:
            raise
        standin = "the surname lists that ship with the course are used instead"
        _announce("the real name files", standin, str(error))
        paths = {language: shipped("names", f"{language}.txt") for language in languages()}
        names = {language: _read_names(path) for language, path in paths.items()}
        return NameCorpus(names, is_standin=True, source="stand-in: surname lists of the course")
    names = {language: _read_names(path) for language, path in paths.items()}
    return NameCorpus(names, is_standin=False, source="18 name files of spro/practical-pytorch")


def load_shakespeare(*, fallback: bool = True) -> TextCorpus:
    """Load the tiny Shakespeare text (1,115,394 characters).

    Args:
        fallback: with True, answer with a generated play of the same length (seed 0) when the real
            file cannot be had, and print one message that says so.

    Returns:
        The corpus: its `text`; `bits_per_char` is known only for the generated play.

    Raises:
        TypeError: when fallback is not True or False.
        DataUnavailableError: when the file cannot be had and fallback is False.
    """
    found = _shakespeare(fallback)
    if isinstance(found, TextCorpus):
        return found
    # newline="" keeps the checked characters as they are: the file has line feeds only.
    with open(found, encoding="utf-8", newline="") as file:
        text = file.read()
    return TextCorpus(text, is_standin=False, source=_SHAKESPEARE_SOURCE)


def open_shakespeare(*, fallback: bool = True) -> LongText:
    """Open the tiny Shakespeare text as numbers of symbols, memory-mapped.

    Args:
        fallback: as in `load_shakespeare`; the generated play is held in memory.

    Returns:
        The same text as that of `load_shakespeare`; `bits_per_char` is known only for the
        generated play.

    Raises:
        TypeError: when fallback is not True or False.
        DataUnavailableError: when the file cannot be had and fallback is False.
    """
    found = _shakespeare(fallback)
    if not isinstance(found, TextCorpus):
        return open_text(found, source=_SHAKESPEARE_SOURCE)
    return LongText.from_string(
        found.text,
        source=found.source,
        is_standin=found.is_standin,
        bits_per_char=found.bits_per_char,
    )


def _shakespeare(fallback: bool) -> Path | TextCorpus:
    """Return the path of the real file, or announce and return the stand-in."""
    flag("fallback", fallback)
    try:
        return fetch(SHAKESPEARE)
    except DataUnavailableError as error:
        if not fallback:
            raise
        standin = "a play that the course generates by a grammar is used instead"
        _announce("the Shakespeare text", standin, str(error))
        return generate_play(entry(SHAKESPEARE).size, seed=0)
