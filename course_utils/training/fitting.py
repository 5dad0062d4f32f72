"""The training loop of the course: the one that notebook 01 writes out, with comfort added."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from course_utils.training.progress import Progress


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
        if self.epochs < 1:
            raise ValueError(f"epochs must be at least 1, got {self.epochs}")
        if self.learning_rate <= 0:
            raise ValueError(f"learning_rate must be above 0, got {self.learning_rate}")
        if self.batch_size is not None and self.batch_size < 1:
            raise ValueError(f"batch_size must be at least 1 or None, got {self.batch_size}")


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

    An interrupt (the stop button of the notebook) ends the run early and keeps the model as it is.

    Args:
        model: maps inputs to what loss_fn compares with the targets.
        inputs: (N, ...), on the model's device.
        targets: (N, ...), on the same device.
        loss_fn: mean loss of a batch, such as nn.MSELoss().
        options: how to train; the defaults when None.

    Returns:
        The History of the run.

    Raises:
        ValueError: inputs is empty or its length differs from that of targets.
        FloatingPointError: the loss became NaN or infinite.
    """
    if len(inputs) == 0 or len(inputs) != len(targets):
        raise ValueError(
            f"inputs and targets must have the same length above 0, got {len(inputs)} and "
            f"{len(targets)}"
        )
    options = options or FitOptions()
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    history, start = History(), time.perf_counter()
    model.train()
    try:
        with Progress(options.epochs, "epoch", show=options.progress) as progress:
            for batches in _epochs(len(inputs), options):
                losses = [_step(model, optimizer, loss_fn, inputs[b], targets[b]) for b in batches]
                history.losses.append(_mean_loss(losses, batches, len(history.losses)))
                progress.reach(len(history.losses), history.losses[-1])
    except KeyboardInterrupt:
        history.interrupted = True
    model.eval()
    history.seconds = time.perf_counter() - start
    return history


def _step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    inputs: Tensor,
    targets: Tensor,
) -> Tensor:
    """Predict, measure, go back, move: one step of gradient descent. Return the loss."""
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()


def _epochs(n_examples: int, options: FitOptions) -> Iterator[list[Tensor]]:
    """Yield, for every epoch, the index tensors of its batches in a new random order."""
    generator = torch.Generator().manual_seed(options.seed)
    for _ in range(options.epochs):
        if options.batch_size is None:
            yield [torch.arange(n_examples)]
        else:
            order = torch.randperm(n_examples, generator=generator)
            yield list(order.split(options.batch_size))


def _mean_loss(losses: list[Tensor], batches: list[Tensor], epoch: int) -> float:
    """Average the batch losses, each weighted by its size, and refuse NaN."""
    sizes = torch.tensor([len(b) for b in batches], dtype=torch.float32)
    loss = float((torch.stack(losses).cpu() * sizes).sum() / sizes.sum())
    if loss != loss or loss in (float("inf"), float("-inf")):
        raise FloatingPointError(
            f"the loss became {loss} in epoch {epoch + 1}. Build the model again and train it "
            "with a smaller learning_rate; check that the inputs hold no NaN."
        )
    return loss
