"""What the checkpoint of a language model says about how it was made, and how two runs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from course_utils.arguments import instance, items, shown
from course_utils.corpora import LongText
from course_utils.recipes.language import LanguageRecipe, count_parameters
from course_utils.recipes.learning import LanguageRun
from course_utils.recipes.writing import Writer
from course_utils.training import CheckpointError, bits
from course_utils.training.ranks import world_size

CLOSE = 0.02  # nats per character by which a repeated training may differ


@dataclass(frozen=True)
class Recorded:
    """What a repeated training is compared with.

    Attributes:
        recipe: the fields of the LanguageRecipe.
        sha256: checksum of the text.
        val_nats: the held-out loss.
    """

    recipe: dict[str, Any]
    sha256: str
    val_nats: float


def recorded(path: Path) -> Recorded:
    """Read what a checkpoint says about itself.

    Raises:
        CheckpointError: it is missing, damaged, or does not say how it was made.
    """
    # "lstm" alone would be the shipped network, wherever the command is run.
    facts = Writer.load(path.absolute()).facts
    try:
        recipe, sha256 = dict(facts["recipe"]), str(facts["data"]["sha256"])
        return Recorded(recipe, sha256, float(facts["scores"]["val_nats"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} does not say how it was made (recipe, data or scores: {error}). Train it with "
            "this command, without --check."
        ) from error


def facts_of(
    run: LanguageRun,
    text: LongText,
    recipe: LanguageRecipe,
    *,
    command: str,
    dtype: torch.dtype,
    threads: int,
) -> dict[str, Any]:
    """Return what a checkpoint says about how it was made.

    Args:
        run: what came out.
        text: what was learned.
        recipe: how.
        command: what makes it again, as it is typed.
        dtype: the precision.
        threads: cores of each process.

    Returns:
        command, recipe, data, scores, and curve (quick estimates of the held-out loss on the way,
        with the letters read and the seconds since the start): as Writer takes them for `facts`.
    """
    history = run.history
    return {
        "command": command,
        "recipe": asdict(recipe),
        "data": {"source": text.source, "characters": len(text), "sha256": text.sha256},
        "scores": {
            "val_nats": run.val_nats,
            "bits_per_char": bits(run.val_nats),
            "seconds": history.seconds,
            "chars_per_s": run.symbols_per_second,
            "params": count_parameters(run.model),
            "n_steps": len(history.losses),
            "best_step": history.best_step,
            "interrupted": history.interrupted,
            "precision": name_of(dtype),
            "device": next(run.model.parameters()).device.type,
            "threads": threads,
            "processes": world_size(),
            "torch": str(torch.__version__),
        },
        "curve": [
            {"letters": step * recipe.n_streams * recipe.chunk_len, "nats": nats, "seconds": time}
            for (step, nats), time in zip(history.scores, history.score_seconds, strict=True)
        ],
    }


def summary(facts: Mapping[str, Any]) -> str:
    """Return one line about a run.

    Args:
        facts: what facts_of returns.

    Raises:
        ValueError: facts is something else.
    """
    try:
        return _summary(instance("facts", facts, Mapping, what="what facts_of returns"))
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        told = f"facts must be what facts_of returns, got {shown(facts)} ({error})"
        raise ValueError(told) from None


def _summary(facts: Mapping[str, Any]) -> str:
    """Write the line of `summary`."""
    scores = facts["scores"]
    n, s = scores["processes"], "es" * (scores["processes"] > 1)
    return (
        f"{facts['data']['source']}: {scores['val_nats']:.3f} nats "
        f"({scores['bits_per_char']:.3f} bits) per held-out character, {scores['params']:,} "
        f"parameters, {scores['n_steps']} steps in {scores['seconds']:.0f} s, "
        f"{scores['chars_per_s']:,.0f} characters/s ({n} process{s}, {scores['precision']})"
    )


def unlike(
    old: Mapping[str, Any], new: Mapping[str, Any], *, besides: Sequence[str] = ()
) -> list[str]:
    """Say, one line each, which settings differ.

    >>> unlike({"n_steps": 1, "seed": 0}, {"n_steps": 2, "seed": 1}, besides=["seed"])
    ['n_steps is 1, not 2']

    Args:
        old, new: name -> value.
        besides: names that may differ.

    Raises:
        TypeError: old or new is no dictionary with text as keys, or besides no list.
    """
    for name, given in (("old", old), ("new", new)):
        instance(name, given, Mapping, what="a dictionary")
        if not all(isinstance(key, str) for key in given):
            raise TypeError(f"{name} must have text as keys, got {shown([*given])}")
    listed = items("besides", besides, what="a list of names")
    besides = {name for name in listed if isinstance(name, str)}
    names = sorted(name for name in {*old, *new} if name not in besides)
    try:
        names = [name for name in names if old.get(name) != new.get(name)]
    except (TypeError, ValueError, RuntimeError) as error:  # two arrays have no one answer
        raise ValueError(f"old and new must hold numbers, text and lists ({error})") from None
    return [f"{name} is {old.get(name)!r}, not {new.get(name)!r}" for name in names]


def name_of(dtype: torch.dtype) -> str:
    """Return the name without its module.

    >>> name_of(torch.float32)
    'float32'

    Raises:
        TypeError: dtype is none.
    """
    return str(instance("dtype", dtype, torch.dtype)).removeprefix("torch.")
