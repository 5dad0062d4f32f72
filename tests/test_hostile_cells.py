"""Bad input to one step of each cell, to its weights, to the rules of shapes and to the scans."""

from __future__ import annotations

import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_records import assert_same, one_step, records_like
from test_hostile_cells_layers import GOODS as LAYERS
from test_hostile_cells_scans import GOODS as SCANS
from torch import nn

from course_utils import cells

B, E, H = 2, 3, 4
GRU = cells.weights_of(nn.GRU(E, H))[0][0]
LSTM = cells.weights_of(nn.LSTM(E, H))[0][0]
# The lecture's GRU has no b_hn; a diagonal W_hn can be translated.
PLAIN_GRU = GRU._replace(
    W_n=torch.cat([torch.eye(H), torch.ones(H, E)], dim=1), b_hn=torch.zeros(H)
)


def wrong_field(weights, name="weights"):
    """Say that a message may name the field in place of the weights."""
    return {name: (*weights._fields, *(f"weights.{field}" for field in weights._fields))}


def step_arguments(**others):
    return {"x_t": torch.randn(B, E), "h_prev": torch.randn(B, H), **others}


def right_rnn(answer, given):
    weights = cells.RNNWeights(given["W_xh"], given["W_hh"], given["b_h"])
    if given["nonlinearity"] == "tanh":
        (wanted,) = one_step(given["x_t"], (given["h_prev"],), weights, "rnn_tanh")
        assert_same(answer, wanted)
    assert answer.shape == given["h_prev"].shape


def right_lstm(answer, given):
    states = given["h_prev"], given["c_prev"]
    h_t, c_t = one_step(given["x_t"], states, given["weights"], "lstm")
    assert_same(answer.h_t, h_t)
    assert_same(answer.c_t, c_t)


def right_gru(answer, given):
    (h_t,) = one_step(given["x_t"], (given["h_prev"],), given["weights"], "gru")
    assert_same(answer.h_t, h_t)


def right_lecture(answer, given):
    x_t, h, w = given["x_t"], given["h_prev"], given["weights"]
    both = torch.cat([h, x_t], 1)
    z = torch.sigmoid(both @ w.W_z.T + w.b_z)
    reset = torch.sigmoid(both @ w.W_r.T + w.b_r) * h
    n = torch.tanh(torch.cat([reset, x_t], 1) @ w.W_n.T + w.b_n + w.b_hn)
    assert_same(answer.h_t, (1 - z) * h + z * n)


def agree(first, second):
    """Compare PyTorch's step with one set of weights and the lecture's with another."""
    x_t, h = torch.randn(B, first.W_r.shape[1] - len(first.b_r)), torch.randn(B, len(first.b_r))
    ours, lecture = cells.gru_step(x_t, h, first), cells.gru_step_lecture(x_t, h, second)
    assert_same(ours.h_t, lecture.h_t)


def right_flip(answer, given):
    weights = given["weights"]
    x_t, h = torch.randn(B, weights.W_z.shape[1] - len(weights.b_z)), torch.zeros(B, len(GRU.b_r))
    z, other = (cells.gru_step(x_t, h, w).z_t for w in (weights, answer))
    assert_same(z + other, torch.ones_like(z))


def right_shapes(answer, given):
    given = {key: value for key, value in given.items() if value is not None}
    batch = (given["batch_size"],) if "batch_size" in given else ()
    H, n_out = given["hidden_size"], given["proj_size"] or given["hidden_size"]
    directions = 2 if given["bidirectional"] else 1
    assert answer.h_n == (given["num_layers"] * directions, *batch, n_out)
    assert answer.output[-1] == directions * n_out
    assert answer.x[-1] == given["input_size"]
    assert sorted(answer.x[:-1]) == sorted((given["seq_len"], *batch))
    n_kinds = 2 + 2 * given["bias"] + bool(given["proj_size"])
    assert len(answer.weights) == given["num_layers"] * directions * n_kinds
    assert (answer.c_n is None) == (given["kind"] != "lstm")
    assert answer.c_n is None or answer.c_n[-1] == H


def right_count(answer, given):
    sizes = {key: value for key, value in given.items() if key != "num_layers"}
    if given["num_layers"] <= 50:
        weights = cells.rnn_shapes(seq_len=1, **sizes, num_layers=given["num_layers"]).weights
        products = [torch.Size(shape) for shape in weights.values()]
        assert answer == sum(shape[0] * (shape[1] if len(shape) == 2 else 1) for shape in products)
    assert answer > 0


SIZES = {"kind": "lstm", "input_size": 3, "hidden_size": 4, "num_layers": 2, "proj_size": 2}
SIZES |= {"bidirectional": True, "bias": True}
RNN = dict(zip(("W_xh", "W_hh", "b_h"), cells.weights_of(nn.RNN(E, H))[0][0], strict=True))
WEIGHTS = {"flip_update_gate": right_flip, "pytorch_to_lecture": None, "lecture_to_pytorch": None}
WEIGHTS["pytorch_to_lecture"] = lambda answer, given: agree(given["weights"], answer)
WEIGHTS["lecture_to_pytorch"] = lambda answer, given: agree(answer, given["weights"])
GOODS = [
    Good(cells.rnn_step, lambda: step_arguments(**RNN, nonlinearity="tanh"), right_rnn),
    *(
        Good(
            step,
            lambda step=step, weights=weights, extra=extra: step_arguments(
                **{name: torch.randn(B, H) for name in extra}, weights=weights
            ),
            right,
            names=wrong_field(weights),
            values={"weights": records_like(weights)},
        )
        for step, weights, right, extra in (
            (cells.lstm_step, LSTM, right_lstm, ("c_prev",)),
            (cells.gru_step, GRU, right_gru, ()),
            (cells.gru_step_lecture, GRU, right_lecture, ()),
        )
    ),
    *(
        Good(
            getattr(cells, name),
            lambda: {"weights": PLAIN_GRU},
            right,
            names=wrong_field(GRU),
            values={"weights": records_like(PLAIN_GRU)},
        )
        for name, right in WEIGHTS.items()
    ),
    Good(cells.rnn_shapes, lambda: {**SIZES, "seq_len": 5, "batch_size": 2, "batch_first": True},
         right_shapes),
    Good(cells.n_parameters, lambda: dict(SIZES), right_count),
    Good(cells.weights_of, lambda: {"module": nn.GRU(E, H)}),
    Good(cells.cell_weights, lambda: {"cell": nn.LSTMCell(E, H)}),
]  # fmt: skip
STEPS = ("RNNWeights", "LSTMWeights", "GRUWeights", "MinGRUWeights")
STEPS += ("LSTMStep", "GRUStep", "MinGRUStep", "RNNShapes")
EXEMPT = dict.fromkeys(STEPS, "a plain record; each function that takes one checks it")


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.cells", [*GOODS, *LAYERS, *SCANS], EXEMPT)


def test_a_number_of_layers_beyond_all_sense():
    assert cells.n_parameters("rnn", 1, 1, num_layers=10**30) == 4 * 10**30
    sizes = {"input_size": 1, "hidden_size": 1, "seq_len": 1}
    assert len(cells.rnn_shapes(**sizes, num_layers=1000).weights) == 4000
