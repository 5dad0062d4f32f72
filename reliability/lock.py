"""The lock: every package that requirements.txt leads to, with the checksums of its files.

    python -m reliability.lock                   write requirements.lock again
    python -m reliability.lock --upgrade         the same, with newer versions of what is not pinned
    python -m reliability.lock --check           do requirements.txt and the lock agree?
    python -m reliability.lock --installed       does this environment hold what the lock says?
    python -m reliability.lock --without-torch   print the lock without torch and CUDA

One lock holds for all Pythons from 3.10 and all systems. Writing it needs uv and the network; the
other commands need nothing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from reliability.lock_entries import LOCK, ROOT, Entry, differences, entries, without_torch
from reliability.versions_ranges import lines_of, normal, pinned

UV = "uv==0.13.9"
BUILD = "setuptools"  # what pip needs to install the course itself
INDEX = "https://pypi.org/simple"
HEADER = f"""\
# Every package that requirements.txt leads to, with the checksums of its files on PyPI.
# Written by `python -m reliability.lock` ({UV}); do not change it by hand.
# make install LOCKED=1, or: pip install --require-hashes -r requirements.lock
"""


def uv() -> str:
    """Return the path of uv.

    Raises:
        FileNotFoundError: it is not installed.
    """
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise FileNotFoundError(f"uv is not installed: python -m pip install {UV}")
    return found


def write(*, upgrade: bool) -> int:
    """Let uv solve requirements.txt for all Pythons and systems; return its exit status."""
    line = [uv(), "pip", "compile", "--universal", "--python-version", "3.10", "--no-header"]
    line += ["--generate-hashes", "--no-config", "--quiet", f"--default-index={INDEX}"]
    line += ["--upgrade"] if upgrade else []
    kept = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    with tempfile.TemporaryDirectory() as folder:
        wanted, made = Path(folder, "requirements.txt"), Path(folder, "requirements.lock")
        pins = [text for text in lines_of(ROOT / "requirements.txt") if not text.startswith("-")]
        wanted.write_text("\n".join([*pins, BUILD]) + "\n", encoding="utf-8")
        if LOCK.is_file():  # versions stay as they are where they can
            shutil.copy(LOCK, made)
        command = [*line, wanted.name, "-o", made.name]
        done = subprocess.run(command, cwd=folder, env=kept, check=False)
        if done.returncode == 0:
            LOCK.write_text(HEADER + made.read_text(encoding="utf-8"), encoding="utf-8")
            print(f"{LOCK.name}: {len(read())} packages")
    return done.returncode


def read() -> list[Entry]:
    """Return the packages of the lock."""
    return entries(LOCK.read_text(encoding="utf-8"))


def not_as_locked(found: list[Entry]) -> list[str]:
    """Return what is installed here in another version than the lock has.

    A part of the version after + names a build, such as 2.13.0+cpu; it is not compared.
    """
    versions: dict[str, set[str]] = {}
    for one in found:
        versions.setdefault(normal(one.name), set()).add(one.version)
    here = {normal(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}
    return sorted(
        f"{name} is {version}, and {' or '.join(sorted(versions[name]))} in the lock"
        for name, version in here.items()
        if name in versions and version.split("+")[0] not in versions[name]
    )


def said(problems: list[str], good: str) -> int:
    """Print the problems, or that all is good; return the exit status."""
    print("\n".join(problems) if problems else good)
    return 1 if problems else 0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m reliability.lock", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    for name in ("upgrade", "check", "installed", "without-torch"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args(arguments)
    if options.check:
        good = f"requirements.txt and the {len(read())} packages of the lock agree."
        return said(differences(read(), pinned()), good)
    if options.installed:
        return said(not_as_locked(read()), "What is installed here is what the lock says.")
    if options.without_torch:
        print("\n".join(one.text for one in without_torch(read())))
        return 0
    try:
        return write(upgrade=options.upgrade)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
