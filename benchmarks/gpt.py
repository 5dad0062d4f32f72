"""The published training recipe of a small Transformer: the rival in two benchmarks.

The sizes and the training are those that nanoGPT's README gives for a computer without GPU: 4
layers, 4 heads, 128 dimensions, a context of 64 characters, 2000 steps of 12 random windows. Two
things make it faster than there, to its advantage: a batch is cut in one piece, and AdamW is fused.
The Transformer itself is `course_utils.models.GPT`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.models import GPT, GPTConfig
from course_utils.recipes.rivals_reading import random_windows
from course_utils.recipes.rivals_reading import window_loss as held_out_loss
from course_utils.recipes.rivals_recipes import adamw

__all__ = ["GPTRecipe", "build_gpt", "held_out_loss", "predict_seconds", "rate_at", "train_gpt"]


@dataclass(frozen=True)
class GPTRecipe:
    """How the Transformer is built and trained.

    Attributes:
        n_layers, n_heads, width, context: see GPTConfig.
        batch_size: B, random windows per step.
        n_steps, warmup_steps: of the optimiser, and those in which the learning rate rises.
        learning_rate, last_rate: the highest rate, and that after the cosine has fallen.
        beta2, weight_decay, clip: of AdamW; only matrices decay; the norm's upper bound.
        seed: start weights and windows.
    """

    n_layers: int = 4
    n_heads: int = 4
    width: int = 128
    context: int = 64
    batch_size: int = 12
    n_steps: int = 2000
    warmup_steps: int = 100
    learning_rate: float = 1e-3
    last_rate: float = 1e-4
    beta2: float = 0.99
    weight_decay: float = 0.1
    clip: float = 1.0
    seed: int = 0


def build_gpt(vocab_size: int, recipe: GPTRecipe) -> GPT:
    """Build the Transformer of a recipe, with start weights from PyTorch's own random numbers."""
    sizes = {name: getattr(recipe, name) for name in ("n_layers", "n_heads", "width", "context")}
    return GPT(GPTConfig(vocab_size, **sizes))


def train_gpt(numbers: Tensor, vocab_size: int, recipe: GPTRecipe) -> tuple[GPT, float]:
    """Build and train the Transformer.

    Args:
        numbers: int64, (N,), the training part of the text, longer than the context.
        vocab_size: V.
        recipe: sizes and training.

    Returns:
        The network, and the seconds of its steps alone: building it is not counted.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = build_gpt(vocab_size, recipe)
        optimizer = adamw(model, recipe)
        start = time.perf_counter()
        for step in range(recipe.n_steps):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, recipe)
            windows = random_windows(numbers, n_windows=recipe.batch_size, length=recipe.context)
            optimizer.zero_grad()
            logits, _ = model(windows[:, :-1])
            F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
        return model, time.perf_counter() - start


def predict_seconds(
    numbers: Tensor, vocab_size: int, recipe: GPTRecipe, *, n_steps: int = 80
) -> float:
    """Say how long `train_gpt` will take, from a few steps that are thrown away.

    Args:
        numbers, vocab_size, recipe: as for `train_gpt`.
        n_steps: how many steps are timed, after a few that are not.

    Returns:
        Seconds.
    """
    train_gpt(numbers, vocab_size, replace(recipe, n_steps=5))
    _, seconds = train_gpt(numbers, vocab_size, replace(recipe, n_steps=n_steps))
    return seconds / n_steps * recipe.n_steps


def rate_at(step: int, recipe: GPTRecipe) -> float:
    """Return the learning rate of a step, from 0: up on a straight line, down on half a cosine."""
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / (recipe.warmup_steps + 1)
    share = (step - recipe.warmup_steps) / (recipe.n_steps - recipe.warmup_steps)
    height = recipe.learning_rate - recipe.last_rate
    return recipe.last_rate + height * 0.5 * (1 + math.cos(math.pi * share))
