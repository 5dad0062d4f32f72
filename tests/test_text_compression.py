"""A compressor's bits per character: below what it knows nothing about, above the true entropy."""

import lzma
import random

import pytest

from course_utils.corpora import generate_play, play_entropy
from course_utils.text import compression, xz_alone, xz_bits_per_char

PLAY = generate_play(120_000, seed=1).text
TRAINING, HELD_OUT = PLAY[:100_000], PLAY[100_000:]


def test_between_the_entropy_and_the_text_alone():
    bits, alone = xz_bits_per_char(TRAINING, HELD_OUT), xz_alone(HELD_OUT)
    assert play_entropy() < bits < 0.9 * alone
    assert alone < 8


def test_random_letters_cannot_be_compressed():
    rng = random.Random(0)
    text, other = ("".join(rng.choices("abcdefghijklmnop", k=20_000)) for _ in range(2))
    # 16 equally likely letters: 4 bits each, and knowing other ones does not help.
    for bits in (xz_alone(text), xz_bits_per_char(other, text)):
        assert 4 <= bits < 4.3


def test_alone_is_the_usual_file_without_its_frame():
    usual = 8 * len(lzma.compress(HELD_OUT.encode(), preset=9 | lzma.PRESET_EXTREME))
    assert 0 < usual - xz_alone(HELD_OUT) * len(HELD_OUT) <= 8 * 100


def test_the_dictionary_reaches_back_over_the_whole_text(monkeypatch):
    rng = random.Random(0)
    first = "".join(rng.choices("abcdefghijklmnop", k=3000))
    between = "".join(rng.choices("abcdefghijklmnop", k=40_000))
    assert xz_bits_per_char(first + between, first) < 0.2
    monkeypatch.setattr(compression, "LARGEST_DICTIONARY", 2**14)
    assert xz_bits_per_char(first + between, first) > 4


def test_bits_are_those_of_characters_not_bytes():
    rng = random.Random(0)
    latin = "".join(rng.choices("abcdefghijklmnop", k=5000))
    korean = latin.translate({ord("a") + i: chr(ord("가") + i) for i in range(16)})
    assert len(korean.encode()) == 3 * len(latin)
    assert 4 < xz_alone(korean) < 9


def test_an_empty_text():
    with pytest.raises(ValueError, match="held_out_text is empty"):
        xz_bits_per_char("abc", "")
    with pytest.raises(ValueError, match="is empty"):
        xz_alone("")
    assert xz_alone("a") > 0
