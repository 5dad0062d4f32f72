"""The benchmark of the models gives all of them the same text, size and time."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from benchmarks import models
from benchmarks.gpt import GPTRecipe, held_out_loss, train_gpt
from course_utils.corpora import LongText
from course_utils.recipes.language import count_parameters
from course_utils.recipes.rivals import LONG, RivalRun

TINY = GPTRecipe(n_layers=1, n_heads=4, width=16, context=8, batch_size=4, n_steps=3)


@pytest.fixture
def text():
    return LongText.from_string("to be or not to be, that is the question\n" * 80)


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(models, "GPT", TINY)
    monkeypatch.setattr(models, "WRITTEN", 20)
    monkeypatch.setattr(models, "LENGTHS", ((1, 4, (2, 3)),))


def options(*words):
    return models.parser().parse_args(words)


def test_all_models_get_the_same_text_size_and_time(monkeypatch, text):
    calls = []

    def train(model, numbers, **more):
        calls.append((model, numbers, more))
        return RivalRun("any", 1, ((2.0, 1.0),), 10.0, 1.4, 5, 2.0)

    monkeypatch.setattr(models, "train_rival", train)
    figures = models.compare(text, options())
    gpt = figures["models"]["gpt"]
    whole, border = torch.from_numpy(text.read(0, len(text))), len(text) * 9 // 10
    for kind, (model, numbers, more) in zip(LONG, calls, strict=True):
        assert count_parameters(model) == pytest.approx(gpt["params"], rel=0.03)
        assert figures["models"][kind]["params"] == count_parameters(model)
        assert torch.equal(numbers, whole[: border + 1])
        assert torch.equal(more["held_out"], whole[border:])
        assert (more["seconds"], more["recipe"]) == (gpt["seconds"], LONG[kind])
        assert figures["models"][kind]["val_bits_per_char"] == 1.4
    calls.clear()
    models.compare(text, options("--seconds", "0.5", "--steps", "2"))
    assert [more["seconds"] for _, _, more in calls] == [0.5] * 3


def test_the_gpt_has_its_own_recipe_and_the_better_of_two_scores(text):
    numbers = torch.from_numpy(text.read(0, len(text)))
    held_out, V = numbers[2900:], len(text.symbols)
    figures = models.run_gpt(numbers[:2901], held_out, V, TINY)
    model, _ = train_gpt(numbers[:2901], V, TINY)
    wanted = min(held_out_loss(model, held_out, stride=stride) for stride in (4, 8))
    assert figures["val_bits_per_char"] == pytest.approx(wanted / math.log(2), rel=1e-6)
    assert figures["tokens_per_s"] == pytest.approx(3 * 4 * 8 / figures["seconds"])
    assert figures["params"] == count_parameters(model)


def test_more_steps_are_another_recipe(monkeypatch, text):
    asked = []

    def run_gpt(*arguments):
        asked.append(arguments[-1])
        return {"seconds": 1.0, "params": 9000}

    monkeypatch.setattr(models, "run_gpt", run_gpt)
    monkeypatch.setattr(models, "run_recurrent", lambda *_: {})
    models.compare(text, options())
    models.compare(text, options("--steps", "7"))
    assert asked == [TINY, replace(TINY, n_steps=7)]


def test_growth_is_the_longest_time_by_the_shortest(monkeypatch):
    times = {"gru": [0.001, 0.003], "mingru": [0.002, 0.003], "attention": [0.001, 0.009]}
    monkeypatch.setattr(models, "time_lengths", lambda *_, **__: times)
    (found,) = models.against_length()
    assert (found["batch_size"], found["units"], found["symbols"]) == (1, 4, [2, 3])
    assert found["gru_ms"] == pytest.approx([1.0, 3.0])
    assert found["gru_growth"] == pytest.approx(3)
    assert found["mingru_growth"] == pytest.approx(1.5)
    assert found["attention_growth"] == pytest.approx(9)


@pytest.mark.parametrize("words", ["--seconds 0", "--seconds nan", "--steps 0"])
def test_impossible_options_are_refused(words, capsys):
    with pytest.raises(SystemExit):
        models.main(words.split())
    assert "must be a" in capsys.readouterr().err
