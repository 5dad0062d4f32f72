"""Bad input to the diagrams that take whole numbers: refused by name, or drawn."""

from __future__ import annotations

import pytest
from hostile import Good, assert_all_tried, each, try_all
from hostile_figures import drawn, is_figure
from test_hostile_diagrams_batches import GOODS as BATCHES
from test_hostile_diagrams_letters import GOODS as LETTERS

from course_utils import diagrams

LOOK = {"right": is_figure, "cases": 0.1}


def rounds_are_right(answer, given):
    """Doubling reaches all places, and half as far does not."""
    assert 2**answer >= given["n_steps"] > 2**answer // 2


def joins_are_right(answer, given):
    done = given["rounds"]
    right = sum(max(0, given["n_steps"] - 2**r) for r in range(min(done, 200)))
    assert answer == right


GOODS = [
    Good(drawn(diagrams.bidirectional), lambda: {"n_steps": 3}, **LOOK),
    Good(drawn(diagrams.stacked), lambda: {"n_layers": 2, "n_steps": 3}, **LOOK),
    Good(drawn(diagrams.concat_or_add), lambda: {"n_inputs": 2, "n_hidden": 3}, **LOOK),
    Good(
        drawn(diagrams.cycle_and_unrolled),
        lambda: {"n_steps": 3, "highlight": 1},
        names={"n_steps": ("highlight",)},
        **LOOK,
    ),
    Good(
        drawn(diagrams.hidden_layer),
        lambda: {"n_inputs": 2, "n_hidden": 3, "n_outputs": 1},
        **LOOK,
    ),
    Good(drawn(diagrams.lstm_cell), lambda: {"stage": 3}, **LOOK),
    Good(drawn(diagrams.gru_cell), lambda: {"stage": 3}, **LOOK),
    Good(drawn(diagrams.lecture_cell), lambda: {"tanh": True}, **LOOK),
    Good(
        drawn(diagrams.lookup),
        lambda: {"row": 2, "n_rows": 5, "n_dims": 3},
        names={"n_rows": ("row",)},
        **LOOK,
    ),
    Good(diagrams.rounds_needed, lambda: {"n_steps": 8}, rounds_are_right),
    Good(diagrams.scan_joins, lambda: {"n_steps": 8, "rounds": 3}, joins_are_right),
    Good(
        drawn(diagrams.scan_rounds),
        lambda: {"n_steps": 8, "rounds": 2},
        names={"n_steps": ("rounds",)},
        **LOOK,
    ),
    Good(drawn(diagrams.task_shape), lambda: {"kind": "many-to-one"}, **LOOK),
]
NOTHING = "a function of no arguments: drawn below"
EXEMPT = {
    name: NOTHING
    for name in (
        "course_map",
        "four_jobs",
        "gpt_block",
        "memory_or_not",
        "min_gru_cell",
        "model_families",
        "task_shapes",
    )
}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


@pytest.mark.parametrize("name", EXEMPT)
def test_without_arguments(name):
    is_figure(drawn(getattr(diagrams, name))(), {})


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.diagrams", [*GOODS, *LETTERS, *BATCHES], EXEMPT)
