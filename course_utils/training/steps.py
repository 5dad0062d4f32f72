"""The second training loop of the course: one optimiser step per batch, for bigger networks.

`fit` runs through a data set a number of times with a fixed learning rate. `train` takes any stream
of batches and adds what larger recurrent networks need: a learning rate that rises and falls,
clipping, weight decay, held-out scores on the way, and snapshots from which it can go on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from course_utils.training.batches import batches_from, next_batch
from course_utils.training.demands import check_run, one_number, score_from
from course_utils.training.good_weights import GoodWeights, explosion
from course_utils.training.interrupts import StopButton, run_until_stopped
from course_utils.training.options import TrainHistory, TrainOptions, rate_share
from course_utils.training.progress import Progress
from course_utils.training.ranks import from_first
from course_utils.training.snapshots import Keeper, RunState

Batch = TypeVar("Batch")
_LOOK_EVERY = 50  # steps between two looks at the losses: on a GPU each look waits for it


def train(
    model: nn.Module,
    batches: Iterable[Batch],
    loss_of: Callable[[nn.Module, Batch], Tensor],
    options: TrainOptions,
    *,
    evaluate: Callable[[nn.Module], float] | None = None,
    on_score: Callable[[nn.Module, TrainHistory], None] | None = None,
    keeper: Keeper | None = None,
) -> TrainHistory:
    """Train a model in place with AdamW (Loshchilov & Hutter, 2019).

    With `evaluate`, the weights with the lowest held-out score are kept. An interrupt (the stop
    button of the notebook) ends the run early; the model keeps the best weights, or without
    `evaluate` the newest.

    Args:
        model: the network, or one wrapped in DistributedDataParallel; it is in evaluation mode
            afterwards.
        batches: gives one batch per step; may be endless, and is not read further than needed.
        loss_of: called with the model and a batch, returns the mean loss, a scalar.
        options: how to train.
        evaluate: called with the model (never the wrapped one) in evaluation mode, without
            gradients; returns a score, lower is better.
        on_score: called after every score in the same way, with the history so far; for samples.
        keeper: saves snapshots of the run, and resumes it from the last one if told to.

    Returns:
        The history of the run.

    Raises:
        TypeError: an argument is not of its kind, or a function returned something else.
        ValueError: batches ended before the last step.
        FloatingPointError: the loss or a weight became NaN or infinite. The model has its best
            weights then, or before the first held-out score those of at most 50 steps before.
        CheckpointError: the snapshot of the keeper is not one of this run.
    """
    functions = {"loss_of": loss_of, "evaluate": evaluate, "on_score": on_score}
    check_run(model, batches, (options, TrainOptions), (keeper, Keeper), **functions)
    run = _Run(model, options, evaluate, on_score, keeper)
    return run_until_stopped(run, lambda: run.all_steps(batches, loss_of))


class _Run:
    """One run of `train`: the optimiser, the history and the best weights so far."""

    def __init__(
        self,
        model: nn.Module,
        options: TrainOptions,
        evaluate: Callable[[nn.Module], float] | None,
        on_score: Callable[[nn.Module, TrainHistory], None] | None,
        keeper: Keeper | None,
    ) -> None:
        self.model, self.options = model, options
        self.evaluate, self.on_score, self.keeper = evaluate, on_score, keeper
        is_wrapped = isinstance(model, nn.parallel.DistributedDataParallel)
        self.inner = model.module if is_wrapped else model
        self.history, self.start, self.first_step = TrainHistory(), time.perf_counter(), 0
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
        self.button, self.good = StopButton(), GoodWeights(self.inner)

    def resume(self, loss_of: Callable[..., Tensor]) -> None:
        """Go on where the keeper's last snapshot stands, if there is one and it is wanted."""
        if self.keeper is None:
            return
        with self.button.held():
            state = self.keeper.restore(loss_of, lambda s: s.load(self.inner, self.optimizer))
            if state is None:
                return
            self.best = state.best or None
            self.history = state.history
            self.first_step = len(self.history.losses)
            self.good.keep(self.first_step)
        self.start = time.perf_counter() - self.history.seconds

    def all_steps(self, batches: Iterable[Any], loss_of: Callable[..., Tensor]) -> None:
        """Resume, take the steps that are left, and measure the last score."""
        self.resume(loss_of)
        self.steps(batches_from(batches, self.first_step), loss_of)
        self.score()

    def steps(self, batches: Iterator[Any], loss_of: Callable[..., Tensor]) -> None:
        """Take all steps, with a score and a snapshot every now and then."""
        options, first = self.options, self.first_step
        self.model.train()
        with Progress(
            options.n_steps, "step", show=options.progress, first=first,
            symbols_per_step=options.symbols_per_step,
        ) as progress:  # fmt: skip
            for step in range(first, options.n_steps):
                if self._ends_early():
                    break
                self._step(step, loss_of, next_batch(batches, step, options.n_steps))
                if (step + 1) % _LOOK_EVERY == 0:
                    self._show(progress)
                self._pause(step + 1, loss_of)
            self._show(progress)

    def _pause(self, done: int, loss_of: Callable[..., Tensor]) -> None:
        """After a step: measure the held-out score and save a snapshot, when it is time."""
        every = self.options.evaluate_every
        if every and done % every == 0 and done < self.options.n_steps:
            self.score()
        if self.keeper is not None and self.keeper.is_due(done, self.options.n_steps):
            self._collect()
            self.history.seconds = time.perf_counter() - self.start
            best = {} if self.best is None else self.best
            state = RunState(self.inner.state_dict(), best, self.history)
            self.keeper.save(state, self.optimizer, loss_of)

    def _ends_early(self) -> bool:
        """Tell whether the time is over, or the score has not got better for too long."""
        options, scores = self.options, self.history.scores
        late = options.max_seconds is not None and self._share() >= 1
        worse = sum(step > (self.history.best_step or 0) for step, _ in scores)
        stuck = 0 < options.patience <= worse
        self.history.stopped_early = late or stuck
        return late or stuck

    def _share(self) -> float:
        """Return the share of the allowed seconds that is over, from 0 on."""
        seconds = self.options.max_seconds
        if seconds is None:
            return 0.0
        # One clock for all processes: they must stop, and lower the learning rate, together.
        return from_first((time.perf_counter() - self.start) / seconds)

    def _step(self, step: int, loss_of: Callable[..., Tensor], batch: Any) -> None:
        """Predict, measure, go back, clip, move; the loss stays on its device."""
        options = self.options
        now = max(step, min(options.n_steps - 1, int(self._share() * options.n_steps)))
        share = rate_share(now, options.n_steps, options.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = options.learning_rate * share
        self.optimizer.zero_grad()
        loss = one_number("loss_of", loss_of(self.model, batch))
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, options.clip)
        with self.button.held():
            self.optimizer.step()
            self.pending.append(loss.detach())

    def _show(self, progress: Progress) -> None:
        """Read the losses and move the progress bar."""
        self._collect()
        if self.history.losses:
            progress.reach(len(self.history.losses), self.history.losses[-1])

    def _collect(self) -> None:
        """Read the losses of the last steps; refuse them if one, or a weight, is no number."""
        with self.button.held():
            new = self._read_losses()
            if not all(map(math.isfinite, new)) or not self.good.are_numbers():
                self.optimizer.zero_grad()
                put_back = self.good.put_back if self.best is None else None
                raise explosion(self.history, self.options.n_steps, put_back)
            if self.best is None:
                self.good.keep(len(self.history.losses))

    def _read_losses(self) -> list[float]:
        """Wait for the losses of the last steps; return them."""
        new, self.pending = [float(loss) for loss in self.pending], []
        self.history.losses += new
        return new

    def score(self) -> None:
        """Measure the held-out score, and remember the weights if they are the best so far."""
        if self.evaluate is None:
            return
        self._collect()
        step = len(self.history.losses)
        if self.history.scores and self.history.scores[-1][0] == step:
            return  # a run that stopped early right after a score
        gpus = {p.device for p in self.parameters if p.device.type == "cuda"}
        self.model.eval()
        # Whatever is drawn in here, dropout draws the same numbers after it.
        with torch.random.fork_rng(devices=gpus), torch.no_grad():
            self._measure(step)
        self.model.train()

    def _measure(self, step: int) -> None:
        """Take a score, and hand the history on."""
        score = score_from("evaluate", self.evaluate(self.inner))
        with self.button.held():
            if score < self.history.best_score():
                self.best, self.history.best_step = deepcopy(self.inner.state_dict()), step
            self.history.scores.append((step, score))
            self.history.score_seconds.append(time.perf_counter() - self.start)
        if self.on_score is not None:
            self.on_score(self.inner, self.history)

    def finish(self) -> None:
        """Put the best weights back, and close the books; nothing can interrupt this."""
        self.button.hold()
        self.model.eval()
        try:
            if self.history.interrupted:
                self._collect()
                self.optimizer.zero_grad()
        finally:
            self._read_losses()
            if self.best is not None:
                self.inner.load_state_dict(self.best)
            self.history.seconds = time.perf_counter() - self.start
