"""The GPT of the Shakespeare benchmark is the one that it is said to be."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from benchmarks import gpt
from benchmarks.gpt import GPTRecipe, build_gpt

TINY = GPTRecipe(n_layers=2, n_heads=2, width=8, context=6, n_steps=30, warmup_steps=5)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return build_gpt(5, TINY)


@pytest.fixture
def numbers():
    """A text that is easy to learn: 0, 1, 2, 3, 4, 0, 1, …"""
    return torch.arange(200) % 5


def test_the_full_recipe_has_some_800_000_parameters():
    with torch.device("meta"):
        full = build_gpt(65, GPTRecipe())
    assert sum(weights.numel() for weights in full.parameters()) == 804_096
    assert not [name for name, _ in full.named_parameters() if name.endswith("bias")]
    assert vars(full.config).items() <= vars(GPTRecipe()).items() | {("vocab_size", 65)}


def test_the_learning_rate_rises_and_falls():
    recipe = GPTRecipe()
    rates = [gpt.rate_at(step, recipe) for step in range(recipe.n_steps)]
    assert rates[0] == pytest.approx(1e-3 / 101)
    assert max(rates) == rates[100] == pytest.approx(1e-3)
    assert rates[1050] == pytest.approx(5.5e-4)  # the middle of the fall
    assert rates[-1] == pytest.approx(1e-4, rel=1e-3)
    assert rates == sorted(rates[:101]) + sorted(rates[101:], reverse=True)


def test_only_matrices_decay(model):
    decays, stays = gpt.adamw(model, TINY).param_groups
    assert (decays["weight_decay"], stays["weight_decay"]) == (0.1, 0.0)
    assert decays["betas"] == stays["betas"] == (0.9, 0.99)
    assert all("norm" in name for name, w in model.named_parameters() if w.dim() == 1)
    assert len(stays["params"]) == 2 * TINY.n_layers + 1
    assert len(decays["params"]) + len(stays["params"]) == len(list(model.parameters()))


def test_training_lowers_the_loss_and_can_be_repeated(numbers):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    recipe = replace(TINY, n_steps=60, learning_rate=0.02)
    first, seconds = gpt.train_gpt(numbers, 5, recipe)
    assert torch.equal(torch.rand(1), expected)
    second, _ = gpt.train_gpt(numbers, 5, recipe)
    start, _ = gpt.train_gpt(numbers, 5, replace(recipe, n_steps=1))
    losses = [gpt.held_out_loss(model, numbers, stride=3) for model in (start, first, second)]
    assert losses[0] == pytest.approx(math.log(5), abs=0.3)
    assert losses[1] < 0.5
    assert losses[1] == losses[2]
    assert seconds > 0


def test_the_seconds_of_all_steps_are_predicted(monkeypatch, numbers):
    trained = []

    def train(numbers, vocab_size, recipe):
        trained.append(recipe)
        return None, 0.5

    monkeypatch.setattr(gpt, "train_gpt", train)
    assert gpt.predict_seconds(numbers, 5, replace(TINY, n_steps=600), n_steps=20) == 15.0
    assert trained[-1] == replace(TINY, n_steps=20)


def by_hand(model, numbers, start_of):
    """Return the mean loss, one prediction at a time; start_of says where its window begins."""
    losses = []
    for place in range(len(numbers) - 1):
        seen = numbers[start_of(place) : place + 1]
        losses.append(F.cross_entropy(model(seen[None])[0][0, -1], numbers[place + 1]).item())
    return sum(losses) / len(losses)


@pytest.mark.parametrize("length", [2, 6, 7, 8, 13, 14, 40, 41, 1000])
def test_the_held_out_loss_is_the_mean_over_all_predictions(model, length):
    torch.manual_seed(1)
    for weights in model.parameters():
        weights.data += 0.5 * torch.randn_like(weights)  # scores that depend on what is seen
    numbers = torch.randint(5, (length,))
    last = max(0, length - 1 - 6)

    def window(place):
        return min(place // 6 * 6, last)

    def half(place):
        return 0 if place < 6 else min((place - 6) // 3 * 3 + 3, last)

    with torch.no_grad():
        apart, sliding = by_hand(model, numbers, window), by_hand(model, numbers, half)
    assert gpt.held_out_loss(model, numbers, stride=6) == pytest.approx(apart, rel=1e-5)
    assert gpt.held_out_loss(model, numbers, stride=3) == pytest.approx(sliding, rel=1e-5)


@pytest.mark.parametrize("stride", [0, 7])
def test_a_stride_that_skips_symbols_is_refused(model, numbers, stride):
    with pytest.raises(ValueError, match=f"stride must be from 1 to 6, got {stride}"):
        gpt.held_out_loss(model, numbers, stride=stride)
