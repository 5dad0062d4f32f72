"""The loss over streams carries the state and cuts the gradient; the held-out loss is exact."""

import math

import pytest
import torch
from language_samples import V, numbers, small_model
from torch import nn

from course_utils.batching import Chunk, Streams
from course_utils.corpora import LongText
from course_utils.models import detach_state
from course_utils.runtime import threads_limited
from course_utils.training import StreamLoss, bits, held_out_loss

KINDS = ["rnn", "gru", "lstm"]


@pytest.fixture(scope="module", autouse=True)
def _quickly():
    with threads_limited(1):
        yield


def chunks(n_chunks, *, n_streams=3, chunk_len=8):
    """Return the first chunks of a text that is long enough for all of them."""
    text = numbers(n_streams * chunk_len * n_chunks + 1)
    streams = Streams(text, n_streams=n_streams, chunk_len=chunk_len)
    return [streams.chunk(step) for step in range(n_chunks)]


def by_hand(model, some, *, detach=True):
    """Return the losses of chunks as one would write it down."""
    losses, state = [], None
    for chunk in some:
        logits, state = model(chunk.inputs, state)
        state = detach_state(state) if detach else state
        losses.append(nn.functional.cross_entropy(logits.reshape(-1, V), chunk.targets.reshape(-1)))
    return losses


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return [p.grad.clone() for p in model.parameters()]


