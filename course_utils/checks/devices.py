"""What a check does about a GPU: the right answers are on the CPU, a student's may not be."""

from __future__ import annotations

import sys
from typing import Any


def on_the_cpu(value: Any) -> Any:
    """Bring the tensors of an answer to the CPU, also those in lists and tuples.

    Gradients still flow through them. What holds no tensor on another device is returned as it is,
    the same object.

    >>> answer = ([1, 2], "text")
    >>> on_the_cpu(answer) is answer
    True
    """
    torch = sys.modules.get("torch")  # not loaded: nothing is a tensor
    if torch is None:
        return value
    if isinstance(value, torch.Tensor):
        return value if value.device.type in ("cpu", "meta") else value.cpu()
    if not isinstance(value, (list, tuple)):
        return value
    parts = [on_the_cpu(part) for part in value]
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def advice(said: str) -> str:
    """Return what to do about the one mistake that only a GPU shows; "" for any other error.

    Args:
        said: the text of the error.
    """
    if "same device" not in said:
        return ""
    return " Make each new tensor where the arguments are: torch.zeros(3, device=x.device)."
