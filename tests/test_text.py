"""Letters to numbers and back."""

import dataclasses
import pickle
import string
from pathlib import Path

import pytest
import torch

from course_utils.text import Vocabulary, normalise, one_hot

NAMES = Path(__file__).parents[1] / "data" / "names"
LETTERS = set(string.ascii_letters + " .,;'-")
ENDS = ("<S>", "<E>")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Šlusàrski", "Slusarski"),
        ("Łuczak", "Luczak"),
        ("Dąbrowski", "Dabrowski"),
        ("Groß", "Gross"),
        ("Bjørnsen", "Bjornsen"),
        ("Ǿ", "O"),
        ("Đặng", "Dang"),
        ("đ æ Æ œ Œ ı", "d ae AE oe OE i"),
        ("O’Neàl", "O'Neal"),
        ("Nguyễn", "Nguyen"),
        ("Smith-Jones, Jr.;", "Smith-Jones, Jr.;"),
        ("a1!\n東b", "ab"),
        ("", ""),
    ],
)
def test_normalise(name, expected):
    assert normalise(name) == expected


def test_normalise_keeps_every_letter_of_the_surname_lists():
    for path in sorted(NAMES.glob("*.txt")):
        for name in path.read_text(encoding="utf-8").splitlines():
            plain = normalise(name)
            assert set(plain) <= LETTERS, name
            assert len(plain) >= len(name), name


@pytest.mark.parametrize("name", [None, b"Smith", 3, ["Smith"]])
def test_normalise_wants_a_string(name):
    with pytest.raises(TypeError, match="name must be one name .a string., got"):
        normalise(name)


def test_vocabulary_of_letters():
    vocabulary = Vocabulary.from_text("hello")
    assert vocabulary.tokens == ("e", "h", "l", "o")
    assert len(vocabulary) == 4
    assert vocabulary.index == {"e": 0, "h": 1, "l": 2, "o": 3}
    assert vocabulary.encode("hello") == [1, 0, 2, 2, 3]
    assert vocabulary.encode("") == []
    assert "".join(vocabulary.decode(vocabulary.encode("hello"))) == "hello"
    assert "h" in vocabulary
    assert "x" not in vocabulary
    assert vocabulary.decode(torch.tensor([3, 0])) == ["o", "e"]


def test_vocabulary_of_words_with_ends():
    vocabulary = Vocabulary.from_tokens(["man", "bites", "dog", "man"], specials=ENDS)
    assert vocabulary.tokens == ("<S>", "<E>", "bites", "dog", "man")
    assert vocabulary.encode(["dog", "bites"], add_ends=True) == [0, 3, 2, 1]
    assert vocabulary.encode([], add_ends=True) == [0, 1]
    assert Vocabulary.from_text("ba", specials=ENDS).tokens == ("<S>", "<E>", "a", "b")


def test_vocabulary_is_a_value():
    vocabulary = Vocabulary.from_text("abc")
    assert vocabulary == Vocabulary.from_text("cba") != Vocabulary.from_text("ab")
    assert hash(vocabulary) == hash(Vocabulary.from_text("cab"))
    assert pickle.loads(pickle.dumps(vocabulary)).encode("b") == [1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        vocabulary.tokens = ("x",)


@pytest.mark.parametrize("build", [Vocabulary.from_text, Vocabulary.from_tokens])
def test_empty_vocabulary(build):
    with pytest.raises(ValueError, match="the text is empty"):
        build("")
    with pytest.raises(ValueError, match="the text is empty"):
        build("", specials=ENDS)


def test_bad_vocabulary():
    with pytest.raises(TypeError, match="must be a string, not list; use from_tokens"):
        Vocabulary.from_text(["dog"])
    with pytest.raises(ValueError, match="each symbol only once"):
        Vocabulary(("a", "a"))
    with pytest.raises(ValueError, match="at least one"):
        Vocabulary(())


@pytest.mark.parametrize("add_ends", [False, True])
def test_unknown_symbol_names_symbol_place_and_what_is_known(add_ends):
    vocabulary = Vocabulary.from_text("hello", specials=ENDS)
    with pytest.raises(ValueError, match="unknown symbol '!' at position 2.*knows.*'e' 'h' 'l'"):
        vocabulary.encode("he!", add_ends=add_ends)


def test_message_of_a_large_vocabulary_stays_short():
    vocabulary = Vocabulary.from_tokens(map(str, range(500)))
    with pytest.raises(ValueError, match=r"'dog' at position 0.* \.\.\.$") as caught:
        vocabulary.encode(["dog"])
    assert len(str(caught.value)) < 600


def test_ends_need_specials():
    with pytest.raises(ValueError, match="add_ends needs"):
        Vocabulary.from_text("abc").encode("a", add_ends=True)


@pytest.mark.parametrize("i", [-1, 4, 100])
def test_decode_outside(i):
    with pytest.raises(IndexError, match=f"index {i} at position 1 is outside 0 to 3"):
        Vocabulary.from_text("hello").decode([0, i])


def test_indices_must_be_whole_numbers():
    with pytest.raises(TypeError):
        Vocabulary.from_text("hello").decode([1.0])


def test_one_hot():
    rows = one_hot([2, 0, 2], 4)
    assert rows.dtype == torch.float32
    assert rows.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    assert torch.equal(rows, torch.nn.functional.one_hot(torch.tensor([2, 0, 2]), 4).float())
    assert torch.equal(one_hot(torch.tensor([2, 0, 2]), 4), rows)
    assert one_hot([], 4).shape == (0, 4)
    assert one_hot([], 0).shape == (0, 0)


@pytest.mark.parametrize(("indices", "size"), [([0, 4], 4), ([0, -1], 4), ([1, 0], 0)])
def test_one_hot_outside(indices, size):
    with pytest.raises(IndexError, match="outside"):
        one_hot(indices, size)


def test_one_hot_negative_size():
    with pytest.raises(ValueError, match="size=-1 must not be negative"):
        one_hot([], -1)
