"""Lay sequences of different length into one table, and deal them into batches."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor


class PaddedBatch(NamedTuple):
    """Sequences of different length in one table.

    Attributes:
        tokens: int64, (B, T); T is the length of the longest sequence, and after the end of a
            shorter one stands the padding.
        lengths: int64, (B,), how many symbols of each row are real; always on the CPU, where
            `nn.utils.rnn.pack_padded_sequence` wants them.
    """

    tokens: Tensor
    lengths: Tensor

    def take(self, rows: Tensor | Sequence[int]) -> PaddedBatch:
        """Return some of the rows, in the order asked for, cut to the longest of them.

        The rows are not sorted by length: pass enforce_sorted=False when you pack them.

        Args:
            rows: int64, (N,), indices of rows, N at least 1; a row may be taken twice.

        Returns:
            A batch of N rows, with tokens on the same device as before.

        Raises:
            TypeError: rows holds something else than whole numbers.
            ValueError: rows is empty or not one row of numbers.
            IndexError: there is no such row.
        """
        rows = torch.as_tensor(rows)
        if rows.ndim != 1 or len(rows) == 0:
            raise ValueError(f"rows must be (N,) with N at least 1, got {tuple(rows.shape)}")
        if rows.is_floating_point() or rows.dtype == torch.bool:
            raise TypeError(f"rows must hold the numbers of rows (int64), got {rows.dtype}")
        lengths = self.lengths[rows.cpu()]
        return PaddedBatch(
            self.tokens[:, : int(lengths.max())][rows.to(self.tokens.device)], lengths
        )

    def to(self, device: torch.device | str) -> PaddedBatch:
        """Return the batch with its tokens on this device; the lengths stay on the CPU."""
        return self._replace(tokens=self.tokens.to(device))


def pad(sequences: Sequence[Sequence[int]], *, value: int = 0) -> PaddedBatch:
    """Write sequences of different length into one table, and fill up the short ones.

    >>> pad([[5, 6, 7], [8]])
    PaddedBatch(tokens=tensor([[5, 6, 7], [8, 0, 0]]), lengths=tensor([3, 1]))

    Args:
        sequences: B lists of indices of symbols, B at least 1, each with at least one symbol.
        value: what stands after the end of a short sequence. 0 may also be the index of a symbol:
            the lengths, not the padding, say what is real.

    Returns:
        The table and the lengths; T is the length of the longest sequence.

    Raises:
        TypeError: a sequence holds something else than whole numbers, such as letters.
        ValueError: there is no sequence, or one is empty.
    """
    lengths = torch.tensor([len(sequence) for sequence in sequences], dtype=torch.int64)
    if len(lengths) == 0:
        raise ValueError("sequences is empty: a batch needs at least one sequence")
    if (lengths == 0).any():
        raise ValueError(
            f"sequence {int((lengths == 0).nonzero()[0])} is empty: leave it out, or give it at "
            "least one symbol, such as its end <E>"
        )
    try:
        symbols = [operator.index(symbol) for symbol in chain.from_iterable(sequences)]
    except TypeError as error:
        raise TypeError(f"sequences must hold whole numbers; encode text first ({error})") from None
    seq_len = int(lengths.max())
    tokens = torch.full((len(lengths), seq_len), value, dtype=torch.int64)
    # Row by row, the real places of the table take all symbols in their order.
    tokens[mask(lengths, seq_len)] = torch.tensor(symbols, dtype=torch.int64)
    return PaddedBatch(tokens, lengths)


def mask(lengths: Tensor, seq_len: int) -> Tensor:
    """Say where in a padded table real symbols stand.

    >>> mask(torch.tensor([3, 1]), 3)
    tensor([[ True,  True,  True],
            [ True, False, False]])

    Args:
        lengths: int64, (B,), from 0 to seq_len.
        seq_len: T, the number of columns of the table.

    Returns:
        bool, (B, T), on the device of lengths: True where a real symbol stands.

    Raises:
        ValueError: lengths is not one row of numbers, or a length does not fit into the table.
    """
    if lengths.ndim != 1:
        raise ValueError(f"lengths must be (B,), got {tuple(lengths.shape)}")
    if ((lengths < 0) | (lengths > seq_len)).any():
        raise ValueError(
            f"each length must be from 0 to seq_len = {seq_len}, got lengths from "
            f"{int(lengths.min())} to {int(lengths.max())}"
        )
    return torch.arange(seq_len, device=lengths.device) < lengths[:, None]


def batches_by_length(
    lengths: Tensor, rows: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Deal rows into batches of equal length, for one pass over the data.

    A batch of one length needs no padding and no packing, so nothing is computed in vain. Rows
    that do not fill a batch of their own length are dealt into mixed batches. The rows within a
    length and the batches come in a random order.

    Args:
        lengths: int64, (N,), the length of every sequence of the data.
        rows: int64, (R,), the rows to deal out, R at least 1; a row may stand in it twice.
        batch_size: rows per batch, at least 1.
        generator: source of the order, a CPU generator.

    Yields:
        int64, (B,), indices of rows, with B from 1 to batch_size; together all of `rows`.

    Raises:
        ValueError: batch_size is below 1, or rows is empty.
    """
    if batch_size < 1 or len(rows) == 0:
        raise ValueError(
            f"need batch_size of at least 1 and some rows, got {batch_size} and {len(rows)} rows"
        )
    rows = rows[torch.randperm(len(rows), generator=generator)]
    groups = [rows[lengths[rows] == length] for length in lengths[rows].unique()]
    full, rest = [], []
    for group in groups:
        n_full = len(group) // batch_size * batch_size
        full += group[:n_full].split(batch_size) if n_full else []
        rest.append(group[n_full:])
    # The rest is still in the order of its lengths, so a mixed batch is nearly even.
    mixed = torch.cat(rest)
    full += mixed.split(batch_size) if len(mixed) else []
    for i in torch.randperm(len(full), generator=generator).tolist():
        yield full[i]
