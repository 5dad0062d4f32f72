"""Tensors and generators that say they are on the GPU, and are in the computer's memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

DEVICE = torch.device("cuda", 0)
OTHER_NUMBERS = 0x5EED  # a GPU draws other numbers than a CPU from one seed


class FakeTensor(Tensor):
    """A CPU tensor that reports the GPU; every call on it passes through `calls.run`."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        """Send a call to the rules, also in a thread that does not have the mode."""
        from reliability.devices import calls

        return calls.run(func, args, kwargs or {})

    device = property(lambda self: DEVICE)
    is_cuda = property(lambda self: True)
    is_cpu = property(lambda self: False)

    def get_device(self) -> int:
        """Return the number of the GPU."""
        return DEVICE.index


class FakeParameter(FakeTensor, nn.Parameter):
    """A parameter that has moved there: still the same object, as with a real GPU."""


class FakeGenerator(torch.Generator):
    """A generator of the GPU's random numbers."""

    device = property(lambda self: DEVICE)

    def manual_seed(self, seed: int) -> FakeGenerator:
        """Start again from a seed; the numbers are not those of the CPU."""
        super().manual_seed(seed ^ OTHER_NUMBERS)
        return self


def is_gpu(device: Any) -> bool:
    """Tell whether this names the GPU.

    Raises:
        RuntimeError: it names a second GPU.

    >>> is_gpu("cuda"), is_gpu(torch.device("cuda:0")), is_gpu(0), is_gpu("cpu"), is_gpu(None)
    (True, True, True, False, False)
    """
    if device is None:
        return False
    device = torch.device("cuda", device) if type(device) is int else torch.device(device)
    if device.type == "cuda" and (device.index or 0) > 0:
        raise RuntimeError(f"CUDA error: invalid device ordinal: {device}, and there is one GPU")
    return device.type == "cuda"


def on_gpu(tensor: Tensor) -> bool:
    """Tell whether a tensor has moved to the GPU."""
    return isinstance(tensor, FakeTensor)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors of nested lists, tuples and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors_in(part)
    elif isinstance(value, dict):
        yield from tensors_in([*value.values()])


def adopt(value: Any) -> Any:
    """Let every tensor of a result be on the GPU: the objects stay, their class changes."""
    for tensor in tensors_in(value):
        if not on_gpu(tensor):
            place(tensor, gpu=True)
    return value


def place(tensor: Tensor, *, gpu: bool) -> Tensor:
    """Let one tensor be on the GPU or on the CPU, and return it."""
    is_parameter = isinstance(tensor, nn.Parameter)
    here, there = (Tensor, FakeTensor) if not is_parameter else (nn.Parameter, FakeParameter)
    tensor.__class__ = there if gpu else here
    return tensor
