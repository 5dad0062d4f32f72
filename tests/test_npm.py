"""Packages of the npm registry arrive whole and checked, or not at all."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import time

import pytest
from conftest import ROOT
from data_server import Server

from presenting import npm

MANIFEST = json.dumps({"name": "sample", "version": "1.2.0"}).encode()
FILES = {"package/package.json": MANIFEST, "package/dist/a.js": b"a = 1;\n"}
ARCHIVE = "sample/-/sample-1.2.0.tgz"


def archive(files=FILES, *, links=()):
    """Return the bytes of a .tgz file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return buffer.getvalue()


def pin_of(content):
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return npm.Pin("sample", "1.2.0", f"sha512-{digest}")


@pytest.fixture
def serve(monkeypatch, tmp_path):
    """Return a function that starts a registry with one package and pins that package."""
    servers = []

    def start(content, mode="good"):
        server = Server(ARCHIVE, content)
        poll = {"poll_interval": 0.01}
        threading.Thread(target=server.serve_forever, kwargs=poll, daemon=True).start()
        servers.append(server)
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/{mode}")
        monkeypatch.setenv("COURSE_NPM_DIR", str(tmp_path / "npm"))
        monkeypatch.setattr(npm, "pins", lambda: {"sample": pin_of(content)})
        return server

    monkeypatch.delenv("COURSE_OFFLINE", raising=False)
    yield start
    for server in servers:
        server.release.set()
        server.shutdown()
        server.server_close()


def left_behind(tmp_path):
    folder = tmp_path / "npm"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_fetches_once_and_then_needs_no_network(serve, tmp_path):
    server = serve(archive())
    folder = npm.package("sample")
    assert folder == tmp_path / "npm" / "sample-1.2.0"
    assert (folder / "dist" / "a.js").read_bytes() == b"a = 1;\n"
    server.shutdown()
    assert npm.package("sample") == folder
    assert server.asked == [f"/good/{ARCHIVE}"]
    assert left_behind(tmp_path) == ["sample-1.2.0"]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("wrong", "not a package of npm"),
        ("page", "a web page came"),
        ("login", "a web page came"),
        ("missing", "the server answered 404"),
        ("cut", "the connection was cut"),
    ],
)
def test_refuses_what_is_not_the_package(serve, tmp_path, mode, reason):
    serve(archive(), mode)
    with pytest.raises(npm.PackageError, match=reason) as caught:
        npm.package("sample")
    assert "npm_config_registry" in str(caught.value)
    assert left_behind(tmp_path) == []


def test_without_a_connection_it_says_so(serve, tmp_path):
    server = serve(archive())
    server.shutdown()
    server.server_close()
    with pytest.raises(npm.PackageError, match=r"no connection \(no network"):
        npm.package("sample")
    assert left_behind(tmp_path) == []


def test_refuses_a_wrong_checksum(serve, monkeypatch, tmp_path):
    serve(archive())
    monkeypatch.setattr(npm, "pins", lambda: {"sample": pin_of(b"something else")})
    with pytest.raises(npm.PackageError, match="checksum is not the one in"):
        npm.package("sample")
    assert left_behind(tmp_path) == []


def test_refuses_another_package_in_the_archive(serve, tmp_path):
    serve(archive({"package/package.json": b'{"name": "other", "version": "1.2.0"}'}))
    with pytest.raises(npm.PackageError, match="the archive is not sample 1.2.0"):
        npm.package("sample")
    assert left_behind(tmp_path) == []


CLIMBERS = ["package/../../out", "/etc/out", "package/a\\..\\..\\out", "package/C:out", "out"]


@pytest.mark.parametrize("name", CLIMBERS)
def test_no_member_leaves_the_folder(tmp_path, name):
    (tmp_path / "bad.tgz").write_bytes(archive({name: b"!"}))
    with pytest.raises(ValueError, match="does not belong in a package"):
        npm.unpack(tmp_path / "bad.tgz", tmp_path / "in" / "side")
    assert [path.name for path in tmp_path.rglob("out*")] == []


