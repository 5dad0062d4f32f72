"""Repeat with many seeds what a lesson shows with a few, and what its sentences say of many.

    python -m reliability.more_seeds                    all studies: about ten minutes
    python -m reliability.more_seeds france sentence    these two
    python -m reliability.more_seeds france --seeds 10  with ten seeds

A study runs the cells of a lesson up to the one that defines its experiment. Then it repeats the
experiment with the lesson's own functions. It needs the real texts where the lesson does.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat.v4 import new_notebook

from reliability.devices.lessons import ROOT, run_here

Scope = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """One experiment of a lesson.

    Attributes:
        lesson: the notebook, without its ending.
        last: words that only the last cell to be run contains.
        seeds: how many are tried.
        measure: takes the names of the lesson and the number of seeds; returns lines of text.
    """

    lesson: str
    last: str
    seeds: int
    measure: Callable[[Scope, int], list[str]]


def order(lesson: Scope, seeds: int) -> list[str]:
    """Lesson 01: who came first? Count the starts of the recurrent model that learn nothing."""
    runs = lesson["experiment"]("recurrent", seeds=range(seeds))
    return [f"{(runs.max(axis=1) < 0.6).sum()} of {seeds} recurrent models learned nothing"]


def france(lesson: Scope, seeds: int) -> list[str]:
    """Lesson 03: count the plain RNNs that are above 90 % at each distance."""
    limits = lesson["torch"].full((seeds,), math.inf, device=lesson["device"])
    lines = []
    for distance in lesson["distances"]:
        crowd = lesson["RNNCrowd"](len(lesson["vocabulary"]), 4, seeds=list(range(seeds)))
        right, _ = lesson["train_crowd"](crowd.to(lesson["device"]), distance, limits)
        lines.append(f"{distance} words: {(right > 0.9).sum()} of {seeds} plain RNNs above 90 %")
    return lines


def sentence(lesson: Scope, seeds: int) -> list[str]:
    """Lesson 05: count the networks that know the sentence after 500 epochs."""
    lines = []
    for kind in ("RNN", "LSTM"):
        logs = [lesson["run"](kind, lesson["V"], 0.001, 500, seed)[1] for seed in range(seeds)]
        done = sum(lesson["first_right"](log) is not None for log in logs)
        lines.append(f"{kind}: {done} of {seeds} knew the sentence within 500 epochs")
    return lines


def first_nan(lesson: Scope, seed: int, steps: int = 100_000) -> int | None:
    """Train the lecture's network of lesson 06; return the first step whose loss is NaN."""
    lesson["set_seed"](seed)
    network = lesson["RNN"](lesson["n_letters"], 128, len(lesson["all_categories"]))
    for step in range(1, steps + 1):
        _, _, category, line = lesson["random_training_pair"]()
        if math.isnan(lesson["train"](network, category, line)[1]):
            return step
    return None


def explosion(lesson: Scope, seeds: int) -> list[str]:
    """Lesson 06: train the lecture's network for its 100,000 steps; does it explode?"""
    found = {seed: first_nan(lesson, seed) for seed in range(6, 6 + seeds)}
    return [f"seed {seed}: the first loss that is NaN: step {at}" for seed, at in found.items()]


def tanh(lesson: Scope, seeds: int) -> list[str]:
    """Lesson 06: what a tanh in the lecture's cell is worth after 2,500 steps."""
    lines = []
    for seed in range(seeds):
        right = {}
        for has_tanh in (False, True):
            lesson["torch"].manual_seed(seed)
            cell = lesson["LectureCell"](tanh=has_tanh).to(lesson["device"])
            lesson["train_batches"](cell, n_steps=2500, lr=0.003, seed=seed)
            guess = lesson["all_scores"](cell, lesson["by_name"][1]).argmax(dim=1)
            right[has_tanh] = lesson["accuracy_score"](lesson["truth"], guess)
        lines.append(f"seed {seed}: {right[False]:.3f} without tanh, {right[True]:.3f} with it")
    return lines


STUDIES = {
    "order": Study("01_sequential_data", "def experiment(", 60, order),
    "france": Study("03_bptt_and_vanishing_gradients", "distances = [3, 8, 12", 40, france),
    "sentence": Study("05_char_rnn", "def first_right(", 10, sentence),
    "explosion": Study("06_char_rnn_names", "def train(rnn", 4, explosion),
    "tanh": Study("06_char_rnn_names", "class LectureCell(", 3, tanh),
}


def cells_until(notebook: nbformat.NotebookNode, last: str) -> nbformat.NotebookNode:
    """Return a notebook of the same cells that ends with the one code cell that contains `last`.

    Raises:
        ValueError: none or several contain it.
    """
    found = [i for i, c in enumerate(notebook.cells) if c.cell_type == "code" and last in c.source]
    if len(found) != 1:
        raise ValueError(f"{last!r} must be in one code cell, and is in {len(found)}")
    return new_notebook(cells=notebook.cells[: found[0] + 1])


def lesson_names(study: Study) -> Scope:
    """Run the cells of a study's lesson; return the names that they define."""
    path = ROOT / "notebooks" / f"{study.lesson}.ipynb"
    names: Scope = {}
    run_here(cells_until(nbformat.read(path, as_version=4), study.last), names)
    return names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the studies that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("studies", nargs="*", metavar="STUDY", help=", ".join(STUDIES))
    parser.add_argument("--seeds", type=int, help="how many, instead of each study's own number")
    options = parser.parse_args(arguments)
    if unknown := set(options.studies) - set(STUDIES):
        parser.error(f"no study {', '.join(sorted(unknown))}; choose from {', '.join(STUDIES)}")
    if options.seeds is not None and options.seeds < 1:
        parser.error(f"--seeds must be at least 1, got {options.seeds}")
    for name in options.studies or STUDIES:
        study = STUDIES[name]
        print(f"{name}: {study.measure.__doc__}", flush=True)
        for line in study.measure(lesson_names(study), options.seeds or study.seeds):
            print(f"  {line}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
