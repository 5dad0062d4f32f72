"""Windows and padded tables hold the right values, and what does not fit is refused."""

import numpy as np
import pytest
import torch

from course_utils.batching import PaddedBatch, batches_by_length, mask, pad, windows


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
    with pytest.raises(ValueError, match=r"got shape \(1, 2\)"):
        batch.take([[0, 1]])
    with pytest.raises(TypeError, match="of bool"):
        batch.take(torch.tensor([True, False, True, False]))
    with pytest.raises(IndexError, match=r"rows\[0\] is 4, but the 4 rows"):
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


LENGTHS = torch.randint(2, 9, (200,), generator=torch.Generator().manual_seed(0))
SOME = torch.cat([torch.arange(50, 190), torch.arange(60, 90), torch.tensor([7, 7, 7])])


def dealt(rows=SOME, batch_size=8, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [*batches_by_length(LENGTHS, rows, batch_size, generator)]


@pytest.mark.parametrize("batch_size", [1, 3, 8, 1000])
def test_every_row_is_dealt_as_often_as_it_stands_there(batch_size):
    parts = dealt(batch_size=batch_size)
    assert sorted(torch.cat(parts).tolist()) == sorted(SOME.tolist())
    assert all(1 <= len(part) <= batch_size for part in parts)
    assert {part.dtype for part in parts} == {torch.int64}
    # All batches are full, but for the last of the mixed ones.
    assert len(parts) == -(-len(SOME) // batch_size)


def test_batches_have_one_length_as_far_as_the_rows_allow():
    even = [part for part in dealt() if len(LENGTHS[part].unique()) == 1 and len(part) == 8]
    possible = sum(int(n) // 8 for n in LENGTHS[SOME].bincount())
    assert len(even) == possible > 10
    mixed = [part for part in dealt() if len(LENGTHS[part].unique()) > 1]
    assert 0 < len(mixed) <= 7


def test_a_mixed_batch_is_nearly_even():
    # Rows of 3 lengths, 5 of each: the two mixed batches hold neighbouring lengths.
    lengths = torch.tensor([2, 9, 30]).repeat(5)
    generator = torch.Generator().manual_seed(0)
    parts = [*batches_by_length(lengths, torch.arange(15), 6, generator)]
    assert sorted(sorted(lengths[part].tolist()) for part in parts) == [
        [2] * 5 + [9],
        [9] * 4 + [30] * 2,
        [30] * 3,
    ]


def as_lists(parts):
    return [part.tolist() for part in parts]


def test_the_same_seed_deals_the_same():
    assert as_lists(dealt(seed=3)) == as_lists(dealt(seed=3))
    assert as_lists(dealt(seed=3)) != as_lists(dealt(seed=4))


def test_the_order_of_the_rows_in_a_batch_and_of_the_batches_changes():
    generator = torch.Generator().manual_seed(0)
    first, second = ([*batches_by_length(LENGTHS, SOME, 8, generator)] for _ in range(2))
    together = [{frozenset(part.tolist()) for part in parts} for parts in (first, second)]
    assert len(together[0] & together[1]) < 3
    assert LENGTHS[first[0]].tolist() != LENGTHS[second[0]].tolist()
    # Not from short to long either.
    longest = [int(LENGTHS[part].max()) for part in first]
    assert longest != sorted(longest)


def test_dealing_leaves_the_rows_and_the_global_random_numbers_alone():
    rows, before = SOME.clone(), torch.get_rng_state()
    dealt(rows)
    assert torch.equal(rows, SOME)
    assert torch.equal(torch.get_rng_state(), before)


def test_nothing_can_be_dealt():
    with pytest.raises(ValueError, match="batch_size of at least 1 .*got 0 and 173 rows"):
        dealt(batch_size=0)
    with pytest.raises(ValueError, match="got 8 and 0 rows"):
        dealt(SOME[:0])
