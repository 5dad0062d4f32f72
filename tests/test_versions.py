"""Other versions: what is installed, what is left out for torch, how figures are read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement

from reliability import versions, versions_environments, versions_imports, versions_plugin
from reliability import versions_ranges as ranges

pytestmark = pytest.mark.offline

# A torch that is not there, without taking it away from this environment.
NO_TORCH = """
import importlib.abc, importlib.util, sys
class Gone(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone())
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "torch" else real(name, *more)
"""
SAMPLE = """
import subprocess, sys, pytest
from fixture import needs
def test_good(): assert True
def test_needs_torch(): import torch
def test_hides_torch():
    try: import torch
    except ImportError as error: raise ValueError("no") from error
def test_other_process():
    code = "raise ModuleNotFoundError(\\"No module named 'torch'\\")"
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.PIPE)
def test_setup(needs): pass
def test_another_module(): import torchard
def test_wrong(): assert 1 == 2
def test_says_torch(): assert "torch" == "x"
def test_browser(browser): pass
@pytest.fixture
def browser(): raise RuntimeError("a browser was started")
"""
FIXTURE = "import pytest\n@pytest.fixture\ndef needs():\n    import torch\n"


def test_oldest_is_the_lower_bound_of_every_range():
    lines = {Requirement(line).name: line for line in ranges.oldest("2.13.0")}
    for name, specifier in ranges.declared().items():
        version = lines[name].split("==")[1].split(";")[0]
        if name != "torch":
            assert specifier.lstrip(">=").split(",")[0] == version[: len(specifier) - 2]
        assert Requirement(f"{name}{specifier}").specifier.contains(version)
    assert "pytest" in lines
    assert lines["torch"] == "torch==2.13.0"


def test_newest_has_the_ranges_and_other_pythons_have_no_torch():
    assert "numpy" + ranges.declared()["numpy"] in ranges.newest()
    names = {Requirement(line).name for line in ranges.pinned_without_torch()}
    assert "torch" not in names
    assert {"numpy", "pytest"} <= names
    assert not any(line.startswith("torch") for line in ranges.oldest(""))


def test_a_range_without_lower_bound_is_refused():
    with pytest.raises(ValueError, match="no lower bound"):
        ranges.lowest("<3")


@pytest.fixture(scope="module")
def summary(tmp_path_factory) -> str:
    """Run sample tests where torch cannot be imported; return what pytest prints."""
    folder: Path = tmp_path_factory.mktemp("sample")
    (folder / "sitecustomize.py").write_text(NO_TORCH, encoding="utf-8")
    (folder / "fixture.py").write_text(FIXTURE, encoding="utf-8")
    (folder / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    (folder / "test_file.py").write_text("import torch\ndef test_x(): pass\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    env = versions_environments.variables(folder / "own") | {
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])
    }
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p"]
    line += ["reliability.versions_plugin", "-p", "no:nbval", str(folder)]
    done = subprocess.run(
        line, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_only_what_fails_for_torch_is_left_out(summary):
    assert versions.figures(summary) == (
        "passed: 1; failed: 3; left out for torch, tests: 4; "
        "left out for torch, whole files: 1; skipped for other reasons: 0"
    )
    for name in ("test_another_module", "test_wrong", "test_says_torch"):
        assert f"::{name}" in summary
    assert "1 deselected" in summary


def test_errors_are_followed_to_their_cause():
    assert not versions_plugin.is_torch(ValueError("torch"))
    error = ValueError("x")
    error.__cause__ = ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")
    assert versions_plugin.is_torch(error)


def test_imports_are_counted_and_a_broken_module_is_a_problem(tmp_path, monkeypatch):
    assert len(versions_imports.python_files()) > 400
    names = versions_imports.modules()
    assert {"course_utils.text", "presenting.lab", "reliability.versions"} <= set(names)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "needs_it.py").write_text(
        "raise ModuleNotFoundError('x', name='torch')\n", encoding="utf-8"
    )
    tried = ["json", "needs_it", "not_there_at_all"]
    good, left, problems = versions_imports.try_imports(tried, torch_is_here=False)
    assert (good, left, len(problems)) == (1, 1, 1)
    assert len(versions_imports.try_imports(tried, torch_is_here=True)[2]) == 2


def test_a_file_with_a_warning_does_not_compile(tmp_path, monkeypatch):
    monkeypatch.setattr(versions_imports, "ROOT", tmp_path)
    for source, good in (("x = 1\n", True), ("x = '\\d'\n", False), ("x = (\n", False)):
        (tmp_path / "x.py").write_text(source, encoding="utf-8")
        assert (versions_imports.problem_in(tmp_path / "x.py") is None) == good


def test_a_python_that_is_not_here_is_said(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(versions_environments, "find_python", lambda _: None)
    assert versions.main(["3.12", "--folder", str(tmp_path)]) == 1
    assert "no Python 3.12 here" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        versions.main(["3.2"])


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_workflows_may_only_read_and_take_nothing_from_a_stranger(path):
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert not {"pull_request_target", "workflow_run"} & set(workflow[True])
    assert "secrets." not in text
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert "permissions" not in job
        assert all("github.event" not in step.get("run", "") for step in job["steps"])
