"""Windows and padded tables hold the right values, and what does not fit is refused."""

import numpy as np
import pytest
import torch

from course_utils.batching import PaddedBatch, mask, pad, windows


def test_each_window_is_followed_by_its_target():
    series = np.arange(20.0)
    inputs, targets = windows(series, 4)
    assert inputs.shape == (16, 4, 1)
    assert targets.shape == (16, 1)
    assert inputs.dtype == targets.dtype == torch.float32
    for i in range(16):
        assert inputs[i, :, 0].tolist() == series[i : i + 4].tolist()
        assert targets[i, 0] == series[i + 4]


def test_one_window_is_left_at_the_largest_size():
    inputs, targets = windows([1.0, 2.0, 3.0], 2)
    assert inputs.flatten().tolist() == [1, 2]
    assert targets.flatten().tolist() == [3]


@pytest.mark.parametrize("size", [3, 4, 100, 0, -1])
def test_a_window_that_does_not_fit(size):
    with pytest.raises(ValueError, match=rf"size must be from 1 to 2 .*got {size}"):
        windows([1.0, 2.0, 3.0], size)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_missing_values(bad):
    with pytest.raises(ValueError, match="missing or infinite"):
        windows([1.0, bad, 3.0], 1)


@pytest.mark.parametrize("series", [[[1.0, 2.0]], 3.0])
def test_not_one_row(series):
    with pytest.raises(ValueError, match="one row of numbers"):
        windows(series, 1)


def test_empty_series():
    with pytest.raises(ValueError, match="the series has 0 values"):
        windows([], 1)


ROWS = [[4, 2], [7, 7, 1, 3, 9], [5], [6, 8, 2]]


def rows_of(batch):
    """Cut the padding off again."""
    return [row[:n].tolist() for row, n in zip(batch.tokens, batch.lengths, strict=True)]


@pytest.mark.parametrize("value", [0, 1, -100])
def test_a_padded_table_keeps_every_sequence(value):
    batch = pad(ROWS, value=value)
    assert batch.tokens.shape == (4, 5)
    assert batch.tokens.dtype == batch.lengths.dtype == torch.int64
    assert rows_of(batch) == ROWS
    for row, n in zip(batch.tokens, batch.lengths, strict=True):
        assert row[n:].tolist() == [value] * (5 - n)


def test_sequences_may_be_arrays_tensors_and_tuples():
    kinds = [tuple(ROWS[0]), np.array(ROWS[1]), torch.tensor(ROWS[2]), range(3)]
    assert rows_of(pad(kinds)) == [*ROWS[:3], [0, 1, 2]]


def test_sequences_of_one_length_need_no_padding():
    assert pad([[1, 2], [3, 4]], value=9).tokens.tolist() == [[1, 2], [3, 4]]


def test_no_sequence_and_an_empty_sequence():
    with pytest.raises(ValueError, match="sequences is empty"):
        pad([])
    with pytest.raises(ValueError, match="sequence 2 is empty"):
        pad([[1], [2, 3], [], [4], []])


@pytest.mark.parametrize("sequences", [["Kim", "Satoshi"], [[1, 2.0]], [torch.tensor([0.5])]])
def test_only_whole_numbers_are_padded(sequences):
    with pytest.raises(TypeError, match="whole numbers; encode text first"):
        pad(sequences)


@pytest.mark.parametrize("rows", [[2], [0, 3], [2, 0, 2], [1, 0], [3, 2, 1, 0]])
def test_taken_rows_keep_their_order_and_lose_spare_columns(rows):
    taken = pad(ROWS, value=-1).take(torch.tensor(rows))
    assert isinstance(taken, PaddedBatch)
    assert rows_of(taken) == [ROWS[row] for row in rows]
    assert taken.tokens.shape[1] == max(len(ROWS[row]) for row in rows)
    assert rows_of(pad(ROWS).take(rows)) == rows_of(taken)


def test_taking_leaves_the_table_as_it_was():
    batch = pad(ROWS)
    batch.take([1, 2]).tokens.zero_()
    assert rows_of(batch) == ROWS


def test_rows_that_cannot_be_taken():
    batch = pad(ROWS)
    with pytest.raises(ValueError, match=r"rows must be \(N,\) with N at least 1, got \(0,\)"):
        batch.take(torch.tensor([], dtype=torch.int64))
    with pytest.raises(ValueError, match=r"got \(1, 2\)"):
        batch.take([[0, 1]])
    with pytest.raises(TypeError, match="got torch.bool"):
        batch.take(torch.tensor([True, False, True, False]))
    with pytest.raises(IndexError, match="index 4 is out of bounds"):
        batch.take([4])


def test_only_the_tokens_move():
    moved = pad(ROWS).to("meta")
    assert moved.tokens.device.type == "meta"
    assert moved.lengths.device.type == "cpu"
    assert moved.take([0, 2]).tokens.shape == (2, 2)
    assert moved.take([0, 2]).lengths.tolist() == [2, 1]


def test_packing_reads_exactly_the_real_symbols():
    batch = pad(ROWS, value=-1)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        batch.tokens, batch.lengths, batch_first=True, enforce_sorted=False
    )
    assert sorted(packed.data.tolist()) == sorted(symbol for row in ROWS for symbol in row)


def test_the_mask_is_true_on_real_symbols():
    batch = pad(ROWS, value=-1)
    assert torch.equal(mask(batch.lengths, 5), batch.tokens != -1)
    assert mask(torch.tensor([0, 2]), 3).tolist() == [[False] * 3, [True, True, False]]


def test_lengths_that_no_table_has():
    with pytest.raises(ValueError, match="from 0 to seq_len = 4, got lengths from 1 to 5"):
        mask(pad(ROWS).lengths, 4)
    with pytest.raises(ValueError, match="got lengths from -1 to 2"):
        mask(torch.tensor([2, -1]), 4)
    with pytest.raises(ValueError, match=r"lengths must be \(B,\), got \(1, 2\)"):
        mask(torch.tensor([[1, 2]]), 4)
