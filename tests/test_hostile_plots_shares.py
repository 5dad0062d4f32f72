"""Bad input to the plots of probabilities, attention weights, maps and words."""

from __future__ import annotations

import numpy as np
import torch
from hostile import Good, each, try_all
from hostile_figures import drawn, is_figure

from course_utils import plots

LOOK = {"right": is_figure, "cases": 0.1}


def attention_arguments():
    weights = torch.tensor([[1.0, 0.0], [0.3, 0.7]])
    return {"weights": weights, "letters": ["a", "b"], "place": 1, "title": "head 0"}


def panels_arguments():
    chances = {"all": [0.6, 0.3, 0.1], "top 2": [0.7, 0.3, 0.0]}
    return {"chances": chances, "symbols": ["a", "b", "<E>"], "top": 2, "title": "two rules"}


def map_arguments():
    words = ["sun", "moon", "king"]
    marked = {"groups": {"sky": ["sun", "moon"]}, "highlight": ["moon"], "lines_from": "sun"}
    limits = (-1.0, 2.0, -1.0, 2.0)
    points = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 1.5]])
    return {"points": points, "labels": words, **marked, "limits": limits, "title": "a map"}


def beliefs_arguments():
    shares = torch.tensor([[0.5, 0.5], [0.9, 0.1]])
    return {"probabilities": shares, "letters": "ab", "labels": ["x", "y"], "top": 2}


GOODS = [
    Good(drawn(plots.attention_map), attention_arguments, names={"letters": ("weights",)}, **LOOK),
    Good(drawn(plots.choice_panels), panels_arguments, names={"symbols": ("chances",)}, **LOOK),
    Good(
        drawn(plots.confusion),
        lambda: {"matrix": [[3, 1], [0, 2]], "labels": ["a", "b"], "counts": True},
        names={"labels": ("matrix",)},
        **LOOK,
    ),
    Good(
        drawn(plots.beliefs),
        beliefs_arguments,
        names={"letters": ("probabilities",), "labels": ("probabilities",)},
        **LOOK,
    ),
    Good(
        drawn(plots.belief_bars),
        lambda: {"probabilities": [0.9, 0.1], "labels": ["a", "b"], "top": 2, "ax": None},
        names={"labels": ("probabilities",)},
        **LOOK,
    ),
    Good(drawn(plots.point_map), map_arguments, names={"labels": ("points", "groups")}, **LOOK),
    Good(
        drawn(plots.null_histogram),
        lambda: {"null": [0.1, 0.2, 0.15], "observed": 0.3, "label": "cosine", "title": "groups"},
        **LOOK,
    ),
    Good(
        drawn(plots.noise_bars),
        lambda: {
            "words": ["the", "sun"],
            "shares": [0.9, 0.1],
            "noise": [0.6, 0.4],
            "keep": [1, 1],
        },
        names={"words": ("shares",)},
        **LOOK,
    ),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))
