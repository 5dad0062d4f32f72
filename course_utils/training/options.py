"""How to train, and what a training run leaves behind."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from course_utils.arguments import flag, real_number, whole_number
from course_utils.models.inputs import settle

_MOST_STEPS = 10**15  # more are no numbers for a cosine


@dataclass(frozen=True)
class TrainOptions:
    """How to train.

    Attributes:
        n_steps: optimiser steps, at least 1.
        learning_rate: the highest learning rate, above 0.
        warmup: share of the steps in which the learning rate rises to its highest, from 0 to 1;
            after them it falls to 0 along a cosine.
        weight_decay: how fast AdamW pulls the weights to 0, 0 or more.
        clip: the gradient's norm is cut down to this, above 0; infinity never cuts.
        evaluate_every: steps between two held-out scores; 0 evaluates once, at the end.
        patience: stop early after so many held-out scores in a row without a better one; 0 never.
        max_seconds: stop after this time at the latest; the learning rate then falls with the clock
            if that is ahead of the steps, so such a run cannot be repeated exactly. None: no limit.
        symbols_per_step: how many symbols one batch predicts; above 0 the progress bar also shows
            bits per character and characters per second.
        progress: show a progress bar with the loss and the time left.
    """

    n_steps: int
    learning_rate: float = 0.003
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    evaluate_every: int = 0
    patience: int = 0
    max_seconds: float | None = None
    symbols_per_step: int = 0
    progress: bool = False

    def __post_init__(self) -> None:
        """Refuse values that cannot train anything."""
        least = {"n_steps": 1, "evaluate_every": 0, "patience": 0, "symbols_per_step": 0}
        for name, lowest in least.items():
            value = whole_number(name, getattr(self, name), least=lowest)
            if value > _MOST_STEPS:
                raise ValueError(f"{name} must be at most {_MOST_STEPS:,}, got {value}")
            settle(self, **{name: value})
        settle(
            self,
            learning_rate=real_number("learning_rate", self.learning_rate, above=0),
            clip=_norm(self.clip),
            weight_decay=real_number("weight_decay", self.weight_decay, least=0),
            warmup=real_number("warmup", self.warmup, least=0, most=1),
            progress=flag("progress", self.progress),
        )
        if self.max_seconds is not None:
            settle(self, max_seconds=real_number("max_seconds", self.max_seconds, above=0))


def _norm(clip: object) -> float:
    """Return the largest norm of the gradient; infinity is one, too."""
    is_infinite = isinstance(clip, float) and clip == math.inf
    return math.inf if is_infinite else real_number("clip", clip, above=0)


@dataclass
class TrainHistory:
    """What a run of `train` leaves behind.

    Attributes:
        losses: training loss of every finished step.
        scores: pairs (finished steps, held-out score), lower is better.
        score_seconds: for each of the scores, the seconds since the start when it was taken.
        best_step: the steps after which the kept weights stood; None without held-out scores.
        seconds: wall-clock time of the run, held-out scores included; for a run that was resumed,
            the time up to the snapshot counts too.
        interrupted: the run was stopped by hand; the model keeps what it had learned.
        stopped_early: the run ended before its last step because of patience or max_seconds.
    """

    losses: list[float] = field(default_factory=list)
    scores: list[tuple[int, float]] = field(default_factory=list)
    score_seconds: list[float] = field(default_factory=list)
    best_step: int | None = None
    seconds: float = 0.0
    interrupted: bool = False
    stopped_early: bool = False

    def best_score(self) -> float:
        """Return the lowest held-out score so far; infinity before the first."""
        # With a NaN among the scores, min would be NaN, and no later score would be below it.
        return min((score for _, score in self.scores if score == score), default=math.inf)


def warmup_cosine(step: int, n_steps: int, warmup: float) -> float:
    """Return the share of the highest learning rate that a step uses.

    It rises on a straight line for warmup * n_steps steps, and then falls along half a cosine
    (Loshchilov & Hutter, 2017, "SGDR", equation 5, one period) towards 0 after the last step.

    >>> [round(warmup_cosine(step, 8, 0.25), 2) for step in range(8)]
    [0.5, 1.0, 1.0, 0.93, 0.75, 0.5, 0.25, 0.07]

    Args:
        step: 0 for the first step, up to n_steps, after the last one.
        n_steps: steps of the whole run.
        warmup: share of the steps, from 0 to 1.

    Returns:
        A number above 0 and up to 1 for every step of the run; 0 after it.

    Raises:
        TypeError: an argument is no number.
        ValueError: one is out of its range.
    """
    n_steps = whole_number("n_steps", n_steps, least=1, most=_MOST_STEPS)
    step = whole_number("step", step, least=0)
    if step > n_steps:
        raise ValueError(f"step must be from 0 to n_steps = {n_steps}, got {step}")
    return rate_share(step, n_steps, real_number("warmup", warmup, least=0, most=1))


def rate_share(step: int, n_steps: int, warmup: float) -> float:
    """Do what `warmup_cosine` does, with numbers that are known to be right."""
    rising = round(warmup * n_steps)
    if step < rising:
        return (step + 1) / rising
    return 0.5 + 0.5 * math.cos(math.pi * (step - rising) / max(1, n_steps - rising))
