"""Every public function that takes tensors, called once: on the CPU, and on the GPU.

A case gets `put`, which moves what it is given to the device, and returns the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from course_utils import batching, cells, gradients, models, probing, sampling, word_vectors
from course_utils.models import GPT, CharLM, CharLMConfig, GPTConfig, MinGRULM, MinGRULMConfig
from course_utils.recipes import decisions, rivals, rivals_reading

Put = Callable[[Any], Any]


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    """Return fixed random numbers."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def weights_for(kind: str) -> Any:
    """Return the weights of one cell that reads 2 numbers and has 3 units."""
    torch.manual_seed(1)
    return cells.cell_weights(
        {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}[kind](2, 3)
    )


def char_lm(kind: str = "lstm") -> CharLM:
    """Return a small language model in evaluation mode."""
    torch.manual_seed(2)
    return CharLM(CharLMConfig(6, kind=kind, hidden_size=5, layer_norm=True, num_layers=2)).eval()


def gpt() -> GPT:
    """Return a small Transformer."""
    torch.manual_seed(3)
    return GPT(GPTConfig(6, n_layers=2, n_heads=2, width=8, context=8)).eval()


def _min_gru(put: Put) -> Any:
    w = cells.MinGRUWeights(numbers(3, 2), numbers(3, 2, seed=1), numbers(3), numbers(3))
    return put(w), put(numbers(2, 5, 2)), put(numbers(2, 3).abs())


def _shares(put: Put) -> Any:
    return put(torch.tensor([0.5, 0.3, 0.2]))


TOKENS = torch.tensor([0, 3, 5, 1, 2, 4] * 10)
GATES = torch.sigmoid(numbers(2, 40, 3))


def _seeded(kind: type[nn.RNNBase]) -> nn.RNNBase:
    torch.manual_seed(6)
    return kind(2, 3, batch_first=True)


def _gru_cell() -> nn.GRUCell:
    torch.manual_seed(1)
    return nn.GRUCell(2, 3)


def _diagonal(weights: cells.GRUWeights) -> cells.GRUWeights:
    W_n = weights.W_n.detach().clone()
    W_n[:, :3] = torch.diag(W_n[:, :3].diagonal())
    return weights._replace(W_n=W_n, b_hn=torch.zeros(3))


def _h(n: int = 2) -> torch.Tensor:
    return numbers(n, 3, seed=5)


