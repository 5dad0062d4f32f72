"""WordVectors: neighbours, analogies, unknown words, and gensim's vectors."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_utils.corpora import generate_world, world_analogies
from course_utils.text import count_words, word_sentences
from course_utils.word_vectors import WordVectors, analogy_accuracy

pytestmark = pytest.mark.offline

WORDS = tuple("the king queen man woman apple pear thou art".split())
VECTORS = torch.randn(9, 4, generator=torch.Generator().manual_seed(1))
KNOWN = WordVectors(WORDS, VECTORS, VECTORS.flip(0), torch.arange(9, 0, -1))


def test_a_word_is_a_row():
    assert len(KNOWN) == 9
    assert KNOWN.index["queen"] == KNOWN.row("queen") == 2
    assert torch.equal(KNOWN["queen"], VECTORS[2])
    assert "pear" in KNOWN
    assert "plum" not in KNOWN
    assert repr(KNOWN) == "WordVectors(9 words, 4 dimensions)"
    assert torch.equal(KNOWN.contexts, VECTORS.flip(0))
    assert KNOWN.counts.tolist() == [*range(9, 0, -1)]


def test_neighbours_and_similarity_are_cosines():
    cosines = F.cosine_similarity(VECTORS[1][None], VECTORS)
    expected = sorted(((c, w) for c, w in zip(cosines.tolist(), WORDS, strict=True) if w != "king"))
    found = KNOWN.nearest("king", 3)
    assert [word for word, _ in found] == [word for _, word in expected[::-1][:3]]
    assert [value for _, value in found] == pytest.approx([c for c, _ in expected[::-1][:3]])
    assert len(KNOWN.nearest("king")) == 8
    for word, value in found:
        assert (
            KNOWN.similarity("king", word) == KNOWN.similarity(word, "king") == pytest.approx(value)
        )
    assert KNOWN.similarity("king", "king") == pytest.approx(1)


def test_analogy_is_3_cos_add_on_unit_vectors():
    unit = VECTORS / VECTORS.norm(dim=1, keepdim=True)
    direction = unit[2] - unit[1] + unit[3]
    cosines = {w: float(direction @ u / direction.norm()) for w, u in zip(WORDS, unit, strict=True)}
    expected = sorted(set(WORDS) - {"king", "queen", "man"}, key=cosines.get, reverse=True)
    found = KNOWN.analogy("king", "queen", "man", k=20)
    assert [word for word, _ in found] == expected
    assert [value for _, value in found] == pytest.approx(
        [cosines[word] for word in expected], abs=1e-6
    )
    assert len(KNOWN.analogy("king", "queen", "man")) == 5
    # On vectors of very different lengths, the lengths do not decide.
    longer = WordVectors(WORDS, VECTORS * torch.logspace(-3, 3, 9)[:, None])
    assert [w for w, _ in longer.analogy("king", "queen", "man", k=20)] == expected


def test_zeros_are_near_nothing():
    words = WordVectors(("a", "zero", "b"), torch.tensor([[1.0, 0], [0, 0], [-1, 0]]))
    assert words.nearest("a") == [("zero", 0.0), ("b", -1.0)]
    assert words.nearest("zero") == [("a", 0.0), ("b", 0.0)]
    assert WordVectors(("alone",), torch.ones(1, 2)).nearest("alone") == []


def test_vectors_are_kept_as_float32_without_gradient():
    words = WordVectors(["a", "b"], torch.ones(2, 3, dtype=torch.float64, requires_grad=True))
    assert words.words == ("a", "b")
    assert words.vectors.dtype == torch.float32
    assert not words.vectors.requires_grad
    assert words.contexts is words.counts is None
    assert WordVectors(("a",), torch.ones(1, 2), counts=[3]).counts.dtype == torch.int64


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("quen", "word='quen' is not among the 9 known words; .* similar spelling: queen"),
        ("King", r"written in lower case\); known words of similar spelling: king"),
        ("xylophone", "none is close"),
        (3, "word=3 is not among"),
    ],
)
def test_an_unknown_word_is_explained(word, message):
    asks = [KNOWN.__getitem__, KNOWN.row, KNOWN.nearest, lambda w: KNOWN.similarity("king", w)]
    asks += [lambda w: KNOWN.analogy("king", w, "man"), lambda w: KNOWN.similarity(w, "king")]
    for ask in asks:
        with pytest.raises(ValueError, match=message):
            ask(word)


@pytest.mark.parametrize("k", [0, -1])
def test_a_bad_k(k):
    with pytest.raises(ValueError, match=f"k={k} must be at least 1"):
        KNOWN.nearest("king", k)
    with pytest.raises(ValueError, match=f"k={k} must be at least 1"):
        KNOWN.analogy("king", "queen", "man", k)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((), torch.ones(0, 2)), "at least one word"),
        ((("a", "a"), torch.ones(2, 2)), "each word only once"),
        ((("a", "b"), torch.ones(3, 2)), r"vectors must be \(2, D\), .* got \(3, 2\)"),
        ((("a", "b"), torch.ones(2)), r"vectors must be \(2, D\)"),
        ((("a", "b"), torch.ones(2, 0)), r"vectors must be \(2, D\)"),
        ((("a",), torch.tensor([[torch.inf]])), "vectors holds NaN or infinity"),
        ((("a",), torch.ones(1, 2), torch.ones(1, 3)), r"contexts must have .* got \(1, 3\)"),
        ((("a",), torch.ones(1, 2), torch.ones(2, 2)), r"contexts must be \(1, D\)"),
        ((("a",), torch.ones(1, 2), None, [1, 2]), r"counts must be \(1,\)"),
    ],
)
def test_parts_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        WordVectors(*arguments)


def test_anything_shaped_like_a_gensim_model():
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    wv = SimpleNamespace(
        index_to_key=["b", "a"], vectors=rows, expandos={"count": np.array([5, 2])}
    )
    words = WordVectors.from_gensim(SimpleNamespace(wv=wv, syn1neg=rows + 1))
    assert words.words == ("b", "a")
    assert words.counts.tolist() == [5, 2]
    assert words["a"].tolist() == [3, 4, 5]
    assert words.contexts.tolist() == (rows + 1).tolist()
    rows[:] = 0  # a copy: training on does not change it
    assert words["a"].tolist() == [3, 4, 5]
    bare = WordVectors.from_gensim(SimpleNamespace(index_to_key=["b", "a"], vectors=rows))
    assert bare.contexts is bare.counts is None
    with pytest.raises(TypeError, match="gensim's Word2Vec or KeyedVectors, not dict"):
        WordVectors.from_gensim({})


def test_gensim_learns_the_analogies_of_the_generated_world():
    from gensim.models import Word2Vec

    sentences = word_sentences(generate_world(20_000, seed=0).text)
    model = Word2Vec(
        sentences, vector_size=32, window=5, sg=1, negative=5, workers=1, epochs=10, seed=1,
        min_count=5,
    )  # fmt: skip
    words = WordVectors.from_gensim(model)
    assert dict(zip(words.words, words.counts.tolist(), strict=True)) == count_words(
        sentences, min_count=5
    )
    for word in ("king", "ruby"):
        assert words[word].tolist() == pytest.approx(model.wv[word].tolist())
        ours, theirs = words.nearest(word, 5), model.wv.most_similar(word, topn=5)
        assert [w for w, _ in ours] == [w for w, _ in theirs]
        assert [c for _, c in ours] == pytest.approx([c for _, c in theirs], abs=1e-5)
    ours = words.analogy("man", "king", "woman")
    theirs = model.wv.most_similar(positive=["king", "woman"], negative=["man"], topn=5)
    assert [w for w, _ in ours] == [w for w, _ in theirs]
    assert words.contexts.tolist() == model.syn1neg.tolist()
    total = analogy_accuracy(words, world_analogies()).total
    assert total.accuracy > 0.5 > 0.3 > total.baseline
    assert words.similarity("python", "ruby") > words.similarity("python", "word") + 0.1
