"""Read one long text in many streams, chunk by chunk: the batches of truncated BPTT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from course_utils.arguments import whole_number
from course_utils.batching.given import moved, whole_row


class Readable(Protocol):
    """A long text as numbers, of which any part can be read, such as `corpora.LongText`."""

    def __len__(self) -> int:
        """Return the number of symbols."""

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return symbols start ... stop - 1: int64, (stop - start,)."""


class Chunk(NamedTuple):
    """The next piece of every stream.

    Attributes:
        inputs: int64, (B, T), T neighbouring symbols of each of B streams.
        targets: int64, (B, T), the symbol that follows each input.
        is_first: True when the streams begin here, so that the state must start from zeros;
            otherwise it goes on from the end of the chunk before.
    """

    inputs: Tensor
    targets: Tensor
    is_first: bool

    def to(self, device: torch.device | str) -> Chunk:
        """Return the chunk with its tensors on this device.

        Raises:
            TypeError, ValueError: device names none, or one that this machine does not have.
        """
        inputs, targets = moved(self.inputs, device), moved(self.targets, device)
        return self._replace(inputs=inputs, targets=targets)


class Streams:
    """Cut a text into streams that are read side by side, a chunk of each at a time.

    The part start ... stop - 1 of the text is cut into n_streams rows of equal length,
    (stop - start - 1) // n_streams, that lie one after the other in the text. Chunk k holds the
    inputs k * chunk_len ... (k + 1) * chunk_len - 1 of every row, so each row of a chunk goes on
    where the same row of the chunk before ended, and a state can be carried: truncated
    backpropagation through time (Williams & Peng, 1990, "An efficient gradient-based algorithm for
    on-line training of recurrent network trajectories"). After `chunks_per_pass` chunks the rows
    begin again from their first symbols. Symbols that do not fill a chunk are left out in
    every pass: fewer than chunk_len at the end of each row, and fewer than n_streams at the end of
    the text.

    >>> streams = Streams([0, 1, 2, 3, 4, 5, 6, 7, 8], n_streams=2, chunk_len=2)
    >>> streams.chunk(1)
    Chunk(inputs=tensor([[2, 3], [6, 7]]), targets=tensor([[3, 4], [7, 8]]), is_first=False)

    Args:
        text: a `corpora.LongText`, or anything with its `len` and `read`; or indices of symbols as
            a list, an array or a tensor of whole numbers from 0, (N,).
        n_streams: B, rows that are read side by side by all processes together, at least 1.
        chunk_len: T, symbols of each row in a chunk, at least 1.
        start: the first symbol of the part that is read.
        stop: the end of that part (this symbol is not read); None for the end of the text.
        rank: the number of this process, from 0 to world_size - 1. It deals the rows
            rank * B / world_size ... (rank + 1) * B / world_size - 1 and reads nothing else.
        world_size: how many processes share the rows, at least 1.

    Attributes:
        n_streams: as given: the rows of all processes together.
        chunk_len: as given.
        rows: the numbers of the rows that this process deals, a range.
        chunks_per_pass: chunks from the first symbols of the rows to their ends.
        symbols_per_chunk: inputs in one chunk of this process: len(rows) * chunk_len.

    Raises:
        TypeError: text holds something else than whole numbers, or an argument is not one.
        ValueError: an argument is out of its range, the rows cannot be shared evenly among the
            processes, or the text is too short for one chunk of every row.
    """

    def __init__(
        self,
        text: Readable | Sequence[int] | Tensor,
        *,
        n_streams: int,
        chunk_len: int,
        start: int = 0,
        stop: int | None = None,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self._text = text if is_readable(text) else _Numbers(text)
        self.n_streams = _whole("n_streams", n_streams, 1)
        self.chunk_len = _whole("chunk_len", chunk_len, 1)
        length = len(self._text)
        self._start, stop = _part(start, length if stop is None else stop, length)
        self.rows = _share(self.n_streams, rank, world_size)
        # The last symbol is a target only.
        self._row_length = max(0, stop - self._start - 1) // self.n_streams
        self.chunks_per_pass = self._row_length // self.chunk_len
        if self.chunks_per_pass == 0:
            part = "" if stop - self._start == length else f" from start={self._start} to {stop=}"
            sizes = self.n_streams, self.chunk_len, world_size
            raise ValueError(_too_short(stop - self._start, part, *sizes))
        self.symbols_per_chunk = len(self.rows) * self.chunk_len

    def chunk(self, step: int) -> Chunk:
        """Return the chunk of one step; the same step always gives the same chunk.

        Args:
            step: 0 for the first step; a step after the end of a pass is one of the next pass.

        Returns:
            The chunk of this process's rows, on the CPU.

        Raises:
            TypeError: step is not a whole number.
            ValueError: step is negative.
        """
        place = _whole("step", step, 0) % self.chunks_per_pass
        table = np.empty((len(self.rows), self.chunk_len + 1), dtype=np.int64)
        for line, row in zip(table, self.rows, strict=True):
            begin = self._start + row * self._row_length + place * self.chunk_len
            line[:] = self._text.read(begin, begin + self.chunk_len + 1)
        both = torch.from_numpy(table)
        return Chunk(both[:, :-1].contiguous(), both[:, 1:].contiguous(), place == 0)

    def from_step(self, step: int = 0) -> Iterator[Chunk]:
        """Return the chunks of this step and of all steps after it, without end.

        Args:
            step: the first step, 0 or more; a run that is resumed gives the steps it has done.

        Raises:
            TypeError: step is not a whole number.
            ValueError: step is negative.
        """
        return map(self.chunk, count(_whole("step", step, 0)))

    def __iter__(self) -> Iterator[Chunk]:
        return self.from_step(0)


class _Numbers:
    """Read from whole numbers in memory as from a LongText."""

    def __init__(self, numbers: Sequence[int] | Tensor) -> None:
        wanted = (
            "text must be a LongText (corpora.open_text gives one) or one row of whole numbers; "
            "a string can be encoded by a Vocabulary first"
        )
        self.values = whole_row(wanted, numbers)
        if self.values.size and int(self.values.min()) < 0:
            place = int((self.values < 0).argmax())
            raise ValueError(
                f"text must hold the numbers of symbols, from 0: text[{place}] is "
                f"{self.values[place]}"
            )

    def __len__(self) -> int:
        return len(self.values)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Return the numbers start ... stop - 1."""
        return self.values[start:stop]


def is_readable(text: object) -> bool:
    """Tell whether parts of a long text can be read from this, see `Readable`."""
    has_all = hasattr(text, "read") and hasattr(text, "__len__")
    return has_all and not isinstance(text, type)


def _whole(name: str, value: int, least: int) -> int:
    """Return a whole number that is not too small."""
    number = value if type(value) is int else whole_number(name, value)
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {number}")
    return number


def _part(start: int, stop: int, length: int) -> tuple[int, int]:
    """Return start and stop of a part that lies in the text."""
    start, stop = _whole("start", start, 0), _whole("stop", stop, 0)
    if not start <= stop <= length:
        raise ValueError(
            f"start and stop must lie in the text, 0 <= start <= stop <= {length}; got "
            f"start={start} and stop={stop}"
        )
    return start, stop


def _share(n_streams: int, rank: int, world_size: int) -> range:
    """Return the rows of one process."""
    world_size, rank = _whole("world_size", world_size, 1), _whole("rank", rank, 0)
    if rank >= world_size:
        raise ValueError(f"rank must be from 0 to world_size - 1 = {world_size - 1}, got {rank}")
    if n_streams % world_size:
        above = n_streams + world_size - n_streams % world_size
        raise ValueError(
            f"n_streams={n_streams} cannot be shared evenly by world_size={world_size} processes; "
            f"choose a multiple of {world_size}, such as {above}"
        )
    n_rows = n_streams // world_size
    return range(rank * n_rows, (rank + 1) * n_rows)


def _too_short(n_symbols: int, part: str, n_streams: int, chunk_len: int, world_size: int) -> str:
    """Say what is missing, and which sizes would fit; `part` says from where to where."""
    n_inputs = max(0, n_symbols - 1)
    most = n_inputs // chunk_len // world_size * world_size
    longest, longest_alone = n_inputs // n_streams, n_inputs // world_size
    fits = [f"n_streams={most}" + " or fewer" * (most > 1 == world_size)] * (most > 0)
    fits += [f"chunk_len={longest}" + " or less" * (longest > 1)] * (longest > 0)
    if not fits and longest_alone:
        fits = [f"n_streams={world_size} with chunk_len={longest_alone}"]
    advice = f"choose fewer streams or shorter chunks: {', or '.join(fits)}"
    wanted = n_streams * chunk_len + 1
    return (
        f"the text is too short: {n_symbols} symbols are there{part}, but one chunk for each "
        f"stream needs n_streams * chunk_len + 1 = {wanted} (n_streams={n_streams}, "
        f"chunk_len={chunk_len}); {advice if fits else 'take a longer text'}"
    )
