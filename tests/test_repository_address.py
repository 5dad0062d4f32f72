"""The address of the repository: one home, the same in every place, one command for a fork."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, ci_script
from fixtures import small_lesson

notebooks_script = ci_script("notebooks")
repository_script = ci_script("set_repository")
FORK = "https://github.com/some-school/rnn.course-2"


@pytest.fixture
def copy(tmp_path) -> Path:
    """Return a copy of all files that hold the address, with one small lesson more."""
    root = tmp_path / "copy"
    (root / "notebooks" / "solutions").mkdir(parents=True)
    shutil.copytree(ROOT / ".ci", root / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    sources = repository_script.pages(ROOT) + repository_script.notebooks(ROOT)
    for path in sources:
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    address, tag = repository_script.project(root)
    lesson = small_lesson.good_lesson()
    lesson.cells[0].source = f"# Small\n\n{badge(address, tag)}\n[page]({address}/blob/{tag}/a)"
    lesson.cells[2].source = repository_script.bootstrap_source(root, address, tag)
    text = notebooks_script.to_text(notebooks_script.normalise(lesson))
    (root / "notebooks" / "99_small.ipynb").write_bytes(text.encode("utf-8"))
    return root


def badge(address: str, tag: str) -> str:
    colab = address.replace("github.com/", "colab.research.google.com/github/")
    return f"[![Open](https://x.org/b.svg)]({colab}/blob/{tag}/notebooks/99_small.ipynb)"


def all_bytes(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_all_places_agree():
    assert repository_script.disagreements(ROOT) == []


def test_the_address_stands_nowhere_else():
    slug = repository_script.slug_of(repository_script.project(ROOT)[0])
    known = [ROOT / "pyproject.toml"]
    known += repository_script.pages(ROOT) + repository_script.notebooks(ROOT)
    folders = [ROOT / name for name in ("course_utils", "tests", ".ci", ".github")]
    # Downloads come and go in data/cache.
    folders += [p for p in (ROOT / "data").iterdir() if p.is_dir() and p.name != "cache"]
    files = [path for top in (ROOT, ROOT / "data") for path in top.iterdir() if path.is_file()]
    files += [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    texts = [p for p in files if p not in known and "__pycache__" not in p.parts]
    assert [p for p in texts if f"github.com/{slug}".encode() in p.read_bytes()] == []


def test_a_fork_changes_every_place_and_back(copy):
    before = all_bytes(copy)
    old, tag = repository_script.project(copy)
    changed = repository_script.rewrite(copy, FORK)
    assert copy / "notebooks" / "99_small.ipynb" in changed
    assert repository_script.project(copy) == (FORK, tag)
    assert repository_script.disagreements(copy) == []
    for path in [copy / "pyproject.toml", *repository_script.notebooks(copy)]:
        text = path.read_text(encoding="utf-8")
        assert f"{old}/" not in text
        assert f'"{old}"' not in text
        nbformat.validate(nbformat.reads(text, 4)) if path.suffix == ".ipynb" else None
    repository_script.rewrite(copy, old)
    assert all_bytes(copy) == before


def test_a_new_version_renews_every_tag(copy):
    path = copy / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(?m)^version = "[^"]+"', 'version = "7.8.9"', text), encoding="utf-8")
    assert len(repository_script.disagreements(copy)) >= 2
    assert repository_script.main([], copy) == 0
    small = (copy / "notebooks" / "99_small.ipynb").read_text(encoding="utf-8")
    assert small.count("v7.8.9") == 3  # badge, link, bootstrap cell


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("/blob/v", "/blob/w", "a Colab badge"),
        ("colab.research.google.com/github/", "colab.research.google.com/github/x", "Colab badge"),
        ("import subprocess", "import subprocess ", "bootstrap cell"),
    ],
)
def test_a_place_that_disagrees_is_named(copy, old, new, message):
    path = copy / "notebooks" / "99_small.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    problems = repository_script.disagreements(copy)
    assert any("99_small.ipynb" in problem and message in problem for problem in problems)
    assert repository_script.main(["--check"], copy) == 1


@pytest.mark.parametrize(
    "address",
    [
        "github.com/a/b",
        "https://github.com/a",
        "https://gitlab.com/a/b",
        "http://github.com/a/b",
        "https://github.com/a/b/tree/main",
        "https://github.com/a/b c",
        "",
    ],
)
def test_a_malformed_address_is_refused_and_nothing_changes(copy, capsys, address):
    before = all_bytes(copy)
    assert repository_script.main([address], copy) == 1
    assert "is not the address of a repository on GitHub" in capsys.readouterr().err
    assert all_bytes(copy) == before


@pytest.mark.parametrize("address", [FORK + "/", FORK + ".git"])
def test_an_address_may_end_in_a_slash_or_git(copy, address):
    repository_script.rewrite(copy, address)
    assert repository_script.project(copy)[0] == FORK


def test_longer_names_are_left_alone():
    text = "https://github.com/a/b-two https://github.com/a/b.git https://github.com/a/b.c (https://github.com/a/b)."
    new = repository_script.with_address(text, {"a/b"}, "x/y", "v1.0.0")
    assert new == text.replace("a/b.git", "x/y.git").replace("a/b)", "x/y)")
