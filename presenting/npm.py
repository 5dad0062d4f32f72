"""Fetch the packages of the npm registry that decks, pages and their tests need. No node needed.

    python -m presenting.npm        fetch what is missing, and say where everything is

`package-lock.json` pins the version and the checksum of each package. The environment variable
npm_config_registry names another registry, COURSE_NPM_DIR another folder than the one beside
the Python environment.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tarfile
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from course_utils.corpora.fetching import (
    DEADLINE,
    PARTIAL,
    bring,
    is_offline,
    is_web,
    quiet_pooch,
    remove_stale,
)
from course_utils.paths import at_home
from presenting.npm_archives import GZIP, MOST_BYTES, unpack
from presenting.npm_reasons import explain

HERE = Path(__file__).resolve().parent
REGISTRY = "https://registry.npmjs.org/"
TIMEOUT = (10.0, 30.0)  # seconds to wait for a connection, and for the next bytes


class PackageError(RuntimeError):
    """A package could not be fetched or is damaged; the message says what to do."""


@dataclass(frozen=True)
class Pin:
    """One package as package-lock.json pins it.

    Args:
        name: The name in the registry, such as "reveal.js".
        version: Such as "5.2.1".
        integrity: "sha512-" and the checksum of the archive in base64.
    """

    name: str
    version: str
    integrity: str

    @property
    def archive(self) -> str:
        """The address of the archive below that of a registry."""
        return f"{self.name}/-/{self.name.split('/')[-1]}-{self.version}.tgz"

    @property
    def checksum(self) -> str:
        """The checksum as pooch wants it: "sha512:" and hexadecimal digits."""
        kind, _, digest = self.integrity.partition("-")
        return f"{kind}:{base64.b64decode(digest).hex()}"


def pins(lock: Path = HERE / "package-lock.json") -> dict[str, Pin]:
    """Return the pinned packages, by name."""
    entries = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    found = [
        Pin(path.removeprefix("node_modules/"), entry["version"], entry["integrity"])
        for path, entry in entries.items()
        if path
    ]
    return {pin.name: pin for pin in found}


def folder() -> Path:
    """Return the folder that holds the packages; it need not exist yet."""
    chosen = os.environ.get("COURSE_NPM_DIR")
    if chosen:
        return at_home("COURSE_NPM_DIR", chosen).resolve()
    return Path(sys.prefix) / "share" / "rnn-course" / "npm"


def registry() -> str:
    """Return the address of the registry, with a slash at its end."""
    chosen = os.environ.get("npm_config_registry", "").strip() or REGISTRY
    return chosen.rstrip("/") + "/"


def _transfer(address: str, output_file: str, _pooch: object = None) -> None:
    """Bring the archive into a file, as pooch wants a downloader to do."""
    if not is_web(address):
        raise ValueError("npm_config_registry must start with http:// or https://")
    bring(address, output_file, most=MOST_BYTES, seconds=DEADLINE)
    with open(output_file, "rb") as file:
        start = file.read(256)
    if start.lstrip().startswith(b"<"):
        raise ValueError("a web page came instead of the package (a login page, perhaps)")
    if not start.startswith(GZIP):
        raise ValueError("what came is not a package of npm (a gzip archive)")


def _download(pin: Pin, into: Path) -> Path:
    """Download one archive and compare its checksum; return its path."""
    import pooch

    with quiet_pooch():
        path = pooch.retrieve(
            registry() + pin.archive, pin.checksum, "package.tgz", into, downloader=_transfer
        )
    return Path(path)


def _is_complete(path: Path, pin: Pin) -> bool:
    """Tell whether a folder holds the package: it was moved there whole, or it is not there."""
    try:
        found = json.loads((path / "package.json").read_text(encoding="utf-8"))
        return (found["name"], found["version"]) == (pin.name, pin.version)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _install(pin: Pin, target: Path) -> None:
    """Download, check and unpack in a private folder; then move the result in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(target.parent)
    with tempfile.TemporaryDirectory(
        prefix=PARTIAL, dir=target.parent, ignore_cleanup_errors=True
    ) as partial:
        fresh = Path(partial, "package")
        unpack(_download(pin, Path(partial)), fresh)
        if not _is_complete(fresh, pin):
            raise ValueError(f"the archive is not {pin.name} {pin.version}")
        try:
            if target.exists() and not _is_complete(target, pin):
                os.rename(target, Path(partial, "damaged"))
            os.rename(fresh, target)
        except OSError:
            if not _is_complete(target, pin):  # else another process was faster, and that is fine
                raise


def _refusal(pin: Pin, error: Exception) -> PackageError:
    """Return the error that says what went wrong, and what to do."""
    return PackageError(explain(f"{pin.name} {pin.version}", registry(), folder(), error))


def package(name: str) -> Path:
    """Return the folder of a package, fetching the package when it is not there yet.

    Args:
        name: A package that package-lock.json pins, such as "reveal.js".

    Raises:
        ValueError: No such package is pinned.
        PackageError: The package is not there and could not be fetched.
    """
    known = pins()
    if name not in known:
        raise ValueError(f"no package {name!r} is pinned; there are: {', '.join(sorted(known))}")
    pin = known[name]
    target = folder() / f"{pin.name.replace('/', '-')}-{pin.version}"
    if _is_complete(target, pin):
        return target
    if is_offline():
        raise _refusal(pin, RuntimeError("COURSE_OFFLINE is set"))
    try:
        _install(pin, target)
    except (OSError, ValueError, EOFError, tarfile.TarError, zlib.error) as error:
        raise _refusal(pin, error) from error
    return target


def main() -> int:
    """Fetch every package; return the exit status."""
    try:
        for name in pins():
            print(f"{name:10s} {package(name)}")
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
