"""LSTM, GRU, minGRU and a small GPT: equal parameters, equal time, the same text.

All learn from the same nine tenths of the text and are measured on all of its last tenth, on the
CPU, in float32, with the same number of threads, in one process. See README.md.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from benchmarks import common
from benchmarks.gpt import GPTRecipe, held_out_loss, train_gpt
from benchmarks.shakespeare import above_zero
from course_utils import corpora
from course_utils.corpora import LongText
from course_utils.recipes.learning import border
from course_utils.recipes.rivals import (
    LONG,
    build_rival,
    count_parameters,
    saved_bytes,
    state_bytes,
    time_lengths,
    train_rival,
)
from course_utils.sampling import generate
from course_utils.training import bits

GPT = GPTRecipe()
WRITTEN = 1000  # characters, in the time of which the speed of writing is measured
# (batch_size, units, lengths): one narrow sequence, and a batch that keeps the processor busy.
LENGTHS = (
    (1, 64, (64, 128, 256, 512, 1024, 2048)),
    (32, 128, (64, 128, 256, 512)),
)


def run_gpt(numbers: Tensor, held_out: Tensor, vocab_size: int, recipe: GPTRecipe) -> dict:
    """Train the GPT with its published recipe; measure it in two ways, of which the better counts.

    Args:
        numbers, held_out: int64, the two parts of the text.
        vocab_size: V.
        recipe: sizes and training.

    Returns:
        The figures of one model.
    """
    model, seconds = train_gpt(numbers, vocab_size, recipe)
    strides = recipe.context, max(1, recipe.context // 2)
    nats = min(held_out_loss(model, held_out, stride=stride) for stride in strides)
    read = recipe.n_steps * recipe.batch_size * recipe.context
    figures = {"seconds": seconds, "tokens_per_s": read / seconds, "val_bits_per_char": bits(nats)}
    return figures | costs(model, (recipe.batch_size, recipe.context))


def run_recurrent(
    kind: str, numbers: Tensor, held_out: Tensor, vocab_size: int, n_params: int, seconds: float
) -> dict:
    """Build a recurrent network with a number of parameters, and train it for a time.

    Args:
        kind: "lstm", "gru" or "mingru".
        numbers, held_out: int64, the two parts of the text.
        vocab_size: V.
        n_params: that it comes closest to.
        seconds: of training.

    Returns:
        The figures of one model.
    """
    recipe = LONG[kind]
    model = build_rival(kind, vocab_size, n_params)
    run = train_rival(model, numbers, seconds=seconds, held_out=held_out, recipe=recipe, n_points=1)
    names = "seconds", "tokens_per_s", "val_bits_per_char"
    shape = recipe.batch_size, recipe.chunk_len
    return {name: getattr(run, name) for name in names} | costs(model, shape)


def costs(model: nn.Module, shape: tuple[int, int]) -> dict:
    """Measure what a model costs besides its training time.

    Args:
        model: the trained network.
        shape: (B, T) of a training step.

    Returns:
        params, saved_bytes_per_token, state_bytes and generate_chars_per_s.
    """
    tokens, generator = torch.zeros(shape, dtype=torch.int64), torch.Generator().manual_seed(0)
    generate(model, [0], WRITTEN // 10, generator=generator)  # the first calls are slower
    start = time.perf_counter()
    generate(model, [0], WRITTEN, generator=generator)
    return {
        "params": count_parameters(model),
        "saved_bytes_per_token": saved_bytes(model, tokens) / tokens.numel(),
        "state_bytes": state_bytes(model),
        "generate_chars_per_s": WRITTEN / (time.perf_counter() - start),
    }


def against_length() -> list[dict]:
    """Time one training step of single layers against the length of their input.

    Returns:
        For each batch its sizes, the lengths, and of every layer the milliseconds at each of them
        and how many times longer the longest input took than the shortest.
    """
    found = []
    for batch_size, units, lengths in LENGTHS:
        times = time_lengths(lengths, batch_size=batch_size, units=units)
        figures = {"batch_size": batch_size, "units": units, "symbols": list(lengths)}
        figures |= {f"{name}_ms": [1e3 * value for value in row] for name, row in times.items()}
        growth = {f"{name}_growth": row[-1] / row[0] for name, row in times.items()}
        found.append(_say("lengths", figures | growth))
    return found


def compare(text: LongText, options: argparse.Namespace) -> dict[str, object]:
    """Run everything, and return the figures under their names in the README."""
    recipe = GPT if options.steps is None else replace(GPT, n_steps=options.steps)
    numbers = torch.from_numpy(text.read(0, len(text)))
    parts = numbers[: border(text) + 1], numbers[border(text) :], len(text.symbols)
    gpt = _say("gpt", run_gpt(*parts, recipe))
    seconds = gpt["seconds"] if options.seconds is None else options.seconds
    models = {
        kind: _say(kind, run_recurrent(kind, *parts, gpt["params"], seconds)) for kind in LONG
    }
    return {"data": text.source, "models": {"gpt": gpt} | models, "lengths": against_length()}


def _say(name: str, figures: dict) -> dict:
    """Show figures as soon as they are there; return them."""
    pairs = common.rounded(figures).items()
    common.note(f"{name}: " + " ".join(f"{key}={value}" for key, value in pairs))
    return figures


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command-line options."""
    made = common.options_parser("models", __doc__, threads=min(2, os.cpu_count() or 1))
    about = "of each recurrent network (default: those that the GPT needed)"
    made.add_argument("--seconds", type=above_zero, help=about)
    about = f"of the GPT (default {GPT.n_steps}); with another number it is another recipe"
    made.add_argument("--steps", type=common.at_least_one, help=about)
    common.add_stand_in(made)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    common.run_on_text(parser(), arguments, corpora.open_shakespeare, compare)


if __name__ == "__main__":
    main()
