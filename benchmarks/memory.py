"""Memory that training takes on a small text, and on one of 100 MB that repeats it.

Each text is trained on in a process of its own, whose peak is then read. See README.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import common
from course_utils import corpora
from course_utils.recipes.language import LanguageRecipe, build_language_model
from course_utils.recipes.learning import score, training_streams
from course_utils.runtime import threads_limited
from course_utils.training import StreamLoss, TrainOptions, train

ROOT = Path(__file__).parents[1]
MB = 10**6
RECIPE = LanguageRecipe(hidden_size=64, n_streams=64, chunk_len=64)
STEPS = 30


def write_repeated(path: Path, text: str, n_bytes: int) -> None:
    """Write a text again and again until the file has so many bytes.

    Args:
        path: the file.
        text: what to repeat.
        n_bytes: size of the file; the last repetition is cut, between two characters.
    """
    content = text.encode("utf-8")
    with path.open("wb") as file:
        for _ in range(n_bytes // len(content)):
            file.write(content)
        rest = content[: n_bytes % len(content)]
        file.write(rest.decode("utf-8", errors="ignore").encode("utf-8"))


def train_on(path: Path, n_steps: int) -> None:
    """Open a text and train on it; the streams begin in 64 places all over it."""
    text = corpora.open_text(path)
    model = build_language_model(len(text.symbols), RECIPE)
    train(
        model,
        training_streams(text, RECIPE),
        StreamLoss(),
        TrainOptions(n_steps),
        evaluate=lambda model: score(model, text, quick=True),
    )


def peak_mb(path: Path, *, n_steps: int, threads: int = 1) -> float:
    """Train on a text in a new process and return the most memory that it held, in MB.

    Raises:
        RuntimeError: the process failed; its message is in it.
    """
    options = ["--measure", str(path), "--steps", str(n_steps), "--threads", str(threads)]
    command = [sys.executable, "-m", "benchmarks.memory", *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"training on {path} failed:\n{done.stderr}")
    return float(done.stdout.splitlines()[-1])


def own_peak_mb(status: Path = Path("/proc/self/status")) -> float:
    """Return the most memory that this process has held so far, in MB.

    Pages of a mapped file count while they are in memory. Linux tells it in /proc: its ru_maxrss
    starts with the memory of the process that started this one. macOS has ru_maxrss alone.
    """
    if status.is_file():
        found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / MB
    import resource  # there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MB if sys.platform == "darwin" else peak * 1024 / MB


def compare(
    text: str, large_mb: float, folder: Path, *, n_steps: int = STEPS, threads: int = 1
) -> dict[str, float]:
    """Train on a text and on a large file that repeats it; return sizes and peaks in MB.

    Args:
        text: the small text.
        large_mb: size of the large file.
        folder: where both files are written; they are removed again.
        n_steps, threads: as for `peak_mb`.
    """
    sizes = {"small_text_mb": len(text.encode("utf-8")) / MB, "text_mb": float(large_mb)}
    peaks = {}
    for name, size in sizes.items():
        common.note(f"training on a text of {size:.1f} MB")
        path = folder / "text.txt"
        write_repeated(path, text, round(size * MB))
        peaks[name.replace("text", "peak")] = peak_mb(path, n_steps=n_steps, threads=threads)
        path.unlink()
    return {**sizes, **peaks, "difference_mb": peaks["peak_mb"] - peaks["small_peak_mb"]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    parser = common.options_parser("memory", __doc__, threads=1)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    count = {"type": common.at_least_one, "help": "default %(default)s"}
    parser.add_argument("--steps", default=STEPS, **count)
    parser.add_argument("--megabytes", default=100, **count)
    options = parser.parse_args(arguments)
    with threads_limited(options.threads):
        if options.measure:
            train_on(options.measure, options.steps)
            print(own_peak_mb())
            return
        corpus = corpora.load_shakespeare()
        with tempfile.TemporaryDirectory() as folder:
            more = {"n_steps": options.steps, "threads": options.threads}
            figures = compare(corpus.text, options.megabytes, Path(folder), **more)
        common.report({"data": corpus.source, **figures})


if __name__ == "__main__":
    main()
