"""The trainers of the course run on the GPU from end to end."""

from __future__ import annotations

import pytest
import torch
from fake_device import GPU, gpu_in, is_all_there, places
from language_samples import numbers, play
from name_samples import SMALL, made_up_names, small_guesser
from train_samples import SIZES, call, ships

from course_utils import word_vectors
from course_utils.corpora import NameCorpus
from course_utils.recipes import budgets, learning, names, rivals, scores, train_names
from course_utils.recipes.language import LanguageRecipe
from course_utils.word_vectors import WordVectorConfig

RECIPE = LanguageRecipe(hidden_size=8, embed_dim=4, n_streams=4, chunk_len=10, n_steps=3)


@pytest.fixture(autouse=True)
def _gpu():
    with gpu_in():
        yield


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("quick", [False, True])
def test_a_language_model_is_trained(kind, quick):
    recipe = LanguageRecipe(**{**vars(RECIPE), "kind": kind})
    run = learning.train_language(play(1500), recipe, dtype=torch.float32, quick=quick)
    assert is_all_there(run.model)
    assert run.val_nats > 0


def test_the_command_trains_saves_and_compares(tmp_path):
    text = tmp_path / "ships.txt"
    text.write_text(ships(1500))
    common = ["--text", str(text), "--out", str(tmp_path / "net"), *SIZES]
    sizes = ["--steps", "6", "--evaluate-every", "3", "--save-every", "2"]
    seen = call([*common, *sizes])
    assert (seen.status, len(seen.losses)) == (0, 6), seen.err
    assert call([*common, *sizes, "--check"]).status == 0


def test_the_budget_is_measured_on_the_gpu():
    assert budgets.characters_per_second(RECIPE, 30, device=GPU, dtype=torch.float32) > 0
    assert budgets.characters_per_second(RECIPE, 30, dtype=torch.float32) > 0


@pytest.mark.parametrize("balance", [0.0, 0.5])
def test_names_are_learned_and_guessed(balance):
    data = names.prepare_names(made_up_names())
    recipe = names.NamesRecipe(**{**vars(SMALL), "n_steps": 3, "balance": balance, "dropout": 0.1})
    network = names.build_network(data, recipe).to(GPU)
    history = names.train_names(network, data, torch.arange(len(data.names)), recipe)
    assert len(history.losses) == 3
    assert is_all_there(network)


def test_a_guesser_answers_from_the_gpu():
    guesser, data = small_guesser(), names.prepare_names(made_up_names())
    answers = []
    for device in ("cpu", GPU):
        guesser.network.to(device)
        letters, beliefs = guesser.beliefs_by_letter("Abc")
        assert places([beliefs, guesser.logits(["abc"])]) == {"cpu"}
        found = scores.evaluate(guesser, data, torch.arange(9))
        answers.append((letters, guesser.predict("Abc"), guesser.describe("Abc"), found))
    for on_cpu, on_gpu in zip(*map(str, answers), strict=True):
        assert on_cpu == on_gpu


def test_the_recipe_for_names_ends_on_the_cpu():
    corpus = NameCorpus(made_up_names(), is_standin=True, source="made up")
    recipe = names.NamesRecipe(**{**vars(SMALL), "n_steps": 3})
    trained = train_names.train_guesser(corpus, recipe)
    assert places([*trained.guesser.network.parameters()]) == {"cpu"}


@pytest.mark.parametrize("kind", rivals.KINDS)
def test_rivals_are_trained_and_measured(kind):
    model = rivals.build_rival(kind, 7, 4000).to(GPU)
    recipe = rivals.RivalRecipe(0.003, batch_size=3, chunk_len=8)
    run = rivals.train_rival(model, numbers(600), n_steps=2, recipe=recipe, n_points=1, n_scored=50)
    assert run.val_bits_per_char > 0
    assert is_all_there(model)


@pytest.mark.parametrize("cbow", [False, True])
def test_word_vectors_are_learned(cbow):
    sentences = [["the", "old", "sea", "sings", str(n % 7)] for n in range(60)]
    config = WordVectorConfig(dim=4, window=2, n_epochs=2, cbow=cbow, block_len=8)
    found = word_vectors.train_word_vectors(sentences, config, min_count=1, device=GPU)
    assert places([found.vectors, found.contexts, found.counts]) == {"cpu"}
    assert word_vectors.negative_sampling_score(found, sentences) > 0
