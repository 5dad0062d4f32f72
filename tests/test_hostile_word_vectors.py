"""Bad input to word vectors: right numbers, or an error that names the argument."""

import math

import numpy as np
import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all

from course_utils.word_vectors import (
    SkipGram,
    WordVectorConfig,
    WordVectors,
    analogy_accuracy,
    cbow_gradients,
    cbow_pairs,
    group_probe,
    group_shares,
    keep_probabilities,
    load_analogies,
    load_groups,
    negative_sampling_loss,
    negative_sampling_score,
    noise_probabilities,
    permutation_test,
    skip_gram_gradients,
    skip_gram_pairs,
    train_textbook,
    train_word_vectors,
)

WORDS = ("king", "queen", "man", "woman", "cat", "dog")
TABLE = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
VECTORS = WordVectors(WORDS, TABLE, TABLE.flip(0), torch.tensor([9, 8, 7, 3, 2, 1]))
SENTENCES = [["king", "queen", "man"], ["cat", "dog", "cat", "king"]] * 3
TINY = WordVectorConfig(
    dim=3, window=2, n_epochs=1, block_len=4, blocks_per_step=2, noise_per_block=3, threshold=1.0
)
GROUPS = {"people": ["king", "queen", "man"], "animals": ["cat", "dog"]}
MODEL = SkipGram(6, 3)
WORD = ("word",)  # a message speaks of word=...


def right_pairs(answer, given):
    words = given["words"]
    if not hasattr(words, "__next__"):
        assert {repr(word) for _, word in answer} <= {repr(word) for word in words}


def right_chances(answer, given):
    assert answer.dtype == torch.float32
    assert ((answer >= 0) & (answer <= 1)).all()
    assert float(answer.sum()) == pytest.approx(1, abs=1e-5)


def right_keep(answer, given):
    assert ((answer >= 0) & (answer <= 1)).all()


def right_loss(answer, given):
    if all(torch.isfinite(part).all() for part in given.values()):
        limits = torch.finfo(answer.dtype)
        assert 0 <= float(answer.detach()) <= limits.max or answer.dtype == torch.half


def right_gradients(answer, given):
    assert [part.shape for part in answer] == [given["v"].shape, given["u"].shape]


def right_config(answer, given):
    assert type(answer)(**vars(answer)) == answer


def right_vectors(answer, given):
    assert answer.vectors.dtype == torch.float32
    assert torch.isfinite(answer.vectors).all()
    assert [answer.row(word) for word in answer.words] == [*range(len(answer))]


def right_share(answer, given):
    assert 0 <= answer <= 1


def right_score(answer, given):
    assert 0 <= answer < math.inf


def right_test(answer, given):
    assert 0 < answer.p_value <= 1
    assert torch.isfinite(answer.null).all()


def right_vector(answer, given):
    assert torch.equal(answer, VECTORS.vectors[VECTORS.words.index(given["word"])])


def right_rate(answer, given):
    share = (TINY.learning_rate - answer) / (TINY.learning_rate - TINY.last_rate)
    assert share == pytest.approx(given["done"])


def right_nearest(answer, given):
    cosines = [cosine for _, cosine in answer]
    assert cosines == sorted(cosines, reverse=True)
    assert len(answer) <= given["k"]
    assert not {word for word, _ in answer} & {given[name] for name in given if name != "k"}


def right_answers(answer, given):
    assert 0 <= answer.total.n_right <= answer.total.n_answered <= answer.total.n_questions


