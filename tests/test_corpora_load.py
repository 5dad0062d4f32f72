"""load_names and load_shakespeare: the real text, or a stand-in that says what it is."""

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.corpora import (
    DataUnavailableError,
    fetch,
    generate_play,
    load_names,
    load_shakespeare,
    loading,
    play_entropy,
    registry,
)

pytestmark = pytest.mark.offline  # these also hold with no network and no mirror

ROOT = Path(__file__).parents[1]
MIRROR = os.environ.get("COURSE_DATA_MIRROR")  # read before the tests below change it
PLAY = "tinyshakespeare/input.txt"


@pytest.fixture(autouse=True)
def alone(no_texts):
    """Start without texts, in a process that has announced nothing."""
    loading._announce.cache_clear()
    yield
    loading._announce.cache_clear()


@pytest.fixture
def small_mirror(monkeypatch, tmp_path):
    """Make a mirror of three small files."""
    files = {
        "names/Czech.txt": "Novák\n\n  Čapek \nNovák\n".encode(),
        "names/Irish.txt": b"O'Brien\r\nDunne",
        PLAY: "First:\nOh naïve heart\u2028 here\r\n".encode(),
    }
    found = {}
    for name, content in files.items():
        path = tmp_path / "mirror" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        found[name] = registry.Entry(name, "", len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(registry, "entries", lambda: found)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    return tmp_path / "mirror"


def test_names_keep_order_and_duplicates(small_mirror, capfd):
    corpus = load_names()
    assert corpus.names == {"Czech": ["Novák", "Čapek", "Novák"], "Irish": ["O'Brien", "Dunne"]}
    assert not corpus.is_standin
    assert "practical-pytorch" in corpus.source
    assert capfd.readouterr() == ("", "")


def test_shakespeare_keeps_every_character(small_mirror, capfd):
    corpus = load_shakespeare()
    assert corpus.text == "First:\nOh naïve heart\u2028 here\r\n"
    assert not corpus.is_standin
    assert corpus.bits_per_char is None
    assert "Shakespeare" in corpus.source
    assert capfd.readouterr() == ("", "")


def test_one_missing_file_means_all_stand_ins(small_mirror, capfd):
    (small_mirror / "names/Irish.txt").unlink()
    corpus = load_names()
    assert corpus.is_standin
    assert "Novotný" in corpus.names["Czech"]
    assert "Irish.txt" in capfd.readouterr().out


def test_stand_in_names(capfd):
    corpus = load_names()
    assert corpus.is_standin
    assert "stand-in" in corpus.source
    assert len(corpus.names) == 18
    assert [*corpus.names] == sorted(corpus.names)
    assert "Dvořák" in corpus.names["Czech"]
    assert "O'Brien" in corpus.names["Irish"]
    printed, errors = capfd.readouterr()
    assert printed.startswith("STAND-IN DATA")
    assert printed.count("STAND-IN") == 1
    assert not errors
    assert "COURSE_OFFLINE is set" in printed
    assert "what to do" in printed
    assert "COURSE_DATA_MIRROR" in printed


def test_each_reason_is_told_once(capfd, monkeypatch):
    load_names(), load_names()
    assert capfd.readouterr().out.count("STAND-IN") == 1
    load_shakespeare(), load_shakespeare()
    assert capfd.readouterr().out.count("Shakespeare") == 1
    monkeypatch.setenv("COURSE_DATA_MIRROR", "/nowhere/at/all")
    load_names(), load_names()
    assert capfd.readouterr().out.count("/nowhere/at/all") == 2  # as reason and as address


def test_stand_in_play():
    corpus = load_shakespeare()
    assert corpus == generate_play(1_115_394, seed=0)
    assert corpus.is_standin
    assert corpus.bits_per_char == play_entropy()


@pytest.mark.parametrize("load", [load_names, load_shakespeare])
def test_no_fallback(load, capfd):
    with pytest.raises(DataUnavailableError, match="(?s)address: https://raw.*folder.*what to do"):
        load(fallback=False)
    assert capfd.readouterr() == ("", "")


def test_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        generate_play(10).text = "changed"


def test_stand_in_in_a_new_process_whatever_the_locale(tmp_path):
    code = (
        "from course_utils.corpora import load_names, load_shakespeare\n"
        "names, play = load_names(), load_shakespeare()\n"
        "assert names.is_standin and play.is_standin and '\\u010capek' in names.names['Czech']\n"
    )
    settings = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **settings}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("STAND-IN DATA") == 2


@pytest.mark.skipif(not MIRROR, reason="COURSE_DATA_MIRROR is not set")
def test_real_files(monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", MIRROR)
    monkeypatch.delenv("COURSE_OFFLINE")
    assert len(registry.entries()) == 19
    for name in registry.entries():
        assert fetch(name).stat().st_size == registry.entry(name).size
    names, play = load_names(fallback=False), load_shakespeare(fallback=False)
    assert len(names.names) == 18
    assert sum(map(len, names.names.values())) > 20_000
    assert len(play.text) == 1_115_394
    assert play.text.startswith("First Citizen:\n")
