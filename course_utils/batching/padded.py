"""Lay sequences of different length into one table, and deal them into batches."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_utils.arguments import instance, items, shown, tensor, whole_number
from course_utils.batching.given import MOST_NUMBERS, moved, whole_row

_LISTS = "a list of lists of whole numbers"


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
        rows = torch.from_numpy(whole_row("rows must be the numbers of rows (int64), (N,)", rows))
        if len(rows) == 0:
            raise ValueError("rows must be (N,) with N at least 1, got (0,)")
        _check_rows(rows, len(self.lengths))
        lengths = self.lengths[rows]
        return PaddedBatch(
            self.tokens[:, : int(lengths.max())][rows.to(self.tokens.device)], lengths
        )

    def to(self, device: torch.device | str) -> PaddedBatch:
        """Return the batch with its tokens on this device; the lengths stay on the CPU.

        Raises:
            TypeError, ValueError: device names none, or one that this machine does not have.
        """
        return self._replace(tokens=moved(self.tokens, device))


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
        ValueError: there is no sequence, one is empty, a number does not fit into int64, or the
            table would be larger than 2 GiB.
    """
    rows = [_row(i, row) for i, row in enumerate(items("sequences", sequences, what=_LISTS))]
    value = whole_number("value", value, least=-(2**63), most=2**63 - 1)
    lengths = torch.tensor([len(row) for row in rows], dtype=torch.int64)
    if len(lengths) == 0:
        raise ValueError("sequences is empty: a batch needs at least one sequence")
    if (lengths == 0).any():
        raise ValueError(
            f"sequence {int((lengths == 0).nonzero()[0])} is empty: leave it out of sequences, or "
            "give it at least one symbol, such as its end <E>"
        )
    symbols = _symbols(rows)
    seq_len = int(lengths.max())
    if len(lengths) * seq_len > MOST_NUMBERS:
        raise ValueError(
            f"sequences would fill a table of {len(lengths):,} rows of {seq_len:,} symbols, more "
            "than 2 GiB; make smaller batches, or cut the longest sequences"
        )
    tokens = torch.full((len(lengths), seq_len), value, dtype=torch.int64)
    # Row by row, the real places of the table take all symbols in their order.
    tokens[mask(lengths, seq_len)] = symbols
    return PaddedBatch(tokens, lengths)


def _row(i: int, row: Any) -> Sequence[int]:
    """Return one sequence as something that has a length and can be gone through."""
    if isinstance(row, list | tuple):
        return row
    if isinstance(row, Tensor):
        tensor(f"sequences[{i}]", row, ndim=1, shape="(T,)")
        return row.tolist()
    if isinstance(row, str):
        raise TypeError(
            f"sequences must hold whole numbers; encode text first: sequences[{i}] is {shown(row)}"
        )
    return items(f"sequences[{i}]", row, what="a list of whole numbers")


def _symbols(rows: Sequence[Sequence[int]]) -> Tensor:
    """Return the symbols of all sequences in their order: int64."""
    kinds = set(map(type, chain.from_iterable(rows)))
    try:
        if bool in kinds:
            raise TypeError("True and False are no symbols")
        symbols = [operator.index(symbol) for symbol in chain.from_iterable(rows)]
        return torch.tensor(symbols, dtype=torch.int64)
    except TypeError as error:
        raise TypeError(f"sequences must hold whole numbers; encode text first ({error})") from None
    except (OverflowError, RuntimeError):
        raise ValueError("sequences holds a number that is too large for int64") from None


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
        TypeError: lengths is no tensor of int64, or seq_len is not a whole number.
        ValueError: lengths is not one row of numbers, a length does not fit into the table, or the
            table would have more than 2 ** 28 places.
    """
    tensor("lengths", lengths, kind="whole")
    seq_len = whole_number("seq_len", seq_len, least=0)
    if len(lengths.shape) == 1 and len(lengths) * seq_len > MOST_NUMBERS:
        raise ValueError(f"seq_len={seq_len} makes a table of more than {MOST_NUMBERS:,} places")
    if lengths.ndim != 1:
        raise ValueError(f"lengths must be (B,), got {tuple(lengths.shape)}")
    if len(lengths) and ((lengths < 0) | (lengths > seq_len)).any():
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
        TypeError: lengths or rows is no tensor of int64, or another argument has a wrong type.
        ValueError: batch_size is below 1, rows is empty, or a shape is wrong.
        IndexError: there is no such row.
    """
    tensor("lengths", lengths, ndim=1, shape="(N,)", kind="whole")
    tensor("rows", rows, ndim=1, shape="(R,)", kind="whole")
    batch_size = whole_number("batch_size", batch_size)
    instance("generator", generator, torch.Generator, what="a torch.Generator of the CPU")
    if batch_size < 1 or len(rows) == 0:
        raise ValueError(
            f"need batch_size of at least 1 and some rows, got {batch_size} and {len(rows)} rows"
        )
    _check_rows(rows, len(lengths))
    return _batches(lengths, rows, min(batch_size, len(rows)), generator)


def _check_rows(rows: Tensor, n_rows: int) -> None:
    """Refuse the number of a row that does not exist; a negative one would count from the end."""
    wrong = (rows < 0) | (rows >= n_rows)
    if wrong.any():
        place = int(wrong.nonzero()[0])
        raise IndexError(
            f"rows[{place}] is {int(rows[place])}, but the {n_rows} rows are numbered from 0 to "
            f"{n_rows - 1}"
        )


def _batches(
    lengths: Tensor, rows: Tensor, batch_size: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Yield the batches of `batches_by_length`, whose arguments have been checked."""
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
