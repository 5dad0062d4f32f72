"""The generated world: analogies that its grammar makes true, and a text that says what it is."""

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from course_utils.corpora import generate_play, generate_world, play, world, world_analogies
from course_utils.text import count_words, word_sentences

pytestmark = pytest.mark.offline

DATA = Path(__file__).parents[1] / "data"
GRAMMAR = json.loads((DATA / "world" / "grammar.json").read_text(encoding="utf-8"))
NAME = re.compile(r"<([^<>]+)>")
FEATURES = {
    word: features for words in GRAMMAR["words"].values() for word, features in words.items()
}
# The kind, the variable, and the feature in which its pairs differ: from, to.
KINDS = {
    "man and woman": ("person", "gender", "male", "female"),
    "grown and young": ("person", "age", "grown", "young"),
    "plain and royal": ("person", "circle", "plain", "royal"),
    "animal and its young": ("animal", "age", "adult", "newborn"),
    "country and capital": ("place", "kind", "country", "capital"),
    "present and past": ("deed", "tense", "present", "past"),
    "positive and comparative": ("measure", "degree", "positive", "comparative"),
}


def sentences_about(word, feature=None):
    """Return all sentences about a word, by a reading of the grammar of its own.

    With a feature, only those that come through the rule of that feature.
    """
    variable = next(v for v, words in GRAMMAR["words"].items() if word in words)
    top = next(rule for rule, drawn in GRAMMAR["draws"].items() if drawn == variable)

    def texts(template):
        match = NAME.search(template)
        if not match:
            return {template}
        return {
            f"{template[: match.start()]}{inside}{rest}"
            for inside in alternatives(match[1])
            for rest in texts(template[match.end() :])
        }

    def alternatives(name):
        stem, dot, _ = name.partition(".")
        if stem == "word":
            return {word}
        if not dot:
            return set().union(*map(texts, GRAMMAR["rules"][stem]))
        value = FEATURES[word][stem]
        return alternatives(value) if isinstance(value, str) else set(value)

    return alternatives(f"{feature}." if feature else top)


ALL = {word: sentences_about(word) for word in FEATURES}


def blanked(sentences, word):
    return {re.sub(rf"\b{word}\b", "_", sentence) for sentence in sentences}


@pytest.mark.parametrize("kind", KINDS)
def test_pairs_differ_in_the_feature_of_their_kind_only(kind):
    variable, name, first, second = KINDS[kind]
    for a, b in GRAMMAR["analogies"][kind]:
        assert {a, b} <= GRAMMAR["words"][variable].keys()
        assert (FEATURES[a][name], FEATURES[b][name]) == (first, second)
        others = [k for k, value in FEATURES[a].items() if k != name and isinstance(value, str)]
        assert all(FEATURES[a][k] == FEATURES[b][k] for k in others)


def test_every_pair_that_differs_in_one_feature_is_asked():
    for kind, (variable, *_) in KINDS.items():
        pairs = GRAMMAR["analogies"][kind]
        assert len({word for pair in pairs for word in pair}) == 2 * len(pairs)
        if variable != "person":
            assert {word for pair in pairs for word in pair} == GRAMMAR["words"][variable].keys()
    assert KINDS.keys() == GRAMMAR["analogies"].keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_feature_shows_in_the_words_around(kind):
    _, name, _, _ = KINDS[kind]
    pairs = GRAMMAR["analogies"][kind]
    around = [[blanked(sentences_about(word, name), word) for word in pair] for pair in pairs]
    # The same sentences for every first word, others for every second word: a true analogy.
    for (a_1, b_1), (a_2, b_2) in pairwise(around):
        assert a_1 == a_2
        assert b_1 == b_2
        assert not a_1 & b_1
        assert len(a_1) >= 4


@pytest.mark.parametrize("word", FEATURES)
def test_a_word_has_sentences_of_its_own(word):
    variable = next(v for v, words in GRAMMAR["words"].items() if word in words)
    for other in GRAMMAR["words"][variable].keys() - {word}:
        assert blanked(ALL[word], word) - blanked(ALL[other], other)


def test_python_and_ruby_share_their_sentences_and_word_does_not():
    python, ruby, word = (blanked(ALL[name], name) for name in ("python", "ruby", "word"))
    assert len(python & ruby) > len(python) / 2
    assert not python & word
    assert FEATURES["word"]["topic"] == FEATURES["sentence"]["topic"] == "language"


