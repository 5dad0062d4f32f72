"""The batches of a run: from a step on, and one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def batches_from(batches: Iterable[Any], first_step: int) -> Iterator[Any]:
    """Return the batches from a step on.

    Args:
        batches: for a first_step above 0 it needs a method from_step, as Streams has.
        first_step: 0 for the beginning.

    Raises:
        TypeError: the batches cannot start in the middle.
    """
    if first_step == 0:
        return iter(batches)
    if not hasattr(batches, "from_step"):
        raise TypeError(
            "a run can only be resumed with batches that have a method from_step(step), such as "
            f"Streams; got {type(batches).__name__}"
        )
    return batches.from_step(first_step)


def next_batch(batches: Iterator[Any], step: int, n_steps: int) -> Any:
    """Return the next batch.

    Args:
        batches: gives it.
        step: how many were taken before.
        n_steps: how many are needed in all.

    Raises:
        ValueError: there are too few.
    """
    try:
        return next(batches)
    except StopIteration:
        raise ValueError(
            f"batches ended after {step} of {n_steps} steps; give more batches, or an endless "
            "stream of them"
        ) from None
