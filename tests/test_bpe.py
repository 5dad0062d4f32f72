"""Byte-pair encoding: nothing is lost, and the merges are those of a slow count and of others."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from functools import cache
from itertools import pairwise
from re import findall

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from course_utils.corpora import generate_play
from course_utils.text import BytePairTokenizer, learn_bpe
from course_utils.text.bpe import WORDS

PLAY = generate_play(40_000, seed=3).text
TRAIN, HELD_OUT = PLAY[:30_000], PLAY[30_000:]
# All kinds of characters on which programs disagree: marks, digits, blanks, signs of many scripts.
WORLD = (
    "caf\u00e9 cafe\u0301 \ud55c\uad6d\uc5b4 \u0939\u093f\u0928\u094d\u0926\u0940 na\u00efve "
    "x\u00b2 \u00bd \u2167 \u0663\u0664 _a_b \u00a0\u3000\u2028\u0085\x1c\x1f\t\r\n\x0b\x0c\x00 "
    "\u201cquoted\u201d \u2014 don't, don\u2019t! \U0001f680\U0001f469\u200d\U0001f680 $1,000.00\n"
)
MIXED = TRAIN[:10_000] + WORLD * 20
SIGNS = st.sampled_from([*"ab aab'., \n\t\u00e9\ud55c\U0001f680", "  ", "the ", *WORLD])
TEXTS = st.one_of(st.text(), st.lists(SIGNS).map("".join))
EXAMPLES = settings(derandomize=True, database=None, max_examples=150, deadline=None)


@cache
def mixed(n_merges: int = 300) -> BytePairTokenizer:
    return learn_bpe(MIXED, n_merges)


def joined(tokens: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """Join a pair from left to right, place by place."""
    done, at = [], 0
    while at < len(tokens):
        found = tuple(tokens[at : at + 2]) == pair
        done.append(new if found else tokens[at])
        at += 2 if found else 1
    return done


def count_pairs(words: dict[str, list[int]], times: Counter[str]) -> Counter[tuple[int, int]]:
    counts: Counter[tuple[int, int]] = Counter()
    for word, tokens in words.items():
        for pair in pairwise(tokens):
            counts[pair] += times[word]
    return counts


def replay(text: str, merges: list[tuple[int, int]]) -> list[Counter[tuple[int, int]]]:
    """Return all pair counts before each merge, counted from nothing each time."""
    times = Counter(findall(WORDS, text))
    words, seen = {word: [*word.encode()] for word in times}, []
    for new, pair in enumerate(merges, start=256):
        seen.append(count_pairs(words, times))
        words = {word: joined(tokens, pair, new) for word, tokens in words.items()}
    return [*seen, count_pairs(words, times)]


def byte_names() -> list[str]:
    """Return the letter by which tokenizers of this kind write each byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def cutter() -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(Regex(WORDS), "isolated")
    spell = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence([split, spell])


@cache
def reference(bpe: BytePairTokenizer) -> Tokenizer:
    """Return the same merges as a tokenizer of the library `tokenizers`."""
    names = byte_names()
    for first, second in bpe.merges:
        names.append(names[first] + names[second])
    numbers = {name: number for number, name in enumerate(names)}
    assert len(numbers) == len(names)
    pairs = [(names[first], names[second]) for first, second in bpe.merges]
    made = Tokenizer(models.BPE(numbers, pairs))
    made.pre_tokenizer, made.decoder = cutter(), decoders.ByteLevel()
    return made


def test_the_words_are_the_text() -> None:
    words = findall(WORDS, " It's 9 o'clock, -- no!\n\nA  b\u00e9\n")
    assert words == [*" It|'|s| 9| o|'|clock|,| --| no|!|\n\n|A|  |b\u00e9|\n".split("|")]


@EXAMPLES
@given(TEXTS)
@example(WORLD)
def test_each_character_is_in_one_word_and_nothing_is_lost(text: str) -> None:
    assert "".join(findall(WORDS, text)) == text
    for bpe in (mixed(), BytePairTokenizer(())):
        tokens = bpe.encode(text)
        assert bpe.decode(tokens) == text
        assert b"".join(map(bpe.token, tokens)) == text.encode()
        assert len(bpe.pieces(text)) == len(tokens)


def test_words_are_cut_alike_for_every_character() -> None:
    others = [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]
    text = "".join(f"a{sign} " for sign in others[:0x3000] + others[0x3000::97])
    found = pre_tokenizers.Split(Regex(WORDS), "isolated").pre_tokenize_str(text)
    assert [word for word, _ in found] == findall(WORDS, text)


@EXAMPLES
@given(TEXTS)
@example(WORLD)
def test_encode_is_that_of_the_library(text: str) -> None:
    known = reference(mixed())
    tokens = mixed().encode(text)
    assert tokens == known.encode(text).ids
    assert known.decode(tokens) == text


