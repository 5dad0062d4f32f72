"""What the tests of devices share: the fake GPU, moving things there, saying where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_utils.training import precision
from reliability.devices.fake_gpu import fake_gpu
from reliability.devices.tensors import on_gpu, tensors_in

GPU = torch.device("cuda")


@contextmanager
def gpu_in(**options: Any) -> Iterator[list[str]]:
    """Put the fake GPU in, let the course ask for it, and demand that nothing was refused."""
    with pytest.MonkeyPatch.context() as patch, fake_gpu(**options) as refused:
        patch.setenv("COURSE_DEVICE", "cuda")
        precision._speed_up.cache_clear()
        yield refused
        precision._speed_up.cache_clear()
        assert not refused, refused


def to(value: Any, device: torch.device | str) -> Any:
    """Move the tensors and modules of nested lists, tuples and dictionaries."""
    if isinstance(value, (Tensor, nn.Module)):
        return value.to(device)
    if isinstance(value, dict):
        return {name: to(part, device) for name, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(to(part, device) for part in value))
    if isinstance(value, (list, tuple)):
        return type(value)(to(part, device) for part in value)
    return value


def places(value: Any) -> set[str]:
    """Say where the tensors of a result are: {"gpu"}, {"cpu"}, both or nothing."""
    return {"gpu" if on_gpu(tensor) else "cpu" for tensor in tensors_in(value)}


def is_all_there(model: nn.Module) -> bool:
    """Tell whether all weights, buffers and gradients of a model are on the GPU."""
    weights = [*model.parameters()]
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    return places([*weights, *gradients, *model.buffers()]) == {"gpu"}


def answering_on_the_gpu(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Return a student's function whose tensors come from the GPU."""

    def moved(*arguments: Any, **options: Any) -> Any:
        return to(answer(*arguments, **options), GPU)

    return moved
