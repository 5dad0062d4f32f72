"""What the training loops demand of their arguments, and of what the caller's functions return."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from course_utils.arguments import instance, shown, tensor
from course_utils.models.inputs import check_module

_NOT_OURS = (RuntimeError, IndexError, TypeError, ValueError, AttributeError, UserWarning)


def check_callables(**given: Any) -> None:
    """Refuse what cannot be called; None is a function that was left out.

    Raises:
        TypeError: one is something else; the message names it.
    """
    for name, value in given.items():
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be a function, got {shown(value)}")


def check_run(
    model: Any,
    batches: Any,
    options: tuple[Any, type],
    keeper: tuple[Any, type],
    **functions: Any,
) -> None:
    """Refuse arguments of `train` that are not of their kind.

    Args:
        model, batches: as given.
        options, keeper: what was given, and its class.
        functions: the functions by name; loss_of must be there.

    Raises:
        TypeError: one is of another kind.
        ValueError: the model has nothing to train.
    """
    check_module("model", model, is_trainable=True)
    try:
        if isinstance(batches, str | bytes):
            raise TypeError
        iter(batches)
    except TypeError:
        told = f"batches must give one batch after the other, got {shown(batches)}"
        raise TypeError(told) from None
    instance("options", *options)
    if keeper[0] is not None:
        instance("keeper", *keeper)
    if functions["loss_of"] is None:
        raise TypeError("loss_of must be a function of the model and a batch, got None")
    check_callables(**functions)


def check_examples(inputs: Any, targets: Any) -> None:
    """Refuse data that `fit` cannot learn from.

    Raises:
        TypeError: inputs or targets is not a tensor.
        ValueError: they are empty, of different length, or hold NaN or an infinite number.
    """
    for name, given in (("inputs", inputs), ("targets", targets)):
        tensor(name, given, shape="(N, ...)")
        if given.ndim == 0:
            raise ValueError(f"{name} must be (N, ...), one row for each example, got one number")
        if given.is_floating_point() and not (is_number := torch.isfinite(given)).all():
            place = (~is_number).nonzero()[0].tolist()
            raise ValueError(
                f"{name}{place} is {given[tuple(place)].item()}: leave out the examples with NaN "
                "or infinite numbers, or fill the gaps first"
            )
    if len(inputs) == 0 or len(inputs) != len(targets):
        raise ValueError(
            f"inputs and targets must have the same length above 0, got {len(inputs)} and "
            f"{len(targets)}"
        )


@contextmanager
def shapes_that_fit() -> Iterator[None]:
    """Turn PyTorch's warning that a loss compares each target with every output into an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Using a target size")
        yield


def loss_of_batch(model: Any, loss_fn: Any, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of a batch.

    Raises:
        ValueError: the model or the loss cannot use these examples; the message shows both.
        TypeError: see `one_number`.
    """
    try:
        loss = loss_fn(model(inputs), targets)
    except torch.cuda.OutOfMemoryError:
        raise
    except _NOT_OURS as error:
        told = " and ".join(
            f"{name} {tuple(given.shape)} of {given.dtype}"
            for name, given in (("inputs", inputs), ("targets", targets))
        )
        raise ValueError(
            f"the model and loss_fn cannot use {told}: {type(error).__name__}: {error}"
        ) from error
    return one_number("loss_fn", loss)


def one_number(name: str, loss: Any) -> Tensor:
    """Return what a loss function gave; refuse what cannot be made smaller.

    Raises:
        TypeError: it is not a tensor.
        ValueError: it is not one number, or does not depend on the model's weights.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"{name} must return the loss as a tensor, got {shown(loss)}")
    if loss.numel() != 1 or not loss.requires_grad:
        what = "that depends on the model's weights" if loss.numel() == 1 else "such as a mean"
        raise ValueError(
            f"{name} must return one number {what}, got a tensor of shape {tuple(loss.shape)}"
        )
    return loss


def score_from(name: str, value: Any) -> float:
    """Return the score that a function gave; NaN is one, too.

    Raises:
        TypeError: it is not a number.
    """
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"{name} must return a number, got {shown(value)}") from None
