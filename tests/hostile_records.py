"""Bad values of a record, and of weights in particular: one field of it is wrong, or all of it."""

from __future__ import annotations

from typing import Any

import torch
from hostile_values import hostile_like, plain_values
from hypothesis import strategies as st


def records_like(record: Any, *, wrap: Any = lambda record: record) -> st.SearchStrategy:
    """Return a named tuple with a wrong field, cut, doubled or as a list; or something else.

    Args:
        record: a good one.
        wrap: puts each changed record where the argument wants it, such as into lists.
    """
    whole = [lambda: list(record), lambda: tuple(record)[:-1], lambda: [*record, None]]
    whole += [lambda: tuple(record), lambda: type(record), lambda: [record], lambda: (record,) * 3]
    changed = [
        hostile_like(value).map(lambda bad, name=name: record._replace(**{name: bad}))
        for name, value in record._asdict().items()
    ]
    one = st.one_of(*changed, st.sampled_from(whole).map(lambda make: make()), plain_values())
    return one.map(wrap)


def as_torch_nn(weights: Any) -> list[torch.Tensor]:
    """Return W_ih, W_hh, b_ih, b_hh of one layer, in the order of gates of torch.nn."""
    if hasattr(weights, "W_xh"):
        return [weights.W_xh, weights.W_hh, weights.b_h, torch.zeros_like(weights.b_h)]
    is_lstm = hasattr(weights, "W_f")
    gates = "ifgo" if is_lstm else "rzn"
    both = torch.cat([getattr(weights, f"W_{gate}") for gate in gates])
    n_state = weights.state_sizes[0]
    b_ih = torch.cat([getattr(weights, f"b_{gate}") for gate in gates])
    b_hh = torch.zeros_like(b_ih)
    if not is_lstm:
        b_hh[-n_state:] = weights.b_hn
    return [both[:, n_state:], both[:, :n_state], b_ih, b_hh]


def one_step(x_t: torch.Tensor, states: tuple, weights: Any, kind: str) -> tuple:
    """Take one step by PyTorch's own cell: "rnn_tanh", "lstm" or "gru"."""
    cell = {"rnn_tanh": torch.rnn_tanh_cell, "lstm": torch.lstm_cell, "gru": torch.gru_cell}[kind]
    hidden = list(states) if kind == "lstm" else states[0]
    answer = cell(x_t, hidden, *as_torch_nn(weights))
    return answer if kind == "lstm" else (answer,)


def whole_layer(x: torch.Tensor, states: tuple, weights: Any, kind: str) -> tuple:
    """Return the outputs (B, T, H) and the last states of one layer, step by step."""
    outputs = []
    for x_t in x.unbind(1):
        states = one_step(x_t, states, weights, kind)
        outputs.append(states[0])
    return torch.stack(outputs, dim=1), states


def assert_same(answer: torch.Tensor, wanted: torch.Tensor, tolerance: float = 1e-4) -> None:
    """Compare two tensors; NaN and inf must stand at the same places."""
    torch.testing.assert_close(answer, wanted, atol=tolerance, rtol=tolerance, equal_nan=True)


def is_read(value: Any) -> bool:
    """Tell whether a value was an iterator: then the call has emptied it."""
    return hasattr(value, "__next__")


def says(error: Exception, *words: str) -> None:
    """Check that a message holds one of the words, and can be shown on every screen."""
    message = str(error)
    message.encode("utf-8")
    assert any(word in message for word in words), message
