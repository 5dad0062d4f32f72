"""A small Transformer that reads characters: the rival of the Shakespeare benchmark.

The sizes and the training are those that nanoGPT's README gives for a computer without GPU: 4
layers, 4 heads, 128 dimensions, a context of 64 characters, 2000 steps of 12 random windows. Two
things make it faster than there, to its advantage: a batch is cut in one piece, and AdamW is fused.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_SCORED_AT_ONCE = 64  # windows per call when the loss is measured


@dataclass(frozen=True)
class GPTRecipe:
    """How the Transformer is built and trained.

    Attributes:
        n_layers: blocks of attention and feed-forward network.
        n_heads: heads of the attention, each with width / n_heads dimensions.
        width: C, the length of the vector of one character.
        context: T, how many characters it can see.
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


class Block(nn.Module):
    """Let every character look at those before it, and then work on each alone.

    Both parts read a normalised copy and add to what they read (pre-norm); no part has biases.
    """

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.norm_1 = nn.LayerNorm(width, bias=False)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.mix = nn.Linear(width, width, bias=False)
        self.norm_2 = nn.LayerNorm(width, bias=False)
        self.widen = nn.Linear(width, 4 * width, bias=False)
        self.narrow = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return float, (B, T, C), for float, (B, T, C)."""
        parts = self.query_key_value(self.norm_1(x)).chunk(3, dim=-1)
        q, k, v = (part.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for part in parts)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(seen.transpose(1, 2).flatten(2))
        return x + self.narrow(F.gelu(self.widen(self.norm_2(x))))


class GPT(nn.Module):
    """Predict the next character at every place of a window.

    The scores use the same matrix as the embedding. Start weights are normal with standard
    deviation 0.02; the two matrices of a block that add to its input start smaller, by the square
    root of the number of these additions (Radford et al., 2019, "GPT-2", section 2.3).

    Attributes:
        context: T, the most characters that it can read at once.
    """

    def __init__(self, vocab_size: int, recipe: GPTRecipe) -> None:
        super().__init__()
        self.context = recipe.context
        self.letters = nn.Embedding(vocab_size, recipe.width)
        self.places = nn.Embedding(recipe.context, recipe.width)
        blocks = [Block(recipe.width, recipe.n_heads) for _ in range(recipe.n_layers)]
        self.blocks = nn.Sequential(*blocks)
        self.norm = nn.LayerNorm(recipe.width, bias=False)
        smaller = 0.02 / math.sqrt(2 * recipe.n_layers)
        for name, weights in self.named_parameters():
            if weights.dim() == 2:
                adds = name.endswith(("mix.weight", "narrow.weight"))
                nn.init.normal_(weights, std=smaller if adds else 0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the scores of the next character.

        Args:
            tokens: int64, (B, T), T at most the context.

        Returns:
            float, (B, T, V); row t has seen the characters up to t and none after it.
        """
        x = self.letters(tokens) + self.places.weight[: tokens.shape[1]]
        return F.linear(self.norm(self.blocks(x)), self.letters.weight)


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
        model = GPT(vocab_size, recipe)
        optimizer = _optimizer(model, recipe)
        start = time.perf_counter()
        for step in range(recipe.n_steps):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(step, recipe)
            windows = _windows(numbers, _random_starts(numbers, recipe), recipe.context)
            optimizer.zero_grad()
            logits = model(windows[:, :-1])
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


def _optimizer(model: GPT, recipe: GPTRecipe) -> torch.optim.AdamW:
    """Return AdamW; the weights of the layer norms do not decay."""
    weights = list(model.parameters())
    groups = [
        {"params": [w for w in weights if w.dim() >= 2], "weight_decay": recipe.weight_decay},
        {"params": [w for w in weights if w.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, recipe.beta2), fused=True)


def _random_starts(numbers: Tensor, recipe: GPTRecipe) -> Tensor:
    """Return where the windows of a batch begin, (B,)."""
    return torch.randint(len(numbers) - recipe.context, (recipe.batch_size,))


def _windows(numbers: Tensor, starts: Tensor, length: int) -> Tensor:
    """Return windows of length inputs and one more symbol, (len(starts), length + 1)."""
    return numbers[starts[:, None] + torch.arange(length + 1)]


def held_out_loss(model: GPT, numbers: Tensor, *, stride: int) -> float:
    """Return the mean loss over a part of a text, every symbol but the first predicted once.

    A window reads `context` symbols; the next one begins `stride` symbols later, and only the
    predictions that no window before it has made are counted. With stride = context the windows do
    not overlap, and the first prediction in each sees one symbol. With half of it every prediction
    (but those of the first window) sees at least half a context: a lower loss, for twice the work.
    The last window is moved back so that it ends with the text.

    Args:
        model: the Transformer.
        numbers: int64, (N,), the part; N at least 2.
        stride: from 1 to the context.

    Returns:
        Nats per symbol.

    Raises:
        ValueError: stride is out of its range.
    """
    if not 1 <= stride <= model.context:
        raise ValueError(f"stride must be from 1 to {model.context}, got {stride}")
    n_predicted = len(numbers) - 1
    length = min(model.context, n_predicted)
    starts = torch.tensor([*range(0, n_predicted - length, stride), n_predicted - length])
    firsts = torch.cat([torch.zeros(1, dtype=torch.int64), starts[:-1] + length])
    total = 0.0
    with torch.no_grad():
        for some, first in zip(
            starts.split(_SCORED_AT_ONCE), firsts.split(_SCORED_AT_ONCE), strict=True
        ):
            windows = _windows(numbers, some, length)
            logits, targets = model(windows[:, :-1]), windows[:, 1:]
            losses = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
            fresh = some[:, None] + torch.arange(length) >= first[:, None]
            total += float(losses[fresh].double().sum())
    return total / n_predicted
