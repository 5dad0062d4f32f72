"""One step of each recurrent layer, in NumPy, in as few calls as possible.

For one stream of text a step is small, and half of the time can go into calling operations. Here a
layer makes one matrix product per step, `hidden @ product`. Its matrix holds two matrices side by
side, because both multiply the same new hidden state: W_hh, for this layer's own next step, and the
matrix of what comes next (W_ih of the layer above, or the readout).

All gates share one tanh: sigmoid(a) = 1/2 + 1/2 tanh(a/2). The 1/2 inside is in the weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Where PyTorch's blocks of rows go: lstm i, f, g, o becomes o, i, f, g; gru stays r, z, n.
ORDER = {"rnn": (0,), "gru": (0, 1, 2), "lstm": (3, 0, 1, 2)}
N_SIGMOIDS = {"rnn": 0, "gru": 2, "lstm": 3}  # how many blocks come first and are sigmoids


class FusedLayer(NamedTuple):
    """The weights of one layer, as float32; G is the number of gates: 1, 3 or 4.

    Attributes:
        kind: "rnn", "gru" or "lstm".
        product: (H, G * H + N), W_hh beside the matrix of what comes next, which has N outputs.
        bias: (G * H,), added to the input; None in the first layer, whose inputs contain it.
        late_bias: (H,), a GRU's b_hn, which its reset gate weighs too; zeros for the others.
    """

    kind: str
    product: np.ndarray
    bias: np.ndarray | None
    late_bias: np.ndarray


def arrange(kind: str, weights: np.ndarray) -> np.ndarray:
    """Put PyTorch's blocks of rows into the order of `ORDER`, and halve those of the sigmoids.

    >>> arrange("gru", np.array([2.0, 4.0, 6.0])).tolist()
    [1.0, 2.0, 6.0]

    Args:
        kind: "rnn", "gru" or "lstm".
        weights: (G * H, ...), a matrix or a bias.

    Returns:
        The same shape.
    """
    blocks = np.split(weights, len(ORDER[kind]))
    scales = [0.5 if i < N_SIGMOIDS[kind] else 1.0 for i in range(len(blocks))]
    ordered = [blocks[i] * scale for i, scale in zip(ORDER[kind], scales, strict=True)]
    return np.concatenate(ordered)


class RunningLayer(NamedTuple):
    """A layer with a state, and arrays that every step uses again.

    Attributes:
        step: gets the input's part of the gates, (G * H,), and returns `onward`.
        hidden: (H,), the hidden state.
        onward: (N,), the product of the hidden state for what comes next.
    """

    step: Callable[[np.ndarray], np.ndarray]
    hidden: np.ndarray
    onward: np.ndarray


def start_layer(layer: FusedLayer) -> RunningLayer:
    """Begin with a state of zeros; two calls give two independent streams.

    Args:
        layer: the weights, which are not changed.
    """
    n_hidden = len(layer.late_bias)
    n_gates = len(ORDER[layer.kind]) * n_hidden
    hidden, both = (np.zeros(n, np.float32) for n in layer.product.shape)
    own, onward = both[:n_gates], both[n_gates:]
    advance = CELLS[layer.kind](hidden, own, layer.late_bias)
    product, bias = layer.product, layer.bias

    def step(x: np.ndarray) -> np.ndarray:
        if bias is not None:
            np.add(x, bias, x)
        advance(x)
        np.dot(hidden, product, both)
        return onward

    return RunningLayer(step, hidden, onward)


def rnn_cell(hidden: np.ndarray, own: np.ndarray, _: np.ndarray) -> Callable[[np.ndarray], None]:
    """Return the step h = tanh(x + own), where own (H,) is W_hh h of the step before."""

    def advance(x: np.ndarray) -> None:
        np.add(own, x, hidden)
        np.tanh(hidden, hidden)

    return advance


def gru_cell(
    hidden: np.ndarray, own: np.ndarray, late_bias: np.ndarray
) -> Callable[[np.ndarray], None]:
    """Return the step of `cells.gru_step`; own (3 * H,) is W_hh h of the step before.

    h = n + z * (h - n), which is (1 - z) * n + z * h with one product less.
    """
    H = len(hidden)
    rz, n, change = np.zeros(2 * H, np.float32), np.zeros_like(hidden), np.zeros_like(hidden)
    r, z, own_rz, own_n = rz[:H], rz[H:], own[: 2 * H], own[2 * H :]
    half = np.full(2 * H, 0.5, np.float32)

    def advance(x: np.ndarray) -> None:
        np.add(own_rz, x[: 2 * H], rz)
        np.tanh(rz, rz)
        np.multiply(rz, half, rz)
        np.add(rz, half, rz)
        np.add(own_n, late_bias, n)
        np.multiply(n, r, n)
        np.add(n, x[2 * H :], n)
        np.tanh(n, n)
        np.subtract(hidden, n, change)
        np.multiply(change, z, change)
        np.add(n, change, hidden)

    return advance


def lstm_cell(hidden: np.ndarray, own: np.ndarray, _: np.ndarray) -> Callable[[np.ndarray], None]:
    """Return the step of `cells.lstm_step`; own (4 * H,) is W_hh h of the step before.

    The gates o, i, f, g and the cell state c stand in one array, so i * g and f * c are one
    product: that of the neighbours (i, f) with the neighbours (g, c).
    """
    H = len(hidden)
    everything, terms = np.zeros(5 * H, np.float32), np.zeros(2 * H, np.float32)
    gates, sigmoids, o = everything[: 4 * H], everything[: 3 * H], everything[:H]
    i_f, g_c, c = everything[H : 3 * H], everything[3 * H :], everything[4 * H :]
    new, kept, squashed = terms[:H], terms[H:], np.zeros_like(hidden)
    half = np.full(3 * H, 0.5, np.float32)

    def advance(x: np.ndarray) -> None:
        np.add(own, x, gates)
        np.tanh(gates, gates)
        np.multiply(sigmoids, half, sigmoids)
        np.add(sigmoids, half, sigmoids)
        np.multiply(i_f, g_c, terms)
        np.add(new, kept, c)
        np.tanh(c, squashed)
        np.multiply(o, squashed, hidden)

    return advance


CELLS = {"rnn": rnn_cell, "gru": gru_cell, "lstm": lstm_cell}
