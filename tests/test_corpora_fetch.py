"""fetch: from a real server on loopback and from a folder, whole and checked or not at all."""

import hashlib
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from data_server import Server, answering

from course_utils.corpora import DataUnavailableError, fetch, fetching, registry

NAME = "names/Polish.txt"
CONTENT = ("Ślusarczyk\nNowak\n" * 4000).encode()
ENTRY = registry.Entry(
    NAME, "http://127.0.0.1:9/nowhere", len(CONTENT), hashlib.sha256(CONTENT).hexdigest()
)
ROOT = Path(__file__).parents[1]
# Another process needs the same small registry: the real files are not ours to store.
CHILD = f"""
import sys
from course_utils.corpora import fetch, registry
item = registry.Entry({NAME!r}, "", {len(CONTENT)}, {ENTRY.sha256!r})
registry.entries = lambda: {{item.name: item}}
print(fetch(item.name, data_dir=sys.argv[1], mirror=sys.argv[2]))
"""


@pytest.fixture
def server():
    with answering(Server(NAME, CONTENT)) as server:
        yield server


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in ("COURSE_DATA_MIRROR", "COURSE_DATA_DIR", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(registry, "entries", lambda: {NAME: ENTRY})


@pytest.fixture
def folder(tmp_path):
    """Make a mirror folder."""
    file = tmp_path / "mirror" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    return tmp_path / "mirror"


def files_below(path):
    return [file for file in Path(path).rglob("*") if not file.is_dir()]


def bytes_below(path):
    """Count the bytes of all files, also while a download makes and removes some of them."""
    total = 0
    for file in files_below(path):
        with suppress(FileNotFoundError):  # pooch tries a folder with a file that it removes
            total += file.stat().st_size
    return total


def fails(data_dir, mirror, reason):
    """Check that fetch fails with one clear message and leaves no file; return the message."""
    with pytest.raises(DataUnavailableError) as caught:
        fetch(NAME, data_dir=data_dir, mirror=mirror)
    message = str(caught.value)
    assert reason in message.splitlines()[0]
    assert repr(NAME) in message
    assert str(mirror or ENTRY.address) in message
    assert str(Path(data_dir) / "names") in message
    assert "what to do: " in message
    assert "run this again" in message
    assert "COURSE_DATA_MIRROR" in message or "COURSE_DATA_DIR" in message
    if Path(data_dir).is_dir():
        assert not files_below(data_dir)
        assert not [*Path(data_dir).glob("names/.*")]
    return message


@pytest.mark.parametrize("slash", ["", "/"])
def test_http_mirror(tmp_path, address, slash, capfd):
    path = fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok{slash}")
    assert path == tmp_path / NAME
    assert path.read_bytes() == CONTENT
    assert files_below(tmp_path) == [path]
    assert capfd.readouterr() == ("", "")


def test_folder_mirror_from_environment(tmp_path, folder, monkeypatch, capfd):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "here"))
    path = fetch(NAME)
    assert path == tmp_path / "here" / NAME
    assert path.read_bytes() == CONTENT
    assert capfd.readouterr() == ("", "")
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o644


def test_second_fetch_asks_nobody(tmp_path, server, address):
    first = fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok")
    assert fetch(NAME, data_dir=tmp_path, mirror=f"{address}/missing") == first
    assert len(server.asked) == 1


@pytest.mark.skipif(os.name != "posix", reason="Windows does not replace an open file")
def test_who_reads_a_file_is_not_disturbed_when_it_is_replaced(tmp_path, address):
    file = tmp_path / NAME
    file.parent.mkdir()
    file.write_bytes(CONTENT[:-1] + b"x")
    with file.open("rb") as reader:
        fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok")
        assert reader.read() == CONTENT[:-1] + b"x"
    assert file.read_bytes() == CONTENT


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], CONTENT[:-1] + b"x"])
def test_damaged_cache_is_fetched_again_and_never_used(tmp_path, address, damage):
    file = tmp_path / NAME
    file.parent.mkdir()
    file.write_bytes(damage)
    with pytest.raises(DataUnavailableError):
        fetch(NAME, data_dir=tmp_path, mirror=f"{address}/missing")
    assert fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("missing", "the server answered 404 Not Found"),
        ("cut", "the connection was cut"),
        ("wrong", "wrong checksum"),
        ("login", "a web page came instead"),
    ],
)
def test_bad_answers(tmp_path, address, mode, reason, capfd):
    fails(tmp_path, f"{address}/{mode}", reason)
    assert capfd.readouterr() == ("", "")


def test_silent_server(tmp_path, address, monkeypatch):
    monkeypatch.setattr(fetching, "TIMEOUT", (0.3, 0.3))
    fails(tmp_path, f"{address}/silent", "did not answer in time")


def test_endless_transfer(tmp_path, address, monkeypatch):
    monkeypatch.setattr(fetching, "DEADLINE", 0.4)
    fails(tmp_path, f"{address}/drip", "not complete after 0.4 seconds")


def test_no_connection(tmp_path):
    fails(tmp_path, None, "no connection")


@pytest.mark.parametrize(
    ("mirror", "reason"), [("ftp://somewhere", "must be a folder"), ("http://[x", "cannot be used")]
)
def test_bad_mirror_address(tmp_path, mirror, reason):
    fails(tmp_path, mirror, reason)


def test_missing_mirror_folder_and_file(tmp_path, folder):
    (folder / NAME).unlink()
    for mirror in (folder, tmp_path / "nowhere"):
        assert str(mirror / NAME) in fails(tmp_path / "here", mirror, "there is no file")


def test_offline_asks_nobody(tmp_path, server, address, folder, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    fails(tmp_path / "here", None, "COURSE_OFFLINE is set")
    fails(tmp_path / "here", f"{address}/ok", "COURSE_OFFLINE is set")
    assert server.asked == []
    assert fetch(NAME, data_dir=tmp_path / "here", mirror=folder).read_bytes() == CONTENT


def test_offline_0_means_online(tmp_path, address, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "0")
    assert fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok").exists()


@pytest.mark.parametrize("name", ["names/Klingon.txt", "../secret", "", "names/../" + NAME])
def test_unknown_name(tmp_path, name):
    with pytest.raises(ValueError, match="choose one of"):
        fetch(name, data_dir=tmp_path)


def test_two_processes_at_once(tmp_path, address):
    command = [sys.executable, "-c", CHILD, str(tmp_path), f"{address}/drip"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    children = [subprocess.Popen(command, **pipes) for _ in range(2)]
    answers = [child.communicate(timeout=60) for child in children]
    assert answers == [(f"{tmp_path / NAME}\n", "")] * 2
    assert files_below(tmp_path) == [tmp_path / NAME]


def test_kill_in_the_middle(tmp_path, server, address):
    command = [sys.executable, "-c", CHILD, str(tmp_path), f"{address}/stalled"]
    child = subprocess.Popen(command, cwd=ROOT)
    end = time.monotonic() + 30
    while not bytes_below(tmp_path):
        assert child.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)
    child.kill()
    child.wait()
    assert files_below(tmp_path)
    assert not (tmp_path / NAME).exists()
    partial = next((tmp_path / "names").glob(".partial-*"))
    young = fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok")
    assert young.read_bytes() == CONTENT
    assert partial.exists()
    os.utime(partial, (0, 0))
    young.unlink()
    fetch(NAME, data_dir=tmp_path, mirror=f"{address}/ok")
    assert files_below(tmp_path) == [young]
    assert not partial.exists()
