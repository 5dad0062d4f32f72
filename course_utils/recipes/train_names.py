"""Train the network for names that ships with the course, or check that training repeats it.

    python -m course_utils.recipes.train_names            # train, and write the checkpoint
    python -m course_utils.recipes.train_names --check    # train, and compare with the checkpoint

The names are divided by `split_by_name`; nothing about the held-out ones is used in training.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_utils.arguments import instance, shown
from course_utils.corpora import DataUnavailableError, NameCorpus, load_names
from course_utils.corpora.registry import shipped
from course_utils.recipes import names
from course_utils.recipes.command_line import refuse_lost_values
from course_utils.recipes.guessing import NameGuesser, drawn_shares
from course_utils.recipes.names import (
    NamesRecipe,
    build_network,
    prepare_names,
    split_by_name,
    train_names,
)
from course_utils.recipes.scores import Scores, evaluate
from course_utils.runtime import limit_threads, pick_device
from course_utils.training import CheckpointError, read_checkpoint

SPLIT_SEED = 0
CLOSE = 0.01  # a repeated training may differ by one point of a hundred


@dataclass(frozen=True)
class Trained:
    """What one run of `train_guesser` gives.

    Attributes:
        guesser: the trained guesser, on the CPU.
        scores: how often it is right on the held-out names.
        seconds: wall-clock time of the training alone.
    """

    guesser: NameGuesser
    scores: Scores
    seconds: float


def train_guesser(corpus: NameCorpus, recipe: NamesRecipe, *, progress: bool = False) -> Trained:
    """Divide the names, train a network on one part, and score it on the other.

    Args:
        corpus: the names by language.
        recipe: how to train.
        progress: show a progress bar.

    Returns:
        The guesser, its scores and its time.

    Raises:
        TypeError: corpus is no NameCorpus, or recipe no NamesRecipe.
        KeyboardInterrupt: the training was stopped by hand; half a training is not kept.
    """
    instance("corpus", corpus, NameCorpus)
    data = prepare_names(corpus.names)
    split = split_by_name(data, seed=SPLIT_SEED)
    network = build_network(data, recipe).to(pick_device())
    history = train_names(network, data, split.train, recipe, progress=progress)
    if history.interrupted:
        raise KeyboardInterrupt
    prior = data.prior(split.train)
    guesser = NameGuesser(network.cpu(), data.languages, drawn_shares(prior, recipe.balance), prior)
    return Trained(guesser, evaluate(guesser, data, split.test), history.seconds)


def facts_of(corpus: NameCorpus, recipe: NamesRecipe, scores: Scores) -> dict[str, Any]:
    """Return what a checkpoint says about how it was made.

    Args:
        corpus: the names that were used.
        recipe: how they were learned.
        scores: how well.

    Returns:
        Numbers and text, as save_checkpoint takes them for `extra`.

    Raises:
        TypeError: an argument is not of its kind.
    """
    instance("corpus", corpus, NameCorpus)
    instance("recipe", recipe, names.NamesRecipe)
    instance("scores", scores, Scores)
    lines = [f"{where}\t{name}\n" for where, names in corpus.names.items() for name in names]
    seed = f" --seed {recipe.seed}" if recipe.seed else ""
    return {
        "command": "python -m course_utils.recipes.train_names" + seed,
        "recipe": asdict(recipe),
        "split": {"function": "split_by_name", "seed": SPLIT_SEED},
        "scores": asdict(scores),
        "data": {
            "source": corpus.source,
            "names": len(lines),
            "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
        },
    }


def differences(shipped_facts: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """Say what a new training did otherwise than the one that made a checkpoint.

    Args:
        shipped_facts: `extra` of the checkpoint.
        facts: what facts_of says about the new training.

    Returns:
        One line for each difference that matters: other data, another recipe (the seed may be
        another one), an accuracy that differs by more than one point. Empty when there is none.

    Raises:
        ValueError: an argument is something else than what facts_of returns.
    """
    try:
        return _differences(shipped_facts, facts)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"shipped_facts and facts must be what facts_of returns, got {shown(shipped_facts)} "
            f"and {shown(facts)} ({error})"
        ) from None


def _differences(shipped_facts: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """Do what `differences` does, with facts that are whole."""
    found = []
    if shipped_facts["data"]["sha256"] != facts["data"]["sha256"]:
        found.append(f"it was made from other names: {shipped_facts['data']['source']}")
    old, new = shipped_facts["recipe"], facts["recipe"]
    for name in sorted({*old, *new} - {"seed"}):
        if old.get(name) != new.get(name):
            found.append(f"its recipe has {name}={old.get(name)!r}, not {new.get(name)!r}")
    for name in ("plain", "macro"):
        old_score, new_score = shipped_facts["scores"][name], facts["scores"][name]
        if not abs(old_score - new_score) <= CLOSE + 1e-9:
            found.append(f"its {name} accuracy is {old_score:.3f}, now it is {new_score:.3f}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: as on the command line; None takes those of the process.

    Returns:
        0 when all went well; 1 when the check failed, the names are not there, or the checkpoint
        cannot be read or written; 130 after an interrupt.

    Raises:
        SystemExit: the arguments are wrong (2), or help was asked for (0).
    """
    options = _read_arguments(arguments)
    path = options.out or shipped() / "checkpoints" / "names"
    try:
        return _check(path, options) if options.check else _write(path, options)
    except KeyboardInterrupt:
        print("Stopped. A checkpoint that was there before is still whole.", file=sys.stderr)
        return 130
    except (DataUnavailableError, FloatingPointError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils.recipes.train_names",
        description="Train the network for names and write its checkpoint.",
    )
    parser.add_argument("--out", type=Path, help="the checkpoint (default: the shipped one)")
    parser.add_argument(
        "--threads", type=int, default=1, help="cores to use; 2 help only while both are free"
    )
    parser.add_argument("--seed", type=int, default=0, help="start weights and order of batches")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, compare with the checkpoint"
    )
    parser.add_argument(
        "--stand-in", action="store_true", help="train on the shipped surname lists if need be"
    )
    options = parser.parse_args(arguments)
    refuse_lost_values(parser, options)
    if options.stand_in and not options.out:
        parser.error("--stand-in needs --out: the shipped checkpoint is made from the real names")
    return options


