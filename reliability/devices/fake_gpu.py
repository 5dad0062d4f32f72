"""Put the fake GPU into PyTorch for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import torch
import torch._dynamo  # optimizers load it later, and it wants torch.cuda as it is
from torch.autograd.function import BackwardCFunction, FunctionCtx
from torch.overrides import TorchFunctionMode
from torch.utils import _foreach_utils

from reliability.devices import calls, rules
from reliability.devices.own_numbers import Numbers
from reliability.devices.tensors import (
    DEVICE,
    OTHER_NUMBERS,
    FakeGenerator,
    FakeParameter,
    FakeTensor,
    adopt,
    is_gpu,
    on_gpu,
)

NAME = "a GPU that is not there"
_RealGenerator = torch.Generator


class _Mode(TorchFunctionMode):
    """Send every call of PyTorch to `calls.run`, also those with no tensor of the GPU."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        return calls.run(func, args, kwargs or {})


class _GeneratorKind(type):
    """torch.Generator(device): the real kind for the CPU, the fake kind for the GPU."""

    def __call__(cls, device: Any = "cpu") -> torch.Generator:
        return FakeGenerator() if is_gpu(device) else _RealGenerator(device)

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, _RealGenerator)


class _Generator(metaclass=_GeneratorKind):
    """Stands in for torch.Generator."""


@contextmanager
def fake_gpu(*, capability: tuple[int, int] = (8, 0), rounding: float = 0.0) -> Iterator[list[str]]:
    """Let PyTorch have one GPU, ``cuda:0``, inside the with block.

    Args:
        capability: 8.0 and above has bfloat16, as an A100; 7.5 is Colab's T4.
        rounding: relative size of a random change of every matrix product; a GPU adds in another
            order than a CPU, and float32 products then differ by some 1e-7.

    Yields:
        The list of what was refused so far, also what some code caught.
    """
    rules.REFUSED.clear()
    _seed(torch.initial_seed())
    Numbers.rounding = rounding
    with ExitStack() as stack:
        for owner, replacements in (
            (torch.cuda, _cuda_module(capability)),
            (torch, {"Generator": _Generator, "autocast": _autocast}),
            (torch, {"is_autocast_enabled": _is_autocast_enabled}),
            (torch.backends.cudnn, {"is_acceptable": lambda tensor: False}),
            (torch._C, {"_group_tensors_by_device_and_dtype": _group}),
            (FunctionCtx, {"save_for_backward": _save}),
            (BackwardCFunction, {"apply": _backward, "saved_tensors": property(_saved)}),
            (threading.Thread, {"run": _run_thread}),
        ):
            for name, value in replacements.items():
                create = not hasattr(owner, name)
                stack.enter_context(patch.object(owner, name, value, create=create))
        kinds = [*_foreach_utils._foreach_supported_types, FakeTensor, FakeParameter]
        stack.enter_context(patch.object(_foreach_utils, "_foreach_supported_types", kinds))
        stack.enter_context(_Mode())
        yield rules.REFUSED


def _cuda_module(capability: tuple[int, int]) -> dict[str, Any]:
    """Return what torch.cuda answers."""

    def nothing(*args: Any, **kwargs: Any) -> int:
        return 0

    names = ("_lazy_init", "synchronize", "empty_cache", "current_device", "set_device")
    memory = ("memory_allocated", "max_memory_allocated", "reset_peak_memory_stats")
    return dict.fromkeys((*names, *memory), nothing) | {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "get_device_name": lambda device=None: NAME,
        "get_device_capability": lambda device=None: capability,
        "is_bf16_supported": lambda *args, **kwargs: capability >= (8, 0),
        "manual_seed": _seed,
        "manual_seed_all": _seed,
        "get_rng_state": lambda device="cuda": Numbers.state.clone(),
        "set_rng_state": _set_numbers,
    }


def _seed(seed: int) -> None:
    own = (seed ^ OTHER_NUMBERS) % 2**63
    Numbers.state = _RealGenerator().manual_seed(own).get_state()


def _set_numbers(state: torch.Tensor, device: Any = "cuda") -> None:
    Numbers.state = state.cpu().clone()


_RealAutocast = torch.autocast


def _autocast(device_type: str, *args: Any, **kwargs: Any) -> torch.autocast:
    """Return the CPU's autocast for the GPU: the numbers lie on the CPU."""
    return _RealAutocast("cpu" if device_type == "cuda" else device_type, *args, **kwargs)


_real_is_autocast_enabled = torch.is_autocast_enabled


def _is_autocast_enabled(*device_type: str) -> bool:
    """Say of the GPU what holds for the CPU, as above; without a device PyTorch asks the GPU."""
    return _real_is_autocast_enabled("cpu" if device_type in ((), ("cuda",)) else device_type[0])


_real_group = torch._C._group_tensors_by_device_and_dtype


def _group(tensorlists: list[list[Any]], with_indices: bool = False) -> dict:
    """Group the tensors of an optimizer by the device that they report."""
    groups = _real_group(tensorlists, with_indices)
    return {
        (lists[0][0].device if lists[0] and on_gpu(lists[0][0]) else device, dtype): (lists, places)
        for (device, dtype), (lists, places) in groups.items()
    }


_real_save, _real_backward = FunctionCtx.save_for_backward, BackwardCFunction.apply


def _save(ctx: Any, *tensors: torch.Tensor) -> None:
    """Keep where the saved tensors are: autograd gives some of them back as new objects."""
    ctx.were_on_gpu = [on_gpu(t) for t in tensors]
    _real_save(ctx, *tensors)


def _saved(ctx: Any) -> tuple:
    tensors = torch._C._FunctionBase.saved_tensors.__get__(ctx)
    for tensor, there in zip(tensors, getattr(ctx, "were_on_gpu", ()), strict=True):
        if there:
            adopt(tensor)
    return tensors


def _backward(ctx: Any, *gradients: torch.Tensor) -> Any:
    """Run a hand-written backward pass under the rules: autograd has turned them off."""
    if not any(getattr(ctx, "were_on_gpu", ())):
        return _real_backward(ctx, *gradients)
    with torch._C._EnableTorchFunction(), _Mode():
        return _real_backward(ctx, *adopt(gradients))


_real_run_thread = threading.Thread.run


def _run_thread(thread: threading.Thread) -> None:
    """Run a thread under the rules: PyTorch's modes hold for one thread only."""
    with _Mode():
        _real_run_thread(thread)


__all__ = ["DEVICE", "NAME", "fake_gpu"]
