"""From a surname to its language: the lecture's recipe, ours, and n-grams without a network.

All on the same held-out names, with the same number of threads, in one process. See README.md.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from benchmarks import common
from benchmarks.rivals import Task, run_lecture, run_svms
from course_utils import corpora
from course_utils.corpora import NameCorpus
from course_utils.models import SequenceClassifier
from course_utils.recipes.guessing import drawn_shares, log_beliefs
from course_utils.recipes.names import (
    NamesRecipe,
    build_network,
    prepare_names,
    split_by_line,
    split_by_name,
    train_names,
)
from course_utils.runtime import threads_limited
from course_utils.text import normalise

# As good as the lecture's network, as soon as possible. QUICK_SHARE is how much of the data's own
# prior is used in reading it, the same for both scores: 0 is none (all languages equally likely).
QUICK = NamesRecipe(
    kind="rnn",
    hidden_size=64,
    dropout=0.0,
    input_dropout=0.0,
    n_steps=150,
    batch_size=64,
    learning_rate=0.015,
    balance=0.8,
    smoothing=0.0,
)
QUICK_SHARE = 0.125
MAX_TRIES = 8
WARM_UP_STEPS = 5  # before the clock starts: the first calls of a process are slower


def run_ours(task: Task, recipe: NamesRecipe) -> tuple[SequenceClassifier, float]:
    """Build and train our network; return it with the seconds."""
    start = time.perf_counter()
    network = build_network(task.data, recipe)
    train_names(network, task.data, task.split.train, recipe)
    return network, time.perf_counter() - start


def read_ours(
    task: Task, network: SequenceClassifier, recipe: NamesRecipe, share: float
) -> tuple[float, float]:
    """Score the held-out names, with a share (0 to 1) of the data's own prior."""
    with torch.no_grad():
        logits = network(*task.data.batch.take(task.split.test))
    prior = task.data.prior(task.split.train)
    beliefs = log_beliefs(logits, drawn_shares(prior, recipe.balance), prior, share)
    return task.scores(beliefs.argmax(dim=1).numpy())


def run_quick(task: Task, to_beat: dict[str, float]) -> dict[str, float | int | None]:
    """Train until both scores are at least the best ones of the lecture, read with one rule.

    If one is missed, a new network gets twice the steps. The seconds are those of the last run.
    """
    run_ours(task, replace(QUICK, n_steps=WARM_UP_STEPS))
    wanted = to_beat["lecture_best_plain"], to_beat["lecture_best_macro"]
    for tries in range(1, MAX_TRIES + 1):
        recipe = replace(QUICK, n_steps=QUICK.n_steps * 2 ** (tries - 1))
        network, seconds = run_ours(task, recipe)
        plain, macro = read_ours(task, network, recipe, QUICK_SHARE)
        common.note(f"quick, {recipe.n_steps} steps: {seconds:.2f} s, {plain:.3f}, {macro:.3f}")
        reached = plain >= wanted[0] and macro >= wanted[1]
        if reached:
            break
    return {
        "ours_seconds_to_same": seconds if reached else None,
        "speedup": to_beat["lecture_seconds"] / seconds if reached else None,
        "quick_tries": tries,
        "quick_steps": recipe.n_steps,
        "quick_plain": plain,
        "quick_macro": macro,
    }


def run_full(task: Task, recipe: NamesRecipe) -> dict[str, float]:
    """Train the full recipe once, and read the one network with two decision rules."""
    network, seconds = run_ours(task, recipe)
    plain, macro_prior = read_ours(task, network, recipe, 1.0)
    plain_uniform, macro = read_ours(task, network, recipe, 0.0)
    return {
        "ours_seconds": seconds,
        "ours_plain": plain,
        "ours_macro": macro,
        "ours_plain_uniform": plain_uniform,
        "ours_macro_prior": macro_prior,
    }


def compare(corpus: NameCorpus, n_lecture: int, n_ours: int) -> dict[str, object]:
    """Run all contenders, and return the figures under their names in the README.

    Args:
        corpus: the names.
        n_lecture: steps of the lecture's recipe.
        n_ours: steps of our full recipe.
    """
    start = time.perf_counter()
    data = prepare_names(corpus.names)
    figures: dict[str, object] = {"ours_prepare_seconds": time.perf_counter() - start}
    lines = tuple(normalise(name).strip() for group in corpus.names.values() for name in group)
    recipe = replace(NamesRecipe(), n_steps=n_ours)
    task = Task(data, lines, split_by_line(data))
    figures |= {"data": corpus.source, "n_train": len(task.split.train)}
    figures |= {"n_test": len(task.split.test), "lecture_steps": n_lecture}
    to_beat = _say(run_lecture(task, n_lecture))
    figures |= to_beat
    figures |= _say(run_quick(task, to_beat))
    figures |= _say(run_full(task, recipe) | run_svms(task))
    task = Task(data, lines, split_by_name(data))
    by_name = _say(run_full(task, recipe) | run_svms(task))
    return figures | {f"{key}_by_name": value for key, value in by_name.items()}


def _say(figures: dict) -> dict:
    """Show figures as soon as they are there; return them."""
    common.note(" ".join(f"{key}={value}" for key, value in common.rounded(figures).items()))
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    parser = common.options_parser("names", __doc__, threads=1)
    steps = {"lecture": 100_000, "ours": NamesRecipe().n_steps}
    for who, n in steps.items():
        about = f"steps of the recipe (default {n})"
        parser.add_argument(f"--{who}-steps", type=common.at_least_one, default=n, help=about)
    about = "use the shipped surname lists when the real names cannot be had"
    parser.add_argument("--stand-in", action="store_true", help=about)
    options = parser.parse_args(arguments)
    try:
        corpus = corpora.load_names(fallback=options.stand_in)
    except corpora.DataUnavailableError as error:
        parser.exit(
            1,
            "The figures of this benchmark are about the real names, and they could not be "
            f"loaded. With --stand-in it runs on other lists.\n{error}\n",
        )
    with threads_limited(options.threads):
        common.report(compare(corpus, options.lecture_steps, options.ours_steps))


if __name__ == "__main__":
    main()
