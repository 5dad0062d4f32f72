"""The rivals are equally large, read the same text, and are measured alike."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from language_samples import numbers
from torch import nn

from course_utils.models import GPT, GPTConfig
from course_utils.recipes import rivals_training
from course_utils.recipes.language import LanguageRecipe, count_parameters, equal_width
from course_utils.recipes.rivals import (
    KINDS,
    SHORT,
    build_rival,
    build_rivals,
    kind_of,
    rival_loss,
    train_rival,
)
from course_utils.recipes.rivals_reading import random_windows, reader, window_loss
from course_utils.recipes.rivals_recipes import rate_at
from course_utils.training import held_out_loss

V = 7
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
SMALL = {kind: replace(recipe, batch_size=4, chunk_len=16) for kind, recipe in SHORT.items()}


@pytest.mark.parametrize(
    ("vocab_size", "n_params"),
    [(65, 100_000), (65, 130_000), (65, 150_000), (65, 804_096), (1000, 400_000), (9000, 10**6)],
)
def test_rivals_have_equally_many_parameters(vocab_size, n_params):
    models = build_rivals(vocab_size, n_params)
    assert [kind_of(model) for model in models.values()] == list(models) == list(KINDS)
    counts = [count_parameters(model) for model in models.values()]
    assert max(counts) <= 1.03 * min(counts)
    assert all(count == pytest.approx(n_params, rel=0.08) for count in counts)
    assert {model.config.vocab_size for model in models.values()} == {vocab_size}


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize("n_params", [9000, 130_000])
def test_the_width_is_that_of_a_search(kind, n_params):
    wanted = equal_width(kind, n_params, V, LanguageRecipe(kind=kind))
    assert build_rival(kind, V, n_params).config.hidden_size == wanted


def test_a_vocabulary_can_be_too_large():
    for kind in KINDS:
        with pytest.raises(ValueError, match=f"the smallest {kind} has"):
            build_rival(kind, 5000, 1000)
    with pytest.raises(ValueError, match="kind must be one of 'lstm', 'gru', 'mingru', 'gpt'"):
        build_rival("rnn", V, 5000)


def test_the_largest_gpt_is_the_published_one():
    assert build_rival("gpt", 65, 804_096).config == GPTConfig(65)


@EVERY_KIND
def test_a_seed_gives_the_same_weights(kind):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    one, same, other = (build_rival(kind, V, 9000, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(torch.rand(1), expected)
    assert all(torch.equal(*pair) for pair in zip(one.parameters(), same.parameters(), strict=True))
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


@EVERY_KIND
def test_a_run_learns_and_can_be_repeated(kind):
    text, runs = numbers(6000), []
    for _ in range(2):
        model = build_rival(kind, V, 9000)
        before = rival_loss(model, text[5400:])
        options = {"recipe": SMALL[kind], "n_points": 3}
        runs.append(train_rival(model, text, n_steps=60, **options))
    run = runs[0]
    assert (run.name, run.params, run.n_steps) == (kind, count_parameters(model), 60)
    assert not model.training
    seconds, nats = zip(*run.curve, strict=True)
    assert len(nats) == 3
    assert list(seconds) == sorted(seconds)
    assert seconds[-1] == run.seconds
    assert nats == tuple(value for _, value in runs[1].curve)
    # The text is a walk with three equally likely steps: log 3 is the best that there is.
    assert math.log(3) * 0.97 < nats[-1] < before - 0.3
    assert nats[-1] == pytest.approx(rival_loss(model, text[5400:]))
    assert run.val_bits_per_char == pytest.approx(nats[-1] / math.log(2))
    assert run.tokens_per_s == pytest.approx(60 * 4 * 16 / run.seconds)


def test_a_given_held_out_text_is_used_and_characters_are_counted():
    model, text = build_rival("gru", V, 5000), numbers(3000)
    run = train_rival(
        model, text[:2000], n_steps=2, held_out=text[2000:], recipe=SMALL["gru"],
        characters_per_token=2.5,
    )  # fmt: skip
    nats = held_out_loss(model, text, start=2000)
    assert run.curve[-1][1] == pytest.approx(nats, rel=1e-6)
    assert run.val_bits_per_char == pytest.approx(nats / math.log(2) / 2.5, rel=1e-6)


@EVERY_KIND
def test_nothing_of_the_held_out_text_is_trained_on(kind):
    text = numbers(3000)
    other = torch.cat([text[:2701], (text[2701:] + 3) % V])
    weights = []
    for some in (text, other):
        model = build_rival(kind, V, 5000)
        train_rival(model, some, n_steps=4, recipe=SMALL[kind], n_points=1)
        weights.append(nn.utils.parameters_to_vector(model.parameters()))
    assert torch.equal(*weights)


def test_a_run_stops_by_the_clock_and_measuring_is_not_counted(monkeypatch):
    now = [0.0]

    def step(*_):
        now[0] += 1.0
        return torch.zeros((), requires_grad=True)

    def score(*_, **__):
        now[0] += 100.0
        return 1.5

    monkeypatch.setattr(rivals_training.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(rivals_training, "reader", lambda *_: step)
    monkeypatch.setattr(rivals_training, "rival_loss", score)
    rates = []
    monkeypatch.setattr(rivals_training, "rate_at", lambda share, _: (rates.append(share), 1e-3)[1])
    run = train_rival(build_rival("lstm", V, 5000), numbers(500), seconds=8, n_points=4)
    assert (run.n_steps, run.seconds) == (8, 8.0)
    assert run.curve == ((2.0, 1.5), (4.0, 1.5), (6.0, 1.5), (8.0, 1.5))
    assert rates == [k / 8 for k in range(8)]
    assert run.tokens_per_s == SHORT["lstm"].batch_size * SHORT["lstm"].chunk_len


@pytest.mark.parametrize(
    "limits", [{}, {"seconds": 1, "n_steps": 1}, {"seconds": 0}, {"n_steps": -1}]
)
def test_one_limit_is_needed(limits):
    with pytest.raises(ValueError, match="give seconds or n_steps, one of the two and above 0"):
        train_rival(build_rival("gru", V, 5000), numbers(500), **limits)


def test_a_loss_that_is_no_number_ends_the_run():
    model = build_rival("gru", V, 5000)
    model.decoder.bias.data[0] = float("nan")
    with pytest.raises(FloatingPointError, match="a learning_rate below 0.015"):
        train_rival(
            model,
            numbers(2000),
            n_steps=3,
        )


def test_only_matrices_decay():
    model = build_rival("gpt", V, 5000)
    decays, stays = rivals_training.adamw(model, SHORT["gpt"]).param_groups
    assert (decays["weight_decay"], stays["weight_decay"]) == (0.1, 0.0)
    assert {weight.dim() for weight in decays["params"]} == {2}
    assert {weight.dim() for weight in stays["params"]} == {1}


def test_the_rate_rises_and_falls():
    recipe = replace(SHORT["gpt"], learning_rate=0.5, warmup=0.25)
    rates = [rate_at(k / 100, recipe) for k in range(101)]
    assert rates[0] == pytest.approx(0.005)
    assert max(rates) == rates[25] == 0.5
    assert rates[-1] == pytest.approx(0.05)
    assert rates == sorted(rates[:26]) + sorted(rates[26:], reverse=True)


def test_recurrent_networks_carry_their_state_and_a_gpt_draws_windows():
    text = numbers(500)
    for kind in ("lstm", "gru", "mingru"):
        model = build_rival(kind, V, 5000)
        loss_of = reader(model, text, SMALL[kind])
        rows = text[: 4 * 124].view(4, 124)
        longer = model(rows[:, :32])[0][:, 16:]
        loss_of(0)
        wanted = F.cross_entropy(longer.flatten(0, 1), rows[:, 17:33].flatten())
        assert loss_of(1).item() == pytest.approx(wanted.item(), rel=1e-5)
    model = build_rival("gpt", V, 5000)
    generator = torch.Generator().manual_seed(0)
    windows = random_windows(text, n_windows=4, length=16, generator=generator)
    wanted = F.cross_entropy(model(windows[:, :-1])[0].transpose(1, 2), windows[:, 1:])
    assert reader(model, text, SMALL["gpt"])(0).item() == pytest.approx(wanted.item(), rel=1e-5)


def test_windows_lie_in_the_text_and_reach_both_ends():
    torch.manual_seed(0)
    windows = random_windows(torch.arange(10), n_windows=500, length=6)
    assert windows.shape == (500, 7)
    assert (windows.diff(dim=1) == 1).all()
    assert set(windows[:, 0].tolist()) == {0, 1, 2, 3}
    with pytest.raises(ValueError, match="needs 11"):
        random_windows(torch.arange(10), n_windows=1, length=10)


def test_the_loss_of_a_part_is_near_that_of_the_whole():
    text, model = numbers(5000), build_rival("mingru", V, 5000)
    assert rival_loss(model, text, n_scored=4096) == pytest.approx(
        held_out_loss(model, text, start=0, stop=4097, n_streams=2), rel=1e-6
    )
    gpt = GPT(GPTConfig(V, n_layers=1, n_heads=1, width=8, context=8))
    wanted = window_loss(gpt, text[:101], stride=4)
    assert rival_loss(gpt, text, n_scored=100) == wanted
