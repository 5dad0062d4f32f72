"""The studies with many seeds find their experiments in the lessons, and count what they should."""

from __future__ import annotations

import math

import nbformat
import numpy as np
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from reliability import more_seeds


def notebook():
    cells = [new_code_cell("a = 1"), new_markdown_cell("a = 2"), new_code_cell("a = 3")]
    return new_notebook(cells=cells)


def test_the_copy_ends_with_the_cell_and_the_original_stays():
    original = notebook()
    shorter = more_seeds.cells_until(original, "a = 1")
    assert [cell.source for cell in shorter.cells] == ["a = 1"]
    assert len(original.cells) == 3
    assert len(more_seeds.cells_until(original, "a = 3").cells) == 3


@pytest.mark.parametrize(("last", "n"), [("a = 2", 0), ("a = ", 2)])
def test_a_marker_in_no_code_cell_or_in_two_is_refused(last, n):
    with pytest.raises(ValueError, match=f"{last!r} must be in one code cell, and is in {n}"):
        more_seeds.cells_until(notebook(), last)


@pytest.mark.parametrize("study", more_seeds.STUDIES.values(), ids=more_seeds.STUDIES)
def test_every_study_finds_its_cell(study):
    path = ROOT / "notebooks" / f"{study.lesson}.ipynb"
    lesson = nbformat.read(path, as_version=4)
    assert len(more_seeds.cells_until(lesson, study.last).cells) > 5


def test_a_study_repeats_the_experiment_of_its_lesson(capsys):
    assert more_seeds.main(["sentence", "--seeds", "1"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("sentence: Lesson 05")
    assert printed[1] == "  RNN: 1 of 1 knew the sentence within 500 epochs"
    assert printed[2].startswith("  LSTM: ")
    assert len(printed) == 3


def test_a_model_that_learned_nothing_at_any_distance_is_counted():
    def experiment(name, seeds):
        assert name == "recurrent"
        assert list(seeds) == [0, 1, 2]
        return np.array([[1.0, 0.9], [0.5, 0.55], [0.5, 1.0]])

    (line,) = more_seeds.order({"experiment": experiment}, 3)
    assert line == "1 of 3 recurrent models learned nothing"


@pytest.mark.parametrize(("explodes", "found"), [(7, 7), (math.inf, None)])
def test_the_first_step_whose_loss_is_nan(explodes, found):
    steps = []

    def train(network, category, line):
        assert (network, category, line) == ("network", "category", "line")
        steps.append(1)
        return None, math.nan if len(steps) >= explodes else 1.0

    lesson = {
        "set_seed": lambda seed: None,
        "RNN": lambda *sizes: "network",
        "n_letters": 57,
        "all_categories": ["one", "two"],
        "random_training_pair": lambda: ("language", "name", "category", "line"),
        "train": train,
    }
    assert more_seeds.first_nan(lesson, 6, steps=10) == found
    assert len(steps) == (found or 10)


@pytest.mark.parametrize("bad", [["nothing"], ["--seeds", "0"]])
def test_bad_arguments_are_refused(bad, capsys):
    with pytest.raises(SystemExit):
        more_seeds.main(bad)
    assert bad[-1] in capsys.readouterr().err