def test_encode_is_that_of_the_library_on_a_play() -> None:
    bpe = learn_bpe(TRAIN, 200)
    tokens = bpe.encode(HELD_OUT)
    assert tokens == reference(bpe).encode(HELD_OUT).ids
    assert len(tokens) < len(HELD_OUT) / 1.8


@pytest.mark.parametrize(("text", "n_merges"), [(TRAIN[:6000], 120), (WORLD * 3, 90)])
def test_each_merge_is_the_most_frequent_pair_of_a_slow_count(text: str, n_merges: int) -> None:
    merges = learn_bpe(text, n_merges).merges
    assert len(merges) == n_merges
    for pair, counts in zip(merges, replay(text, merges), strict=False):
        most = max(counts.values())
        assert pair == min(p for p, n in counts.items() if n == most)


@EXAMPLES
@given(st.text(alphabet="ab \n\u00e9", max_size=60))
@example("aaaaaaa aaaa aa a")
@example("")
def test_merges_of_few_letters_end_when_all_words_are_tokens(text: str) -> None:
    bpe = learn_bpe(text, 200)
    seen = replay(text, bpe.merges)
    for pair, counts in zip(bpe.merges, seen, strict=False):
        most = max(counts.values())
        assert pair == min(p for p, n in counts.items() if n == most)
    assert not seen[-1]
    assert len(bpe.encode(text)) == len(findall(WORDS, text))


def merges_of_the_library(text: str, n_merges: int) -> list[tuple[bytes, bytes]]:
    """Learn merges with the library `tokenizers`, and return their two parts as bytes."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = cutter()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    sizes = {"vocab_size": 256 + n_merges, "initial_alphabet": alphabet, "show_progress": False}
    made.train_from_iterator([text], trainers.BpeTrainer(**sizes))
    names = byte_names()
    pairs = json.loads(made.to_str())["model"]["merges"]
    return [tuple(bytes(map(names.index, part)) for part in pair) for pair in pairs]


def test_the_trainer_of_the_library_finds_the_same_merges() -> None:
    """Their order may differ where several pairs occur equally often."""
    bpe = learn_bpe(TRAIN, 150)
    ours = [tuple(map(bpe.token, pair)) for pair in bpe.merges]
    theirs = merges_of_the_library(TRAIN, 150)
    assert len(theirs) == 150
    assert {*ours} == {*theirs}
    assert ours[:10] == theirs[:10]


def test_a_small_example_by_hand() -> None:
    bpe = learn_bpe("hug hugs pug pugs", 4)
    u, g, s, h, p, blank = b"ugshp "
    # u-g stands there 4 times. Then blank-p, h-ug, p-ug and ug-s, each twice: smallest numbers
    # first. With blank-p and h-ug joined, (blank-p)-ug is left twice, and ug-s only once.
    assert bpe.merges == ((u, g), (blank, p), (h, 256), (257, 256))
    assert bpe.encode("hugs") == [258, s]
    assert bpe.encode("ug") == [256]
    assert bpe.encode("") == []
    assert bpe.vocab_size == 260
    assert repr(bpe) == "BytePairTokenizer(4 merges)"


def test_a_merge_never_crosses_a_word() -> None:
    bpe = mixed()
    apart = [token for word in findall(WORDS, MIXED) for token in bpe.encode(word)]
    assert bpe.encode(MIXED) == apart
    assert learn_bpe("ab\nab\nab\n", 50).merges == ((97, 98),)


def test_pieces_are_for_reading() -> None:
    bpe = learn_bpe("to be or not to be", 3)
    assert "".join(bpe.pieces("not to be")) == "not to be"
    assert bpe.pieces("\u00e9")[0] == "\\xc3"
    assert bpe.pieces("") == []


def test_broken_bytes_become_the_replacement_character() -> None:
    rocket = mixed(0).encode("a\U0001f680b")
    assert len(rocket) == 6
    for cut in (2, 3, 4):
        assert mixed(0).decode(rocket[:cut]) == "a\ufffd"
    assert mixed(0).decode([0xFF, 98]) == "\ufffdb"


def test_numbers_may_come_as_a_tensor_or_an_array() -> None:
    tokens = mixed().encode("To be")
    assert mixed().decode(torch.tensor(tokens)) == "To be"
    assert mixed().decode(np.array(tokens, dtype=np.int32)) == "To be"
    assert mixed().decode(iter(tokens)) == "To be"
    assert BytePairTokenizer(np.array([[97, 98]])).encode("abc") == [256, 99]


def test_equal_merges_are_equal_tokenizers() -> None:
    twice = [BytePairTokenizer(merges) for merges in ([[97, 98]], ((97, 98),))]
    assert twice[0] == twice[1]
    assert len({*twice}) == 1
    assert twice[0] != BytePairTokenizer(())
    assert pickle.loads(pickle.dumps(mixed())).encode(WORLD) == mixed().encode(WORLD)
