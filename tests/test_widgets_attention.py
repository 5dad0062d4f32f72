"""Explorers of attention weights and of the scan: each control changes what it says."""

from __future__ import annotations

import html
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from course_utils import widgets

LETTERS = "the cat\nsat"


def weights(n_layers: int = 2, n_heads: int = 3, size: int = len(LETTERS)) -> torch.Tensor:
    """Return causal attention weights (n_layers, n_heads, T, T)."""
    generator = torch.Generator().manual_seed(0)
    scores = 3 * torch.randn(n_layers, n_heads, size, size, generator=generator)
    later = torch.ones(size, size, dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -torch.inf).softmax(-1)


def said(panel: widgets.Panel) -> str:
    return html.unescape(re.sub("<[^>]+>", "", panel.message.value))


def test_each_control_chooses_its_part_of_the_weights() -> None:
    given = weights()
    panel = widgets.attention_explorer(given.requires_grad_(), LETTERS)
    assert panel.controls["place"].value == len(LETTERS) - 1
    pictures = set()
    for layer, head, place in [(0, 0, 10), (1, 0, 10), (1, 2, 10), (1, 2, 4)]:
        for name, value in (("layer", layer), ("head", head), ("place", place)):
            panel.controls[name].value = value
        pictures.add(bytes(panel.picture.value))
        row = given[layer, head, place].detach()
        best = int(row.argmax())
        first = said(panel).split("\n")[1]
        assert first.endswith(f"(place {best}): {100 * float(row[best]):.0f} %")
        assert said(panel).startswith(f"place {place}, ")
    assert len(pictures) == 4
    assert plt.get_fignums() == []


def test_the_list_is_sorted_and_holds_no_later_place() -> None:
    panel = widgets.attention_explorer(weights(), LETTERS)
    for place in range(len(LETTERS)):
        panel.controls["place"].value = place
        listed = re.findall(r"\(place (\d+)\): (\d+) %", said(panel))
        assert len(listed) == min(5, place + 1)
        shares = [int(share) for _, share in listed]
        assert shares == sorted(shares, reverse=True)
        assert all(int(other) <= place for other, _ in listed)


def test_the_sliders_end_where_the_weights_end() -> None:
    panel = widgets.attention_explorer(weights(4, 1), LETTERS)
    ends = {name: (c.min, c.max) for name, c in panel.controls.items()}
    assert ends == {"layer": (0, 3), "head": (0, 0), "place": (0, 10)}


@pytest.mark.parametrize(("layer", "head"), [(2, 0), (0, 3), (-1, 0)])
def test_there_is_no_such_layer_or_head(layer: int, head: int) -> None:
    with pytest.raises(IndexError, match="must be from 0 to"):
        widgets.draw_attention(weights(), LETTERS, layer=layer, head=head, place=0)


@pytest.mark.parametrize(
    ("given", "letters", "message"),
    [
        (weights(), "abc", r"weights must have the shape \(n_layers, n_heads, 3, 3\)"),
        (weights()[0], LETTERS, "weights must have the shape"),
        (np.full((1, 1, 2, 2), 0.5), "ab", "must not read the later place 1"),
        (np.zeros((1, 1, 2, 2)), "ab", "apply softmax"),
    ],
)
def test_weights_that_do_not_fit_are_refused(given, letters: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        widgets.attention_explorer(given, letters)
    assert plt.get_fignums() == []


def test_the_scan_says_what_each_round_costs() -> None:
    panel = widgets.scan_explorer(8)
    wanted = {0: (1, 0), 1: (2, 7), 2: (4, 13), 3: (8, 17)}
    pictures = set()
    for rounds, (done, joins) in wanted.items():
        panel.controls["rounds"].value = rounds
        assert f"after {rounds} of 3 rounds: {done} of 8 places are done, {joins} joins" in said(
            panel
        )
        assert "7 rounds with one join each" in said(panel)
        pictures.add(bytes(panel.picture.value))
    assert len(pictures) == 4
    assert plt.get_fignums() == []


def test_a_scan_of_five_steps_is_done_after_three_rounds() -> None:
    panel = widgets.scan_explorer(5)
    assert panel.controls["rounds"].max == 3
    assert "after 3 of 3 rounds: 5 of 5 places are done, 8 joins" in said(panel)  # 4 + 3 + 1


@pytest.mark.parametrize("n_steps", [1, 11])
def test_scans_that_cannot_be_drawn_are_refused(n_steps: int) -> None:
    with pytest.raises(ValueError, match="n_steps must be from 2 to 10"):
        widgets.scan_explorer(n_steps)
