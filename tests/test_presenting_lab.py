"""How JupyterLab is started for the course."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from presenting import lab


def test_it_listens_on_loopback_only_and_keeps_jupyters_token() -> None:
    line = lab.command(None, 8888, [], screen=True)
    assert "--ServerApp.ip=127.0.0.1" in line
    assert not any("token" in part or "password" in part for part in line)
    assert "--no-browser" not in line


def test_what_follows_the_dashes_goes_to_jupyterlab() -> None:
    line = lab.command("04", 8899, ["--debug"], screen=False)
    assert line[-2:] == ["--no-browser", "--debug"]
    assert "--ServerApp.port=8899" in line
    assert "--LabApp.default_url=/lab/workspaces/present/tree/notebooks/04_lstm_gru.ipynb" in line


@pytest.mark.parametrize("number", ["", " ", "99", "lstm", "../04"])
def test_a_lesson_that_is_not_there_is_refused_with_the_choice(number: str) -> None:
    with pytest.raises(ValueError, match="Choose one of .*04.*LESSON=04"):
        lab.find_lesson(number)


def test_make_present_without_a_lesson_says_what_to_write() -> None:
    line = [sys.executable, "-m", "presenting.lab", "--lesson", ""]
    answer = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert "LESSON=04" in answer.stderr


def test_every_lesson_can_be_presented() -> None:
    for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"):
        assert lab.find_lesson(path.name[:2]) == path


def test_the_address_leaves_the_question_mark_to_jupyters_token() -> None:
    assert "?" not in lab.start_page("04") + lab.start_page(None)


def test_jupyterlab_gets_the_defaults_of_the_course(tmp_path, capsys) -> None:
    lab.store_settings(tmp_path)
    (stored,) = tmp_path.rglob("overrides.d/*.json")
    assert json.loads(stored.read_text(encoding="utf-8")) == lab.SETTINGS
    (tmp_path / "file").write_text("", encoding="utf-8")
    lab.store_settings(tmp_path / "file")  # no folder can be made there
    assert "its own settings" in capsys.readouterr().err


def test_without_a_screen_no_browser_is_opened() -> None:
    assert not lab.has_screen({"CI": "true", "DISPLAY": ":0"}, "linux")
    assert lab.has_screen({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert lab.has_screen({}, "win32")


def test_the_extension_has_every_file_that_it_loads() -> None:
    folder = lab.EXTENSIONS / "rnn-course-present"
    facts = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    entry = folder / facts["jupyterlab"]["_build"]["load"]
    text = entry.read_text(encoding="utf-8")
    names = re.findall(r'"([\w.]+\.(?:js|css))"', text)
    scripts = {path.name: path.read_text(encoding="utf-8") for path in entry.parent.glob("*.js")}
    imported = re.findall(r'from "\./([\w.]+)"', "".join(scripts.values()))
    assert {"plugin.js", "fit.js", "live.css", "slides.css"} <= set(names)
    assert all((entry.parent / name).is_file() for name in names + imported)
    json.loads((folder / "schemas" / folder.name / "plugin.json").read_text(encoding="utf-8"))


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in lab.EXTENSIONS.rglob("*.*"):
        if path.suffix in {".js", ".css"}:
            assert "http://" not in path.read_text(encoding="utf-8"), path
            assert "https://" not in path.read_text(encoding="utf-8"), path
