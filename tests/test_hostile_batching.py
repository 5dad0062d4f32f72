"""Bad input to what cuts data into batches: padded tables, streams and windows."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hypothesis import strategies as st

from course_utils import batching
from course_utils.batching import given as numbers_given

ROWS = [[5, 6, 7], [8], [9, 9]]
SERIES = [0.5, 1.5, -2.0, 4.0, 8.0]
TEXT = torch.arange(41) % 7


def generator():
    return torch.Generator().manual_seed(0)


def right_pad(answer, given):
    if not isinstance(given["sequences"], list | tuple):  # an iterator has been read
        return
    rows = [[int(symbol) for symbol in row] for row in given["sequences"]]
    assert answer.lengths.tolist() == [len(row) for row in rows]
    width = max(map(len, rows))
    table = [row + [given["value"]] * (width - len(row)) for row in rows]
    assert answer.tokens.tolist() == table


def right_mask(answer, given):
    assert answer.dtype == torch.bool
    assert answer.shape == (len(given["lengths"]), given["seq_len"])
    assert answer.sum(1).tolist() == given["lengths"].tolist()


def right_deal(answer, given):
    batches = list(answer)
    assert all(1 <= len(batch) <= given["batch_size"] for batch in batches)
    assert sorted(torch.cat(batches).tolist()) == sorted(given["rows"].tolist())


def right_take(answer, given):
    batch, rows = batching.pad(ROWS), [int(row) for row in given["rows"]]
    assert answer.lengths.tolist() == batch.lengths[rows].tolist()
    assert answer.tokens.shape == (len(rows), int(answer.lengths.max()))
    for line, row in zip(answer.tokens.tolist(), rows, strict=True):
        assert line[: len(ROWS[row])] == ROWS[row]


def right_moved(answer, given):
    wanted = torch.device(given["device"])
    tokens = answer.tokens if hasattr(answer, "tokens") else answer.targets
    assert tokens.device.type == wanted.type
    assert tokens.shape == (3, 3)


def right_streams(answer, given):
    whole = [int(number) for number in given["text"]]
    start, stop = given["start"], len(whole) if given["stop"] is None else given["stop"]
    length = (stop - start - 1) // given["n_streams"]
    assert answer.chunks_per_pass == length // given["chunk_len"]
    chunk, again = answer.chunk(0), answer.chunk(answer.chunks_per_pass)
    assert torch.equal(chunk.inputs, again.inputs)
    assert chunk.inputs.shape == (len(answer.rows), given["chunk_len"])
    for inputs, targets, row in zip(chunk.inputs, chunk.targets, answer.rows, strict=True):
        begin = start + row * length
        assert inputs.tolist() == whole[begin : begin + given["chunk_len"]]
        assert targets.tolist() == whole[begin + 1 : begin + 1 + given["chunk_len"]]


def right_windows(answer, given):
    inputs, targets = answer
    series, size = (
        [float(number) for number in torch.as_tensor(given["series"]).detach()],
        given["size"],
    )
    assert inputs.shape == (len(series) - size, size, 1)
    for i in range(len(series) - size):
        torch.testing.assert_close(inputs[i, :, 0], torch.tensor(series[i : i + size]))
        torch.testing.assert_close(targets[i, 0], torch.tensor(series[i + size]))


def streams(**changed):
    options = {"n_streams": 2, "chunk_len": 3, "start": 0, "stop": None, "rank": 0}
    return {"text": TEXT, **options, "world_size": 1, **changed}


def of_chunk(step):
    return batching.Streams(TEXT, n_streams=2, chunk_len=3).chunk(step)


def first_of(step):
    return next(batching.Streams(TEXT, n_streams=2, chunk_len=3).from_step(step))


def right_chunk(answer, given):
    place = int(given["step"]) % (20 // 3)
    assert answer.inputs[0].tolist() == TEXT[3 * place : 3 * place + 3].tolist()


THREE = torch.zeros(3, 3, dtype=torch.int64)
DEVICES = st.sampled_from(("cpu", "meta", "cuda", "cuda:7", "mps", "gpu", "", "🙂", "cpu:-1"))
DEVICES |= st.sampled_from((torch.device("cpu"), torch.device("cuda"), torch.float32, 0, None))
DEVICES |= st.sampled_from((torch.ones(1), True, "float32", b"cpu", "cpu\x00", [], np.str_("cpu")))
GOODS = [
    Good(batching.pad, lambda: {"sequences": ROWS, "value": 0}, right_pad,
         names={"sequences": ("sequence",)}),
    Good(batching.mask, lambda: {"lengths": torch.tensor([3, 1, 0]), "seq_len": 3}, right_mask,
         names={"lengths": ("length",)}),
    Good(
        batching.batches_by_length,
        lambda: {"lengths": torch.tensor([3, 1, 1, 2]), "rows": torch.tensor([0, 1, 2, 3, 3]),
                 "batch_size": 2, "generator": generator()},
        right_deal,
        names={"lengths": ("rows",)},
    ),
    Good(lambda rows: batching.pad(ROWS).take(rows), lambda: {"rows": [0, 2]}, right_take,
         label="PaddedBatch.take"),
    Good(lambda device: batching.pad(ROWS).to(device), lambda: {"device": "cpu"}, right_moved,
         label="PaddedBatch.to", values={"device": DEVICES}),
    Good(lambda device: batching.Chunk(THREE, THREE, True).to(device), lambda: {"device": "cpu"},
         right_moved, label="Chunk.to", values={"device": DEVICES}),
    Good(batching.Streams, streams, right_streams),
    Good(batching.Streams, lambda: streams(text=TEXT.tolist(), stop=30, rank=1, world_size=2),
         right_streams, label="Streams of a list"),
    Good(of_chunk, lambda: {"step": 3}, right_chunk, label="Streams.chunk"),
    Good(first_of, lambda: {"step": 3}, right_chunk, label="Streams.from_step"),
    Good(batching.windows, lambda: {"series": SERIES, "size": 2}, right_windows),
    Good(batching.windows, lambda: {"series": torch.tensor(SERIES), "size": 2}, right_windows,
         label="windows of a tensor"),
    Good(batching.windows, lambda: {"series": np.array(SERIES), "size": 2}, right_windows,
         label="windows of an array"),
]  # fmt: skip
EXEMPT = {"Readable": "a protocol: what a text must offer, no function"}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.batching", GOODS, EXEMPT)


def test_tables_that_no_memory_holds_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="seq_len=1000000000000 makes a table"):
        batching.mask(torch.tensor([1, 2]), 10**12)
    for module in ("padded", "windows"):
        whole_module = sys.modules[f"course_utils.batching.{module}"]
        monkeypatch.setattr(whole_module, "MOST_NUMBERS", 10)
    with pytest.raises(ValueError, match="sequences would fill a table of 3 rows of 5 symbols"):
        batching.pad([[1] * 5, [1], [1]])
    with pytest.raises(ValueError, match="size=4 makes 3 windows"):
        batching.windows(range(7), 4)


def test_numbers_in_other_clothes():
    assert batching.pad([np.array([1, 2]), torch.tensor([3]), range(2)]).lengths.tolist() == [
        2,
        1,
        2,
    ]
    for kind in (torch.int8, torch.int32, torch.bfloat16, torch.float64):
        inputs, _ = batching.windows(torch.tensor(SERIES).to(kind), 2)
        assert inputs.dtype == torch.float32
    with pytest.raises(ValueError, match="series holds a missing or infinite value at 1"):
        batching.windows([1.0, math.nan, 2.0], 1)


@pytest.mark.parametrize(
    "value", [[2**63], [2**70], [True], ["a"], [[1], [2, 3]], [None], 3, print]
)
def test_rows_that_are_none(value):
    with pytest.raises((TypeError, ValueError), match="^rows must be"):
        numbers_given.whole_row("rows must be (N,)", value)


def test_a_text_with_a_negative_number_says_where():
    with pytest.raises(ValueError, match=r"from 0: text\[1\] is -1"):
        batching.Streams([0, -1, 2], n_streams=1, chunk_len=1)
