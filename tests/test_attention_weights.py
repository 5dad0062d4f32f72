"""The weights of attention that are read out of a GPT."""

from __future__ import annotations

import pytest
import torch

from course_utils.models import GPT, GPTConfig, attention_weights


def small_gpt(seed=0):
    torch.manual_seed(seed)
    model = GPT(GPTConfig(vocab_size=7, n_layers=2, n_heads=2, width=8, context=12))
    with torch.no_grad():
        for weights in model.parameters():
            weights.add_(0.5 * torch.randn_like(weights))  # so that no two weights are alike
    return model


def test_weights_are_those_of_the_model():
    # The mean of the values under these weights must be what the layer's attention hands on.
    model, tokens = small_gpt(), [1, 5, 0, 0, 6, 2, 3]
    seen = {}
    block = model.blocks[1]
    block.query_key_value.register_forward_hook(lambda m, i, out: seen.update(qkv=out[0]))
    block.mix.register_forward_hook(lambda m, i, out: seen.update(mixed=i[0][0]))
    weights = attention_weights(model, tokens)
    values = seen["qkv"][:, 16:].unflatten(-1, (2, 4)).transpose(0, 1)  # (heads, T, D)
    mean = (weights[1] @ values).transpose(0, 1).flatten(1)
    torch.testing.assert_close(mean, seen["mixed"], atol=1e-5, rtol=1e-4)


def test_rows_sum_to_one_and_nobody_looks_ahead():
    weights = attention_weights(small_gpt(), [*range(7), 0, 1, 2, 3, 4])
    assert weights.shape == (2, 2, 12, 12)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 12))
    assert (weights.triu(1) == 0).all()
    assert weights.std() > 0.01


def test_the_model_is_left_as_it_was():
    model = small_gpt().train()
    attention_weights(model, [1, 2])
    assert model.training
    assert not any(block.query_key_value._forward_hooks for block in model.blocks)


@pytest.mark.parametrize("tokens", [[], [0] * 13, [7], [-1]])
def test_refuses_what_the_model_cannot_read(tokens):
    model = small_gpt()
    with pytest.raises(ValueError, match="token"):
        attention_weights(model, tokens)
    assert not any(block.query_key_value._forward_hooks for block in model.blocks)
