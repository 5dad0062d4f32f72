"""Keep the two files of a checkpoint on disk so that a failure never costs the old pair.

The weights are useful only together with the record that holds their checksum. While a pair is
replaced, the old weights stay beside it under a third name, and the new record is moved in last.
At every moment one of the two weights files fits the record, so a process that is killed at any
point leaves either the old checkpoint or the new one, and never a mixture.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from course_utils.arguments import shown
from course_utils.paths import is_possible

AGAIN = "Copy both files again, or train the model again and call save_checkpoint."
_PICKLE_NAMES = (".pt", ".pth", ".bin", ".pkl", ".pickle")
# A pickle of protocol 2 or later; a zip archive, which is what torch.save writes.
_PICKLE_STARTS = (*(bytes([0x80, protocol]) for protocol in range(2, 6)), b"PK\x03\x04")


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Pair:
    """Where the files of one checkpoint lie.

    Attributes:
        weights: the tensors, in the safetensors format.
        record: what the tensors mean, as JSON.
        previous: the old weights, there only while a pair is being replaced.
    """

    weights: Path
    record: Path
    previous: Path


def pair_at(path: str | Path) -> Pair:
    """Return where the files of a checkpoint lie.

    Args:
        path: folder and name of the checkpoint; an ending .safetensors or .json is left out.

    Returns:
        The Pair.

    Raises:
        TypeError: path is no text and no Path.
        CheckpointError: the path has no name, one that no file can have, or that of a pickle.

    >>> pair_at("models/lstm").weights.name, pair_at("models/lstm.json").weights.name
    ('lstm.safetensors', 'lstm.safetensors')
    """
    path = _possible(path)
    if path.suffix.lower() in _PICKLE_NAMES:
        raise CheckpointError(
            f"{path} has the name of a pickle, a kind of file that can run code when it is read, "
            f"so the course does not use it. Give the name without {path.suffix}, such as "
            f"{path.with_suffix('').as_posix()!r}; read_checkpoint reads what save_checkpoint "
            "wrote."
        )
    name = path.stem if path.suffix in (".safetensors", ".json") else path.name
    if not name:
        raise CheckpointError(f"path={str(path)!r} has no name; give one, such as 'models/lstm'")
    weights = path.with_name(name + ".safetensors")
    previous = path.with_name(weights.name + ".previous")
    return Pair(weights, path.with_name(name + ".json"), previous)


def _possible(path: str | Path) -> Path:
    """Return a path; refuse one that no file can have."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a text or a Path, got {shown(path)}")
    path = Path(path)
    if not is_possible(path):
        raise CheckpointError(
            f"path={shown(path)} is no name for a file: give a shorter, plain one"
        )
    return path


def checksum(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal.

    >>> checksum(b"abc")[:16]
    'ba7816bf8f01cfea'
    """
    return hashlib.sha256(content).hexdigest()


def write_pair(pair: Pair, weights: bytes, record: bytes) -> None:
    """Write both files, or leave what was there before.

    Each file is written under another name in the same folder and forced to the disk; only then
    are both moved in, the record last.

    Args:
        pair: where to write; the folder is made when it is missing.
        weights: content of the weights file.
        record: content of the record: a JSON object whose "sha256" is the checksum of weights.

    Raises:
        OSError: the disk is full, or the folder cannot be written; the old pair is unchanged.
    """
    contents = {pair.weights: weights, pair.record: record}
    try:
        pair.weights.parent.mkdir(parents=True, exist_ok=True)
        _settle(pair)
        _replace_both(pair, contents)
    except OSError as error:
        raise OSError(
            error.errno or errno.EIO,
            f"cannot write the checkpoint {pair.weights.with_suffix('')}: "
            f"{error.strerror or error}. Make room or get write access there, or give another "
            "path, and save again; a checkpoint that was there before is unchanged.",
        ) from error


def _replace_both(pair: Pair, contents: dict[Path, bytes]) -> None:
    """Write both files and move them in; whatever stops this, leave a pair that fits."""
    temporary = {final: final.with_name(final.name + ".tmp") for final in contents}
    is_first = not pair.weights.is_file()
    try:
        for final, content in contents.items():
            _write_through(temporary[final], content)
        if not is_first:
            os.replace(pair.weights, pair.previous)
        for final, partial in temporary.items():
            os.replace(partial, final)
    finally:
        # An error in here must not hide the one that led here; readers also cope without.
        with suppress(OSError):
            _settle(pair)
            if is_first and not _fits(pair.weights, pair.record):
                pair.weights.unlink(missing_ok=True)
        for partial in temporary.values():
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(pair: Pair) -> None:
    """Finish or undo a change that was cut off, so that the weights fit the record."""
    if not pair.previous.is_file():
        return
    if _fits(pair.weights, pair.record):
        pair.previous.unlink()
    else:
        os.replace(pair.previous, pair.weights)


def _fits(weights: Path, record: Path) -> bool:
    """Tell whether the record on disk is that of the weights on disk."""
    try:
        return json.loads(record.read_bytes())["sha256"] == checksum(weights.read_bytes())
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def read_record(pair: Pair) -> bytes:
    """Return the content of the record, after a look at whether both files are there.

    Raises:
        CheckpointError: a file is missing or cannot be read, or the record is a pickle.
    """
    files = {pair.record: pair.record.exists()}
    files[pair.weights] = pair.weights.exists() or pair.previous.exists()
    missing = [path for path, is_there in files.items() if not is_there]
    if len(missing) == 2:
        raise CheckpointError(
            f"there is no checkpoint {pair.weights.with_suffix('')}: neither {pair.weights.name} "
            f"nor {pair.record.name} is in that folder. Check the path, or train the model and "
            "call save_checkpoint."
        )
    if missing:
        raise CheckpointError(
            f"half of the checkpoint is missing: there is no {missing[0]}. Copy both files "
            f"({pair.weights.name} and {pair.record.name}) into the same folder, or train the "
            "model again and call save_checkpoint."
        )
    return _read(pair.record)


def read_weights(pair: Pair, sha256: str) -> bytes:
    """Return the content of the weights file that has a checksum.

    Args:
        pair: where to look; the previous weights are read when a change was cut off.
        sha256: the checksum that the record holds.

    Raises:
        CheckpointError: the file is a pickle, cannot be read, or has another checksum.
    """
    for path in (pair.weights, pair.previous):
        if path.exists() and checksum(content := _read(path)) == sha256:
            return content
    raise CheckpointError(
        f"{pair.weights} is not the file that {pair.record.name} describes: its checksum differs, "
        f"so it was changed or cut off, or it belongs to another checkpoint. {AGAIN}"
    )


def _read(path: Path) -> bytes:
    """Read a file and refuse a pickle, whatever the file is called; nothing in it is run."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read: {error.strerror or error}. Check that it is a file and that "
            "you may read it, then try again."
        ) from error
    # Safetensors begin with eight bytes, the length of what follows, and "{". A length of 640 is
    # stored as 80 02, which is also how a pickle starts: only the "{" tells them apart.
    if content.startswith(_PICKLE_STARTS) and content[8:9] != b"{":
        raise CheckpointError(
            f"{path} is a pickle or a zip archive (torch.save writes these), a kind of file that "
            "can run code when it is read, so it was not opened. Ask for the safetensors file, or "
            "train the model again and call save_checkpoint."
        )
    return content