def test_sentences_have_5_to_9_words():
    lengths = {len(words) for s in ALL.values() for text in s for words in word_sentences(text)}
    assert lengths == {5, 6, 7, 8, 9}


def test_no_word_of_a_question_occurs_in_a_sentence_about_another():
    for word, sentences in ALL.items():
        for sentence in sentences:
            assert {*word_sentences(sentence)[0]} & {w.lower() for w in FEATURES} == {word.lower()}


def test_the_text_is_made_of_these_sentences_in_the_right_shares():
    drawn = generate_world(20_000, seed=1).text.split("\n\n")
    known = {f"{s[0].upper()}{s[1:]}.": word for word, found in ALL.items() for s in found}
    assert set(drawn) <= known.keys()
    assert len(set(drawn)) > 0.8 * len(known)
    counts = Counter(known[sentence] for sentence in drawn)
    total = sum(GRAMMAR["rules"]["sentence"].values())
    for rule, variable in GRAMMAR["draws"].items():
        share = GRAMMAR["rules"]["sentence"][f"<{rule}>"] / total
        expected = 20_000 * share / len(GRAMMAR["words"][variable])
        for word in GRAMMAR["words"][variable]:
            assert abs(counts[word] - expected) < 5 * expected**0.5


def test_every_word_of_a_question_is_frequent():
    counts = count_words(word_sentences(generate_world(20_000, seed=2).text))
    asked = {w for questions in world_analogies().values() for q in questions for w in q}
    assert min(counts[word] for word in asked | {"python", "ruby", "word"}) > 100


def test_every_rule_is_used():
    used = {name.partition(".")[0] for rule in GRAMMAR["rules"].values() for t in rule for name in
            NAME.findall(t)}  # fmt: skip
    named = {v for features in FEATURES.values() for v in features.values() if isinstance(v, str)}
    assert GRAMMAR["rules"].keys() <= used | named | {GRAMMAR["start"]}


def test_nothing_is_written_twice_and_the_readme_counts_the_questions():
    def check(pairs):
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    path = DATA / "world" / "grammar.json"
    assert json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=check) == GRAMMAR
    n_questions = sum(map(len, world_analogies().values()))
    assert f"asks the {n_questions} questions" in (DATA / "README.md").read_text(encoding="utf-8")


def test_questions_are_all_pairs_of_pairs_in_lower_case():
    questions = world_analogies()
    assert {kind: len(asked) for kind, asked in questions.items()} == {
        kind: len(pairs) * (len(pairs) - 1) for kind, pairs in GRAMMAR["analogies"].items()
    }
    assert ("france", "paris", "italy", "rome") in questions["country and capital"]
    assert ("man", "woman", "king", "queen") in questions["man and woman"]
    assert all(
        len({*q}) == 4 and "".join(q).islower() for asked in questions.values() for q in asked
    )


def test_it_says_that_it_is_generated():
    corpus = generate_world(10, seed=5)
    assert corpus.is_standin
    assert corpus.source.startswith("generated world, seed 5")
    assert corpus.bits_per_char is None


def test_same_seed_same_text_and_a_longer_text_begins_with_a_shorter_one():
    assert generate_world(200, seed=7) == generate_world(200, seed=7)
    assert generate_world(200, seed=7).text != generate_world(200, seed=8).text
    assert generate_world(200, seed=7).text.startswith(generate_world(60, seed=7).text)
    assert generate_world(3).text == generate_world(3, seed=0).text


def test_text_of_seed_0_stays_the_same():
    assert generate_world(2).text == FIRST


FIRST = "It became even darker than before.\n\nThe map shows Japan with its borders."


def test_the_engine_of_the_play_is_shared():
    assert world.Grammar is play.Grammar
    assert generate_play(43).text.startswith("Fool Pip:")  # and undisturbed


@pytest.mark.parametrize("n_sentences", [0, -3])
def test_bad_number(n_sentences):
    with pytest.raises(ValueError, match=f"n_sentences={n_sentences} must be at least 1"):
        generate_world(n_sentences)


@pytest.mark.parametrize(("n_sentences", "seed"), [(2.5, 0), ("9", 0), (9, None)])
def test_bad_types(n_sentences, seed):
    with pytest.raises(TypeError, match="must be a whole number"):
        generate_world(n_sentences, seed=seed)
