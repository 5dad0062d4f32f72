"""The second training loop of the course: one optimiser step per batch, for bigger networks.

`fit` runs through a data set a number of times with a fixed learning rate. `train` takes any stream
of batches and adds what larger recurrent networks need: a learning rate that rises and falls,
clipping, weight decay, and held-out scores on the way.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class TrainOptions:
    """How to train.

    Attributes:
        n_steps: optimiser steps, at least 1.
        learning_rate: the highest learning rate, above 0.
        warmup: share of the steps in which the learning rate rises to its highest, from 0 to 1;
            after them it falls to 0 along a cosine.
        weight_decay: how fast AdamW pulls the weights to 0, 0 or more.
        clip: the gradient's norm is cut down to this, above 0.
        evaluate_every: steps between two held-out scores; 0 evaluates once, at the end.
        progress: show a progress bar with the loss and the time left.
    """

    n_steps: int
    learning_rate: float = 0.003
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    evaluate_every: int = 0
    progress: bool = False

    def __post_init__(self) -> None:
        """Refuse values that cannot train anything."""
        for name, least in (("n_steps", 1), ("evaluate_every", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(
                    f"{name} must be a whole number of at least {least}, got {value!r}"
                )
        for name in ("learning_rate", "clip"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        if not self.weight_decay >= 0:
            raise ValueError(f"weight_decay must be 0 or more, got {self.weight_decay}")
        if not 0 <= self.warmup <= 1:
            raise ValueError(f"warmup is a share of the steps from 0 to 1, got {self.warmup}")


@dataclass
class TrainHistory:
    """What a run of `train` leaves behind.

    Attributes:
        losses: training loss of every finished step.
        scores: pairs (finished steps, held-out score), lower is better.
        best_step: the steps after which the kept weights stood; None without held-out scores.
        seconds: wall-clock time of the run, held-out scores included.
        interrupted: the run was stopped by hand; the model keeps what it had learned.
    """

    losses: list[float] = field(default_factory=list)
    scores: list[tuple[int, float]] = field(default_factory=list)
    best_step: int | None = None
    seconds: float = 0.0
    interrupted: bool = False


def warmup_cosine(step: int, n_steps: int, warmup: float) -> float:
    """Return the share of the highest learning rate that a step uses.

    It rises on a straight line for warmup * n_steps steps, and then falls along half a cosine
    (Loshchilov & Hutter, 2017, "SGDR", equation 5, one period) towards 0 after the last step.

    >>> [round(warmup_cosine(step, 8, 0.25), 2) for step in range(8)]
    [0.5, 1.0, 1.0, 0.93, 0.75, 0.5, 0.25, 0.07]

    Args:
        step: 0 for the first step, up to n_steps - 1.
        n_steps: steps of the whole run.
        warmup: share of the steps, from 0 to 1.

    Returns:
        A number above 0 and up to 1 for every step of the run.
    """
    rising = round(warmup * n_steps)
    if step < rising:
        return (step + 1) / rising
    return 0.5 + 0.5 * math.cos(math.pi * (step - rising) / max(1, n_steps - rising))


def train(
    model: nn.Module,
    batches: Iterable[Batch],
    loss_of: Callable[[nn.Module, Batch], Tensor],
    options: TrainOptions,
    *,
    evaluate: Callable[[nn.Module], float] | None = None,
) -> TrainHistory:
    """Train a model in place with AdamW (Loshchilov & Hutter, 2019).

    With `evaluate`, the weights with the lowest held-out score are kept. An interrupt (the stop
    button of the notebook) ends the run early; the model keeps the best weights, or without
    `evaluate` the newest.

    Args:
        model: the network; it is in evaluation mode afterwards.
        batches: gives one batch per step; may be endless, and is not read further than needed.
        loss_of: called with the model and a batch, returns the mean loss, a scalar.
        options: how to train.
        evaluate: called with the model in evaluation mode, without gradients; returns a score,
            lower is better.

    Returns:
        The history of the run.

    Raises:
        ValueError: batches ended before the last step.
        FloatingPointError: the loss became NaN or infinite. Only a model with a held-out score
            from before has good weights then: its best ones.
    """
    run = _Run(model, options, evaluate)
    try:
        run.steps(iter(batches), loss_of)
        run.score()
    except KeyboardInterrupt:
        run.history.interrupted = True
    finally:
        run.finish()
    return run.history


class _Run:
    """One run of `train`: the optimiser, the history and the best weights so far."""

    def __init__(
        self,
        model: nn.Module,
        options: TrainOptions,
        evaluate: Callable[[nn.Module], float] | None,
    ) -> None:
        self.model, self.options, self.evaluate = model, options, evaluate
        self.history, self.start = TrainHistory(), time.perf_counter()
        self.best: dict[str, Any] | None = None
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        # fused: one pass over all weights instead of a dozen; the same numbers up to rounding.
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            lr=options.learning_rate,
            weight_decay=options.weight_decay,
            fused=all(p.device.type in ("cpu", "cuda") for p in self.parameters),
        )
        self.pending: list[Tensor] = []

    def steps(self, batches: Iterator[Any], loss_of: Callable[..., Tensor]) -> None:
        """Take all steps, with a score every now and then."""
        every, bar = self.options.evaluate_every, _steps(self.options)
        self.model.train()
        for step in bar:
            try:
                batch = next(batches)
            except StopIteration:
                raise ValueError(
                    f"batches ended after {step} of {self.options.n_steps} steps; give more "
                    "batches, or an endless stream of them"
                ) from None
            self.pending.append(self._step(step, loss_of, batch))
            if (step + 1) % 50 == 0:
                self._collect()
                if self.options.progress:
                    bar.set_postfix_str(f"loss {self.history.losses[-1]:.3f}")
            if every and (step + 1) % every == 0 and step + 1 < self.options.n_steps:
                self.score()
        self._collect()

    def _step(self, step: int, loss_of: Callable[..., Tensor], batch: Any) -> Tensor:
        """Predict, measure, go back, clip, move. Return the loss, still on its device."""
        options = self.options
        share = warmup_cosine(step, options.n_steps, options.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = options.learning_rate * share
        self.optimizer.zero_grad()
        loss = loss_of(self.model, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, options.clip)
        self.optimizer.step()
        return loss.detach()

    def _collect(self) -> None:
        """Read the losses of the last steps; on a GPU this waits, so it is done rarely."""
        first = len(self.history.losses)
        self.history.losses += [float(loss) for loss in self.pending]
        self.pending = []
        for step, loss in enumerate(self.history.losses[first:], first + 1):
            if math.isfinite(loss):
                continue
            advice = "Build the model again and train it with a smaller learning_rate."
            if self.best is not None:
                advice += f" The model has the weights of step {self.history.best_step} again."
            raise FloatingPointError(
                f"the loss became {loss} in step {step} of {self.options.n_steps}. {advice}"
            )

    def score(self) -> None:
        """Measure the held-out score, and remember the weights if they are the best so far."""
        if self.evaluate is None:
            return
        self._collect()
        self.model.eval()
        with torch.no_grad():
            score = float(self.evaluate(self.model))
        self.model.train()
        step = len(self.history.losses)
        # With a NaN among the scores, min would be NaN, and no later score would be below it.
        if score < min((s for _, s in self.history.scores if s == s), default=math.inf):
            self.best, self.history.best_step = deepcopy(self.model.state_dict()), step
        self.history.scores.append((step, score))

    def finish(self) -> None:
        """Put the best weights back, and close the books."""
        if self.best is not None:
            self.model.load_state_dict(self.best)
        self.model.eval()
        self.history.losses += [float(loss) for loss in self.pending]
        self.pending = []
        self.history.seconds = time.perf_counter() - self.start


def _steps(options: TrainOptions) -> Any:
    """Return the numbers of the steps, in a progress bar if asked for."""
    if not options.progress:
        return range(options.n_steps)
    from tqdm.auto import tqdm

    return tqdm(range(options.n_steps), desc="training", unit="step")
