"""A time budget becomes a recipe: a size, steps, and the time limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from course_utils.recipes import budgets
from course_utils.recipes.budgets import Size
from course_utils.recipes.language import LanguageRecipe, build_language_model, count_parameters
from course_utils.recipes.shipped import SHIPPED
from course_utils.training import TrainHistory

CPU = torch.device("cpu")
SIZES = (Size(2000, 16, 0.5), Size(600, 16, 0.25), Size(300, 12, 0.25), Size(0, 8, 0.0))
SPEEDS = {16: 100.0, 12: 120.0, 8: 200.0}
SMALL = LanguageRecipe(
    embed_dim=4, n_streams=2, chunk_len=5, learning_rate=0.01, weight_decay=0.3, seed=4
)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(20, 0), (19.9, 1), (6, 1), (5.9, 2), (2.5, 2), (2.4, 3), (0.01, 3)]
)
def test_the_size_depends_on_the_characters_that_can_be_read(seconds, expected):
    asked = []

    def speed_of(size):
        asked.append(size.hidden_size)
        return SPEEDS[size.hidden_size]

    size, speed = budgets.choose_size(seconds, speed_of, SIZES)
    assert size is SIZES[expected]
    assert speed == SPEEDS[size.hidden_size]
    assert asked == [16, 12, 8][: max(1, expected)]


def test_a_shorter_run_never_has_a_wider_network_or_more_dropout():
    for longer, shorter in zip(budgets.SIZES, budgets.SIZES[1:], strict=False):
        assert longer.n_symbols > shorter.n_symbols
        assert longer.hidden_size >= shorter.hidden_size
        assert longer.dropout >= shorter.dropout
    assert budgets.SIZES[-1].n_symbols == 0


def test_the_steps_last_until_the_clock_ends_the_run():
    recipe = budgets.steps_within(6.0, SMALL, 100.0)
    assert recipe == replace(SMALL, n_steps=recipe.n_steps, max_seconds=6.0)
    assert 600 < recipe.n_steps * 10 < 2 * 600
    assert budgets.steps_within(1e-9, SMALL, 100.0).n_steps == 1


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
def test_no_time_is_refused(seconds):
    with pytest.raises(ValueError, match=f"seconds must be .*, got {seconds}"):
        budgets.steps_within(seconds, SMALL, 100.0)


def test_the_speed_is_that_of_training_steps(monkeypatch):
    runs = []

    def train(model, chunks, loss_of, options):
        chunk = next(iter(chunks))
        runs.append((model.config, chunk.inputs.shape, loss_of.dtype, options.n_steps))
        return TrainHistory(seconds=0.25 * options.n_steps)

    monkeypatch.setattr(budgets, "train", train)
    recipe = replace(SMALL, hidden_size=6)
    speed = budgets.characters_per_second(recipe, 9, device=CPU, dtype=torch.bfloat16)
    assert speed == 2 * 5 / 0.25
    assert len(runs) == 2
    for config, shape, dtype, _ in runs:
        assert (config.vocab_size, config.hidden_size, config.embed_dim) == (9, 6, 4)
        assert (shape, dtype) == ((2, 5), torch.bfloat16)


def test_measuring_leaves_the_random_numbers_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    recipe = replace(SMALL, hidden_size=6, dropout=0.5)
    assert budgets.characters_per_second(recipe, 9, device=CPU, dtype=torch.float32) > 0
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_a_recipe_keeps_what_does_not_depend_on_time(monkeypatch, kind):
    seen = []

    def speed_of(recipe, vocab_size, **where):
        seen.append((recipe, vocab_size, where))
        return 120.0

    monkeypatch.setattr(budgets, "characters_per_second", speed_of)
    options = {"device": CPU, "dtype": torch.float32}
    asked = replace(SMALL, kind=kind)
    sizes = (Size(10_000, 80, 0.5), Size(600, 64, 0.25, 0.03), Size(0, 8, 0.0))
    rate = {"lstm": 0.03, "gru": SHIPPED["gru"].learning_rate, "rnn": SHIPPED["rnn"].learning_rate}
    recipe = budgets.recipe_for(6.0, 9, recipe=asked, sizes=sizes, **options)
    assert all(vocab_size == 9 and where == options for _, vocab_size, where in seen)
    assert seen[-1][0] == replace(
        asked, hidden_size=recipe.hidden_size, dropout=0.25, learning_rate=rate[kind]
    )  # the one that was measured is the one that is returned
    assert recipe == budgets.steps_within(6.0, seen[-1][0], 120.0)
    lstm = replace(SMALL, hidden_size=64)
    wanted = count_parameters(build_language_model(9, lstm))
    assert count_parameters(build_language_model(9, recipe)) == pytest.approx(wanted, rel=0.02)


def test_the_usual_recipe_is_sized_here():
    sizes = (Size(10**12, 5, 0.5), Size(0, 4, 0.0))
    recipe = budgets.recipe_for(0.5, 9, device=CPU, dtype=torch.float32, sizes=sizes)
    usual = LanguageRecipe(hidden_size=4, dropout=0.0, n_steps=recipe.n_steps, max_seconds=0.5)
    assert recipe == usual
    assert recipe.n_steps > 1