COUNTING = [
    Good(skip_gram_pairs, lambda: {"words": ["a", "b", "c"], "window": 1}, right_pairs),
    Good(cbow_pairs, lambda: {"words": ["a", "b", "c"], "window": 1}, right_pairs),
    Good(noise_probabilities, lambda: {"counts": [9, 4, 0], "power": 0.5}, right_chances),
    Good(
        noise_probabilities,
        lambda: {"counts": torch.tensor([9, 4, 1]), "power": -1.0},
        right_chances,
        label="noise_probabilities of a tensor",
    ),
    Good(keep_probabilities, lambda: {"counts": [9, 4, 0], "threshold": 0.1}, right_keep),
    Good(
        negative_sampling_loss,
        lambda: {"v": torch.randn(2, 3), "u_pos": torch.randn(2, 3), "u_neg": torch.randn(2, 4, 3)},
        right_loss,
    ),
    Good(
        skip_gram_gradients,
        lambda: (
            {"v": torch.randn(2, 4, 3), "u": torch.randn(2, 8, 3), "negatives": 5}
            | {"is_pair": torch.ones(2, 4, 3)}
        ),
        right_gradients,
    ),
    Good(
        cbow_gradients,
        lambda: (
            {"v": torch.randn(2, 6, 3), "u": torch.randn(2, 6, 3), "negatives": 5}
            | {"is_pair": torch.ones(2, 4, 3)}
        ),
        right_gradients,
    ),
]
TRAINING = [
    Good(WordVectorConfig, lambda: vars(WordVectorConfig()), right_config, long=("n_epochs",)),
    Good(
        lambda **given: train_word_vectors(**given),
        lambda: (
            {"sentences": SENTENCES, "config": TINY, "min_count": 1, "device": "cpu"}
            | {"progress": False}
        ),
        right_vectors,
        label="train_word_vectors",
        cases=0.5,
    ),
    Good(
        train_textbook,
        lambda: (
            {"sentences": SENTENCES, "config": TINY, "min_count": 1, "batch_size": 9}
            | {"learning_rate": 0.01, "sparse": False}
        ),
        right_vectors,
        {"learning_rate": ("rate",)},
        cases=0.3,
    ),
    Good(SkipGram, lambda: {"vocab_size": 6, "dim": 3, "sparse": True}, cases=0.5),
    Good(
        lambda centres, contexts, noise: MODEL(centres, contexts, noise),
        lambda: (
            {"centres": torch.tensor([0, 1]), "contexts": torch.tensor([2, 3])}
            | {"noise": torch.tensor([[4, 5], [0, 1]])}
        ),
        label="SkipGram.forward",
    ),
]
ASKING = [
    Good(
        WordVectors,
        lambda: {"words": WORDS, "vectors": TABLE.clone(), "contexts": TABLE.clone()}
        | {"counts": torch.arange(6)},
        right_vectors,
        names={"words": ("vectors", "contexts")},
    ),
    Good(WordVectors.from_gensim, lambda: {"model": _Gensim()}, right_vectors,
         label="WordVectors.from_gensim"),
    Good(VECTORS.row, lambda: {"word": "king"}, label="WordVectors.row"),
    Good(lambda word: VECTORS[word], lambda: {"word": "king"}, right_vector,
         label="WordVectors.__getitem__"),
    Good(TINY.rate, lambda: {"done": 0.5}, right_rate, label="WordVectorConfig.rate"),
    Good(VECTORS.similarity, lambda: {"a": "king", "b": "man"}, names={"a": WORD, "b": WORD},
         label="WordVectors.similarity"),
    Good(VECTORS.nearest, lambda: {"word": "king", "k": 2}, right_nearest,
         label="WordVectors.nearest"),
    Good(VECTORS.analogy, lambda: {"a": "man", "b": "king", "c": "woman", "k": 2}, right_nearest,
         dict.fromkeys("abc", WORD), label="WordVectors.analogy"),
    Good(group_probe, lambda: {"vectors": VECTORS, "groups": GROUPS}, right_share),
    Good(group_shares, lambda: {"vectors": VECTORS, "groups": GROUPS}),
    Good(load_groups, lambda: {"is_standin": False}),
    Good(load_analogies, lambda: {"is_standin": False}),
    Good(
        analogy_accuracy,
        lambda: {"vectors": VECTORS, "questions": [("man", "king", "woman", "queen")]},
        right_answers,
    ),
    Good(
        negative_sampling_score,
        lambda: {"vectors": VECTORS, "sentences": SENTENCES, "window": 2, "negatives": 5}
        | {"power": 0.75},
        right_score,
    ),
    Good(
        permutation_test,
        lambda: {"vectors": TABLE.clone(), "members": torch.tensor([True, True] + [False] * 4)}
        | {"n_permutations": 20, "generator": None},
        right_test,
        names={"vectors": ("members",)},
        long=("n_permutations",),
    ),
]  # fmt: skip
GOODS = [*COUNTING, *TRAINING, *ASKING]
EXEMPT = {
    "AnalogyReport": "a plain record that analogy_accuracy returns",
    "AnalogyScore": "a plain record that analogy_accuracy returns",
    "PermutationResult": "a plain record that permutation_test returns",
}


class _Gensim:
    """What WordVectors reads of a gensim model."""

    index_to_key, vectors, expandos = ["a", "b"], np.ones((2, 3)), {}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.word_vectors", GOODS, EXEMPT)


@pytest.mark.parametrize("power", [-400.0, -5.0, 400.0, 1e300])
def test_powers_that_no_number_holds(power):
    chances = noise_probabilities([1000, 10, 0], power=power)
    likeliest = 0 if power > 0 else 1
    assert chances.argmax() == likeliest
    assert chances.sum() == pytest.approx(1)
    assert chances[2] == 0
