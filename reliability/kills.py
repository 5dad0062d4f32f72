"""Kill processes with SIGKILL at random moments, and see whether anything was lost.

    python -m reliability.kills                        1000 kills of each kind
    python -m reliability.kills --rounds 60 --only checkpoints

A child process does the work again and again: it saves checkpoints, trains with snapshots, fetches
a text or a package. It is killed after a random time. The longest time is longer after each kill
that came too early to find anything new, and else shorter, so that the kills lie all over the work
on a fast machine and on a slow one. After each kill the parent looks at what is there: all of the
old or all of the new, and the next try must work. The exit status is 1 when something was lost,
when the work itself failed, and when none of many kills came in the middle of a write. Linux and
macOS only.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reliability.kills_parts import NO_TRACE, LostError, Trial, kill_after, left_in

KINDS = ("checkpoints", "snapshots", "downloads", "packages")
NOT_YET = ("nothing yet", "old", "the same snapshot")
LONGEST = 2.0  # seconds that a kill may wait
SHOWN = 5
ENOUGH = 200  # kills of which at least one must come in the middle of a write


@dataclass
class Result:
    """What came out of the kills of one kind.

    Attributes:
        kind: what was killed.
        kills: how many times.
        found: what was there afterwards -> how often.
        traces: in which part of a write the kill came, by the files left -> how often.
        broken: what was lost, one message for each time.
        more: a line with further figures.
    """

    kind: str
    kills: int = 0
    found: Counter = field(default_factory=Counter)
    traces: Counter = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    more: str = ""

    def n_inside(self) -> int:
        """Return how many kills came in the middle of a write, as the files that were left say."""
        return sum(self.traces.values()) - self.traces[NO_TRACE]

    def lines(self) -> list[str]:
        """Return the report of this kind."""
        found = ", ".join(f"{name} {n}" for name, n in sorted(self.found.items()))
        traces = ", ".join(f"{name} {n}" for name, n in sorted(self.traces.items()))
        lines = [f"{self.kind}: {self.kills} kills, {len(self.broken)} with a loss{self.more}"]
        lines += [f"  found: {found}", f"  the kill had left: {traces}"]
        return lines + [f"  LOST: {message}" for message in self.broken[:SHOWN]]


def make(kind: str, folder: Path) -> Trial:
    """Return what is to be killed, ready to work in this empty folder."""
    if kind in ("checkpoints", "snapshots"):
        import torch

        from reliability.kills_trials import Checkpoints, Snapshots

        torch.set_num_threads(1)  # a forked process waits for ever for the threads of its parent
        return (Checkpoints if kind == "checkpoints" else Snapshots)(folder)
    from reliability.kills_downloads import Downloads, Packages

    return (Downloads if kind == "downloads" else Packages)(folder)


def kill_often(kind: str, rounds: int, folder: Path, random_times: random.Random) -> Result:
    """Kill one kind of work, and look each time.

    Args:
        kind: one of KINDS.
        rounds: how often.
        folder: an empty folder to work in.
        random_times: source of the waits.
    """
    trial, result, longest = make(kind, folder), Result(kind), 0.05
    try:
        for _ in range(rounds):
            trial.prepare()
            result.kills += 1
            try:
                kill_after(trial.work, random_times.uniform(0, longest))
                result.traces[left_in(trial.folder)] += 1
                found = trial.look()
                result.found[found] += 1
                longest = min(longest * 1.1, LONGEST) if found in NOT_YET else longest / 1.1
            except LostError as error:
                result.broken.append(str(error))
    finally:
        if hasattr(trial, "close"):
            trial.close()
    if rounds >= ENOUGH and not result.n_inside():
        result.broken.append("no kill came in the middle of a write, so nothing was tried")
    if kind == "snapshots":
        result.more = f"; {trial.finished} runs ended, losses at most {trial.largest:g} apart"
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m reliability.kills")
    parser.add_argument("--rounds", type=int, default=1000, help="kills of each kind")
    parser.add_argument("--only", choices=KINDS, action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=None, help="of the waits (default: the clock)")
    parser.add_argument("--folder", help="work below this folder (default: the temporary one)")
    options = parser.parse_args(arguments)
    if not hasattr(os, "fork"):
        print("This system cannot fork processes, so nothing was killed.")
        return 0
    random_times, lost = random.Random(options.seed), 0
    for kind in options.only or KINDS:
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="kills-", dir=options.folder) as folder:
            result = kill_often(kind, options.rounds, Path(folder), random_times)
        print(*result.lines(), f"  {time.perf_counter() - begin:.0f} s", sep="\n", flush=True)
        lost += len(result.broken)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
