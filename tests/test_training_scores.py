"""Scores on the way: stop early when they, or the clock, say so, and look without touching."""

import math
import time

import pytest
import torch
from step_samples import assert_same, batches, loss_of, network, scorer, weights
from torch import nn

from course_utils.training import TrainHistory, TrainOptions, train, warmup_cosine


class Clock:
    """Stand still, and move only when told; the network's steps and scores can tell it."""

    def __init__(self, monkeypatch, step=0.0, score=0.0):
        self.now, self.step, self.score = 1000.0, step, score
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def loss_of(self, model, batch):
        self.now += self.step
        return loss_of(model, batch)

    def evaluate(self, model):
        self.now += self.score
        return 1.0


@pytest.mark.parametrize(
    ("patience", "scores", "n_scores", "best"),
    [
        (1, [3.0, 2.0, 2.5], 3, 1),
        (2, [5.0, 3.0, 4.0, 4.5], 4, 1),
        (2, [5.0, 3.0, 4.0, 2.0, 2.0, 2.0], 6, 3),  # equal is not better
        (2, [1.0, math.nan, math.nan], 3, 0),
        (2, [math.nan, math.nan], 2, None),
        (3, [math.nan, math.nan, 4.0, 5.0, 6.0, 7.0], 6, 2),
    ],
)
def test_patience_ends_the_run_and_keeps_the_best(patience, scores, n_scores, best):
    model, seen, plain = network(), [], network()
    options = {"learning_rate": 0.02, "evaluate_every": 4}
    history = train(
        model, batches(), loss_of, TrainOptions(80, patience=patience, **options),
        evaluate=scorer(scores, seen),  # it has no further score to give
    )  # fmt: skip
    assert history.stopped_early
    assert not history.interrupted
    assert len(history.losses) == 4 * n_scores
    assert [step for step, _ in history.scores] == [*range(4, 4 * n_scores + 1, 4)]
    assert history.best_step == (None if best is None else 4 * (best + 1))
    assert_same(weights(model), seen[-1 if best is None else best])
    full = train(plain, batches(), loss_of, TrainOptions(80, **options))
    assert history.losses == full.losses[: 4 * n_scores]  # the learning rate is that of 80 steps


@pytest.mark.parametrize("scores", [[3.0, 2.0, 2.5, 1.0, 2.0], [3.0, 2.0, 1.0, 1.0, 1.0]])
def test_patience_that_is_enough_changes_nothing(scores):
    model = network()
    history = train(
        model, batches(), loss_of, TrainOptions(50, evaluate_every=10, patience=2),
        evaluate=scorer(scores, []),
    )  # fmt: skip
    assert (len(history.losses), len(history.scores)) == (50, 5)
    assert not history.stopped_early  # the last score came with the last step


def test_the_clock_ends_the_run(monkeypatch):
    clock = Clock(monkeypatch, step=1.0)
    history = train(network(), batches(), clock.loss_of, TrainOptions(1000, max_seconds=10.0))
    assert len(history.losses) == 10
    assert history.stopped_early
    assert history.seconds == 10.0


def test_scores_take_time_too(monkeypatch):
    clock = Clock(monkeypatch, step=1.0, score=5.0)
    options = TrainOptions(1000, max_seconds=24.5, evaluate_every=3)
    history = train(network(), batches(), clock.loss_of, options, evaluate=clock.evaluate)
    assert [step for step, _ in history.scores] == [3, 6, 9, 10]
    assert history.score_seconds == [8.0, 16.0, 24.0, 30.0]  # 25: no time for an eleventh step
    assert len(history.losses) == 10
    assert history.seconds == 30.0


def test_a_run_that_ends_right_after_a_score_is_not_scored_again(monkeypatch):
    clock, seen = Clock(monkeypatch, step=1.0), []
    history = train(
        network(), batches(), clock.loss_of, TrainOptions(99, max_seconds=6.0, evaluate_every=3),
        evaluate=clock.evaluate, on_score=lambda _, history: seen.append(len(history.scores)),
    )  # fmt: skip
    assert [step for step, _ in history.scores] == [3, 6]
    assert seen == [1, 2]
    assert history.stopped_early


