"""A long text takes little memory and leaves nothing on the disk; Shakespeare is opened as one."""

import errno
import gc
import hashlib
import io
import os
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from course_utils.corpora import (
    DataUnavailableError,
    TextFileError,
    loading,
    long_text,
    open_shakespeare,
    open_text,
    play_entropy,
    registry,
)

pytestmark = pytest.mark.offline  # these also hold with no network and no mirror

PLAY = "tinyshakespeare/input.txt"
STATUS = Path("/proc/self/status")


@pytest.fixture
def own_temp(tmp_path, monkeypatch):
    """Let temporary files land in an empty folder of this test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(("n_symbols", "n_bytes"), [(256, 1), (257, 2), (65536, 2), (65537, 4)])
def test_the_second_file_is_small_and_disappears(tmp_path, own_temp, n_symbols, n_bytes):
    text = "".join(map(chr, range(0x10000, 0x10000 + n_symbols)))
    (tmp_path / "my.txt").write_text(text, encoding="utf-8")
    found = open_text(tmp_path / "my.txt")
    assert found.read(0, n_symbols).tolist() == [*range(n_symbols)]
    assert len(found._mapping) == n_bytes * n_symbols
    if os.name != "nt":
        assert not [*own_temp.iterdir()]
    del found
    gc.collect()
    assert not [*own_temp.iterdir()]


class FullDisk(io.BytesIO):
    def write(self, _part):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_no_space_for_the_second_file(tmp_path, monkeypatch, own_temp):
    (tmp_path / "my.txt").write_bytes("한글".encode())
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: FullDisk())
    with pytest.raises(OSError, match="no space for the numbers of .*my.txt.*TMPDIR") as caught:
        open_text(tmp_path / "my.txt")
    assert caught.value.errno == errno.ENOSPC
    assert str(own_temp) in str(caught.value)


@pytest.mark.parametrize(
    ("before", "after"),
    [("abc", "abcc"), ("abc", "ab"), ("한글", "글한"), ("한글", "한글한"), ("abc", "abd")]
    + [("abc", ""), ("한글", ""), ("abc", "한글"), ("한글", "abc"), ("abcd", "a한")],
)
def test_a_file_that_changes_while_it_is_opened(tmp_path, monkeypatch, before, after):
    path, survey = tmp_path / "my.txt", long_text.survey

    def survey_and_change(*args):
        found = survey(*args)
        path.write_bytes(after.encode())
        return found

    path.write_bytes(before.encode())
    monkeypatch.setattr(long_text, "survey", survey_and_change)
    with pytest.raises(TextFileError, match="changed while it was read; wait, and open it again"):
        open_text(path)


@pytest.mark.parametrize("line", ["To the wheel.\n", "바퀴로 돌아가자.\n"])
def test_a_large_file_needs_little_memory(tmp_path, line):
    (tmp_path / "my.txt").write_bytes(line.encode() * (24_000_000 // len(line.encode())))
    open_text(tmp_path / "my.txt")  # numpy and all else are loaded now
    tracemalloc.start()
    found = open_text(tmp_path / "my.txt")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert found.string(len(found) - len(line), len(found)) == line


def mapped_mb():
    """Return how much of mapped files is in the memory of this process."""
    figures = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return sum(int(figures[name].split()[0]) for name in ("RssFile", "RssShmem")) / 1024


@pytest.mark.skipif(
    not STATUS.exists() or "RssShmem" not in STATUS.read_text(), reason="reads Linux's own figures"
)
def test_a_whole_reading_leaves_no_pages_behind(tmp_path):
    (tmp_path / "my.txt").write_bytes(b"To the wheel and back.\n" * 2_000_000)
    found = open_text(tmp_path / "my.txt")
    before, most = mapped_mb(), 0.0
    for start in range(0, len(found) - 4096, 4096):
        found.read(start, start + 4096)
        if start % 2**20 == 0:
            most = max(most, mapped_mb())
    assert most - before < 20


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """Start without cache, mirror and network, in a process that has announced nothing."""
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    loading._announce.cache_clear()
    yield monkeypatch
    loading._announce.cache_clear()


@pytest.mark.parametrize("content", [b"First:\nOh heart\r\n", "Oh naïve heart\u2028\n".encode()])
def test_shakespeare_is_read_where_it_lies(alone, tmp_path, capfd, content):
    path, digest = tmp_path / "mirror" / PLAY, hashlib.sha256(content).hexdigest()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    alone.setattr(
        registry, "entries", lambda: {PLAY: registry.Entry(PLAY, "", len(content), digest)}
    )
    alone.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    corpus, text = loading.load_shakespeare(), open_shakespeare()
    assert text.string(0, len(text)) == corpus.text == content.decode()
    assert text.source == corpus.source
    assert text.sha256 == digest
    assert text._mapping is not None
    assert not text.is_standin
    assert text.bits_per_char is None
    assert capfd.readouterr() == ("", "")


def test_the_stand_in_says_what_it_is(alone, capfd):
    with pytest.raises(DataUnavailableError, match="COURSE_OFFLINE is set"):
        open_shakespeare(fallback=False)
    assert capfd.readouterr() == ("", "")
    text, corpus = open_shakespeare(), loading.load_shakespeare()
    assert text.string(0, len(text)) == corpus.text
    assert text.source == corpus.source
    assert text.is_standin
    assert text.bits_per_char == play_entropy()
    printed = capfd.readouterr().out
    assert printed.startswith("STAND-IN DATA: the Shakespeare text could not be loaded")
    assert printed.count("STAND-IN") == 1  # one message for both ways to load it
