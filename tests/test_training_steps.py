"""`train` is the loop that one would write by hand, with held-out scores and a progress bar."""

import math
from itertools import count, repeat

import pytest
import torch
from step_samples import assert_same, batches, loss_of, network, scorer, weights
from torch import nn

from course_utils.training import TrainOptions, train, warmup_cosine


def plain_loop(model, options):
    """Train as one would write it down, with torch's own scheduler; return losses and norms."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: warmup_cosine(step, options.n_steps, options.warmup)
    )
    losses, norms = [], []
    for _, batch in zip(range(options.n_steps), batches(), strict=False):
        optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward()
        norms.append(float(nn.utils.clip_grad_norm_(model.parameters(), options.clip)))
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses, norms


@pytest.mark.parametrize("n_steps", [1, 49, 50, 120])
def test_it_is_the_plain_loop(n_steps):
    options = TrainOptions(n_steps, learning_rate=0.02, warmup=0.2, weight_decay=0.3, clip=2.0)
    ours, plain = network(), network()
    history = train(ours, batches(), loss_of, options)
    losses, norms = plain_loop(plain, options)
    assert max(norms) > options.clip
    assert_same(weights(ours), weights(plain), close=1e-5)
    assert history.losses == pytest.approx(losses, rel=1e-4)
    assert len(history.losses) == n_steps
    assert history.scores == history.score_seconds == []
    assert history.best_step is None
    assert history.best_score() == math.inf
    assert not history.interrupted
    assert not history.stopped_early
    assert history.seconds > 0
    assert not ours.training


def test_it_learns():
    history = train(network(), batches(), loss_of, TrainOptions(300, learning_rate=0.02))
    assert sum(history.losses[-20:]) < 0.3 * sum(history.losses[:20])


def test_held_out_scores_change_nothing_but_what_is_kept():
    plain, scored = network(), network()
    train(plain, batches(), loss_of, TrainOptions(60))
    falling = count(0, -1)
    history = train(
        scored, batches(), loss_of, TrainOptions(60, evaluate_every=7),
        evaluate=lambda model: next(falling),
    )  # fmt: skip
    assert_same(weights(scored), weights(plain))
    assert [step for step, _ in history.scores] == [7, 14, 21, 28, 35, 42, 49, 56, 60]
    assert [score for _, score in history.scores] == [*range(0, -9, -1)]
    assert history.best_step == 60
    assert history.best_score() == -8
    assert len(history.score_seconds) == 9
    assert 0 < history.score_seconds[0] <= history.score_seconds[-1] <= history.seconds
    assert history.score_seconds == sorted(history.score_seconds)


def test_two_runs_are_the_same_and_the_global_random_numbers_are_left_alone():
    results = []
    for _ in range(2):
        model = network()
        torch.manual_seed(len(results))  # must not matter
        before = torch.get_rng_state()
        history = train(model, batches(), loss_of, TrainOptions(30))
        assert torch.equal(torch.get_rng_state(), before)
        results.append((history.losses, weights(model)))
    assert results[0][0] == results[1][0]
    assert_same(results[0][1], results[1][1])


def test_the_learning_rate_rises_and_falls():
    shares = [warmup_cosine(step, 100, 0.2) for step in range(100)]
    assert shares[19] == shares[20] == 1
    assert all(a < b for a, b in zip(shares[:19], shares[1:20], strict=True))
    assert all(a > b for a, b in zip(shares[20:], shares[21:], strict=False))
    assert shares[0] == pytest.approx(0.05)
    assert shares[60] == pytest.approx(0.5)  # half of the way down
    assert 0 < shares[99] < 0.001


@pytest.mark.parametrize("n_steps", [1, 2, 7, 1000])
@pytest.mark.parametrize("warmup", [0, 0.1, 0.5, 1])
def test_every_step_has_a_learning_rate(n_steps, warmup):
    shares = [warmup_cosine(step, n_steps, warmup) for step in range(n_steps)]
    assert all(0 < share <= 1 for share in shares)
    assert max(shares) == 1


def test_frozen_weights_stay():
    model = network()
    model[0].weight.requires_grad_(False)
    before = weights(model)
    train(model, batches(), loss_of, TrainOptions(20, weight_decay=0.5))
    changed = {name for name, tensor in weights(model).items() if (tensor != before[name]).any()}
    assert changed == {"0.bias", "2.weight", "2.bias"}


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ([3.0, 1.0, 2.0, 4.0], 1),
        ([1.0, 1.0, 1.0, 1.0], 0),  # of equal scores the first
        ([4.0, 3.0, 2.0, 1.0], 3),
        ([math.nan, 2.0, 3.0, math.nan], 1),
        ([2.0, math.nan, 1.0, math.nan], 2),
    ],
)
def test_the_best_weights_are_kept(scores, best):
    model, seen = network(), []
    history = train(
        model, batches(), loss_of, TrainOptions(40, evaluate_every=10),
        evaluate=scorer(scores, seen),
    )  # fmt: skip
    assert history.best_step == 10 * (best + 1)
    assert [step for step, _ in history.scores] == [10, 20, 30, 40]
    assert_same(weights(model), seen[best])
    assert not model.training


def test_no_score_at_all_keeps_the_newest_weights():
    model, plain = network(), network()
    history = train(model, batches(), loss_of, TrainOptions(9), evaluate=lambda _: math.nan)
    train(plain, batches(), loss_of, TrainOptions(9))
    assert history.best_step is None
    assert_same(weights(model), weights(plain))


def test_dropout_acts_again_after_a_score():
    modes = []

    def remember(model, batch):
        modes.append(model.training)
        return loss_of(model, batch)

    train(network(), batches(), remember, TrainOptions(6, evaluate_every=2), evaluate=lambda _: 1.0)
    assert modes == [True] * 6


def test_batches_are_not_read_further_than_needed():
    stream = iter([next(batches()) for _ in range(7)])
    train(network(), stream, loss_of, TrainOptions(5))
    assert len([*stream]) == 2


def test_the_progress_bar_counts_steps_and_shows_the_loss(capfd):
    shown, hidden = network(), network()
    options = {"n_steps": 60, "evaluate_every": 20}
    history = train(
        shown, batches(), loss_of, TrainOptions(**options, progress=True), evaluate=lambda _: 1.0
    )
    out, err = capfd.readouterr()
    assert out == ""
    assert "60/60" in err
    assert f"loss {history.losses[49]:.3f}" in err
    train(hidden, batches(), loss_of, TrainOptions(**options), evaluate=lambda _: 1.0)
    assert capfd.readouterr() == ("", "")
    assert_same(weights(shown), weights(hidden))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("n_steps", [0, -1, 2.0, True]),
        ("evaluate_every", [-1, 0.5, None]),
        ("patience", [-1, 1.0, None]),
        ("symbols_per_step", [-1, 2.5, None]),
        ("max_seconds", [0, -0.1, math.nan]),
        ("learning_rate", [0.0, -0.1, math.nan]),
        ("clip", [0.0, math.nan]),
        ("weight_decay", [-0.1, math.nan]),
        ("warmup", [-0.1, 1.1, math.nan]),
    ],
)
def test_options_that_cannot_train(name, values):
    for value in values:
        with pytest.raises((TypeError, ValueError), match=rf"{name} .*, got {value}"):
            TrainOptions(**({"n_steps": 10} | {name: value}))


def test_an_infinite_clip_never_cuts():
    free, high = network(), network()
    train(free, batches(), loss_of, TrainOptions(5, clip=math.inf))
    train(high, batches(), loss_of, TrainOptions(5, clip=1e6))
    assert_same(weights(free), weights(high))


def test_one_batch_over_and_over():
    history = train(
        network(), repeat(next(batches())), loss_of, TrainOptions(200, learning_rate=0.05)
    )
    assert history.losses[-1] < 0.01 < history.losses[0]
