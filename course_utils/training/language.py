"""Train a language model on streams of text, and measure it on text that it has not read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from course_utils.arguments import instance, shown, tensor, whole_number
from course_utils.batching import Chunk, Readable, Streams
from course_utils.models import State, detach_state
from course_utils.models.inputs import check_module
from course_utils.training.precision import autocast, check_dtype


class StreamLoss:
    """Mean loss of a chunk, with the state carried from chunk to chunk: truncated BPTT.

    The state goes on from where the last chunk ended, so the network knows what stands before the
    chunk. It is detached, so the gradient ends at the chunk's first symbol (Williams & Peng, 1990).

    Args:
        dtype: torch.bfloat16 computes the network in that precision; the loss is float32.

    Attributes:
        state: the carried state; None before the first chunk.
    """

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self.dtype, self.state = check_dtype(dtype), None

    def __call__(self, model: nn.Module, chunk: Chunk) -> Tensor:
        """Return the mean loss of a chunk, a scalar in nats per symbol.

        Args:
            model: a CharLM, or one wrapped in DistributedDataParallel.
            chunk: inputs and targets, (B, T); is_first starts from zeros again.

        Raises:
            TypeError: model is not a network, or chunk not a Chunk.
            ValueError: a symbol of the chunk is outside the vocabulary.
        """
        check_module("model", model)
        instance("chunk", chunk, Chunk, what="a Chunk, as Streams gives them")
        for name in ("inputs", "targets"):
            tensor(f"the chunk's {name}", getattr(chunk, name), shape="(B, T)")
        device = next(model.parameters()).device
        inputs, targets, is_first = chunk.to(device)
        carried = None if is_first or self.state is None else _moved(self.state, device)
        with autocast(device, self.dtype):
            logits, state = model(inputs, carried)
        self.state = detach_state(state)
        return _mean_loss(logits, targets)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the carried state by name; nothing before the first chunk.

        The names are "h" for one tensor, "h" and "c" for two, then "2", "3" … for a model whose
        state has more parts, such as a GPT.
        """
        if self.state is None:
            return {}
        parts = (self.state,) if isinstance(self.state, Tensor) else self.state
        return {"hc"[i] if i < 2 else str(i): part for i, part in enumerate(parts)}

    def load_state_dict(self, tensors: dict[str, Tensor]) -> None:
        """Go on with the state that state_dict returned.

        Raises:
            TypeError: tensors holds something else.
        """
        is_right = isinstance(tensors, Mapping)
        names = ("h", "c", *map(str, range(2, len(tensors))))[: len(tensors)] if is_right else ()
        if not is_right or not all(isinstance(tensors.get(name), Tensor) for name in names):
            raise TypeError(f"tensors must be what state_dict returned, got {shown(tensors)}")
        parts = tuple(tensors[name] for name in names)
        self.state = parts if len(parts) > 1 else (parts or (None,))[0]


def _moved(state: State, device: torch.device) -> State:
    """Return a state on this device: one that was read from a file is on the CPU."""
    if isinstance(state, Tensor):
        return state.to(device)
    return tuple(part.to(device) for part in state)


def _mean_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss of logits (B, T, V) for targets (B, T)."""
    try:
        return nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())
    except (IndexError, RuntimeError, ValueError) as error:
        if isinstance(error, torch.cuda.OutOfMemoryError):
            raise
        raise ValueError(
            f"the chunk's targets must be {tuple(logits.shape[:2])} symbols from 0 to "
            f"{logits.shape[2] - 1}, int64, got {tuple(targets.shape)} of {targets.dtype}: {error}"
        ) from error


def held_out_loss(
    model: nn.Module,
    text: Readable | Sequence[int] | Tensor,
    *,
    start: int,
    stop: int | None = None,
    n_streams: int = 1,
    chunk_len: int = 1024,
    dtype: torch.dtype = torch.float32,
) -> float:
    """Return the mean loss over a part of a text, the state carried from its start to its end.

    Args:
        model: a CharLM; used as it is, so put it in evaluation mode first.
        text: what Streams takes.
        start, stop: the part, in symbols; stop=None reads to the end. Symbol `start` is only read,
            never predicted.
        n_streams: 1 reads the part as one text: the exact value, over every symbol. More streams
            are read side by side, each from a state of zeros, and a rest that does not fill a chunk
            is left out: many times faster, and a little too high.
        chunk_len: symbols per call; changes the memory that is used, not the result.
        dtype: as in StreamLoss.

    Returns:
        Nats per symbol. Divide by log 2 for bits.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the part is too short, or is not a part of the text.
    """
    check_module("model", model)
    length = _length(text)
    start = whole_number("start", start, least=0)
    stop = length if stop is None else whole_number("stop", stop, least=0)
    chunk_len = whole_number("chunk_len", chunk_len, least=1)
    n_streams = whole_number("n_streams", n_streams, least=1)
    chunk_len = min(chunk_len, max(1, (stop - start - 1) // n_streams))
    streams = Streams(text, n_streams=n_streams, chunk_len=chunk_len, start=start, stop=stop)
    loss_of, full = StreamLoss(dtype), streams.chunks_per_pass
    with torch.no_grad():
        total = chunk_len * sum(float(loss_of(model, streams.chunk(k))) for k in range(full))
        read = full * chunk_len
        if n_streams == 1 and (rest := stop - start - 1 - read):
            end = Streams(text, n_streams=1, chunk_len=rest, start=start + read, stop=stop)
            total += rest * float(loss_of(model, end.chunk(0)._replace(is_first=False)))
            read += rest
    return total / read


def _length(text: Readable | Sequence[int] | Tensor) -> int:
    """Return how many symbols a text has."""
    try:
        return len(text)
    except TypeError:
        raise TypeError(
            f"text must be a LongText or one row of whole numbers, got {shown(text)}"
        ) from None


def bits(nats: float) -> float:
    """Turn nats into bits: divide by log 2.

    >>> round(bits(1.44), 3)
    2.077

    Args:
        nats: a number, a tensor or an array; NaN stays NaN.

    Raises:
        TypeError: nats is something else.
    """
    try:
        if isinstance(nats, bool | complex):
            raise TypeError
        return nats / math.log(2)
    except (TypeError, OverflowError):
        raise TypeError(f"nats must be a number, got {shown(nats)}") from None
