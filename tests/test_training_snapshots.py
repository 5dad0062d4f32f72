"""A run that was stopped and resumed ends as one that was never stopped."""

import math
import time
from itertools import chain

import pytest
import torch
from language_samples import small_model
from snapshot_samples import CONFIG, EVERY, N_STEPS, SYMBOLS, keeper, run, scores, streams
from step_samples import assert_same, weights

from course_utils.runtime import threads_limited
from course_utils.training import (
    CheckpointError,
    TrainOptions,
    save_checkpoint,
    snapshot_parts,
    snapshots,
    train,
)
from course_utils.training.batches import batches_from

KINDS = ["rnn", "gru", "lstm"]


@pytest.fixture(scope="module", autouse=True)
def _quickly():
    with threads_limited(1):
        yield


def assert_same_run(ours, theirs):
    """Compare losses, scores and weights, bit by bit."""
    for name in ("losses", "scores", "best_step", "interrupted", "stopped_early"):
        assert getattr(ours.history, name) == getattr(theirs.history, name), name
    assert len(ours.history.score_seconds) == len(ours.history.scores)
    assert_same(ours.weights, theirs.weights)


@pytest.mark.parametrize("stop_at", [3, EVERY, 7, 12, N_STEPS - 1])
@pytest.mark.parametrize("kind", KINDS)
def test_resumed_is_the_same_as_never_stopped(tmp_path, kind, stop_at):
    whole = run(None, kind=kind)
    assert len(whole.history.losses) == N_STEPS
    first = run(keeper(tmp_path / "run"), kind=kind, stop_at=stop_at)
    assert first.history.interrupted
    assert first.history.losses == whole.history.losses[:stop_at]
    # Other start weights and random numbers: everything has to come from the snapshot.
    begins_anew = stop_at < EVERY
    again = run(keeper(tmp_path / "run", resume=True), kind=kind, seed=0 if begins_anew else 1)
    assert_same_run(again, whole)


def test_a_keeper_changes_nothing(tmp_path):
    assert_same_run(run(keeper(tmp_path / "run")), run(None))


def test_stopped_twice(tmp_path):
    run(keeper(tmp_path / "run"), stop_at=8)
    second = run(keeper(tmp_path / "run", resume=True), stop_at=9, seed=1)  # from 5 to 14
    assert len(second.history.losses) == 14
    assert_same_run(run(keeper(tmp_path / "run", resume=True), seed=2), run(None))


def test_a_crash_is_resumed_too(tmp_path):
    with pytest.raises(MemoryError):
        run(keeper(tmp_path / "run"), stop_at=18, error=MemoryError())
    assert_same_run(run(keeper(tmp_path / "run", resume=True), seed=1), run(None))


def test_the_state_is_needed(tmp_path, monkeypatch):
    run(keeper(tmp_path / "run"), stop_at=7)
    assert not streams().chunk(EVERY).is_first
    part = snapshot_parts.part

    def without_state(tensors, prefix):
        return {} if prefix == "loss." else part(tensors, prefix)

    monkeypatch.setattr(snapshot_parts, "part", without_state)
    lost = run(keeper(tmp_path / "run", resume=True), seed=1).history.losses
    kept = run(None).history.losses
    assert lost[:EVERY] == kept[:EVERY]
    assert lost[EVERY] != kept[EVERY]


def test_the_best_weights_from_before_the_stop(tmp_path):
    values = [3.0, 1.0, 2.0, 2.0, 5.0, 4.0]
    whole = run(None, evaluate=scores(iter(values)))
    assert whole.history.best_step == 8
    run(keeper(tmp_path / "run"), stop_at=17, evaluate=scores(iter(values)))  # snapshot: step 15
    again = run(keeper(tmp_path / "run", resume=True), seed=1, evaluate=scores(iter(values[3:])))
    assert_same_run(again, whole)


def test_no_score_that_is_a_number(tmp_path):
    def score():
        return scores(chain([math.nan, math.inf], iter(lambda: math.nan, 0)))

    run(keeper(tmp_path / "run"), stop_at=11, evaluate=score())
    again = run(keeper(tmp_path / "run", resume=True), seed=1, evaluate=lambda model: math.nan)
    assert again.history.best_step is None
    assert [step for step, _ in again.history.scores] == [4, 8, 12, 16, 20, 24]
    values = [value for _, value in again.history.scores]
    assert values[1] == math.inf
    assert [math.isnan(value) for value in values] == [True, False, True, True, True, True]
    assert_same(again.weights, run(None, evaluate=None).weights)


def test_patience_counts_what_was_before(tmp_path):
    values = [1.0, 2.0, 3.0, 4.0, 0.5, 0.4]
    options = {"patience": 3}
    run(keeper(tmp_path / "run"), stop_at=11, evaluate=scores(iter(values)), **options)
    rest = scores(iter(values[2:]))
    again = run(keeper(tmp_path / "run", resume=True), seed=1, evaluate=rest, **options)
    assert again.history.stopped_early
    assert len(again.history.losses) == 16
    assert again.history.best_step == 4


