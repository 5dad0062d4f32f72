"""Check that downloads and trainings outlive a Colab runtime when a Drive is mounted.

A machine fetches a text and trains; it is lost in the middle. All that was not on Drive is
deleted. A new machine, with no network, must use the same download and go on with the training.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

from reliability import colab_drive_cell
from reliability.colab_runs import Machine, Result
from reliability.colab_source import ROOT, answering, release

LIMIT = 300  # seconds for one process
TOLERANCE = 1e-6  # of a loss
CELL = Path(__file__).with_name("colab_drive_cell.py")


class _Quiet(SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def mirror(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the text on loopback; give the address, and a list of what was asked."""
    folder.mkdir()
    (folder / colab_drive_cell.NAME).write_bytes(colab_drive_cell.text())
    asked: list[str] = []
    handler = partial(type("Handler", (_Quiet,), {"asked": asked}), directory=str(folder))
    with answering(handler) as address:
        yield address, asked


def run_step(machine: Machine, step: str, drive: Path, **env: str) -> dict[str, Any]:
    """Run one function of the cell in a new process on the machine; return what it printed.

    Raises:
        RuntimeError: it ended in another way than it should.
    """
    bootstrap = (ROOT / ".ci" / "bootstrap_cell.py").read_text("utf-8")
    address, tag = release()
    bootstrap = bootstrap.replace("@REPOSITORY@", address).replace("@TAG@", tag)
    cell = CELL.read_text("utf-8").replace("from __future__ import annotations\n", "")
    source = f"{bootstrap}\n{cell}\n{step}()\n"
    place = str(machine.content / "drive" / "MyDrive")
    env = {"FAKE_DRIVE": str(drive), "COURSE_DRIVE": place, "NO_PROXY": "127.0.0.1", **env}
    done = subprocess.run(
        [str(machine.python), "-c", source],
        cwd=machine.content,
        env=machine.environment(**env),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode != (137 if step == "before" else 0) or done.stderr:
        raise RuntimeError(f"{step}: exit status {done.returncode}\n{done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


def check_restart(machine: Machine, folder: Path) -> Result:
    """Lose a runtime in the middle of a training, and say whether all goes on."""
    result, start, drive = Result("Drive: a lost runtime"), time.monotonic(), folder / "drive"
    drive.mkdir()
    machine.make()
    with mirror(folder / "mirror") as (address, asked):
        before = run_step(machine, "before", drive, COURSE_DATA_MIRROR=address)
    machine.make()  # all that was not on Drive is gone, and so is the mirror
    after = run_step(machine, "after", drive, COURSE_OFFLINE="1")
    whole = run_step(machine, "whole", drive, COURSE_OFFLINE="1")
    result.problems = judge_restart(before, after, whole, asked)
    left = sorted(str(path.relative_to(drive)) for path in drive.rglob("*") if path.is_file())
    print(f"  on Drive: {', '.join(left)}")
    result.seconds = time.monotonic() - start
    return result


def judge_restart(
    before: dict[str, Any], after: dict[str, Any], whole: dict[str, Any], asked: list[str]
) -> list[str]:
    """Say what is wrong with what the three processes printed."""
    wrong = []
    if len(asked) != 1:
        wrong.append(f"the text was asked for {len(asked)} times, not once")
    if "/drive/MyDrive/" not in after["fetched"]:
        wrong.append(f"the download is not on Drive: {after['fetched']}")
    if not after["resumed"] or after["resumed"] != before["lost"]:
        wrong.append(f"lost after step {before['lost']}, and resumed at {after['resumed']}")
    pairs = zip(after["losses"], whole["losses"], strict=True)
    if (most := max(abs(a - b) for a, b in pairs)) > TOLERANCE:
        wrong.append(f"the losses differ by {most} from those of an uninterrupted run")
    return wrong


@contextmanager
def small_disk(folder: Path, *, full: bool) -> Iterator[None]:
    """Mount a small disk that is read-only, or full.

    Raises:
        PermissionError: this user may not mount anything.
    """
    folder.mkdir()
    options = "size=64k" if full else "size=64k,ro"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise PermissionError(str(error)) from None
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        if full:
            fill(folder)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Write until the disk is full; the course's folder is there already."""
    (folder / "rnn-course" / "data").mkdir(parents=True)
    (folder / "rnn-course" / "networks").mkdir()
    with open(folder / "other", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1024))


def name_of(*, full: bool) -> str:
    """Return the name of the check of a Drive that is full, or read-only."""
    return f"Drive: {'full' if full else 'read-only'}"


def check_refusal(machine: Machine, folder: Path, *, full: bool) -> Result:
    """Say whether a Drive that is read-only or full is answered clearly, at once."""
    result, start = Result(name_of(full=full)), time.monotonic()
    fetch_says = "the disk is full" if full else "the folder cannot be written"
    keep_says = os.strerror(errno.ENOSPC if full else errno.EROFS)
    machine.make()
    drive = folder / f"drive-{full}"
    try:
        with small_disk(drive, full=full), mirror(folder / f"mirror-{full}") as (address, _):
            said = run_step(machine, "refused", drive, COURSE_DATA_MIRROR=address)
        result.problems = judge_refusal(said, fetch_says, keep_says)
    except PermissionError as error:
        result.left_out = f"no disk can be mounted here ({error})"
        shutil.rmtree(drive, ignore_errors=True)
    result.seconds = time.monotonic() - start
    return result


def judge_refusal(said: dict[str, str], fetch_says: str, keep_says: str) -> list[str]:
    """Say what is wrong with the two errors of a Drive that cannot be written."""
    wrong = []
    if fetch_says not in said.get("fetch", "") or "what to do" not in said.get("fetch", ""):
        wrong.append(f"the download said: {said.get('fetch')}")
    if keep_says not in said.get("keep", "") or "COURSE_DRIVE" not in said.get("keep", ""):
        wrong.append(f"keep_folder said: {said.get('keep')}")
    return wrong
