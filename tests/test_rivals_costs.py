"""What the rivals cost in memory, and what longer inputs cost in time."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from course_utils.cells import scan_by_doubling, scan_in_blocks
from course_utils.models import GPT, CharLM, CharLMConfig, GPTConfig, MinGRULM, MinGRULMConfig
from course_utils.recipes import rivals_costs
from course_utils.recipes.rivals_costs import SelfAttention, saved_bytes, state_bytes, time_lengths

V = 7


class Small(nn.Module):
    """A model of which one can say what autograd keeps: a product, a square, and the loss."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(V, 5)
        self.decoder = nn.Linear(5, V)

    def forward(self, tokens):
        return self.decoder(self.table(tokens).square()), None


def test_saved_bytes_are_counted_once_and_without_parameters():
    tokens = torch.zeros(2, 3, dtype=torch.int64)
    vectors, squares, scores = 6 * 5 * 4, 6 * 5 * 4, 6 * V * 4
    # The embedding and the loss keep the same numbers of the symbols; the loss keeps its
    # log-probabilities, and the sum of the weights of its targets.
    symbols, total_weight = 6 * 8, 4
    wanted = vectors + squares + scores + symbols + total_weight
    assert saved_bytes(Small(), tokens) == wanted
    assert saved_bytes(Small(), torch.zeros(1000, dtype=torch.int64)[:6].view(2, 3)) == wanted
    with torch.no_grad():
        assert saved_bytes(Small(), tokens) == wanted


@pytest.mark.parametrize("model", [
    CharLM(CharLMConfig(V, kind="gru", hidden_size=8)),
    MinGRULM(MinGRULMConfig(V, width=8, hidden_size=8)),
    GPT(GPTConfig(V, n_layers=1, n_heads=1, width=8, context=64)),
])  # fmt: skip
def test_more_symbols_keep_more(model):
    few, many = (saved_bytes(model, torch.zeros(B, 32, dtype=torch.int64)) for B in (2, 8))
    assert 3 * few < many < 4.1 * few
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("length", [64, 512])
def test_the_written_gradient_keeps_two_numbers_per_step(length):
    class Scan(nn.Module):
        def __init__(self, scan):
            super().__init__()
            self.scan, self.start = scan, nn.Parameter(torch.rand(2, length, V))

        def forward(self, tokens):
            return self.scan(self.start.sigmoid(), self.start), None

    tokens = torch.zeros(2, length, dtype=torch.int64)
    one = 2 * length * V * 4
    blocks, doubling = (
        saved_bytes(Scan(scan), tokens) for scan in (scan_in_blocks, scan_by_doubling)
    )
    # What sigmoid gave, h, the log-probabilities; then the targets and small change.
    assert 3 * one < blocks < 3.6 * one
    assert doubling > 2 * blocks


def test_the_state_of_each_kind():
    sizes = {"hidden_size": 16}
    assert state_bytes(CharLM(CharLMConfig(V, kind="gru", **sizes))) == 16 * 4
    assert state_bytes(CharLM(CharLMConfig(V, kind="lstm", num_layers=3, **sizes))) == 3 * 2 * 64
    mingru = MinGRULM(MinGRULMConfig(V, width=8, num_layers=2, **sizes))
    assert state_bytes(mingru) == 2 * (16 + 8) * 4
    gpt = GPT(GPTConfig(V, n_layers=3, n_heads=2, width=8, context=10))
    # Keys and values of all layers, and the symbols themselves.
    assert state_bytes(gpt) == 3 * 2 * 10 * 8 * 4 + 10 * 8
    assert gpt.training


def test_lengths_are_timed_in_turns_and_the_best_counts(monkeypatch):
    asked, times = [], iter([9.0] * 8 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])

    def seconds(call):
        call()
        asked.append(call)
        return next(times)

    monkeypatch.setattr(rivals_costs, "_seconds", seconds)
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    found = time_lengths([3, 6], units=4, batch_size=2, rounds=1)
    assert torch.equal(torch.rand(1), expected)
    assert found == {
        "gru": [1.0, 5.0],
        "lstm": [2.0, 6.0],
        "mingru": [3.0, 7.0],
        "attention": [4.0, 8.0],
    }
    assert len(asked) == 16


def test_attention_sees_nothing_later():
    torch.manual_seed(0)
    layer, x = SelfAttention(8, n_heads=2), torch.randn(1, 6, 8)
    y, _ = layer(x)
    assert y.shape == (1, 6, 8)
    x[:, 4] += 1
    after, _ = layer(x)
    assert torch.equal(after[:, :4], y[:, :4])
    assert not torch.allclose(after[:, 4:], y[:, 4:])


def test_real_times_are_above_zero():
    found = time_lengths([2, 40], units=4, rounds=1)
    assert set(found) == {"gru", "lstm", "mingru", "attention"}
    assert all(0 < value < 60 for times in found.values() for value in times)
