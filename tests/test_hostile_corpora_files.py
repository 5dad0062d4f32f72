"""A student's own text: files of any bytes, of any name, and strings of any characters."""

from __future__ import annotations

import codecs
import hashlib
import os
import random
from pathlib import Path

import pytest
from hostile import Good, each, try_all
from hostile_records import says
from hostile_values import SIGNS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.corpora import LongText, TextFileError, open_text
from course_utils.text import Vocabulary

MINE = "To be, or not to be: café 🙂\n"
OPENED = LongText.from_string(MINE)
QUICK = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """Give the test a folder of its own, with one good file in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("mine.txt").write_text(MINE, encoding="utf-8")


def opened(path, **options):
    """Open a file; the errors of the system name it, and say what to do."""
    try:
        return open_text(path, **options)
    except FileNotFoundError as error:
        says(error, "there is no file")
        says(error, "check its name")
        raise ValueError(f"path: {error}") from None
    except IsADirectoryError as error:
        says(error, "is a folder; give the path of one text file")
        raise ValueError(f"path: {error}") from None


def right_text(answer, given):
    whole = given.get("text", MINE)
    assert answer.string(0, len(answer)) == whole
    if given["symbols"] is None:
        assert answer.symbols == tuple(sorted(set(whole)))
    assert answer.sha256 == hashlib.sha256(whole.encode()).hexdigest()
    assert answer.source == (given.get("source") or answer.source)


def right_part(answer, given):
    assert len(answer) == given["stop"] - given["start"]
    part = MINE[given["start"] : given["stop"]]
    wanted = part if isinstance(answer, str) else Vocabulary(OPENED.symbols).encode(part)
    assert list(answer) == list(wanted)


SYMBOLS = sorted(set(MINE))
CALLED = {"symbols": ("the text", "mine.txt"), "path": ("a folder", "device or a pipe")}
PART = {"start": 3, "stop": 9}
OUTSIDE = ("start and stop",)
GOODS = [
    Good(opened, lambda: {"path": "mine.txt", "symbols": SYMBOLS, "source": "my own"}, right_text,
         label="open_text", names=CALLED),
    Good(
        LongText.from_string,
        lambda: {"text": MINE, "source": "mine", "symbols": None, "is_standin": False,
                 "bits_per_char": 1.5},
        right_text,
        label="LongText.from_string",
        names=CALLED,
    ),
    Good(LongText.from_string, lambda: {"text": MINE, "symbols": SYMBOLS}, right_text,
         label="LongText.from_string with symbols", names=CALLED),
    Good(OPENED.read, lambda: dict(PART), right_part, label="LongText.read"),
    Good(OPENED.string, lambda: dict(PART), right_part, label="LongText.string"),
]  # fmt: skip


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


# Bytes that begin as other kinds of files do, and bytes that are nearly UTF-8.
STARTS = (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"%PDF-1.7\n", b"PK\x03")
ENDS = (b"", b"\xf0\x9f\x99", b"\xed\xa0\x80", b"\xc0\x80", b"\x00", b"\r\n", b"\xff", "é".encode())
CONTENTS = st.tuples(
    st.sampled_from(STARTS),
    st.binary(max_size=40) | st.text(max_size=20).map(lambda t: t.encode("utf-8", "replace")),
    st.sampled_from(ENDS),
).map(b"".join)


def test_a_file_of_any_bytes(record_property):
    tried = 0

    @QUICK
    @given(CONTENTS)
    def attempt(content):
        nonlocal tried
        tried += 1
        Path("any.txt").write_bytes(content)
        try:
            text = open_text("any.txt")
        except TextFileError as error:
            says(error, "any.txt")
            says(error, "take a text", "Save as", "save it")
            return
        wanted = content.decode("utf-8-sig")
        assert text.string(0, len(text)) == wanted
        assert text.sha256 == hashlib.sha256(content).hexdigest()

    attempt()
    record_property("cases", tried)


def test_a_file_of_any_name(record_property):
    names = [*(f"{sign}.txt" for sign in SIGNS if sign not in "\x00\\"), "a b.txt", "-rf", "100%"]
    for name in names:
        try:
            Path(name).write_text(MINE, encoding="utf-8")
        except (OSError, ValueError):  # this system takes no such name
            continue
        text = open_text(name)
        assert text.string(0, len(text)) == MINE
        text.source.encode("utf-8")  # a screen can show it
        repr(text).encode("utf-8")
    record_property("cases", len(names))


@pytest.mark.parametrize("path", ["", "  ", "~nobody-of-that-name/mine.txt"])
def test_a_path_that_is_none(path):
    with pytest.raises(ValueError, match="^path.*(give the path|write the whole path)"):
        open_text(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all files")
def test_a_file_that_may_not_be_read():
    os.chmod("mine.txt", 0)
    with pytest.raises(PermissionError, match="mine.txt"):
        open_text("mine.txt")


def test_a_letter_that_the_model_does_not_know():
    with pytest.raises(TextFileError, match="Change it in the text, or leave symbols out"):
        open_text("mine.txt", symbols="abc")


def test_parts_of_a_text_at_any_place(record_property):
    rng = random.Random(0)
    for _ in range(300):
        start, stop = sorted(rng.randrange(len(MINE) + 1) for _ in range(2))
        assert OPENED.string(start, stop) == MINE[start:stop]
    record_property("cases", 300)
