"""What came when: recurrent networks with gates, attention, and linear recurrences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_utils.diagrams.pieces import (
    HIDDEN,
    OUTPUT,
    PAST,
    RECURRENT,
    WIDTH,
    box,
    canvas,
    label,
    tint,
)
from course_utils.diagrams.words import text_width

# Year -> middle of its column in inches. Between two columns lie 1 to 17 years: drawn to scale,
# most names would lie on each other.
_YEARS = {
    1986: 0.56,
    1990: 1.45,
    1997: 2.32,
    2014: 3.25,
    2017: 4.72,
    2018: 5.82,
    2021: 6.6,
    2023: 7.36,
    2024: 8.35,
}
_BREAKS = (2.75, 6.2)  # inches; where the columns stand closer than the years
_AXIS = 0.75  # inches; height of the line with the years
_LETTERS = 14  # points


@dataclass(frozen=True)
class _Lane:
    """One family: what it is, its colour, its lower and upper side, and (year, name, height)."""

    says: str
    color: str
    sides: tuple[float, float]
    models: Sequence[tuple[int, str, float]]


_LANES = (
    _Lane(
        "recurrent networks: one state, one step after another",
        HIDDEN,
        (4.95, 6.35),
        (
            (1986, "Jordan\nRNN", 5.42),
            (1990, "Elman\nRNN", 5.42),
            (1997, "LSTM", 5.42),
            (2014, "GRU", 5.42),
            (2024, "xLSTM", 5.42),
        ),
    ),
    _Lane(
        "attention: reads every earlier place",
        OUTPUT,
        (3.35, 4.75),
        (
            (2014, "attention\n(Bahdanau)", 3.82),
            (2017, "Transformer", 3.82),
            (2018, "GPT", 3.82),
        ),
    ),
    _Lane(
        "linear recurrences and state spaces:\none state, but training is parallel",
        RECURRENT,
        (1.2, 3.15),
        (
            (2021, "S4", 2.12),
            (2023, "LRU", 2.66),
            (2023, "RWKV", 2.12),
            (2023, "Mamba", 1.58),
            (2024, "minGRU", 2.12),
        ),
    ),
)


def model_families() -> Axes:
    """Draw three families of sequence models in time, from 1986 to 2024.

    A year is that of the first public version: Jordan (1986), Elman (1990), LSTM (Hochreiter and
    Schmidhuber 1997), GRU (Cho et al. 2014), attention (Bahdanau et al. 2014), Transformer
    (Vaswani et al. 2017), GPT (Radford et al. 2018), S4 (Gu et al. 2021), LRU (Orvieto et al.
    2023), RWKV (Peng et al. 2023), Mamba (Gu and Dao 2023), xLSTM (Beck et al. 2024), minGRU
    (Feng et al. 2024).

    Returns:
        The Axes.
    """
    ax = canvas(6.5)
    for lane in _LANES:
        _lane(ax, lane)
    _axis(ax)
    return ax


def _lane(ax: Axes, lane: _Lane) -> None:
    """Draw the band of one family with its models."""
    low, high = lane.sides
    look = {"facecolor": tint(lane.color, 0.1), "edgecolor": "none", "zorder": 0}
    ax.add_patch(Rectangle((0.1, low), WIDTH - 0.2, high - low, **look))
    lines = lane.says.count("\n") + 1
    at = (0.25, high - 0.05 - 0.14 * lines)
    label(ax, at, lane.says, size=15, ha="left", va="center", weight="bold")
    for year, name, y in lane.models:
        wide = max(text_width(line, _LETTERS) for line in name.split("\n"))
        size = (wide + 0.2, 0.6 if "\n" in name else 0.42)
        ax.plot([_YEARS[year]] * 2, [_AXIS, y], color="#CFCFCF", linewidth=1.5, zorder=0.5)
        box(ax, (_YEARS[year], y), name, color=lane.color, size=size, letters=_LETTERS)


def _axis(ax: Axes) -> None:
    """Draw the line of the years, cut where it is not to scale."""
    ax.plot([0.1, WIDTH - 0.1], [_AXIS] * 2, color=PAST, linewidth=2, zorder=1)
    for year, x in _YEARS.items():
        ax.plot([x, x], [_AXIS - 0.07, _AXIS + 0.07], color=PAST, linewidth=2)
        label(ax, (x, _AXIS - 0.28), str(year), size=_LETTERS)
    for x in _BREAKS:
        ax.plot([x - 0.09, x + 0.09], [_AXIS] * 2, color="white", linewidth=4, zorder=2)
        for side in (-0.09, 0.09):
            ends = ([x + side - 0.05, x + side + 0.05], [_AXIS - 0.13, _AXIS + 0.13])
            ax.plot(*ends, color=PAST, linewidth=2, zorder=3)
    label(ax, (0.25, 0.17), "the distances between the years are not to scale", ha="left")
