"""Say why the tensors of a checkpoint cannot be copied into a model."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


def misfits(own: dict[str, Tensor], saved: dict[str, Tensor]) -> Iterator[str]:
    """Say, one line each, why these tensors cannot be copied into the model's own.

    Args:
        own: name -> tensor of the model.
        saved: name -> tensor of the checkpoint.

    Yields:
        One line for each tensor that is missing, unknown, of another shape, of a dtype that the
        model's cannot hold exactly, or different from one that the model ties to it.
    """
    for name in sorted({*own, *saved}):
        if name not in saved:
            yield f"{name} {tuple(own[name].shape)} is missing in the checkpoint"
        elif name not in own:
            yield f"{name} {tuple(saved[name].shape)} is unknown to the model"
        elif own[name].shape != saved[name].shape:
            yield (
                f"{name} is {tuple(saved[name].shape)} in the checkpoint and "
                f"{tuple(own[name].shape)} in the model"
            )
        elif not _can_hold(own[name].dtype, saved[name].dtype):
            yield (
                f"{name} is {saved[name].dtype} in the checkpoint, which {own[name].dtype} in the "
                "model cannot hold exactly"
            )
    yield from _untied(own, saved)


def _can_hold(own: torch.dtype, saved: torch.dtype) -> bool:
    """Tell whether every saved number is also one of the model's dtype."""
    if own == saved or not (own.is_floating_point and saved.is_floating_point):
        return own == saved
    return torch.promote_types(own, saved) == own


def _untied(own: dict[str, Tensor], saved: dict[str, Tensor]) -> Iterator[str]:
    """Name pairs that are one tensor in the model and two different ones in the checkpoint."""
    first_name: dict[tuple, str] = {}
    for name, tensor in own.items():
        if name not in saved or tensor.data_ptr() == 0:  # 0: the tensor is empty
            continue
        first = first_name.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), name)
        if not _same_bits(saved[first], saved[name]):
            yield f"{first} and {name} are one tensor in the model and differ in the checkpoint"


def _same_bits(a: Tensor, b: Tensor) -> bool:
    """Tell whether two tensors of the same shape hold the same bits; NaN equals NaN here."""
    return a.dtype == b.dtype and torch.equal(
        a.flatten().view(torch.uint8), b.flatten().view(torch.uint8)
    )
