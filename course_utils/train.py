"""Train a language model on a text, letter by letter, and write its checkpoint.

    python -m course_utils.train                       # the LSTM that ships with the course
    python -m course_utils.train --kind gru --check    # train again, compare with the checkpoint
    python -m course_utils.train --text my.txt         # any UTF-8 text; writes ./my-lstm
    torchrun --nproc-per-node 2 -m course_utils.train  # two processes (docs/cluster.md)

A run that was stopped goes on from its last snapshot when the same command is given with --resume.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from course_utils.corpora import DataUnavailableError
from course_utils.corpora.registry import shipped
from course_utils.recipes.command_line import refuse_lost_values
from course_utils.recipes.shipped import SHIPPED
from course_utils.recipes.train_language import Job, check, write
from course_utils.runtime import drive_folder
from course_utils.training.ranks import is_first, process_group

# Option of the command -> field of the recipe, its type, and what it means.
_RECIPE = {
    "steps": ("n_steps", int, "optimiser steps"),
    "seconds": ("max_seconds", float, "stop after this time; the run cannot be repeated exactly"),
    "hidden-size": ("hidden_size", int, "units in a layer"),
    "embed-dim": ("embed_dim", int, "length of a letter's vector"),
    "layers": ("num_layers", int, "recurrent layers"),
    "dropout": ("dropout", float, "part of the numbers that training sets to 0"),
    "learning-rate": ("learning_rate", float, "the highest learning rate"),
    "streams": ("n_streams", int, "streams side by side, all processes together"),
    "chunk": ("chunk_len", int, "letters of each stream in a step"),
    "seed": ("seed", int, "start weights and dropout"),
}  # fmt: skip
# What the library calls them -> how they are typed here.
_TYPED = {field: f"--{name}" for name, (field, _, _) in _RECIPE.items() if field != name}
_TYPED |= {"evaluate_every": "--evaluate-every", "n_threads": "--threads"}
_MAKES = ("kind", "text", *_RECIPE, "threads", "precision", "evaluate-every", "patience")
_ERRORS = (DataUnavailableError, FloatingPointError, OSError, ValueError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: as on the command line; None takes those of the process.

    Returns:
        0 when all went well; 1 when the check failed, or the text or an option cannot be used, or
        the checkpoint cannot be read or written; 130 after an interrupt.

    Raises:
        SystemExit: the arguments are wrong (2), or help was asked for (0).
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    _refuse_contradictions(parser, options)
    try:
        job = _job(options, _command(parser, options))
        with process_group():
            return check(job) if options.check else write(job)
    except KeyboardInterrupt:
        _complain("Stopped. A checkpoint that was there before is still whole; if a snapshot was "
                  "saved, the same command with --resume goes on from it.")  # fmt: skip
        return 130
    except _ERRORS as error:
        _complain(re.sub(rf"\b({'|'.join(_TYPED)})\b", lambda name: _TYPED[name[0]], str(error)))
        return 1


def _complain(message: str) -> None:
    """Print an error, once for all processes."""
    if is_first():
        print(message, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.train",
        description="Train a language model on a text, and write its checkpoint.",
        epilog="The options of the recipe default to those of the shipped network of that kind.",
    )
    add = parser.add_argument
    add("--kind", choices=[*SHIPPED], default="lstm", help="recurrent layer (default: %(default)s)")
    add("--text", type=Path, help="UTF-8 text file (default: the Shakespeare text)")
    add("--out", type=Path, help="the checkpoint (default: the shipped one; with --text: "
        "<name of the text>-<kind> in the current folder)")  # fmt: skip
    recipe = parser.add_argument_group("recipe")
    for name, (_, kind, meaning) in _RECIPE.items():
        recipe.add_argument(f"--{name}", type=kind, help=meaning)
    _add_running(parser.add_argument_group("running").add_argument)
    return parser


def _add_running(add: Callable[..., object]) -> None:
    """Add the options about how the command runs."""
    add("--precision", choices=["auto", "float32", "bfloat16"], default="auto",
        help="auto measures which is faster")  # fmt: skip
    add("--threads", type=int, default=1,
        help="cores of each process; 2 help only while both are free")  # fmt: skip
    add("--evaluate-every", type=int, default=200,
        help="steps between held-out scores (0: one, at the end)")  # fmt: skip
    add("--patience", type=int, default=0, help="stop after so many scores without a better one")
    add("--save-every", type=int, default=500, help="steps between snapshots")
    add("--sample", type=int, default=80, help="letters to show after each score (0: none)")
    add("--resume", action="store_true",
        help="go on from the last snapshot; without one, begin anew")  # fmt: skip
    add("--check", action="store_true", help="write nothing, compare with the checkpoint")
    add("--stand-in", action="store_true",
        help="train on the generated play if the Shakespeare text cannot be had")  # fmt: skip
    add("--quiet", action="store_true", help="print the last line only")


def _refuse_contradictions(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with status 2 when options do not go together."""
    refuse_lost_values(parser, options)
    if options.stand_in and options.text:
        parser.error("--stand-in is for the Shakespeare text: leave it out, or --text")
    if options.stand_in and not options.out:
        parser.error("--stand-in needs --out: the shipped networks are made from the real text")
    if options.check and options.resume:
        parser.error("--check trains from the beginning: leave --resume out")
    least_of = {"save-every": 1, "sample": 0, "evaluate-every": 0, "patience": 0}
    for name, least in least_of.items():
        if (value := getattr(options, name.replace("-", "_"))) < least:
            parser.error(f"--{name} must be at least {least}, got {value}")
    if options.seed is not None and not 0 <= options.seed < 2**32:
        parser.error(f"--seed must be from 0 to 2**32 - 1, got {options.seed}")


def _job(options: argparse.Namespace, command: str) -> Job:
    """Return what is to be done."""
    given = {
        field: getattr(options, name.replace("-", "_")) for name, (field, *_) in _RECIPE.items()
    }
    recipe = replace(
        SHIPPED[options.kind], **{field: x for field, x in given.items() if x is not None}
    )
    shared = ("text", "stand_in", "precision", "threads", "evaluate_every", "patience")
    shared += ("save_every", "resume", "sample", "quiet")
    out = options.out or _default_out(options)
    return Job(recipe, out, command, **{name: getattr(options, name) for name in shared})


def _default_out(options: argparse.Namespace) -> Path:
    """Return where the checkpoint goes unless --out says so: to a mounted Drive, or here."""
    if options.text is None:
        return shipped("checkpoints") / options.kind
    return (drive_folder() or Path()) / f"{options.text.stem}-{options.kind}"


def _command(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """Return what makes the same checkpoint again, whatever it is called."""
    words = ["python", "-m"]
    if (world := int(os.environ.get("WORLD_SIZE", 1))) > 1:
        here = int(os.environ.get("LOCAL_WORLD_SIZE", world))
        nodes = ["--nnodes", str(world // here)] * (world > here)
        words = ["torchrun", *nodes, "--nproc-per-node", str(here), "-m"]
    words.append("course_utils.train")
    for name in _MAKES:
        value = getattr(options, name.replace("-", "_"))
        if value != parser.get_default(name.replace("-", "_")):
            words += [f"--{name}", str(value)]
    return shlex.join(words + ["--stand-in"] * options.stand_in)


if __name__ == "__main__":
    sys.exit(main())
