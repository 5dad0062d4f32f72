"""Environments with other versions: find a Python, make an environment, install, list it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# What would lead Python or Jupyter to something else than the environment.
REMOVED = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MPLBACKEND", "JUPYTER_PATH")
REMOVED += ("COURSE_DATA_MIRROR", "COURSE_NEEDS_BROWSER", "PYTEST_ADDOPTS", "PYTHONWARNINGS")


class InstallError(RuntimeError):
    """An environment could not be made; the message holds what pip said last."""


def find_python(version: str) -> str | None:
    """Return a Python of a version such as "3.12": on the PATH, or one that pyenv keeps."""
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return getattr(sys, "_base_executable", sys.executable)
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    for name in [shutil.which(f"python{version}"), *map(str, kept)]:
        # A name on the PATH may be a stand-in of pyenv for a version that is not switched on.
        if name and call([name, "-c", "import venv, ensurepip"]).returncode == 0:
            return name
    return None


def python_in(folder: Path) -> Path:
    """Return the path of an environment's Python."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def variables(scratch: Path) -> dict[str, str]:
    """Return the environment for a run: no network, no mirror, no folder of the user's.

    The packages of npm that the decks need lie beside the environments; see `fetch_npm`. The test
    that compares what is installed with the lock reads COURSE_OTHER_VERSIONS.
    """
    kept = {name: value for name, value in os.environ.items() if name not in REMOVED}
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython"}
    own |= {"COURSE_DATA_DIR": "cache", "JUPYTER_RUNTIME_DIR": "runtime"}
    folders = {name: str(scratch / folder) for name, folder in own.items()}
    folders["COURSE_NPM_DIR"] = str(scratch.parent / "npm")
    switches = {"COURSE_OFFLINE": "1", "COURSE_DEVICE": "cpu", "COURSE_OTHER_VERSIONS": "1"}
    return kept | folders | switches


def fetch_npm(python: Path, folder: Path, root: Path) -> str:
    """Fetch the packages of npm into the folder, with the network; return what goes wrong or ""."""
    env = variables(folder / "scratch") | {"COURSE_OFFLINE": ""}
    answer = call([str(python), "-m", "presenting.npm"], cwd=root, env=env)
    return answer.stdout if answer.returncode else ""


def call(line: list[str], **options: object) -> subprocess.CompletedProcess:
    """Run a command and keep what it prints."""
    kept = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.run(line, text=True, errors="replace", check=False, **kept, **options)


def make(folder: Path, python: str, requirements: list[str]) -> Path:
    """Make an environment, unless it is there and complete; return its Python.

    Args:
        folder: where it goes.
        python: the interpreter that it is made from.
        requirements: what pip installs, one package a line.

    Raises:
        InstallError: pip found no set of versions, or could not fetch or install one.
    """
    own, done = python_in(folder), folder / "installed.txt"
    wanted = "\n".join(requirements) + "\n"
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return own
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder.with_name(f"{folder.name}-wanted.txt")
    listed.write_text(wanted, encoding="utf-8")
    install = [str(own), "-m", "pip", "install", "--quiet", "--prefer-binary"]
    new = [python, "-m", "venv", "--clear", str(folder)]
    for line in (new, [*install, "pip>=24"], [*install, "-r", str(listed)]):
        answer = call(line)
        if answer.returncode:
            raise InstallError("\n".join(answer.stdout.strip().splitlines()[-12:]))
    listed.replace(done)
    return own


def installed(python: Path) -> list[str]:
    """Return what is installed, as "name==version"."""
    answer = call([str(python), "-m", "pip", "list", "--format=freeze"])
    return [line for line in answer.stdout.splitlines() if "==" in line]
