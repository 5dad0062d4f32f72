"""Each measure of a written play is what its definition says, counted by hand or another way."""

import random
from difflib import SequenceMatcher

import pytest

from course_utils.corpora import generate_play
from course_utils.text import (
    NGramModel,
    Quality,
    compare_quality,
    judge,
    known_words,
    longest_copy,
    rhyme,
    speaker_names,
)

TRAINING = "ROMEO:\nO, that I were a glove!\nIt is the day.\n\nNurse:\nMarry, 'tis day; I know't.\n"
WORDS, NAMES = known_words(TRAINING), speaker_names(TRAINING)


def of(text, **options):
    return judge(text, WORDS, names=NAMES, **options)


def test_words():
    assert known_words("Know't! 'Twas o' the MAN'S; a-b c3d don’t") == {
        *("know't", "twas", "o", "the", "man's", "a", "b", "c", "d", "don’t")
    }
    assert known_words("안녕 세상, 안녕!") == {"안녕", "세상"}
    assert known_words("1 2 ' -") == frozenset()
    assert of("Day KNOW'T know\nromeo gloves.\n").known_words == 3 / 5


def test_speakers():
    text = (
        "ROMEO:\nDay.\nBut hear:\n\n\nFirst Nurse:\nDay.\n \nromeo:\nDay.\n\nWhat day is it?\n\n"
        "Nurse\nDay.\n\n" + "N" * 29 + ":\n\n" + "N" * 30 + ":\n\nNurse: \nDay.\n"
    )
    assert speaker_names(text) == {"ROMEO", "First Nurse", "N" * 29}
    assert of(text).speaker_format == 3 / 8
    assert of(text).known_speakers == 1 / 3
    assert judge(text, WORDS).known_speakers is None
    assert of("Day.\n\nWe.\n").known_speakers is None


def test_lines_are_those_that_are_spoken():
    text = "ROMEO:\n'Tis day\nwe\n\nNurse:\n\nA line:\n12 a\n--\n"
    # Spoken: 'Tis day (8), we (2), 12 a (4), -- (2); "A line:" has the format of a speaker line.
    assert of(text).line_length == (8 + 2 + 4 + 2) / 4
    assert of(text).capitals == 1 / 3
    assert of("ROMEO:\n--\n").capitals is None
    assert of("ROMEO:\n\nNurse:\n").line_length is None


@pytest.mark.parametrize(
    ("paragraph", "balances"),
    [
        ("(a [b] c)", True),
        ("(a\nb)", True),
        ("(a [b) c]", False),
        ("a) (b", False),
        ("((a)", False),
        ('"a (b)" c "d"', True),
        ('"a" b "c', False),
        ('"a (b" c)', False),
        ("“a “b” c”", True),
        ("”a“", False),
    ],
)
def test_brackets_and_double_quotes(paragraph, balances):
    assert of(f"{paragraph}\n").balanced == balances
    assert of(f"{paragraph}\n\nNo marks: 'tis\n\n()\n").balanced == (balances + 1) / 2


def test_single_quotes_are_no_marks():
    assert of("'Tis 'day', o' the\n").balanced is None


@pytest.mark.parametrize(
    ("word", "end"),
    [("day", "ay"), ("you", "ou"), ("yes", "es"), ("love", "ove"), ("the", "e"), ("free", "ee")]
    + [("table", "able"), ("night", "ight"), ("stay'd", "ay'd"), ("Duty", "y"), ("eye", "eye")]
    + [("brr", ""), ("", "")],
)
def test_rhyme(word, end):
    assert rhyme(word) == end


def test_rhymes_are_counted_between_neighbours_of_a_speech():
    text = "ROMEO:\nSo bright,\nThe night!\nO DAY\nthe day,\nmy way\n\nBright night.\nhm\nlight\n"
    # bright-night yes, night-day no, day-day no, day-way yes; not across the blank line, no "hm".
    assert of(text).rhymes == 2 / 4
    assert of("ROMEO:\nSo bright,\n\nThe night!\n").rhymes is None


