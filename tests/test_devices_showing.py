"""Figures and widgets take numbers from the GPU, and models that are there."""

from __future__ import annotations

import pytest
import torch
from fake_device import GPU, gpu_in
from fake_device_cases import char_lm, gpt, numbers

from course_utils import diagrams, models, plots, text, widgets, word_vectors
from course_utils.machine import facts
from course_utils.recipes.writing import Writer
from reliability.devices.fake_gpu import NAME

LETTERS = ["a", "b", "c", "d"]


@pytest.fixture(autouse=True)
def _gpu():
    with gpu_in():
        yield


def shares(*shape):
    return torch.rand(*shape, device=GPU).requires_grad_().softmax(-1)


def causal(n):
    return torch.ones(n, n, device=GPU).tril() / torch.arange(1, n + 1, device=GPU)[:, None]


def axes():
    return plots.new_figure()[1]


FIGURES = {
    "attention_map": lambda: plots.attention_map(causal(4), LETTERS, place=2),
    "bars_with_seeds": lambda: plots.bars_with_seeds({"a": shares(3)}, ax=axes(), unit="m"),
    "belief_bars": lambda: plots.belief_bars(shares(4), LETTERS),
    "beliefs": lambda: plots.beliefs(shares(3, 4), LETTERS[:3], LETTERS),
    "choice_panels": lambda: plots.choice_panels({"a": shares(4)}, LETTERS),
    "confusion": lambda: plots.confusion(torch.eye(4, device=GPU).long(), LETTERS),
    "heat_map": lambda: plots.heat_map(shares(3, 4), ax=axes(), write=".1f"),
    "learning_curves": lambda: plots.learning_curves(
        {"a": {0: (torch.arange(3, device=GPU), shares(3))}}, x_label="x", y_label="y"
    ),
    "line_with_band": lambda: plots.line_with_band(
        torch.arange(3, device=GPU), shares(2, 3), ax=axes(), label="a", color=plots.INK
    ),
    "noise_bars": lambda: plots.noise_bars(LETTERS, shares(4), shares(4), shares(4)),
    "null_histogram": lambda: plots.null_histogram(
        shares(30), torch.tensor(0.5, device=GPU), label="a"
    ),
    "point_map": lambda: plots.point_map(numbers(4, 2).to(GPU), LETTERS),
    "surprise_map": lambda: plots.surprise_map("abcd", shares(4)),
    "unit_map": lambda: plots.unit_map("abcd", shares(4)),
    "char_training": lambda: diagrams.char_training(
        "abcd", vocabulary=LETTERS, scores=numbers(3, 4).to(GPU)
    ),
    "attention_explorer": lambda: widgets.attention_explorer(
        causal(4).expand(2, 2, 4, 4), LETTERS
    ),
    "draw_attention": lambda: widgets.draw_attention(
        causal(4).expand(2, 2, 4, 4), LETTERS, layer=0, head=1, place=2
    ),
    "word_map": lambda: widgets.word_map(
        word_vectors.WordVectors(tuple(LETTERS), numbers(4, 3).to(GPU)), numbers(4, 2).to(GPU)
    ),
}  # fmt: skip


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_a_figure_takes_numbers_from_the_gpu(draw):
    assert draw() is not None


def test_the_attention_of_a_model_on_the_gpu_is_explored():
    weights = models.attention_weights(gpt().to(GPU), [0, 1, 2, 3])
    said = widgets.draw_attention(weights, LETTERS, layer=1, head=0, place=3)[1]
    assert "reads most" in said


def test_a_box_lets_a_model_on_the_gpu_write():
    vocabulary = text.Vocabulary(tuple("abcdef"))
    writer = Writer(char_lm().to(GPU), vocabulary, {})

    def write(prompt, *, seed, **options):
        return writer.letters(prompt, generator=torch.Generator(GPU).manual_seed(seed), **options)

    box = widgets.writing_box(
        write, title="it writes", prompt="a", length=50, letters_per_second=None
    )
    box.write()
    assert len(box.wait(30)) == 51, box.message.value
    assert "Done" in box.message.value


def test_the_machine_report_names_the_gpu():
    row = facts._device()
    assert row.mark == "✓"
    assert NAME in row.found
