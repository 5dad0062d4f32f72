"""What is to stay lands on a mounted Drive, and a place that cannot be written is said at once."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from course_utils import runtime
from course_utils.corpora import DataUnavailableError, fetch, fetching, registry
from reliability import colab_drive
from reliability.colab_drive_cell import LOST_AT, text


@pytest.fixture(autouse=True)
def working_folder(monkeypatch, tmp_path) -> Path:
    """Work in an empty folder, with no variable of the course."""
    for name in ("COURSE_DRIVE", "COURSE_DATA_DIR", "COURSE_DATA_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "content"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def drive(monkeypatch, tmp_path) -> Path:
    """Return a folder that is mounted as a Drive."""
    folder = tmp_path / "MyDrive"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DRIVE", str(folder))
    return folder


def test_without_drive_files_stay_where_one_works(working_folder) -> None:
    assert runtime.drive_folder() is None
    assert runtime.keep_folder("networks/small") == Path("networks", "small")
    assert (working_folder / "networks" / "small").is_dir()
    assert runtime.keep_folder() == Path()
    assert [path.name for path in working_folder.iterdir()] == ["networks"]
    assert fetching.download_folder(None) == registry.shipped() / "cache"


def test_with_drive_files_stay_there(drive, working_folder) -> None:
    assert runtime.drive_folder() == drive / "rnn-course"
    assert not (drive / "rnn-course").exists()  # to ask makes no folder
    assert fetching.download_folder(None) == drive / "rnn-course" / "data"
    folder = runtime.keep_folder("networks")
    assert folder == drive / "rnn-course" / "networks"
    assert list(folder.iterdir()) == []
    assert list(working_folder.iterdir()) == []


def test_a_folder_that_was_chosen_comes_before_drive(drive, monkeypatch, tmp_path) -> None:
    assert fetching.download_folder(tmp_path) == tmp_path
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    assert fetching.download_folder(None) == tmp_path / "mine"


@pytest.mark.parametrize(
    ("in_colab", "mounted", "is_there", "expected"),
    [
        (True, True, True, True),
        (False, True, True, False),
        (True, False, True, False),  # an ordinary folder of that name
        (True, True, False, False),
    ],
)
def test_drive_is_found_in_colab(monkeypatch, tmp_path, in_colab, mounted, is_there, expected):
    place = tmp_path / "drive" / "MyDrive"
    if is_there:
        place.mkdir(parents=True)
    monkeypatch.setattr(runtime, "_COLAB_DRIVE", place)
    monkeypatch.setattr(runtime, "in_colab", lambda: in_colab)
    monkeypatch.setattr(os.path, "ismount", lambda path: mounted and Path(path) == place.parent)
    assert runtime.drive_folder() == (place / "rnn-course" if expected else None)


def test_colabs_place_of_drive() -> None:
    assert Path("/content/drive/MyDrive") == runtime._COLAB_DRIVE


def test_a_drive_that_is_not_there(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("COURSE_DRIVE", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match=r"COURSE_DRIVE=.* is not a folder. Mount your Drive"):
        runtime.keep_folder("networks")
    assert not (tmp_path / "nowhere").exists()  # Drive could not be mounted over it
    assert fetching.download_folder(None) == registry.shipped() / "cache"


@pytest.mark.parametrize("name", ["/etc", "../x", "a/../../b", "a\0b"])
def test_names_that_lead_elsewhere(drive, name) -> None:
    with pytest.raises(ValueError, match="must be a short, plain folder below"):
        runtime.keep_folder(name)


@pytest.mark.parametrize("name", [None, 3, b"a", Path("a")])
def test_names_of_a_wrong_type(name) -> None:
    with pytest.raises(TypeError, match="name must be a text"):
        runtime.keep_folder(name)


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_drive_that_cannot_be_written(drive, monkeypatch, code) -> None:
    def refuse(**_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(OSError, match="cannot keep files in") as caught:
        runtime.keep_folder("networks")
    assert caught.value.errno == code
    message = str(caught.value)
    assert str(drive / "rnn-course" / "networks") in message
    assert os.strerror(code) in message
    assert "mount Drive again, or set COURSE_DRIVE" in message


def test_a_file_stands_where_the_folder_should_be(drive, working_folder, monkeypatch) -> None:
    (drive / "rnn-course").write_text("x")
    with pytest.raises(OSError, match="cannot keep files in"):
        runtime.keep_folder("networks")
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(working_folder))
    with pytest.raises(DataUnavailableError, match="a part of the folder's path is a file"):
        fetch("names/Polish.txt")
    monkeypatch.delenv("COURSE_DRIVE")
    (working_folder / "networks").write_text("x")
    with pytest.raises(OSError, match="write access there, and run this again"):
        runtime.keep_folder("networks")


GOOD = (
    {"fetched": "/c/drive/MyDrive/rnn-course/data/play.txt", "lost": LOST_AT},
    {"fetched": "/c/drive/MyDrive/rnn-course/data/play.txt", "resumed": LOST_AT, "losses": [3, 2]},
    {"losses": [3, 2]},
    ["/play.txt"],
)


def test_a_restart_that_went_well() -> None:
    assert colab_drive.judge_restart(*GOOD) == []
    assert text() == text()


@pytest.mark.parametrize(
    ("place", "other", "said"),
    [
        (1, {"fetched": "/c/rnn-course/data/cache/play.txt"}, "not on Drive"),
        (1, {"resumed": None}, "resumed at None"),
        (1, {"losses": [3, 2.1]}, "losses differ by 0.1"),
    ],
)
def test_a_restart_that_lost_something(place, other, said) -> None:
    found = [*GOOD]
    found[place] = found[place] | other
    (wrong,) = colab_drive.judge_restart(*found)
    assert said in wrong


def test_a_text_that_is_fetched_twice() -> None:
    (wrong,) = colab_drive.judge_restart(*GOOD[:3], ["/play.txt"] * 2)
    assert "2 times" in wrong


def test_the_answers_of_a_drive_that_cannot_be_written() -> None:
    said = {"fetch": "the disk is full. what to do: x", "keep": "No space: set COURSE_DRIVE"}
    assert colab_drive.judge_refusal(said, "the disk is full", "No space") == []
    assert len(colab_drive.judge_refusal({}, "the disk is full", "No space")) == 2
    assert len(colab_drive.judge_refusal(said, "cannot be written", "No space")) == 1
