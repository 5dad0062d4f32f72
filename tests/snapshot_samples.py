"""What the tests of snapshots share: one small run that can be stopped and resumed anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from language_samples import V, numbers, small_model
from step_samples import weights
from torch import Tensor, nn

from course_utils.batching import Streams
from course_utils.training import Keeper, StreamLoss, TrainHistory, TrainOptions, train
from course_utils.training import held_out_loss as measure

N_STEPS, EVERY = 24, 5  # steps of a run, and between two snapshots
CONFIG = {"learning_rate": 0.03, "layers": (1, 2), "data": "abc"}
SYMBOLS = tuple("abcdefg"[:V])
TEXT = numbers(1500)


@dataclass(frozen=True)
class Outcome:
    """What is left of a run."""

    history: TrainHistory
    weights: dict[str, Tensor]


class StoppingLoss(StreamLoss):
    """Be interrupted in one step (from 0) of this process."""

    def __init__(self, at: int | None, error: BaseException) -> None:
        super().__init__()
        self.left, self.error = at, error

    def __call__(self, model: nn.Module, chunk: Any) -> Tensor:
        if self.left == 0:
            raise self.error
        self.left = None if self.left is None else self.left - 1
        return super().__call__(model, chunk)


def keeper(path: Path, *, resume: bool = False, **options: Any) -> Keeper:
    """Return a keeper for the small run."""
    options = {"every": EVERY, "config": CONFIG, "vocabulary": SYMBOLS} | options
    return Keeper(path, resume=resume, **options)


def streams() -> Streams:
    """Return chunks in which most steps need the state of the step before."""
    return Streams(TEXT, n_streams=4, chunk_len=20, stop=1300)


def scores(values: Iterator[float]) -> Callable[[nn.Module], float]:
    """Return an `evaluate` that gives these values."""
    return lambda model: next(values)


def held_out(model: nn.Module) -> float:
    """Return the loss over the end of the text; it also draws a random number."""
    torch.rand(1)
    return measure(model, TEXT, start=1300)


def run(
    kept: Keeper | None,
    *,
    stop_at: int | None = None,
    error: BaseException | None = None,
    kind: str = "gru",
    evaluate: Callable[[nn.Module], float] | None = held_out,
    seed: int = 0,
    batches: Any = None,
    **options: Any,
) -> Outcome:
    """Train a small network with dropout.

    Args:
        kept: saves snapshots, and resumes.
        stop_at: steps of this process until it is interrupted; None: never.
        error: what stops it, instead of the stop button.
        seed: of the start weights and of dropout.
    """
    model = small_model(kind, seed=seed, dropout=0.3)
    torch.manual_seed(seed + 100)
    history = train(
        model,
        streams() if batches is None else batches,
        StoppingLoss(stop_at, error or KeyboardInterrupt()),
        TrainOptions(**{"n_steps": N_STEPS, "learning_rate": 0.03, "evaluate_every": 4} | options),
        evaluate=evaluate,
        keeper=kept,
    )
    return Outcome(history, weights(model))
