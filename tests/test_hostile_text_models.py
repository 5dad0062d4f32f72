"""Bad input to what counts and judges text: n-grams, the compressor, copies, a play's quality."""

from __future__ import annotations

import math
import random
from dataclasses import fields

import pytest
from hostile import Good, each, try_all

from course_utils import text
from course_utils.text.symbols import END, START

PLAY = 'ROMEO:\nThe day is "fine",\nand all is thine.\n\nJULIET:\nIt is (so).\n'
LETTERS = text.Vocabulary.from_text("abc")
WORDS = text.Vocabulary.from_tokens(["to", "be", "or"], specials=(START, END))
MODEL = text.NGramModel.fit("abababac", 3)
WORD_MODEL = text.NGramModel.fit([["to", "be"], ["or", "to", "be"]], 2, WORDS)


def is_distribution(model, context):
    total = sum(model.probability(context, token) for token in model.vocabulary.tokens)
    assert math.isclose(total, 1.0, rel_tol=1e-9)


def right_model(answer, given):
    assert answer.n == given["n"]
    for context in ((), answer.vocabulary.tokens[-1:], answer.vocabulary.tokens[:1] * 5):
        is_distribution(answer, context)


def right_fit(answer, given):
    right_model(answer, given)
    if isinstance(given["data"], str | list | tuple):
        assert answer.bits_per_token(given["data"]) >= 0


def right_probability(answer, given):
    assert 0 < answer <= 1
    is_distribution(MODEL, given["context"])


def right_bits(answer, given):
    assert 0 <= answer < 40


def right_sample(answer, given):
    assert len(answer) <= given["length"]
    assert set(answer) <= {"a", "b", "c"}


def right_xz(answer, given):
    assert 0 < answer < 1000


def right_copy(answer, given):
    assert answer in given["text"]
    assert answer in given["training_text"]
    if set(given["text"]) & set(given["training_text"]):
        assert answer


def right_features(answer, given):
    for name, values in answer.items():
        assert len(values) == len(given["text"])
        assert all(0 <= value <= given["cap"] for value in values), name


def right_known(answer, given):
    lower = given["training_text"].lower()
    assert all(word and word in lower for word in answer)


def right_speakers(answer, given):
    assert all(f"{name}:" in given["training_text"] for name in answer)


def right_rhyme(answer, given):
    assert given["word"].lower().endswith(answer)


def right_quality(answer, given):
    for field in fields(answer):
        value = getattr(answer, field.name)
        assert value is None or value >= 0
        if field.name not in ("line_length", "longest_copy"):
            assert value is None or value <= 1
    if given["training_text"]:
        assert answer.longest_copy is None or answer.longest_copy <= len(given["text"])


def right_table(answer, given):
    assert answer[0] == ["measure", *given["texts"]]
    assert all(len(row) == len(answer[0]) for row in answer)
    assert all(isinstance(cell, str) for row in answer for cell in row)


UNKNOWN = ("unknown symbol",)
SYMBOLS = {"data": UNKNOWN, "context": UNKNOWN, "token": UNKNOWN, "vocabulary": UNKNOWN}
GOODS = [
    Good(text.NGramModel, lambda: {"n": 2, "vocabulary": LETTERS, "smoothing": 0.5}, right_model),
    Good(text.NGramModel.fit, lambda: {"data": "abcab", "n": 2, "vocabulary": LETTERS,
                                       "smoothing": 0.5},
         right_fit, label="NGramModel.fit", names=SYMBOLS),
    Good(text.NGramModel.fit, lambda: {"data": [["to", "be"], ["or"]], "n": 2, "vocabulary": WORDS},
         right_fit, label="NGramModel.fit of words", names=SYMBOLS),
    Good(text.NGramModel.fit, lambda: {"data": ["ab", "ba"], "n": 2, "vocabulary": None},
         right_fit, label="NGramModel.fit without a vocabulary", names=SYMBOLS),
    Good(MODEL.probability, lambda: {"context": "ab", "token": "a"}, right_probability,
         label="NGramModel.probability"),
    Good(MODEL.bits_per_token, lambda: {"data": "abcab"}, right_bits,
         label="NGramModel.bits_per_token"),
    Good(WORD_MODEL.bits_per_token, lambda: {"data": [["to", "be"], ["or"]]}, right_bits,
         label="NGramModel.bits_per_token of words"),
    Good(MODEL.sample, lambda: {"length": 5, "rng": random.Random(0)}, right_sample,
         label="NGramModel.sample", long=("length",)),
    Good(text.xz_bits_per_char, lambda: {"training_text": "abc", "held_out_text": PLAY}, right_xz,
         cases=0.3),
    Good(text.xz_alone, lambda: {"text": PLAY}, right_xz, cases=0.3),
    Good(text.longest_copy, lambda: {"text": "we know not, sir", "training_text": PLAY},
         right_copy),
    Good(text.causal_features, lambda: {"text": PLAY, "cap": 60}, right_features, cases=0.5),
    Good(text.known_words, lambda: {"training_text": PLAY}, right_known),
    Good(text.speaker_names, lambda: {"training_text": PLAY}, right_speakers),
    Good(text.rhyme, lambda: {"word": "heart"}, right_rhyme),
    Good(
        text.judge,
        lambda: {"text": PLAY, "known_words": ["day", "is"], "names": ["ROMEO"],
                 "training_text": PLAY},
        right_quality,
    ),
    Good(text.compare_quality, lambda: {"texts": {"real": PLAY, "ours": "Ay."},
                                        "training_text": PLAY}, right_table),
]  # fmt: skip


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_chances_that_are_rounded_to_zero_still_have_bits():
    model = text.NGramModel.fit("a" * 3000 + "b", 100, LETTERS, smoothing=1e-300)
    assert 1000 < model.bits_per_token("a" * 99 + "c") * 100 < 1e6
    assert 0 <= model.probability("a" * 99, "c") < 1e-300


@pytest.mark.parametrize("length", [10**7 + 1, 2**63, 10**30])
def test_a_sample_that_no_memory_holds(length):
    with pytest.raises(ValueError, match="length must be a whole number.* at most 10000000"):
        MODEL.sample(length, random.Random(0))


def test_the_ends_are_the_models_own():
    with pytest.raises(ValueError, match="data must not hold '<S>' and '<E>'"):
        text.NGramModel.fit([["to", "be", END]], 2, WORDS)


@pytest.mark.parametrize("n", [101, 10**12])
def test_contexts_that_no_memory_holds(n):
    with pytest.raises(ValueError, match=f"n={n} must be at most 100"):
        text.NGramModel.fit("abc", n)
