"""A plugin for pytest: run what needs no browser, and count what cannot run without torch.

    python -m pytest -p reliability.versions_plugin tests

There is no list of tests to leave out. A test, or a file of tests, is left out for torch where
torch is not installed and the failure is that torch is not there. Every other failure stays one.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections import Counter
from typing import Any

import pytest

NEEDS_TORCH = "needs torch"
COLOUR = re.compile(r"\x1b\[[0-9;]*m|\\x1b\[[0-9;]*m")  # in a text, or in its repr
NOT_THERE = re.compile(r"ModuleNotFoundError: No module named \\?'torch[.'\\]")


def is_torch(error: BaseException | None) -> bool:
    """Say whether an error, or one that led to it, is that torch is not there.

    >>> is_torch(ModuleNotFoundError("No module named 'torch'", name="torch"))
    True
    >>> is_torch(ModuleNotFoundError("No module named 'torchard'", name="torchard"))
    False
    """
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, ModuleNotFoundError):
            return str(error.name).split(".")[0] == "torch"
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False


def is_left_out(report: Any, error: BaseException | None) -> bool:
    """Say whether a failed report is about torch; the test may have started another process."""
    if is_torch(error):
        return True
    texts = [getattr(error, name, None) for name in ("stderr", "output")]
    texts += [str(error), report.longreprtext]
    texts += [text.decode("utf-8", "replace") for text in texts if isinstance(text, bytes)]
    return any(NOT_THERE.search(COLOUR.sub("", text)) for text in texts if isinstance(text, str))


class WithoutTorch:
    """Turn failures that say that torch is not there into counted skips."""

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: Any) -> Any:
        """Leave out a file that cannot be imported without torch."""
        report = yield
        call = getattr(report, "call", None)
        error = call.excinfo.value if call is not None and call.excinfo else None
        if report.failed and is_left_out(report, error):
            report.outcome, report.longrepr = "skipped", (str(collector.path), 0, NEEDS_TORCH)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        """Leave out a test that failed because torch is not there."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if report.failed and is_left_out(report, error):
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, NEEDS_TORCH)
        return report


def pytest_configure(config: pytest.Config) -> None:
    """Leave tests out for torch only where torch is not installed."""
    if importlib.util.find_spec("torch") is None:
        config.pluginmanager.register(WithoutTorch(), "without-torch")
    mirror = os.environ.get("COURSE_DATA_MIRROR")
    if mirror:
        raise pytest.UsageError("Unset COURSE_DATA_MIRROR: these runs use the stand-in texts.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Deselect the tests that start a browser."""
    kept = [item for item in items if "browser" not in getattr(item, "fixturenames", ())]
    left = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    items[:] = kept
    if left:
        config.hook.pytest_deselected(items=left)


def counts(stats: dict[str, list[Any]]) -> dict[str, int]:
    """Return how many tests passed, failed, were left out; files left out count once each."""
    left = {r.nodeid for r in stats.get("skipped", []) if r.longrepr[2] == NEEDS_TORCH}
    others = {r.nodeid for r in stats.get("skipped", [])} - left
    kinds = Counter("tests" if "::" in name else "files" for name in left)
    return {
        "passed": len(stats.get("passed", [])),
        "failed": len(stats.get("failed", [])) + len(stats.get("error", [])),
        "left out for torch, tests": kinds["tests"],
        "left out for torch, whole files": kinds["files"],
        "skipped for other reasons": len(others),
    }


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the counts in one line that `reliability.versions` reads."""
    found = counts(terminalreporter.stats)
    terminalreporter.write_line("COUNTS " + "; ".join(f"{k}: {v}" for k, v in found.items()))
