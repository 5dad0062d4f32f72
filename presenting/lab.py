"""Open JupyterLab on the course, with the button Present; or present one lesson at once.

    python -m presenting.lab                 JupyterLab on the README
    python -m presenting.lab --lesson 04     the slides of lesson 04, from the first one

What follows `--` goes to JupyterLab as it is. It goes before what stands here, and before the
user's own settings of Jupyter. These cannot open the course to the network or take the token away.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from presenting.lesson_files import ROOT, lessons

EXTENSIONS = ROOT / "presenting" / "labextensions"
# In the workspace of this name the extension starts the slides by itself. (A mark after a question
# mark would not do: Jupyter adds its token with another question mark.)
PRESENT = "/lab/workspaces/present/tree/"
# A token is asked for, even where the user's settings of Jupyter say that none is.
PROVIDER = "presenting.lab_login.AlwaysAsk"
# JupyterLab copies settings of these two over those of ServerApp, after it has read its options.
APPS = ("ServerApp", "NotebookApp", "LabApp")
SHORT = {"--ip": "--ServerApp.ip", "--port": "--ServerApp.port"}
TOKEN_OPTIONS = {"--IdentityProvider.token", "--ServerApp.token"}
# README.md opens as a page, no question about news covers a slide, and cells are drawn in the way
# that changes to slides and back without an error in the browser's console.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
}


def find_lesson(number: str, root: Path = ROOT) -> Path:
    """Return the notebook of a lesson.

    Args:
        number: such as ``4`` or ``04``.
        root: the folder of the repository.

    Raises:
        ValueError: there is no such lesson.

    >>> find_lesson("4").name
    '04_lstm_gru.ipynb'
    """
    known = {path.name[:2]: path for path in lessons(root / "notebooks")}
    key = number.strip().zfill(2)
    if not number.strip() or key not in known:
        names = ", ".join(known)
        raise ValueError(
            f"There is no lesson {number!r}. Choose one of {names}, such as LESSON=04."
        )
    return known[key]


def start_page(lesson: str | None, root: Path = ROOT) -> str:
    """Return the page on which JupyterLab opens.

    >>> start_page("04")
    '/lab/workspaces/present/tree/notebooks/04_lstm_gru.ipynb'
    """
    if lesson is None:
        return "/lab/tree/README.md"
    return PRESENT + find_lesson(lesson, root).relative_to(root).as_posix()


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Tell whether a browser can open here.

    >>> has_screen({}, "linux"), has_screen({"DISPLAY": ":0"}, "linux"), has_screen({}, "darwin")
    (False, True, True)
    """
    if environment.get("CI"):
        return False
    if not platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def not_given(ours: list[str], extra: list[str]) -> list[str]:
    """Return our options without those that the user gives: Jupyter refuses an option given twice.

    >>> not_given(["--ServerApp.ip=127.0.0.1", "--ServerApp.port=8888"], ["--port=9000"])
    ['--ServerApp.ip=127.0.0.1']
    """
    given = {part.split("=")[0] for part in extra}
    given |= {SHORT.get(name, name) for name in given}
    if "--ServerApp.ip" in given:
        given |= {f"--{app}.ip" for app in APPS}
    if given & TOKEN_OPTIONS:
        given |= {f"--{app}.identity_provider_class" for app in APPS}
    return [part for part in ours if part.split("=")[0] not in given]


def command(lesson: str | None, port: int, extra: list[str], *, screen: bool) -> list[str]:
    """Return the command line that starts JupyterLab: loopback only, and always with a token."""
    line = [f"--{app}.ip=127.0.0.1" for app in APPS]
    line += [f"--{app}.identity_provider_class={PROVIDER}" for app in APPS]
    line.append("--ServerKernelManager.ip=127.0.0.1")  # goes before KernelManager.ip
    line += [f"--ServerApp.port={port}", f"--LabApp.default_url={start_page(lesson)}"]
    line += [f"--ServerApp.root_dir={ROOT}", f"--LabApp.extra_labextensions_path={EXTENSIONS}"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        line.append("--allow-root")
    if not screen:
        line.append("--no-browser")
    return [sys.executable, "-m", "presenting.lab_app", *not_given(line, extra), *extra]


def store_settings(prefix: Path) -> None:
    """Give JupyterLab the defaults of the course; what its user chooses goes before them.

    Args:
        prefix: of the Python environment. One that cannot be written to keeps its own defaults.
    """
    path = prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.d" / "rnn-course.json"
    text = json.dumps(SETTINGS, indent=2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The same settings are not written again: another JupyterLab may be reading them.
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"JupyterLab starts with its own settings: {error}", file=sys.stderr)


def replace_by(line: list[str]) -> int:
    """Let JupyterLab take the place of this process, so that signals reach it."""
    os.chdir(ROOT)
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(line[0], line)
    try:
        return subprocess.call(line)
    except KeyboardInterrupt:  # JupyterLab has the same key press and closes by itself
        return 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return JupyterLab's exit status."""
    parser = argparse.ArgumentParser(prog="python -m presenting.lab", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--lesson", help="present this lesson, such as 04")
    parser.add_argument("--port", type=int, default=8888)
    parser.add_argument("extra", nargs="*", help="for JupyterLab, after --")
    options = parser.parse_args(arguments)
    screen = has_screen(os.environ, sys.platform)
    try:
        line = command(options.lesson, options.port, options.extra, screen=screen)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    store_settings(Path(sys.prefix))
    if not screen:
        print("There is no screen here. Open the address below, with its token, in a browser.")
    return replace_by(line)


if __name__ == "__main__":
    sys.exit(main())
