"""Remember the newest weights that are numbers, for a run that explodes."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from course_utils.training.options import TrainHistory


class GoodWeights:
    """Keep a copy of a model's weights, and put it back.

    Args:
        model: the network; its weights of now are the first copy.

    Attributes:
        step: the finished steps (or epochs) after which the copy was made.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model, self.step = model, 0
        self._kept: dict[str, Tensor] = {}
        if not any(map(is_lazy, model.parameters())):  # such weights are made in the first step
            self.keep(0)

    def are_numbers(self) -> bool:
        """Tell whether no weight is NaN or infinite."""
        return all(bool(p.isfinite().all()) for p in self.model.parameters())

    def keep(self, step: int) -> None:
        """Copy the weights of now."""
        tensors = self.model.state_dict().items()
        self._kept = {n: t.detach().clone() for n, t in tensors if isinstance(t, Tensor)}
        self.step = step

    def put_back(self, unit: str = "step") -> str:
        """Give the model the copy again; return a sentence that says so."""
        with torch.no_grad():
            for name, tensor in self.model.state_dict().items():
                if name in self._kept:
                    tensor.copy_(self._kept[name])
        if self.step == 0:
            return "The model has its start weights again."
        return f"The model has the weights of {unit} {self.step} again."


def explosion(
    history: TrainHistory, n_steps: int, put_back: Callable[[], str] | None
) -> FloatingPointError:
    """Return the error of a run that exploded.

    Args:
        history: its losses of all finished steps, good and bad.
        n_steps: steps that the run was to have.
        put_back: as GoodWeights has it; None when the best weights will be put back.
    """
    losses = enumerate(history.losses, 1)
    step, loss = next((pair for pair in losses if not math.isfinite(pair[1])), (0, 0.0))
    what = f"the loss became {loss}"
    if step == 0:  # the last step moved the weights, and no loss has seen them yet
        step, what = len(history.losses), "a weight became NaN or infinite"
    back = f"The model has the weights of step {history.best_step} again."
    return FloatingPointError(
        f"{what} in step {step} of {n_steps}. Build the model again and train it with a smaller "
        f"learning_rate. {back if put_back is None else put_back()}"
    )
