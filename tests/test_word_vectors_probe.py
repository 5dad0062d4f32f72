"""The probe against a plain triple loop, the shipped groups, and analogy scores."""

import json
import math
import random
from itertools import permutations
from pathlib import Path

import pytest
import torch

from course_utils.corpora import generate_play, load_shakespeare
from course_utils.text import count_words, word_sentences
from course_utils.word_vectors import (
    WordVectors,
    analogy_accuracy,
    group_probe,
    group_shares,
    load_analogies,
    load_groups,
)

pytestmark = pytest.mark.offline

DATA = Path(__file__).parents[1] / "data"
PLAY = count_words(word_sentences(generate_play(1_000_000).text))
GROUPS = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2"], "c": ["c1", "c2", "c3", "c4"]}
NAMES = [word for words in GROUPS.values() for word in words]


def random_vectors(words, dim=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return WordVectors(tuple(words), torch.randn(len(words), dim, generator=generator))


def cosine(u, v):
    return sum(x * y for x, y in zip(u, v, strict=True)) / math.hypot(*u) / math.hypot(*v)


def plain_probe(vectors, groups):
    """The probe by its definition: three loops over known words."""
    known = {g: [w for w in words if w in vectors] for g, words in groups.items()}
    known = {g: words for g, words in known.items() if len(words) > 1}
    rows = {w: vectors[w].tolist() for words in known.values() for w in words}
    shares = {}
    for g, words in known.items():
        scores = []
        for a, b in permutations(words, 2):
            for c in (w for other, ws in known.items() if other != g for w in ws):
                near, far = cosine(rows[a], rows[b]), cosine(rows[a], rows[c])
                scores.append(0.5 if abs(near - far) < 1e-9 else float(near > far))
        shares[g] = sum(scores) / len(scores)
    return shares


@pytest.mark.parametrize("seed", range(5))
def test_probe_equals_three_loops(seed):
    vectors = random_vectors([*NAMES, "else", "more"], seed=seed)
    groups = {**GROUPS, "unknown": ["x", "y"], "lonely": ["else", "z"], "b": ["b1", "q", "b2"]}
    shares = group_shares(vectors, groups)
    assert shares == pytest.approx(plain_probe(vectors, groups), abs=1e-12)
    assert [*shares] == ["a", "b", "c"]
    assert group_probe(vectors, groups) == pytest.approx(sum(shares.values()) / 3)


def test_tidy_vectors_win_every_triple_and_mixed_ones_none():
    tidy = {"a": [1.0, 0.0, 0.1], "b": [0.0, 1.0, 0.1], "c": [-1.0, 0.0, 0.1]}
    rows = [[x + 0.01 * i for x in tidy[word[0]]] for i, word in enumerate(NAMES)]
    assert group_probe(WordVectors(tuple(NAMES), torch.tensor(rows)), GROUPS) == 1
    crossed = WordVectors(("p", "q", "r", "s"), torch.tensor([[1.0, 0], [-1, 0], [1, 0], [-1, 0]]))
    assert group_probe(crossed, {"one": ["p", "q"], "two": ["r", "s"]}) == 0.25


def test_ties_count_one_half():
    same = WordVectors(tuple(NAMES), torch.full((9, 3), 0.3))
    assert group_probe(same, GROUPS) == 0.5
    assert group_probe(WordVectors(tuple(NAMES), torch.zeros(9, 3)), GROUPS) == 0.5


def test_every_group_weighs_the_same():
    # "a" wins all its triples; the many words of "c" lie opposite to each other and win few.
    words = ["a1", "a2", *(f"c{i}" for i in range(20))]
    rows = torch.zeros(22, 21)
    rows[:2, 0] = 1.0
    rows[torch.arange(2, 22), torch.arange(1, 21)] = 1.0
    groups = {"a": words[:2], "c": words[2:]}
    assert group_shares(WordVectors(tuple(words), rows), groups) == {"a": 1.0, "c": 0.5}
    assert group_probe(WordVectors(tuple(words), rows), groups) == 0.75


def test_the_length_of_vectors_and_the_order_of_words_do_not_matter():
    vectors = random_vectors(NAMES, seed=3)
    longer = WordVectors(vectors.words, vectors.vectors * torch.arange(1.0, 10)[:, None])
    backwards = WordVectors(vectors.words[::-1], vectors.vectors.flip(0))
    turned = {g: words[::-1] for g, words in reversed(GROUPS.items())}
    for other, groups in ((longer, GROUPS), (backwards, GROUPS), (vectors, turned)):
        assert group_probe(other, groups) == pytest.approx(group_probe(vectors, GROUPS))


@pytest.mark.parametrize("is_standin", [False, True])
def test_random_vectors_guess(is_standin):
    groups = load_groups(is_standin)
    words = [word for members in groups.values() for word in members]
    scores = [group_probe(random_vectors(words, 64, seed), groups) for seed in range(20)]
    assert abs(sum(scores) / 20 - 0.5) < 0.015
    assert max(scores) - min(scores) < 0.1


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        ({"a": ["a1", "a2"]}, ValueError, "1 of 1 groups have 2 or more words"),
        ({"a": ["a1", "a2"], "b": ["b1", "zz"]}, ValueError, "1 of 2 groups have 2 or more"),
        ({}, ValueError, "0 of 0 groups"),
        ({"a": ["a1", "a2"], "b": ["b1", "a1"]}, ValueError, "'a1' stands in groups 'a' and 'b'"),
        ({"a": ["a1", "a1"], "b": ["b1", "b2"]}, ValueError, "'a1' stands in groups 'a' and 'a'"),
        ({"a": "a1 a2", "b": ["b1", "b2"]}, TypeError, "must be a list of words, not the string"),
    ],
)
def test_groups_that_cannot_be_compared(groups, error, message):
    with pytest.raises(error, match=message):
        group_probe(random_vectors(NAMES), groups)


