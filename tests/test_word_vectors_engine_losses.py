"""Pairs, noise, thinning out, and the two losses, each against an independent computation."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from course_utils.word_vectors import (
    SkipGram,
    WordVectors,
    cbow_pairs,
    keep_probabilities,
    negative_sampling_loss,
    negative_sampling_score,
    noise_probabilities,
    skip_gram_pairs,
)
from course_utils.word_vectors import held_out as held_out_module
from course_utils.word_vectors.textbook import epoch_pairs

FOX = "the quick brown fox jumps over the lazy dog".split()


def test_pairs_of_the_fox():
    pairs = skip_gram_pairs(FOX, 2)
    assert len(pairs) == 2 * (8 + 7)  # both ways: 8 neighbours, and 7 one word further
    assert pairs[:5] == [
        ("the", "quick"), ("the", "brown"), ("quick", "the"), ("quick", "brown"), ("quick", "fox"),
    ]  # fmt: skip
    assert sorted(pairs) == sorted((b, a) for a, b in pairs)
    assert cbow_pairs(FOX, 2)[3] == (["quick", "brown", "jumps", "over"], "fox")
    assert [(c, w) for around, c in cbow_pairs(FOX, 2) for w in around] == pairs
    assert skip_gram_pairs([1, 2], 9) == [(1, 2), (2, 1)]
    assert skip_gram_pairs(["alone"], 3) == cbow_pairs([], 3) == []


@pytest.mark.parametrize("function", [skip_gram_pairs, cbow_pairs])
@pytest.mark.parametrize(
    ("words", "window", "error", "message"),
    [
        (FOX, 0, ValueError, "window must be .*at least 1, got 0"),
        (FOX, 1.5, TypeError, "window must be a whole number.*, got 1.5"),
        ("the fox", 1, TypeError, "words must be a list of words, got the string 'the fox'"),
    ],
)
def test_impossible_pairs_are_refused(function, words, window, error, message):
    with pytest.raises(error, match=message):
        function(words, window)


@pytest.fixture(scope="module")
def gensim_model():
    """Return gensim's vectors of a text with words of very different counts."""
    from gensim.models import Word2Vec

    words = [f"w{i}" for i in range(1, 41) for _ in range(2000 // i**2)]
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(words), generator=generator).tolist()
    sentences = [[words[i] for i in order[k : k + 20]] for k in range(0, len(words), 20)]
    options = {"vector_size": 6, "negative": 3, "sample": 1e-2, "min_count": 1, "seed": 1}
    return sentences, Word2Vec(sentences, sg=1, epochs=2, workers=1, ns_exponent=0.6, **options)


def test_words_are_kept_and_drawn_as_often_as_by_gensim(gensim_model):
    _, model = gensim_model
    vectors = WordVectors.from_gensim(model)
    kept = [model.wv.get_vecattr(word, "sample_int") / 2**32 for word in vectors.words]
    ours = keep_probabilities(vectors.counts, threshold=1e-2)
    wanted = torch.tensor(kept, dtype=torch.float32)
    torch.testing.assert_close(ours, wanted, rtol=1e-4, atol=1e-4)
    assert 0.1 < ours.min() < 0.2 < ours.max() == 1
    sums = torch.tensor(model.cum_table / (2**31 - 1))
    ours = noise_probabilities(vectors.counts, power=0.6)
    torch.testing.assert_close(ours.double().cumsum(0), sums, rtol=1e-4, atol=1e-4)


def test_the_ends_of_power_and_threshold():
    counts = [6, 3, 1, 0]
    assert noise_probabilities(counts, power=0).tolist() == pytest.approx([1 / 3] * 3 + [0])
    assert noise_probabilities(counts, power=1).tolist() == pytest.approx([0.6, 0.3, 0.1, 0])
    assert noise_probabilities(torch.tensor(counts), power=-1)[3] == 0
    assert keep_probabilities(counts, threshold=math.inf).tolist() == [1, 1, 1, 1]
    assert noise_probabilities(counts).dtype == keep_probabilities(counts).dtype == torch.float32


@pytest.mark.parametrize("function", [noise_probabilities, keep_probabilities])
@pytest.mark.parametrize(
    ("counts", "error"),
    [([], ValueError), ([0, 0], ValueError), ([1, -1], ValueError), ([[1, 2]], ValueError)]
    + [([1.0, math.nan], ValueError), (["the"], TypeError), ("the", TypeError)],
)
def test_counts_must_be_counts(function, counts, error):
    with pytest.raises(error, match="counts must be"):
        function(counts)


def test_chances_refuse_impossible_settings():
    with pytest.raises(ValueError, match="power must be a finite number, got nan"):
        noise_probabilities([1, 2], power=math.nan)
    with pytest.raises(ValueError, match="threshold must be .*above 0, got 0"):
        keep_probabilities([1, 2], threshold=0)


def test_the_loss_is_a_sum_over_pairs_and_noise():
    v, u_pos, u_neg = torch.randn(4, 6), torch.randn(4, 6), torch.randn(4, 3, 6)
    total = 0.0
    for b in range(4):
        total -= math.log(1 / (1 + math.exp(-(u_pos[b] @ v[b]))))
        total -= sum(math.log(1 / (1 + math.exp(u @ v[b]))) for u in u_neg[b])
    assert negative_sampling_loss(v, u_pos, u_neg).item() == pytest.approx(total / 4, rel=1e-4)
    for wrong in (u_neg[:, :, :5], u_neg[:3], u_neg[0]):
        with pytest.raises(ValueError, match=r"u_neg \(B, K, D\)"):
            negative_sampling_loss(v, u_pos, wrong)
    with pytest.raises(ValueError, match="v and u_pos"):
        negative_sampling_loss(v, u_pos[:1], u_neg)


def brute_force(vectors, sentences, window, negatives, power):
    """Return the held-out score, pair by pair."""
    noise, losses = noise_probabilities(vectors.counts, power=power).double(), []
    for words in sentences:
        known = [vectors.index[word] for word in words if word in vectors]
        for centre, context in skip_gram_pairs(known, window):
            v, table = vectors.vectors[centre].double(), vectors.contexts.double()
            expected = noise @ F.logsigmoid(-table @ v)
            losses.append(-F.logsigmoid(table[context] @ v) - negatives * expected)
    return float(torch.stack(losses).mean())


@pytest.mark.parametrize("at_once", [2**22, 100])
def test_the_held_out_score_equals_brute_force(gensim_model, monkeypatch, at_once):
    monkeypatch.setattr(held_out_module, "_SCORES_AT_ONCE", at_once)
    sentences, model = gensim_model
    few = [*sentences[:3], ["unknown"], [], ["w1", "unknown", "w2"], ["w5"]]
    vectors = WordVectors.from_gensim(model)
    for window, negatives, power in ((5, 5, 0.75), (2, 3, 1.0), (50, 1, 0.0)):
        options = {"window": window, "negatives": negatives, "power": power}
        score = negative_sampling_score(vectors, few, **options)
        assert score == pytest.approx(brute_force(vectors, few, **options), rel=1e-5)


def test_vectors_of_zeros_cost_the_guess():
    zeros = torch.zeros(2, 3)
    vectors = WordVectors(("a", "b"), zeros, zeros, torch.tensor([2, 1]))
    score = negative_sampling_score(vectors, [["a", "b", "a"]], negatives=4)
    assert score == pytest.approx(5 * math.log(2))


def test_a_score_that_cannot_be_is_refused():
    rows = torch.ones(2, 3)
    whole = WordVectors(("a", "b"), rows, rows, torch.tensor([2, 1]))
    for part in (WordVectors(("a", "b"), rows), WordVectors(("a", "b"), rows, rows)):
        with pytest.raises(ValueError, match="vectors has no contexts"):
            negative_sampling_score(part, [["a", "b"]])
    for sentences in ([], [["a"], ["b"]], [["a", "c"]]):
        with pytest.raises(ValueError, match="no two neighbours that are in the vocabulary"):
            negative_sampling_score(whole, sentences)
    with pytest.raises(ValueError, match="window=0, negatives=5"):
        negative_sampling_score(whole, [["a", "b"]], window=0)
    with pytest.raises(TypeError, match="every sentence must be a list"):
        negative_sampling_score(whole, ["a b"])


def test_the_pairs_of_the_textbook_form():
    row, sentence = torch.arange(12), torch.tensor([0] * 7 + [1] + [2] * 4)
    parts = [row[:7], row[7:8], row[8:]]
    generator, found = torch.Generator().manual_seed(0), set()
    for _ in range(200):
        centres, contexts = epoch_pairs(row, sentence, torch.ones(12), 3, generator)
        pairs = [*zip(centres.tolist(), contexts.tolist(), strict=True)]
        assert len(set(pairs)) == len(pairs)
        assert {p for part in parts for p in skip_gram_pairs(part.tolist(), 1)} <= set(pairs)
        found |= set(pairs)
    assert found == {pair for part in parts for pair in skip_gram_pairs(part.tolist(), 3)}
    nothing = epoch_pairs(row, sentence, torch.zeros(12), 3, generator)
    assert [len(each) for each in nothing] == [0, 0]


def test_sparse_gradients_are_the_dense_ones_without_the_zeros():
    torch.manual_seed(0)
    dense, sparse = SkipGram(9, 4), SkipGram(9, 4, sparse=True)
    nn_state = dense.state_dict() | {"contexts.weight": torch.randn(9, 4)}
    centres, contexts, noise = torch.tensor([1, 1]), torch.tensor([2, 3]), torch.tensor([[4], [2]])
    for model in (dense, sparse):
        model.load_state_dict(nn_state)
        model(centres, contexts, noise).backward()
    for one, other in zip(dense.parameters(), sparse.parameters(), strict=True):
        assert not one.grad.is_sparse
        assert other.grad.is_sparse
        torch.testing.assert_close(other.grad.to_dense(), one.grad)
    assert sparse.centres.weight.grad.coalesce().indices().tolist() == [[1]]
