"""Streams deal a text without a gap, in the same order for one process and for many."""

from itertools import islice

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from course_utils.batching import Chunk, Streams
from course_utils.corpora import LongText

QUICK = settings(derandomize=True, database=None, max_examples=80, deadline=None)


class Recorder:
    """A text whose symbols are their own places; it remembers what was read of it."""

    def __init__(self, length):
        self.length, self.parts = length, []

    def __len__(self):
        return self.length

    def read(self, start, stop):
        assert 0 <= start <= stop <= self.length
        self.parts.append((start, stop))
        return np.arange(start, stop)


@st.composite
def sizes(draw, most_processes=1):
    """Draw (world_size, options of Streams) that fit into their text, and the text's length."""
    world_size = draw(st.integers(1, most_processes))
    n_streams, chunk_len = world_size * draw(st.integers(1, 4)), draw(st.integers(1, 7))
    start, spare, after = (draw(st.integers(0, limit)) for limit in (9, 60, 5))
    stop = start + n_streams * chunk_len + 1 + spare
    options = {"n_streams": n_streams, "chunk_len": chunk_len, "start": start}
    # Without stop the part ends where the text ends.
    if after or draw(st.booleans()):
        options["stop"] = stop
    return world_size, options, stop, stop + after


def one_pass(streams):
    return [streams.chunk(step) for step in range(streams.chunks_per_pass)]


@QUICK
@given(sizes())
def test_chunks_of_a_row_join_up_to_its_part_of_the_text(drawn):
    _, options, stop, length = drawn
    n_streams, chunk_len, start = options["n_streams"], options["chunk_len"], options["start"]
    streams = Streams(Recorder(length), **options)
    chunks = one_pass(streams)
    row_length = (stop - start - 1) // n_streams
    n_used = row_length // chunk_len * chunk_len
    assert streams.chunks_per_pass == len(chunks) == row_length // chunk_len
    for row in range(n_streams):
        first = start + row * row_length
        inputs = torch.cat([chunk.inputs[row] for chunk in chunks])
        targets = torch.cat([chunk.targets[row] for chunk in chunks])
        assert inputs.tolist() == [*range(first, first + n_used)]
        assert targets.tolist() == [*range(first + 1, first + n_used + 1)]
    assert all(part[1] <= stop and part[0] >= start for part in streams._text.parts)
    assert stop - start - 1 - n_used * n_streams < n_streams * (chunk_len + 1)  # left out


@QUICK
@given(sizes(), st.integers(0, 200))
def test_every_pass_is_the_same_and_begins_anew(drawn, step):
    streams = Streams(Recorder(drawn[-1]), **drawn[1])
    chunk, same = streams.chunk(step), streams.chunk(step % streams.chunks_per_pass)
    assert torch.equal(chunk.inputs, same.inputs)
    assert torch.equal(chunk.targets, same.targets)
    assert chunk.is_first is same.is_first is (step % streams.chunks_per_pass == 0)


@QUICK
@given(sizes(), st.integers(0, 30))
def test_an_iterator_may_begin_at_any_step(drawn, step):
    streams = Streams(Recorder(drawn[-1]), **drawn[1])
    n_chunks = streams.chunks_per_pass + 2
    for begin, source in [
        (0, iter(streams)),
        (0, streams.from_step()),
        (step, streams.from_step(step)),
    ]:
        for i, chunk in enumerate(islice(source, n_chunks), begin):
            assert torch.equal(chunk.inputs, streams.chunk(i).inputs)
            assert chunk.is_first == streams.chunk(i).is_first


@QUICK
@given(sizes(most_processes=4), st.integers(0, 20))
def test_all_processes_together_deal_what_one_would(drawn, step):
    world_size, options, _, length = drawn
    alone = Streams(Recorder(length), **options)
    shares = [
        Streams(Recorder(length), **options, rank=rank, world_size=world_size)
        for rank in range(world_size)
    ]
    chunks = [share.chunk(step) for share in shares]
    assert torch.equal(torch.cat([chunk.inputs for chunk in chunks]), alone.chunk(step).inputs)
    assert torch.equal(torch.cat([chunk.targets for chunk in chunks]), alone.chunk(step).targets)
    assert {chunk.is_first for chunk in chunks} == {alone.chunk(step).is_first}
    assert {share.chunks_per_pass for share in shares} == {alone.chunks_per_pass}
    assert [row for share in shares for row in share.rows] == [*alone.rows]
    assert {chunk.inputs.numel() for chunk in chunks} == {shares[0].symbols_per_chunk}
    assert sum(share.symbols_per_chunk for share in shares) == alone.symbols_per_chunk


@QUICK
@given(sizes(most_processes=4))
def test_a_process_reads_only_its_own_rows(drawn):
    world_size, options, stop, length = drawn
    row_length = (stop - options["start"] - 1) // options["n_streams"]
    for rank in range(world_size):
        streams = Streams(Recorder(length), **options, rank=rank, world_size=world_size)
        assert streams._text.parts == []  # nothing is read before it is asked for
        one_pass(streams)
        first = options["start"] + streams.rows.start * row_length
        behind = options["start"] + streams.rows.stop * row_length
        places = {i for part in streams._text.parts for i in range(*part)}
        assert places <= {*range(first, behind + 1)}  # the last target may begin the next row
        assert len(streams._text.parts) == len(streams.rows) * streams.chunks_per_pass


