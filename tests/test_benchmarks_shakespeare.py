"""The Shakespeare benchmark gives both sides the same text, and times what it says."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch

from benchmarks import shakespeare
from benchmarks.gpt import GPTRecipe
from course_utils.corpora import LongText
from course_utils.recipes.language import LanguageRecipe
from course_utils.recipes.shipped import SHIPPED
from course_utils.training import TrainHistory, TrainOptions

SMALL = LanguageRecipe(hidden_size=8, embed_dim=4, n_streams=2, chunk_len=5, n_steps=4)
TINY_GPT = GPTRecipe(n_layers=1, n_heads=1, width=4, context=8, n_steps=3)


@pytest.fixture
def text():
    return LongText.from_string("to be or not to be, that is the question\n" * 5)


def test_a_run_is_described(text):
    run = shakespeare.run_ours(text, SMALL)
    assert (run["cell"], run["hidden_size"], run["n_steps"]) == ("lstm", 8, 4)
    assert run["params"] > 0
    assert 0 < run["val_nats"] < 10
    assert run["precision"] in {"float32", "bfloat16"}
    assert run == replace_seconds(run, shakespeare.run_ours(text, SMALL))


def replace_seconds(run, other):
    """Return another run with the seconds and the speed of this one."""
    return other | {key: run[key] for key in ("seconds", "tokens_per_s")}


def test_the_score_is_not_in_the_seconds(monkeypatch, text):
    now = [0.0]

    def takes(seconds, answer):
        def call(*arguments):
            now[0] += seconds
            return answer

        return call

    monkeypatch.setattr(shakespeare.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(shakespeare, "pick_precision", lambda *_, **__: torch.float32)
    build = shakespeare.build_language_model
    model = build(len(text.symbols), SMALL)
    monkeypatch.setattr(shakespeare, "build_language_model", takes(1, model))
    monkeypatch.setattr(shakespeare, "train", takes(7, TrainHistory(losses=[2.0] * 3)))
    monkeypatch.setattr(shakespeare, "score", takes(100, 1.5))
    run = shakespeare.run_ours(text, SMALL)
    assert (run["seconds"], run["val_nats"]) == (8, 1.5)
    assert run["tokens_per_s"] == 3 * 2 * 5 / 8


def test_a_run_takes_all_that_the_recipe_says_about_training():
    recipe = LanguageRecipe(
        n_steps=3, learning_rate=0.1, warmup=0.5, weight_decay=0.4, clip=2.0, max_seconds=9.0
    )
    options = shakespeare.train_options(recipe)
    default = TrainOptions(recipe.n_steps)
    shared = {field.name for field in fields(TrainOptions)} & set(vars(recipe))
    assert shared >= set("n_steps learning_rate warmup weight_decay clip max_seconds".split())
    for name in vars(default):
        wanted = getattr(recipe if name in shared else default, name)
        assert getattr(options, name) == wanted


def test_both_learn_and_are_measured_on_the_same_parts(monkeypatch, text):
    parts = {}

    def train(numbers, vocab_size, recipe):
        parts["train"] = numbers
        return torch.nn.Linear(1, 1), 2.0

    def loss(model, numbers, *, stride):
        parts[stride] = numbers
        return {8: 1.9, 4: 1.8}[stride]

    monkeypatch.setattr(shakespeare, "train_gpt", train)
    monkeypatch.setattr(shakespeare, "held_out_loss", loss)
    figures = shakespeare.run_gpt(text, TINY_GPT)
    assert figures["gpt_val_nats"] == figures["gpt_val_nats_sliding"] == 1.8
    assert (figures["gpt_val_nats_windows"], figures["gpt_seconds"]) == (1.9, 2.0)
    whole = torch.from_numpy(text.read(0, len(text)))
    border = len(text) * 9 // 10
    assert torch.equal(parts["train"], whole[: border + 1])
    assert torch.equal(parts[8], whole[border:])
    assert torch.equal(parts[4], whole[border:])


@pytest.mark.parametrize(
    ("asked", "gpt_seconds", "given", "fits"),
    [(None, 98.0, 95.0, True), (None, 97.9, 95.0, False), (3.0, 100.0, 3.0, True)],
)
def test_our_run_must_fit_in_the_seconds_of_the_gpt(
    monkeypatch, text, asked, gpt_seconds, given, fits
):
    calls = []

    def note(name, answer):
        return lambda _, argument, *__: (calls.append((name, argument)), answer)[1]

    monkeypatch.setattr(shakespeare, "predict_seconds", lambda *_: 100.0)
    monkeypatch.setattr(shakespeare, "choose", note("choose", (SMALL, 1.0)))
    run = {"seconds": 97.0 if asked is None else asked, "val_nats": 1.4}
    monkeypatch.setattr(shakespeare, "run_ours", note("ours", run))
    monkeypatch.setattr(shakespeare, "run_gpt", note("gpt", {"gpt_seconds": gpt_seconds}))
    figures = shakespeare.same_time(text, TINY_GPT, asked)
    assert calls == [("choose", given), ("ours", SMALL), ("gpt", TINY_GPT)]
    assert (figures["fits"], figures["within_gpt_seconds"]) == (fits, 1.4)
    assert figures["runs"] == [run]


def test_other_kinds_have_as_many_parameters_and_seconds(monkeypatch, text):
    recipes = []
    first = shakespeare.run_ours(text, replace(SMALL, hidden_size=64, embed_dim=64, dropout=0.25))
    monkeypatch.setattr(shakespeare, "characters_per_second", lambda *_, **__: 1000.0)
    monkeypatch.setattr(shakespeare, "run_ours", lambda _, recipe: (recipes.append(recipe), {})[1])
    shakespeare.other_kinds(text, first, 12.0)
    assert [recipe.kind for recipe in recipes] == ["gru", "rnn"]
    for recipe in recipes:
        assert (recipe.dropout, recipe.max_seconds) == (0.25, 12.0)
        assert recipe.learning_rate == SHIPPED[recipe.kind].learning_rate
        model = shakespeare.build_language_model(len(text.symbols), recipe)
        assert shakespeare.count_parameters(model) == pytest.approx(first["params"], rel=0.02)


def test_longer_runs_end_within_their_seconds(monkeypatch, text):
    asked = []
    monkeypatch.setattr(
        shakespeare, "choose", lambda _, seconds: (asked.append(seconds), (SMALL, 0.0))[1]
    )
    options = shakespeare.parser().parse_args("--long --seconds 0.3 --steps 1".split())
    monkeypatch.setattr(shakespeare, "GPT", TINY_GPT)
    figures = shakespeare.compare(text, options)
    assert len(figures["runs"]) == len(asked) == 3
    assert asked[0] == 0.3
    assert 178 < asked[1] < 180
    assert 598 < asked[2] < 600


@pytest.mark.parametrize("words", ["--seconds 0", "--seconds nan", "--more 5 -1", "--steps 0"])
def test_impossible_options_are_refused(words, capsys):
    with pytest.raises(SystemExit):
        shakespeare.main(words.split())
    assert "must be a" in capsys.readouterr().err
