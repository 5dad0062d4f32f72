"""The benchmark of word vectors gives all sides the same text and the same settings."""

from __future__ import annotations

import pytest
import torch

from benchmarks import common, word2vec
from course_utils.corpora import TextCorpus
from course_utils.word_vectors import WordVectorConfig, WordVectors

OPTIONS = "--threads 2 --rounds 2 --epochs 3 --dim 4".split()
TEXT = "\n\n".join(["one two three four two one"] * 30 + ["four one two"] * 10)


@pytest.fixture
def calls(monkeypatch):
    """Replace the three runs by ones that only note what they are given and take known seconds."""
    noted, now = [], [0.0]
    seconds = {"ours": 2.0, "gensim": 4.0, "textbook": 8.0}

    def run(name):
        def train(sentences, config):
            noted.append((name, sentences, config))
            now[0] += seconds[name]
            rows = torch.zeros(4, 2) if name == "ours" else torch.full((4, 2), 0.5)
            words = ("two", "one", "four", "three")
            return WordVectors(words, rows, rows, torch.tensor([2, 2, 1, 1]))

        return train

    monkeypatch.setattr(word2vec, "RUNS", {name: run(name) for name in seconds})
    monkeypatch.setattr(common.time, "perf_counter", lambda: now[0])
    groups = {"small": ["one", "two"], "large": ["three", "four"]}
    monkeypatch.setattr(word2vec, "load_groups", lambda is_standin: groups)
    return noted


def compare():
    corpus = TextCorpus(TEXT, is_standin=False, source="a text")
    return word2vec.compare(corpus, word2vec.parser().parse_args(OPTIONS))


def test_all_read_the_same_and_take_turns(calls, monkeypatch):
    monkeypatch.setattr(word2vec, "WARM_UP_SENTENCES", 5)
    compare()
    names = [name for name, _, _ in calls]
    order = ["ours", "gensim", "textbook"]
    assert names == order + order + order[::-1]
    training = word2vec.word_sentences(TEXT)[:36]
    assert [sentences for _, sentences, _ in calls] == [training[:5]] * 3 + [training] * 6
    configs = [config for _, _, config in calls[3:]]
    assert [config.seed for config in configs] == [0, 0, 0, 1, 1, 1]
    assert all((c.n_epochs, c.dim, c.workers) == (3, 4, 2) for c in configs)
    assert [config.n_epochs for _, _, config in calls[:3]] == [1, 1, 1]


def test_the_figures_are_of_the_same_words(calls):
    figures = compare()
    n_words = 30 * 6 + 6 * 3
    assert (figures["words"], figures["vocabulary"], figures["epochs"]) == (n_words, 4, 3)
    assert figures["ours_words_per_s"] == 3 * n_words / 2
    assert figures["gensim_words_per_s"] == 3 * n_words / 4
    assert figures["textbook_words_per_s"] == n_words / 8
    assert figures["ratio"] == 2
    assert figures["textbook_ratio"] == pytest.approx(4 / 24)
    assert figures["ours_loss"] == pytest.approx(6 * 0.693147, rel=1e-5)
    assert figures["gensim_loss"] > figures["ours_loss"]
    assert figures["ours_probe"] == figures["gensim_probe"] == 0.5
    assert figures["data"] == "a text"


def test_the_runs_train_what_the_settings_say(monkeypatch):
    monkeypatch.setattr(word2vec, "MIN_COUNT", 40)
    config = WordVectorConfig(dim=5, n_epochs=2, threshold=1.0)
    parts = word2vec.Parts.of(TextCorpus(TEXT, is_standin=False, source=""))
    assert [len(part) for part in parts] == [36, 4]
    assert parts.n_words() == 198
    threads = torch.get_num_threads()
    for run in word2vec.RUNS.values():
        vectors = run(parts.training, config)
        assert set(vectors.words) == {"one", "two"}
        assert vectors.vectors.shape == vectors.contexts.shape == (2, 5)
        assert vectors.contexts.any()
        assert sorted(vectors.counts.tolist()) == [66, 66]
    assert torch.get_num_threads() == threads


def test_gensim_gets_all_the_settings(monkeypatch):
    seen = {}

    class SeenError(Exception):
        pass

    def fake(sentences, **options):
        seen.update(options)
        raise SeenError

    monkeypatch.setattr("gensim.models.Word2Vec", fake)
    config = WordVectorConfig(dim=7, window=3, negatives=4, n_epochs=9, threshold=0.5, workers=2)
    with pytest.raises(SeenError):
        word2vec.run_gensim([["a"]], config)
    assert seen == {
        "sg": 1, "vector_size": 7, "window": 3, "negative": 4, "sample": 0.5, "min_count": 5,
        "epochs": 9, "workers": 2, "seed": 1,
    }  # fmt: skip
