"""Explorers of words: what they write is what the package computes, and a slip loses nothing."""

from __future__ import annotations

import html
import re
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figure_checks import SMALLEST, cut_off, overlapping, written
from matplotlib.axes import Axes

from course_utils import plots, widgets, word_vectors

FOX = "the quick brown fox jumps over the lazy dog".split()
COUNTS = {f"word{rank}": 6000 // rank for rank in range(1, 200)}


def said(panel: widgets.Panel) -> str:
    """Return the text below the picture as a reader sees it."""
    return html.unescape(re.sub("<[^>]+>", "", panel.message.value))


def assert_sound(panel: widgets.Panel) -> None:
    """Assert that the panel shows a picture and no mistake, and that no figure stays open."""
    assert bytes(panel.picture.value).startswith(b"\x89PNG")
    assert "\u2717" not in said(panel)
    assert plt.get_fignums() == []


def test_skip_gram_lists_a_pair_for_each_context_word() -> None:
    panel = widgets.window_explorer(FOX)
    panel.controls["kind"].value = "skip-gram"
    panel.controls["window"].value = 2
    panel.controls["place"].value = 6  # the second "the": the first one's pairs are not its own
    assert_sound(panel)
    pairs = re.findall(r"\((\w+) \u2192 (\w+)\)", said(panel))
    assert pairs == [("the", word) for word in ("jumps", "over", "lazy", "dog")]
    assert "4 pairs with the centre 'the'" in said(panel)
    assert f"gives {len(word_vectors.skip_gram_pairs(FOX, 2))} pairs" in said(panel)


def test_cbow_has_one_pair_for_each_centre() -> None:
    panel = widgets.window_explorer(FOX)
    panel.controls["kind"].value = "CBOW"
    panel.controls["window"].value = 3
    for place, around in [(0, "quick, brown, fox"), (8, "over, the, lazy")]:
        panel.controls["place"].value = place
        assert f"1 pair with the centre {FOX[place]!r}" in said(panel)
        assert f"([{around}] \u2192 {FOX[place]})" in said(panel)
        assert "gives 9 pairs" in said(panel)


def test_every_place_and_window_can_be_explored() -> None:
    panel = widgets.window_explorer(FOX[:4])
    before = panel.picture.value
    for kind in ("CBOW", "skip-gram"):
        panel.controls["kind"].value = kind
        for place in range(4):
            panel.controls["place"].value = place
            panel.controls["window"].value = 1 + place
            assert_sound(panel)
            assert max(map(len, said(panel).split("\n"))) <= 76
    assert panel.picture.value != before
    assert panel.controls["place"].max == 3


def test_words_that_do_not_fit_are_refused_before_the_panel_is_built() -> None:
    with pytest.raises(TypeError, match="split it"):
        widgets.window_explorer("the quick brown fox")
    with pytest.raises(ValueError, match="from 2 to 14 words"):
        widgets.window_explorer(FOX * 2)


def test_noise_bars_are_those_of_the_power_and_the_threshold() -> None:
    figure, text = widgets.draw_noise(COUNTS, power=0.5, threshold=0.01)
    left, right = figure.axes
    names = [tick.get_text() for tick in left.get_yticklabels()]
    ranks = [int(name.removeprefix("word")) for name in names]
    assert (ranks[0], ranks[-1]) == (1, 199)
    assert 12 <= ranks[len(ranks) // 2] <= 16  # the square root of 199: half of the way in logs
    counts = np.array([*COUNTS.values()], dtype=float)
    chosen = [[*COUNTS].index(name) for name in names]
    noise = np.sqrt(counts) / np.sqrt(counts).sum()
    ends = [bar.get_x() + bar.get_width() for bar in left.patches]
    np.testing.assert_allclose(ends, noise[chosen], rtol=1e-5)
    rest = 0.01 / (counts / counts.sum())
    keep = np.minimum(1, np.sqrt(rest) + rest)
    np.testing.assert_allclose([b.get_width() for b in right.patches], keep[chosen], rtol=1e-5)
    assert f"{100 * (counts * keep).sum() / counts.sum():.1f} % of the text is kept" in text


def test_noise_explorer_moves_and_its_threshold_is_a_power_of_ten() -> None:
    panel = widgets.noise_explorer(COUNTS)
    assert_sound(panel)
    assert "power 0.75, threshold 0.001:" in said(panel)
    before = panel.picture.value
    for power in (0.0, 1.0):
        for exponent in (-5.0, -1.0):
            panel.controls["power"].value = power
            panel.controls["exponent"].value = exponent
            assert_sound(panel)
            assert panel.picture.value != before
    assert "threshold 0.1: 100.0 % of the text is kept" in said(panel)


@pytest.mark.parametrize("counts", [{}, {"a": 3, "b": 2}, {"a": 3, "b": 2, "c": 0}])
def test_noise_needs_three_words_that_occur(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 3 words, each counted once or more"):
        widgets.noise_explorer(counts)


def test_noise_of_three_words_shows_each_once() -> None:
    figure, _ = widgets.draw_noise({"b": 2, "a": 9, "c": 1})
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["a", "b", "c"]


@cache
def some_vectors() -> tuple[word_vectors.WordVectors, np.ndarray]:
    """Return 300 words with random vectors, and their first two numbers as the map."""
    names = ("king", "queen", "horse", *(f"word{place}" for place in range(297)))
    vectors = torch.randn(300, 8, generator=torch.Generator().manual_seed(0))
    return word_vectors.WordVectors(names, vectors), vectors[:, :2].numpy()


def test_the_map_lists_the_neighbours_of_the_typed_word() -> None:
    vectors, points = some_vectors()
    panel = widgets.word_map(vectors, points, groups={"royal": ["king", "queen"]}, word="queen")
    panel.controls["word"].value = " KING "
    panel.controls["k"].value = 5
    assert_sound(panel)
    assert "nearest to 'king'" in said(panel)
    listed = re.findall(r"(\d+) (\w+) +(-?[\d.]+)", said(panel).split("\n", 1)[1])
    wanted = [(str(i), w, f"{c:.2f}") for i, (w, c) in enumerate(vectors.nearest("king", 5), 1)]
    assert sorted(listed) == wanted


@pytest.mark.parametrize("zoom", [1, 5])
def test_the_neighbours_are_emphasised_and_joined_to_the_word(zoom: int) -> None:
    vectors, points = some_vectors()
    ax, text = widgets.draw_neighbours(vectors, points, word="king", k=6, zoom=zoom)
    assert isinstance(ax, Axes)
    names = [name for name, _ in vectors.nearest("king", 6)]
    ends = [line.get_xydata()[1] for line in ax.lines]
    np.testing.assert_allclose(ends, points[[vectors.index[name] for name in names]])
    large = {t.get_text() for t in ax.texts if t.get_fontsize() > 15}
    inside = {name for name in names if ax.viewLim.contains(*points[vectors.index[name]])}
    assert large == {"king", *inside}
    stars = set(re.findall(r"(\w+) +-?[\d.]+\*", text))
    assert stars == {*names} - inside
    assert ("outside of the picture" in text) == bool(stars)
    assert bool(stars) == (zoom == 5)
    texts = written(ax.figure)
    assert cut_off(texts, ax.figure) == []
    assert overlapping(texts) == []
    assert min(size for _, _, size in texts) >= SMALLEST


def test_zoom_shows_a_part_around_the_word() -> None:
    vectors, points = some_vectors()
    whole = widgets.draw_neighbours(vectors, points, word="horse")[0]
    part = widgets.draw_neighbours(vectors, points, word="horse", zoom=4)[0]
    assert np.diff(part.get_xlim()) == pytest.approx(np.diff(whole.get_xlim()) / 4, rel=0.15)
    middle = [np.mean(part.get_xlim()), np.mean(part.get_ylim())]
    np.testing.assert_allclose(middle, points[vectors.index["horse"]], rtol=1e-5)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "the box is empty: type a word, such as 'king'"),
        ("   ", "the box is empty"),
        ("quen", "queen"),
        ("\U0001f680", "\U0001f680"),
        ("<b>horse", "horse"),
        ("two words", "'two words'"),
    ],
)
def test_a_word_without_a_vector_is_answered_in_red_and_the_map_stays(typed, answer) -> None:
    vectors, points = some_vectors()
    panel = widgets.word_map(vectors, points)
    before = panel.picture.value
    panel.controls["word"].value = "x"  # a first slip, so that an empty box is a change too
    panel.controls["word"].value = typed
    assert 'role="alert"' in panel.message.value
    assert "<b>" not in panel.message.value
    assert answer in said(panel)
    assert panel.picture.value == before
    assert plt.get_fignums() == []
    panel.controls["word"].value = "queen"
    assert_sound(panel)


