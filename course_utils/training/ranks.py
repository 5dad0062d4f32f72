"""How many processes train together, and which one this is: torch.distributed, if it is running."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor
from torch import distributed as dist

from course_utils.runtime import pick_device

T = TypeVar("T")
_LAUNCHED = ("RANK", "LOCAL_RANK", "WORLD_SIZE")
# The others wait this long for one that measures or writes; a process that died ends them at once.
_LONGEST_WAIT = timedelta(hours=1)


class OtherProcessError(ValueError):
    """Another process of the run failed; the message is its own."""


def is_first() -> bool:
    """Tell whether this process is the one that writes and prints, also before they have met."""
    is_launched = all(name in os.environ for name in _LAUNCHED)
    return rank() == 0 if is_distributed() or not is_launched else os.environ["RANK"] == "0"


@contextmanager
def process_group() -> Iterator[None]:
    """Join the processes that torchrun has started; leave them at the end, and after an error.

    On CPUs they speak by gloo, on NVIDIA GPUs by nccl, and each process takes the GPU of its number
    on its machine. Without torchrun nothing happens.

    Raises:
        ValueError: there is no GPU for this process, or COURSE_DEVICE is not one that several
            processes can use.
    """
    if not all(name in os.environ for name in _LAUNCHED):
        yield
        return
    device = _own_device(int(os.environ["LOCAL_RANK"]))
    if device.type == "cuda":
        torch.cuda.set_device(device)
        dist.init_process_group("nccl", timeout=_LONGEST_WAIT, device_id=device)
    else:
        dist.init_process_group("gloo", timeout=_LONGEST_WAIT)
    try:
        yield
    finally:
        dist.destroy_process_group()


def _own_device(local_rank: int) -> torch.device:
    """Return the device of one of the processes on this machine."""
    device = pick_device()
    if device.type == "cpu":
        return device
    if device.type != "cuda" or device.index is not None:
        raise ValueError(
            f"several processes cannot share the device {device}: set COURSE_DEVICE=cuda, and each "
            "takes a GPU of its own, or COURSE_DEVICE=cpu"
        )
    if local_rank >= (n_gpus := torch.cuda.device_count()):
        raise ValueError(
            f"there is no GPU for process {local_rank} of this machine, which has {n_gpus}: start "
            f"at most {n_gpus} here (--nproc-per-node), or set COURSE_DEVICE=cpu"
        )
    return torch.device("cuda", local_rank)


def is_distributed() -> bool:
    """Tell whether this process is one of several that train together."""
    return dist.is_available() and dist.is_initialized()


def rank() -> int:
    """Return the number of this process, from 0; 0 when it is alone."""
    return dist.get_rank() if is_distributed() else 0


def world_size() -> int:
    """Return how many processes train together; 1 when this one is alone."""
    return dist.get_world_size() if is_distributed() else 1


def gather(tensor: Tensor) -> list[Tensor]:
    """Return the tensors that all processes hold, in the order of their numbers.

    Args:
        tensor: of the same shape and dtype in every process.

    Returns:
        One tensor per process; [tensor] when this process is alone.
    """
    if not is_distributed():
        return [tensor]
    # nccl speaks only between GPUs, and random number states live on the CPU.
    on_gpu = dist.get_backend() == "nccl"
    sent = tensor.cuda() if on_gpu else tensor.cpu()
    parts = [torch.empty_like(sent) for _ in range(world_size())]
    dist.all_gather(parts, sent)
    return [part.to(tensor.device) for part in parts]


def from_first(value: float) -> float:
    """Return the number that the first process has, in every process.

    Args:
        value: a number; only that of process 0 counts.
    """
    if not is_distributed():
        return value
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    sent = torch.tensor(value, dtype=torch.float64, device=device)
    dist.broadcast(sent, src=0)
    return float(sent)


def mean(tensor: Tensor) -> Tensor:
    """Return the mean of the tensors that all processes hold; its own when one is alone.

    Args:
        tensor: float, of the same shape in every process, on the device that it trains on.
    """
    if not is_distributed():
        return tensor
    total = tensor.clone()
    dist.all_reduce(total)
    return total / world_size()


def everywhere(make: Callable[[], T]) -> T:
    """Call a function in every process; if it fails in one, raise an error in all.

    Without this, the others would wait for the one that failed.

    Args:
        make: what to call; its answer stays in its own process.

    Returns:
        The answer of this process.

    Raises:
        Exception: what make raised here.
        OtherProcessError: it was well here, but failed in another process.
    """
    if not is_distributed():
        return make()
    answer, own = None, None
    try:
        answer = make()
    except Exception as error:
        own = error
    messages: list[str | None] = [None] * world_size()
    dist.all_gather_object(messages, None if own is None else str(own))
    if own is not None:
        raise own
    for number, message in enumerate(messages):
        if message is not None:
            raise OtherProcessError(f"process {number} of {world_size()}: {message}")
    return answer


def in_first(make: Callable[[], T]) -> T:
    """Call a function in the first process alone, and give its answer to all.

    Args:
        make: what to call; its answer is pickled on its way to the others.

    Returns:
        The answer of process 0.

    Raises:
        Exception: what make raised, in process 0.
        OtherProcessError: the same message, in the others.
    """
    box = [everywhere(lambda: make() if rank() == 0 else None)]
    if is_distributed():
        dist.broadcast_object_list(box, src=0)
    return box[0]
