"""Choose the numbers that a network is trained with: float32, or bfloat16 where that is faster.

bfloat16 has the range of float32 with 8 bits of precision instead of 24. Some processors multiply
such matrices many times faster; others have to imitate them, and are slower than with float32. So
the choice is measured, not guessed. The weights stay in float32 (mixed precision; Micikevicius et
al., 2018, "Mixed precision training").
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from functools import cache

import torch
from torch import Tensor, nn

from course_utils.arguments import one_of, shown
from course_utils.models.language import RECURRENT

FASTER = 1.15  # bfloat16 must be at least this much faster to be worth its rounding


def pick_precision(device: torch.device, *, kind: str = "lstm") -> torch.dtype:
    """Return torch.bfloat16 where it speeds up training on this machine, else torch.float32.

    Args:
        device: where the network will be trained.
        kind: its recurrent layer, "rnn", "gru" or "lstm".

    Returns:
        The dtype for `autocast`. The answer is measured once per process (about half a second),
        and only if the processor says that it can multiply bfloat16 numbers.

    Raises:
        TypeError: device is no device.
        ValueError: it is not on this machine, or kind is unknown.
    """
    device, kind = checked_device(device), one_of("kind", kind, RECURRENT)
    if not has_bfloat16(device):
        return torch.float32
    return torch.bfloat16 if _speed_up(device.type, kind) >= FASTER else torch.float32


def checked_device(device: torch.device | str | int) -> torch.device:
    """Return a device; refuse what PyTorch does not know, and a GPU that is not there.

    Raises:
        TypeError: device is no device.
        ValueError: PyTorch knows no device of this name, or this machine does not have it.
    """
    if isinstance(device, bool) or not isinstance(device, torch.device | str | int):
        raise TypeError(f"device must be a torch.device such as pick_device(), got {shown(device)}")
    try:
        found = torch.device(device)
    except (RuntimeError, ValueError, OverflowError):
        raise ValueError(
            f"device must be one such as 'cpu' or 'cuda:0', got {shown(device)}"
        ) from None
    if found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"device {found} is not on this machine: pick_device() finds one that is")
    return found


def check_dtype(dtype: torch.dtype) -> torch.dtype:
    """Return a precision that a network can be computed in.

    Raises:
        TypeError: dtype is no torch.dtype.
        ValueError: it is another than float32 and bfloat16.
    """
    if not isinstance(dtype, torch.dtype):
        raise TypeError(f"dtype must be torch.float32 or torch.bfloat16, got {shown(dtype)}")
    return one_of("dtype", dtype, (torch.float32, torch.bfloat16))


def has_bfloat16(device: torch.device) -> bool:
    """Tell whether the processor or GPU has instructions for bfloat16 matrices."""
    if device.type == "cuda":
        # NVIDIA's compute capability 8 (Ampere) is the first one with such instructions.
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    return bool(getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)())


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager:
    """Return a context in which a network computes with this dtype.

    Args:
        device: where the network is.
        dtype: torch.bfloat16, or torch.float32 for a context that changes nothing.
    """
    if dtype == torch.float32:
        return nullcontext()
    return torch.autocast(device.type, dtype=dtype)


@cache
def _speed_up(device_type: str, kind: str) -> float:
    """Measure how many times faster a training step is with bfloat16; 0 when it fails."""
    device = torch.device(device_type)
    with torch.random.fork_rng(devices=[]):  # all numbers are drawn on the CPU
        layer = getattr(nn, kind.upper())(64, 256, batch_first=True).to(device)
        x = torch.randn(32, 32, 64).to(device)
    try:
        seconds = {dtype: _time_step(layer, x, dtype) for dtype in (torch.float32, torch.bfloat16)}
    except RuntimeError:  # some layers of some versions have no kernel for bfloat16
        return 0.0
    return seconds[torch.float32] / seconds[torch.bfloat16]


def _time_step(layer: nn.Module, x: Tensor, dtype: torch.dtype, rounds: int = 8) -> float:
    """Return the shortest time of one forward and backward pass, in seconds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        with autocast(x.device, dtype):
            output, _ = layer(x)
        output.float().sum().backward()
        if x.device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return best
