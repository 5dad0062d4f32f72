"""Run any cell over a sequence, through layers and in both directions.

A cell is a step function: step(x_t, *states, weights) returns a tuple that begins with the new
states, the hidden state first. Its weights say in `state_sizes` how long each state is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any

import torch
from torch import Tensor

from course_utils import arguments
from course_utils.cells.errors import check_sequence, check_states, check_weights

State = tuple[Tensor, ...]
Step = Callable[..., tuple[Tensor, ...]]

STATE_NAMES = ("h_0", "c_0")


def every_step(
    x: Tensor, state: State, weights: Any, step: Step, kind: type
) -> list[tuple[Tensor, ...]]:
    """Run one layer over a whole sequence and return what every step returned.

    Args:
        x: float, (B, T, E), T at least 1.
        state: per state a tensor (B, its size).
        weights: the layer's parameters.
        step: the cell.
        kind: the class of the weights.

    Returns:
        T tuples, one per step; each begins with the states after that step.

    Raises:
        TypeError: x, a state or a weight is no floating-point tensor, or their types differ.
        ValueError: x or a state has a wrong shape or holds NaN, or x has no step.
    """
    check_sequence(x)
    sizes = check_weights("weights", weights, kind).state_sizes
    shapes = [(x.shape[0], size) for size in sizes]
    names = STATE_NAMES[: len(sizes)]
    check_states(names, state, shapes, like=x, to_fit=f"x {tuple(x.shape)} and the weights")
    return _steps(x, state, weights, step)


def _steps(x: Tensor, state: State, weights: Any, step: Step) -> list[tuple[Tensor, ...]]:
    """Run one layer without a look at its arguments."""
    results = []
    for x_t in x.unbind(dim=1):
        result = step(x_t, *state, weights)
        state = result[: len(state)]
        results.append(result)
    return results


def run_layer(
    x: Tensor, state: State, weights: Any, step: Step, kind: type
) -> tuple[Tensor, State]:
    """Run one layer over a whole sequence: the same step, with the same weights, T times.

    Args:
        x: float, (B, T, E), T at least 1.
        state: per state a tensor (B, its size).
        weights: the layer's parameters.
        step: the cell.
        kind: the class of the weights.

    Returns:
        outputs: float, (B, T, H), the hidden state after every step.
        state: the states after the last step.

    Raises:
        TypeError, ValueError: see `every_step`.
    """
    results = every_step(x, state, weights, step, kind)
    return _outputs(results, len(state))


def _outputs(results: list[tuple[Tensor, ...]], n_states: int) -> tuple[Tensor, State]:
    """Join the hidden states of all steps; keep the last states."""
    return torch.stack([result[0] for result in results], dim=1), results[-1][:n_states]


def run_stack(
    x: Tensor, layers: Sequence[Sequence[Any]], step: Step, kind: type, start: State | None = None
) -> tuple[Tensor, State]:
    """Run several layers, each in one direction or in both.

    A layer reads what the layer below wrote. The backward direction reads the sequence from its
    end; its outputs are put back in order and joined to the forward ones (Schuster & Paliwal,
    1997, "Bidirectional recurrent neural networks").

    Args:
        x: float, (B, T, E), T at least 1.
        layers: per layer the weights of its directions: one, or (forward, backward).
        step: the cell.
        kind: the class of the weights.
        start: per state a tensor (L * D, B, its size); None starts from zeros.

    Returns:
        outputs: float, (B, T, D * H), of the top layer.
        state: per state a tensor (L * D, B, its size), after the last step.

    Raises:
        TypeError: layers is no list of lists of weights, or see `every_step`.
        ValueError: layers is empty, or see `every_step`.
    """
    layers = _checked(layers, kind)
    check_sequence(x)
    starts = _starts(x, [weights for directions in layers for weights in directions], start)
    finals = []
    for directions in layers:
        parts = []
        for backward, weights in enumerate(directions):
            results = _steps(x.flip(1) if backward else x, next(starts), weights, step)
            outputs, state = _outputs(results, len(weights.state_sizes))
            parts.append(outputs.flip(1) if backward else outputs)
            finals.append(state)
        x = torch.cat(parts, dim=-1)
    return x, tuple(torch.stack(states) for states in zip(*finals, strict=True))


def _checked(layers: Sequence[Sequence[Any]], kind: type) -> list[list[Any]]:
    """Return the weights of all layers, or refuse what is no stack of them."""
    what = f"a list with, for each layer, [{kind.__name__}] or [forward, backward]"
    checked = []
    for i, directions in enumerate(arguments.items("layers", layers, what=what)):
        name = f"layers[{i}]"
        if isinstance(directions, kind):
            raise TypeError(f"{name} must be a list of weights: write [weights], also for one")
        found = arguments.items(name, directions, what=f"[{kind.__name__}]")
        checked.append([check_weights(f"{name}[{d}]", w, kind) for d, w in enumerate(found)])
    if not checked or not all(checked):
        raise ValueError("layers must hold the weights of at least one layer, got none")
    if max(map(len, checked)) > 2:
        raise ValueError("layers must hold one or two directions for each layer, got more")
    if len({weights.state_sizes for directions in checked for weights in directions}) > 1:
        raise ValueError("layers must have states of one size, in all layers and directions")
    return checked


def _starts(x: Tensor, flat: Sequence[Any], start: State | None) -> Iterator[State]:
    """Return an iterator over the initial states of every layer and direction."""
    sizes = flat[0].state_sizes
    shapes = [(len(flat), x.shape[0], size) for size in sizes]
    if start is None:
        return repeat(tuple(x.new_zeros(shape[1:]) for shape in shapes))
    names = STATE_NAMES[: len(sizes)]
    fits = f"x {tuple(x.shape)} and {len(flat)} sets of weights (layers times directions)"
    check_states(names, start, shapes, like=x, to_fit=fits)
    return zip(*start, strict=True)
