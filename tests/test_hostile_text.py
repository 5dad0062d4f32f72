"""Bad input to what turns text into numbers: normalising, vocabularies, tokenizers, words."""

from __future__ import annotations

import string
import unicodedata

import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_records import is_read
from hostile_values import SIGNS
from test_hostile_text_models import GOODS as MODELS

from course_utils import text
from course_utils.text.symbols import END, START

WORDS = ["the", "cat", "sat", "the"]
LETTERS = text.Vocabulary.from_text("to be or not to be 🙂")
ENDS = text.Vocabulary.from_text("abc", specials=(START, END))
BPE = text.learn_bpe("hug hugs pug pugs hugging 🙂🙂", 8)
SENTENCES = [["a", "rose", "is"], ["a", "rose"]]


def right_normalise(answer, given):
    assert set(answer) <= set(string.ascii_letters + " .,;'-")
    assert text.normalise(answer) == answer


def right_vocabulary(answer, given):
    wanted = given.get("text", given.get("tokens"))
    if not is_read(wanted) and not is_read(given.get("specials")):
        assert set(answer.tokens) == set(wanted) | set(given.get("specials", ()))
    assert answer.decode(answer.encode(list(answer.tokens))) == list(answer.tokens)


def right_tokens(answer, given):
    right_vocabulary(answer, given)
    assert [answer.index[token] for token in answer.tokens] == list(range(len(answer)))


def right_encode(answer, given):
    sequence = given["sequence"]
    if given["add_ends"]:
        assert ENDS.decode(answer) == [START, *sequence, END]
    elif isinstance(sequence, str | list | tuple):
        assert ENDS.decode(answer) == [*sequence]


def right_decode(answer, given):
    if not is_read(given["indices"]):
        assert LETTERS.encode(answer) == [int(i) for i in given["indices"]]


def right_one_hot(answer, given):
    assert answer.shape[1] == given["size"]
    if is_read(given["indices"]):
        return
    indices = [int(i) for i in given["indices"]]
    assert len(answer) == len(indices)
    assert answer.dtype == torch.float32
    if indices:
        assert answer.argmax(1).tolist() == indices
        assert torch.equal(answer.sum(1), torch.ones(len(indices)))


def right_ngrams(answer, given):
    tokens, n = given["tokens"], given["n"]
    if isinstance(tokens, str):
        assert answer == [tokens[i : i + n] for i in range(len(tokens) - n + 1)]
    assert all(len(run) == n for run in answer)


def right_sentences(answer, given):
    whole = unicodedata.normalize("NFC", unicodedata.normalize("NFC", given["text"]).lower())
    whole = whole.replace("’", "'")
    for sentence in answer:
        assert sentence
        assert all(word and not word.isspace() and word in whole for word in sentence)


def right_counts(answer, given):
    assert all(count >= given["min_count"] for count in answer.values())
    assert list(answer.values()) == sorted(answer.values(), reverse=True)


def right_bpe(answer, given):
    assert answer.vocab_size == 256 + len(answer.merges)
    for sample in (given.get("text", "hug"), "hugs 🙂 ß", ""):
        assert answer.decode(answer.encode(sample)) == sample
    assert len(answer.merges) <= given.get("n_merges", len(answer.merges))


def right_tokens_of_a_text(answer, given):
    assert BPE.decode(answer) == given["text"]


def right_pieces(answer, given):
    assert "".join(BPE.token(number).decode("utf-8", "backslashreplace") for number in
                   BPE.encode(given["text"])) == "".join(answer)  # fmt: skip


def right_bytes(answer, given):
    assert answer == BPE._tokens[given["number"]]


def right_string(answer, given):
    if is_read(given["numbers"]):
        return
    joined = b"".join(BPE.token(int(number)) for number in given["numbers"])
    assert answer == joined.decode("utf-8", errors="replace")


