"""Hold what the loaders answer with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NameCorpus:
    """Hold surnames by language.

    Args:
        names: for each language (sorted), its surnames in file order, duplicates kept.
        is_standin: True when these are the shipped lists and not the real corpus.
        source: one line that says where the names come from.
    """

    names: dict[str, list[str]]
    is_standin: bool
    source: str


@dataclass(frozen=True)
class TextCorpus:
    """Hold one long text.

    Args:
        text: the whole text; lines end with one line feed.
        is_standin: True when this is the generated play and not the real corpus.
        source: one line that says where the text comes from.
        bits_per_char: true entropy rate in bits per character, where it is known.
    """

    text: str
    is_standin: bool
    source: str
    bits_per_char: float | None = None
