"""What all benchmarks share: the machine, the clock, and the report."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import torch

from course_utils.corpora import DataUnavailableError
from course_utils.runtime import threads_limited

Text = TypeVar("Text")

# As Linux names them: x86 with AVX-512, x86 with matrix tiles, ARM.
BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


def describe_machine(cpuinfo: Path = Path("/proc/cpuinfo")) -> dict[str, object]:
    """Say on what a benchmark ran.

    Args:
        cpuinfo: where Linux describes its processors; elsewhere there is no such file.

    Returns:
        cpu, cores, threads (those that PyTorch uses), python, torch, and bf16_instructions: whether
        the processor multiplies bfloat16 matrices by itself; None where that is not known.
    """
    facts: dict[str, str] = {}
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        pairs = [line.split(":", 1) for line in lines if ":" in line]
        facts = {key.strip(): value.strip() for key, value in pairs}
    flags = facts.get("flags", facts.get("Features"))
    return {
        "cpu": facts.get("model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "bf16_instructions": None if flags is None else bool(BF16_FLAGS & set(flags.split())),
    }


def report(figures: Mapping[str, object]) -> None:
    """Print the figures and the machine as one JSON object, on one line, the last of stdout.

    Args:
        figures: names and values; a float is printed with four significant digits.
    """
    print(json.dumps({**rounded(figures), "machine": describe_machine()}), flush=True)


def rounded(value: object) -> object:
    """Round the floats in a value to four significant digits, however deep they stand in it."""
    if isinstance(value, Mapping):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def note(text: str) -> None:
    """Say on stderr how far a benchmark is: stdout is for the report."""
    print(text, file=sys.stderr, flush=True)


def alternate(
    contenders: Mapping[str, Callable[[int], object]],
    *,
    rounds: int,
    pick: Callable[[Sequence[float]], float] = statistics.median,
) -> dict[str, float]:
    """Time several contenders side by side: all of them once in every round.

    A machine that is slower for a while then slows all of them down. Every other round runs in
    reverse order, so that none always comes first.

    Args:
        contenders: functions that are called with the number of the round, from 0.
        rounds: at least 1.
        pick: which of the measured seconds count: statistics.median, or min for the best.

    Returns:
        For each contender its seconds.

    Raises:
        ValueError: rounds is below 1.
    """
    if rounds < 1:
        raise ValueError(f"rounds must be at least 1, got {rounds}")
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for i in range(rounds):
        for name in list(contenders)[:: -1 if i % 2 else 1]:
            start = time.perf_counter()
            contenders[name](i)
            seconds[name].append(time.perf_counter() - start)
    return {name: pick(measured) for name, measured in seconds.items()}


def options_parser(module: str, about: str, *, threads: int) -> argparse.ArgumentParser:
    """Return a parser of command-line options that knows --threads.

    Args:
        module: the benchmark, as in `python -m benchmarks.<module>`.
        about: its docstring; the first line is shown.
        threads: how many threads it uses when it is not told.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{module}", description=about.splitlines()[0]
    )
    parser.add_argument(
        "--threads", type=at_least_one, default=threads, help=f"CPU threads (default {threads})"
    )
    return parser


def at_least_one(text: str) -> int:
    """Read a whole number of at least 1 from the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def add_stand_in(parser: argparse.ArgumentParser) -> None:
    """Let a parser know --stand-in."""
    about = "use a generated play when the real text cannot be had"
    parser.add_argument("--stand-in", action="store_true", help=about)


def run_on_text(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str] | None,
    load: Callable[..., Text],
    compare: Callable[[Text, argparse.Namespace], Mapping[str, object]],
) -> None:
    """Run a benchmark about the Shakespeare text, and report its figures.

    Args:
        parser: knows --stand-in and --threads.
        arguments: of the command line; None: those of the process.
        load: `corpora.open_shakespeare` or `corpora.load_shakespeare`.
        compare: returns the figures, given the text and the options.

    Raises:
        SystemExit: the text could not be loaded, and no stand-in is allowed.
    """
    options = parser.parse_args(arguments)
    try:
        text = load(fallback=options.stand_in)
    except DataUnavailableError as error:
        parser.exit(
            1,
            "The figures of this benchmark are about the real text, and it could not be "
            f"loaded. With --stand-in it runs on a generated play.\n{error}\n",
        )
    with threads_limited(options.threads):
        report(compare(text, options))
