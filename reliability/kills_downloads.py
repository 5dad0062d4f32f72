"""Downloads of texts and of packages that are killed by `reliability.kills`."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import os
import random
import shutil
import signal
import tarfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from course_utils.corpora import fetch, registry
from presenting import npm
from reliability.kills_parts import LostError, start

NAME = "names/Polish.txt"
PACKAGE = "sample"


class _Quiet(SimpleHTTPRequestHandler):
    """Serve files, and print nothing."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    """Bear clients that are killed, and print nothing."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Print nothing."""


def _serve(folder: Path) -> tuple[str, int]:
    """Serve a folder on loopback by another process; return its address and its number."""
    server = _Server(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    pid = start(server.serve_forever)
    server.socket.close()
    return f"http://127.0.0.1:{server.server_port}/", pid


class Downloads:
    """Fetch a file of the course, from a folder and over http in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.content = folder / "data", random.Random(0).randbytes(2**20)
        mirror = folder / "mirror"
        (mirror / "names").mkdir(parents=True)
        (mirror / NAME).write_bytes(self.content)
        digest = hashlib.sha256(self.content).hexdigest()
        item = registry.Entry(NAME, "", len(self.content), digest)
        registry.entries = lambda: {NAME: item}
        os.environ["NO_PROXY"] = "127.0.0.1"
        os.environ.pop("COURSE_OFFLINE", None)
        address, self.server = _serve(mirror)
        self.mirrors = [address, str(mirror)]
        for _ in self.mirrors:  # loads all code
            self.prepare()
            self._fetch()

    def _fetch(self) -> Path:
        return fetch(NAME, data_dir=self.folder, mirror=self.mirror)

    def prepare(self) -> None:
        """Start without the file, and without what earlier kills have left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.mirrors.reverse()
        self.mirror = self.mirrors[0]

    def work(self) -> None:
        """Fetch the file once."""
        self._fetch()

    def look(self) -> str:
        """What lies under the final name is whole or absent, and the next fetch works."""
        target, answer = self.folder / NAME, "nothing yet"
        if target.exists():
            answer = "new"
            if target.read_bytes() != self.content:
                raise LostError("half a file lies under the final name")
        if self._fetch().read_bytes() != self.content:
            raise LostError("the next fetch gave something else")
        return answer

    def close(self) -> None:
        """End the server."""
        os.kill(self.server, signal.SIGKILL)
        os.waitpid(self.server, 0)


class Packages:
    """Fetch and unpack a package of npm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "npm"
        manifest = json.dumps({"name": PACKAGE, "version": "1.0.0"}).encode()
        self.files = {"package.json": manifest}
        self.files |= {f"dist/{i}.js": random.Random(i).randbytes(9999) for i in range(40)}
        content = self._archive()
        archive = folder / "served" / PACKAGE / "-" / f"{PACKAGE}-1.0.0.tgz"
        archive.parent.mkdir(parents=True)
        archive.write_bytes(content)
        digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
        npm.pins = lambda: {PACKAGE: npm.Pin(PACKAGE, "1.0.0", f"sha512-{digest}")}
        address, self.server = _serve(folder / "served")
        settings = {"npm_config_registry": address, "COURSE_NPM_DIR": str(self.folder)}
        os.environ.update(settings, NO_PROXY="127.0.0.1")
        os.environ.pop("COURSE_OFFLINE", None)
        npm.package(PACKAGE)

    def _archive(self) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, content in self.files.items():
                member = tarfile.TarInfo(f"package/{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return buffer.getvalue()

    def prepare(self) -> None:
        """Start without the package, and without what earlier kills have left."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def work(self) -> None:
        """Fetch the package once."""
        npm.package(PACKAGE)

    def _is_whole(self, package: Path) -> bool:
        return all((package / name).read_bytes() == x for name, x in self.files.items())

    def look(self) -> str:
        """What lies under the final name is whole or absent, and the next fetch works."""
        target, answer = self.folder / f"{PACKAGE}-1.0.0", "nothing yet"
        if target.exists():
            answer = "new"
            if not self._is_whole(target):
                raise LostError("half a package lies under the final name")
        if not self._is_whole(npm.package(PACKAGE)):
            raise LostError("the next fetch gave something else")
        return answer

    def close(self) -> None:
        """End the server."""
        os.kill(self.server, signal.SIGKILL)
        os.waitpid(self.server, 0)
