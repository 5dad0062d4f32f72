"""What the tests of `train` share: a small network, an endless stream of batches, comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn


def network(seed: int = 0) -> nn.Module:
    """Return a small network with weights that depend on the seed."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))


def batches(seed: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets without an end; the same ones for the same seed."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.randn(16, 3, generator=generator)
        yield x, x.prod(1, keepdim=True) + 5  # large errors at first, so that clipping acts


def loss_of(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Return the mean squared error."""
    return nn.functional.mse_loss(model(batch[0]), batch[1])


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of all weights."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def assert_same(ours: dict[str, Tensor], theirs: dict[str, Tensor], *, close: float = 0) -> None:
    """Compare weights, bit by bit unless told how close is close enough."""
    assert set(ours) == set(theirs)
    for name, tensor in theirs.items():
        torch.testing.assert_close(ours[name], tensor, atol=close, rtol=close)


def scorer(scores: Sequence[float], seen: list[dict[str, Tensor]]) -> Callable[[nn.Module], float]:
    """Return an `evaluate` that gives these scores and keeps the weights that it saw."""
    scores = iter(scores)

    def evaluate(model):
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append(weights(model))
        return torch.tensor(next(scores))

    return evaluate
