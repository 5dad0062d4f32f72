"""Wherever `train` is stopped, by hand or by a number that is none, the model can be used."""

import math
from itertools import count, islice

import pytest
import torch
from step_samples import assert_same, batches, loss_of, network, scorer, weights

from course_utils.training import Keeper, TrainOptions, train


class Stop(torch.autograd.Function):
    """Multiply by one; the way back is interrupted."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        raise KeyboardInterrupt


@pytest.fixture(params=["no keeper", "keeper"])
def kept(request, tmp_path):
    """Return None, or a keeper that saves snapshots now and then: it must make no difference."""
    if request.param == "no keeper":
        return None
    return Keeper(tmp_path / "run", every=7, config={})


def stopping_run(where, at, every, keeper=None):
    """Train for 200 steps and be interrupted at a step (from 0), in one of four places."""
    model, seen, steps = network(), [], count()

    def stream():
        for step, batch in enumerate(batches()):
            if where == "batches" and step == at:
                raise KeyboardInterrupt
            yield batch

    def stopping_loss(model, batch):
        if next(steps) != at or where not in ("loss_of", "backward"):
            return loss_of(model, batch)
        if where == "loss_of":
            raise KeyboardInterrupt
        return Stop.apply(loss_of(model, batch))

    def evaluate(model):
        if where == "evaluate" and len(seen) * every == at - every:
            raise KeyboardInterrupt
        seen.append(weights(model))
        return len(seen)  # the first is the best

    options = TrainOptions(200, learning_rate=0.02, evaluate_every=every)
    more = {"evaluate": evaluate if every else None, "keeper": keeper}
    return model, train(model, stream(), stopping_loss, options, **more), seen


@pytest.mark.parametrize("where", ["loss_of", "backward", "batches", "evaluate"])
def test_an_interrupt_keeps_the_best_weights(where, kept):
    model, history, seen = stopping_run(where, at=70, every=10, keeper=kept)
    assert history.interrupted
    assert len(history.losses) == 70
    assert history.best_step == 10
    assert len(history.scores) == len(seen) == (6 if where == "evaluate" else 7)
    assert_same(weights(model), seen[0])
    assert not model.training
    assert torch.isfinite(model(torch.ones(2, 3))).all()
    assert history.seconds > 0


@pytest.mark.parametrize("where", ["loss_of", "backward", "batches"])
@pytest.mark.parametrize("at", [0, 1, 70])
def test_an_interrupt_without_scores_keeps_the_newest_weights(where, at, kept):
    model, history, _ = stopping_run(where, at, every=0, keeper=kept)
    assert history.interrupted
    assert len(history.losses) == at
    assert history.best_step is None
    assert not model.training
    cut = network()
    options = TrainOptions(200, learning_rate=0.02)
    with pytest.raises(ValueError, match=f"batches ended after {at} of 200 steps"):
        train(cut, islice(batches(), at), loss_of, options)
    assert_same(weights(model), weights(cut))


def test_an_interrupt_in_the_very_first_score(kept):
    model, history, seen = stopping_run("evaluate", at=10, every=10, keeper=kept)
    assert history.interrupted
    assert (len(history.losses), history.scores, history.best_step) == (10, [], None)
    assert seen == []
    assert not model.training


class StoppedKeeper(Keeper):
    """Be interrupted in the second snapshot, before or after it is written."""

    def __init__(self, path, *, after):
        super().__init__(path, every=7, config={})
        self.after, self.n_saved = after, 0

    def save(self, *state):
        self.n_saved += 1
        if self.after or self.n_saved < 2:
            super().save(*state)
        if self.n_saved == 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("every", [0, 5])
def test_an_interrupt_while_a_snapshot_is_saved(tmp_path, after, every):
    kept = StoppedKeeper(tmp_path / "run", after=after)
    model, history, seen = stopping_run("", None, every, kept)
    assert history.interrupted
    assert len(history.losses) == 14
    assert history.best_step == (5 if every else None)
    if every:
        assert_same(weights(model), seen[0])
    else:
        cut, _, _ = stopping_run("batches", 14, 0)
        assert_same(weights(model), weights(cut))
    assert not model.training
    again = Keeper(tmp_path / "run", every=7, config={}, resume=True).restore(loss_of)
    assert len(again.history.losses) == (14 if after else 7)


def test_training_goes_on_after_an_interrupt():
    model, history, _ = stopping_run("backward", at=70, every=0)
    more = train(model, batches(), loss_of, TrainOptions(100, learning_rate=0.02))
    assert not more.interrupted
    assert more.losses[-1] < history.losses[0] / 4


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("step", [0, 20, 55])
def test_nan_is_not_trained_on(bad, step):
    steps = count()

    def failing(model, batch):
        return loss_of(model, batch) * (bad if next(steps) == step else 1)

    model = network()
    wanted = rf"loss became {bad} in step {step + 1} of 70\. Build .* smaller learning_rate\. The"
    back = f"the weights of step {step // 50 * 50}" if step >= 50 else "its start weights"
    with pytest.raises(FloatingPointError, match=f"{wanted} model has {back} again.$"):
        train(model, batches(), failing, TrainOptions(70))
    assert not model.training
    assert all(p.isfinite().all() and p.grad is None for p in model.parameters())


def test_an_infinite_loss_that_leaves_the_weights_finite_is_refused():
    steps, seen = count(), []

    def failing(model, batch):  # adding a constant changes no gradient
        step = next(steps)
        if step == 50:
            seen.append(weights(model))
        return loss_of(model, batch) + (math.inf if step == 55 else 0)

    model = network()
    with pytest.raises(FloatingPointError, match=r"loss became inf in step 56 of 70.* of step 50"):
        train(model, batches(), failing, TrainOptions(70))
    assert_same(weights(model), seen[0])


def test_nan_is_not_kept(tmp_path):
    steps = count()

    def failing(model, batch):
        return loss_of(model, batch) * (math.nan if next(steps) == 12 else 1)

    kept = Keeper(tmp_path / "run", every=5, config={})
    with pytest.raises(FloatingPointError, match="loss became nan in step 13 of 40"):
        train(network(), batches(), failing, TrainOptions(40), keeper=kept)
    state = Keeper(tmp_path / "run", every=5, config={}, resume=True).restore(loss_of)
    assert len(state.history.losses) == 10
    assert all(torch.isfinite(tensor).all() for tensor in state.model.values())


def test_nan_after_a_score_leaves_the_best_weights():
    model, seen, steps = network(), [], count()

    def failing(model, batch):
        return loss_of(model, batch) * (math.nan if next(steps) >= 25 else 1)

    wanted = "loss became nan in step 26 of 40.*The model has the weights of step 20 again"
    options = TrainOptions(40, evaluate_every=10)
    with pytest.raises(FloatingPointError, match=wanted):
        train(model, batches(), failing, options, evaluate=scorer([2.0, 1.0, 3.0], seen))
    assert len(seen) == 2  # a model that failed is not scored
    assert_same(weights(model), seen[1])
    assert not model.training


def test_too_few_batches():
    model = network()
    with pytest.raises(ValueError, match="batches ended after 3 of 5 steps; give more batches"):
        train(model, [next(batches())] * 3, loss_of, TrainOptions(5))
    assert not model.training


def test_an_error_of_the_caller_is_passed_on():
    def broken(model, batch):
        raise RuntimeError("no such column")

    model = network()
    with pytest.raises(RuntimeError, match="no such column"):
        train(model, batches(), broken, TrainOptions(5))
    assert not model.training
