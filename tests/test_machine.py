"""The check of the machine: it says what is true, what to do, and never stops a notebook."""

from __future__ import annotations

import importlib.metadata
import re
import sys
import types
from collections import namedtuple
from html.parser import HTMLParser

import psutil
import pytest
import torch

from course_utils import machine
from course_utils.corpora.availability import Availability
from course_utils.machine import MachineReport, Row, facts, speed

WHAT = ["Python", "PyTorch", "device", "CPU", "speed", "memory", "disk", "texts"]
WHAT += ["networks", "sliders"]
Memory = namedtuple("Memory", "total available")


@pytest.fixture(autouse=True)
def _settings(monkeypatch, tmp_path):
    """Start each test without settings, with an empty folder for downloads and a quick clock."""
    for name in ("COURSE_DATA_MIRROR", "COURSE_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(facts, "lstm_seconds", lambda: machine.REFERENCE_SECONDS)


def row_of(what):
    (row,) = [row for row in machine.check_machine(wait=1.0).rows if row.what == what]
    return row


def broken(*_arguments, **_options):
    raise RuntimeError("no such thing here")


def test_the_report_of_this_machine():
    report = machine.check_machine()
    assert [row.what for row in report.rows] == WHAT
    assert report.ready
    assert report.slower == 1
    assert all(row.found for row in report.rows)
    assert all(bool(row.todo) == (row.mark != "✓") for row in report.rows)
    assert all(row.todo.endswith(".") for row in report.rows if row.todo)


def test_nothing_stops_it(monkeypatch):
    """Even where every look fails, there is a report, with a reason in each line."""
    for name in ("lstm_seconds", "pick_device", "look_for_data", "shipped", "download_folder"):
        monkeypatch.setattr(facts, name, broken)
    monkeypatch.setattr(psutil, "virtual_memory", broken)
    monkeypatch.setattr(torch, "get_num_threads", broken)
    monkeypatch.setattr(importlib.metadata, "version", broken)
    monkeypatch.setattr("platform.python_version", broken)
    report = machine.check_machine()
    assert [row.what for row in report.rows] == WHAT
    assert report.slower is None
    unknown = [row for row in report.rows if "no such thing here" in row.found]
    assert {row.mark for row in unknown} == {"!"}
    assert len(unknown) == len(WHAT) - 2  # the version of PyTorch is known, and the speed has a row


@pytest.mark.parametrize("mirror", ["", "https://example.org/"])
def test_a_bad_machine_fits_on_a_slide(mirror, monkeypatch, tmp_path):
    """A line that is too long takes two lines of the table, and the slide ends below the screen."""
    monkeypatch.setattr(facts, "lstm_seconds", lambda: 2.6 * machine.REFERENCE_SECONDS)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8e9, 2e8))
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=1e7))
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(facts, "shipped", lambda *_: tmp_path)
    monkeypatch.setattr(facts, "_in_notebook", lambda: True)
    monkeypatch.setenv("COURSE_DATA_MIRROR", mirror)
    monkeypatch.delenv("COURSE_DATA_DIR")
    for kind in ("offline", "unreachable", "mirror", "network", "here"):
        found = Availability(kind, tmp_path, 0, 19)
        monkeypatch.setattr(facts, "look_for_data", lambda found=found, **_: found)
        rows = machine.check_machine().rows
        assert sum(row.mark != "✓" for row in rows) >= 5
        assert {row.what for row in rows if len(row.found) > 38 or len(row.todo) > 31} == set()


def test_without_pytorch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(facts, "lstm_seconds", speed.lstm_seconds)
    report = machine.check_machine()
    assert not report.ready
    assert report.rows[1].mark == "✗"
    assert "make lab" in report.rows[1].todo


@pytest.mark.parametrize(
    ("version", "mark"), [("2.4.0", "✓"), ("2.11.0+cu128", "✓"), ("2.3.1", "!"), ("1.13.1", "!")]
)
def test_version_of_pytorch(version, mark, monkeypatch):
    monkeypatch.setattr(torch, "__version__", version)
    assert row_of("PyTorch").mark == mark


def test_version_of_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    assert row_of("Python").mark == "✓"
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert row_of("Python").mark == "!"


def test_device(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert row_of("device") == Row("✓", "device", "cpu: no GPU is needed")
    monkeypatch.setenv("COURSE_DEVICE", "gpuu")
    row = row_of("device")
    assert row.mark == "✗"
    assert "gpuu" in row.todo
    monkeypatch.setattr(facts, "pick_device", lambda: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "a GPU")
    assert row_of("device") == Row("✓", "device", "cuda: a GPU")


@pytest.mark.parametrize("cores", [1, 2, 8])
def test_cores_and_threads(cores, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)), raising=False)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert row_of("CPU").found == f"{cores} core{'s' * (cores > 1)}; this notebook uses 1"


