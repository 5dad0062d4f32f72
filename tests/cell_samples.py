"""Small LSTMs, GRUs, states and comparisons that the tests of the cells share."""

import torch
from torch import nn

from course_utils import cells

B, T, E, H, R = 3, 6, 4, 5, 2
MODULES = {"lstm": nn.LSTM, "gru": nn.GRU}
STACKS = {"lstm": cells.stacked_lstm, "gru": cells.stacked_gru}
LAYERS = {
    "lstm": (cells.lstm_layer, cells.lstm_trace),
    "gru": (cells.gru_layer, cells.gru_trace),
}


def module_of(kind, dtype=torch.float32, **options):
    torch.manual_seed(1)
    return MODULES[kind](E, H, batch_first=True, dtype=dtype, **options)


def lstm_weights(dtype=torch.float64, proj_size=0):
    return cells.weights_of(module_of("lstm", dtype, proj_size=proj_size))[0][0]


def gru_weights(dtype=torch.float64):
    return cells.weights_of(module_of("gru", dtype))[0][0]


def states_of(kind, n_chains=None, *, proj_size=0, dtype=torch.float32):
    lead = (B,) if n_chains is None else (n_chains, B)
    h_0 = torch.randn(*lead, proj_size or H, dtype=dtype)
    return (h_0, torch.randn(*lead, H, dtype=dtype)) if kind == "lstm" else h_0


def flat(output, state):
    return [output, *(state if isinstance(state, tuple) else [state])]


def assert_equal(ours, theirs, atol=1e-6):
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, atol=atol, rtol=0)
