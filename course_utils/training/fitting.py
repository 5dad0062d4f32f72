"""The training loop of the course: the one that notebook 01 writes out, with comfort added."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from course_utils.arguments import flag, instance, real_number, whole_number
from course_utils.models.inputs import check_module, settle
from course_utils.training.demands import (
    check_callables,
    check_examples,
    loss_of_batch,
    shapes_that_fit,
)
from course_utils.training.good_weights import GoodWeights
from course_utils.training.interrupts import StopButton, run_until_stopped
from course_utils.training.progress import Progress

_KEEP_EVERY = 20  # epochs between two copies of the weights: an epoch may be one small step


@dataclass(frozen=True)
class FitOptions:
    """How to train.

    Attributes:
        epochs: passes over the data, at least 1.
        learning_rate: step size of Adam, above 0.
        batch_size: examples per step; None takes all of them in every step.
        seed: fixes the order in which batches are drawn.
        progress: show a progress bar with the loss and the time left.
    """

    epochs: int = 100
    learning_rate: float = 0.01
    batch_size: int | None = None
    seed: int = 0
    progress: bool = False

    def __post_init__(self) -> None:
        """Refuse values that cannot train anything."""
        settle(
            self,
            epochs=whole_number("epochs", self.epochs, least=1),
            learning_rate=real_number("learning_rate", self.learning_rate, above=0),
            seed=whole_number("seed", self.seed, least=0, most=2**63 - 1),
            progress=flag("progress", self.progress),
        )
        if self.batch_size is not None:
            settle(self, batch_size=whole_number("batch_size", self.batch_size, least=1))


@dataclass
class History:
    """What a training run leaves behind.

    Attributes:
        losses: mean training loss of every finished epoch.
        seconds: wall-clock time of the run.
        interrupted: the run was stopped by hand; the model keeps what it had learned.
    """

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False


def fit(
    model: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    options: FitOptions | None = None,
) -> History:
    """Train a model in place with Adam (Kingma & Ba, 2015).

    An interrupt (the stop button of the notebook) ends the run early and keeps the model as it is:
    the last epoch, cut off, has moved the weights, and its loss is not in the History.

    Args:
        model: maps inputs to what loss_fn compares with the targets.
        inputs: (N, ...), on the model's device.
        targets: (N, ...), on the same device.
        loss_fn: mean loss of a batch, such as nn.MSELoss().
        options: how to train; the defaults when None.

    Returns:
        The History of the run.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: inputs is empty, its length differs from that of targets, a number is NaN or
            infinite, or the model and the loss cannot use these tensors.
        FloatingPointError: the loss or a weight became NaN or infinite. The model has the weights
            of at most 20 epochs before then.
    """
    check_module("model", model, is_trainable=True)
    check_examples(inputs, targets)
    if loss_fn is None:
        raise TypeError("loss_fn must be a function such as nn.MSELoss(), got None")
    check_callables(loss_fn=loss_fn)
    options = FitOptions() if options is None else instance("options", options, FitOptions)
    run = _Fit(model, loss_fn, options)
    model.train()
    with shapes_that_fit():
        return run_until_stopped(run, lambda: run.epochs(inputs, targets))


class _Fit:
    """One run of `fit`."""

    def __init__(
        self, model: nn.Module, loss_fn: Callable[[Tensor, Tensor], Tensor], options: FitOptions
    ) -> None:
        self.model, self.loss_fn, self.options = model, loss_fn, options
        self.optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
        self.button, self.good = StopButton(), GoodWeights(model)
        self.history, self.start = History(), time.perf_counter()

    def epochs(self, inputs: Tensor, targets: Tensor) -> None:
        """Run through the data, again and again."""
        options, losses = self.options, self.history.losses
        with Progress(options.epochs, "epoch", show=options.progress) as progress:
            for batches in _epochs(len(inputs), options):
                of_batches = [self._step(inputs[batch], targets[batch]) for batch in batches]
                losses.append(_mean_loss(of_batches, batches))
                self._look()
                progress.reach(len(losses), losses[-1])

    def _step(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """Predict, measure, go back, move: one step of gradient descent. Return the loss."""
        self.optimizer.zero_grad()
        loss = loss_of_batch(self.model, self.loss_fn, inputs, targets)
        loss.backward()
        with self.button.held():
            self.optimizer.step()
        return loss.detach()

    def _look(self) -> None:
        """After an epoch: keep good weights now and then, and refuse what is no number."""
        n_epochs = len(self.history.losses)
        is_due = n_epochs % _KEEP_EVERY == 0 or n_epochs == self.options.epochs
        loss = self.history.losses[-1]
        if not math.isfinite(loss):
            self._refuse(f"the loss became {loss} in epoch {n_epochs}")
        if is_due and not self.good.are_numbers():
            self._refuse(f"a weight became NaN or infinite in epoch {n_epochs}")
        if is_due:
            self.good.keep(n_epochs)

    def _refuse(self, what: str) -> None:
        """Put good weights back, and raise the error that says what happened."""
        with self.button.held():
            self.optimizer.zero_grad()
            raise FloatingPointError(
                f"{what}. Build the model again and train it with a smaller learning_rate; check "
                f"that the inputs hold no NaN. {self.good.put_back('epoch')}"
            )

    def finish(self) -> None:
        """Leave a model that can be used; nothing can interrupt this."""
        self.button.hold()
        self.model.eval()
        self.history.seconds = time.perf_counter() - self.start
        if self.history.interrupted:
            self.optimizer.zero_grad()
            if not self.good.are_numbers():
                self._refuse("a weight became NaN or infinite before the interrupt")


def _epochs(n_examples: int, options: FitOptions) -> Iterator[list[Tensor]]:
    """Yield, for every epoch, the index tensors of its batches in a new random order."""
    generator = torch.Generator().manual_seed(options.seed)
    for _ in range(options.epochs):
        if options.batch_size is None:
            yield [torch.arange(n_examples)]
        else:
            order = torch.randperm(n_examples, generator=generator)
            yield list(order.split(options.batch_size))


def _mean_loss(losses: list[Tensor], batches: list[Tensor]) -> float:
    """Average the batch losses, each weighted by its size."""
    sizes = torch.tensor([len(b) for b in batches], dtype=torch.float32)
    return float((torch.stack(losses).cpu() * sizes).sum() / sizes.sum())
