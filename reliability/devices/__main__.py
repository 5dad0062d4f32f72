"""Run lessons and solutions on a GPU that is not there.

    python -m reliability.devices [--rounding 1e-6] [NOTEBOOK ...]      default: all notebooks

Every cell runs with COURSE_DEVICE=cuda, and what it prints is compared with what is stored. The
exit status is 1 if a cell failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from presenting.lesson_files import all_notebooks
from reliability.devices.lessons import run_lesson


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the notebooks one after the other, and say what became of each."""
    parser = argparse.ArgumentParser(prog="python -m reliability.devices", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all")
    parser.add_argument(
        "--rounding", type=float, default=0.0, help="matrix products differ by this share, as 1e-6"
    )
    given = parser.parse_args(arguments)
    chosen = given.notebooks or all_notebooks()
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        for path in chosen:
            outcome = run_lesson(path, Path(scratch), rounding=given.rounding)
            failures += not outcome.passed
            word = "passed" if outcome.passed else "FAILED"
            print(f"{word}  {path.name}: {outcome.n_cells} code cells, {outcome.seconds:.0f} s")
            if not outcome.passed:
                print(outcome.log, flush=True)
    print(f"{failures} of {len(chosen)} notebooks failed on the fake GPU")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
