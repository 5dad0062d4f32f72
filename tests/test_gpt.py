"""The small Transformer: attention, blocks, and a cache that changes nothing but the time."""

from __future__ import annotations

import math
import re
from dataclasses import FrozenInstanceError

import pytest
import torch
import torch.nn.functional as F
from language_samples import numbers

from course_utils.batching import Streams
from course_utils.models import GPT, CharLM, CharLMConfig, GPTConfig, attention, detach_state
from course_utils.sampling import generate
from course_utils.training import StreamLoss, held_out_loss

V, CONTEXT = 7, 8
CONFIG = GPTConfig(V, n_layers=2, n_heads=2, width=12, context=CONTEXT)


def text_of(length, batch=2, seed=0):
    return torch.randint(V, (batch, length), generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = GPT(CONFIG)
    for weights in model.parameters():  # so large that what is seen decides
        weights.data += 0.3 * torch.randn_like(weights)
    return model


def assert_close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("n_new", "n_all"), [(1, 1), (5, 5), (1, 6), (3, 6)])
def test_attention_is_a_softmax_over_what_came_before(n_new, n_all):
    torch.manual_seed(0)
    q = torch.randn(2, 3, n_new, 4, requires_grad=True)
    k, v = (torch.randn(2, 3, n_all, 4, requires_grad=True) for _ in range(2))
    rows = []
    for t in range(n_all - n_new, n_all):
        scores = (k[:, :, : t + 1] @ q[:, :, t - (n_all - n_new), :, None]) / math.sqrt(4)
        rows.append((scores.softmax(dim=2) * v[:, :, : t + 1]).sum(dim=2))
    plain, ours = torch.stack(rows, dim=2), attention(q, k, v)
    assert_close(ours, plain)
    for mine, wanted in zip(
        torch.autograd.grad(ours.square().sum(), (q, k, v)),
        torch.autograd.grad(plain.square().sum(), (q, k, v)),
        strict=True,
    ):
        assert_close(mine, wanted)
    if n_new == n_all:
        assert_close(ours, F.scaled_dot_product_attention(q, k, v, is_causal=True))


def test_a_block_is_attention_and_a_feed_forward_network(model):
    block, x = model.blocks[0], torch.randn(1, 3, 12)
    q, k, v = (block.query_key_value.weight @ block.norm_1(x)[0].T).T.split(12, dim=1)
    seen = torch.zeros(3, 12)
    for head in (slice(0, 6), slice(6, 12)):
        for t in range(3):
            weights = (k[: t + 1, head] @ q[t, head] / math.sqrt(6)).softmax(dim=0)
            seen[t, head] = weights @ v[: t + 1, head]
    y = x[0] + seen @ block.mix.weight.T
    wide = F.gelu(block.norm_2(y) @ block.widen.weight.T)
    ours, pairs = block(x)
    assert_close(ours[0], y + wide @ block.narrow.weight.T)
    for part, wanted in zip(pairs, (k, v), strict=True):
        assert_close(part[0].transpose(0, 1).flatten(1), wanted)


def test_the_model_is_its_parts_in_a_row(model):
    tokens = text_of(5)
    x = model.letters.weight[tokens] + model.places.weight[:5]
    for block in model.blocks:
        x = block(x)[0]
    x = F.layer_norm(x, (12,), model.norm.weight)
    assert_close(model(tokens)[0], x @ model.letters.weight.T)


@pytest.mark.parametrize("length", [CONTEXT, 3 * CONTEXT])
def test_a_later_symbol_changes_no_earlier_scores(model, length):
    tokens = text_of(length, batch=1)
    before = model(tokens)[0]
    assert before.shape == (1, length, V)
    for place in range(length):
        other = tokens.clone()
        other[0, place] = (other[0, place] + 1) % V
        after = model(other)[0]
        assert torch.equal(after[:, :place], before[:, :place])
        assert not torch.allclose(after[:, place], before[:, place], atol=1e-4)
        if length == CONTEXT and place < length - 1:  # attention looks back
            assert not torch.allclose(after[:, -1], before[:, -1], atol=1e-6)


def test_equal_symbols_at_other_places_have_other_scores(model):
    first, second = model(torch.zeros(1, 2, dtype=torch.int64))[0][0]
    assert not torch.allclose(first, second, atol=1e-4)


