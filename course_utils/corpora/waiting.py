"""Wait so long for an answer, and no longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_LOOK_EVERY = 0.2  # seconds: on Windows the stop button is not heard in a wait


def in_time(seconds: float, work: Callable[[], object]) -> object:
    """Return what a function returns, if it does so in time.

    A thread is the only way to bound it: looking up a name, a dead network drive, or a server that
    sends header after header knows no time limit. The thread is a daemon, so that it never keeps
    Python from ending; it goes on when nobody waits for it.

    Raises:
        TimeoutError: it did not end in time.
        Exception: what the function raises.
    """
    answers: list[object] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(work())
        except Exception as error:  # whatever it is, who waits is told
            errors.append(error)

    thread, end = threading.Thread(target=run, daemon=True), time.monotonic() + seconds
    thread.start()
    while thread.is_alive() and (left := end - time.monotonic()) > 0:
        thread.join(min(left, _LOOK_EVERY))
    if errors:
        try:
            raise errors[0]
        finally:
            errors.clear()  # an error that its own traceback holds would keep its sockets open
    if not answers:
        raise TimeoutError(f"the transfer was not complete after {seconds:g} seconds")
    return answers[0]
