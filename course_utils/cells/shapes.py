"""Every shape and every count of parameters around nn.RNN, nn.LSTM and nn.GRU, by rule."""

from __future__ import annotations

from typing import NamedTuple

from course_utils import arguments
from course_utils.cells.errors import Shape

# How many matrices each kind stacks on top of each other: one per gate, and one for the candidate.
STACKED = {"rnn": 1, "lstm": 4, "gru": 3}

MAX_LAYERS = 1000  # of which every shape is listed


class RNNShapes(NamedTuple):
    """Every shape around a call; `weights` maps each parameter's name to its shape.

    `c_0` and `c_n` are the cell states of an LSTM, None for the other kinds.
    """

    x: Shape
    h_0: Shape
    output: Shape
    h_n: Shape
    weights: dict[str, Shape]
    c_0: Shape | None = None
    c_n: Shape | None = None


def rnn_shapes(
    *,
    input_size: int,
    hidden_size: int,
    seq_len: int,
    batch_size: int | None = None,
    num_layers: int = 1,
    bias: bool = True,
    batch_first: bool = False,
    bidirectional: bool = False,
    kind: str = "rnn",
    proj_size: int = 0,
) -> RNNShapes:
    """Work out every shape of an nn.RNN (LSTM, GRU) call from its arguments, without running it.

    Source: the documentation of torch.nn.RNN, LSTM, GRU: sections Inputs, Outputs and Variables.

    Args:
        input_size: features per step, E.
        hidden_size: H.
        seq_len: T.
        batch_size: B, or None for one sequence without a batch dimension.
        num_layers: L, at most 1000.
        bias: whether the layer has b_ih and b_hh.
        batch_first: x and output are (B, T, ...) rather than (T, B, ...).
        bidirectional: D = 2 directions rather than 1.
        kind: "rnn", "lstm" or "gru".
        proj_size: R, the size that an LSTM projects its hidden state to; 0 for no projection.

    Returns:
        The shapes; h_0 and h_n are (L * D, B, H) whatever batch_first says (with R for H when the
        LSTM projects; c_0 and c_n keep H).

    Raises:
        TypeError: a size is no whole number, or a yes-no option is not True or False.
        ValueError: a size is out of its range, the kind is unknown, or proj_size does not fit.
    """
    batch = () if batch_size is None else (batch_size,)
    _at_least_one(seq_len=seq_len, batch_size=1 if batch_size is None else batch_size)
    _check(kind, input_size, hidden_size, num_layers, proj_size)
    arguments.whole_number("num_layers", num_layers, most=MAX_LAYERS)
    for name, value in {"batch_first": batch_first, "bidirectional": bidirectional}.items():
        arguments.flag(name, value)
    arguments.flag("bias", bias)
    n_directions, n_output = 2 if bidirectional else 1, proj_size or hidden_size
    lead = (*batch, seq_len) if batch_first else (seq_len, *batch)
    n_chains = num_layers * n_directions
    h_0, c_0 = (n_chains, *batch, n_output), (n_chains, *batch, hidden_size)
    weights = {}
    for layer in range(num_layers):
        n_in = input_size if layer == 0 else n_directions * n_output
        for suffix in ["", "_reverse"][:n_directions]:
            one = _one_direction(STACKED[kind] * hidden_size, n_in, n_output, bias)
            if proj_size:
                one["weight_hr"] = (proj_size, hidden_size)
            weights |= {f"{name}_l{layer}{suffix}": shape for name, shape in one.items()}
    x, output = (*lead, input_size), (*lead, n_directions * n_output)
    cell = c_0 if kind == "lstm" else None
    return RNNShapes(x, h_0, output, h_0, weights, cell, cell)


def _one_direction(n_rows: int, n_in: int, n_output: int, bias: bool) -> dict[str, Shape]:
    """Return the shapes of the matrices and biases of one layer in one direction."""
    shapes: dict[str, Shape] = {"weight_ih": (n_rows, n_in), "weight_hh": (n_rows, n_output)}
    return shapes | ({"bias_ih": (n_rows,), "bias_hh": (n_rows,)} if bias else {})


def n_parameters(
    kind: str,
    input_size: int,
    hidden_size: int,
    *,
    num_layers: int = 1,
    bidirectional: bool = False,
    bias: bool = True,
    proj_size: int = 0,
) -> int:
    """Count the parameters of an nn.RNN, nn.LSTM or nn.GRU by formula.

    One layer in one direction has G * (H * (n_in + R) + 2 * H), with G = 1, 4 or 3 stacked
    matrices, R = H, and n_in = E in the first layer, D * R above it. Without bias the 2 * H go;
    a projection replaces R = H by R = proj_size and adds R * H.

    >>> n_parameters("rnn", 10, 20), n_parameters("gru", 10, 20), n_parameters("lstm", 10, 20)
    (640, 1920, 2560)

    Args:
        kind: "rnn", "lstm" or "gru".
        input_size: E.
        hidden_size: H.
        num_layers: L.
        bidirectional: D = 2 directions rather than 1.
        bias: whether the module has b_ih and b_hh.
        proj_size: R of an LSTM that projects its hidden state; 0 for no projection.

    Returns:
        The number of trained numbers.

    Raises:
        TypeError: a size is no whole number, or a yes-no option is not True or False.
        ValueError: a size is below 1, the kind is unknown, or proj_size does not fit.
    """
    _check(kind, input_size, hidden_size, num_layers, proj_size)
    D = 2 if arguments.flag("bidirectional", bidirectional) else 1
    n_biases = 2 if arguments.flag("bias", bias) else 0
    G, H, R = STACKED[kind], hidden_size, proj_size or hidden_size
    projection = R * H if proj_size else 0
    first, above = (
        D * (G * H * (n_in + R + n_biases) + projection) for n_in in (input_size, D * R)
    )
    return first + (num_layers - 1) * above


def _at_least_one(**sizes: int) -> None:
    """Raise an error that names the first size that is no whole number or is below 1."""
    for name, size in sizes.items():
        if arguments.whole_number(name, size) < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")


def _check(kind: str, input_size: int, hidden_size: int, num_layers: int, proj_size: int) -> None:
    """Raise an error when a size is wrong, the kind is unknown or cannot project to proj_size."""
    _at_least_one(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
    arguments.whole_number("proj_size", proj_size)
    if not isinstance(kind, str) or kind not in STACKED:
        raise ValueError(f"kind must be 'rnn', 'lstm' or 'gru', got {arguments.shown(kind)}")
    if proj_size and kind != "lstm":
        raise ValueError(f"proj_size is for kind 'lstm' only, got {proj_size} with {kind!r}")
    if not 0 <= proj_size < hidden_size:
        raise ValueError(
            f"proj_size must be from 0 (none) to hidden_size - 1 = {hidden_size - 1}, "
            f"got {proj_size}"
        )
