"""Real series from statsmodels, and the generated task of word order."""

from collections import Counter

import pandas as pd
import pytest

from course_utils.corpora import COUNTRIES, born_in, load_series, who_bites

pytestmark = pytest.mark.offline  # these also hold with no network and no mirror


@pytest.mark.parametrize(
    ("name", "length", "first", "last", "freq", "start"),
    [
        ("sunspots", 309, 5.0, 2.9, "YS-JAN", "1700-01-01"),
        ("co2", 526, 316.1, 371.02, "MS", "1958-03-01"),
        ("nile", 100, 1120.0, 740.0, "YS-JAN", "1871-01-01"),
        ("elnino", 732, 23.11, 22.07, "MS", "1950-01-01"),
    ],
)
def test_series(name, length, first, last, freq, start, capfd):
    series = load_series(name)  # a warning of statsmodels is an error here, as in all tests
    assert (series.name, series.index.name, len(series)) == (name, "date", length)
    assert series.dtype == "float64"
    assert not series.isna().any()
    assert series.iloc[0] == pytest.approx(first)
    assert series.iloc[-1] == pytest.approx(last)
    assert isinstance(series.index, pd.DatetimeIndex)
    assert series.index.freqstr == freq
    assert series.index[0] == pd.Timestamp(start)
    assert series.attrs["unit"]
    assert "statsmodels" in series.attrs["source"]
    assert capfd.readouterr() == ("", "")


def test_values_stand_at_their_dates():
    assert load_series("elnino")["1951-12-01"] == 22.89
    assert load_series("sunspots")["2007-01-01"] == 7.5


def test_gaps_of_co2_lie_on_a_straight_line():
    co2 = load_series("co2")
    before, gap, after = co2["1958-05-01"], co2["1958-06-01"], co2["1958-07-01"]
    assert gap == pytest.approx((before + after) / 2)


@pytest.mark.parametrize("name", ["Nile", "", "weather"])
def test_unknown_series(name):
    with pytest.raises(ValueError, match="choose one of .*sunspots.*co2.*nile.*elnino"):
        load_series(name)


@pytest.mark.parametrize(("distance", "length"), [(1, 24), (23, 24), (7, 24), (1, 2)])
def test_who_bites(distance, length):
    sentences, labels = who_bites(200, distance=distance, length=length, seed=1)
    assert len(sentences) == len(labels) == 200
    assert sum(labels) == 100
    for words, label in zip(sentences, labels, strict=True):
        assert len(words) == length
        assert words.count("dog") == words.count("man") == 1
        assert words.index("man") - words.index("dog") == (distance if label else -distance)


def test_other_words_say_nothing_about_the_label():
    sentences, labels = who_bites(4000, distance=5, seed=2)
    counts = [Counter(), Counter()]
    for words, label in zip(sentences, labels, strict=True):
        counts[label].update(words)
    assert counts[0].keys() == counts[1].keys()
    assert len(counts[0]) == 18
    for word in counts[0]:  # 2750 of each filler: 5 standard errors of a difference are 370
        assert abs(counts[0][word] - counts[1][word]) < 370


def test_words_stand_anywhere():
    sentences, _ = who_bites(2000, distance=3, length=8, seed=3)
    places = Counter(min(words.index("dog"), words.index("man")) for words in sentences)
    assert set(places) == set(range(5))
    assert min(places.values()) > 300


def test_margin_keeps_both_words_from_the_ends():
    sentences, labels = who_bites(2000, distance=5, length=12, margin=3, seed=6)
    places = Counter(min(words.index("dog"), words.index("man")) for words in sentences)
    assert set(places) == {3}
    sentences, labels = who_bites(2000, distance=3, length=12, margin=3, seed=6)
    places = Counter(min(words.index("dog"), words.index("man")) for words in sentences)
    assert set(places) == {3, 4, 5}
    assert sum(labels) == 1000
    with pytest.raises(ValueError, match="margin=-1 must be 0 or more"):
        who_bites(4, distance=1, margin=-1)
    with pytest.raises(ValueError, match="distance=6 must be below 6"):
        who_bites(4, distance=6, length=12, margin=3)


def test_seed_and_order():
    assert who_bites(50, distance=2, seed=4) == who_bites(50, distance=2, seed=4)
    assert who_bites(50, distance=2, seed=4) != who_bites(50, distance=2, seed=5)
    labels = who_bites(101, distance=2, seed=4)[1]
    assert sum(labels) == 50
    assert labels != sorted(labels)
    assert labels[:4] != [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("n_sentences", "distance", "length", "message"),
    [
        (1, 1, 24, "n_sentences=1 must be at least 2"),
        (-3, 1, 24, "n_sentences=-3"),
        (4, 0, 24, "distance=0 must be at least 1"),
        (4, -2, 24, "distance=-2"),
        (4, 24, 24, "distance=24 must be below 24"),
        (4, 1, -5, "below -5"),
    ],
)
def test_bad_task(n_sentences, distance, length, message):
    with pytest.raises(ValueError, match=message):
        who_bites(n_sentences, distance=distance, length=length, seed=0)


def test_born_in_puts_the_clue_at_its_distance():
    for distance in (3, 4, 20):
        sentences, answers = born_in(60, distance=distance, seed=1)
        assert len(sentences) == len(answers) == 60
        for words, answer in zip(sentences, answers, strict=True):
            assert len(words) == distance + 7
            assert words[-1] == "speak"
            assert COUNTRIES[words[-1 - distance]] == answer
            assert sum(word in COUNTRIES for word in words) == 1


def test_born_in_uses_every_language_and_repeats_for_a_seed():
    assert set(born_in(80, distance=5)[1]) == set(COUNTRIES.values())
    assert born_in(5, distance=5, seed=2) == born_in(5, distance=5, seed=2)
    assert born_in(5, distance=5, seed=2) != born_in(5, distance=5, seed=3)


@pytest.mark.parametrize("distance", [3, 4, 6])
def test_born_in_splits_share_no_sentence(distance):
    made = [
        {tuple(words) for words in born_in(3000, distance=distance, seed=seed, split=split)[0]}
        for seed, split in [(0, "train"), (0, "test")]
    ]
    assert not made[0] & made[1]
    assert min(map(len, made)) > 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_sentences": 0, "distance": 5}, "n_sentences=0 must be at least 1"),
        ({"n_sentences": 1, "distance": 2}, "distance=2 must be at least 3"),
        ({"n_sentences": 1, "distance": -4}, "distance=-4 must be at least 3"),
        ({"n_sentences": 1, "distance": 5, "split": "dev"}, "split='dev' must be"),
    ],
)
def test_born_in_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        born_in(**options)
