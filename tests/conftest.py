"""What all tests share: where the repository is, its scripts, figures that need no screen."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
from pathlib import Path
from types import ModuleType

import kernel_warnings
import pytest
from browser import browser, page, pytest_runtest_makereport, trouble  # noqa: F401
from lab_server import lab, lab_page  # noqa: F401
from plain_reports import pytest_runtest_logreport  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
LONGEST = "test_browser_notebooks.py"


def ci_script(name: str) -> ModuleType:
    """Return .ci/NAME.py as a module, so that tests can call its functions."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_configure(config: pytest.Config) -> None:
    """Make a mirror's path absolute: kernels start in the folder of their notebook.

    In these kernels, a deprecation in a cell is an error.
    """
    config.course_ipython = kernel_warnings.install()
    mirror = os.environ.get("COURSE_DATA_MIRROR")
    if mirror and Path(mirror).is_dir():
        os.environ["COURSE_DATA_MIRROR"] = str(Path(mirror).resolve())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Put back how kernels start."""
    kernel_warnings.remove(getattr(config, "course_ipython", None))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every notebook cell offline: a notebook also runs without network and mirror.

    The longest come first, so that no process is left alone with them at the end.
    """
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.offline)
    items.sort(key=lambda item: (item.path.name != LONGEST, item.path.suffix != ".ipynb"))


def pytest_terminal_summary(terminalreporter) -> None:
    """Say how many calls with bad input were tried, in all processes together."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    counts = [
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "cases"
    ]
    if counts:
        terminalreporter.write_line(f"Bad input: {sum(counts)} calls in {len(counts)} tests.")


@pytest.fixture
def no_texts(monkeypatch, tmp_path):
    """Leave no mirror, no network and no download for the texts of the course."""
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")


@pytest.fixture(autouse=True)
def _same_random_numbers():
    """Let each test draw the same numbers, whichever tests ran before it in its process."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(autouse=True)
def _figures_need_no_screen(monkeypatch):
    """Draw into memory, and close what a test leaves open."""
    # Not for the whole process: kernels of notebooks would inherit it and store no pictures.
    monkeypatch.setenv("MPLBACKEND", "agg")
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use("agg")
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
