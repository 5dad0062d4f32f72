"""The parts of the Colab stack that stand in for something: pip, google.colab, GitHub, Drive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from reliability import colab_source, colab_stack
from reliability.colab_python import Choice

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the tool builds for Linux and macOS")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> colab_stack.Stack:
    """Build an environment without any package, with the fakes."""
    folder = tmp_path_factory.mktemp("colab") / "stack"
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True, timeout=120)
    made = colab_stack.Stack(Choice("3", sys.executable, "0"), folder)
    colab_stack.put_fakes(made)
    return made


def run(stack: colab_stack.Stack, *command: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*command],
        env={"PATH": f"{stack.python.parent}:/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_each_call_of_pip_is_noted_and_installs_nothing(stack, tmp_path) -> None:
    log = str(tmp_path / "log")
    calls = (str(stack.python), "-m", "pip"), ("pip",), ("pip3",), ("uv",)
    for call in calls:
        done = run(stack, *call, "install", "-q", "gensim", PIP_GUARD_LOG=log)
        assert done.returncode == 1
        assert "must not install anything" in done.stderr
    assert Path(log).read_text().splitlines() == ["install -q gensim"] * len(calls)
    assert run(stack, "pip", "list").returncode == 1  # without a log, too


def test_the_course_knows_that_this_is_colab(stack) -> None:
    ask = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    ask += "from course_utils import runtime; import google\n"
    ask += "print(runtime.in_colab(), hasattr(google, '__file__') and google.__file__)"
    done = run(stack, str(stack.python), "-c", ask)
    assert done.stdout.split() in (["True", "None"], ["True", "False"]), done.stderr


def test_what_is_missing_in_the_environment_is_said(stack) -> None:
    found = colab_stack.problems(stack)
    assert "numpy None instead of 2.1.3" in found
    assert "gensim is there" not in found


def test_drive_is_mounted_as_in_colab(stack, tmp_path) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive" / "mine.txt").write_text("x")
    mount = "from google.colab import drive, files, output, userdata\n"
    mount += "import sys; drive.mount(sys.argv[1]); drive.mount(sys.argv[1])"
    place = tmp_path / "content" / "drive"
    env = {"FAKE_DRIVE": str(tmp_path / "drive")}
    done = run(stack, str(stack.python), "-c", mount, str(place), **env)
    assert done.stdout.splitlines() == [f"Mounted at {place}", f"Drive already mounted at {place}"]
    assert (place / "MyDrive" / "mine.txt").read_text() == "x"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    done = run(stack, str(stack.python), "-c", mount, str(tmp_path / "full"), **env)
    assert "Mountpoint must not already contain files" in done.stderr


@pytest.fixture
def tree(tmp_path) -> Path:
    """Return a small working tree of git with one commit, one change and one ignored file."""
    root = tmp_path / "tree"
    (root / ".ci").mkdir(parents=True)
    for name in (".ci/set_repository.py", "pyproject.toml"):
        shutil.copy2(ROOT / name, root / name)
    (root / ".gitignore").write_text("secret\n")
    (root / "a.txt").write_text("old")
    (root / "gone.txt").write_text("x")
    colab_source.git("init", "-q", cwd=root)
    colab_source.git("add", ".", cwd=root)
    colab_source.git("commit", "-qm", "x", cwd=root)
    (root / "gone.txt").unlink()
    for name in ("a.txt", "new.txt", "secret"):
        (root / name).write_text("new")
    return root


@needs_git
def test_the_working_tree_is_cloned_from_the_web_at_its_tag(tmp_path, tree) -> None:
    (tmp_path / "web").mkdir()
    bare = colab_source.make_repository(tmp_path / "web", tree)
    tag = colab_source.release(tree)[1]
    with colab_source.served(bare) as (address, asked):
        assert address.startswith("http://127.0.0.1:")
        options = ("--quiet", "--depth=1", f"--branch={tag}")
        colab_source.git("clone", *options, address, "copy", cwd=tmp_path)
        with pytest.raises(RuntimeError, match="v9"):
            colab_source.git("clone", "--branch=v9", address, "none", cwd=tmp_path)
    assert any("git-upload-pack" in line for line in asked)
    found = {path.name for path in (tmp_path / "copy").iterdir()}
    assert found == {".git", ".gitignore", ".ci", "pyproject.toml", "a.txt", "new.txt"}
    assert (tmp_path / "copy" / "a.txt").read_text() == "new"
    status = colab_source.git("status", "--short", cwd=tree)  # the tree itself is as it was
    assert sorted(status.split()) == ["??", "D", "M", "a.txt", "gone.txt", "new.txt"]


@needs_git
def test_a_folder_without_git_is_said(tmp_path) -> None:
    with pytest.raises(RuntimeError, match="git ls-files"):
        colab_source.make_repository(tmp_path, tmp_path)
