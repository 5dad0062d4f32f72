"""Take numbers in the forms that students have them: lists, arrays and tensors; and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from course_utils import arguments

if TYPE_CHECKING:
    import numpy as np

MOST_NUMBERS = 2**28  # in one table that is made here: 1 GiB of float32, 2 GiB of int64


def whole_row(wanted: str, value: Any) -> np.ndarray:
    """Return whole numbers as an array.

    Args:
        wanted: "NAME must be ...", the beginning of a message.
        value: a list, an array or a tensor, (N,); True and False are no numbers.

    Returns:
        int64, (N,); of an array or a tensor of int64 it is no copy.

    Raises:
        TypeError: value holds something else.
        ValueError: it is not one row, or a number does not fit into int64.
    """
    found = _row(wanted, value, "iu")
    if found.dtype == "uint64" and found.size and int(found.max()) >= 2**63:
        raise ValueError(f"{wanted}; {int(found.max())} is too large for int64")
    return found.astype("int64", copy=False)


def real_row(wanted: str, value: Any, *, flags: bool = False) -> Tensor:
    """Return numbers as a tensor on the CPU.

    Args:
        wanted: "NAME must be ...", the beginning of a message.
        value: a list, an array, a series or a tensor, (N,).
        flags: whether True and False count as 1 and 0.

    Returns:
        float64, (N,), a copy.

    Raises:
        TypeError: value holds something else.
        ValueError: it is not one row.
    """
    found = _row(wanted, value, "biuf" if flags else "iuf")
    return torch.from_numpy(found.astype("float64"))


def moved(tensor: Tensor, device: torch.device | str) -> Tensor:
    """Return a tensor on a device, or say that this machine has no such device."""
    if not isinstance(device, torch.device | str):
        raise TypeError(f'device must be such as "cpu" or "cuda", got {arguments.shown(device)}')
    try:
        return tensor.to(torch.device(device))
    except torch.cuda.OutOfMemoryError:
        raise
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = (str(error) or "no such device").splitlines()[0]
        raise ValueError(
            f"device={arguments.shown(device)} cannot be used here ({reason:.120}); "
            "runtime.pick_device() chooses one that can"
        ) from None


def _row(wanted: str, value: Any, kinds: str) -> np.ndarray:
    """Return one row of numbers of these kinds (letters of NumPy's dtype.kind) as an array."""
    found = _array(wanted, value)
    if found.size and found.dtype.kind not in kinds:
        raise TypeError(f"{wanted}; got {type(value).__name__} of {found.dtype}")
    if found.ndim != 1:
        raise ValueError(f"{wanted}; got shape {found.shape}")
    return found


def _array(wanted: str, value: Any) -> np.ndarray:
    """Return what is given as an array of any kind and shape."""
    import numpy as np

    try:
        if isinstance(value, Tensor):
            value = arguments.tensor("the tensor", value).detach().cpu()
            return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise TypeError(f"{wanted} ({error})") from None
