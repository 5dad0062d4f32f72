"""Words and sentences of a text: any script, apostrophes, and counts."""

import re
from collections import Counter

import pytest

from course_utils.corpora import generate_play, generate_world, load_shakespeare
from course_utils.text import count_words, known_words, word_sentences

pytestmark = pytest.mark.offline


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("KING's o'er know't I'll", ["king's", "o'er", "know't", "i'll"]),
        ("'Tis th' 'Hark!' ''quoted'' rock'n'roll", ["tis", "th", "hark", "quoted", "rock'n'roll"]),
        ("the king’s ‘tis’ o’er", ["the", "king's", "tis", "o'er"]),
        ("don''t a'-b '' ' x'", ["don", "t", "a", "b", "x"]),
        ("well-known half_time 3rd x² Ⅷ 9", ["well", "known", "half", "time", "rd", "x"]),
        ("First Citizen:\nSpeak, speak.", ["first", "citizen", "speak", "speak"]),
        ("Cafe\u0301 CAFÉ café", ["café"] * 3),
        ("Ночь, ΟΔΟΣ, 日本語 한국어", ["ночь", "οδος", "日本語", "한국어"]),
        ("हिन्दी में தமிழ்", ["हिन्दी", "में", "தமிழ்"]),
        ("I ❤\ufe0f you 1\ufe0f\u20e3 \u0301 end", ["i", "you", "end"]),
        ("a'\u0301b", ["a", "b"]),
        ("tab\tand\u00a0space\u2028line\x0bturn", ["tab", "and", "space", "line", "turn"]),
    ],
)
def test_words_of_one_sentence(text, words):
    if "Ο" in text:  # Python writes the last sigma of a word as ς
        words = [word.replace("οδος", "οδο\u03c2") for word in words]
    assert word_sentences(text) == [words]


def test_letters_typed_in_two_forms_are_one_word():
    composed, parts = "Zo\u00eb \u1e9b\u0323", "Zoe\u0308 \u1e9b\u0323"
    assert word_sentences(composed) == word_sentences(parts)


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "...\n\n-- 1984 --\n\n''"])
def test_a_text_without_words_has_no_sentence(text):
    assert word_sentences(text) == []
    assert count_words(word_sentences(text)) == {}


@pytest.mark.parametrize("gap", ["\n\n", "\n \t\n", "\r\n\r\n", "\n\n\n\n", "\n***\n\n"])
def test_blank_lines_end_a_sentence(gap):
    assert word_sentences(f"\n\nOne,\ntwo{gap}three.\n") == [["one", "two"], ["three"]]


def test_a_line_of_signs_is_no_blank_line_in_the_middle_of_a_speech():
    # What stands in the text decides, not what is left of it: "***" is a line.
    assert word_sentences("one\n***\ntwo") == [["one", "two"]]


def test_one_word_for_each_known_word_of_the_text():
    text = load_shakespeare().text
    words = [word for sentence in word_sentences(text) for word in sentence]
    assert set(words) == known_words(text)
    assert len(words) == len(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text))
    assert len(word_sentences(text)) == len([p for p in text.split("\n\n") if p.strip()])


@pytest.mark.parametrize("text", [b"bytes", None, ["a", "list"]])
def test_only_a_string_is_a_text(text):
    with pytest.raises(TypeError, match="text must be a string, not"):
        word_sentences(text)


def test_counts_equal_a_counter_and_stand_in_order():
    sentences = word_sentences(generate_play(50_000, seed=2).text)
    counts = count_words(sentences)
    assert counts == Counter(word for sentence in sentences for word in sentence)
    items = [*counts.items()]
    assert items == sorted(items, key=lambda item: (-item[1], item[0]))
    for min_count in (2, 17, 10**6):
        kept = count_words(sentences, min_count=min_count)
        assert [*kept.items()] == [(w, n) for w, n in items if n >= min_count]


def test_ties_stand_in_alphabetical_order():
    assert [*count_words([["pear", "fig"], ["apple", "fig", "pear"]])] == ["fig", "pear", "apple"]


def test_counting_takes_any_iterable_once():
    assert count_words(iter([("a", "b"), ("a",)])) == {"a": 2, "b": 1}


@pytest.mark.parametrize("min_count", [0, -1])
def test_a_bad_min_count(min_count):
    with pytest.raises(ValueError, match=f"min_count={min_count} must be at least 1"):
        count_words([], min_count=min_count)


@pytest.mark.parametrize("sentences", ["a text", ["one sentence", "two"], [["a"], "b"]])
def test_a_string_is_no_list_of_words(sentences):
    with pytest.raises(TypeError, match="word_sentences cuts a text"):
        count_words(sentences)


def test_the_sentences_of_the_world_come_back():
    text = generate_world(300, seed=4).text
    plain = [re.sub(r"[.,]", "", line).replace("-", " ").lower() for line in text.split("\n\n")]
    assert [" ".join(words) for words in word_sentences(text)] == plain
