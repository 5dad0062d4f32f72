"""Permuted statistics, the noise of words, and attention weights: the numbers that are drawn."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figure_checks import assert_readable
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_utils import plots

NULL = np.random.default_rng(0).normal(size=2000)
WORDS = ["the", "and", "yonder"]
SHARES, NOISE, KEEP = [0.05, 0.03, 1e-5], [0.02, 0.015, 3e-5], [0.16, 0.2, 1.0]
ABC = list("abc")


def weights(size: int, seed: int = 0) -> torch.Tensor:
    """Return causal attention weights (T, T)."""
    scores = 2 * torch.randn(size, size, generator=torch.Generator().manual_seed(seed))
    later = torch.ones(size, size, dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -torch.inf).softmax(-1)


DRAWINGS: dict[str, Callable[[], Axes | Figure]] = {
    "null": lambda: plots.null_histogram(NULL, 3.5, label="mean cosine", title="Vowels"),
    "null inside": lambda: plots.null_histogram(NULL, -0.1, label="mean cosine"),
    "null low": lambda: plots.null_histogram(NULL, -5, label="mean cosine"),
    "null equal": lambda: plots.null_histogram([2.0, 2.0], 2.0, label="mean cosine"),
    "noise": lambda: plots.noise_bars(WORDS, SHARES, NOISE, KEEP),
    "noise most": lambda: plots.noise_bars(["immediately"] * 15, *[np.full(15, 0.01)] * 3),
    "noise one": lambda: plots.noise_bars(["$x$"], [1], [1], [0]),
    "attention": lambda: plots.attention_map(weights(13), "the cat sat o", place=8, title="head"),
    "attention most": lambda: plots.attention_map(weights(32), "WM@\n" * 8, place=31),
    "attention one": lambda: plots.attention_map([[1]], "a", place=0),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert_readable(drawn)
    assert drawn.figure.get_figheight() < 9


@pytest.mark.parametrize("observed", [3.5, -0.1, -5.0])
def test_every_permutation_is_counted_and_the_observed_value_is_marked(observed: float) -> None:
    ax = plots.null_histogram(torch.tensor(NULL), observed, label="mean cosine")
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert sum(bar.get_height() for bar in bars) == len(NULL)
    below = sum(bar.get_height() for bar in bars if bar.get_x() + bar.get_width() <= 0.5)
    wide = bars[0].get_width()
    assert (NULL < 0.5 - wide).sum() <= below <= (NULL < 0.5).sum()
    (line,) = ax.lines
    assert [*line.get_xdata()] == [observed] * 2
    assert ax.get_xlim()[0] < observed < ax.get_xlim()[1]
    assert ax.texts[0].get_text().strip() == f"observed {observed:.3f}".replace("-", "\u2212")
    assert ax.get_xlabel() == "mean cosine"


def test_bars_and_marks_have_the_lengths_of_the_numbers() -> None:
    left, right = plots.noise_bars(WORDS, SHARES, NOISE, torch.tensor(KEEP)).axes
    ends = [bar.get_x() + bar.get_width() for bar in left.patches]
    np.testing.assert_allclose(ends, NOISE)
    assert left.get_xscale() == "log"
    (marks,) = left.lines
    np.testing.assert_allclose(marks.get_xydata(), [(s, row) for row, s in enumerate(SHARES)])
    np.testing.assert_allclose([bar.get_width() for bar in right.patches], KEEP, rtol=1e-6)
    assert [text.get_text() for text in right.texts] == ["16 %", "20 %", "100 %"]
    assert [text.get_text() for text in left.get_yticklabels()] == WORDS
    assert left.get_ylim()[0] > left.get_ylim()[1]  # the first word on top


def test_later_places_are_empty_and_the_others_have_their_weights() -> None:
    given = weights(6)
    ax = plots.attention_map(given, "abcdef")
    drawn = np.ma.filled(ax.images[0].get_array().astype(float), np.nan)
    earlier = np.tri(6, dtype=bool)
    np.testing.assert_array_equal(np.isnan(drawn), ~earlier)
    np.testing.assert_allclose(drawn[earlier], given.numpy()[earlier])
    assert ax.images[0].get_clim() == (0, 1)  # the same colours in every map
    assert [text.get_text() for text in ax.get_yticklabels()] == [*"abcdef"]


def test_the_frame_holds_what_the_place_may_read() -> None:
    ax = plots.attention_map(weights(6), "abcdef", place=3)
    (frame,) = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert frame.get_bbox().bounds == (-0.5, 2.5, 4, 1)
    bold = [t.get_text() for t in ax.get_xticklabels() if t.get_fontweight() == "bold"]
    assert bold == [*"abcd"]
    assert not plots.attention_map(weights(6), "abcdef").patches


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.null_histogram([], 1, label="x"), "null must have the shape"),
        (lambda: plots.null_histogram([1, np.inf], 1, label="x"), "null must be finite"),
        (
            lambda: plots.null_histogram([1, 2], np.nan, label="x"),
            "observed must be a finite number",
        ),
        (lambda: plots.noise_bars([], [], [], []), "from 1 to 15 words, got 0"),
        (lambda: plots.noise_bars(WORDS, SHARES, NOISE, [1]), r"keep must have the shape \(3,\)"),
        (lambda: plots.noise_bars(WORDS, SHARES, [0, 0, 1], KEEP), "noise must be probabilities"),
        (lambda: plots.noise_bars(WORDS, SHARES, NOISE, [0, 1, 2]), "keep .* from 0 to 2"),
        (lambda: plots.attention_map([[0.5, 0.5], [0.5, 0.5]], "ab"), r"weights\[0, 1\] is 0.5"),
        (lambda: plots.attention_map([[1, 0], [0.5, 0.4]], "ab"), "sums from 0.9 to 1: apply"),
        (lambda: plots.attention_map([[1, 0], [1.5, -0.5]], "ab"), "from 0 to 1"),
        (lambda: plots.attention_map(np.eye(3), "ab"), r"weights must have the shape \(2, 2\)"),
        (lambda: plots.attention_map(np.eye(3), ABC, place=3), "place must be from 0 to 2, got 3"),
        (lambda: plots.attention_map(np.eye(33), "a" * 33), "letters must be from 1 to 32, got 33"),
    ],
)
def test_bad_numbers_are_named_and_no_figure_is_left(draw, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []
