"""Figures carry their alt text, are stored as equal bytes, and can be told apart by everyone."""

import itertools

import matplotlib as mpl
import numpy as np
import pytest

from course_utils import plots

ALT = "A line that rises from 1 to 3."


def figure():
    fig, ax = plots.new_figure()
    ax.plot([1, 2, 3])
    return fig, ax


@pytest.mark.parametrize("part", [0, 1])
def test_show_stores_picture_and_alt_text(part, monkeypatch):
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: calls.append((a, k)))
    plots.show(figure()[part], alt=ALT)
    (((data,), options),) = calls
    assert data == {"image/png": plots.to_png(figure()[0]), "text/plain": ALT}
    assert options == {"raw": True, "metadata": {"image/png": {"alt": ALT}}}


@pytest.mark.parametrize("alt", ["", "a plot", " " * 40])
def test_a_figure_without_description_is_refused(alt):
    with pytest.raises(ValueError, match="at least 20 characters"):
        plots.show(figure()[0], alt=alt)


def test_the_same_figure_gives_the_same_bytes():
    assert plots.to_png(figure()[0]) == plots.to_png(figure()[0])
    assert b"Software" not in plots.to_png(figure()[0])


def test_to_png_closes_the_figure():
    before = len(mpl.pyplot.get_fignums())
    plots.to_png(figure()[0])
    assert len(mpl.pyplot.get_fignums()) == before


@pytest.mark.parametrize("sizes", [{"n_rows": 0}, {"n_cols": -1}, {"width": 0}, {"height": -2.0}])
def test_sizes_of_a_figure(sizes):
    with pytest.raises(ValueError, match="(n_rows|n_cols|width|height) must be a .* of at least"):
        plots.new_figure(**sizes)


def test_heat_map():
    ax = plots.new_figure()[1]
    assert plots.heat_map([[1, -2]], ax=ax, row_labels="a", col_labels="bc", write=".0f") is ax
    assert [text.get_text() for text in ax.texts] == ["1", "-2"]
    assert ax.images[0].get_clim() == (-2, 2)
    for wrong in ([1, 2, 3], np.zeros((0, 3))):
        with pytest.raises(ValueError, match=r"matrix .*got shape \("):
            plots.heat_map(wrong, ax=ax)


def test_heat_map_of_zeros():
    assert plots.heat_map([[0, 0]], ax=plots.new_figure()[1]).images[0].get_clim() == (-1, 1)


def test_line_with_band():
    ax = plots.new_figure()[1]
    plots.line_with_band([1, 2], [[0, 4], [2, 6]], ax=ax, label="runs", color="red")
    assert ax.lines[0].get_ydata().tolist() == [1, 5]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0, 6)
    with pytest.raises(ValueError, match=r"\(R, 2\)"):
        plots.line_with_band([1, 2], [[0, 4, 5]], ax=ax, label="", color="red")


def test_bars_show_the_mean_and_every_seed():
    ax = plots.bars_with_seeds({"a": [1], "b": [2, 4]}, ax=plots.new_figure()[1], unit="m")
    assert [bar.get_width() for bar in ax.patches] == [1, 3]
    assert ax.lines[0].get_xdata().tolist() == [2, 4]
    assert [text.get_text() for text in ax.texts] == ["a: 1.000", "b: 3.000"]
    for nothing in ({}, {"a": []}):
        with pytest.raises(ValueError, match="at least one"):
            plots.bars_with_seeds(nothing, ax=ax, unit="m")


def lightness_and_hue(colour, matrix):
    """Return a colour in CIE Lab, as an eye with this matrix sees it."""
    rgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(matrix @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ linear / [0.9505, 1, 1.089] + 1e-9)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Machado, Oliveira & Fernandes (2009), table 1, severity 1.0, for linear RGB.
EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216]]
        + [[-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413]]
        + [[-0.011820, 0.042940, 0.968881]]
    ),
}


@pytest.mark.parametrize("eye", list(EYES))
def test_colours_can_be_told_apart(eye):
    seen = {name: lightness_and_hue(c, EYES[eye]) for name, c in plots.PALETTE.items()}
    for a, b in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 10, (a, b)


def test_type_is_readable_from_the_back():
    plots.use_course_style()
    sizes = [mpl.rcParams[f"{part}"] for part in ("font.size", "axes.labelsize", "legend.fontsize")]
    assert min(sizes) >= 13
    assert mpl.rcParams["figure.facecolor"] == "white"
