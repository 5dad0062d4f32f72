"""What all trials of `reliability.kills` share: child processes, and what a kill left behind."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

NO_TRACE = "no trace"


class LostError(AssertionError):
    """A kill has cost something; the message says what."""


class Trial(Protocol):
    """Something that can be killed.

    `prepare` makes the place ready, `work` runs in the process that is killed, and `look` says
    what is there afterwards, or raises LostError.
    """

    folder: Path

    def prepare(self) -> None:
        """Make the place ready for a round."""

    def work(self) -> None:
        """Do what is killed."""

    def look(self) -> str:
        """Say in one or two words what is there after the kill."""


def left_in(folder: Path) -> str:
    """Say in which part of a write the kill came, by the files that it left."""
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    signs = {
        "old weights set aside": any(name.endswith(".previous") for name in names),
        "temporary file": any(name.endswith(".tmp") for name in names),
        "private folder": any(".partial-" in str(path) for path in folder.rglob("*")),
    }
    return next((sign for sign, is_there in signs.items() if is_there), NO_TRACE)


def in_child(work: Callable[[], None]) -> None:
    """Do something in a process of its own, and wait for it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("a child process failed")


def start(work: Callable[[], None]) -> int:
    """Begin something in a process of its own; return its number once it has begun."""
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.write(theirs, b"x")
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.read(ours, 1)
    os.close(ours)
    os.close(theirs)
    return pid


def kill_after(work: Callable[[], None], seconds: float) -> None:
    """Begin something in a process of its own, and kill that process after a time.

    Raises:
        LostError: it had ended with an error before.
    """
    pid = start(work)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise LostError("the work ended with an error before it was killed, see above")
