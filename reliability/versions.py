"""Run the course with the oldest and the newest versions of its dependencies, and other Pythons.

    python -m reliability.versions                    everything; it takes an hour or two
    python -m reliability.versions oldest newest      both ends of the ranges in pyproject.toml
    python -m reliability.versions 3.10 3.12 3.13     what needs no torch, on other Pythons

With torch: every test that needs no browser, and every notebook with strict nbval, offline, on the
stand-in texts. Without torch: all files are compiled, all modules imported, all tests and doctests
run; what fails because torch is not there is counted, and every other failure is one.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reliability import versions_environments as environments
from reliability import versions_ranges as ranges

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
NAMES = ("oldest", "newest", *PYTHONS)
TESTS = ["tests", "course_utils", "presenting"]
# Other people's deprecations differ from version to version; ours stay errors.
OURS = r"(course_utils|presenting|benchmarks|reliability|conftest|test_)"
KINDS = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
WARNINGS = [f"ignore::{kind}" for kind in KINDS] + [f"error::{kind}:{OURS}" for kind in KINDS]
# As in pyproject.toml.
WARNINGS += ["ignore::ResourceWarning", "ignore:Proactor event loop:RuntimeWarning"]


@dataclass(frozen=True)
class Options:
    """How the runs are done.

    Args:
        folder: for environments, logs and lists of versions.
        python: for the environments with torch, such as "3.11".
        torch: its version there; None for the pinned one.
        minutes: after which a run is given up, and has failed.
        workers: processes for the tests.
        steps: which runs to do, of "imports", "tests", "notebooks".
    """

    folder: Path
    python: str = "3.11"
    torch: str | None = None
    minutes: float = 60.0
    workers: int = 2
    steps: tuple[str, ...] = ("imports", "tests", "notebooks")


def pytest_line(python: Path, paths: list[str], options: Options) -> list[str]:
    """Return the command that runs a part of the tests."""
    line = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    line += ["-p", "reliability.versions_plugin", "--color=no"]
    line += ["-o", "filterwarnings=" + "\n".join(["error", *WARNINGS])]
    line += ["-n", str(options.workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    return line + paths


def requirements(name: str, options: Options) -> list[str]:
    """Return what an environment gets.

    >>> "torch" in " ".join(requirements("3.12", Options(Path("."))))
    False
    """
    if name == "oldest":
        return ranges.oldest(options.torch)
    return ranges.newest(options.torch) if name == "newest" else ranges.pinned_without_torch()


def commands(name: str, python: Path, options: Options) -> dict[str, list[str]]:
    """Return step -> command for one environment."""
    every = {
        "imports": [str(python), "-m", "reliability.versions_imports"],
        "tests": pytest_line(python, TESTS, options),
    }
    if name in ("oldest", "newest"):
        every["notebooks"] = pytest_line(python, ["notebooks"], options)
    return {step: line for step, line in every.items() if step in options.steps}


def figures(text: str) -> str:
    """Return the line of a log that holds its figures.

    >>> figures("…\\nCOUNTS passed: 3; failed: 0\\n3 passed in 1 s")
    'passed: 3; failed: 0'
    """
    found = re.findall(r"^(?:COUNTS (.+)|(compiled: .+))$", text, re.MULTILINE)
    return "".join(found[-1]) if found else "no figures: look into the log"


def run_step(line: list[str], log: Path, options: Options) -> tuple[bool, str]:
    """Run one command with a time limit; return (is it good, its figures)."""
    scratch = log.with_suffix("")
    scratch.mkdir(parents=True, exist_ok=True)
    env = environments.variables(scratch)
    try:
        done = environments.call(line, cwd=ranges.ROOT, env=env, timeout=60 * options.minutes)
    except subprocess.TimeoutExpired as error:
        log.write_text((error.stdout or b"").decode("utf-8", "replace"), encoding="utf-8")
        return False, f"not done after {options.minutes:g} minutes"
    log.write_text(done.stdout, encoding="utf-8")
    return done.returncode == 0, figures(done.stdout)


def check(name: str, options: Options) -> bool:
    """Make one environment and run everything in it; print the figures; say whether it is good."""
    wanted = options.python if name in ("oldest", "newest") else name
    python = environments.find_python(wanted)
    if python is None:
        print(f"{name}: left out, because there is no Python {wanted} here.", flush=True)
        return False
    try:
        own = environments.make(options.folder / name, python, requirements(name, options))
    except environments.InstallError as error:
        print(f"{name}: FAILED to install on Python {wanted}\n{error}", flush=True)
        return False
    if trouble := environments.fetch_npm(own, options.folder, ranges.ROOT):
        print(f"{name}: no packages of npm, so tests of decks will fail:\n{trouble}", flush=True)
    packages = environments.installed(own)
    (options.folder / f"{name}.txt").write_text("\n".join(packages) + "\n", encoding="utf-8")
    print(f"{name}: Python {wanted}, {len(packages)} packages", flush=True)
    good = True
    for step, line in commands(name, own, options).items():
        log = options.folder / f"{name}-{step}.log"
        fine, said = run_step(line, log, options)
        print(f"{name}, {step}: {'good' if fine else 'FAILED'}: {said} ({log})", flush=True)
        good &= fine
    return good


def read(arguments: list[str] | None) -> tuple[list[str], Options]:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m reliability.versions", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--folder", type=Path, help="keeps environments and logs")
    parser.add_argument("--python", default="3.11", help="for oldest and newest")
    parser.add_argument("--torch", help="its version for oldest and newest; the pinned one")
    parser.add_argument("--minutes", type=float, default=60.0, help="limit of one run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--steps", nargs="+", default=list(Options.steps), choices=Options.steps)
    chosen = parser.parse_args(arguments)
    if unknown := sorted(set(chosen.names) - set(NAMES)):
        parser.error(f"unknown: {', '.join(unknown)}; choose of {', '.join(NAMES)}")
    folder = (chosen.folder or Path(tempfile.mkdtemp(prefix="versions-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    fixed = {n: getattr(chosen, n) for n in ("python", "torch", "minutes", "workers")}
    return chosen.names or list(NAMES), Options(folder, steps=tuple(chosen.steps), **fixed)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    names, options = read(arguments)
    bad = [name for name in names if not check(name, options)]
    print(f"Not good: {', '.join(bad)}" if bad else f"Good: {', '.join(names)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
