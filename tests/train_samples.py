"""What the tests of course_utils.train share: a text, options, a call that is watched."""

from __future__ import annotations

import io
import os
import signal
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field

import pytest

from course_utils import train as command
from course_utils.batching import Streams
from course_utils.corpora import LongText
from course_utils.recipes import train_language as parts
from course_utils.training.ranks import is_distributed

SIZES = ("--hidden-size", "12", "--embed-dim", "6", "--streams", "4", "--chunk", "20")
# "auto" is measured, and where bfloat16 exists two runs may choose differently.
SIZES += ("--precision", "float32")


def ships(length: int) -> str:
    """Return a text of so many letters, up to 3500, in which no two parts are alike."""
    lines = (f"Act {n}: the {n * n}th ship, {n % 7} sailors, {n % 11} stars.\n" for n in range(99))
    return "".join(lines)[:length]


@dataclass
class Seen:
    """What one process saw of one call.

    Attributes:
        status: what the command returned.
        losses, scores, best_step: the history of its run.
        parts: start and stop of everything that was read of the text.
        out, err: what was printed.
        was_left: the processes had parted when the command returned; after a single call only.
    """

    status: int = -1
    losses: list[float] = field(default_factory=list)
    scores: list[list[float]] = field(default_factory=list)
    best_step: int | None = None
    parts: list[list[int]] = field(default_factory=list)
    out: str = ""
    err: str = ""
    was_left: bool = False


def watch(patch: pytest.MonkeyPatch, seen: Seen, kill_at: int | None) -> None:
    """Replace three functions of the library by ones that also write down what they do."""
    train, read, chunk = parts.train_language, LongText.read, Streams.chunk

    def watched_train(*args, **options):
        run = train(*args, **options)
        history = run.history
        seen.losses, seen.best_step = history.losses, history.best_step
        seen.scores = [[*score] for score in history.scores]
        return run

    def watched_read(text, start, stop):
        seen.parts.append([start, stop])
        return read(text, start, stop)

    def watched_chunk(streams, step):
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return chunk(streams, step)

    patch.setattr(parts, "train_language", watched_train)
    patch.setattr(LongText, "read", watched_read)
    patch.setattr(Streams, "chunk", watched_chunk)


def call(arguments: list[str], kill_at: int | None = None) -> Seen:
    """Call the command in this process.

    Args:
        arguments: as on the command line.
        kill_at: the process dies when it asks for the chunk of this step; None: never.
    """
    seen, out, err = Seen(), io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        watch(patch, seen, kill_at)
        seen.status = command.main(arguments)
    seen.out, seen.err, seen.was_left = out.getvalue(), err.getvalue(), not is_distributed()
    return seen
