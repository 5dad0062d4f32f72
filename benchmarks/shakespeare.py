"""How good a recurrent network gets on Shakespeare in the time that a small GPT needs.

Both read the same nine tenths of the text and are measured on all of its last tenth, on the CPU,
with the same number of threads, in one process. See README.md.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace

import torch

from benchmarks import common
from benchmarks.gpt import GPTRecipe, held_out_loss, predict_seconds, train_gpt
from course_utils import corpora
from course_utils.corpora import LongText
from course_utils.recipes.budgets import (
    as_large,
    characters_per_second,
    recipe_for,
    steps_within,
)
from course_utils.recipes.language import LanguageRecipe, build_language_model, count_parameters
from course_utils.recipes.language_facts import name_of
from course_utils.recipes.learning import border, score, train_options, training_streams
from course_utils.training import StreamLoss, pick_precision, train

CPU = torch.device("cpu")
GPT = GPTRecipe()
GPT_SHARE = 0.95  # of the GPT's predicted seconds is for our first run, so that it fits
SPARE = 0.5  # seconds of a longer run that are left for building and for the last step
LONG = 600.0


def run_ours(text: LongText, recipe: LanguageRecipe) -> dict[str, object]:
    """Build and train our network, and measure it on the last tenth of the text.

    Args:
        text: what it reads.
        recipe: with n_steps and max_seconds.

    Returns:
        The figures of one run. The seconds go from building the network to its last step.
    """
    dtype = pick_precision(CPU, kind=recipe.kind)
    start = time.perf_counter()
    model = build_language_model(len(text.symbols), recipe)
    torch.manual_seed(recipe.seed + 1)  # dropout
    streams = training_streams(text, recipe)
    history = train(model, streams, StreamLoss(dtype), train_options(recipe))
    seconds, n_steps = time.perf_counter() - start, len(history.losses)
    return {
        "seconds": seconds,
        "val_nats": score(model, text),
        "tokens_per_s": n_steps * streams.symbols_per_chunk / seconds,
        "params": count_parameters(model),
        "cell": recipe.kind,
        "hidden_size": recipe.hidden_size,
        "dropout": recipe.dropout,
        "precision": name_of(dtype),
        "n_steps": n_steps,
    }


def choose(text: LongText, seconds: float) -> tuple[LanguageRecipe, float]:
    """Choose precision and size of an LSTM for a time; return the recipe, and how long it took."""
    start = time.perf_counter()
    dtype = pick_precision(CPU, kind="lstm")
    recipe = recipe_for(seconds, len(text.symbols), device=CPU, dtype=dtype)
    return recipe, time.perf_counter() - start


def run_gpt(text: LongText, recipe: GPTRecipe) -> dict[str, float]:
    """Train the GPT, and measure it in two usual ways; the better of them counts."""
    numbers = torch.from_numpy(text.read(0, len(text)))
    model, seconds = train_gpt(numbers[: border(text) + 1], len(text.symbols), recipe)
    held_out = numbers[border(text) :]
    windows = held_out_loss(model, held_out, stride=recipe.context)
    sliding = held_out_loss(model, held_out, stride=max(1, recipe.context // 2))
    return {
        "gpt_seconds": seconds,
        "gpt_val_nats": min(windows, sliding),
        "gpt_val_nats_windows": windows,
        "gpt_val_nats_sliding": sliding,
        "gpt_params": count_parameters(model),
        "gpt_steps": recipe.n_steps,
    }


def same_time(text: LongText, recipe: GPTRecipe, seconds: float | None) -> dict[str, object]:
    """Let an LSTM have a little less than the GPT's seconds, and then train the GPT.

    Args:
        text: what both read.
        recipe: of the GPT.
        seconds: for our run; None: GPT_SHARE of what a few steps of the GPT promise.

    Returns:
        The figures. `fits` is about our seconds together with those of choosing the size.
    """
    numbers = torch.from_numpy(text.read(0, border(text) + 1))
    predicted = predict_seconds(numbers, len(text.symbols), recipe)
    ours, chosen_in = choose(text, GPT_SHARE * predicted if seconds is None else seconds)
    run = _say(run_ours(text, ours))
    figures: dict[str, object] = {"runs": [run], "within_gpt_seconds": run["val_nats"]}
    theirs = _say(run_gpt(text, recipe))
    figures |= theirs | {"gpt_seconds_predicted": predicted, "choose_seconds": chosen_in}
    return figures | {"fits": run["seconds"] + chosen_in <= theirs["gpt_seconds"]}


def other_kinds(text: LongText, run: dict[str, object], seconds: float) -> list[dict]:
    """Train a GRU and an RNN with as many parameters, and for as many seconds, as in a run."""
    runs, V = [], len(text.symbols)
    lstm = LanguageRecipe(hidden_size=run["hidden_size"], dropout=run["dropout"])
    for kind in ("gru", "rnn"):
        recipe = as_large(lstm, kind, V)
        speed = characters_per_second(recipe, V, device=CPU)
        runs.append(_say(run_ours(text, steps_within(seconds, recipe, speed))))
    return runs


def compare(text: LongText, options: argparse.Namespace) -> dict[str, object]:
    """Run everything, and return the figures under their names in the README."""
    gpt = GPT if options.steps is None else replace(GPT, n_steps=options.steps)
    figures = {"data": text.source} | same_time(text, gpt, options.seconds)
    runs = figures["runs"]
    if options.kinds:
        runs += other_kinds(text, runs[0], runs[0]["seconds"])
    for seconds in [*options.more, *([LONG] if options.long else [])]:
        recipe, _ = choose(text, max(seconds - SPARE, seconds / 2))
        runs.append(_say(run_ours(text, recipe)))
    return figures


def _say(figures: dict) -> dict:
    """Show figures as soon as they are there; return them."""
    common.note(" ".join(f"{key}={value}" for key, value in common.rounded(figures).items()))
    return figures


def above_zero(text: str) -> float:
    """Read a number above 0 from the command line."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0, got {text}")
    return value


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command-line options."""
    made = common.options_parser("shakespeare", __doc__, threads=min(2, os.cpu_count() or 1))
    about = "of our first run (default: a little less than the GPT will need)"
    made.add_argument("--seconds", type=above_zero, help=about)
    about = "of further runs (default: 180); nothing after it: no such runs"
    made.add_argument("--more", type=above_zero, nargs="*", default=[180.0], help=about)
    made.add_argument("--long", action="store_true", help=f"and one of {LONG:.0f} seconds")
    about = "also a GRU and an RNN with as many parameters and seconds as our first run"
    made.add_argument("--kinds", action="store_true", help=about)
    about = f"of the GPT (default {GPT.n_steps}); with another number it is another recipe"
    made.add_argument("--steps", type=common.at_least_one, help=about)
    common.add_stand_in(made)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    common.run_on_text(parser(), arguments, corpora.open_shakespeare, compare)


if __name__ == "__main__":
    main()