def test_time_from_before_the_stop_counts(tmp_path, monkeypatch):
    now = [0.0]

    def tick(model):
        now[0] += 40.0
        return 1.0

    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    options = {"evaluate": tick, "max_seconds": 190.0, "evaluate_every": 4}
    run(keeper(tmp_path / "run"), stop_at=11, **options)  # two scores: 80 seconds at step 10
    now[0] = 5000.0
    again = run(keeper(tmp_path / "run", resume=True), seed=1, **options)
    assert again.history.score_seconds == [40.0, 80.0, 120.0, 160.0, 200.0]
    assert (len(again.history.losses), again.history.stopped_early) == (20, True)
    assert again.history.seconds == 200.0


class Tape:
    """Batches that can begin anywhere."""

    def from_step(self, step):
        generator = torch.Generator().manual_seed(0)
        rows = [torch.randint(7, (2, 6), generator=generator) for _ in range(N_STEPS)]
        return iter(rows[step:])

    def __iter__(self):
        return self.from_step(0)


def test_without_scores_or_a_state_of_the_loss(tmp_path):
    def train_on(kept, stop_at=None, seed=0):
        model, seen = small_model(seed=seed, dropout=0.5), []

        def loss_of(model, tokens):
            seen.append(tokens)
            if len(seen) == stop_at:
                raise KeyboardInterrupt
            return torch.nn.functional.cross_entropy(model(tokens[:, :-1])[0].mT, tokens[:, 1:])

        torch.manual_seed(seed)
        history = train(model, Tape(), loss_of, TrainOptions(N_STEPS), keeper=kept)
        return history.losses, weights(model)

    losses, end = train_on(None)
    train_on(keeper(tmp_path / "run"), stop_at=14)
    again, resumed = train_on(keeper(tmp_path / "run", resume=True), seed=5)
    assert again == losses
    assert_same(resumed, end)


def test_batches_that_cannot_start_in_the_middle(tmp_path):
    chunks = [streams().chunk(step) for step in range(N_STEPS)]
    run(keeper(tmp_path / "run"), stop_at=6, batches=chunks)
    with pytest.raises(TypeError, match=r"have a method from_step\(step\), .* got list"):
        run(keeper(tmp_path / "run", resume=True), batches=chunks)
    assert [*batches_from(chunks[:2], 0)] == chunks[:2]


def test_a_snapshot_is_read_only_when_it_is_wanted(tmp_path):
    whole, path = run(None), tmp_path / "run"
    assert_same_run(run(keeper(path, resume=True)), whole)  # there is none: begin anew
    run(keeper(path), stop_at=9, seed=4)
    assert_same_run(run(keeper(path)), whole)


@pytest.mark.parametrize("every", [0, -1])
def test_every_must_be_a_step(tmp_path, every):
    with pytest.raises(ValueError, match=f"every must be at least 1 step, got {every}"):
        keeper(tmp_path / "run", every=every)


def test_no_snapshot_after_the_last_step(tmp_path):
    kept = keeper(tmp_path / "run", every=6)
    assert [step for step in range(1, N_STEPS + 1) if kept.is_due(step, N_STEPS)] == [6, 12, 18]
    run(keeper(tmp_path / "run", every=N_STEPS))
    assert [*tmp_path.iterdir()] == []


def test_a_finished_run_removes_its_snapshot(tmp_path):
    kept, others = keeper(tmp_path / "run"), {"run.txt", "run2.json", "lstm.safetensors"}
    for name in others:
        (tmp_path / name).write_text("mine", encoding="utf-8")
    run(kept, stop_at=8)
    assert kept.exists()
    # A process that is killed while it saves can leave these.
    for name in ("run.safetensors.previous", "run.safetensors.tmp", "run.json.tmp"):
        (tmp_path / name).write_bytes(b"half")
    kept.discard()
    assert {path.name for path in tmp_path.iterdir()} == others
    assert not kept.exists()
    kept.discard()
    assert_same_run(run(keeper(tmp_path / "run", resume=True)), run(None))


def test_only_the_first_process_removes_it(tmp_path, monkeypatch):
    kept = keeper(tmp_path / "run")
    run(kept, stop_at=8)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(snapshots, "rank", lambda: 1)
    kept.discard()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_checkpoint_of_a_model_is_no_snapshot(tmp_path):
    save_checkpoint(tmp_path / "run", small_model(), config=CONFIG, vocabulary=SYMBOLS)
    with pytest.raises(CheckpointError, match="is a checkpoint of a model, not a snapshot"):
        run(keeper(tmp_path / "run", resume=True))
