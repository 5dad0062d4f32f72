"""How each of the rivals is trained."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from course_utils.arguments import instance, real_number, shown, whole_number
from course_utils.models import GPT, CharLM, MinGRULM
from course_utils.models.inputs import check_module, check_size, settle


@dataclass(frozen=True)
class RivalRecipe:
    """How one model is trained.

    Attributes:
        learning_rate: the highest one.
        batch_size: streams or windows that are read side by side.
        chunk_len: symbols of each in a step; of a GPT at most its context.
        warmup: share of the run in which the learning rate rises, from 0 to 1.
        last_share: share of the highest learning rate at the end of the cosine.
        beta2, weight_decay, clip: of AdamW; only matrices decay; the norm's upper bound.
        seed: the windows.
    """

    learning_rate: float
    batch_size: int = 16
    chunk_len: int = 64
    warmup: float = 0.05
    last_share: float = 0.0
    beta2: float = 0.99
    weight_decay: float = 0.1
    clip: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values that cannot train anything."""
        settle(
            self,
            learning_rate=real_number("learning_rate", self.learning_rate, above=0),
            batch_size=check_size("batch_size", self.batch_size),
            chunk_len=check_size("chunk_len", self.chunk_len),
            warmup=real_number("warmup", self.warmup, least=0, most=1),
            last_share=real_number("last_share", self.last_share, least=0, most=1),
            beta2=real_number("beta2", self.beta2, least=0, below=1),
            weight_decay=real_number("weight_decay", self.weight_decay, least=0),
            clip=real_number("clip", self.clip, above=0),
            seed=whole_number("seed", self.seed, least=0, most=2**63 - 1),
        )


# For runs of a few seconds with some 130,000 parameters; the rates were found by trying.
SHORT = {
    "lstm": RivalRecipe(0.02),
    "gru": RivalRecipe(0.015),
    "mingru": RivalRecipe(0.015),
    "gpt": RivalRecipe(0.004, batch_size=12, last_share=0.1),
}


# For some 100 seconds with two threads and 800,000 parameters.
LONG = {
    "lstm": RivalRecipe(0.01, batch_size=32),
    "gru": RivalRecipe(0.01, batch_size=32),
    "mingru": RivalRecipe(0.006, batch_size=32),
}


def kind_of(model: nn.Module) -> str:
    """Return "gpt", "mingru", or the kind of a CharLM.

    Raises:
        TypeError: model is none of these.
    """
    if not isinstance(model, GPT | MinGRULM | CharLM):
        raise TypeError(f"model must be a CharLM, a MinGRULM or a GPT, got {shown(model)}")
    if isinstance(model, GPT):
        return "gpt"
    return "mingru" if isinstance(model, MinGRULM) else model.config.kind


def rate_at(share: float, recipe: RivalRecipe) -> float:
    """Return the learning rate when a share of the run is over: a straight line up, a cosine down.

    >>> recipe = RivalRecipe(1.0, warmup=0.2, last_share=0.1)
    >>> [round(rate_at(share, recipe), 2) for share in (0.0, 0.1, 0.2, 0.6, 1.0)]
    [0.01, 0.5, 1.0, 0.55, 0.1]

    Raises:
        TypeError: share is no number, or recipe no RivalRecipe.
        ValueError: share is below 0.
    """
    instance("recipe", recipe, RivalRecipe)
    share = real_number("share", share, least=0)
    if share < recipe.warmup:
        return recipe.learning_rate * max(0.01, share / recipe.warmup)
    fallen = min(1.0, (share - recipe.warmup) / max(1e-9, 1 - recipe.warmup))
    height = 0.5 + 0.5 * math.cos(math.pi * fallen)
    return recipe.learning_rate * (recipe.last_share + (1 - recipe.last_share) * height)


class _Decaying(Protocol):
    """A recipe that says how AdamW is set."""

    beta2: float
    weight_decay: float


def adamw(model: nn.Module, recipe: _Decaying) -> torch.optim.AdamW:
    """Return AdamW under which matrices decay, and biases and layer norms do not.

    Args:
        model: whose parameters it moves; set their learning rate before every step.
        recipe: its beta2 and weight_decay are taken.

    Raises:
        TypeError: model is no network.
        ValueError: it has no weights.
    """
    check_module("model", model, is_trainable=True)
    if not hasattr(recipe, "beta2") or not hasattr(recipe, "weight_decay"):
        raise TypeError(f"recipe must be a RivalRecipe, got {shown(recipe)}")
    weights = list(model.parameters())
    groups = [
        {"params": [w for w in weights if w.dim() >= 2], "weight_decay": recipe.weight_decay},
        {"params": [w for w in weights if w.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, recipe.beta2), fused=True)
