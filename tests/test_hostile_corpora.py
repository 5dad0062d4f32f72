"""Bad input to what loads and generates the texts of the course."""

from __future__ import annotations

import math

import pytest
from hostile import Good, assert_all_tried, each, try_all
from hostile_records import says
from hypothesis import strategies as st
from test_hostile_corpora_files import GOODS as FILES

from course_utils import corpora
from course_utils.corpora import availability, loading, play, tasks, world


@pytest.fixture(autouse=True)
def own_folder(no_texts, monkeypatch, tmp_path):
    """Nothing is fetched, and what a call writes lands in a folder that goes away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(loading, "_announce", lambda *_: None)
    play_made = corpora.generate_play(2000)
    monkeypatch.setattr(loading, "generate_play", lambda *_, **__: play_made)
    monkeypatch.setattr(availability, "_within", lambda *_: None)


def fetch(**given):
    """Fetch a file; that it cannot be had without network and mirror is the right answer."""
    try:
        return corpora.fetch(**given)
    except corpora.DataUnavailableError as error:
        says(error, "what to do")
        return None


def load(loader):
    def call(fallback):
        try:
            return loader(fallback=fallback)
        except corpora.DataUnavailableError:
            assert fallback is False
            return None

    return call


def right_loaded(answer, given):
    assert (answer is None) == (given["fallback"] is False)
    assert answer is None or answer.is_standin


def right_play(answer, given):
    assert len(answer.text) == given["n_chars"]
    assert answer.text == corpora.generate_play(given["n_chars"], seed=given["seed"]).text


def right_world(answer, given):
    assert len(answer.text.split("\n\n")) == given["n_sentences"]


def right_bites(answer, given):
    sentences, labels = answer
    assert len(sentences) == len(labels) == given["n_sentences"]
    assert sum(labels) == given["n_sentences"] // 2
    for sentence, label in zip(sentences, labels, strict=True):
        dog, man = sentence.index("dog"), sentence.index("man")
        assert len(sentence) == given["length"]
        assert abs(dog - man) == given["distance"]
        assert label == (dog < man)
        assert given["margin"] <= min(dog, man) <= given["length"] - given["margin"]


def right_born(answer, given):
    sentences, answers = answer
    assert len(sentences) == len(answers) == given["n_sentences"]
    for sentence, language in zip(sentences, answers, strict=True):
        country = sentence[-1 - given["distance"]]
        assert corpora.COUNTRIES[country] == language


def right_series(answer, given):
    assert answer.name == given["name"]
    assert math.isfinite(answer.sum())


def right_places(answer, given):
    assert answer.n_here == 0
    assert answer.kind in ("offline", "unreachable")


# No path that could be outside of the test's own folder.
FOLDERS = st.sampled_from((None, "", "here", "🙂", "~", "a" * 5000, "a\nb"))
FOLDERS |= st.just("~nobody-of-that-name")
NAME = "names/Polish.txt"
GOODS = [
    Good(fetch, lambda: {"name": NAME, "data_dir": "here", "mirror": "there"},
         values={"data_dir": FOLDERS, "mirror": FOLDERS}, cases=0.5),
    *(
        Good(load(getattr(corpora, name)), lambda: {"fallback": True}, right_loaded, label=name,
             cases=0.2)
        for name in ("load_names", "load_shakespeare", "open_shakespeare")
    ),
    Good(corpora.generate_play, lambda: {"n_chars": 50, "seed": 0}, right_play, long=("n_chars",)),
    Good(corpora.generate_world, lambda: {"n_sentences": 5, "seed": 0}, right_world,
         long=("n_sentences",)),
    Good(
        corpora.who_bites,
        lambda: {"n_sentences": 6, "distance": 2, "length": 9, "margin": 1, "seed": 0},
        right_bites,
        long=("n_sentences", "length"),
    ),
    Good(
        corpora.born_in,
        lambda: {"n_sentences": 5, "distance": 6, "seed": 0, "split": "train"},
        right_born,
        long=("n_sentences", "distance"),
    ),
    Good(corpora.load_series, lambda: {"name": "nile"}, right_series, cases=0.3),
]  # fmt: skip
LOOK = Good(availability.look_for_data, lambda: {"wait": 1.0}, right_places, cases=0.5)
EXEMPT = {
    "DataUnavailableError": "an exception, which takes a message",
    "TextFileError": "an exception, which takes a message",
    "NameCorpus": "a plain record, what load_names returns",
    "TextCorpus": "a plain record, what load_shakespeare returns",
    "play_entropy": "a function of no arguments",
    "world_analogies": "a function of no arguments",
}


@each([*GOODS, LOOK])
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.corpora", [*GOODS, *FILES], EXEMPT)


TOO_MUCH = (2**31, 10**12, 2**63, 10**30)
LIMITS = [
    (corpora.generate_play, {"n_chars": 1}, play.MOST_CHARS),
    (corpora.generate_world, {"n_sentences": 1}, world.MOST_SENTENCES),
    (corpora.who_bites, {"n_sentences": 2, "distance": 1}, tasks.MOST_WORDS),
    (corpora.who_bites, {"length": 5, "n_sentences": 2, "distance": 1}, tasks.MOST_WORDS),
    (corpora.born_in, {"n_sentences": 1, "distance": 3}, tasks.MOST_WORDS),
    (corpora.born_in, {"distance": 3, "n_sentences": 1}, tasks.MOST_WORDS),
]


@pytest.mark.parametrize(("generate", "given", "most"), LIMITS)
def test_what_no_memory_holds_is_refused(generate, given, most):
    name = next(iter(given))
    for huge in (most + 1, *TOO_MUCH):
        with pytest.raises(ValueError, match=f"{name}={huge} .*at most {most:,}"):
            generate(**{**given, name: huge})


@pytest.mark.parametrize("name", ["Poland", "names/Poland.txt", "Ελλάδα", "한국", "", "🙂"])
def test_a_country_or_another_name_that_is_no_file_lists_what_there_is(name):
    with pytest.raises(ValueError, match="^name=.* is not a file of the course; choose one of"):
        corpora.fetch(name)
    with pytest.raises(ValueError, match="^name=.* is not a series here; choose one of"):
        corpora.load_series(name)
