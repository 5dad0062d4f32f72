"""A deprecation is an error: in the tests, in the course, and in the cells of a notebook."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import kernel_warnings
import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_notebook

KINDS = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
# Deep in a library, attributed to it, to the caller by stacklevel, and in a cell's own code.
LIBRARY = """import warnings
def old(kind, level):
    warnings.warn("old", kind, stacklevel=level)
"""

pytestmark = pytest.mark.offline


def run_pytest(folder: Path, path: Path) -> subprocess.CompletedProcess:
    """Run pytest with the settings of the course, and kernels that have the start-up file."""
    kernel_warnings.write(folder / "ipython")
    kept = {k: v for k, v in os.environ.items() if k not in ("MPLBACKEND", "PYTEST_ADDOPTS")}
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *settings, str(path)],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython")},
        capture_output=True,
        text=True,
        timeout=200,
    )


def test_in_tests_every_deprecation_is_an_error_whoever_it_is_attributed_to(tmp_path):
    (tmp_path / "library.py").write_text(LIBRARY, encoding="utf-8")
    cases = [f"    old({kind}, {level})\n" for kind in KINDS for level in (1, 2)]
    tests = [f"def test_{i}():\n{case}" for i, case in enumerate(cases)]
    path = tmp_path / "test_old.py"
    path.write_text("from library import old\n" + "\n".join(tests), encoding="utf-8")
    done = run_pytest(tmp_path, path)
    assert f"{len(cases)} failed" in done.stdout, done.stdout


def test_in_cells_every_deprecation_is_an_error_in_cells_that_are_not_compared_too(tmp_path):
    (tmp_path / "library.py").write_text(LIBRARY, encoding="utf-8")
    sources = ["import warnings\nfrom library import old"]
    sources += [f"old({kind}, 2)" for kind in KINDS]
    sources += [f"warnings.warn('old', {kind})" for kind in KINDS]
    sources += ["old(DeprecationWarning, 1)", "'pass'"]
    cells = [new_code_cell(source) for source in sources]
    for cell in cells:
        cell.metadata["tags"] = ["nbval-ignore-output"]
    nbformat.write(new_notebook(cells=cells), tmp_path / "old.ipynb")
    done = run_pytest(tmp_path, tmp_path / "old.ipynb")
    # A deprecation that a library attributes to itself is that library's.
    assert "6 failed, 3 passed" in done.stdout, done.stdout


def test_the_course_itself_is_covered_in_kernels(tmp_path):
    kernel_warnings.write(tmp_path)
    (code,) = tmp_path.rglob("startup/*.py")
    warn = "import warnings; warnings.warn_explicit('old', FutureWarning, 'x.py', 1, module={!r})"
    for module, status in (("course_utils.text.bpe", 1), ("__main__", 1), ("pandas.core", 0)):
        line = code.read_text(encoding="utf-8") + warn.format(module)
        done = subprocess.run([sys.executable, "-c", line], capture_output=True, check=False)
        assert done.returncode == status, module


def test_the_folder_is_made_once_and_removed(monkeypatch):
    for name in ("IPYTHONDIR", kernel_warnings.SET_BY_US):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    folder = kernel_warnings.install()
    assert os.environ["IPYTHONDIR"] == folder
    assert kernel_warnings.install() is None  # a worker of the same run
    kernel_warnings.remove(folder)
    assert "IPYTHONDIR" not in os.environ
    assert not Path(folder).exists()
