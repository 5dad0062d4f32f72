"""Where the real texts would come from: known without a download and without a long wait."""

from __future__ import annotations

import threading

import pytest
from data_server import Server, answering

from course_utils.corpora import availability, registry
from course_utils.machine import facts

NAME = "names/Polish.txt"


@pytest.fixture(autouse=True)
def _settings(monkeypatch, no_texts):
    """Start each test without texts, and reach this machine without a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def server():
    with answering(Server(NAME, b"Nowak\n" * 40)) as server:
        yield server


def text_row(monkeypatch, **settings):
    for name, value in settings.items():
        monkeypatch.setenv(f"COURSE_{name}", str(value))
    return facts._texts(availability.look_for_data(wait=1.0))


def test_texts_offline(monkeypatch):
    row = text_row(monkeypatch)
    assert row.mark == "!"
    assert "COURSE_OFFLINE is set" in row.found
    assert "stand-ins" in row.found


def test_texts_in_a_mirror_folder(monkeypatch, tmp_path):
    assert text_row(monkeypatch, DATA_MIRROR=tmp_path / "none").mark == "!"
    for name in registry.entries():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    row = text_row(monkeypatch, DATA_MIRROR=tmp_path)
    assert (row.mark, row.found) == ("✓", "in your mirror; fetched when needed")


def test_texts_that_are_here(monkeypatch):
    monkeypatch.setattr(availability, "is_intact", lambda path, item: True)
    assert text_row(monkeypatch).found == "all 19 files are here"


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("ok", "mirror"), ("missing", "unreachable"), ("login", "unreachable"), ("silent", None)],
)
def test_texts_on_a_server(mode, kind, server, monkeypatch):
    monkeypatch.setattr(registry, "entries", lambda: {NAME: registry.Entry(NAME, "", 1, "")})
    monkeypatch.setenv("COURSE_OFFLINE", "")
    monkeypatch.setenv("COURSE_DATA_MIRROR", f"http://127.0.0.1:{server.server_port}/{mode}")
    wait = 5.0 if kind else 0.2
    assert availability.look_for_data(wait=wait).kind == (kind or "unreachable")


def test_texts_on_the_pinned_address(server, monkeypatch):
    address = f"http://127.0.0.1:{server.server_port}/ok/{NAME}"
    monkeypatch.setattr(registry, "entries", lambda: {NAME: registry.Entry(NAME, address, 1, "")})
    monkeypatch.setenv("COURSE_OFFLINE", "0")
    found = availability.look_for_data(wait=5.0)
    assert (found.kind, found.n_here, found.n_files) == ("network", 0, 1)


def test_a_question_that_never_ends_is_left_alone():
    never = threading.Event()
    assert availability._within(0.01, never.wait) is None
    assert availability._within(5, [].pop) is None
    assert availability._within(5, lambda: 7) == 7
    never.set()
