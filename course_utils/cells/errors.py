"""Refuse tensors that do not fit, in words that name the argument and both shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

Shape = tuple[int, ...]


def check_fit(wanted: Mapping[str, tuple[Tensor, Shape]], *, to_fit: str) -> None:
    """Raise an error for the first tensor whose shape is not the one wanted.

    Args:
        wanted: argument's name -> (tensor, the shape it must have).
        to_fit: what fixes the shapes, such as "x_t (3, 4) and W_xh with 5 rows".

    Raises:
        ValueError: a shape differs.
    """
    for name, (tensor, shape) in wanted.items():
        if tuple(tensor.shape) != shape:
            raise ValueError(f"{name} must be {shape} to fit {to_fit}, got {tuple(tensor.shape)}")


def check_matrices(x_t: Tensor, name: str, matrix: Tensor, *, form: str) -> None:
    """Raise an error unless x_t is a batch of rows and the weights are a matrix.

    Raises:
        ValueError: x_t or the matrix does not have two dimensions.
    """
    if x_t.ndim != 2 or matrix.ndim != 2:
        shapes = f"{tuple(x_t.shape)} and {tuple(matrix.shape)}"
        raise ValueError(f"x_t must be (B, E) and {name} {form}, got {shapes}")


def check_sequence(x: Tensor) -> None:
    """Raise an error unless x is a batch of sequences with at least one step and no NaN.

    Raises:
        ValueError: x is not (B, T, E), has no step, or holds NaN.
    """
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(f"x must be (B, T, E) with T at least 1, got {tuple(x.shape)}")
    check_numbers("x", x)


def check_numbers(name: str, tensor: Tensor) -> None:
    """Raise an error that says where the first NaN is.

    Raises:
        ValueError: the tensor holds NaN.
    """
    missing = torch.isnan(tensor)
    if missing.any():
        place = ", ".join(str(int(i)) for i in missing.nonzero()[0])
        raise ValueError(
            f"{name} {tuple(tensor.shape)} holds {int(missing.sum())} NaN, the first at "
            f"{name}[{place}]: fill or remove missing values before the network reads them"
        )


def check_states(
    names: Sequence[str], states: Sequence[Tensor], shapes: Sequence[Shape], *, to_fit: str
) -> None:
    """Raise an error unless every initial state has its shape and holds no NaN.

    Raises:
        ValueError: there are too few or too many states, a shape differs, or a state holds NaN.
    """
    if len(states) != len(names):
        raise ValueError(f"the state must be ({', '.join(names)}), got {len(states)} tensors")
    wanted = zip(names, states, shapes, strict=True)
    check_fit({name: (state, shape) for name, state, shape in wanted}, to_fit=to_fit)
    for name, state in zip(names, states, strict=True):
        check_numbers(name, state)


def at_least_one(**sizes: int) -> None:
    """Raise a ValueError that names the first size below 1."""
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")
