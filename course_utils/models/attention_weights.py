"""Read out of a GPT how much each place looks at every earlier one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils.arguments import instance
from course_utils.models.gpt import GPT
from course_utils.models.inputs import check_indices
from course_utils.models.modes import evaluation_mode


@torch.no_grad()
def attention_weights(model: GPT, tokens: Sequence[int]) -> Tensor:
    """Return how much each place looks at every place, in all layers and heads.

    The model itself never holds these numbers: PyTorch's attention is fused. They are computed
    again from the queries and keys that its layers make.

    >>> from course_utils.models.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=4, n_layers=1, n_heads=2, width=8, context=6))
    >>> attention_weights(model, [0, 3, 1]).shape
    torch.Size([1, 2, 3, 3])

    Args:
        model: used in evaluation mode, without gradients; its mode is restored.
        tokens: T symbols, from 1 to the model's context.

    Returns:
        float, (L, heads, T, T), on the CPU: row t of the last two sums to 1, and is 0 behind t.

    Raises:
        TypeError: model is not a GPT, or tokens is no row of whole numbers.
        ValueError: there are no tokens or more than the context, or one is outside the vocabulary.
    """
    instance("model", model, GPT)
    symbols = check_indices("tokens", tokens, model.config.vocab_size)
    if not 1 <= len(symbols) <= model.config.context:
        raise ValueError(f"tokens must be 1 to {model.config.context} symbols, got {len(symbols)}")
    ids = torch.tensor(symbols, device=next(model.parameters()).device)
    projected: list[Tensor] = []
    hooks = [
        block.query_key_value.register_forward_hook(lambda *call: projected.append(call[2][0]))
        for block in model.blocks
    ]
    try:
        with evaluation_mode(model):
            model(ids[None])
    finally:
        for hook in hooks:
            hook.remove()
    return torch.stack([_weights(one, model.config.n_heads) for one in projected]).cpu()


def _weights(projected: Tensor, n_heads: int) -> Tensor:
    """Return softmax(q k^T / sqrt(D)) over the places up to each, from (T, 3 C)."""
    q, k, _ = projected.unflatten(-1, (3, n_heads, -1)).permute(1, 2, 0, 3)
    scores = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    later = torch.ones_like(scores, dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -torch.inf).softmax(-1)