def test_an_unfinished_last_line_is_left_out():
    assert of("ROMEO:\nIt is day.\n\nNur") == of("ROMEO:\nIt is day.\n")
    assert of("ROMEO:").speaker_format == 1
    assert of("day dax").known_words == 1 / 2


def test_nothing_to_count():
    nothing = Quality(*[None] * 8)
    assert of("") == nothing
    assert of("\n \n\n", training_text="") == nothing
    assert of("", training_text=TRAINING) == nothing


def by_another_way(a, b):
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size


@pytest.mark.parametrize("seed", range(20))
def test_longest_copy_agrees_with_difflib(seed):
    rng = random.Random(seed)
    training = "".join(rng.choices("ab c", k=600))
    start, size = rng.randrange(300), rng.randrange(80)
    text = "".join(rng.choices("ab c", k=60)) + training[start : start + size] + "ab" * 9
    run = longest_copy(text, training)
    assert len(run) == by_another_way(text, training)
    assert run in text
    assert run in training


@pytest.mark.parametrize("size", [1, 7, 8, 9, 23, 24, 25, 56, 57, 119, 120])
def test_longest_copy_of_every_length(size):
    training = "".join(map(chr, range(200, 600)))
    run = training[250 : 250 + size]
    assert longest_copy(f"x{run}y", training) == run
    assert longest_copy(run, training) == run
    assert longest_copy(f"x{training[-size:]}", training) == training[-size:]
    assert longest_copy(f"{training[:size]}x", training) == training[:size]


def test_longest_copy_of_nothing():
    assert longest_copy("abc", "xyz") == longest_copy("abc", "") == longest_copy("", "xyz") == ""
    assert of("xyz", training_text="abc").longest_copy == 0


def test_the_unfinished_line_counts_as_copied():
    assert of("Hm.\nIt is the d", training_text=TRAINING).longest_copy == 12


@pytest.fixture(scope="module")
def play():
    return generate_play(60_000, seed=2).text


def test_a_play_reaches_what_can_be_reached(play):
    quality = judge(play, known_words(play), names=speaker_names(play), training_text=play)
    assert quality.known_words == quality.speaker_format == quality.known_speakers == 1
    assert quality.capitals == 1
    assert quality.longest_copy == len(play)
    assert quality.balanced is None


def test_longer_contexts_write_better_plays(play):
    words, names = known_words(play), speaker_names(play)
    models = [NGramModel.fit(play, n) for n in (1, 3, 6)]
    texts = ["".join(model.sample(4000, random.Random(0))) for model in models]
    poor, fair, good = (judge(t, words, names=names, training_text=play) for t in texts)
    for measure in ("known_words", "speaker_format", "capitals", "longest_copy"):
        values = [getattr(quality, measure) for quality in (poor, fair, good)]
        assert values == sorted(set(values)), measure


def test_the_play_rhymes_and_its_shuffled_lines_do_not(play):
    lines = [line for line in play.split("\n") if line and not line.endswith(":")]
    random.Random(0).shuffle(lines)
    shuffled = judge("\n".join(lines), frozenset()).rhymes
    assert judge(play, frozenset()).rhymes > 5 * shuffled > 0


def test_a_table_of_several_texts():
    table = compare_quality({"copy": TRAINING, "other": "zz zz\nday\n", "empty": ""}, TRAINING)
    assert [row[0] for row in table] == [
        *("measure", "known words", "speaker format", "known speakers", "line length"),
        *("capitals", "balanced", "rhymes", "longest copy"),
    ]
    columns = [*zip(*table, strict=True)]
    assert columns[1] == ("copy", "100%", "100%", "100%", "21.0", "100%", "–", "0%", "81")
    assert columns[2] == ("other", "33%", "0%", "–", "4.0", "0%", "–", "–", "3")
    assert columns[3] == ("empty", *["–"] * 8)
