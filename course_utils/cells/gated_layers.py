"""The LSTM and the GRU over whole sequences, through layers and in both directions."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from course_utils import arguments
from course_utils.cells.gated import (
    GRUStep,
    GRUWeights,
    LSTMStep,
    LSTMWeights,
    gru_step,
    gru_step_lecture,
    lstm_step,
)
from course_utils.cells.sequences import Step, every_step, run_layer, run_stack

CONVENTIONS: dict[str, Step] = {"pytorch": gru_step, "lecture": gru_step_lecture}

States = tuple[Tensor, Tensor]


def _gru(convention: str) -> Step:
    """Return the GRU step of a convention."""
    if not isinstance(convention, str) or convention not in CONVENTIONS:
        shown = arguments.shown(convention)
        raise ValueError(f"convention must be 'pytorch' or 'lecture', got {shown}")
    return CONVENTIONS[convention]


def lstm_layer(x: Tensor, state: States, weights: LSTMWeights) -> tuple[Tensor, States]:
    """Run one LSTM layer over a whole sequence.

    Args:
        x: float, (B, T, E), T at least 1.
        state: (h_0 (B, R), c_0 (B, H)), the states before the first step.
        weights: the layer's parameters.

    Returns:
        outputs: float, (B, T, R), the hidden state after every step.
        state: (h_n, c_n), the last states.

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: x is not (B, T, E), is empty in time or holds NaN, or a shape does not fit.
    """
    return run_layer(x, state, weights, lstm_step, LSTMWeights)


def gru_layer(
    x: Tensor, h_0: Tensor, weights: GRUWeights, *, convention: str = "pytorch"
) -> tuple[Tensor, Tensor]:
    """Run one GRU layer over a whole sequence.

    Args:
        x: float, (B, T, E), T at least 1.
        h_0: float, (B, H), the state before the first step.
        weights: the layer's parameters.
        convention: "pytorch" or "lecture", which step is taken.

    Returns:
        outputs: float, (B, T, H), the hidden state after every step.
        h_n: float, (B, H), the last of them.

    Raises:
        TypeError, ValueError: as `lstm_layer`, or the convention is unknown.
    """
    outputs, (h_n,) = run_layer(x, (h_0,), weights, _gru(convention), GRUWeights)
    return outputs, h_n


def lstm_trace(x: Tensor, state: States, weights: LSTMWeights) -> LSTMStep:
    """Run one LSTM layer and keep every gate of every step.

    Args:
        x: float, (B, T, E), T at least 1.
        state: (h_0 (B, R), c_0 (B, H)).
        weights: the layer's parameters.

    Returns:
        The fields of a step, each with a time dimension: h_t (B, T, R), the others (B, T, H).

    Raises:
        TypeError, ValueError: as `lstm_layer`.
    """
    return LSTMStep(*_over_time(every_step(x, state, weights, lstm_step, LSTMWeights)))


def gru_trace(
    x: Tensor, h_0: Tensor, weights: GRUWeights, *, convention: str = "pytorch"
) -> GRUStep:
    """Run one GRU layer and keep both gates and the candidate of every step.

    Args:
        x: float, (B, T, E), T at least 1.
        h_0: float, (B, H).
        weights: the layer's parameters.
        convention: "pytorch" or "lecture", which step is taken.

    Returns:
        The fields of a step, each (B, T, H).

    Raises:
        TypeError, ValueError: as `gru_layer`.
    """
    steps = every_step(x, (h_0,), weights, _gru(convention), GRUWeights)
    return GRUStep(*_over_time(steps))


def _over_time(steps: Sequence[tuple[Tensor, ...]]) -> list[Tensor]:
    """Join each field of the steps along a new time dimension."""
    return [torch.stack(values, dim=1) for values in zip(*steps, strict=True)]


def stacked_lstm(
    x: Tensor, layers: Sequence[Sequence[LSTMWeights]], state: States | None = None
) -> tuple[Tensor, States]:
    """Run several LSTM layers, each in one direction or in both (see `sequences.run_stack`).

    Args:
        x: float, (B, T, E), T at least 1.
        layers: per layer the weights of its directions: one, or (forward, backward).
        state: (h_0 (L * D, B, R), c_0 (L * D, B, H)); None starts from zeros.

    Returns:
        outputs: float, (B, T, D * R), of the top layer.
        state: (h_n, c_n), the last states of every layer and direction.

    Raises:
        TypeError: an argument is no floating-point tensor, or their types differ.
        ValueError: layers is empty, x is empty in time or holds NaN, or a shape does not fit.
    """
    return run_stack(x, layers, lstm_step, LSTMWeights, state)


def stacked_gru(
    x: Tensor,
    layers: Sequence[Sequence[GRUWeights]],
    h_0: Tensor | None = None,
    *,
    convention: str = "pytorch",
) -> tuple[Tensor, Tensor]:
    """Run several GRU layers, each in one direction or in both (see `sequences.run_stack`).

    Args:
        x: float, (B, T, E), T at least 1.
        layers: per layer the weights of its directions: one, or (forward, backward).
        h_0: float, (L * D, B, H); None starts from zeros.
        convention: "pytorch" or "lecture", which step is taken.

    Returns:
        outputs: float, (B, T, D * H), of the top layer.
        h_n: float, (L * D, B, H), the last state of every layer and direction.

    Raises:
        TypeError, ValueError: as `stacked_lstm`, or the convention is unknown.
    """
    start = None if h_0 is None else (h_0,)
    outputs, (h_n,) = run_stack(x, layers, _gru(convention), GRUWeights, start)
    return outputs, h_n