def positions(monkeypatch, seconds, options):
    """Return the steps of a weight whose gradient is always 1, under a clock: Adam moves it by lr.

    Where all gradients are the same, Adam's mean gradient and root mean square are equal.
    """
    clock, places = Clock(monkeypatch, step=seconds), []
    model = nn.Linear(1, 1, bias=False).double()

    def slope(model, batch):
        clock.now += clock.step
        places.append(float(model.weight.detach()))
        return model.weight.sum()

    train(model, batches(), slope, options)
    places.append(float(model.weight.detach()))
    return [a - b for a, b in zip(places, places[1:], strict=False)]


def test_the_learning_rate_falls_with_the_clock(monkeypatch):
    options = TrainOptions(1000, learning_rate=0.5, warmup=0.1, weight_decay=0.0, max_seconds=40.0)
    moved = positions(monkeypatch, 1.0, options)
    shares = [warmup_cosine(25 * second, 1000, 0.1) for second in range(40)]
    assert moved == pytest.approx([0.5 * share for share in shares], rel=1e-6)
    assert shares[-1] < 0.01


def test_the_steps_rule_when_they_are_ahead_of_the_clock(monkeypatch):
    options = TrainOptions(40, learning_rate=0.5, weight_decay=0.0, max_seconds=400.0)
    moved = positions(monkeypatch, 1.0, options)  # at 40 of 400 seconds all steps are done
    shares = [warmup_cosine(step, 40, 0.1) for step in range(40)]
    assert moved == pytest.approx([0.5 * share for share in shares], rel=1e-6)


def test_no_time_left_is_no_step(monkeypatch):
    class Late:
        """Batches that take a long time to be found."""

        def __iter__(self):
            clock.now += 9.0
            return batches()

    clock, model, plain = Clock(monkeypatch), network(), network()
    options = TrainOptions(10, max_seconds=5.0)
    history = train(model, Late(), loss_of, options, evaluate=clock.evaluate)
    assert (history.losses, history.scores, history.best_step) == ([], [(0, 1.0)], 0)
    assert history.stopped_early
    assert_same(weights(model), weights(plain))


def noisy(seed=0):
    """Return a network with dropout."""
    model = network(seed)
    model.insert(2, nn.Dropout(0.5))
    torch.manual_seed(seed)
    return model


def test_looking_at_a_run_does_not_change_it():
    def spy(model, history):
        assert not torch.is_grad_enabled()
        assert not model.training
        assert isinstance(history, TrainHistory)
        seen.append((history.scores[-1], len(history.losses), torch.rand(1).item()))
        model.train()
        torch.manual_seed(7)

    def evaluate(model):
        torch.rand(5)
        return 3.0 - len(seen)

    plain, seen = noisy(), []
    before = train(plain, batches(), loss_of, TrainOptions(30))
    watched = noisy()
    after = train(
        watched, batches(), loss_of, TrainOptions(30, evaluate_every=8),
        evaluate=evaluate, on_score=spy,
    )  # fmt: skip
    assert after.losses == before.losses
    assert_same(weights(watched), weights(plain))
    assert [part[:2] for part in seen] == [
        ((8, 3.0), 8), ((16, 2.0), 16), ((24, 1.0), 24), ((30, 0.0), 30)
    ]  # fmt: skip
    assert not watched.training


def test_without_scores_nobody_looks():
    seen = []
    train(network(), batches(), loss_of, TrainOptions(5), on_score=lambda *some: seen.append(some))
    assert seen == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_error_of_the_one_who_looks_keeps_the_best_weights(error):
    def fail(model, history):
        if len(history.scores) == 3:
            raise error

    model, seen = network(), []
    options, evaluate = TrainOptions(40, evaluate_every=5), scorer([3.0, 1.0, 2.0], seen)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    if error is KeyboardInterrupt:
        history = train(model, batches(), loss_of, options, evaluate=evaluate, on_score=fail)
        assert history.interrupted
        assert [score for _, score in history.scores] == [3.0, 1.0, 2.0]
        assert (len(history.losses), history.best_step) == (15, 10)
    else:
        with pytest.raises(error):
            train(model, batches(), loss_of, options, evaluate=evaluate, on_score=fail)
    assert_same(weights(model), seen[1])
    assert not model.training
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before)
