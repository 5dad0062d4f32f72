"""Cut a series into windows, each with the value that follows it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.arguments import whole_number
from course_utils.batching.given import MOST_NUMBERS, real_row


def windows(series: Sequence[float] | Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Cut a series into overlapping windows, each with the value that follows it.

    Window i holds the values i ... i + size - 1; its target is value i + size.

    >>> inputs, targets = windows([1, 2, 3, 4], size=2)
    >>> inputs.squeeze(-1).tolist(), targets.squeeze(-1).tolist()
    ([[1.0, 2.0], [2.0, 3.0]], [3.0, 4.0])

    Args:
        series: T numbers, oldest first, all finite.
        size: length of a window, from 1 to T - 1.

    Returns:
        inputs: float32, (T - size, size, 1): batch, time, one feature.
        targets: float32, (T - size, 1).
        Both are on the device of series if that is a tensor, else on the CPU.

    Raises:
        TypeError: series holds something else than numbers, or size is not a whole number.
        ValueError: series is not one row of finite numbers, size does not fit into it, or the
            windows would fill more than 1 GiB.
    """
    values = real_row("series must be one row of numbers", series).to(torch.float32)
    if isinstance(series, Tensor):
        values = values.to(series.device)
    size = whole_number("size", size)
    if not torch.isfinite(values).all():
        place = int(torch.isfinite(values).logical_not().nonzero()[0])
        raise ValueError(
            f"series holds a missing or infinite value at {place}; fill or drop it first (float32 "
            "ends at 3.4e38)"
        )
    if not 1 <= size < len(values):
        raise ValueError(
            f"size must be from 1 to {len(values) - 1} so that a target is left after the window "
            f"(the series has {len(values)} values), got {size}"
        )
    if (len(values) - size) * size > MOST_NUMBERS:
        raise ValueError(
            f"size={size} makes {len(values) - size:,} windows, more than 1 GiB of numbers; take "
            "a smaller size or a shorter part of the series"
        )
    pieces = values.unfold(0, size + 1, 1)
    return pieces[:, :-1].unsqueeze(-1).contiguous(), pieces[:, -1:].contiguous()
