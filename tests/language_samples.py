"""What the tests of language models share: a small network, a text of numbers, a small play."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from course_utils.corpora import LongText, generate_play
from course_utils.models import CharLM, CharLMConfig

V = 7


def small_model(kind: str = "gru", *, seed: int = 0, **options: object) -> CharLM:
    """Return a small language model with weights that depend on the seed."""
    torch.manual_seed(seed)
    config = {"embed_dim": 5, "hidden_size": 6, "layer_norm": True} | options
    model = CharLM(CharLMConfig(V, kind=kind, **config))
    with torch.no_grad():
        for name, weight in model.rnn.named_parameters():
            if name.startswith("weight"):
                weight.mul_(3)  # so that what was read long ago still counts
    return model


def numbers(length: int, seed: int = 0) -> Tensor:
    """Return a text of V symbols in which each depends on the one before."""
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randint(0, 3, (length,), generator=generator)
    return steps.cumsum(0) % V


@cache
def play(n_chars: int, seed: int = 0) -> LongText:
    """Return a generated play as a long text."""
    found = generate_play(n_chars, seed=seed)
    return LongText.from_string(found.text, is_standin=True, bits_per_char=found.bits_per_char)
