"""What a sampling rule does to the distribution of the next character: a panel per rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.arguments import instance, items, shown
from course_utils.plots.inputs import as_count, as_numbers, tick_names, written
from course_utils.plots.style import INK, PALETTE, new_figure

MAX_PANELS = 6
MAX_ROWS = 18
MAX_RULE = 60  # signs in the name of a rule
CUT_SIGN = "\u00d7"
MAX_SIGNS = 5  # in one symbol: "<PAD>" still fits beside the bars

_NAMES = {" ": "space", "\n": "line break \u21b5", "\t": "tab \u21e5", "\r": "return"}
_CUT = {"facecolor": "white", "edgecolor": "#8C8C8C", "hatch": "////", "linewidth": 1}


@dataclass(frozen=True)
class _Bars:
    """What one panel draws: a share per row, and the share of each row that was cut off."""

    shares: np.ndarray
    cut: np.ndarray


def choice_panels(
    chances: Mapping[str, Any], symbols: Sequence[str], *, top: int = 12, title: str = ""
) -> Figure:
    """Draw the distribution of the next character side by side, once per sampling rule.

    The rows are the likeliest characters of the first panel, the likeliest on top, and below them
    all the others together. What has the probability 0 in a panel, but not in the first one, was
    cut off by the rule: it is marked ×, and a hatched bar shows what it had in the first panel.

    Args:
        chances: name of the rule -> (V,), probabilities that sum to 1. The first is what the
            others are compared with: give the unchanged distribution first. At most 6 rules.
        symbols: V characters, or short symbols such as "<E>".
        top: how many characters get a row of their own, from 1 to 18.
        title: what stands above the panels.

    Returns:
        The Figure, one Axes per rule.

    Raises:
        TypeError: chances is no dict of texts, or symbols, top or title is of another type.
        ValueError: there is no rule or too many, the probabilities do not fit the symbols or are
            none, a symbol is empty or too long, or top is out of range.
    """
    names = [_name(symbol) for symbol in _listed(symbols)]
    panels = _panels(chances, len(names))
    top = as_count("top", top, high=MAX_ROWS)
    title, look = written("title", title)
    first = panels[0]
    order = np.argsort(-first, kind="stable")
    rows, others = order[:top], order[top:]
    labels = [names[row] for row in rows] + ([f"{len(others)} others"] if len(others) else [])
    drawn = [_bars(first, shares, rows, others) for shares in panels]
    height = 1.35 + 0.36 * len(labels) + (0.4 if title else 0)
    figure, axes = new_figure(1, len(panels), height=height, sharey=True, squeeze=False)
    widest = max(float(np.maximum(bars.shares, bars.cut).max()) for bars in drawn)
    wrap = 60 // len(panels)
    for ax, rule, bars in zip(axes[0], chances, drawn, strict=True):
        _panel(ax, fill(rule, wrap, break_long_words=False), bars, widest, len(panels))
    _label_rows(axes[0, 0], labels)
    if title:
        figure.suptitle(title, fontsize=16, **look)
    _explain(figure, hatched=any(bars.cut.any() for bars in drawn))
    return figure


def _listed(symbols: Any) -> list[str]:
    """Return the symbols as a list; the letters of a text are symbols too."""
    return [*symbols] if isinstance(symbols, str) else items("symbols", symbols, least=1)


def _name(symbol: str) -> str:
    """Return how a character is called beside its bar."""
    if not isinstance(symbol, str) or not 1 <= len(symbol) <= MAX_SIGNS:
        raise ValueError(
            f"symbols: a symbol must be a text of 1 to {MAX_SIGNS} signs, got {shown(symbol)}"
        )
    return _NAMES.get(symbol, symbol)


def _panels(chances: Mapping[str, Any], size: int) -> list[np.ndarray]:
    """Return the probabilities of each rule, or say why they are none."""
    what = "a dict with the name of each rule and its probabilities"
    instance("chances", chances, Mapping, what=what)
    if not 1 <= len(chances) <= MAX_PANELS:
        raise ValueError(f"chances must hold from 1 to {MAX_PANELS} rules, got {len(chances)}")
    for rule in chances:
        written("each name in chances", rule, longest=MAX_RULE)
    panels = [as_numbers(f"chances[{rule!r}]", chances[rule], (size,)) for rule in chances]
    for rule, shares in zip(chances, panels, strict=True):
        if shares.min() < 0 or abs(shares.sum() - 1) > 1e-3:
            raise ValueError(
                f"chances[{rule!r}] must be from 0 to 1 and sum to 1, got numbers from "
                f"{shares.min():.3g} to {shares.max():.3g} with the sum {shares.sum():.3g}"
            )
    return panels


def _bars(first: np.ndarray, shares: np.ndarray, rows: np.ndarray, others: np.ndarray) -> _Bars:
    """Return the bars of one panel: the rows, and the others as one."""
    lost = np.where(shares == 0, first, 0)
    if not len(others):
        return _Bars(shares[rows], lost[rows])
    together = [np.append(values[rows], values[others].sum()) for values in (shares, lost)]
    # Where some of the others are left, the bar is what they have.
    together[1][-1] *= together[0][-1] == 0
    return _Bars(*together)


def _panel(ax: Axes, rule: str, bars: _Bars, widest: float, count: int) -> None:
    """Draw the bars of one rule, each with its share in per cent."""
    places = np.arange(len(bars.shares))
    ax.barh(places, bars.shares, height=0.7, color=PALETTE["blue"])
    cut = bars.cut > 0
    ax.barh(places[cut], bars.cut[cut], height=0.7, **_CUT)
    gap = 0.03 * widest
    for place, (share, lost) in enumerate(zip(bars.shares, bars.cut, strict=True)):
        text = f"{100 * share:.0f}" if share == 0 or share >= 0.005 else "< 1"
        look = {"va": "center_baseline", "fontsize": 13}
        number = ax.text(max(share, lost) + gap, place, CUT_SIGN if lost else text, **look)
        number.set_in_layout(False)  # it stands inside the axes: measuring it would cost time
    # Room for two or three digits behind the longest bar: more where the panel is narrow.
    ax.set(xlim=(0, widest * (1.08 + 0.075 * count)), xticks=[])
    rule, look = written("chances", rule, longest=2 * MAX_RULE)
    ax.set_title(rule, fontsize=14, **look)
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def _label_rows(ax: Axes, labels: list[str]) -> None:
    """Write what each row is; the panels share it."""
    drawn, look = tick_names(labels)
    ax.set_yticks(range(len(labels)), drawn, fontsize=14, color=INK, **look)
    ax.set_ylim(len(labels) - 0.5, -0.5)


def _explain(figure: Figure, *, hatched: bool) -> None:
    """Write below the panels what the numbers and the hatched bars are."""
    note = "probability in per cent"
    cut = f"   ({CUT_SIGN} and hatched: cut off by the rule)" if hatched else ""
    figure.supxlabel(note + cut, fontsize=14)
