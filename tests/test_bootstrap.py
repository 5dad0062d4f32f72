"""The bootstrap cell: finds the course, or copies it whole, or says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, ci_script

repository_script = ci_script("set_repository")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def run_bootstrap(folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run the bootstrap cell in a folder, as a kernel there would."""
    address, tag = repository_script.project(ROOT)
    source = repository_script.bootstrap_source(ROOT, address, tag)
    source += "\nimport course_utils; print(course_utils.__file__)"
    kept = {k: v for k, v in os.environ.items() if k not in ("COURSE_REPOSITORY", "PYTHONPATH")}
    return subprocess.run(
        # -S -I: without the course that is installed in this environment
        [sys.executable, "-S", "-I", "-c", source],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def published(tmp_path) -> Path:
    """Return a small repository with a course_utils and the release tag."""
    root = tmp_path / "published"
    (root / "course_utils").mkdir(parents=True)
    (root / "course_utils" / "__init__.py").write_text("", encoding="utf-8")
    (root / "notebooks").mkdir()
    _, tag = repository_script.project(ROOT)
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*name, "commit", "-qm", "x"], ["tag", tag]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def found_in(run: subprocess.CompletedProcess) -> Path:
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return Path(run.stdout.strip()).resolve().parents[1]


def test_bootstrap_is_short():
    lines = (ROOT / ".ci" / "bootstrap_cell.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 100


def test_bootstrap_finds_the_course_above(published):
    (published / "notebooks" / "solutions").mkdir()
    assert found_in(run_bootstrap(published / "notebooks" / "solutions")) == published.resolve()
    assert sorted(path.name for path in published.iterdir()) == [
        ".git",
        "course_utils",
        "notebooks",
    ]


@needs_git
def test_bootstrap_copies_the_course_once(tmp_path, published):
    (tmp_path / "alone").mkdir()
    run = run_bootstrap(tmp_path / "alone", COURSE_REPOSITORY=str(published))
    assert found_in(run) == (tmp_path / "alone" / "rnn-course").resolve()
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["rnn-course"]
    # The second time no address is needed: the copy is used.
    run = run_bootstrap(tmp_path / "alone", COURSE_REPOSITORY="/nowhere")
    assert found_in(run) == (tmp_path / "alone" / "rnn-course").resolve()


@pytest.mark.parametrize("what", ["no git", "bad address", "no such tag"])
def test_bootstrap_says_what_to_do(tmp_path, published, what):
    (tmp_path / "alone").mkdir()
    address = str(tmp_path / "nowhere") if what == "bad address" else str(published)
    path = {"PATH": str(tmp_path)} if what == "no git" else {}
    if what == "no such tag":
        _, tag = repository_script.project(ROOT)
        subprocess.run(["git", "tag", "-d", tag], cwd=published, check=True, capture_output=True)
    run = run_bootstrap(tmp_path / "alone", COURSE_REPOSITORY=address, **path)
    assert run.returncode == 1
    assert f"RuntimeError: No copy of {address}" in run.stderr
    assert "Install git, check network and address" in run.stderr
    assert list((tmp_path / "alone").iterdir()) == []


def test_bootstrap_never_uses_half_a_copy(tmp_path, published):
    """A git that copies half and fails leaves nothing behind."""
    (tmp_path / "alone").mkdir()
    if os.name == "nt":
        pytest.skip("the stand-in for git is a shell script")
    path = with_git(tmp_path, 'mkdir -p "$last/course_utils"; exit 1')
    run = run_bootstrap(tmp_path / "alone", PATH=path, COURSE_REPOSITORY=str(published))
    assert run.returncode == 1
    assert list((tmp_path / "alone").iterdir()) == []


@needs_git
def test_bootstrap_says_what_to_do_when_a_folder_is_in_the_way(tmp_path, published):
    """The course's folder on a Drive has the name of the copy."""
    mine = tmp_path / "alone" / "rnn-course" / "networks" / "mine.json"
    mine.parent.mkdir(parents=True)
    mine.write_text("{}", encoding="utf-8")
    run = run_bootstrap(tmp_path / "alone", COURSE_REPOSITORY=str(published))
    assert run.returncode == 1
    assert "RuntimeError: No copy of" in run.stderr
    assert "rename an old folder rnn-course" in run.stderr
    assert mine.read_text(encoding="utf-8") == "{}"
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["rnn-course"]


def with_git(folder: Path, script: str) -> str:
    """Return a PATH whose git is this shell script; its last argument is "$last"."""
    fake = folder / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\nfor last; do :; done\n{script}\n", encoding="utf-8")
    fake.chmod(0o755)
    return f"{fake.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for git is a shell script")
def test_bootstrap_uses_the_copy_of_a_notebook_that_was_faster(tmp_path, published):
    """Two notebooks are started at once, and the other one has made its copy meanwhile."""
    (tmp_path / "alone").mkdir()
    copied = 'mkdir -p "$last/course_utils" rnn-course/course_utils; touch'
    path = with_git(tmp_path, f"{copied} rnn-course/course_utils/__init__.py")
    run = run_bootstrap(tmp_path / "alone", PATH=path, COURSE_REPOSITORY=str(published))
    assert found_in(run) == (tmp_path / "alone" / "rnn-course").resolve()
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["rnn-course"]
