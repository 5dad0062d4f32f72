"""Save a trained model and read it back, without ever running code that stands in a file.

A checkpoint is two files: the numbers in the safetensors format, which can hold nothing else, and
a JSON file with the configuration, the vocabulary and a checksum. `torch.load` reads pickles, and a
pickle can run any code, so a model from a stranger is a program from a stranger; this is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from course_utils import __version__
from course_utils.arguments import instance
from course_utils.models.inputs import check_module
from course_utils.training.checkpoint_files import (
    AGAIN,
    CheckpointError,
    Pair,
    checksum,
    pair_at,
    read_record,
    read_weights,
    write_pair,
)
from course_utils.training.checkpoint_fit import misfits
from course_utils.training.checkpoint_records import (
    Record,
    compare_symbols,
    parse_record,
    plain_dict,
    symbols_of,
    write_record,
)


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds.

    Attributes:
        config: what the model was built from.
        vocabulary: the symbols, in the order of their numbers.
        extra: anything else that was saved, such as the losses.
        tensors: name -> tensor, on the CPU, with the dtype it was saved with.
        course_version: version of the course that wrote it.
    """

    config: dict[str, Any]
    vocabulary: tuple[str, ...]
    extra: dict[str, Any]
    tensors: dict[str, Tensor]
    course_version: str


def save_checkpoint(
    path: str | Path,
    model: nn.Module,
    *,
    config: Mapping[str, Any],
    vocabulary: Sequence[str],
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Write <path>.safetensors and <path>.json; a failure leaves the old pair as it was.

    Tensors that share memory (tied weights) are stored under each of their names.

    Args:
        path: folder and name; a missing folder is made.
        model: its parameters and buffers are saved, each with its own dtype.
        config: what builds the model again: numbers, text, lists and dictionaries.
        vocabulary: the symbols, in the order of their numbers; () when there is none.
        extra: anything else to keep; the same kinds as config.

    Returns:
        Path of the safetensors file.

    Raises:
        TypeError: config, vocabulary or extra holds what JSON cannot hold, or the model keeps
            something that is not a tensor.
        ValueError: a number in config or extra is infinite or NaN, a symbol stands twice, or a
            tensor is of a kind that safetensors does not know.
        CheckpointError: the path has no name, or the name of a pickle.
        OSError: the disk is full, or the folder cannot be written.
    """
    tensors = _tensors_of(model)
    return save_tensors(path, tensors, config=config, vocabulary=vocabulary, extra=extra)


def save_tensors(
    path: str | Path,
    tensors: Mapping[str, Tensor],
    *,
    config: Mapping[str, Any],
    vocabulary: Sequence[str],
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Write tensors that belong to no single model as save_checkpoint writes those of one.

    Args:
        path, config, vocabulary, extra: as for save_checkpoint.
        tensors: name -> tensor.

    Returns:
        Path of the safetensors file.

    Raises:
        TypeError, ValueError, CheckpointError, OSError: as save_checkpoint.
    """
    pair = pair_at(path)
    settings, symbols = plain_dict(config, "config"), symbols_of(vocabulary, "vocabulary")
    more = plain_dict({} if extra is None else extra, "extra")
    weights = _to_bytes(tensors)
    record = Record(__version__, settings, symbols, more, checksum(weights), _shapes(tensors))
    write_pair(pair, weights, write_record(record))
    return pair.weights


def read_checkpoint(
    path: str | Path, *, expect_vocabulary: Sequence[str] | None = None
) -> Checkpoint:
    """Read and check what save_checkpoint wrote. Nothing in the files is ever run.

    Args:
        path: as given to save_checkpoint, with or without .safetensors or .json.
        expect_vocabulary: the symbols that the checkpoint must have, in the same order.

    Returns:
        The Checkpoint.

    Raises:
        CheckpointError: a file is missing, a pickle, damaged or of a later format, the two files
            do not belong together, or the vocabulary is another one; the message names what.
        TypeError, ValueError: expect_vocabulary is not a sequence of different strings.
    """
    pair = pair_at(path)
    expected = None if expect_vocabulary is None else symbols_of(expect_vocabulary, "vocabulary")
    record = parse_record(read_record(pair), pair.record)
    tensors = _from_bytes(read_weights(pair, record.sha256), pair)
    if _shapes(tensors) != record.shapes:
        raise CheckpointError(
            f"the shapes in {pair.record} are not those of the tensors in {pair.weights.name}: "
            f"one of the files was changed by hand. {AGAIN}"
        )
    if expected is not None:
        compare_symbols(record.vocabulary, expected, pair.record)
    symbols = tuple(record.vocabulary)
    return Checkpoint(record.config, symbols, record.extra, tensors, record.course_version)


def load_weights(model: nn.Module, checkpoint: Checkpoint) -> None:
    """Copy the tensors of a checkpoint into a model, all or none.

    Args:
        model: built from checkpoint.config; it keeps its device and its dtype.
        checkpoint: what read_checkpoint returned.

    Raises:
        CheckpointError: a tensor is missing, unexpected, of another shape, of a dtype that the
            model's cannot hold exactly, or differs from one that the model ties to it; the message
            names every such tensor, and the model is unchanged.
    """
    instance("checkpoint", checkpoint, Checkpoint, what="what read_checkpoint returned")
    advice = "Build the model from checkpoint.config, or train it and save it again"
    check_fit(model, checkpoint.tensors, "the checkpoint", advice)
    model.load_state_dict(checkpoint.tensors)


def check_fit(model: nn.Module, tensors: Mapping[str, Tensor], what: str, advice: str) -> None:
    """Refuse tensors that cannot be copied into a model.

    Args:
        model: where to.
        tensors: name -> tensor.
        what: how a message calls the tensors, such as "the checkpoint".
        advice: what to do when they do not fit.

    Raises:
        CheckpointError: as load_weights.
    """
    problems = list(misfits(_tensors_of(model), tensors))
    if problems:
        listed = "\n  ".join(problems)
        raise CheckpointError(f"{what} does not fit the model:\n  {listed}\n{advice}.")


def _tensors_of(model: nn.Module) -> dict[str, Tensor]:
    """Return the parameters and buffers of a model by name."""
    check_module("model", model)
    tensors = model.state_dict()
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"the model keeps {name!r}, a {type(tensor).__name__}, and a checkpoint holds "
                "tensors only; move it into config or extra"
            )
    return dict(tensors)


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, list[int]]:
    """Return the shapes, as JSON holds them."""
    return {name: list(tensor.shape) for name, tensor in tensors.items()}


def _to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Return the content of a safetensors file."""
    from safetensors import SafetensorError
    from safetensors.torch import save

    try:
        # The format wants tensors that share no memory and lie in one piece.
        return save({n: t.detach().to("cpu", copy=True).contiguous() for n, t in tensors.items()})
    except (SafetensorError, KeyError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"safetensors cannot hold a tensor of this model ({error}). Make it an ordinary dense "
            "tensor of a usual dtype, such as torch.float32, on the CPU or a GPU, and save again."
        ) from error


def _from_bytes(content: bytes, pair: Pair) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(content)
    except (SafetensorError, KeyError, ValueError, RuntimeError, AssertionError) as error:
        raise CheckpointError(
            f"{pair.weights} is not a safetensors file, or it is damaged ({error}). {AGAIN}"
        ) from error
