"""A real JupyterLab on this machine, with a copy of the course, that leaves nothing behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import pytest

import presenting.lab

# Not from conftest.py, which imports this file.
ROOT = Path(__file__).resolve().parents[1]
START_LIMIT = 90  # seconds until JupyterLab must answer
STOP_LIMIT = 10  # seconds for it to end by itself
COPIED = ("course_utils", "data", "notebooks")  # what a lesson needs; the checkout stays as it is
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".ruff_cache", "cache")
# What would lead JupyterLab or its kernels to something else than this environment.
REMOVED = ("MPLBACKEND", "PYTHONPATH", "PYTHONHOME", "JUPYTER_PATH", "JUPYTERLAB_DIR")
# If the tests are killed, nobody stops it: it ends when nothing has happened for a while (seconds).
ENDS_BY_ITSELF = (
    "--ServerApp.shutdown_no_activity_timeout=600",
    "--MappingKernelManager.cull_idle_timeout=600",
    "--MappingKernelManager.cull_interval=60",
    "--MappingKernelManager.cull_connected=True",
)
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}
SETTINGS = presenting.lab.SETTINGS | {"@jupyterlab/apputils-extension:notification": NO_NEWS}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it answers, its folder of notebooks, what it wrote to its log."""

    address: str
    token: str
    root: Path
    log: Path

    def url(self, path: str) -> str:
        """Return the address that opens a file of `root` in a fresh workspace."""
        return f"{self.address}lab/tree/{quote(path)}?reset&token={self.token}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """Return the answer of JupyterLab's own interface, None where it is empty."""
        with urllib.request.urlopen(self.request(path, method), timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def request(self, path: str, method: str = "GET") -> urllib.request.Request:
        """Return a request that carries the token."""
        headers = {"Authorization": f"token {self.token}"}
        return urllib.request.Request(self.address + path, headers=headers, method=method)

    def close_sessions(self) -> None:
        """End all kernels, so that only one notebook at a time takes memory."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")


def free_port() -> int:
    """Return a port of this machine that nobody listens to."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def own_folders(folder: Path) -> dict[str, str]:
    """Return the environment in which Jupyter keeps what it writes below one folder."""
    for plugin, values in SETTINGS.items():
        path = folder / "settings" / f"{plugin.replace(':', '/')}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    return {
        **{f"JUPYTER_{name}": str(folder / name.lower()) for name in names},
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a JupyterLab that is independent of its user's."""
    kept = {name: value for name, value in os.environ.items() if name not in REMOVED}
    # With an address of its own, a download lands where the course on this machine looks for it.
    kept.setdefault("COURSE_DATA_DIR", str(ROOT / "data" / "cache"))
    return kept | own_folders(folder) | {"PYTHONDONTWRITEBYTECODE": "1"}


def family(process: psutil.Process) -> list[psutil.Process]:
    """Return all that a process has started, and the process itself at the end."""
    return [*process.children(recursive=True), process]


@contextmanager
def passing_over_ended(process: psutil.Process) -> Iterator[None]:
    """Pass over a refusal by a process that has ended and that its parent has not collected."""
    try:
        yield
    except psutil.AccessDenied:
        if process.status() != psutil.STATUS_ZOMBIE:
            raise


def listening(processes: Iterable[psutil.Process]) -> set[tuple[str, int]]:
    """Return (address, port) of each socket on which these processes listen.

    A process that ends while it is asked has none: a kernel starts short-lived ones. What an
    ended one leaves belongs to root, and others may not look at it.
    """
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess, FileNotFoundError), passing_over_ended(process):
            sockets = process.net_connections()
            found |= {tuple(s.laddr) for s in sockets if s.status == psutil.CONN_LISTEN}
    return found


@contextmanager
def stopped_at_end(process: subprocess.Popen) -> Iterator[None]:
    """End a process and all that it started: first politely, then by force."""
    try:
        yield
    finally:
        members = []
        with suppress(psutil.NoSuchProcess):
            members = family(psutil.Process(process.pid))
        process.terminate()  # Jupyter ends its kernels and goes
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT)
        alive = psutil.wait_procs(members, timeout=2)[1]
        for member in alive:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(alive, timeout=STOP_LIMIT)
        process.wait(STOP_LIMIT)


def wait_for_server(process: subprocess.Popen, runtime: Path, log: Path) -> dict[str, Any]:
    """Wait until Jupyter says where it answers, and does.

    Raises:
        RuntimeError: it ended, or did not answer in time; the message holds its log.
    """
    end = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < end:
        for path in runtime.glob("jpserver-*.json"):
            with suppress(ValueError, OSError):  # half a file; no answer yet, or a slow one
                facts = json.loads(path.read_text(encoding="utf-8"))
                urllib.request.urlopen(f"{facts['url']}api", timeout=10).close()
                return facts
        time.sleep(0.1)
    written = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    raise RuntimeError(f"JupyterLab did not answer within {START_LIMIT} s. Its log:\n{written}")


@contextmanager
def running_lab(folder: Path, *, variables: Mapping[str, str] | None = None) -> Iterator[Lab]:
    """Start the JupyterLab of this environment on a copy of the course, and stop it at the end.

    Args:
        folder: an empty folder for everything that is written.
        variables: environment variables to add, such as COURSE_OFFLINE.

    Yields:
        The Lab; notebooks lie in `lab.root / "notebooks"`.
    """
    root, log, token = folder / "course", folder / "lab.log", secrets.token_hex(16)
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=LEFT_OUT)
    variables = environment(folder) | {"JUPYTER_TOKEN": token} | dict(variables or {})
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={free_port()}", f"--ServerApp.root_dir={root}"]
    command += ["--LabApp.expose_app_in_browser=True", "--allow-root", *ENDS_BY_ITSELF]
    command.append(f"--LabApp.extra_labextensions_path={presenting.lab.EXTENSIONS}")
    with log.open("wb") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(
            command, cwd=root, env=variables, start_new_session=True, **streams
        )
        with stopped_at_end(process):
            facts = wait_for_server(process, Path(variables["JUPYTER_RUNTIME_DIR"]), log)
            yield Lab(facts["url"], token, root, log)


# For a file of tests, not for the whole session: the tests after it get the memory back.
@pytest.fixture(scope="module")
def lab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab once for a file of tests; without a browser it is not started."""
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def lab_page(lab: Lab, page: Any) -> Iterator[Any]:
    """Give a page for one notebook, not in slides as a test before left it; then end its kernel."""
    shutil.rmtree(lab.log.parent / "settings" / "jupyterlab-slideshow", ignore_errors=True)
    page.set_viewport_size({"width": 1280, "height": 1400})
    yield page
    lab.close_sessions()
