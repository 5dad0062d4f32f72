"""What the models of the course demand of their sizes and of the symbols that they read."""

from __future__ import annotations

import torch
from torch import Tensor


def check_tokens(tokens: Tensor, vocab_size: int) -> None:
    """Refuse what is not (B, T) symbols of the vocabulary.

    Args:
        tokens: what a model was given to read.
        vocab_size: V; symbols are from 0 to V - 1.

    Raises:
        TypeError: tokens is not int64.
        ValueError: tokens is not (B, T) with B and T at least 1, or holds another number; the
            message names the first place.
    """
    if tokens.dtype != torch.int64:
        raise TypeError(f"tokens must be int64, the numbers of symbols, got {tokens.dtype}")
    if tokens.ndim != 2 or tokens.numel() == 0:
        raise ValueError(
            f"tokens must be (B, T) with B and T at least 1, got {tuple(tokens.shape)}; "
            "tokens[None] makes a batch of one text"
        )
    smallest, largest = (int(value) for value in torch.aminmax(tokens))
    if smallest < 0 or largest >= vocab_size:
        b, t = ((tokens < 0) | (tokens >= vocab_size)).nonzero()[0].tolist()
        raise ValueError(
            f"tokens[{b}, {t}] is {tokens[b, t]}, but the vocabulary has the indices 0 to "
            f"{vocab_size - 1}: encode the text with the model's own vocabulary"
        )


def check_size(name: str, value: object) -> None:
    """Refuse what is not a whole number of at least 1.

    Args:
        name: what it is the size of, for the message.
        value: what was given.

    Raises:
        ValueError: it is something else; True and False are no numbers here.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
