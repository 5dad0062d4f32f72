"""Numbers about words: a statistic among permuted ones, and what noise and subsampling do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from course_utils.arguments import real_number
from course_utils.plots.inputs import LARGEST, as_names, as_numbers, tick_names, written
from course_utils.plots.style import PALETTE, new_figure

MAX_WORDS = 15
LONGEST = 24  # signs in a word
SMALLEST = 1e-30  # share of a word on the logarithmic axis

_BINS = 40


def null_histogram(null: Any, observed: float, *, label: str, title: str = "") -> Axes:
    """Draw the statistics of permuted groups as a histogram, and the observed one as a line.

    Args:
        null: (N,), the statistic of each permutation.
        observed: the statistic of the real group.
        label: what the statistic is; written below the axis.
        title: what stands above the histogram.

    Returns:
        The Axes.

    Raises:
        TypeError: observed is no number, or label or title is no text.
        ValueError: null is empty, or a number is not finite.
    """
    null = as_numbers("null", null, ("N",))
    observed = real_number("observed", observed, least=-LARGEST, most=LARGEST)
    (label, look), (title, how) = written("label", label), written("title", title)
    ax = new_figure(height=4.2)[1]
    low, high = min(null.min(), observed), max(null.max(), observed)
    # Less room, and the computer could not tell the edges of the bars from each other.
    room = max(0.06 * (high - low) or 0.9, 1e-9 * max(abs(low), abs(high)), 1e-12)
    edges = np.linspace(low - room / 3, high + room / 3, _BINS + 1)
    heights, _, _ = ax.hist(null, edges, color=PALETTE["sky"], edgecolor="white", linewidth=0.5)
    ax.axvline(observed, ymax=0.86, color=PALETTE["orange"], linewidth=4)
    ax.set(xlim=(low - room, high + room), ylim=(0, 1.22 * heights.max()))
    side = "right" if observed > (low + high) / 2 else "left"
    # Above the bars: there the text is free of them wherever the line stands.
    at = (observed, 1.1 * heights.max())
    said = f"observed {observed:{'.3f' if abs(observed) < 1e6 else '.3g'}} "
    bold = {"va": "center", "fontsize": 15, "weight": "bold", "color": "#9C4400"}
    ax.text(*at, said.replace("-", "\u2212"), ha=side, **bold)
    ax.set_xlabel(label, **look)
    ax.set_ylabel("groups")
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    if title:
        ax.set_title(title, **how)
    return ax


def noise_bars(words: Sequence[str], shares: Any, noise: Any, keep: Any) -> Figure:
    """Draw for some words their share of the noise beside that of the text, and who is kept.

    Args:
        words: W words, at most 15; the first stands on top.
        shares: (W,), above 0: what part of the text is each word.
        noise: (W,), above 0: how probable each word is as a negative.
        keep: (W,), from 0 to 1: how probable it is that one occurrence of the word is kept.

    Returns:
        The Figure: the noise at the left, on a logarithmic axis; the kept part at the right.

    Raises:
        TypeError: words is no list of texts.
        ValueError: there are no or too many words, the numbers do not fit them, or are no
            probabilities.
    """
    words = as_names("words", words, longest=LONGEST)
    if not 1 <= len(words) <= MAX_WORDS:
        raise ValueError(f"words must be from 1 to {MAX_WORDS} words, got {len(words)}")
    parts = {"shares": shares, "noise": noise, "keep": keep}
    numbers = {name: as_numbers(name, part, (len(words),)) for name, part in parts.items()}
    for name, values in numbers.items():
        low = 0 if name == "keep" else SMALLEST
        if values.min() < low or values.max() > 1 + 1e-6:
            ends = f"from {values.min():.3g} to {values.max():.3g}"
            raise ValueError(f"{name} must be probabilities above 0 and up to 1, got {ends}")
    figure, axes = new_figure(1, 2, height=max(2.8, 1.75 + 0.36 * len(words)), sharey=True)
    _noise(axes[0], numbers["shares"], numbers["noise"])
    _kept(axes[1], numbers["keep"])
    drawn, look = tick_names(words)
    axes[0].set_yticks(range(len(words)), drawn, fontsize=15, **look)
    axes[0].set_ylim(len(words) - 0.4, -0.6)
    return figure


def _noise(ax: Axes, shares: np.ndarray, noise: np.ndarray) -> None:
    """Draw each word's share of the noise as a bar, that of the text as a line across it."""
    rows = np.arange(len(shares))
    left = 10 ** np.floor(np.log10(min(shares.min(), noise.min())) - 0.3)
    ax.barh(rows, noise - left, left=left, height=0.66, color=PALETTE["sky"], label="in the noise")
    look = {"color": PALETTE["orange"], "markersize": 20, "markeredgewidth": 3.5}
    ax.plot(shares, rows, "|", label="in the text", **look)
    ax.set_xscale("log")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(left, 3 * max(shares.max(), noise.max()))
    ax.set_xlabel("share (logarithmic axis)")
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)


def _kept(ax: Axes, keep: np.ndarray) -> None:
    """Draw how probable it is that an occurrence is kept, with the number behind each bar."""
    rows = np.arange(len(keep))
    ax.barh(rows, keep, height=0.66, color=PALETTE["green"])
    for row, share in enumerate(keep):
        text = f"{100 * share:.0f} %" if share >= 0.005 or share == 0 else "< 1 %"
        ax.text(share + 0.02, row, text, va="center_baseline", fontsize=14)
    ax.set(xlim=(0, 1.25), xticks=[0, 0.5, 1])
    ax.set_xlabel("probability of being kept")
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
