"""Press the stop button at every line of a training run, and look at what is left.

    python -m reliability.interrupts                    all runs, every line that is executed
    python -m reliability.interrupts --points 40 --only train

A run is repeated, and each time the signal of the stop button comes at another executed line of
the course's own code, or of PyTorch's optimisers and switches of gradients. After each of them the
model must be usable: finite weights, evaluation mode, the weights of the step that the history ends
with or of the best score. The exit status is 1 when one is not, and when a run did not come to the
line where it was to be stopped.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any, Protocol

import torch

WATCHED = ("course_utils", "torch/optim", "torch/autograd/grad_mode", "torch/random")
SHOWN = 5
NOT_REACHED = "not reached"


class Trial(Protocol):
    """A run that can be interrupted."""

    def work(self) -> None:
        """Do the whole run."""

    def look(self, escaped: bool) -> str:
        """Say how the run ended, or raise AssertionError; escaped: KeyboardInterrupt came out."""


@cache
def _is_watched(file: str) -> bool:
    """Tell whether the lines of a file count."""
    return any(part in file.replace("\\", "/") for part in WATCHED)


class Presser:
    """Count the executed lines of the watched files, and press the stop button at one of them.

    Args:
        at: the number of the line, from 0; None only counts.
    """

    def __init__(self, at: int | None = None) -> None:
        self.at, self.count, self.place = at, 0, ""

    def __enter__(self) -> Presser:
        # A process in the background of a shell ignores interrupts.
        self.handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.settrace(self._enter)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        signal.signal(signal.SIGINT, self.handler)

    def _enter(self, frame: FrameType, event: str, _: Any) -> Callable | None:
        return self._line if _is_watched(frame.f_code.co_filename) else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Callable | None:
        if event == "line":
            self.count += 1
            if self.count - 1 == self.at:
                self.place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                sys.settrace(None)
                signal.raise_signal(signal.SIGINT)
        return self._line


@dataclass
class Result:
    """What came out of the interrupts of one run.

    Attributes:
        name: of the run.
        lines: how many lines it executes.
        points: at how many of them the button was pressed.
        ended: how the runs ended -> how often.
        broken: what was wrong, one message for each time.
    """

    name: str
    lines: int = 0
    points: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Return the report of this run."""
        ended = ", ".join(f"{how} {n}" for how, n in sorted(self.ended.items()))
        head = f"{self.name}: {self.points} of {self.lines} lines, {len(self.broken)} wrong"
        return "\n".join([head, f"  {ended}", *(f"  WRONG: {m}" for m in self.broken[:SHOWN])])


def press_often(name: str, run: Callable[[], Trial], n_points: int | None, seed: int) -> Result:
    """Repeat a run, and press the stop button at another line each time.

    Args:
        name: of the run.
        run: makes a fresh run, each time it is called.
        n_points: at how many lines, chosen at random; None: at all.
        seed: of the choice.
    """
    result = Result(name, lines=_count(run))
    chosen: Sequence[int] = range(result.lines)
    if n_points is not None and n_points < result.lines:
        chosen = sorted(random.Random(seed).sample(chosen, n_points))
    for at in chosen:
        result.points += 1
        _press(run, at, result)
    return result


def _count(run: Callable[[], Trial]) -> int:
    """Return how many lines a run executes."""
    run().work()  # the first run also loads code
    trial = run()
    with Presser() as presser:
        trial.work()
    return presser.count


def _press(run: Callable[[], Trial], at: int, result: Result) -> None:
    """Press once, and look."""
    trial, escaped = run(), False
    presser = Presser(at)
    try:
        with presser:
            trial.work()
    except KeyboardInterrupt:
        escaped = True
    except Exception as error:  # nothing else may come out
        result.broken.append(f"{error!r} after an interrupt at {presser.place}")
        return
    try:
        if not torch.is_grad_enabled():
            torch.set_grad_enabled(True)
            raise AssertionError("gradients are switched off")
        how = trial.look(escaped)
    except AssertionError as error:
        result.broken.append(f"{error} after an interrupt at {presser.place}")
        return
    how = how if presser.place else NOT_REACHED
    result.ended[how] = result.ended.get(how, 0) + 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    from reliability.interrupts_trials import TRIALS

    parser = argparse.ArgumentParser(prog="python -m reliability.interrupts")
    parser.add_argument("--points", type=int, help="lines for each run (default: all)")
    parser.add_argument("--only", choices=[*TRIALS], action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of lines")
    options = parser.parse_args(arguments)
    wrong = 0
    for name in options.only or TRIALS:
        result = press_often(name, TRIALS[name], options.points, options.seed)
        print(result.report(), flush=True)
        # A line that a second run does not reach was not tried.
        wrong += len(result.broken) + result.ended.get(NOT_REACHED, 0)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
