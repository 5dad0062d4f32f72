"""Training on a text of 100 MB takes hardly more memory than on one of 1 MB."""

import os
import subprocess
import sys

import pytest

from benchmarks import memory
from course_utils import corpora

needs_a_peak = pytest.mark.skipif(os.name == "nt", reason="Windows does not tell the peak")


@needs_a_peak
def test_a_large_text_takes_no_more_than_120_mb_more(tmp_path, capfd):
    text = corpora.generate_play(1_100_000).text
    figures = memory.compare(text, 100, tmp_path, n_steps=8)
    assert figures["small_text_mb"] == 1.1
    assert figures["text_mb"] == 100
    assert figures["small_peak_mb"] > 100  # PyTorch alone takes more
    assert figures["difference_mb"] == figures["peak_mb"] - figures["small_peak_mb"] < 120
    assert [*tmp_path.iterdir()] == []
    assert "100.0 MB" in capfd.readouterr().err


PEAK = """
from benchmarks import memory
before = memory.own_peak_mb()
block = b"x" * (round(before + 100) * memory.MB)
del block
print(before, memory.own_peak_mb())
"""


@needs_a_peak
def test_the_peak_is_seen_after_the_memory_is_given_back():
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    before, after = map(float, done.stdout.split())
    assert before + 95 < after < 2 * before + 150


def test_the_peak_of_this_program_and_not_of_its_parent(tmp_path):
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmPeak:\t 900 kB\nVmHWM:\t  2000 kB\n", encoding="utf-8")
    assert memory.own_peak_mb(status) == 2.048


@needs_a_peak
def test_where_there_is_no_such_file(tmp_path, monkeypatch):
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for platform, unit in (("linux", 1024), ("darwin", 1)):
        monkeypatch.setattr(sys, "platform", platform)
        assert memory.own_peak_mb(tmp_path / "none") >= peak * unit / memory.MB


def test_a_process_that_fails_says_why(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="MemoryError: no")
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: failed)
    with pytest.raises(RuntimeError, match=r"no\.txt failed:\nMemoryError: no"):
        memory.peak_mb(tmp_path / "no.txt", n_steps=1)


@pytest.mark.parametrize(
    ("text", "n_bytes", "expected"),
    [
        ("abc", 8, "abcabcab"),
        ("abc", 6, "abcabc"),
        ("abc", 2, "ab"),
        ("a한b", 12, "a한ba한ba"),  # two bytes of the third 한 are left out
    ],
)
def test_a_file_repeats_a_text(tmp_path, text, n_bytes, expected):
    path = tmp_path / "text.txt"
    memory.write_repeated(path, text, n_bytes)
    assert path.read_bytes().decode("utf-8") == expected
