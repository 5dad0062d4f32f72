"""What a failed test says can be sent from one process to another, and printed."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write half an emoji as an escape: where tests run side by side, it would end the whole run.

    Args:
        report: of a test; one that says something else keeps its colours and its form.
    """
    told = str(report.longrepr)
    plain = told.encode(errors="backslashreplace").decode()
    if plain != told:
        report.longrepr = plain
