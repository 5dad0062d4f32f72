"""Use a model without dropout for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from course_utils.models.inputs import check_module


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch dropout off for a while; give every part of the model its own mode back.

    >>> model = nn.Dropout(0.5)
    >>> with evaluation_mode(model):
    ...     model.training
    False
    >>> model.training
    True

    Args:
        model: the network; its mode comes back after an error or an interrupt, too.

    Raises:
        TypeError: model is not a network.
    """
    check_module("model", model)
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode
