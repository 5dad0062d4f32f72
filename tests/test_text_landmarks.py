"""Features say what they say, and none of them knows what follows."""

import random
import re

import pytest

from course_utils.corpora import generate_play
from course_utils.text import causal_features

PLAY = generate_play(3000, seed=4).text
ODD = "\n\nA: \"B, c\n \nD's e'\" f:\n“g” H'\n\n\n  i: “j\n\nk"
SMALL = "Ay:\nO, no\nI'd\n\nB c\n"


@pytest.mark.parametrize("text", [PLAY, ODD], ids=["play", "odd"])
def test_features_depend_on_the_past_only(text):
    whole = causal_features(text)
    rng = random.Random(0)
    for t in range(len(text) if text is ODD else 400):
        future = "".join(rng.choices("aZ:,'\"” \n", k=3))
        part = causal_features(text[: t + 1] + future)
        for name, values in whole.items():
            assert (
                part[name][: t + 1] == values[: t + 1] if name in part else not any(values[: t + 1])
            )


WANTED = {
    # "Ay:\n" "O, no\n" "I'd\n" "\n" "B c\n"
    "line_position": "0123 012345 0123 0 0123",
    "speech_line": "0000 111111 2222 0 0000",
    "after_blank_line": "1110 000000 0000 0 1111",
    "in_word": "1100 100110 1110 0 1010",
    "word_position": "1200 100120 1230 0 1010",
    "first_letter": "1000 100000 1000 0 1000",
    "upper_case": "1000 100000 1000 0 1000",
    "vowel": "1000 100010 1000 0 0000",
    "blank": "0000 001000 0000 0 0100",
    "comma": "0000 010000 0000 0 0000",
}


def test_a_small_play_by_hand():
    features = causal_features(SMALL)
    assert {
        name: [float(digit) for digit in digits.replace(" ", "")] for name, digits in WANTED.items()
    } == features


def test_quotes():
    features = causal_features('"a" b “c”\n“d\n\ne "f')
    assert "".join(str(int(v)) for v in features["in_quotes"]) == "110000110011100011"
    assert "in_quotes" not in causal_features("'a' (b)")


def test_a_play_by_regular_expressions():
    features = causal_features(PLAY)
    speakers = {t for m in re.finditer(r"(?:^|\n\n)([^\n:]+:)", PLAY) for t in range(*m.span(1))}
    assert {t for t, v in enumerate(features["after_blank_line"]) if v} == speakers
    assert all(PLAY[t].isupper() for t, v in enumerate(features["first_letter"]) if v)
    assert sum(features["first_letter"]) == len(re.findall(r"^.", PLAY, re.MULTILINE))
    starts = {t for t, v in enumerate(features["line_position"]) if v == 0}
    assert starts == {m.start() for m in re.finditer(r"^", PLAY, re.MULTILINE)} - {len(PLAY)}
    letters = {t for m in re.finditer(r"[^\W\d_]", PLAY) for t in [m.start()]}
    assert {t for t, v in enumerate(features["in_word"]) if v} >= letters
    assert max(features["speech_line"]) == max(s.strip().count("\n") for s in PLAY.split("\n\n"))


def test_a_blank_line_may_hold_white_space():
    features = causal_features("A:\nb\n  \t\nC")
    assert features["after_blank_line"][-1] == 1
    assert features["speech_line"][-2:] == [0, 0]


def test_positions_are_capped():
    text = "A:\n" + "x" * 100 + "\n" * 3 + "\n".join("B" * 20)
    for cap in (1, 5, 60):
        features = causal_features(text, cap=cap)
        for name in ("line_position", "word_position", "speech_line"):
            assert max(features[name]) == min(cap, {"speech_line": 19}.get(name, 100))
    with pytest.raises(ValueError, match="cap must be at least 1, got 0"):
        causal_features("a", cap=0)


def test_lengths_and_types():
    for text in ("", "a", "\n", "İstanbul é 안녕:\n'"):
        for values in causal_features(text).values():
            assert len(values) == len(text)
            assert all(isinstance(value, float) for value in values)
    assert sum(causal_features("안녕 é")["in_word"]) == 3
