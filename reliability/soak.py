"""Run strict nbval on the whole course many times, on a quiet and on a busy machine.

    python -m reliability.soak                         20 rounds, then 20 with both cores busy
    python -m reliability.soak --quiet 2 --busy 0      two quiet rounds
    python -m reliability.soak --add                   go on with the report that is there
    python -m reliability.soak --quiet 0 --hogs 0      other programs of yours keep the cores busy
    python -m reliability.soak --other-processors      each round as on another processor

Each round is one run of pytest over all notebooks in new processes. The rounds take turns with one
and two threads of PyTorch, and each has its own random PYTHONHASHSEED. The report, a line for each
round and the outputs of what failed, goes to build/soak.json; the exit status is 1 when a cell of
any round failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import nbformat

from reliability import other_processors

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "build" / "soak.json"
COUNT = re.compile(r"(\d+) (passed|failed|error|errors|skipped|xfailed)\b")
TAIL = 4000  # characters that are kept of a round that failed
BUSY = "while True: pass"


@dataclass(frozen=True)
class Round:
    """One run of all notebooks.

    Attributes:
        commit: what was run.
        is_busy: whether other processes kept every core busy.
        threads: threads of PyTorch.
        hash_seed: PYTHONHASHSEED of the kernels.
        passed: cells that gave what is stored.
        failed: cells that did not, or could not be run.
        seconds: how long it took.
        output: the end of what pytest printed, where something failed.
        hogs: how many processes this tool started to keep the cores busy.
        processor: 0 for this one as it is; else the number of one that rounds otherwise.
    """

    commit: str
    is_busy: bool
    threads: int
    hash_seed: int
    passed: int
    failed: int
    seconds: float
    output: str = ""
    hogs: int = 0
    processor: int = 0

    @property
    def is_good(self) -> bool:
        """Tell whether cells were run and none failed."""
        return self.passed > 0 and self.failed == 0


def counts(output: str, status: int) -> tuple[int, int]:
    """Return how many cells passed and failed, from pytest's closing line.

    A run that ended badly without a failed cell (a crash, no tests) counts as one failure.

    >>> counts("=== 2 failed, 1156 passed in 99.10s ===", 1)
    (1156, 2)
    >>> counts("Killed", 137)
    (0, 1)
    """
    last = output.strip().splitlines()[-1] if output.strip() else ""
    found = {word: int(number) for number, word in COUNT.findall(last)}
    failed = found.get("failed", 0) + found.get("error", 0) + found.get("errors", 0)
    return found.get("passed", 0), failed or int(status != 0)


def code_cells(notebooks: Sequence[str]) -> int:
    """Return how many cells a round has to run.

    Args:
        notebooks: files, or folders in which all notebooks count.
    """
    found = [path for each in map(ROOT.joinpath, notebooks) for path in _notebooks(each)]
    cells = [cell for path in found for cell in nbformat.read(path, as_version=4).cells]
    return sum(cell.cell_type == "code" for cell in cells)


def _notebooks(path: Path) -> list[Path]:
    """Return a notebook, or the notebooks of a folder as pytest finds them."""
    if path.is_file():
        return [path]
    return [p for p in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts]


@contextmanager
def busy_cores(n_cores: int) -> Iterator[None]:
    """Keep this many cores busy with other processes."""
    hogs = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(n_cores)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def environment(threads: int, hash_seed: int) -> dict[str, str]:
    """Return the environment of a round.

    A thread of PyTorch that waits must sleep: when four of them spin on two cores, a training step
    takes a hundred times as long, and the round shows nothing more.
    """
    changes = {"COURSE_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": hash_seed}
    changes["OMP_WAIT_POLICY"] = "PASSIVE"
    return os.environ | {name: str(value) for name, value in changes.items()}


def run_round(notebooks: Sequence[str], workers: int, planned: Round) -> Round:
    """Run strict nbval once, as planned; return the round with its counts."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-c", str(ROOT / "pyproject.toml")]  # also for a notebook elsewhere
    command += ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", *notebooks]
    start = time.monotonic()
    with busy_cores(planned.hogs), other_processors.environment(planned.processor) as changes:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(planned.threads, planned.hash_seed) | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    passed, failed = counts(done.stdout, done.returncode)
    failed = max(failed, code_cells(notebooks) - passed)  # a cell that was not run is no success
    seconds = round(time.monotonic() - start, 1)
    tail = done.stdout[-TAIL:] if failed else ""
    return replace(planned, passed=passed, failed=failed, seconds=seconds, output=tail)


def plan(options: argparse.Namespace) -> Iterator[Round]:
    """Yield the rounds as they will be run: the quiet ones, then the busy ones."""
    for number in range(options.quiet + options.busy):
        is_busy, threads = number >= options.quiet, 1 + number % 2
        hash_seed, other = (random.SystemRandom().randrange(1, 2**32) for _ in range(2))
        kind = {"is_busy": is_busy, "hogs": options.hogs if is_busy else 0, "threads": threads}
        kind["processor"] = other if options.other_processors else 0
        yield Round(commit(), hash_seed=hash_seed, passed=0, failed=0, seconds=0.0, **kind)


def commit() -> str:
    """Return the commit that is checked out, with a plus when files differ from it."""

    def git(*arguments: str) -> str:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + "+" * bool(git("diff", "--stat"))


def summary(rounds: Sequence[Round]) -> str:
    """Return a table: for each kind of round its number, cells, failures and seconds."""
    lines = ["machine  hogs  processor  threads  rounds  cells run  failed  seconds a round"]

    def kind_of(r: Round) -> tuple[bool, int, bool, int]:
        return r.is_busy, r.hogs, r.processor > 0, r.threads

    for kind in sorted(set(map(kind_of, rounds))):
        some = [r for r in rounds if kind_of(r) == kind]
        cells, failed = (sum(getattr(r, name) for r in some) for name in ("passed", "failed"))
        mean = sum(r.seconds for r in some) / len(some)
        is_busy, hogs, is_other, threads = kind
        names = f"{'busy' if is_busy else 'quiet':8} {hogs:>4}  {'other' if is_other else 'this':9}"
        counted = f"{threads:>8} {len(some):>7} {cells + failed:>10} {failed:>7} {mean:>16.0f}"
        lines.append(f"{names} {counted}")
    return "\n".join(lines)


def read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quiet", type=int, default=20, help="rounds on a quiet machine")
    parser.add_argument("--busy", type=int, default=20, help="rounds with every core busy")
    parser.add_argument(
        "--hogs", type=int, default=os.cpu_count() or 1, help="processes that keep the cores busy"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes; 0: this one alone")
    parser.add_argument(
        "--other-processors", action="store_true", help="compute as other processors would"
    )
    parser.add_argument("--add", action="store_true", help="add to the report that is there")
    parser.add_argument("--report", type=Path, default=REPORT)
    parser.add_argument("notebooks", nargs="*", default=["notebooks"])
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rounds and write the report; see the head of this file."""
    options = read(arguments)
    before = json.loads(options.report.read_text()) if options.add else []
    rounds = [Round(**entry) for entry in before]
    options.report.parent.mkdir(parents=True, exist_ok=True)
    for number, planned in enumerate(plan(options), 1):
        rounds.append(run_round(options.notebooks, options.workers, planned))
        options.report.write_text(json.dumps([asdict(r) for r in rounds], indent=1) + "\n")
        print(f"round {number}: {asdict(rounds[-1]) | {'output': ''}}", flush=True)
        print(rounds[-1].output, end="", flush=True)
    print(summary(rounds))
    return int(not all(r.is_good for r in rounds))


if __name__ == "__main__":
    sys.exit(main())