# The answer is on the device of the arguments.
STAYS: dict[str, Callable[[Put], Any]] = {
    "rnn_step": lambda put: cells.rnn_step(put(numbers(2, 2)), put(_h()), *put(weights_for("rnn"))),
    "rnn_layer": lambda put: cells.rnn_layer(
        put(numbers(2, 4, 2)), put(_h()), put(weights_for("rnn"))
    ),
    "lstm_step": lambda put: cells.lstm_step(
        put(numbers(2, 2)), put(_h()), put(_h()), put(weights_for("lstm"))
    ),
    "lstm_layer": lambda put: cells.lstm_layer(
        put(numbers(2, 4, 2)), (put(_h()), put(_h())), put(weights_for("lstm"))
    ),
    "lstm_trace": lambda put: cells.lstm_trace(
        put(numbers(2, 4, 2)), (put(_h()), put(_h())), put(weights_for("lstm"))
    ),
    "gru_step": lambda put: cells.gru_step(put(numbers(2, 2)), put(_h()), put(weights_for("gru"))),
    "gru_step_lecture": lambda put: cells.gru_step_lecture(
        put(numbers(2, 2)), put(_h()), put(weights_for("gru")._replace(b_hn=torch.zeros(3)))
    ),
    "gru_layer": lambda put: cells.gru_layer(
        put(numbers(2, 4, 2)), put(_h()), put(weights_for("gru"))
    ),
    "gru_trace": lambda put: cells.gru_trace(
        put(numbers(2, 4, 2)), put(_h()), put(weights_for("gru"))
    ),
    "flip_update_gate": lambda put: cells.flip_update_gate(put(weights_for("gru"))),
    "pytorch_to_lecture": lambda put: cells.pytorch_to_lecture(put(_diagonal(weights_for("gru")))),
    "lecture_to_pytorch": lambda put: cells.lecture_to_pytorch(put(_diagonal(weights_for("gru")))),
    "cell_weights": lambda put: cells.cell_weights(put(_gru_cell())),
    "weights_of": lambda put: cells.weights_of(put(_seeded(nn.GRU)))[0][0],
    "stacked_rnn": lambda put: cells.stacked_rnn(
        put(numbers(2, 4, 6)), cells.weights_of(put(char_lm("rnn").rnn))
    ),
    "stacked_lstm": lambda put: cells.stacked_lstm(
        put(numbers(2, 4, 6)), cells.weights_of(put(char_lm("lstm").rnn))
    ),
    "stacked_gru": lambda put: cells.stacked_gru(
        put(numbers(2, 4, 6)), cells.weights_of(put(char_lm("gru").rnn))
    ),
    "positive": lambda put: cells.positive(put(numbers(4))),
    "log_positive": lambda put: cells.log_positive(put(numbers(4))),
    "min_gru_step": lambda put: cells.min_gru_step(
        _min_gru(put)[1][:, 0], _min_gru(put)[2], _min_gru(put)[0]
    ),
    "min_gru_sequence": lambda put: cells.min_gru_sequence(_min_gru(put)[1], _min_gru(put)[0]),
    "scan_in_order": lambda put: cells.scan_in_order(put(GATES), put(GATES), put(_h())),
    "scan_by_doubling": lambda put: cells.scan_by_doubling(put(GATES), put(GATES), put(_h())),
    "scan_in_blocks": lambda put: cells.scan_in_blocks(put(GATES), put(GATES)),
    "scan_in_logs": lambda put: cells.scan_in_logs(
        put(GATES.log()), put(GATES.log()), put(_h().abs())
    ),
    "attention": lambda put: models.attention(*put([numbers(1, 2, 4, 3)] * 3)),
    "mask": lambda put: batching.mask(put(torch.tensor([3, 1])), 4),
    "windows": lambda put: batching.windows(put(numbers(9)), 4),
    "probabilities": lambda put: sampling.probabilities(put(numbers(2, 6)), top_k=3, top_p=0.9),
    "draw": lambda put: sampling.draw(put(numbers(2, 6)), torch.Generator().manual_seed(0)),
    "norms_by_lag": lambda put: gradients.norms_by_lag(put(numbers(3, 3)), put(numbers(6, 3))),
    "bound_by_lag": lambda put: gradients.bound_by_lag(put(numbers(3, 3)), 6),
    "input_norms_by_lag": lambda put: gradients.input_norms_by_lag(
        put(_seeded(nn.GRU)), put(numbers(6, 2))
    ),
    "detach_state": lambda put: models.detach_state((put(_h()), put(_h()))),
    "log_beliefs": lambda put: decisions.log_beliefs(
        put(numbers(4, 3)), _shares(lambda x: x), _shares(lambda x: x), 0.5
    ),
    "drawn_shares": lambda put: decisions.drawn_shares(_shares(put), 0.5),
    "noise_probabilities": lambda put: word_vectors.noise_probabilities(
        put(torch.tensor([5, 2, 1]))
    ),
    "keep_probabilities": lambda put: word_vectors.keep_probabilities(put(torch.tensor([5, 2, 1]))),
    "negative_sampling_loss": lambda put: word_vectors.negative_sampling_loss(
        put(numbers(4, 3)), put(numbers(4, 3)), put(numbers(4, 2, 3))
    ),
    "skip_gram_gradients": lambda put: word_vectors.skip_gram_gradients(
        put(numbers(2, 4, 3)),
        put(numbers(2, 9, 3)),
        put((numbers(2, 4, 3) > 0).float()),
        negatives=2.0,
    ),
    "cbow_gradients": lambda put: word_vectors.cbow_gradients(
        put(numbers(2, 6, 3)),
        put(numbers(2, 7, 3)),
        put((numbers(2, 4, 3) > 0).float()),
        negatives=2.0,
    ),
    "windows_at": lambda put: rivals_reading.windows_at(put(TOKENS), torch.tensor([0, 5]), 3),
    "random_windows": lambda put: rivals_reading.random_windows(
        put(TOKENS), n_windows=2, length=3, generator=torch.Generator().manual_seed(0)
    ),
}
# The answer is on the CPU, or is no tensor.
COMES_BACK: dict[str, Callable[[Put], Any]] = {
    "spectral_norm": lambda put: gradients.spectral_norm(put(numbers(3, 3))),
    "unit_correlations": lambda put: probing.unit_correlations(
        put(numbers(30, 4)), put(numbers(30))
    ),
    "find_units": lambda put: probing.find_units(put(numbers(60, 4)), {"a": put(numbers(60))}),
    "read_states": lambda put: probing.read_states(put(char_lm()), TOKENS, chunk_len=7),
    "read_cells": lambda put: probing.read_cells(put(char_lm()), put(TOKENS)),
    "attention_weights": lambda put: models.attention_weights(put(gpt()), [0, 3, 1]),
    "generate": lambda put: sampling.generate(
        put(char_lm()), [0, 1], 9, generator=torch.Generator().manual_seed(0), top_p=0.9, forbid=[2]
    ),
    "letters": lambda put: next(
        sampling.letters(put(gpt()), [0], generator=torch.Generator().manual_seed(4))
    ),
    "FastWriter": lambda put: sampling.FastWriter(put(char_lm("gru"))).write(
        [0, 1], 9, generator=torch.Generator().manual_seed(0)
    ),
    "permutation_test": lambda put: (
        word_vectors.permutation_test(
            put(numbers(9, 3)),
            put(torch.arange(9) < 4),
            n_permutations=20,
            generator=torch.Generator().manual_seed(0),
        ).null
    ),
    "WordVectors": lambda put: word_vectors.WordVectors(("a", "b"), put(numbers(2, 3))).vectors,
    "rival_loss": lambda put: [rivals.rival_loss(put(m), TOKENS) for m in (gpt(), char_lm())],
    "rival_loss, text on the device": lambda put: [
        rivals.rival_loss(put(m), put(TOKENS)) for m in (gpt(), char_lm())
    ],
    "window_loss": lambda put: rivals_reading.window_loss(put(gpt()), TOKENS, stride=4),
    "state_bytes": lambda put: [rivals.state_bytes(put(m)) for m in (gpt(), char_lm(), min_gru())],
    "saved_bytes": lambda put: rivals.saved_bytes(put(gpt()), put(TOKENS[:8][None])),
    "saved_bytes, text on the CPU": lambda put: rivals.saved_bytes(put(gpt()), TOKENS[:8][None]),
    "batches_by_length": lambda put: [
        *batching.batches_by_length(
            torch.tensor([1, 3, 2, 2]), torch.arange(4), 2, torch.Generator().manual_seed(0)
        )
    ],
}


def min_gru() -> MinGRULM:
    """Return a small language model of minimal GRUs."""
    torch.manual_seed(4)
    return MinGRULM(MinGRULMConfig(6, width=4, hidden_size=5)).eval()
