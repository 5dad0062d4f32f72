"""Serve the course as GitHub does: a git repository on the web, here on loopback only.

The repository is made from the working tree, with what is not committed yet, so that it is this
course that is tested. It has the release tag that the notebooks ask for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from presenting.lesson_files import ci_script

ROOT = Path(__file__).resolve().parents[1]
NAME = "rnn-course.git"
# Neither the name nor the settings of the person who runs this.
_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",  # newer versions of git tidy up later, while the folder is copied
    "GIT_CONFIG_KEY_0": "maintenance.auto",
    "GIT_CONFIG_VALUE_0": "false",
    **{f"GIT_{who}_NAME": "test" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "test@example.org" for who in ("AUTHOR", "COMMITTER")},
}


def git(*arguments: str, cwd: Path) -> str:
    """Run git; return what it printed.

    Raises:
        RuntimeError: git failed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=kept | _ENV, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def release(root: Path = ROOT) -> tuple[str, str]:
    """Return the address and the tag that the notebooks clone."""
    return ci_script("set_repository", root).project(root)


def make_repository(folder: Path, root: Path = ROOT) -> Path:
    """Write a bare repository with one commit: the working tree as it is now.

    Args:
        folder: an empty one; <folder>/rnn-course.git is made.
        root: the working tree; only files that git does not ignore are taken.

    Returns:
        Its path.

    Raises:
        RuntimeError: root is no working tree of git.
    """
    copy, bare = folder / "tree", folder / NAME
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=root)
    for name in filter(None, listed.split("\0")):
        source, target = root / name, copy / name
        if source.is_file():  # a deleted file is still listed
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    git("init", "--quiet", "--initial-branch=main", cwd=copy)
    git("add", "--all", "--force", cwd=copy)
    git("commit", "--quiet", "--message=the working tree", cwd=copy)
    git("tag", release(root)[1], cwd=copy)
    git("clone", "--quiet", "--bare", str(copy), str(bare), cwd=folder)
    shutil.rmtree(copy)
    return bare


class _GitHandler(BaseHTTPRequestHandler):
    """Hand each question to the program that git has for web servers."""

    folder: Path
    asked: list[str]

    def do_GET(self) -> None:
        """Answer with what git says."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Answer with what git says about the body."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            self.send_error(411)
            return
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        self.asked.append(f"{self.command} {path}")
        facts = {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        command, env = ["git", "http-backend"], os.environ | _ENV | facts
        done = subprocess.run(command, input=body, env=env, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def served(repository: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve a repository while the block runs; give its address and a list of what was asked."""
    asked: list[str] = []
    handler = type("Handler", (_GitHandler,), {"folder": repository.parent, "asked": asked})
    with answering(handler) as address:
        yield f"{address}/{repository.name}", asked


@contextmanager
def answering(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer on loopback while the block runs; give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