GOODS = [
    Good(text.normalise, lambda: {"name": "Łukasz O’Neill"}, right_normalise),
    Good(text.Vocabulary, lambda: {"tokens": ("a", "b", "ß")}, right_tokens),
    Good(text.Vocabulary.from_tokens, lambda: {"tokens": WORDS, "specials": (START, END)},
         right_vocabulary, label="Vocabulary.from_tokens"),
    Good(text.Vocabulary.from_text, lambda: {"text": "hello", "specials": (START,)},
         right_vocabulary, label="Vocabulary.from_text"),
    Good(ENDS.encode, lambda: {"sequence": "abcab", "add_ends": True}, right_encode,
         label="Vocabulary.encode", names={"sequence": ("unknown symbol",)}),
    Good(ENDS.encode, lambda: {"sequence": ["a", "b", "c"], "add_ends": False}, right_encode,
         label="Vocabulary.encode of a list", names={"sequence": ("unknown symbol",)}),
    Good(LETTERS.decode, lambda: {"indices": [0, 1, 2]}, right_decode,
         label="Vocabulary.decode", names={"indices": ("index",)}),
    Good(LETTERS.decode, lambda: {"indices": torch.tensor([0, 1, 2])}, right_decode,
         label="Vocabulary.decode of a tensor", names={"indices": ("index",)}),
    Good(text.one_hot, lambda: {"indices": [1, 0, 2], "size": 4}, right_one_hot,
         names={"indices": ("index",), "size": ("index",)}),
    Good(text.ngrams, lambda: {"tokens": "hello", "n": 2}, right_ngrams),
    Good(text.ngrams, lambda: {"tokens": WORDS, "n": 2}, right_ngrams, label="ngrams of words"),
    Good(text.word_sentences, lambda: {"text": "ROMEO:\n'Tis the King’s horse.\n\n* *\n\nAy."},
         right_sentences),
    Good(text.count_words, lambda: {"sentences": SENTENCES, "min_count": 2}, right_counts),
    Good(text.learn_bpe, lambda: {"text": "hug hugs pug pugs", "n_merges": 3}, right_bpe),
    Good(text.BytePairTokenizer, lambda: {"merges": [(104, 117), (256, 103)]}, right_bpe,
         names={"merges": ("merge",)}),
    Good(BPE.encode, lambda: {"text": "hug hum"}, right_tokens_of_a_text,
         label="BytePairTokenizer.encode"),
    Good(BPE.pieces, lambda: {"text": "hug hum"}, right_pieces, label="BytePairTokenizer.pieces"),
    Good(BPE.token, lambda: {"number": 256}, right_bytes, label="BytePairTokenizer.token",
         names={"number": ("token",)}),
    Good(BPE.decode, lambda: {"numbers": [104, 256]}, right_string,
         label="BytePairTokenizer.decode", names={"numbers": ("token",)}),
    Good(BPE.decode, lambda: {"numbers": torch.tensor([104, 256])}, right_string,
         label="BytePairTokenizer.decode of a tensor", names={"numbers": ("token",)}),
]  # fmt: skip
EXEMPT = {"Quality": "a plain record, what judge returns"}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.text", [*GOODS, *MODELS], EXEMPT)


SAYS_WHAT_TO_DO = [
    ("é", "Write 'e' for it, as text.normalise does"),
    ("T", "Write 't' for it"),
    ("🤖", "Take it out, or build the vocabulary"),
    ("ж", "Take it out, or build the vocabulary"),
    ("\ud800", "Take it out, or build the vocabulary"),
    ("x", "the vocabulary knows: ' ' 'b' 'e'"),
]


@pytest.mark.parametrize(("letter", "advice"), SAYS_WHAT_TO_DO)
def test_a_letter_outside_the_vocabulary(letter, advice):
    with pytest.raises(ValueError, match="unknown symbol .* at position 2; the vocab") as caught:
        LETTERS.encode("to" + letter)
    assert advice in str(caught.value)


def test_every_plane_of_unicode_comes_back(record_property):
    whole = "".join(SIGNS)
    vocabulary = text.Vocabulary.from_text(whole)
    assert "".join(vocabulary.decode(vocabulary.encode(whole))) == whole
    in_files = "".join(sign for sign in SIGNS if not "\ud800" <= sign <= "\udfff")
    assert BPE.decode(BPE.encode(in_files)) == in_files
    record_property("cases", 2 * len(SIGNS))


def test_what_no_memory_holds_is_refused():
    with pytest.raises(ValueError, match="size=1000000000000 makes rows"):
        text.one_hot([1], 10**12)
    with pytest.raises(ValueError, match="n=50000 makes 50,001 runs"):
        text.ngrams("a" * 100_000, 50_000)
    doubled = [(97, 97), *((256 + i, 256 + i) for i in range(60))]
    with pytest.raises(ValueError, match="merges must be at most"):
        text.BytePairTokenizer(doubled)
