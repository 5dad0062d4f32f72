"""Run the whole course on Google Colab's stack, built here.

    python -m reliability.colab [NOTEBOOK ...] [--offline] [--only PART]      default: everything

It builds an environment with Colab's packages (build/colab/), serves the working tree as a git
repository on loopback, and runs each notebook on an empty machine that holds this one file. Then
it moves every widget, and loses a runtime in the middle of a training, with a Drive mounted. The
exit status is 1 when anything failed. It takes about twenty minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from presenting.lesson_files import all_notebooks
from reliability import colab_drive, colab_source, colab_stack, colab_widgets
from reliability.colab_python import Choice
from reliability.colab_runs import Machine, Result, run_notebook
from reliability.colab_stack import BUILD, Stack

PARTS = ("notebooks", "widgets", "drive")


def introduce(choice: Choice) -> str:
    """Say which Python and torch were chosen, and why not Colab's."""
    lines = [f"Not taken: {reason}" for reason in choice.refused]
    verdict = "as in Colab" if choice.is_colabs() else "the nearest to Colab that can be had here"
    return "\n".join([*lines, f"Taken: Python {choice.version}, torch {choice.torch}: {verdict}."])


def describe(result: Result) -> str:
    """Return what came of one run, in a line and its problems."""
    mark = "✗" if result.problems else "–" if result.left_out else "✓"
    parts = [f"left out, {result.left_out}" if result.left_out else f"{result.seconds:.0f} s"]
    if result.compared:
        parts.append(f"{result.compared} outputs compared, {len(result.differences)} differ")
    if result.controls:
        parts.append(f"{result.controls} controls moved")
    more = [*result.problems, *(f"differs: {difference}" for difference in result.differences)]
    lines = [f"{mark} {result.name}: {', '.join(parts)}"]
    return "\n".join(lines + ["    " + text.replace("\n", "\n    ") for text in more])


def runs(stack: Stack, folder: Path, address: str, options: argparse.Namespace) -> Iterator[Result]:
    """Yield the result of each run, one after the other."""
    parts = options.only or PARTS
    machine = Machine(stack.python, folder / "machine", address, options.offline)
    if "notebooks" in parts:
        for path in options.notebooks or all_notebooks():
            yield run_notebook(machine, path.resolve(), colab_widgets.move_lesson)
    if "widgets" in parts:
        for python, major in ((stack.python, 7), (Path(sys.executable), 8)):
            yield guarded(
                "every widget",
                lambda p=python, m=major: colab_widgets.move_every_kind(machine, p, m),
            )
    if "drive" in parts:
        yield guarded("Drive: a lost runtime", lambda: colab_drive.check_restart(machine, folder))
        for full in (False, True):
            name = colab_drive.name_of(full=full)
            yield guarded(name, lambda f=full: colab_drive.check_refusal(machine, folder, full=f))


def guarded(name: str, run: Callable[[], Result]) -> Result:
    """Return the result of a run; what ended it in the middle is its problem."""
    start = time.monotonic()
    try:
        return run()
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return Result(name, seconds=time.monotonic() - start, problems=[str(error)])


def summary(results: Sequence[Result], seconds: float) -> str:
    """Return the last line."""
    failed = [result.name for result in results if is_bad(result)]
    counts = [sum(result.compared for result in results), sum(r.controls for r in results)]
    left_out = [result.name for result in results if result.left_out]
    line = f"{len(results) - len(left_out)} runs, {counts[0]} outputs compared, "
    line += f"{counts[1]} controls moved, {seconds / 60:.1f} minutes"
    line += f", LEFT OUT: {', '.join(left_out)}: " if left_out else ": "
    return line + (f"{len(failed)} FAILED: {', '.join(failed)}" if failed else "all is well.")


def is_bad(result: Result) -> bool:
    """Tell whether a run failed; another text than the stored one is a failure, too."""
    return bool(result.problems or result.differences)


def write_report(path: Path, stack: Stack, results: Sequence[Result]) -> None:
    """Write everything as JSON."""
    facts = {
        "choice": asdict(stack.choice),
        "machine": f"{platform.platform()}, {os.cpu_count()} cores",
        "packages": colab_stack.wanted_versions(colab_stack.REQUIREMENTS.read_text("utf-8")),
        "runs": [asdict(result) for result in results],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    made = argparse.ArgumentParser(
        prog="python -m reliability.colab", description="Run the course on Google Colab's stack."
    )
    made.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    made.add_argument("--offline", action="store_true", help="no mirror, no network: stand-ins")
    made.add_argument("--only", action="append", choices=PARTS, help="can be given more than once")
    made.add_argument("--report", type=Path, default=BUILD / "report.json", help="%(default)s")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options, start = parser().parse_args(arguments), time.monotonic()
    try:
        choice = colab_stack.choose_here()
        print(introduce(choice), flush=True)
        stack = colab_stack.build(choice)
        print(f"{'Built' if stack.is_new else 'Found'} {os.path.relpath(stack.folder)}", flush=True)
        results: list[Result] = []
        with tempfile.TemporaryDirectory(prefix="colab-") as name:
            repository = colab_source.make_repository(Path(name))
            with colab_source.served(repository) as (address, _):
                for result in runs(stack, Path(name), address, options):
                    results.append(result)
                    print(describe(result), flush=True)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    write_report(options.report, stack, results)
    print(summary(results, time.monotonic() - start))
    return 1 if any(map(is_bad, results)) else 0


if __name__ == "__main__":
    sys.exit(main())
