"""The gated cells: a stage adds its part in colour, keeps the earlier ones, shows no later one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from figure_checks import assert_readable, texts_of
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_utils import diagrams
from course_utils.diagrams.gate_pieces import NEW

plt.switch_backend("agg")

CELLS = {
    "lstm": (diagrams.lstm_cell, diagrams.LSTM_STAGES),
    "gru": (diagrams.gru_cell, diagrams.GRU_STAGES),
}
EVERY_STAGE = [(name, stage) for name in CELLS for stage in range(1, 6)]
# What is written inside the picture for the first time at each stage.
ADDED = {
    "lstm": [
        {"$C_{t-1}$", "$C_t$"},
        {"forget", "$f_t$", "$h_{t-1}$", "$x_t$", "\u00d7"},
        {"input", "candidate", "$i_t$", r"$\tilde{C}_t$"},
        {"+"},
        {"output", "$o_t$", "$h_t$"},
    ],
    "gru": [
        {"$h_{t-1}$", "$h_t$"},
        {"update", "$z_t$", "$x_t$", "1\u2212", "\u00d7"},
        {"reset", "$r_t$"},
        {"candidate", "tanh"},
        {"+", r"$\tilde{h}_t$"},
    ],
}


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def colours(ax: Axes) -> list[tuple[float, ...]]:
    """Return the colour of every line and of the edge of every shape that is not the frame."""
    shapes = [patch.get_edgecolor()[:3] for patch in ax.patches]
    return shapes + [mpl.colors.to_rgb(line.get_color()) for line in ax.lines]


@pytest.mark.parametrize(("name", "stage"), EVERY_STAGE)
def test_every_stage_is_readable(name: str, stage: int) -> None:
    drawn = CELLS[name][0](stage)
    assert isinstance(drawn, Axes)
    assert_readable(drawn)


@pytest.mark.parametrize(("name", "stage"), EVERY_STAGE)
def test_a_stage_adds_its_part_and_no_later_one(name: str, stage: int) -> None:
    texts = set(texts_of(CELLS[name][0](stage)))
    for number, added in enumerate(ADDED[name], start=1):
        assert added <= texts if number <= stage else not added & texts


@pytest.mark.parametrize(("name", "stage"), EVERY_STAGE)
def test_title_and_equations_are_those_of_the_newest_part(name: str, stage: int) -> None:
    draw, stages = CELLS[name]
    texts = texts_of(draw(stage))
    assert f"{stage}  {stages[stage - 1].title}" in texts
    for number, other in enumerate(stages, start=1):
        for equation in other.equations:
            assert (equation in texts) == (number == stage)


@pytest.mark.parametrize(("name", "stage"), EVERY_STAGE)
def test_only_the_newest_part_is_coloured_and_thick(name: str, stage: int) -> None:
    ax = CELLS[name][0](stage)
    new = mpl.colors.to_rgb(NEW)
    assert colours(ax).count(new) >= 2  # the frame of the equation, and a wire
    for line in ax.lines:
        coloured = mpl.colors.to_rgb(line.get_color()) == new
        assert line.get_linewidth() == 4 if coloured else line.get_linewidth() != 4
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    thick = sum(patch.get_linewidth() == 4 for patch in boxes)
    counts = {"lstm": [0, 1, 2, 0, 2], "gru": [0, 1, 1, 1, 0]}
    assert thick == counts[name][stage - 1]  # the gates (and the tanh) that are new


@pytest.mark.parametrize("name", CELLS)
def test_each_stage_only_adds_arrows(name: str) -> None:
    counts = []
    for stage in range(1, 6):
        ax = CELLS[name][0](stage)
        counts.append(sum(isinstance(patch, FancyArrowPatch) for patch in ax.patches))
    assert counts == sorted(counts)


@pytest.mark.parametrize("name", CELLS)
def test_the_whole_cell_is_the_usual_picture(name: str) -> None:
    draw, stages = CELLS[name]
    assert len(stages) == 5
    assert texts_of(draw()) == texts_of(draw(5))


@pytest.mark.parametrize("draw", [diagrams.lstm_cell, diagrams.gru_cell])
@pytest.mark.parametrize("stage", [0, -1, 6])
def test_stage_out_of_range(draw: Callable[[int], Axes], stage: int) -> None:
    with pytest.raises(ValueError, match=f"stage must be from 1 to 5, got {stage}"):
        draw(stage)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("draw", [diagrams.lstm_cell, diagrams.gru_cell])
@pytest.mark.parametrize("stage", [2.5, "3", True, None])
def test_stage_must_be_a_whole_number(draw: Callable[[object], Axes], stage: object) -> None:
    with pytest.raises(TypeError, match="stage must be a whole number"):
        draw(stage)