def test_capital_letters_are_kept_where_the_words_have_them() -> None:
    vectors = word_vectors.WordVectors(("a", "A", "B"), torch.eye(3))
    for typed, found in (("a", "a"), ("A", "A"), ("B", "B")):
        text = widgets.draw_neighbours(vectors, np.eye(3)[:, :2], word=typed, k=1)[1]
        assert f"nearest to {found!r}" in text


def test_maps_that_do_not_fit_are_refused_before_the_panel_is_built() -> None:
    vectors, points = some_vectors()
    with pytest.raises(ValueError, match=r"points must have the shape \(300, 2\)"):
        widgets.word_map(vectors, points[:-1])
    with pytest.raises(ValueError, match="'cat'"):
        widgets.word_map(vectors, points, groups={"animals": ["cat"]})
    with pytest.raises(ValueError, match="'kingg'"):
        widgets.word_map(vectors, points, word="kingg")
    with pytest.raises(ValueError, match="zoom must be at least 1, got 0"):
        widgets.draw_neighbours(vectors, points, word="king", zoom=0)
    assert plt.get_fignums() == []


def test_two_words_are_enough_for_a_map() -> None:
    vectors = word_vectors.WordVectors(("sun", "moon"), torch.eye(2))
    panel = widgets.word_map(vectors, plots.inputs.as_numbers("x", np.eye(2), (2, 2)))
    panel.controls["zoom"].value = 20
    assert_sound(panel)
    assert "moon" in said(panel)
