"""N-gram models: proper probabilities, known by hand, quick."""

import math
import random
import time

import pytest

from course_utils.corpora import generate_play
from course_utils.text import NGramModel, Vocabulary, ngrams

ENDS = ("<S>", "<E>")


def test_ngrams():
    assert ngrams("hello", 3) == ["hel", "ell", "llo"]
    assert ngrams(["a", "b", "c"], 1) == [("a",), ("b",), ("c",)]
    assert ngrams("hi", 3) == []
    assert ngrams("", 1) == []
    for n in (0, -2):
        with pytest.raises(ValueError, match=f"n={n} must be at least 1"):
            ngrams("hello", n)


TEXT = "the dog bites the man and the man bites the dog, then they eat.\n" * 3


@pytest.mark.parametrize("n", [1, 2, 3, 5])
@pytest.mark.parametrize("smoothing", [0.1, 1, 10])
def test_probabilities_sum_to_1(n, smoothing):
    model = NGramModel.fit(TEXT, n, Vocabulary.from_text(TEXT + "xyz"), smoothing=smoothing)
    for context in ("", "t", "the ", "zzzz", "the dog bites the ma", "xthe"):
        ps = [model.probability(context, token) for token in model.vocabulary.tokens]
        assert math.isclose(sum(ps), 1)
        assert min(ps) > 0


def test_probability_by_hand():
    model = NGramModel.fit("abababac", 2)
    below = [(4 + 3 / 3) / 11, (3 + 3 / 3) / 11, (1 + 3 / 3) / 11]  # single letters
    after_a = [(0 + 2 * below[0]) / 6, (3 + 2 * below[1]) / 6, (1 + 2 * below[2]) / 6]
    for i, token in enumerate("abc"):
        assert math.isclose(model.probability("", token), below[i])
        assert math.isclose(model.probability("bba", token), after_a[i])
        assert math.isclose(model.probability("c", token), below[i])  # nothing follows c


def test_names_with_ends():
    vocabulary = Vocabulary.from_text("annebob", specials=ENDS)
    model = NGramModel.fit(["anne", "anna", "bob"], 3, vocabulary)
    ps = {token: model.probability(["<S>"], token) for token in vocabulary.tokens}
    assert ps["<S>"] == 0
    assert math.isclose(sum(ps.values()), 1)
    assert ps["a"] > ps["b"] > ps["n"]
    assert model.probability("nn", "e") > model.probability("nn", "<E>")
    one = model.bits_per_token(["bob"])
    steps = [(["<S>"], "b"), (["<S>", "b"], "o"), ("bo", "b"), ("ob", "<E>")]
    assert math.isclose(one, -sum(math.log2(model.probability(*step)) for step in steps) / 4)
    drawn = [model.sample(20, random.Random(seed)) for seed in range(50)]
    assert not any(set(ENDS) & set(name) for name in drawn)
    assert ["a", "n", "n", "a"] in drawn or ["a", "n", "n", "e"] in drawn


def test_words():
    sentences = [["dog", "bites", "man"], ["man", "bites", "dog"], ["dog", "bites", "cat"]]
    model = NGramModel.fit(sentences, 2)
    assert model.probability(["dog"], "bites") > 0.7
    assert set(model.sample(30, random.Random(0))) <= {"dog", "bites", "man", "cat"}


def test_longer_context_helps_and_never_explodes():
    play = generate_play(220_000, seed=1)
    train, test = play.text[:200_000], play.text[200_000:]
    vocabulary = Vocabulary.from_text(play.text)
    bits = [NGramModel.fit(train, n, vocabulary).bits_per_token(test) for n in (1, 2, 3, 5, 8)]
    assert bits[0] > bits[1] > bits[2] > bits[3] > play.bits_per_char
    assert bits[4] < bits[2]


def test_sample_follows_the_model():
    model = NGramModel.fit("abababac", 2, Vocabulary.from_text("abcd"), smoothing=3)
    drawn = model.sample(40_000, random.Random(0))
    for before in "abcd":
        after = [b for a, b in zip(drawn, drawn[1:], strict=False) if a == before]
        for token in "abcd":
            p = model.probability(before, token)
            error = math.sqrt(p * (1 - p) / len(after))
            assert abs(after.count(token) / len(after) - p) < 4 * error
    assert drawn == model.sample(40_000, random.Random(0))
    assert model.sample(0, random.Random(0)) == []


@pytest.mark.parametrize("data", ["", [], [""], [[]]])
def test_empty_data(data):
    with pytest.raises(ValueError, match="empty"):
        NGramModel.fit(data, 2)
    with pytest.raises(ValueError, match="empty"):
        NGramModel.fit("abc", 2).bits_per_token(data)


def test_bad_model():
    with pytest.raises(ValueError, match="n=0 must be at least 1"):
        NGramModel.fit("abc", 0)
    for smoothing in (0, -1, math.nan):
        with pytest.raises(ValueError, match="smoothing must be .* above 0"):
            NGramModel.fit("abc", 2, smoothing=smoothing)
    model = NGramModel.fit("abc", 2)
    for use in (lambda: model.probability("a", "z"), lambda: model.bits_per_token("abz")):
        with pytest.raises(ValueError, match="unknown symbol 'z'"):
            use()
    with pytest.raises(ValueError, match="length=-1"):
        model.sample(-1, random.Random(0))


def test_fast_enough():
    text = generate_play(1_100_000).text
    start = time.process_time()  # of the processor: other programs do not count
    model = NGramModel.fit(text[:1_000_000], 5)
    fitted = time.process_time()
    model.bits_per_token(text[1_000_000:])
    assert fitted - start < 3
    assert time.process_time() - fitted < 1
