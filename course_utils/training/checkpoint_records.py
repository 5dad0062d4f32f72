"""The record of a checkpoint: a JSON file that says what the tensors mean, checked when read."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_utils.training.checkpoint_files import AGAIN, CheckpointError

FORMAT_VERSION = 1
_SHOWN = 20


@dataclass(frozen=True)
class Record:
    """What the JSON file of a checkpoint holds.

    Attributes:
        course_version: version of the course that wrote it.
        config: what the model was built from.
        vocabulary: the symbols, in the order of their numbers.
        extra: anything else, such as the losses.
        sha256: checksum of the weights file.
        shapes: name of a tensor -> its shape.
    """

    course_version: str
    config: dict[str, Any]
    vocabulary: list[str]
    extra: dict[str, Any]
    sha256: str
    shapes: dict[str, list[int]]


_KINDS = {
    "course_version": str,
    "config": dict,
    "vocabulary": list,
    "extra": dict,
    "sha256": str,
    "shapes": dict,
}


def plain(value: Any, where: str) -> Any:
    """Return a copy made of what JSON can hold; a tuple becomes a list.

    Args:
        value: None, numbers, text, and lists, tuples and dictionaries of these.
        where: how to call the value in a message.

    Raises:
        TypeError: a part is something else, or a key is not text; the message says which.
        ValueError: a number is infinite or NaN.

    >>> plain({"layers": (1, 2)}, "config")
    {'layers': [1, 2]}
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(
                f"{where} is {value}, which JSON cannot hold: use None or leave it out"
            )
        return value
    if isinstance(value, (list, tuple)):
        return [plain(part, f"{where}[{i}]") for i, part in enumerate(value)]
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{where} is a {type(value).__name__}, which JSON cannot hold: use numbers, text, "
            "lists and dictionaries (.item() or .tolist() for a tensor, asdict() for a dataclass)"
        )
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{where} has the key {key!r}: JSON needs text, so use {str(key)!r}")
    return {key: plain(part, f"{where}[{key!r}]") for key, part in value.items()}


def plain_dict(value: Any, name: str) -> dict[str, Any]:
    """Return a copy of a dictionary made of what JSON can hold.

    Raises:
        TypeError, ValueError: as plain does, and TypeError when value is not a dictionary.
    """
    if not isinstance(value, Mapping):
        raise TypeError(
            f"{name} must be a dictionary, got a {type(value).__name__}; "
            "use asdict() for a dataclass"
        )
    return plain(value, name)


def symbols_of(vocabulary: Sequence[str], name: str) -> list[str]:
    """Return the symbols as a list, after a look at each.

    Raises:
        TypeError: this is not a sequence of strings.
        ValueError: a symbol stands there twice.

    >>> symbols_of(("<S>", "a"), "vocabulary")
    ['<S>', 'a']
    """
    if not isinstance(vocabulary, Sequence):
        raise TypeError(
            f"{name} must be a sequence of strings, got a {type(vocabulary).__name__}; "
            "give the tokens of a Vocabulary: vocabulary.tokens"
        )
    for place, symbol in enumerate(vocabulary):
        if not isinstance(symbol, str):
            raise TypeError(
                f"{name}[{place}] must be a string, got {symbol!r}; give the symbols themselves, "
                "not their numbers"
            )
    if twice := [symbol for symbol, times in Counter(vocabulary).items() if times > 1]:
        raise ValueError(f"{name} holds {_listed(twice)} more than once; leave one of each")
    return list(vocabulary)


def compare_symbols(found: list[str], expected: list[str], where: Path) -> None:
    """Refuse a vocabulary that is not the expected one.

    Args:
        found: symbols of the checkpoint.
        expected: symbols that the caller uses.
        where: the file that holds the found ones.

    Raises:
        CheckpointError: they differ; the message names the symbols or the first place.
    """
    if found == expected:
        return
    lacking = [s for s in expected if s not in set(found)]
    added = [s for s in found if s not in set(expected)]
    parts = [f"it lacks {_listed(lacking)}"] if lacking else []
    parts += [f"it has {_listed(added)}, which you do not have"] if added else []
    if not parts:
        place = next(i for i, s in enumerate(found) if s != expected[i])
        parts = [
            "it has your symbols in another order: number "
            f"{place} is {found[place]!r} there and {expected[place]!r} here"
        ]
    raise CheckpointError(
        f"the vocabulary in {where} is not yours: {', and '.join(parts)}. Read the checkpoint "
        "without expect_vocabulary and use checkpoint.vocabulary, or train the model again."
    )


def _listed(symbols: list[str]) -> str:
    """Write symbols one after the other; the first ones only when there are very many."""
    more = len(symbols) - _SHOWN
    return ", ".join(map(repr, symbols[:_SHOWN])) + (f" and {more} more" if more > 0 else "")


def write_record(record: Record) -> bytes:
    """Return the content of the JSON file."""
    content = {"format_version": FORMAT_VERSION, **asdict(record)}
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode("ascii")


def parse_record(content: bytes, where: Path) -> Record:
    """Return what a JSON file holds, after a look at every part.

    Args:
        content: what was read.
        where: the file, for messages.

    Raises:
        CheckpointError: this is not JSON, of a later format, or a part is missing or of the
            wrong kind.
    """
    try:
        parts = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where} is not JSON ({error}). {AGAIN}") from error
    if not isinstance(parts, dict) or type(parts.get("format_version")) is not int:
        raise CheckpointError(f"{where} is not the record of a checkpoint. {AGAIN}")
    if parts["format_version"] != FORMAT_VERSION:
        raise CheckpointError(
            f"{where} has the format {parts['format_version']}, and this version of the course "
            f"reads the format {FORMAT_VERSION}. Update the course (git pull, then make install), "
            "or train the model again and call save_checkpoint."
        )
    for name, kind in _KINDS.items():
        if not isinstance(parts.get(name), kind):
            raise CheckpointError(f"{where}: {name!r} must be a {kind.__name__}. {AGAIN}")
    try:
        symbols_of(parts["vocabulary"], "vocabulary")
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{where}: {error}. {AGAIN}") from error
    return Record(**{name: parts[name] for name in _KINDS})
