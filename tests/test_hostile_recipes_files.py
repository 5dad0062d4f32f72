"""Bad input where guessers and writers are saved and read: the same network, or a clear error."""

import pytest
import torch
from hostile import Good, try_all
from language_samples import small_model
from name_samples import small_guesser

from course_utils.recipes.guessing import NameGuesser
from course_utils.recipes.writing import Writer
from course_utils.text import Vocabulary

GUESSER = small_guesser()
WRITER = Writer(small_model().eval(), Vocabulary(tuple("abc de\n")), {})
PATH = {"path": ("checkpoint", "file", "name")}


def is_same(ours, theirs):
    theirs = theirs.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in ours.state_dict().items())


def right_guesser(answer, given):
    # Without a path it is the network of the course.
    assert given.get("path") is None or is_same(answer.network, GUESSER.network)


def right_writer(answer, given):
    assert given["path"] in ("rnn", "gru", "lstm") or is_same(answer.model, WRITER.model)


def save_guesser(path, extra):
    """Save, and read it back: what was accepted must come back."""
    assert GUESSER.save(path, extra).exists()
    return NameGuesser.load(path)


def save_writer(path):
    """Save, and read it back."""
    assert WRITER.save(path).exists()
    return Writer.load(path)


GUESSERS = [
    Good(
        save_guesser,
        lambda: {"path": "new", "extra": {"losses": [1.0]}},
        right_guesser,
        PATH,
        label="NameGuesser.save",
        cases=0.4,
    ),
    Good(
        NameGuesser.load,
        lambda: {"path": "names"},
        right_guesser,
        PATH,
        label="NameGuesser.load",
    ),
]
WRITERS = [
    Good(save_writer, lambda: {"path": "new"}, right_writer, PATH, label="Writer.save", cases=0.4),
    Good(Writer.load, lambda: {"path": "letters"}, right_writer, PATH, label="Writer.load"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder of its own, which holds a guesser and a writer."""
    monkeypatch.chdir(tmp_path)
    GUESSER.save("names")
    WRITER.save("letters")


@pytest.mark.parametrize("good", [*GUESSERS, *WRITERS], ids=str)
def test_bad_arguments(good, folder, record_property):
    record_property("cases", try_all(good))
