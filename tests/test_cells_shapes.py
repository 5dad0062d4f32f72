"""The rules for shapes and the formulas for counts agree with real calls of all three kinds."""

import itertools

import pytest
import torch
from cell_samples import MODULES, E, H, R, T, flat
from torch import nn

from course_utils import cells

pytestmark = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported:UserWarning")

COUNTS = list(itertools.product(["rnn", "lstm", "gru"], [1, 2, 3], [0, 1], [0, 1], [0, R]))
COUNTS = [case for case in COUNTS if case[0] == "lstm" or not case[-1]]


@pytest.mark.parametrize(("kind", "layers", "both", "bias", "proj_size"), COUNTS)
@pytest.mark.parametrize("batch", [None, 3])
def test_rules_equal_a_real_call(kind, layers, both, bias, proj_size, batch):
    options = {"num_layers": layers, "bidirectional": bool(both), "bias": bool(bias)}
    options |= {"proj_size": proj_size} if proj_size else {}
    module = (MODULES | {"rnn": nn.RNN})[kind](E, H, **options)
    numel = sum(p.numel() for p in module.parameters())
    assert cells.n_parameters(kind, E, H, **options) == numel
    sizes = {"input_size": E, "hidden_size": H, "seq_len": T, "batch_size": batch}
    rule = cells.rnn_shapes(kind=kind, **sizes, **options)
    assert rule.weights == {name: tuple(p.shape) for name, p in module.named_parameters()}
    h_0 = torch.zeros(rule.h_0)
    start = (h_0, torch.zeros(rule.c_0)) if kind == "lstm" else h_0
    seen = [tuple(part.shape) for part in flat(*module(torch.zeros(rule.x), start))]
    assert seen == [shape for shape in (rule.output, rule.h_n, rule.c_n) if shape is not None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("LSTM", 4, 5), "kind must be 'rnn', 'lstm' or 'gru', got 'LSTM'"),
        (("lstm", 0, 5), "input_size must be at least 1, got 0"),
        (("gru", 4, -1), "hidden_size must be at least 1, got -1"),
    ],
)
def test_counts_refuse(arguments, message):
    with pytest.raises(ValueError, match=message):
        cells.n_parameters(*arguments)


@pytest.mark.parametrize(("kind", "size"), [("gru", 2), ("rnn", 2), ("lstm", H), ("lstm", -1)])
def test_proj_size_out_of_place(kind, size):
    with pytest.raises(ValueError, match=rf"proj_size .*got {size}"):
        cells.n_parameters(kind, E, H, proj_size=size)
    with pytest.raises(ValueError, match=rf"proj_size .*got {size}"):
        cells.rnn_shapes(kind=kind, input_size=E, hidden_size=H, seq_len=1, proj_size=size)
