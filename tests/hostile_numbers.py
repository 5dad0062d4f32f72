"""What every answer fulfils: from numbers of a usual size no NaN and no infinity come out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

USUAL = 1e6
DEEPEST = 6  # of lists in lists


def numbers_in(value: Any, depth: int = 0) -> Iterator[torch.Tensor]:
    """Yield all real numbers in a value as tensors; what is no number yields none."""
    if isinstance(value, nn.Module):
        value = list(value.state_dict().values())
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        value = torch.tensor(value.astype(float))
    if isinstance(value, torch.Tensor):
        if not (value.is_complex() or value.is_meta or value.layout != torch.strided):
            yield value.detach().double().flatten()
    elif isinstance(value, float | np.floating):
        yield torch.tensor([float(value)], dtype=torch.float64)
    elif isinstance(value, int) and not isinstance(value, bool):
        size = float(value) if abs(value) < 1e300 else math.inf
        yield torch.tensor([size], dtype=torch.float64)
    elif isinstance(value, list | tuple) and depth < DEEPEST:
        for part in value:
            yield from numbers_in(part, depth + 1)


def is_usual(value: Any) -> bool:
    """Tell whether all numbers in a value are finite and of a usual size."""
    return all(bool((part.abs() <= USUAL).all()) for part in numbers_in(value))


def are_numbers(answer: Any, arguments: Mapping[str, Any]) -> None:
    """Assert that usual numbers give no NaN and no infinity."""
    if all(map(is_usual, arguments.values())):
        assert all(bool(part.isfinite().all()) for part in numbers_in(answer)), "NaN or infinity"
