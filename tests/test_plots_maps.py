"""The map of words: right places, one scale, names beside their own markers and not on others."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from figure_checks import assert_readable, overlapping, written
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.text import Text

from course_utils import plots
from course_utils.plots.names import LARGE, MAX_NAMES, PLAIN

DRAW = np.random.default_rng(0)
POINTS = DRAW.normal(size=(40, 2))
NAMES = [f"word{place}" for place in range(40)]
GROUPS = {"animals": NAMES[:8], "colours": NAMES[8:14], "kings and queens": NAMES[14:20]}
MANY = {f"a group with a long name {n}": [NAMES[n]] for n in range(6)}

DRAWINGS: dict[str, Callable[[], Axes]] = {
    "plain": lambda: plots.point_map(POINTS, NAMES),
    "groups": lambda: plots.point_map(POINTS, NAMES, groups=GROUPS, title="Words $x$"),
    "most groups": lambda: plots.point_map(POINTS, NAMES, groups=MANY, title="Words"),
    "highlight": lambda: plots.point_map(POINTS, NAMES, highlight=NAMES[3:7], lines_from="word2"),
    "one": lambda: plots.point_map([[1, 1]], ["sun"]),
    "a line": lambda: plots.point_map([[0, 5], [1, 5], [3, 5]], ["sun", "moon", "$a$"]),
    "letters": lambda: plots.point_map(POINTS[:26], [chr(97 + i) for i in range(26)]),
    "other alphabets": lambda: plots.point_map(POINTS[:3], ["caf\u00e9", "\uc7ac", "\U0001f680"]),
    "part": lambda: plots.point_map(POINTS, NAMES, limits=(-0.5, 0.5, -0.5, 0.5)),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_figure_is_readable(name: str) -> None:
    drawn = DRAWINGS[name]()
    assert_readable(drawn)
    assert drawn.figure.get_figheight() < 9


def names_of(ax: Axes) -> dict[str, Text]:
    return {text.get_text(): text for text in ax.texts}


def markers(ax: Axes) -> list[tuple[float, float, float, tuple[float, ...]]]:
    """Return (x, y, size, colour with opacity) of each marker that is drawn."""
    found = []
    for part in ax.collections:
        if isinstance(part, PathCollection):
            sizes = np.broadcast_to(part.get_sizes(), len(part.get_offsets()))
            for (x, y), size in zip(part.get_offsets(), sizes, strict=True):
                found.append((x, y, size, tuple(part.get_facecolor()[0])))
    return found


def test_every_point_has_its_marker() -> None:
    drawn = markers(plots.point_map(torch.tensor(POINTS, requires_grad=True), NAMES))
    np.testing.assert_allclose(sorted(m[:2] for m in drawn), sorted(map(tuple, POINTS)))


def test_both_directions_have_the_same_scale() -> None:
    for limits in (None, (-3, 3, 0, 0.1), (0, 0.1, -1, 1)):
        ax = plots.point_map(POINTS, NAMES, limits=limits)
        origin, right, up = ax.transData.transform([(0, 0), (1, 0), (0, 1)])
        assert (right - origin)[0] == pytest.approx((up - origin)[1])


def test_all_points_are_inside_and_a_part_holds_what_was_asked_for() -> None:
    ax = plots.point_map(POINTS, NAMES)
    assert ax.get_xlim()[0] < POINTS[:, 0].min() < POINTS[:, 0].max() < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < POINTS[:, 1].min() < POINTS[:, 1].max() < ax.get_ylim()[1]
    ax = plots.point_map(POINTS, NAMES, limits=(-1, 1, 0, 0.5))
    assert ax.get_xlim() == pytest.approx((-1, 1))
    assert np.mean(ax.get_ylim()) == pytest.approx(0.25)


def gap(text: Text, at: np.ndarray) -> float:
    """Return how far in points a name's box is from a pixel."""
    extent = text.get_window_extent()
    nearest = np.clip(at, extent.min, extent.max)
    return float(np.linalg.norm(at - nearest)) * 72 / text.figure.dpi


