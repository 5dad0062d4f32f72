"""A real browser for tests: which one is taken, what it complains about, pictures of failures.

`conftest.py` imports the fixtures and the hook. Environment variables:
    COURSE_BROWSER: the program to start, in place of the one that is found.
    COURSE_NEEDS_BROWSER: 1 makes a missing browser a failure; otherwise the tests are skipped.
    COURSE_SCREENSHOTS: the folder for pictures of pages on which a test failed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "There is no browser for this test. Install Chromium (Debian, Ubuntu: sudo apt install "
    "chromium), or run `python -m playwright install chromium`, or name one in COURSE_BROWSER."
)
ARGS = (
    # The pages are our own, and come from this machine; a container often has no sandbox to give.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREEN = {"width": 1280, "height": 720}
LIMIT = 120_000  # milliseconds that one step may take
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
NO_BADGE = '<svg xmlns="http://www.w3.org/2000/svg" width="117" height="20"/>'


def find_browser(own: str = "") -> str | None:
    """Return the path of the browser to start: COURSE_BROWSER, one on the PATH, or `own`.

    Raises:
        ValueError: COURSE_BROWSER names a program that does not exist.
    """
    if wanted := os.environ.get("COURSE_BROWSER"):
        if found := shutil.which(wanted):
            return found
        raise ValueError(f"COURSE_BROWSER={wanted!r} is no program: give its path, or unset it")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (own if own and Path(own).is_file() else None)


def give_up(reason: str) -> None:
    """Skip the test, or fail it where a browser is promised."""
    if os.environ.get("COURSE_NEEDS_BROWSER") == "1":
        pytest.fail(f"{reason} (COURSE_NEEDS_BROWSER=1 makes this a failure.)", pytrace=False)
    pytest.skip(reason)


# Not for the whole session: while Playwright runs, this thread has a running event loop, and the
# tests that start kernels could not run theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the browser once for a file of tests."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        give_up("Playwright is not installed: python -m pip install -r requirements.txt")
    with sync_playwright() as playwright:
        path = find_browser(playwright.chromium.executable_path)
        if path is None:
            give_up(MISSING)
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGS], timeout=LIMIT)
        yield browser
        browser.close()


@pytest.fixture
def trouble() -> list[str]:
    """Return the list to which the page's errors are added while the test runs."""
    return []


@pytest.fixture
def page(browser: Any, trouble: list[str]) -> Iterator[Any]:
    """Open an empty page of 1280 x 720 that can reach nothing but this machine."""
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(LIMIT)
    page = context.new_page()
    watch(page, trouble)
    yield page
    context.close()


def watch(page: Any, trouble: list[str]) -> None:
    """Add errors of the console, of scripts and of requests to `trouble`; cut the network off."""
    page.on("console", lambda m: trouble.append(_said(m)) if m.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
    page.on("requestfailed", lambda request: _add_failed(request, trouble))

    def answer(route: Any) -> None:
        url = route.request.url
        if url == BADGE:  # each lesson shows it; without a network its place stays empty
            route.fulfill(body=NO_BADGE, content_type="image/svg+xml")
        else:
            trouble.append(f"asked for something outside of this machine: {url}")
            route.abort()

    page.route(_is_outside, answer)


def _is_outside(url: str) -> bool:
    """Tell whether an address leads away from this machine."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname not in ("127.0.0.1", "localhost")


def _said(message: Any) -> str:
    """Return what stands in the console, with the place where it comes from."""
    return f"console: {message.text} ({message.location.get('url', '')})"


def _add_failed(request: Any, trouble: list[str]) -> None:
    """Add a request that failed; one that the page itself gave up is none."""
    if request.failure != "net::ERR_ABORTED":
        trouble.append(f"request failed: {request.url}: {request.failure}")


def keep_picture(page: Any, folder: Path, name: str) -> str:
    """Save what the page shows, as a picture and as text, and say where."""
    path = folder / re.sub(r"[^\w.-]+", "_", name).strip("_")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        page.screenshot(path=f"{path}.png", timeout=60_000)
        text = page.locator("body").inner_text(timeout=60_000)
        Path(f"{path}.txt").write_text(f"{page.url}\n\n{text}\n", encoding="utf-8")
    except Exception as error:  # whatever it is, it must not hide why the test failed
        return f"no picture of the page: {error}"
    return f"what the page showed: {path}.png and .txt"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[Any]:
    """After a failure, save what the page shows, and name the files in the report."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and page is not None:
        chosen = os.environ.get("COURSE_SCREENSHOTS")
        base = item.config._tmp_path_factory.getbasetemp()
        folder = Path(chosen) if chosen else base / "screenshots"
        said = keep_picture(page, folder, f"{item.path.stem}-{item.name}")
        report.sections.append(("browser", said))
    return report
