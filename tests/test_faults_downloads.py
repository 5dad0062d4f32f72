"""Every fault of a download: nothing half there, a reason, and the notebook goes on and says so."""

import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from data_server import Server, answering
from test_corpora_disk import small_disk

from course_utils.corpora import (
    DataUnavailableError,
    fetch,
    fetching,
    load_names,
    load_shakespeare,
    loading,
    open_shakespeare,
    registry,
)

pytestmark = pytest.mark.offline  # all servers are on loopback

PLAY = "tinyshakespeare/input.txt"
CONTENT = ("To the wheel.\n" * 5000).encode()
NAME = "names/Irish.txt"
NAMES = ("O'Brien\nDunne\n" * 4000).encode()

# What the server does, what the student reads.
ANSWERS = {
    "missing": "the server answered 404 Not Found",
    "forbidden": "the server answered 403 Forbidden",
    "broken": "the server answered 500",
    "busy": "the server answered 429",
    "login": "a web page came instead of the file",
    "page/x": "a web page came instead of the file",
    "circle": "the address cannot be used (Exceeded 30 redirects",
    "nowhere": "the address cannot be used",
    "silent": "the server did not answer in time",
    "stalled": "the server did not answer in time",
    "reset": "no connection",
    "torn": "the connection was cut before the whole file had come",
    "cut": "the connection was cut before the whole file had come",
    "longer": "more came than the",
    "shorter": "wrong checksum",
    "unannounced": "wrong checksum",
    "wrong": "wrong checksum",
    "garbled": "what the server sent is damaged",
    "endless": "more came than the",
    "drip": "not complete after 0.4 seconds",
    "headers": "not complete after 0.4 seconds",
}


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """Start without cache and mirror, in a process that has announced nothing."""
    for name in ("COURSE_DATA_MIRROR", "COURSE_OFFLINE", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    loading._announce.cache_clear()
    yield
    loading._announce.cache_clear()


def serve_entries(monkeypatch, files, address):
    """Let the registry hold these files at an address."""
    found = {
        name: registry.Entry(name, address + name, len(c), hashlib.sha256(c).hexdigest())
        for name, c in files.items()
    }
    monkeypatch.setattr(registry, "entries", lambda: found)


@pytest.fixture
def served(monkeypatch):
    """Return a function that starts a server for one of two files and lets it answer so."""
    with answering(Server(PLAY, CONTENT)) as play, answering(Server(NAME, NAMES)) as names:

        def start(name, mode):
            server, content = (play, CONTENT) if name == PLAY else (names, NAMES)
            address = f"http://127.0.0.1:{server.server_port}/{mode}/"
            serve_entries(monkeypatch, {name: content}, address)

        yield start


def half_written(folder):
    """Return what lies in a folder that is not one of the two files, whole."""
    files = [path for path in Path(folder).rglob("*") if not path.is_dir()]
    return [path for path in files if path.read_bytes() not in (CONTENT, NAMES)]


def stands_in(load, reason, capfd):
    """Load a text that cannot be had; check what is said, and that nothing is left; return it."""
    text = load()
    printed, errors = capfd.readouterr()
    assert text.is_standin
    assert printed.startswith("STAND-IN DATA: ")
    assert reason in printed
    assert "what to do: " in printed
    assert errors == ""
    folder = os.environ["COURSE_DATA_DIR"]
    assert not half_written(folder)
    assert not [*Path(folder).glob("*/.partial-*")]
    return text


@pytest.mark.parametrize("mode", ANSWERS)
@pytest.mark.parametrize(
    ("load", "name"), [(load_shakespeare, PLAY), (open_shakespeare, PLAY), (load_names, NAME)]
)
def test_the_notebook_goes_on_with_the_stand_in(served, monkeypatch, capfd, mode, load, name):
    # Only where waiting is the fault: a busy machine is slow.
    with monkeypatch.context() as impatient:
        if mode in ("drip", "headers"):
            impatient.setattr(fetching, "DEADLINE", 0.4)
        elif mode in ("silent", "stalled"):
            impatient.setattr(fetching, "TIMEOUT", (0.4, 0.4))
        served(name, mode)
        stands_in(load, ANSWERS[mode], capfd)
    served(name, "ok")  # and when the network is back, the real text comes
    assert not load().is_standin
    assert capfd.readouterr() == ("", "")


def test_an_unused_port_refuses(monkeypatch, capfd):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        serve_entries(monkeypatch, {PLAY: CONTENT}, address)
        stands_in(load_shakespeare, "no connection", capfd)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer for a full queue")
def test_a_full_queue_of_connections_times_out(monkeypatch, capfd):
    monkeypatch.setattr(fetching, "TIMEOUT", (0.4, 0.4))
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        address = busy.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # nobody accepts them: the next one is not even heard
            each.setblocking(False)
            each.connect_ex(address)
        serve_entries(monkeypatch, {PLAY: CONTENT}, f"http://127.0.0.1:{address[1]}/")
        stands_in(load_shakespeare, "the server did not answer in time", capfd)
        for each in waiting:
            each.close()


def test_a_host_that_is_unknown(monkeypatch, capfd):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    serve_entries(monkeypatch, {PLAY: CONTENT}, "http://no-such-host.invalid/")
    stands_in(load_shakespeare, "no connection", capfd)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_that_leads_nowhere(served, monkeypatch, capfd, name):
    served(PLAY, "ok")
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    stands_in(load_shakespeare, "the proxy that HTTP_PROXY or HTTPS_PROXY names", capfd)


def test_a_server_without_encryption(served, monkeypatch, capfd):
    served(PLAY, "ok")
    address = registry.entry(PLAY).address.replace("http://", "https://")
    serve_entries(monkeypatch, {PLAY: CONTENT}, address.removesuffix(PLAY))
    stands_in(load_shakespeare, "the server's certificate was not accepted", capfd)


def test_a_text_that_is_half_there_is_not_read(served, capfd):
    target = Path(os.environ["COURSE_DATA_DIR"]) / PLAY
    target.parent.mkdir(parents=True)
    for content in (b"", CONTENT[:-1], CONTENT + b"x", CONTENT[:-1] + b"x"):
        target.write_bytes(content)
        served(PLAY, "missing")
        assert load_shakespeare().is_standin
        served(PLAY, "ok")
        assert load_shakespeare().text == CONTENT.decode()


@pytest.mark.parametrize("name", ["COURSE_DATA_DIR", "COURSE_DATA_MIRROR"])
def test_a_home_folder_that_is_not_there(served, monkeypatch, name, capfd):
    served(PLAY, "ok")
    monkeypatch.setenv(name, "~nobody-of-this-name/data")
    with pytest.raises(DataUnavailableError, match="~nobody-of-this-name/data"):
        fetch(PLAY)
    assert load_shakespeare().is_standin


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("size=32k", "the disk is full"),
        ("size=1m,nr_inodes=2", "the disk is full"),
        ("size=1m,ro", "the folder cannot be written"),
    ],
)
def test_a_disk_that_refuses(served, tmp_path, monkeypatch, capfd, options, reason):
    with small_disk(tmp_path / "disk", options) as disk:
        monkeypatch.setenv("COURSE_DATA_DIR", str(disk))
        for name, load in ((PLAY, load_shakespeare), (NAME, load_names)):
            served(name, "ok")
            stands_in(load, reason, capfd)


EIGHT = f"""
import sys
from course_utils.corpora import fetch, registry
item = registry.Entry({NAME!r}, "", {len(NAMES)}, {hashlib.sha256(NAMES).hexdigest()!r})
registry.entries = lambda: {{item.name: item}}
sys.stdin.readline()
print(fetch(item.name, data_dir=sys.argv[1], mirror=sys.argv[2]))
"""


def test_eight_processes_at_once(tmp_path):
    with answering(Server(NAME, NAMES)) as server:
        mirror = f"http://127.0.0.1:{server.server_port}/drip"
        command = [sys.executable, "-c", EIGHT, str(tmp_path), mirror]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        children = [subprocess.Popen(command, **pipes, text=True, cwd=ROOT) for _ in range(8)]
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        answers = [child.communicate(timeout=120) for child in children]
    assert answers == [(f"{tmp_path / NAME}\n", "")] * 8
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / NAME]
    assert (tmp_path / NAME).read_bytes() == NAMES
