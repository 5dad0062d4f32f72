"""What CUDA refuses: the rules that are asked before a call runs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from reliability.devices.tensors import FakeGenerator, on_gpu, tensors_in

REFUSED: list[str] = []  # every refusal since the GPU was put in, also those that code caught

# Here CUDA takes a number on the CPU, a tensor without dimensions, beside tensors on the GPU.
_POINTWISE = set(
    "add sub subtract rsub mul multiply div divide true_divide floor_divide remainder fmod pow "
    "float_power maximum minimum fmax fmin eq ne lt le gt ge not_equal less less_equal greater "
    "greater_equal logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor atan2 "
    "arctan2 copysign hypot logaddexp where clamp clip clamp_min clamp_max masked_fill lerp "
    "addcmul addcdiv isclose nextafter xlogy heaviside and or xor truediv floordiv mod".split()
)
_MATRIX = set(
    "matmul __matmul__ __rmatmul__ mm bmm mv addmm addmv addbmm baddbmm linear bilinear einsum "
    "dot vdot inner outer chain_matmul tensordot cdist".split()
) - {"outer"}
_ANYWHERE = {"_has_compatible_shallow_copy_type", "result_type", "is_same_size"}
_ONLY_ON_CPU = {"apply_", "map_", "map2_", "histogram", "histogramdd"}


def refuse(message: str, kind: type[Exception] = RuntimeError) -> None:
    """Raise CUDA's message, and keep it."""
    REFUSED.append(message)
    raise kind(message)


def check_call(name: str, args: Any, kwargs: dict[str, Any]) -> None:
    """Refuse a call whose tensors are on two devices, or that a GPU has no code for.

    Args:
        name: of the function or method, such as "add_".
        args, kwargs: its arguments; at least one tensor is on the GPU.

    Raises:
        RuntimeError: CUDA would refuse it.
    """
    tensors = [*tensors_in((args, kwargs))]
    if name in _ONLY_ON_CPU:
        refuse(f"{name} is only implemented on CPU tensors")
    if name in _MATRIX and not all(t.is_floating_point() or t.is_complex() for t in tensors):
        refuse(f'"{name}_cuda" is not implemented for integers (a CPU can do it)')
    strangers = [] if name in _ANYWHERE else [t for t in tensors if not on_gpu(t)]
    if strangers and not _takes_numbers(name, tensors, strangers):
        refuse(
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 "
            f"and {torch.Tensor.device.__get__(strangers[0])}! (in {name}; shapes "
            f"{[tuple(t.shape) for t in tensors]})"
        )


def _takes_numbers(name: str, tensors: list[Tensor], strangers: list[Tensor]) -> bool:
    """Tell whether the tensors on the CPU are single numbers in a function that takes these."""
    in_place = name.startswith("__i") or (name.endswith("_") and not name.endswith("__"))
    if any(t.ndim > 0 for t in strangers) or (in_place and not on_gpu(tensors[0])):
        return False
    bare = name.strip("_")
    without_i = bare[1:] if name.startswith("__i") else bare
    without_r = bare[1:] if name.startswith("__r") else bare
    return bool(_POINTWISE & {bare, without_i, without_r}) or name.startswith("_foreach_")


def check_index(owner: Tensor, index: Any) -> None:
    """Refuse a part of a CPU tensor that is named by a tensor on the GPU."""
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        wrong = isinstance(part, Tensor) and on_gpu(part) and not on_gpu(owner)
        if wrong and (part.ndim > 0 or part.dtype == torch.bool):
            refuse(
                "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
            )


def check_value(owner: Tensor, index: Any, value: Any) -> None:
    """Refuse values from the other device for places that a tensor or a list names."""
    parts = index if isinstance(index, tuple) else (index,)
    by_numbers = any(
        isinstance(p, list) or (isinstance(p, Tensor) and (p.ndim or p.dtype == torch.bool))
        for p in parts
    )
    if isinstance(value, Tensor) and value.ndim and by_numbers and on_gpu(value) != on_gpu(owner):
        refuse(
            "Expected all tensors to be on the same device, but found cuda:0 and cpu! (index_put_)"
        )


def check_generator(name: str, kwargs: dict[str, Any], args: Any, *, gpu: bool) -> None:
    """Refuse random numbers for one device from a generator of the other."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, torch._C.Generator) and isinstance(value, FakeGenerator) != gpu:
            wanted, found = ("cuda", "cpu") if gpu else ("cpu", "cuda")
            refuse(
                f"Expected a '{wanted}' device type for generator but found '{found}' (in {name})"
            )


def check_cpu(name: str, tensor: Tensor) -> None:
    """Refuse lengths and batch sizes on the GPU: PyTorch reads them on the CPU."""
    if on_gpu(tensor):
        refuse(f"{name} should be a 1D CPU int64 tensor, but got 1D cuda:0 Long tensor")