def test_no_link_is_followed(tmp_path):
    (tmp_path / "bad.tgz").write_bytes(archive(links=[("package/a", "/etc")]))
    with pytest.raises(ValueError, match="does not belong in a package"):
        npm.unpack(tmp_path / "bad.tgz", tmp_path / "inside")


def test_a_cut_archive_is_no_package(tmp_path):
    whole = archive({"package/big.js": os.urandom(100_000)})
    (tmp_path / "cut.tgz").write_bytes(whole[:50_000])
    with pytest.raises((OSError, EOFError, tarfile.TarError, gzip.BadGzipFile)):
        npm.unpack(tmp_path / "cut.tgz", tmp_path / "inside")


def test_an_interrupted_unpacking_is_never_used(serve, monkeypatch, tmp_path):
    serve(archive())

    def interrupted(_, target):
        target.mkdir()
        (target / "package.json").write_bytes(MANIFEST)
        raise KeyboardInterrupt

    whole = npm.unpack
    monkeypatch.setattr(npm, "unpack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        npm.package("sample")
    assert left_behind(tmp_path) == []
    monkeypatch.setattr(npm, "unpack", whole)
    assert (npm.package("sample") / "dist" / "a.js").is_file()


def test_a_damaged_folder_is_replaced_and_leftovers_go(serve, tmp_path):
    serve(archive())
    damaged, stale = tmp_path / "npm" / "sample-1.2.0", tmp_path / "npm" / ".partial-old"
    for folder in (damaged, stale):
        folder.mkdir(parents=True)
        (folder / "half").touch()
    os.utime(stale, (time.time() - 7200,) * 2)
    assert (npm.package("sample") / "dist" / "a.js").is_file()
    assert left_behind(tmp_path) == ["sample-1.2.0"]


TWO = """
import sys
from presenting import npm
npm.pins = lambda: {{"sample": npm.Pin("sample", "1.2.0", {integrity!r})}}
print(npm.package("sample"))
"""


def test_two_processes_at_once_get_the_same(serve, tmp_path):
    content = archive(FILES | {f"package/{i}.js": os.urandom(50) for i in range(200)})
    serve(content)
    code = TWO.format(integrity=pin_of(content).integrity)
    command = [sys.executable, "-c", code]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(2)]
    answers = {process.communicate(timeout=60)[0].decode().strip() for process in both}
    assert answers == {str(tmp_path / "npm" / "sample-1.2.0")}
    assert [process.returncode for process in both] == [0, 0]
    assert left_behind(tmp_path) == ["sample-1.2.0"]


def test_offline_says_what_to_do(serve, monkeypatch):
    server = serve(archive())
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(npm.PackageError, match="COURSE_OFFLINE is set"):
        npm.package("sample")
    assert server.asked == []


def test_an_unknown_package_is_named():
    with pytest.raises(ValueError, match="no package 'left-pad' is pinned; there are: axe-core"):
        npm.package("left-pad")


def test_a_registry_must_be_a_web_address(serve, monkeypatch):
    serve(archive())
    monkeypatch.setenv("npm_config_registry", "/srv/npm")
    with pytest.raises(npm.PackageError, match="must start with http"):
        npm.package("sample")


def test_the_lock_pins_what_package_json_asks_for():
    wanted = json.loads((npm.HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = json.loads((npm.HERE / "package-lock.json").read_text(encoding="utf-8"))
    pinned = npm.pins()
    assert lock["lockfileVersion"] == 3
    assert {name: pin.version for name, pin in pinned.items()} == wanted
    assert all(len(pin.checksum) == len("sha512:") + 128 for pin in pinned.values())
    assert npm.REGISTRY + pinned["mathjax"].archive == (
        "https://registry.npmjs.org/mathjax/-/mathjax-3.2.2.tgz"
    )


def test_command_says_where_everything_is(serve, capsys):
    serve(archive())
    assert npm.main() == 0
    assert "sample-1.2.0" in capsys.readouterr().out


def test_command_fails_without_a_traceback(serve, capsys):
    serve(archive(), "missing")
    assert npm.main() == 1
    assert "sample 1.2.0 could not be fetched" in capsys.readouterr().err
