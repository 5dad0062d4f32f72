"""bfloat16 is chosen where it is faster on this machine, and nowhere else."""

from functools import partial
from itertools import cycle
from types import SimpleNamespace

import pytest
import torch
from language_samples import numbers, small_model

from course_utils.batching import Streams
from course_utils.runtime import threads_limited
from course_utils.training import StreamLoss, TrainOptions, pick_precision, precision, train

CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def _quickly():
    with threads_limited(1):
        yield


@pytest.fixture(autouse=True)
def _measured_anew():
    """Forget what was measured, before and after."""
    precision._speed_up.cache_clear()
    yield
    precision._speed_up.cache_clear()


@pytest.fixture
def timed(monkeypatch):
    """Let the processor have bfloat16; return a function that says how long steps take."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda device: True)

    def takes(seconds):
        calls = []

        def time_step(layer, x, dtype):
            calls.append((type(layer).__name__, dtype))
            if isinstance(seconds[dtype], Exception):
                raise seconds[dtype]
            return seconds[dtype]

        monkeypatch.setattr(precision, "_time_step", time_step)
        return calls

    return takes


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    ("slow", "quick", "expected"),
    [
        (2.0, 1.0, torch.bfloat16),
        (1.16, 1.0, torch.bfloat16),
        (1.14, 1.0, torch.float32),
        (1.0, 1.0, torch.float32),
        (1.0, 9.0, torch.float32),
        (1.0, RuntimeError("no such kernel"), torch.float32),
    ],
)
def test_the_faster_one_is_picked(timed, kind, slow, quick, expected):
    calls = timed({torch.float32: slow, torch.bfloat16: quick})
    assert pick_precision(CPU, kind=kind) == expected
    assert calls == [(kind.upper(), torch.float32), (kind.upper(), torch.bfloat16)]


def test_it_is_measured_once_for_each_kind(timed):
    calls = timed({torch.float32: 2.0, torch.bfloat16: 1.0})
    for kind in ("gru", "gru", "lstm", "gru", "lstm"):
        assert pick_precision("cpu", kind=kind) == torch.bfloat16
    assert len(calls) == 4


def test_without_instructions_nothing_is_measured(timed, monkeypatch):
    calls = timed({torch.float32: 2.0, torch.bfloat16: 1.0})
    monkeypatch.setattr(precision, "has_bfloat16", lambda device: False)
    assert pick_precision(CPU) == torch.float32
    assert calls == []


def test_other_errors_are_not_hidden(timed):
    timed({torch.float32: MemoryError("full"), torch.bfloat16: 1.0})
    with pytest.raises(MemoryError):
        pick_precision(CPU)


def test_which_processors_have_it(monkeypatch):
    assert precision.has_bfloat16(torch.device("mps")) is False
    for answer in (True, False):
        mkldnn = SimpleNamespace(_is_mkldnn_bf16_supported=lambda answer=answer: answer)
        monkeypatch.setattr(torch.ops, "mkldnn", mkldnn)
        assert precision.has_bfloat16(CPU) is answer

    for capability, answer in (((7, 5), False), ((8, 0), True), ((12, 0), True)):
        monkeypatch.setattr(
            torch.cuda, "get_device_capability", lambda device, answer=capability: answer
        )
        assert precision.has_bfloat16(torch.device("cuda")) is answer
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())  # a PyTorch without oneDNN
    assert precision.has_bfloat16(CPU) is False


def test_the_real_measurement_leaves_the_random_numbers_alone(monkeypatch):
    monkeypatch.setattr(precision, "_time_step", partial(precision._time_step, rounds=1))
    before = torch.get_rng_state()
    for kind in ("rnn", "gru", "lstm"):
        assert 0 <= precision._speed_up("cpu", kind) < 1000
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.is_autocast_enabled("cpu")


def test_the_shortest_of_some_rounds_counts(monkeypatch):
    ticks = cycle([0.0, 5.0, 10.0, 13.0, 20.0, 24.0])
    monkeypatch.setattr(precision.time, "perf_counter", lambda: next(ticks))
    layer = torch.nn.RNN(2, 3, batch_first=True)
    seconds = precision._time_step(layer, torch.ones(1, 4, 2), torch.float32, rounds=3)
    assert seconds == 3.0
    assert layer.weight_ih_l0.grad.abs().sum() > 0  # the way back is measured too


def test_float32_changes_nothing():
    matrix = torch.randn(20, 20)
    with precision.autocast(CPU, torch.float32):
        assert not torch.is_autocast_enabled("cpu")
        assert (matrix @ matrix).dtype == torch.float32
    with precision.autocast(CPU, torch.bfloat16):
        assert (matrix @ matrix).dtype == torch.bfloat16
    assert (matrix @ matrix).dtype == torch.float32


def can_compute(kind):
    """Tell whether this PyTorch has such a layer with bfloat16 for this processor."""
    layer = getattr(torch.nn, kind.upper())(2, 3, batch_first=True)
    try:
        precision._time_step(layer, torch.ones(1, 4, 2), torch.bfloat16, rounds=1)
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_training_with_bfloat16_is_close_to_float32(kind):
    if not can_compute(kind):
        pytest.skip(f"PyTorch has no bfloat16 {kind} for this processor")
    losses = {}
    for dtype in (torch.float32, torch.bfloat16):
        model, loss_of = small_model(kind, hidden_size=16), StreamLoss(dtype)
        streams = Streams(numbers(4000), n_streams=8, chunk_len=12)
        seen = []

        def recording(model, chunk, loss_of=loss_of, seen=seen):
            loss = loss_of(model, chunk)
            seen.append(loss.dtype)
            return loss

        losses[dtype] = train(
            model, streams, recording, TrainOptions(60, learning_rate=0.02)
        ).losses
        assert set(seen) == {torch.float32}
        assert {p.dtype for p in model.parameters()} == {torch.float32}
    ours, exact = losses[torch.bfloat16], losses[torch.float32]
    assert ours != exact
    assert ours == pytest.approx(exact, rel=0.05)
    assert ours[-1] < 0.8 * ours[0]
