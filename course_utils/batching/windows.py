"""Cut a series into windows, each with the value that follows it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


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

    Raises:
        ValueError: series is not one row of finite numbers, or size does not fit into it.
    """
    values = torch.as_tensor(series, dtype=torch.float32)
    if values.ndim != 1:
        raise ValueError(f"series must be one row of numbers, got shape {tuple(values.shape)}")
    if not torch.isfinite(values).all():
        raise ValueError("series holds a missing or infinite value; fill or drop it first")
    if not 1 <= size < len(values):
        raise ValueError(
            f"size must be from 1 to {len(values) - 1} so that a target is left after the window "
            f"(the series has {len(values)} values), got {size}"
        )
    pieces = values.unfold(0, size + 1, 1)
    return pieces[:, :-1].unsqueeze(-1).contiguous(), pieces[:, -1:].contiguous()
