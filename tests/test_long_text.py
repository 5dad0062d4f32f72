"""A text of any size and language is read as it is, and what is no text is refused with advice."""

import codecs
import hashlib
import os
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings

from course_utils.corpora import LongText, TextFileError, long_text, open_text, text_files
from course_utils.text import Vocabulary

pytestmark = pytest.mark.offline  # these also hold with no network and no mirror

QUICK = settings(derandomize=True, database=None, max_examples=60, deadline=None)
# Characters of 1 to 4 bytes, both kinds of line ends, and a byte order mark.
LETTERS = st.sampled_from("ab \n\ré김글😀\ufeff\u2028")
TEXTS = st.text(LETTERS | st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def opened(content, **options):
    """Open a file with these bytes, read in blocks of 4 bytes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "my.txt"
        path.write_bytes(content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text_files, "BLOCK", 4)
            return open_text(path, **options)


@QUICK
@given(TEXTS.filter(lambda text: len(set(text.removeprefix("\ufeff"))) > 1), st.booleans())
@example("김a" * 9, True)
@example("abcd" * 9, True)
@example("a\r\nb\rc\n", False)
def test_a_file_is_read_as_it_is(text, with_mark):
    text = text.removeprefix("\ufeff")
    content = codecs.BOM_UTF8 * with_mark + text.encode()
    found = opened(content)
    vocabulary = Vocabulary.from_text(text)
    assert len(found) == len(text)
    assert found.symbols == vocabulary.tokens
    assert found.string(0, len(text)) == text
    numbers = found.read(0, len(text))
    assert numbers.dtype == np.int64
    assert numbers.tolist() == vocabulary.encode(text)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert not found.is_standin
    assert found.bits_per_char is None


@QUICK
@given(TEXTS.filter(lambda text: len(set(text)) > 1))
@example("\ufeffab")
def test_a_string_is_read_as_it_is(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "BLOCK", 4)
        found = LongText.from_string(text, source="mine", is_standin=True, bits_per_char=1.5)
    assert found.string(0, len(text)) == text
    assert found.read(0, len(text)).tolist() == Vocabulary.from_text(text).encode(text)
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert (found.source, found.is_standin, found.bits_per_char) == ("mine", True, 1.5)


@pytest.mark.parametrize("text", ["hello world", "안녕, 세계"])
def test_parts_and_what_lies_outside(text):
    for found in (opened(text.encode()), LongText.from_string(text)):
        n = len(text)
        for start, stop in [(0, 0), (n, n), (2, 5), (n - 1, n), (np.int64(1), np.int64(3))]:
            assert found.string(start, stop) == text[start:stop]
            assert found.read(start, stop).shape == (stop - start,)
        for start, stop in [(-1, 2), (0, n + 1), (n + 1, n + 1), (3, -1)]:
            with pytest.raises(IndexError, match=rf"{n} characters.* from 0 to {n}; got"):
                found.read(start, stop)
        with pytest.raises(ValueError, match="stop must not be below start"):
            found.string(3, 2)
        with pytest.raises(TypeError, match="start must be a whole number"):
            found.read(0.0, 1)
        before = found.read(0, n)
        found.read(0, n)[:] = 0  # a new array: the text does not change
        assert np.array_equal(found.read(0, n), before)


@pytest.mark.parametrize("text", ["abba", "ab김김"])
def test_given_symbols_keep_their_order(text):
    symbols = ["김", "b", "x", "a"]
    for found in (
        opened(text.encode(), symbols=symbols),
        LongText.from_string(text, symbols="김bxa"),
    ):
        assert found.symbols == ("김", "b", "x", "a")
        assert found.read(0, 4).tolist() == [symbols.index(letter) for letter in text]
        assert found.string(0, 4) == text
    # A model that knows more can be asked about a text of one letter.
    assert opened(b"aa", symbols="ab").read(0, 2).tolist() == [0, 0]


@pytest.mark.parametrize("text", ["abbabbabx", "abb김abb김é"])
def test_an_unknown_character_is_named_with_its_place(text):
    message = rf"holds '{text[-1]}' at position 8 .*not one of the 3 symbols: 'a' 'b' '김'"
    with pytest.raises(TextFileError, match=message):
        opened(text.encode(), symbols="ab김")
    with pytest.raises(TextFileError, match=message):
        LongText.from_string(text, symbols="ab김")


@pytest.mark.parametrize("symbols", ["", "a", "aba", ["a", "bc"], ["a", ""], ["a", 5]])
def test_bad_symbols(symbols):
    with pytest.raises(ValueError, match="at least two single characters"):
        LongText.from_string("ab", symbols=symbols)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (b"a", "one distinct character, 'a', so there is nothing to predict"),
        ("김".encode() * 20, "one distinct character, '김'"),
        ("first\n".encode("utf-16"), "UTF-16 text, not UTF-8.*Save as"),
        (b"\xfe\xff\0a", "UTF-16 text, not UTF-8"),
        (b"abcdefg\0h", "binary file.*zero byte at position 7 "),
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8 text: byte 0x89 at position 0 "),
        ("caf\u00e9 noir".encode("cp1252"), "byte 0xe9 at position 3 .*cp1252.*Save as"),
        ("한글".encode("cp949"), "byte 0xc7 at position 0 .*cp949"),
        ("ab김".encode()[:-1], "byte 0xea at position 2 "),
        ("\ud800a".encode("utf-8", "surrogatepass"), "byte 0xed at position 0 "),
    ],
)
def test_what_is_no_text(content, message):
    with pytest.raises(TextFileError, match=message) as caught:
        opened(content)
    assert "my.txt" in str(caught.value)


@QUICK
@given(TEXTS, TEXTS, st.booleans(), st.sampled_from([b"\xff", b"\xc0", b"\x80"]))
def test_the_place_of_a_bad_byte(before, after, with_mark, bad):
    start = codecs.BOM_UTF8 * with_mark + before.encode()
    with pytest.raises(TextFileError, match=f"byte {bad[0]:#x} at position {len(start)} "):
        opened(start + bad + after.encode())


def test_what_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder; give the path of one text file"):
        open_text(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere.txt; check its name"):
        open_text(str(tmp_path / "nowhere.txt"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(TextFileError, match="device or a pipe"):
            open_text(tmp_path / "pipe")


def test_strings_that_are_refused():
    for text, message in [("", "the text is empty"), ("aaa", "nothing to predict")]:
        with pytest.raises(TextFileError, match=message):
            LongText.from_string(text)
    with pytest.raises(TextFileError, match="surrogates not allowed"):
        LongText.from_string("a\ud800")
    with pytest.raises(TypeError, match="must be a string, got bytes"):
        LongText.from_string(b"ab")


def test_a_short_line_says_what_it_is():
    assert repr(opened(b"ab" * 600)) == "LongText(1,200 characters, 2 symbols, text file my.txt)"
    assert opened(b"ab", source="my diary").source == "my diary"


def test_no_second_file_for_ascii():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_text, "mapped_numbers", None)
        assert opened(b"abc").string(0, 3) == "abc"
        assert opened(codecs.BOM_UTF8 + b"abc").string(0, 3) == "abc"
