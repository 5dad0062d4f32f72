"""Explorers of attention weights, and of the rounds of a parallel scan."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils import diagrams, plots
from course_utils.arguments import items, shown, whole_number
from course_utils.plots.inputs import as_numbers, visible
from course_utils.widgets.controls import slider
from course_utils.widgets.panel import Panel, explore
from course_utils.widgets.trial import try_once

_MOST = 5  # places that are listed


def attention_explorer(weights: Any, letters: Sequence[str]) -> Panel:
    """Build the explorer of what each head of each layer reads.

    Args:
        weights: (n_layers, n_heads, T, T), causal: each row sums to 1 over the places up to its
            own. T is at most 32.
        letters: T letters.

    Returns:
        The Panel, with the controls layer, head and place, each from 0.

    Raises:
        ValueError: weights do not fit letters, are not causal, or do not sum to 1.
    """
    letters = letters if isinstance(letters, str) else items("letters", letters)
    size = len(letters)
    weights = as_numbers("weights", weights, ("n_layers", "n_heads", size, size))
    draw = partial(draw_attention, weights, letters)
    try_once(draw, layer=0, head=0, place=size - 1)
    return explore(
        draw,
        title="which earlier places each head reads",
        layer=slider("layer", 0, weights.shape[0] - 1),
        head=slider("head", 0, weights.shape[1] - 1),
        place=slider("reading place", 0, size - 1, value=size - 1),
    )


def draw_attention(
    weights: Any, letters: Sequence[str], *, layer: int, head: int, place: int
) -> tuple[Axes, str]:
    """Draw the attention of one head with one row framed, and list what this row reads most.

    Args:
        weights: (n_layers, n_heads, T, T).
        letters: T letters.
        layer: which layer, from 0.
        head: which head, from 0.
        place: the reading place, from 0.

    Returns:
        The Axes, and the places that are read most as text.

    Raises:
        TypeError, ValueError: as for `plots.attention_map`.
        IndexError: there is no such layer or head.
    """
    part = as_numbers("weights", weights, ("n_layers", "n_heads", "T", "T"))
    layer, head = _place("layer", layer, part.shape[0]), _place("head", head, part.shape[1])
    place = whole_number("place", place)
    letters = letters if isinstance(letters, str) else items("letters", letters)
    title = f"layer {layer}, head {head}"
    ax = plots.attention_map(part[layer, head], letters, place=place, title=title)
    row = part[layer, head, place, : place + 1]
    most = np.argsort(-row, kind="stable")[:_MOST]
    read = [f"{visible(letters[t])} (place {t}): {100 * row[t]:.0f} %" for t in most]
    said = f"place {place}, {visible(letters[place])}, reads most:"
    return ax, "\n".join([said, *read])


def _place(name: str, value: int, count: int) -> int:
    """Return the number of a layer or head."""
    number = whole_number(name, value)
    if not 0 <= number < count:
        raise IndexError(f"{name} must be from 0 to {count - 1}, got {shown(number)}")
    return number


def scan_explorer(n_steps: int = 8) -> Panel:
    """Build the explorer of the scan by doubling: one round after another.

    Args:
        n_steps: T, from 2 to 10.

    Returns:
        The Panel, with the control rounds.

    Raises:
        TypeError: n_steps is not a whole number.
        ValueError: n_steps is out of range.
    """
    draw = partial(draw_scan, n_steps)
    try_once(draw, rounds=0)
    needed = diagrams.rounds_needed(n_steps)
    return explore(
        draw,
        title="a parallel scan, round by round",
        rounds=slider("rounds", 0, needed, value=needed),
    )


def draw_scan(n_steps: int, *, rounds: int) -> tuple[Axes, str]:
    """Draw the rounds of a scan, and write what is done and what it cost so far.

    Args:
        n_steps: T, from 2 to 10.
        rounds: rounds that are done.

    Returns:
        The Axes, and a text.

    Raises:
        TypeError, ValueError: as for `diagrams.scan_rounds`.
    """
    ax = diagrams.scan_rounds(n_steps, rounds)
    n_steps, rounds = whole_number("n_steps", n_steps), whole_number("rounds", rounds)
    done = min(2**rounds, n_steps)
    text = (
        f"after {rounds} of {diagrams.rounds_needed(n_steps)} rounds: {done} of {n_steps} places "
        f"are done, {diagrams.scan_joins(n_steps, rounds)} joins\n"
        f"one after another: {n_steps - 1} rounds with one join each, {n_steps - 1} joins"
    )
    return ax, text
