"""The map of the course can be read from the back of a room, and says what the lessons say."""

from __future__ import annotations

import importlib
import re

import figure_checks
import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_utils import diagrams
from course_utils.lessons import LESSONS, direct_needs
from course_utils.plots.colours import luminance

# The function of the same name hides the module.
module = importlib.import_module("course_utils.diagrams.course_map")


@pytest.fixture
def ax():
    return diagrams.course_map()


def inside(box, point, rim=0.0):
    (x, y), (wide, high) = box
    return abs(point[0] - x) <= wide / 2 + rim and abs(point[1] - y) <= high / 2 + rim


def test_it_can_be_read_from_the_back(ax):
    figure_checks.assert_readable(ax, width=11.5, smallest=14)
    assert ax.figure.get_figheight() <= 6
    assert ax.figure.dpi == 100


def test_it_says_what_the_lessons_say(ax):
    texts = [" ".join(text.split()) for text in figure_checks.texts_of(ax)]
    for lesson in LESSONS:
        box = module._BOXES[lesson.number]
        own = [" ".join(t.get_text().split()) for t in ax.texts if inside(box, t.get_position())]
        said = " ".join(own)
        assert re.search(rf"\b{lesson.number:02d}\b", said)
        assert f"{lesson.study_minutes} min" in own
        assert lesson.question in own
        assert lesson.title in said
    assert sum("min" in text for text in texts) == len(LESSONS) + 1
    assert f"about {max(lesson.run_minutes for lesson in LESSONS)} min" in texts[-1]


def test_one_box_for_each_lesson(ax):
    boxes = [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    assert len(boxes) == len(LESSONS) == len(module._BOXES)
    assert sorted(n for part in module._PARTS for n in part.numbers) == sorted(module._BOXES)


def test_arrows_lead_from_each_lesson_to_the_next_ones(ax):
    wanted = [(before, n) for n in module._BOXES for before in direct_needs(n)]
    for before, number in wanted:
        way = module._way(before, number)
        assert inside(module._BOXES[before], way[0], rim=0.01)
        assert inside(module._BOXES[number], way[-1], rim=0.01)
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == len(wanted) == 9


def test_arrows_cross_neither_boxes_nor_words(ax):
    texts = [
        box.transformed(ax.transData.inverted()) for _, box, _ in figure_checks.written(ax.figure)
    ]
    for number in module._BOXES:
        for before in direct_needs(number):
            way = np.array(module._way(before, number))
            others = [box for n, box in module._BOXES.items() if n not in (before, number)]
            for start, end in zip(way[:-1], way[1:], strict=True):
                for point in start + np.linspace(0, 1, 60)[:, None] * (end - start):
                    assert not any(inside(box, point, rim=0.05) for box in others)
                    assert not any(box.contains(*point) for box in texts)


def test_the_parts_differ_by_more_than_colour(ax):
    headings = [part.says for part in module._PARTS]
    assert all(re.match(r"\d\. ", heading) for heading in headings)
    assert set(headings) <= set(figure_checks.texts_of(ax))
    for text in ax.texts:
        (light,) = luminance([mpl.colors.to_rgb(text.get_color())])
        assert 1.05 / (light + 0.05) >= 4.5
