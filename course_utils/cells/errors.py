"""Refuse tensors that do not fit, in words that name the argument and both shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from course_utils import arguments

Shape = tuple[int, ...]

_Weights = TypeVar("_Weights", bound=tuple)


def check_floats(name: str, value: Any) -> None:
    """Raise a TypeError unless value is a dense tensor of floating-point numbers."""
    if (
        not isinstance(value, Tensor)
        or value.layout is not torch.strided
        or not value.is_floating_point()
    ):
        arguments.tensor(name, value, kind="floating")


def check_fit(wanted: Mapping[str, tuple[Tensor, Shape]], *, like: Tensor, to_fit: str) -> None:
    """Raise an error for the first tensor whose type, device or shape is not the one wanted.

    Args:
        wanted: argument's name -> (tensor, the shape it must have).
        like: a tensor of the wanted type, on the wanted device.
        to_fit: what fixes the shapes, such as "x_t (3, 4) and W_xh with 5 rows".

    Raises:
        TypeError: there is no tensor, or its numbers are of another type or on another device.
        ValueError: a shape differs.
    """
    dtype, device = like.dtype, like.device
    for name, (tensor, shape) in wanted.items():
        # Once per argument and step: what is wrong is looked for only when something is.
        if not (
            isinstance(tensor, Tensor)
            and tensor.dtype == dtype
            and tensor.shape == shape
            and tensor.device == device
            and tensor.layout == torch.strided
        ):
            _refuse(name, tensor, shape, like, to_fit)


def _refuse(name: str, tensor: Any, shape: Shape, like: Tensor, to_fit: str) -> None:
    """Raise the error for what `check_fit` does not take."""
    check_floats(name, tensor)
    if tensor.shape != shape:
        raise ValueError(f"{name} must be {shape} to fit {to_fit}, got {tuple(tensor.shape)}")
    raise TypeError(
        f"{name} must hold {like.dtype} on {like.device} to fit {to_fit}, got {tensor.dtype} on "
        f"{tensor.device}: bring all to one type and device with .to()"
    )


def check_weights(name: str, weights: Any, kind: type[_Weights]) -> _Weights:
    """Return the weights of one layer, or refuse what is none; once per call of a layer.

    Args:
        name: what a message calls them, such as "layers[0][0]".
        weights: what was given.
        kind: the class they must have: a tuple of matrices W... and biases b...

    Raises:
        TypeError: they have another class, or one of them is no floating-point tensor.
        ValueError: a matrix does not have two dimensions, or a bias does not have one.
    """
    what = f"{kind.__name__} (weights_of reads them from a module of torch.nn)"
    arguments.instance(name, weights, kind, what=what)
    for part, value in zip(weights._fields, weights, strict=True):
        if value is None and part in weights._field_defaults:
            continue
        n_dims, form = (2, "a matrix") if part.startswith("W") else (1, "a vector")
        arguments.tensor(f"{name}.{part}", value, ndim=n_dims, shape=form, kind="floating")
    return weights


def check_matrices(x_t: Tensor, name: str, matrix: Tensor, *, form: str) -> None:
    """Raise an error unless x_t is a batch of rows and the weights are a matrix.

    Raises:
        TypeError: one of them is no floating-point tensor.
        ValueError: x_t or the matrix does not have two dimensions.
    """
    check_floats("x_t", x_t)
    check_floats(name, matrix)
    if x_t.ndim != 2 or matrix.ndim != 2:
        shapes = f"{tuple(x_t.shape)} and {tuple(matrix.shape)}"
        raise ValueError(f"x_t must be (B, E) and {name} {form}, got {shapes}")


def check_sequence(x: Tensor) -> None:
    """Raise an error unless x is a batch of sequences with at least one step and no NaN.

    Raises:
        TypeError: x is no dense floating-point tensor with data.
        ValueError: x is not (B, T, E), has no step, or holds NaN.
    """
    arguments.tensor("x", x, kind="floating")
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
    names: Sequence[str],
    states: Sequence[Tensor],
    shapes: Sequence[Shape],
    *,
    like: Tensor,
    to_fit: str,
) -> None:
    """Raise an error unless every initial state has its shape and holds no NaN.

    Raises:
        TypeError: the states are no tuple, or a state does not have the type or device of `like`.
        ValueError: there are too few or too many states, a shape differs, or a state holds NaN.
    """
    if not isinstance(states, tuple | list):
        tensors = f"a tuple of {len(names)} tensors, ({', '.join(names)})"
        raise TypeError(f"state must be {tensors}, got {arguments.shown(states)}")
    if len(states) != len(names):
        raise ValueError(f"the state must be ({', '.join(names)}), got {len(states)} tensors")
    wanted = zip(names, states, shapes, strict=True)
    check_fit({name: (state, shape) for name, state, shape in wanted}, like=like, to_fit=to_fit)
    for name, state in zip(names, states, strict=True):
        check_numbers(name, state)