def test_a_text_may_be_of_any_kind():
    words = "off the wheel and back again"
    text = LongText.from_string(words)
    numbers = text.read(0, len(text))
    frozen = numbers.copy()
    frozen.setflags(write=False)
    kinds = [text, numbers, frozen, numbers.tolist(), tuple(numbers.tolist())]
    kinds += [torch.from_numpy(numbers), torch.tensor(numbers, dtype=torch.int32)]
    for kind in kinds:
        chunk = Streams(kind, n_streams=3, chunk_len=4).chunk(1)
        inputs = ["".join(text.symbols[i] for i in row) for row in chunk.inputs.tolist()]
        targets = ["".join(text.symbols[i] for i in row) for row in chunk.targets.tolist()]
        assert inputs == [words[4:8], words[13:17], words[22:26]]
        assert targets == [words[5:9], words[14:18], words[23:27]]


def test_what_a_chunk_is_made_of():
    text = torch.arange(50)
    chunk = Streams(text, n_streams=4, chunk_len=5).chunk(1)
    assert isinstance(chunk, Chunk)
    for part in (chunk.inputs, chunk.targets):
        assert part.shape == (4, 5)
        assert part.dtype == torch.int64
        assert part.is_contiguous()
        part.zero_()  # a chunk has its own memory
    assert text.tolist() == [*range(50)]


def test_both_tables_move():
    moved = Streams(range(50), n_streams=4, chunk_len=5).chunk(0).to("meta")
    assert moved.inputs.device.type == moved.targets.device.type == "meta"
    assert moved.is_first is True


def refusal(length, n_streams, chunk_len, **options):
    with pytest.raises(ValueError, match=rf"{length} symbols are there") as caught:
        Streams(range(length), n_streams=n_streams, chunk_len=chunk_len, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("length", "sizes", "advice"),
    [
        (2048, (32, 64), "needs n_streams * chunk_len + 1 = 2049"),
        (2048, (32, 64), "n_streams=31 or fewer, or chunk_len=63 or less"),
        (100, (32, 64), "shorter chunks: n_streams=1, or chunk_len=3 or less"),
        (33, (32, 64), "shorter chunks: chunk_len=1"),
        (10, (32, 64), "shorter chunks: n_streams=1 with chunk_len=9"),
        (1, (32, 64), "take a longer text"),
        (0, (1, 1), "take a longer text"),
    ],
)
def test_a_short_text_gets_numbers_that_would_fit(length, sizes, advice):
    assert advice in refusal(length, *sizes)


@QUICK
@given(st.integers(0, 60), st.integers(1, 4), st.integers(1, 3), st.integers(1, 30))
def test_the_advice_is_true(length, world_size, share, chunk_len):
    sizes = {"n_streams": world_size * share, "chunk_len": chunk_len}
    if length > world_size * share * chunk_len:
        assert Streams(range(length), **sizes, world_size=world_size).chunks_per_pass
        return
    message = refusal(length, **sizes, world_size=world_size).partition("; ")[2]
    assert ("longer text" in message) == (length <= world_size)
    choices = message.partition(": ")[2]
    for choice in filter(None, choices.split(", or ")):
        words = choice.replace(" with", "").replace("or less", "").replace("or fewer", "")
        changed = {name: int(value) for name, value in (word.split("=") for word in words.split())}
        assert Streams(range(length), **sizes | changed, world_size=world_size).chunks_per_pass


def test_a_short_part_of_a_long_text():
    with pytest.raises(ValueError, match="20 symbols are there"):
        Streams(range(1000), n_streams=2, chunk_len=10, start=30, stop=50)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_streams": 0}, "n_streams must be at least 1, got 0"),
        ({"chunk_len": -2}, "chunk_len must be at least 1, got -2"),
        ({"start": -1}, "start must be at least 0, got -1"),
        ({"stop": 101}, "stop <= 100; got start=0 and stop=101"),
        ({"start": 60, "stop": 50}, "got start=60 and stop=50"),
        ({"rank": 2, "world_size": 2}, "rank must be from 0 to world_size - 1 = 1, got 2"),
        ({"rank": -1, "world_size": 2}, "rank must be at least 0"),
        ({"world_size": 0}, "world_size must be at least 1"),
        ({"world_size": 3}, "n_streams=4 cannot be shared evenly .* such as 6"),
    ],
)
def test_bad_numbers(options, message):
    with pytest.raises(ValueError, match=message):
        Streams(range(100), **{"n_streams": 4, "chunk_len": 5} | options)


@pytest.mark.parametrize("name", ["n_streams", "chunk_len", "start", "stop", "rank", "world_size"])
def test_whole_numbers_only(name):
    with pytest.raises(TypeError, match=f"{name} must be a whole number, got 2.0"):
        Streams(range(100), **{"n_streams": 4, "chunk_len": 5} | {name: 2.0})


@pytest.mark.parametrize(
    "text", ["abc", ["a", "b"], [0.5, 1.0], [True, False], None, [[1], [2, 3]]]
)
def test_a_text_that_is_not_numbers(text):
    with pytest.raises(TypeError, match="LongText .* or one row of whole numbers"):
        Streams(text, n_streams=1, chunk_len=1)


def test_more_than_one_row_of_numbers():
    with pytest.raises(ValueError, match=r"one row of whole numbers.*got shape \(2, 9\)"):
        Streams(torch.zeros(2, 9, dtype=torch.int64), n_streams=1, chunk_len=1)


@pytest.mark.parametrize(("step", "error"), [(-1, ValueError), (0.0, TypeError), ("1", TypeError)])
def test_a_step_that_is_not_there(step, error):
    streams = Streams(range(100), n_streams=4, chunk_len=5)
    for ask in (streams.chunk, streams.from_step):
        with pytest.raises(error, match="step must be"):
            ask(step)