def test_names_stand_beside_their_own_markers() -> None:
    ax = plots.point_map(POINTS, NAMES)
    texts = names_of(ax)
    assert len(texts) > 30
    for place, point in enumerate(ax.transData.transform(POINTS)):
        if NAMES[place] in texts:
            assert gap(texts[NAMES[place]], point) < 20 * 2**0.5 + 1


def test_a_name_without_room_is_left_out_but_its_marker_is_not() -> None:
    points = DRAW.normal(size=(400, 2))
    names = [f"name{place}" for place in range(400)]
    ax = plots.point_map(points, names)
    assert 20 < len(ax.texts) < MAX_NAMES
    assert len(markers(ax)) == 400
    assert overlapping(written(ax.figure)) == []
    assert {"name0", "name1", "name2"} <= {*names_of(ax)}  # the first ones are placed first


def test_highlighted_names_are_always_written_large_and_the_others_pale() -> None:
    same = np.zeros((30, 2)) + 1e-3 * np.arange(30)[:, None]
    chosen = NAMES[20:25]
    ax = plots.point_map(same, NAMES[:30], highlight=chosen)
    texts = names_of(ax)
    assert {*chosen} <= {*texts}
    for name, text in texts.items():
        assert text.get_fontsize() == (LARGE if name in chosen else PLAIN)
        assert text.get_color() == (plots.INK if name in chosen else "#767676")
    strong = sorted(m[0] for m in markers(ax) if m[3][3] == 1)
    np.testing.assert_allclose(strong, same[20:25, 0])


def test_lines_go_from_one_name_to_each_highlighted_one() -> None:
    ax = plots.point_map(POINTS, NAMES, highlight=["word4", "word9", "word4"], lines_from="word7")
    lines = [line.get_xydata() for line in ax.lines]
    np.testing.assert_allclose(lines, [POINTS[[7, 4]], POINTS[[7, 9]]])
    bold = [name for name, text in names_of(ax).items() if text.get_weight() == "bold"]
    assert bold == ["word7"]


def test_a_group_has_its_own_colour_and_marker_and_the_rest_is_grey() -> None:
    ax = plots.point_map(POINTS, NAMES, groups=GROUPS)
    legend = ax.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [*GROUPS, "others"]
    looks = [(line.get_color(), line.get_marker()) for line in legend.get_lines()]
    assert len({color for color, _ in looks}) == 4
    assert len({marker for _, marker in looks[:3]}) == 3
    kind_of = {name: kind for kind, names in enumerate(GROUPS.values()) for name in names}
    for x, y, _, color in markers(ax):
        place = int(np.abs(POINTS - (x, y)).sum(axis=1).argmin())
        wanted = looks[kind_of.get(NAMES[place], 3)][0]
        assert color[:3] == pytest.approx(mpl.colors.to_rgb(wanted))


def test_without_a_rest_there_is_no_entry_for_it() -> None:
    ax = plots.point_map(POINTS[:2], ["a", "b"], groups={"vowels": ["a"], "consonants": ["b"]})
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["vowels", "consonants"]
    assert plots.point_map(POINTS[:2], ["a", "b"]).get_legend() is None


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.point_map(POINTS, NAMES[:-1]), r"points must have the shape \(39, 2\)"),
        (lambda: plots.point_map([], []), "points must"),
        (lambda: plots.point_map([[0, np.nan]], ["a"]), "points must be finite"),
        (lambda: plots.point_map(POINTS[:2], ["a", "a"]), "labels holds 'a' twice"),
        (lambda: plots.point_map(POINTS, NAMES, highlight=["cat"]), "holds 'cat', which is not"),
        (lambda: plots.point_map(POINTS, NAMES, lines_from="cat"), "holds 'cat', which is not"),
        (lambda: plots.point_map(POINTS, NAMES, groups={"g": ["cat"]}), r"groups\['g'\] .*'cat'"),
        (
            lambda: plots.point_map(POINTS, NAMES, groups=dict.fromkeys(NAMES[:7], [])),
            "groups must be at most 6, got 7",
        ),
        (lambda: plots.point_map(POINTS, NAMES, limits=(1, 0, 0, 1)), "limits must be"),
    ],
)
def test_bad_maps_are_named_and_no_figure_is_left(draw, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw()
    assert plt.get_fignums() == []
