"""A run that is stopped anywhere and resumed has the losses of one that was never stopped."""

import random

import pytest
import torch
from language_samples import numbers
from snapshot_samples import StoppingLoss, keeper, run
from step_samples import assert_same, weights
from torch import nn

from course_utils.batching import Streams
from course_utils.models import GPT, CharLM, CharLMConfig, GPTConfig, MinGRULM, MinGRULMConfig
from course_utils.recipes import train_language as parts
from course_utils.runtime import threads_limited
from course_utils.training import CheckpointError, Keeper, StreamLoss, TrainOptions, train

pytestmark = pytest.mark.offline
V, N_STEPS = 7, 18

BUILD = {
    "lstm": lambda: CharLM(CharLMConfig(V, kind="lstm", num_layers=2, hidden_size=6, dropout=0.3)),
    "gru": lambda: CharLM(CharLMConfig(V, kind="gru", embed_dim=4, hidden_size=6, dropout=0.3)),
    "rnn": lambda: CharLM(CharLMConfig(V, kind="rnn", embed_dim=4, hidden_size=6, dropout=0.3)),
    "mingru": lambda: MinGRULM(MinGRULMConfig(V, width=6, hidden_size=8)),
    "gpt": lambda: GPT(GPTConfig(V, n_layers=3, n_heads=2, width=8, context=24)),
    "flat gpt": lambda: GPT(GPTConfig(V, n_layers=1, n_heads=2, width=8, context=24)),
}


@pytest.fixture(scope="module", autouse=True)
def _quickly():
    with threads_limited(1):
        yield


class Shuffled:
    """Chunks in an order that is shuffled anew in every pass; it can begin anywhere."""

    def __init__(self, seed=0):
        self.seed, self.streams = seed, Streams(numbers(1500), n_streams=4, chunk_len=10)

    def from_step(self, step):
        per_pass = self.streams.chunks_per_pass
        while True:
            generator = torch.Generator().manual_seed(self.seed + step // per_pass)
            order = torch.randperm(per_pass, generator=generator).tolist()
            yield self.streams.chunk(order[step % per_pass])
            step += 1

    def __iter__(self):
        return self.from_step(0)


def train_on(kind, kept, *, stop_at=None, seed=0, batches=None):
    """Train a small network of a kind; return losses and weights."""
    torch.manual_seed(seed)
    model = BUILD[kind]()
    torch.manual_seed(seed + 1)
    batches = Streams(numbers(1500), n_streams=4, chunk_len=10) if batches is None else batches
    loss_of = StoppingLoss(stop_at, KeyboardInterrupt())
    history = train(model, batches, loss_of, TrainOptions(N_STEPS), keeper=kept)
    return history.losses, weights(model)


def keep(path, *, resume=False, every=3):
    return Keeper(path, every=every, config={"a": 1}, resume=resume)


@pytest.mark.parametrize("batches", [None, Shuffled()], ids=["streams", "shuffled"])
@pytest.mark.parametrize("kind", BUILD)
def test_resumed_at_random_steps(tmp_path, kind, batches):
    losses, end = train_on(kind, None, batches=batches)
    for at in random.Random(kind).sample(range(3, N_STEPS), 2):
        path = tmp_path / f"run{at}"
        train_on(kind, keep(path), stop_at=at, batches=batches)
        again, resumed = train_on(kind, keep(path, resume=True), seed=9, batches=batches)
        assert again == pytest.approx(losses, abs=1e-6)
        assert_same(resumed, end, close=1e-6)


def test_a_run_that_is_stopped_again_and_again(tmp_path):
    losses, end = train_on("gpt", None)
    for _ in range(N_STEPS):
        train_on("gpt", keep(tmp_path / "run", resume=True, every=1), stop_at=2)
    again, resumed = train_on("gpt", keep(tmp_path / "run", resume=True, every=1), seed=5)
    assert again == pytest.approx(losses, abs=1e-6)
    assert_same(resumed, end, close=1e-6)


@pytest.mark.parametrize("kind", BUILD)
def test_the_carried_state_comes_back(kind):
    torch.manual_seed(0)
    model, loss_of, other = BUILD[kind](), StreamLoss(), StreamLoss()
    loss_of(model, Streams(numbers(99), n_streams=2, chunk_len=9).chunk(0))
    other.load_state_dict(loss_of.state_dict())
    ours, theirs = (
        {"": each.state} if isinstance(each.state, torch.Tensor) else dict(enumerate(each.state))
        for each in (loss_of, other)
    )
    assert type(other.state) is type(loss_of.state)
    assert_same(ours, theirs)
    empty = StreamLoss()
    empty.load_state_dict(StreamLoss().state_dict())
    assert empty.state is None


@pytest.mark.parametrize("other", ["gru", "lstm", "mingru", "flat gpt"])
def test_a_snapshot_of_another_network(tmp_path, other):
    train_on("gpt", keep(tmp_path / "run"), stop_at=7)
    torch.manual_seed(0)
    model = BUILD[other]()
    before = weights(model)
    chunks = Streams(numbers(1500), n_streams=4, chunk_len=10)
    kept = keep(tmp_path / "run", resume=True)
    with pytest.raises(CheckpointError, match="the snapshot does not fit the model:") as caught:
        train(model, chunks, StreamLoss(), TrainOptions(N_STEPS), keeper=kept)
    assert "blocks.1.mix.weight (8, 8) is unknown to the model" in str(caught.value)
    assert "Build the model as for the first run." in str(caught.value)
    assert_same(weights(model), before)


def test_weights_that_are_no_numbers_are_never_kept(tmp_path):
    class Exploding(nn.Module):
        """The loss is good, its gradient is not: the weights are NaN after the step."""

        def __init__(self):
            super().__init__()
            self.inner, self.steps = nn.Linear(1, 1), 0

        def forward(self, x):
            self.steps += 1
            y = self.inner(x)
            return y + (y - y.detach()).abs().sqrt() if self.steps == 10 else y

    model, path = Exploding(), tmp_path / "run"
    with pytest.raises(FloatingPointError, match="a weight became NaN or infinite in step 10"):
        train(model, [torch.ones(2, 1)] * 20, lambda model, x: model(x).square().mean(),
              TrainOptions(20), keeper=Keeper(path, every=5, config={}))  # fmt: skip
    state = Keeper(path, every=5, config={}, resume=True).restore(None)
    assert len(state.history.losses) == 5
    assert all(tensor.isfinite().all() for tensor in [*state.model.values(), *model.parameters()])


@pytest.mark.parametrize(("name", "dtype"), [("bfloat16", torch.bfloat16), ("float32", None)])
def test_a_resumed_run_keeps_its_precision(tmp_path, monkeypatch, name, dtype):
    monkeypatch.setattr(parts, "has_bfloat16", lambda device: True)
    monkeypatch.setattr(parts, "pick_precision", lambda device, kind: torch.float16)
    job = parts.Job(parts.LanguageRecipe(), tmp_path / "net", "", resume=True)
    assert parts._precision(job) is torch.float16  # there is no snapshot: measured
    run(keeper(tmp_path / "net-snapshot", config={"precision": name}), stop_at=7)
    assert parts._precision(job) is (dtype or torch.float32)
    job = parts.Job(parts.LanguageRecipe(), tmp_path / "net", "")
    assert parts._precision(job) is torch.float16
