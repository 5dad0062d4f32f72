"""The house around the course: settings, pages, workflows, the Makefile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import link_rules
import pytest
import yaml
from conftest import ROOT, ci_script

repository_script = ci_script("set_repository")


@pytest.mark.parametrize("name", ["test", "gpu", "links", "security", "versions"])
def test_workflow_is_valid_and_may_only_read(name):
    text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert True in workflow  # YAML reads the key `on` as true
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w./-]+@(v\d+|[0-9a-f]{40})", action) for action in uses)


def test_workflow_runs_oldest_and_newest_python_everywhere():
    text = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    matrix = yaml.safe_load(text)["jobs"]["test"]["strategy"]["matrix"]
    assert matrix == {
        "os": ["ubuntu-latest", "macos-latest", "windows-latest"],
        "python": ["3.10", "3.13"],
    }


@pytest.mark.parametrize(
    "name",
    ["README.md", "CONTRIBUTING.md", "data/README.md", "docs/cluster.md", "docs/presenting.md"]
    + ["docs/reliability.md"],
)
def test_links_of_a_page_resolve(name):
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    address, _ = repository_script.project(ROOT)
    assert link_rules.dead_links(text, path, ROOT, address, text) == []


def test_readme_has_a_row_and_a_badge_per_lesson():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert f"](notebooks/{path.name})" in text
        assert f"/notebooks/{path.name})" in text.replace(f"](notebooks/{path.name})", "")


def requirements() -> dict[str, list[str]]:
    """Return name -> pinned versions from requirements.txt."""
    pins: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([\w-]+)==([\w.]+)", line):
            pins.setdefault(match[1], []).append(match[2])
    return pins


def declared() -> dict[str, str]:
    """Return name -> range of versions from pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("dependencies = [")[1].split("\n]")[0]
    return dict(re.findall(r'"([\w-]+)([^"]*)"', block))


def test_every_dependency_is_pinned_inside_its_range():
    from packaging.specifiers import SpecifierSet

    pins = requirements()
    for name, versions in declared().items():
        assert name in pins, f"{name} is not pinned in requirements.txt"
        assert all(pin in SpecifierSet(versions) for pin in pins[name]), name


def test_ranges_leave_colab_as_it_is():
    from packaging.specifiers import SpecifierSet

    colab = {
        "torch": "2.11.0",
        "numpy": "2.1.3",
        "matplotlib": "3.10.0",
        "ipython": "7.34.0",
        "ipywidgets": "7.7.1",
        "pandas": "2.2.3",
    }
    ranges = declared()
    assert all(version in SpecifierSet(ranges[name]) for name, version in colab.items())


@pytest.mark.skipif(os.name == "nt" or shutil.which("make") is None, reason="there is no make")
def test_make_help_lists_every_target():
    run = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True)
    targets = ["help", "install", "lab", "test", "notebooks", "lint", "fork", "clean"]
    targets += ["bench", "checkpoints"]
    for target in targets:
        assert re.search(rf"^  {target} +\S", run.stdout, re.MULTILINE), target
