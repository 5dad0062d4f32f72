"""The minGRU language model is its formula, and works with everything that reads a CharLM."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import pytest
import torch
import torch.nn.functional as F
from language_samples import numbers

from course_utils.batching import Streams
from course_utils.cells import min_gru_sequence, min_gru_step
from course_utils.models import CharLM, CharLMConfig, MinGRU, MinGRULM, MinGRULMConfig, detach_state
from course_utils.sampling import generate
from course_utils.training import StreamLoss, held_out_loss

V, C, H, B, T = 7, 6, 10, 2, 40
TOKENS = torch.randint(0, V, (B, T), generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model():
    torch.manual_seed(1)
    return MinGRULM(MinGRULMConfig(V, width=C, hidden_size=H))


def assert_close(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("carried", [False, True])
@pytest.mark.parametrize("length", [1, 2, 40])
def test_the_layer_is_the_sequence_of_steps(length, carried):
    torch.manual_seed(0)
    layer, x = MinGRU(3, 5), torch.randn(2, length, 3)
    h_0 = torch.rand(2, 5) if carried else None
    h, last = layer(x, h_0)
    assert_close(h, min_gru_sequence(x, layer.weights(), h_0))
    assert torch.equal(last, h[:, -1])


def by_hand(model, tokens):
    """Compute the scores step by step, from the formulas."""
    x = model.encoder.weight[tokens]
    for block in model.blocks:
        h, before, rows = torch.zeros(B, H), torch.zeros(B, C), []
        for t in range(tokens.shape[1]):
            y = F.layer_norm(x[:, t], (C,), block.norm.weight, block.norm.bias)
            mixed = (1 - block.share_before) * y + block.share_before * before
            h, before = min_gru_step(mixed, h, block.cell.weights()).h_t, y
            opened = mixed @ block.open.weight.T + block.open.bias
            says = h * opened * torch.sigmoid(opened)
            rows.append(x[:, t] + says @ block.back.weight.T + block.back.bias)
        x = torch.stack(rows, dim=1)
    x = F.layer_norm(x, (C,), model.norm.weight, model.norm.bias)
    return x @ model.decoder.weight.T + model.decoder.bias


def test_the_model_is_its_formula_in_values_and_gradients(model):
    found = []
    for read in (lambda tokens: model(tokens)[0], lambda tokens: by_hand(model, tokens)):
        model.zero_grad()
        logits = read(TOKENS)
        logits.square().mean().backward()
        found.append([logits.detach(), *(p.grad.clone() for p in model.parameters())])
    assert found[0][0].shape == (B, T, V)
    for ours, wanted in zip(*found, strict=True):
        assert wanted.abs().sum() > 0
        assert_close(ours, wanted)


@pytest.mark.parametrize("place", [1, 20, 39])
def test_two_parts_with_the_state_carried_are_one_pass(model, place):
    whole, end = model(TOKENS)
    first, state = model(TOKENS[:, :place])
    second, last = model(TOKENS[:, place:], detach_state(state))
    assert_close(torch.cat([first, second], dim=1), whole)
    for ours, wanted in zip(last, end, strict=True):
        assert_close(ours, wanted)
    assert not torch.allclose(second, model(TOKENS[:, place:])[0], atol=1e-3)


def test_one_symbol_at_a_time_is_one_pass(model):
    state, rows = None, []
    for tokens in TOKENS.split(1, dim=1):
        logits, state = model(tokens, state)
        rows.append(logits)
    assert_close(torch.cat(rows, dim=1), model(TOKENS)[0])


def test_a_later_symbol_changes_no_earlier_scores(model):
    other = TOKENS.clone()
    other[:, 20] = (other[:, 20] + 1) % V
    before, after = model(TOKENS)[0], model(other)[0]
    assert torch.equal(before[:, :20], after[:, :20])
    assert not torch.allclose(before[:, 20], after[:, 20], atol=1e-4)
    assert not torch.allclose(before[:, 22:], after[:, 22:], atol=1e-4)


def test_gradients_reach_back_through_a_carried_state(model):
    state = tuple(part.requires_grad_() for part in detach_state(model(TOKENS)[1]))
    model(TOKENS, state)[0].square().mean().backward()
    assert all(part.grad.abs().sum() > 0 for part in state)


def test_it_computes_in_the_precision_of_its_weights(model):
    assert model.double()(TOKENS)[0].dtype == torch.float64
    wanted = model.float()(TOKENS)[0]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low, (h, _) = model(TOKENS)
    assert h.dtype == torch.float32
    torch.testing.assert_close(low.float(), wanted, atol=0.1, rtol=0.1)


def test_streams_train_it_and_measure_it(model):
    text, loss_of = numbers(2000), StreamLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    before = held_out_loss(model, text, start=1500)
    for step in range(60):
        optimizer.zero_grad()
        loss_of(model, Streams(text, n_streams=4, chunk_len=32, stop=1500).chunk(step)).backward()
        optimizer.step()
    assert set(loss_of.state_dict()) == {"h", "c"}
    assert held_out_loss(model, text, start=1500) < before - 0.5
    # Chunks of any length give the same value: the state is carried over their borders.
    parts = [held_out_loss(model, text, start=1500, chunk_len=size) for size in (1, 37, 499)]
    assert parts == pytest.approx([parts[0]] * 3, rel=1e-5)


def test_it_writes_what_reading_everything_again_would_write(model):
    written = generate(model, [0, 1], 30, generator=torch.Generator().manual_seed(0))
    generator, text = torch.Generator().manual_seed(0), [0, 1]
    with torch.no_grad():
        while len(text) < 32:
            chances = model(torch.tensor([text]))[0][0, -1].softmax(-1)
            text.append(int(torch.multinomial(chances, 1, generator=generator)))
    greedy = generate(model, [0, 1], 30, generator=None, temperature=0)
    assert len(written) == 30
    text = [0, 1]
    with torch.no_grad():
        while len(text) < 32:
            text.append(int(model(torch.tensor([text]))[0][0, -1].argmax()))
    assert greedy == text[2:]


@pytest.mark.parametrize("name", ["vocab_size", "width", "hidden_size", "num_layers"])
@pytest.mark.parametrize("value", [0, -1, 2.0, True, None])
def test_impossible_sizes_are_refused(name, value):
    with pytest.raises(
        (TypeError, ValueError), match=f"{name} must be a whole number of at least 1"
    ):
        MinGRULMConfig(**({"vocab_size": 5} | {name: value}))
    with pytest.raises(FrozenInstanceError):
        MinGRULMConfig(5).width = 3


def test_a_state_that_does_not_fit_is_refused(model):
    lstm = CharLM(CharLMConfig(V, hidden_size=H))
    with pytest.raises(TypeError, match=re.escape("the pair (h, last input) of a MinGRULM")):
        model(TOKENS, lstm(TOKENS)[1][0])
    with pytest.raises(ValueError, match=r"the state's h must be \(2, 2, 10\)"):
        model(TOKENS, lstm(TOKENS)[1])
    with pytest.raises(ValueError, match="needs the same batch size"):
        model(TOKENS, model(TOKENS[:1])[1])
    with pytest.raises(ValueError, match="the vocabulary has the indices 0 to 6"):
        model(TOKENS + 1)