def _train(options: argparse.Namespace) -> tuple[Trained, dict[str, Any], str]:
    """Train as the options say; return the result, its facts, and a line about it."""
    limit_threads(options.threads)
    corpus = load_names(fallback=options.stand_in)
    recipe = NamesRecipe(seed=options.seed)
    trained = train_guesser(corpus, recipe, progress=sys.stderr.isatty())
    scores = trained.scores
    line = (
        f"{corpus.source}: plain accuracy {scores.plain:.3f}, macro accuracy {scores.macro:.3f} "
        f"on {scores.n_names} held-out names after {trained.seconds:.0f} s of training"
    )
    return trained, facts_of(corpus, recipe, scores), line


def _write(path: Path, options: argparse.Namespace) -> int:
    """Train and save."""
    trained, facts, line = _train(options)
    print(f"{line}; wrote {trained.guesser.save(path, facts)}")
    return 0


def _check(path: Path, options: argparse.Namespace) -> int:
    """Train again and compare; the checkpoint is read first, so that a bad one costs no time."""
    NameGuesser.load(path)
    old = read_checkpoint(path).extra
    if missing := {"data", "recipe", "scores"} - set(old):
        raise CheckpointError(
            f"{path} does not say how it was made: {', '.join(sorted(missing))} is missing. Train "
            "it with this command, without --check."
        )
    _, facts, line = _train(options)
    found = differences(old, facts)
    verdict = "; ".join(found) or f"repeats {path} within {100 * CLOSE:.0f} point"
    print(f"{line}; {'NOT the checkpoint: ' * bool(found)}{verdict}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