@pytest.mark.parametrize(
    ("times", "mark", "says"),
    [
        (1.0, "✓", "about the stated minutes"),
        (1.31, "✓", "about 1.3 times"),
        (0.5, "✓", "0.5 times"),
    ]
    + [(2.6, "!", "about 2.6 times")],
)
def test_speed(times, mark, says, monkeypatch):
    monkeypatch.setattr(facts, "lstm_seconds", lambda: times * machine.REFERENCE_SECONDS)
    row = row_of("speed")
    assert row.mark == mark
    assert says in row.found
    assert ("Colab" in row.todo) == (mark == "!")


def test_the_clock_changes_nothing():
    torch.manual_seed(3)
    threads, wanted = torch.get_num_threads(), torch.rand(4)
    torch.manual_seed(3)
    assert machine.lstm_seconds(repeats=1) > 0
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.rand(4), wanted)
    with pytest.raises(ValueError, match="repeats must be a whole number of at least 1, got 0"):
        machine.lstm_seconds(repeats=0)


def test_the_clock_stops_at_its_limit(monkeypatch):
    """The fastest step counts, the first one never does, and a slow machine is not kept busy."""
    ticks = iter([0, 0, 9, 10, 12, 13, 18, 19, 20, 99, 99])
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(ticks))
    assert machine.lstm_seconds(repeats=50, limit=15) == 1
    assert next(ticks) == 99


@pytest.mark.parametrize(("free", "mark"), [(0.4e9, "!"), (4e9, "✓")])
def test_memory(free, mark, monkeypatch, tmp_path):
    monkeypatch.setattr(facts, "CONTAINER", tmp_path / "memory.max")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(8e9, free))
    row = row_of("memory")
    assert row.mark == mark
    assert row.found == f"{free / 1e9:.1f} GB free of 8.0 GB"


def test_memory_of_a_container(monkeypatch, tmp_path):
    monkeypatch.setattr(facts, "CONTAINER", tmp_path / "memory.max")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(64e9, 32e9))
    (tmp_path / "memory.max").write_text("2000000000\n")
    (tmp_path / "memory.current").write_text("1900000000\n")
    assert row_of("memory").found == "0.1 GB free of 2.0 GB"
    (tmp_path / "memory.max").write_text("max\n")
    assert row_of("memory").found == "32.0 GB free of 64.0 GB"


def test_disk(monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=5e9))
    row = row_of("disk")
    assert row.found == f"5.0 GB free for {tmp_path / 'cache'}"
    assert row.mark == "✓"
    monkeypatch.setattr("shutil.disk_usage", lambda _: types.SimpleNamespace(free=1e8))
    assert row_of("disk").mark == "!"
    assert not (tmp_path / "cache").exists()  # to look makes no folder
    monkeypatch.delenv("COURSE_DATA_DIR")
    assert row_of("disk").found.endswith("for data/cache")


def test_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "file" / "cache"))
    row = row_of("disk")
    assert row.mark == "!"
    assert "COURSE_DATA_DIR" in row.todo


def test_missing_networks(monkeypatch, tmp_path):
    assert row_of("networks").mark == "✓"
    monkeypatch.setattr(facts, "shipped", lambda *_: tmp_path)
    row = row_of("networks")
    assert row.mark == "✗"
    assert "missing: names, rnn, gru, lstm" in row.found


@pytest.mark.parametrize(("version", "mark"), [("8.1.9", "✓"), ("7.7.1", "✓"), ("7.6.5", "!")])
def test_sliders(version, mark, monkeypatch):
    versions = {"ipywidgets": version, "jupyterlab": "4.6.6"}
    monkeypatch.setattr(importlib.metadata, "version", versions.__getitem__)
    monkeypatch.setattr(facts, "_in_notebook", lambda: True)
    row = row_of("sliders")
    assert row.mark == mark
    assert row.found == f"ipywidgets {version}, JupyterLab 4.6.6"
    monkeypatch.setattr(facts, "in_colab", lambda: True)
    assert row_of("sliders").found == f"ipywidgets {version}, Google Colab"


def test_sliders_need_a_notebook_and_ipywidgets(monkeypatch):
    assert "not in a notebook" in row_of("sliders").found  # pytest is none

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert row_of("sliders").mark == "✗"
    assert facts._program() == "no JupyterLab here"


class Table(HTMLParser):
    """Collect the tags of a table with their attributes, and its words."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_a_screen_reader_can_read_the_table():
    rows = Row("✓", "a", "1 < 2"), Row("!", "b", "<script>", "Do it."), Row("✗", "c", "3")
    table = Table(MachineReport(rows)._repr_html_())
    assert "script" not in dict(table.tags)
    assert {"1 < 2", "<script>", "Do it."} <= set(table.words)
    assert [attrs["scope"] for tag, attrs in table.tags if tag == "th"] == ["col"] * 4 + ["row"] * 3
    labels = [attrs["aria-label"] for tag, attrs in table.tags if tag == "span"]
    assert labels == ["good", "look here", "this must be repaired"]
    assert [tag for tag, _ in table.tags].count("caption") == 1
    assert not MachineReport(rows).ready


def test_the_text_fits_a_slide():
    lines = str(machine.check_machine()).splitlines()
    assert all(re.match(r"[✓!✗] \w| +→ ", line) for line in lines)
    assert repr(machine.check_machine()).splitlines()[0] == lines[0]