def same(ours, theirs, close=1e-6):
    return all(torch.allclose(a, b, atol=close) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_loop_by_hand(kind, num_layers):
    model, loss_of = small_model(kind, num_layers=num_layers), StreamLoss()
    some = chunks(5)
    ours = [loss_of(model, chunk) for chunk in some]
    assert [loss.item() for loss in ours] == pytest.approx(
        [loss.item() for loss in by_hand(model, some)], rel=1e-6
    )
    assert all(loss.shape == () and loss.dtype == torch.float32 for loss in ours)


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_is_carried_and_the_gradient_is_not(kind):
    model, loss_of, some = small_model(kind), StreamLoss(), chunks(2)
    loss_of(model, some[0]).backward()
    ours = gradients(model, loss_of(model, some[1]))  # it needs nothing of the first graph
    assert same(ours, gradients(model, by_hand(model, some)[1]))
    assert not same(ours, gradients(model, by_hand(model, some, detach=False)[1]), 1e-4)
    assert not same(ours, gradients(model, by_hand(model, some[1:])[0]), 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_chunk_forgets_what_was_before(kind):
    model, some = small_model(kind), chunks(3)
    fresh, used = StreamLoss(), StreamLoss()
    for chunk in some[1:]:
        used(model, chunk)
    assert some[0].is_first
    assert used(model, some[0]).item() == fresh(model, some[0]).item()
    as_first = some[1]._replace(is_first=True)
    carried = used(model, some[1]).item()
    assert fresh(model, as_first).item() != pytest.approx(carried, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_that_was_saved_goes_on(kind):
    model, some, loss_of, copy = small_model(kind), chunks(3), StreamLoss(), StreamLoss()
    for chunk in some[:2]:
        loss_of(model, chunk)
    saved = {name: tensor.clone() for name, tensor in loss_of.state_dict().items()}
    assert set(saved) == (set("hc") if kind == "lstm" else {"h"})
    assert all(tensor.shape == (1, 3, 6) and tensor.any() for tensor in saved.values())
    expected = loss_of(model, some[2]).item()
    copy.load_state_dict(saved)
    assert copy(model, some[2]).item() == expected


@pytest.mark.parametrize("kind", KINDS)
def test_before_the_first_chunk_there_is_no_state(kind):
    model, loss_of, some = small_model(kind), StreamLoss(), chunks(2)
    loss_of(model, some[0])
    assert StreamLoss().state_dict() == {}
    loss_of.load_state_dict({})
    assert loss_of.state is None
    fresh = some[1]._replace(is_first=True)
    assert loss_of(model, some[1]).item() == StreamLoss()(model, fresh).item()


def test_a_state_from_a_file_moves_to_the_device_of_the_network():
    class Probe(nn.Module):
        """Look at what arrives, and compute nothing."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2, device="meta"))

        def forward(self, tokens, state):
            raise LookupError(*[part.device.type for part in (tokens, *state)])

    loss_of, tokens = StreamLoss(), torch.zeros(1, 3, dtype=torch.int64)
    loss_of.load_state_dict({"h": torch.zeros(1, 1, 2), "c": torch.zeros(1, 1, 2)})
    with pytest.raises(LookupError) as seen:
        loss_of(Probe(), Chunk(tokens, tokens, False))
    assert seen.value.args == ("meta", "meta", "meta")


def one_pass(model, text, start, stop):
    """Return the loss over a part in one single call."""
    with torch.no_grad():
        logits, _ = model(text[None, start : stop - 1])
    return float(nn.functional.cross_entropy(logits[0].float(), text[start + 1 : stop]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk_len", [1, 7, 16, 95, 96, 97, 1000])
def test_the_held_out_loss_of_one_stream_is_exact(kind, chunk_len):
    model, text = small_model(kind).double(), numbers(200)
    ours = held_out_loss(model, text, start=80, stop=177, chunk_len=chunk_len)
    assert ours == pytest.approx(one_pass(model, text, 80, 177), rel=1e-6)


def test_every_symbol_of_the_part_counts_and_no_other():
    model, text = small_model(), numbers(60)
    value = held_out_loss(model, text, start=20, stop=50, chunk_len=8)
    for place in range(60):
        changed = text.clone()
        changed[place] = (changed[place] + 1) % V
        other = held_out_loss(model, changed, start=20, stop=50, chunk_len=8)
        assert (other != value) == (20 <= place < 50), place


@pytest.mark.parametrize(("n_streams", "chunk_len"), [(2, 5), (3, 100), (7, 4), (32, 2)])
def test_many_streams_are_read_each_from_zeros(n_streams, chunk_len):
    model, text, start, stop = small_model(), numbers(300), 50, 290
    ours = held_out_loss(
        model, text, start=start, stop=stop, n_streams=n_streams, chunk_len=chunk_len
    )
    row = (stop - start - 1) // n_streams
    read = row // min(chunk_len, row) * min(chunk_len, row)
    begins = [start + i * row for i in range(n_streams)]
    losses = [one_pass(model, text, begin, begin + read + 1) for begin in begins]
    assert ours == pytest.approx(sum(losses) / n_streams, rel=1e-5)


def test_any_kind_of_text_and_the_end_as_default():
    model, text = small_model(), numbers(90)
    long_text = LongText.from_string("".join("abcdefg"[i] for i in text))
    expected = held_out_loss(model, text, start=60, stop=90)
    for kind in (text.tolist(), text.numpy(), long_text):
        assert held_out_loss(model, kind, start=60) == expected


def test_measuring_leaves_no_gradient_and_the_mode():
    model = small_model(dropout=0.9)
    values = {held_out_loss(model.eval(), numbers(50), start=0) for _ in range(3)}
    assert len(values) == 1
    assert not model.training
    assert all(p.grad is None for p in model.parameters())
    assert held_out_loss(model.train(), numbers(50), start=0) not in values  # used as it is
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 49}, "too short: 1 symbols are there"),
        ({"start": 50}, "too short: 0 symbols are there"),
        ({"start": 0, "stop": 51}, "must lie in the text"),
        ({"start": 30, "stop": 20}, "must lie in the text"),
        ({"start": -5}, "start must be .*at least 0"),
        ({"start": 40, "n_streams": 10}, "too short: 10 symbols are there"),
        ({"start": 0, "n_streams": 0}, "n_streams must be .*at least 1, got 0"),
        ({"start": 0, "chunk_len": 0}, "chunk_len must be .*at least 1, got 0"),
    ],
)
def test_parts_that_cannot_be_measured(options, message):
    with pytest.raises(ValueError, match=message):
        held_out_loss(small_model(), numbers(50), **options)


def test_bits():
    assert bits(math.log(2)) == pytest.approx(1)
    assert bits(math.log(65)) == pytest.approx(math.log2(65))