def test_shipped_groups_fit_their_text():
    for is_standin, least in ((False, 5), (True, 8)):
        groups = load_groups(is_standin)
        words = [word for members in groups.values() for word in members]
        assert 12 <= len(groups) <= 16
        assert len(words) == len(set(words))
        assert all(least <= len(members) <= 12 for members in groups.values())
    assert all(PLAY[word] >= 10 for members in load_groups(True).values() for word in members)


def test_readme_counts_groups_and_questions():
    readme = (DATA / "README.md").read_text(encoding="utf-8").replace("\n", " ").replace("  ", " ")
    for is_standin, text in ((False, "Shakespeare"), (True, "the play")):
        groups, questions = load_groups(is_standin), load_analogies(is_standin)
        n_words, n_questions = (sum(map(len, d.values())) for d in (groups, questions))
        assert f"{len(groups)} groups and {n_words} words for {text}" in readme.replace("  ", " ")
        assert f"{n_questions} " in readme[readme.index("There are") :][:60]


def test_groups_of_the_play_come_from_its_rules():
    rules = json.loads((DATA / "play" / "grammar.json").read_text(encoding="utf-8"))["rules"]
    homes = [
        {r for r, words in rules.items() if {*m} <= {*words}} for m in load_groups(True).values()
    ]
    assert sum(not home for home in homes) == 1  # "times" comes from two rules
    assert set(load_groups(True)["times"]) <= rules["time"].keys() | rules["season"].keys()


def test_shipped_words_occur_ten_times_in_the_real_text():
    corpus = load_shakespeare()
    if corpus.is_standin:
        pytest.skip("the real text is not here")
    counts = count_words(word_sentences(corpus.text))
    asked = [word for kind in load_analogies().values() for q in kind for word in q]
    asked += [word for members in load_groups(False).values() for word in members]
    assert min(counts.get(word, 0) for word in asked) >= 10


def test_shipped_analogies_ask_all_pairs_of_pairs():
    kinds = json.loads((DATA / "words" / "analogies.json").read_text(encoding="utf-8"))
    for is_standin, text in ((False, "shakespeare"), (True, "play")):
        questions = load_analogies(is_standin)
        for kind, pairs in kinds[text].items():
            assert len({word for pair in pairs for word in pair}) == 2 * len(pairs)
            assert len(set(questions[kind])) == len(pairs) * (len(pairs) - 1)
            assert all([*q[:2]] in pairs and [*q[2:]] in pairs for q in questions[kind])
    assert all(PLAY[w] >= 10 for q in load_analogies(True)["one and many"] for w in q)


GRID = [f"{side}{row}" for side in "ab" for row in range(1, 5)]


def test_scores_equal_asking_one_by_one():
    words = [f"w{i}" for i in range(40)]
    vectors, rng = random_vectors(words, 3, seed=1), random.Random(2)
    questions = [tuple(rng.sample([*words, "unknown"], 4)) for _ in range(400)]
    known = [q for q in questions if "unknown" not in q]
    score = analogy_accuracy(vectors, questions).by_kind["all"]
    assert (score.n_questions, score.n_answered) == (400, len(known))
    assert 0 < len(known) < 400
    assert score.n_right == sum(vectors.analogy(a, b, c, k=1)[0][0] == d for a, b, c, d in known)
    near = [[w for w, _ in vectors.nearest(c, 3) if w not in (a, b)][0] for a, b, c, _ in known]
    assert score.n_right_baseline == sum(w == q[3] for w, q in zip(near, known, strict=True))
    assert score.n_right_baseline > 0 < score.n_right
    assert score.accuracy == score.n_right / len(known)
    assert score.baseline == score.n_right_baseline / len(known)


def test_a_shared_direction_answers_every_question_and_the_neighbour_none():
    turn = math.pi / 8
    # All of one length: the sides differ by a large step, the rows by small ones.
    sides, places = {"a": -1.0, "b": 1.0}, [turn * int(word[1]) for word in GRID]
    rows = [[sides[w[0]], math.cos(p), math.sin(p)] for w, p in zip(GRID, places, strict=True)]
    vectors = WordVectors(tuple(GRID), torch.tensor(rows))
    pairs = [(f"a{i}", f"b{i}") for i in range(1, 5)]
    questions = [(*p, *q) for p, q in permutations(pairs, 2)]
    report = analogy_accuracy(vectors, {"far": questions, "none": [("a1", "b1", "a2", "x")]})
    assert (report.by_kind["far"].accuracy, report.by_kind["far"].baseline) == (1, 0)
    assert math.isnan(report.by_kind["none"].accuracy)
    assert math.isnan(report.by_kind["none"].baseline)
    assert (report.total.n_questions, report.total.n_answered, report.total.n_right) == (13, 12, 12)


def test_no_questions_at_all():
    report = analogy_accuracy(random_vectors(NAMES), {})
    assert (report.total.n_questions, report.by_kind) == (0, {})
    assert math.isnan(report.total.accuracy)


@pytest.mark.parametrize("question", [("a1", "a2", "b1"), ("a1", "a2", "b1", "a2"), "abcd"])
def test_a_question_has_four_words(question):
    with pytest.raises(ValueError, match="must be four words"):
        analogy_accuracy(random_vectors(NAMES), [question])