def test_start_weights_are_small():
    torch.manual_seed(0)
    weights = dict(GPT(GPTConfig(65, n_layers=2)).named_parameters())
    for name, tensor in weights.items():
        if tensor.dim() == 1:
            assert torch.equal(tensor, torch.ones_like(tensor))
            continue
        wanted = 0.01 if name.endswith(("mix.weight", "narrow.weight")) else 0.02
        assert tensor.std().item() == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize("sizes", [[1] * CONTEXT, [3, 1, 4], [5, 3], [CONTEXT - 1, 1]])
def test_the_cache_changes_nothing_within_the_context(model, sizes):
    tokens, state, rows = text_of(CONTEXT), None, []
    for part in tokens.split(sizes, dim=1):
        logits, state = model(part, state)
        rows.append(logits)
    whole, end = model(tokens)
    assert_close(torch.cat(rows, dim=1), whole)
    for ours, wanted in zip(state, end, strict=True):
        torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-5)


def by_the_rule(model, tokens):
    """Compute every score from the symbols that are in the context by the page's rule."""
    kept, rows, first = model.config.context // 2, [], 0
    for t in range(tokens.shape[1]):
        if t - first == model.config.context:
            first = t - kept
        rows.append(model(tokens[:, first : t + 1])[0][:, -1])
    return torch.stack(rows, dim=1)


@pytest.mark.parametrize("context", [1, 2, 5, CONTEXT])
@pytest.mark.parametrize("sizes", [[30], [1] * 30, [11, 1, 18]])
def test_a_full_context_is_read_again_from_its_newer_half(context, sizes):
    torch.manual_seed(0)
    model = GPT(GPTConfig(V, n_layers=1, n_heads=1, width=8, context=context))
    model.letters.weight.data *= 30
    tokens, state, rows = text_of(30), None, []
    with torch.no_grad():
        for part in tokens.split(sizes, dim=1):
            logits, state = model(part, state)
            assert state[0].shape[1] == state[1].shape[3] <= context
            rows.append(logits)
        assert_close(torch.cat(rows, dim=1), by_the_rule(model, tokens))


def test_it_writes_what_reading_everything_again_would_write(model):
    written, text = generate(model, [0, 1], 30, generator=None, temperature=0), [0, 1]
    with torch.no_grad():
        while len(text) < 32:
            text.append(int(by_the_rule(model, torch.tensor([text]))[0, -1].argmax()))
    assert written == text[2:]
    assert len(set(written)) > 1


def test_streams_can_read_it_too(model):
    text = numbers(300)
    values = [held_out_loss(model, text, start=0, chunk_len=size) for size in (1, 13, 299)]
    assert values == pytest.approx([values[0]] * 3, rel=1e-5)
    loss_of, streams = StreamLoss(), Streams(text, n_streams=3, chunk_len=6)
    for step in range(4):
        model.zero_grad()
        loss_of(model, streams.chunk(step)).backward()
        assert model.places.weight.grad.abs().sum() > 0
    assert not any(part.requires_grad for part in detach_state(loss_of.state))


@pytest.mark.parametrize("name", list(vars(CONFIG)))
@pytest.mark.parametrize("value", [0, -1, 2.0, True])
def test_impossible_sizes_are_refused(name, value):
    with pytest.raises(
        (TypeError, ValueError), match=f"{name} must be a whole number of at least 1"
    ):
        GPTConfig(**({"vocab_size": 5} | {name: value}))


def test_other_impossible_things_are_refused(model):
    with pytest.raises(ValueError, match="width must be a multiple of n_heads=4.* got 6"):
        GPTConfig(5, width=6)
    with pytest.raises(FrozenInstanceError):
        CONFIG.width = 3
    state = model(text_of(3))[1]
    with pytest.raises(ValueError, match="needs the same batch size"):
        model(text_of(3, batch=3), state)
    with pytest.raises(TypeError, match=re.escape("3 tensors that this model returned")):
        model(text_of(3), state[:2])
    with pytest.raises(TypeError, match="got Tensor"):
        model(text_of(3), CharLM(CharLMConfig(V, kind="gru"))(text_of(3))[1])
    with pytest.raises(ValueError, match="the vocabulary has the indices 0 to 6"):
        model(text_of(3) + V)
