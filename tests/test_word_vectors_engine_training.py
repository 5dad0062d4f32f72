"""Training of word vectors: what is learned, what is kept, what is refused."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch

from course_utils.word_vectors import (
    WordVectorConfig,
    WordVectors,
    engine,
    group_probe,
    negative_sampling_score,
    train_textbook,
    train_word_vectors,
)
from course_utils.word_vectors.engine import train_word_vectors as train

TOPICS = {kind: [f"{kind}{i}" for i in range(8)] for kind in ("bird", "tool", "town")}
SMALL = WordVectorConfig(dim=8, n_epochs=3, block_len=4, noise_per_block=6)


def topics(n=600, seed=0):
    """Return sentences, each about one topic."""
    source = random.Random(seed)
    return [source.choices(source.choice([*TOPICS.values()]), k=9) for _ in range(n)]


def same(one, other):
    return torch.equal(one.vectors, other.vectors) and torch.equal(one.contexts, other.contexts)


@pytest.mark.parametrize(
    "options", [{}, {"workers": 2}, {"cbow": True}, {"threshold": float("inf")}, {"window": 1}]
)
def test_words_of_one_topic_gather(options):
    config = replace(SMALL, n_epochs=8, dim=16, **options)
    vectors = train(topics(), config)
    assert group_probe(vectors, TOPICS) > 0.95
    assert len(vectors) == 24
    assert vectors.counts.sum() == 600 * 9
    assert vectors.contexts.shape == vectors.vectors.shape == (24, 16)
    assert (vectors.counts.diff() <= 0).all()
    assert not vectors.vectors.requires_grad


def test_as_good_as_gensim_and_the_textbook_form():
    from gensim.models import Word2Vec

    held_out = topics(100, seed=1)
    model = Word2Vec(
        topics(), sg=1, vector_size=16, window=5, negative=5, sample=1e-2, min_count=5, epochs=10,
        workers=1, seed=1,
    )  # fmt: skip
    theirs = negative_sampling_score(WordVectors.from_gensim(model), held_out)
    config = WordVectorConfig(dim=16, n_epochs=10, threshold=1e-2)
    ours = negative_sampling_score(train(topics(), config), held_out)
    textbook = train_textbook(topics(), config, batch_size=256)
    assert ours < theirs + 0.02
    assert ours == pytest.approx(negative_sampling_score(textbook, held_out), abs=0.05)
    assert ours < 2.2 < 6 * 0.693  # far below a guess


def test_the_seed_decides():
    first = train(topics(), SMALL)
    torch.rand(3)  # nothing else does
    assert same(first, train(topics(), SMALL))
    assert not same(first, train(topics(), replace(SMALL, seed=1)))
    assert not same(first, train(topics(), replace(SMALL, cbow=True)))


def test_random_numbers_and_threads_of_the_caller_stay(monkeypatch):
    seen = []
    learn = engine._Training.learn
    monkeypatch.setattr(
        engine._Training,
        "learn",
        lambda *args: (
            seen.append((torch.get_num_threads(), torch.is_grad_enabled())),
            learn(*args),
        ),
    )
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    for workers in (1, 2):
        train(topics(60), replace(SMALL, workers=workers))
    train_textbook(topics(60), SMALL)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert set(seen) == {(1, False)}
    assert torch.is_grad_enabled()


def fail_after(monkeypatch, n_steps, error):
    """Let the training raise an error when it wants to learn from one more step."""
    calls, learn = [], engine._Training.learn

    def broken(self, step):
        calls.append(step)
        if len(calls) > n_steps:
            raise error
        learn(self, step)

    monkeypatch.setattr(engine._Training, "learn", broken)
    return calls


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_keeps_what_was_learned(monkeypatch, workers):
    config = replace(SMALL, workers=workers, n_epochs=1000)
    calls = fail_after(monkeypatch, 40, KeyboardInterrupt())
    vectors = train(topics(), config)
    assert 40 < len(calls) < 100
    assert vectors.contexts.abs().sum(dim=1).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_worker_is_not_lost(monkeypatch, workers):
    threads = torch.get_num_threads()
    calls = fail_after(monkeypatch, 5, RuntimeError("out of memory"))
    with pytest.raises(RuntimeError, match="out of memory"):
        train(topics(), replace(SMALL, workers=workers, n_epochs=1000))
    assert len(calls) < 10_000  # of about 600,000: the others stopped too
    assert torch.get_num_threads() == threads


def test_the_rate_falls_on_a_line_to_the_last_one(monkeypatch):
    calls, config = fail_after(monkeypatch, 10**9, None), replace(SMALL, last_rate=0.04)
    train(topics(), config)
    rates = torch.tensor([step.rate for step in calls], dtype=torch.float64)
    assert rates[0] < config.learning_rate
    assert rates[-1] == pytest.approx(0.04)
    assert (rates.diff() < 0).all()


def test_noise_is_drawn_with_its_probabilities(monkeypatch):
    calls = fail_after(monkeypatch, 10**9, None)
    sentences = [["often"] * 16 + ["once"]] * 200
    train(sentences, replace(SMALL, n_epochs=10, threshold=9.0))
    noise = torch.cat([step.noise.flatten() for step in calls])
    assert (noise == 1).float().mean() == pytest.approx(1 / 9, abs=0.02)  # 1 to 16 ** 0.75
    assert noise.unique().tolist() == [0, 1]


def test_a_small_vocabulary_gets_small_steps(monkeypatch):
    calls = fail_after(monkeypatch, 10**9, None)
    train([["a", "b"] * 100] * 20, WordVectorConfig(n_epochs=1, threshold=9.0))
    assert {len(step.blocks.centres) for step in calls} == {1}
    calls.clear()
    train([[f"w{i}" for i in range(2000)]] * 5, WordVectorConfig(n_epochs=1, threshold=9.0))
    assert {len(step.blocks.centres) for step in calls} == {32, 25}


@pytest.mark.parametrize("rate", [0.18, 1.0])
def test_two_words_that_are_met_all_the_time_stay_small(rate):
    config = WordVectorConfig(n_epochs=5, threshold=float("inf"), learning_rate=rate)
    vectors = train([["a", "b", "c"] * 100] * 50, config)
    assert vectors.vectors.norm(dim=1).max() < 20


def test_one_progress_bar(capsys):
    train(topics(50), SMALL)
    assert capsys.readouterr().err == ""
    train(topics(50), SMALL, progress=True)
    shown = capsys.readouterr().err.split("\r")[-1]
    assert "training: 100%" in shown
    assert "1.35k/1.35k" in shown  # 50 sentences x 9 words x 3 passes


@pytest.mark.parametrize("function", [train_word_vectors, train_textbook])
@pytest.mark.parametrize(
    ("sentences", "min_count", "error", "message"),
    [
        ([], 1, ValueError, "sentences hold no word"),
        ([[], []], 1, ValueError, "sentences hold no word"),
        ([["a", "b"]], 2, ValueError, "no word occurs min_count=2 times.* occurs 1 times"),
        ([["a", "b"]], 0, ValueError, "min_count must be .* at least 1, got 0"),
        ("to be or not", 1, TypeError, "got the string 'to be or not'; word_sentences"),
        (["to be", "or not"], 1, TypeError, "every sentence must be a list of words"),
    ],
)
def test_texts_that_cannot_teach_are_refused(function, sentences, min_count, error, message):
    with pytest.raises(error, match=message):
        function(sentences, SMALL, min_count=min_count)


def test_batches_hold_at_least_one_pair():
    with pytest.raises(ValueError, match="batch_size must be .*at least 1, got 0"):
        train_textbook(topics(5), SMALL, batch_size=0)


@pytest.mark.parametrize("sentences", [[["alone"]], [["a"], ["b"], ["a"]]])
@pytest.mark.parametrize("function", [train_word_vectors, train_textbook])
def test_a_text_without_pairs_teaches_nothing(function, sentences):
    vectors = function(sentences, SMALL, min_count=1)
    assert not vectors.contexts.any()
    assert vectors.vectors.abs().max() <= 0.5 / SMALL.dim


@pytest.mark.parametrize(
    "change",
    [
        {"dim": 0}, {"window": 0}, {"negatives": -1}, {"n_epochs": 2.5}, {"block_len": True},
        {"blocks_per_step": 0}, {"noise_per_block": 0}, {"workers": 0}, {"seed": "one"},
        {"learning_rate": float("nan")}, {"learning_rate": 0}, {"learning_rate": float("inf")},
        {"last_rate": -0.1}, {"last_rate": 9.0}, {"last_rate": float("nan")},
        {"threshold": 0}, {"threshold": float("nan")}, {"power": float("nan")},
    ],
)  # fmt: skip
def test_impossible_settings_are_refused(change):
    with pytest.raises((TypeError, ValueError), match=f"{[*change][0]} must be .*, got"):
        WordVectorConfig(**change)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")
def test_a_gpu_learns_the_same():
    config = replace(SMALL, n_epochs=8, dim=16)
    assert group_probe(train(topics(), config, device="cuda"), TOPICS) > 0.95
