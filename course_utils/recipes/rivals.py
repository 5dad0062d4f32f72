"""Rivals with equal numbers of parameters: LSTM, GRU, minGRU, and a small GPT.

>>> models = build_rivals(65, 130_000)
>>> {name: count_parameters(model) for name, model in models.items()}
{'lstm': 133354, 'gru': 134693, 'mingru': 134393, 'gpt': 134064}
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import nn

from course_utils.arguments import one_of, whole_number
from course_utils.models import GPT, GPTConfig, MinGRULM, MinGRULMConfig
from course_utils.models.inputs import MOST_NUMBERS, check_size
from course_utils.recipes.language import (
    LanguageRecipe,
    build_language_model,
    count_parameters,
)
from course_utils.recipes.rivals_costs import saved_bytes, state_bytes, time_lengths
from course_utils.recipes.rivals_reading import rival_loss
from course_utils.recipes.rivals_recipes import LONG, SHORT, RivalRecipe, kind_of
from course_utils.recipes.rivals_training import RivalRun, train_rival

__all__ = [
    "KINDS",
    "LONG",
    "SHORT",
    "RivalRecipe",
    "RivalRun",
    "build_rival",
    "build_rivals",
    "count_parameters",
    "kind_of",
    "rival_loss",
    "saved_bytes",
    "state_bytes",
    "time_lengths",
    "train_rival",
]

KINDS = ("lstm", "gru", "mingru", "gpt")
_MANY = 400_000  # parameters from which on a GPT has its published four layers


def build_rivals(vocab_size: int, n_params: int, *, seed: int = 0) -> dict[str, nn.Module]:
    """Build one model of each kind, with nearly equal numbers of parameters.

    The GPT comes first, because its width must be a multiple of its heads: it comes as close to
    n_params as it can, and the others as close to the GPT as they can.

    Args:
        vocab_size: V.
        n_params: how many numbers each may learn.
        seed: of the start weights.

    Returns:
        "lstm", "gru", "mingru" and "gpt".

    Raises:
        TypeError, ValueError: see `build_rival`.
    """
    gpt = build_rival("gpt", vocab_size, n_params, seed=seed)
    wanted = count_parameters(gpt)
    others = {kind: build_rival(kind, vocab_size, wanted, seed=seed) for kind in KINDS[:-1]}
    return others | {"gpt": gpt}


def build_rival(kind: str, vocab_size: int, n_params: int, *, seed: int = 0) -> nn.Module:
    """Build one model that comes as close to a number of parameters as it can.

    Args:
        kind: "lstm" or "gru", one layer as in `LanguageRecipe`, without dropout; "mingru", two
            layers; "gpt", two layers, or four from 400,000 parameters on, four heads, context 64.
        vocab_size: V.
        n_params: how many numbers it may learn.
        seed: of the start weights.

    Returns:
        The model, on the CPU.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the kind is unknown, a number is out of its range, or n_params is too small for
            the vocabulary.
    """
    kind, vocab_size = one_of("kind", kind, KINDS), check_size("vocab_size", vocab_size)
    n_params = whole_number("n_params", n_params, least=1)
    if n_params > MOST_NUMBERS // 2:
        raise ValueError(f"n_params must be at most {MOST_NUMBERS // 2:,} here, got {n_params}")
    seed = whole_number("seed", seed, least=0, most=2**63 - 2**20)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if kind == "gpt":
            model: nn.Module = GPT(_gpt_config(vocab_size, n_params))
        elif kind == "mingru":
            model = MinGRULM(_min_gru_config(vocab_size, n_params))
        else:
            model = build_language_model(vocab_size, _recipe(kind, vocab_size, n_params, seed))
    if (least := count_parameters(model)) > 1.25 * n_params:
        raise ValueError(
            f"n_params={n_params} is too small for vocab_size={vocab_size}: the "
            f"smallest {kind} has {least} parameters"
        )
    return model


def _recipe(kind: str, vocab_size: int, n_params: int, seed: int) -> LanguageRecipe:
    """Return the sizes of a CharLM: n = G H^2 + (G (E + 2) + V + 2) H + V (E + 1).

    G is 4 for an LSTM and 3 for a GRU: the gates and the candidate.
    """
    recipe = LanguageRecipe(kind=kind, dropout=0.0, seed=seed)
    gates, E = {"lstm": 4, "gru": 3}[kind], recipe.embed_dim
    straight, rest = gates * (E + 2) + vocab_size + 2, vocab_size * (E + 1)
    width = _root(gates, straight, n_params - rest)
    return replace(recipe, hidden_size=max(1, round(width)))


def _gpt_config(vocab_size: int, n_params: int) -> GPTConfig:
    """Return the sizes of a GPT: n = 12 L C^2 + (V + context + 2 L + 1) C."""
    L, heads = 4 if n_params >= _MANY else 2, GPTConfig.n_heads
    width = _root(12 * L, vocab_size + GPTConfig.context + 2 * L + 1, n_params)
    return GPTConfig(vocab_size, n_layers=L, width=heads * max(1, round(width / heads)))


def _min_gru_config(vocab_size: int, n_params: int) -> MinGRULMConfig:
    """Return the sizes of a MinGRULM with H = 2 C: n = 8 L C^2 + (2 V + 10 L + 2) C + V."""
    L = MinGRULMConfig.num_layers
    width = _root(8 * L, 2 * vocab_size + 10 * L + 2, n_params - vocab_size)
    width = max(1, round(width))
    return MinGRULMConfig(vocab_size, width=width, hidden_size=2 * width)


def _root(square: float, straight: float, wanted: float) -> float:
    """Return the x of 0 or more with square * x^2 + straight * x = wanted; 0 if there is none."""
    inside = straight**2 + 4 * square * max(0.0, wanted)
    return (math.sqrt(inside) - straight) / (2 * square)
