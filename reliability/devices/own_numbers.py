"""The numbers of the fake GPU: it draws its own random ones, and may round in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from reliability.devices.tensors import tensors_in

RANDOM = set(
    "rand randn randint randperm rand_like randn_like randint_like normal multinomial bernoulli "
    "poisson dropout alpha_dropout feature_dropout dropout1d dropout2d rrelu gumbel_softmax "
    "scaled_dot_product_attention lstm gru rnn_tanh rnn_relu uniform trunc_normal exponential "
    "random xavier_uniform xavier_normal kaiming_uniform kaiming_normal orthogonal".split()
)


ROUNDED = set("linear matmul __matmul__ mm bmm addmm baddbmm lstm gru rnn_tanh rnn_relu".split())
ROUNDED |= {"scaled_dot_product_attention", "einsum"}


class Numbers:
    """The state of the GPU's own random numbers, and how it rounds."""

    state: Tensor = torch.Generator().get_state()
    rounding: float = 0.0  # relative size of what matrix products differ by from the CPU's
    for_rounding = torch.Generator()

    @classmethod
    @contextmanager
    def drawn(cls) -> Iterator[None]:
        """Draw from the GPU's numbers: those of the CPU stay where they were."""
        cpu = torch.default_generator.get_state()
        torch.default_generator.set_state(cls.state)
        try:
            yield
        finally:
            cls.state = torch.default_generator.get_state()
            torch.default_generator.set_state(cpu)


def round_otherwise(result: Any) -> None:
    """Change the last digits of a matrix product, as another processor would."""
    for tensor in tensors_in(result):
        if tensor.is_floating_point():
            noise = torch.randn(tensor.shape, generator=Numbers.for_rounding, dtype=tensor.dtype)
            # .data: autograd need not know of it.
            tensor.data.mul_(1 + Numbers.rounding * noise)
