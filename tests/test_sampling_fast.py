"""The fast writer computes what the model computes, and writes what `generate` writes."""

import itertools
import math

import numpy as np
import pytest
import torch
from sampling_samples import V, language_model, rng, steady_model
from torch import nn

from course_utils.sampling import FastWriter, generate, probabilities
from course_utils.sampling.fused import BLOCK
from course_utils.sampling.fused_choice import truncate

KINDS = pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
FORMS = [
    {"embed_dim": embed_dim, "num_layers": num_layers, "layer_norm": layer_norm}
    for embed_dim, num_layers, layer_norm in itertools.product([None, 5], [1, 3], [False, True])
]
OPTIONS = [
    {},
    {"temperature": 0},
    {"temperature": 0.4},
    {"temperature": 2.5, "forbid": [0, 8]},
    {"temperature": 1e-40},
    {"temperature": 1e40},
    {"top_k": 1},
    {"top_k": 3, "forbid": [4]},
    {"top_k": 100},
    {"top_p": 1.0},
    {"top_p": 0.6, "temperature": 1.5},
    {"top_p": 1e-9},
    {"top_k": 6, "top_p": 0.9, "temperature": 0.8, "stop": 5},
]
TEXT = torch.randint(V, (40,), generator=rng(9))


def both(model, start, length, seed, **options):
    """Return (written, state of the generator) of `generate`, and of the fast writer."""
    results = []
    for write in (lambda *a, **k: generate(model, *a, **k), FastWriter(model).write):
        generator = rng(seed)
        results.append((write(start, length, generator=generator, **options), generator))
    return [(written, generator.get_state().tolist()) for written, generator in results]


@KINDS
@pytest.mark.parametrize("form", FORMS)
def test_each_step_has_the_probabilities_of_the_model(kind, form):
    model = steady_model(kind, **form)
    wanted = model(TEXT[None])[0][0].double()
    found = torch.from_numpy(FastWriter(model).scores(TEXT))
    torch.testing.assert_close(found, wanted, rtol=0, atol=2e-5)
    torch.testing.assert_close(found.softmax(1), wanted.softmax(1), rtol=0, atol=1e-5)
    assert wanted.std(0).min() > 0.05, "the scores hardly depend on what is read"


@KINDS
@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_the_model_writes_the_same_text(kind, form):
    model = steady_model(kind, **form)
    wanted, found = both(model, [1, 5, 2], 150, seed=7)
    assert found == wanted
    assert len(set(wanted[0])) > 3


@KINDS
@pytest.mark.parametrize("options", OPTIONS)
def test_the_text_and_the_generator_are_those_of_generate(kind, options):
    model = steady_model(kind, layer_norm=True, embed_dim=4)
    for seed in range(4):
        wanted, found = both(model, [seed], 60, seed, **options)
        assert found == wanted


@pytest.mark.parametrize("length", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 9])
def test_no_number_is_drawn_too_many_or_too_few(length):
    wanted, found = both(steady_model("gru"), [1], length, seed=1)
    assert found == wanted
    assert len(found[0]) == length


@pytest.mark.parametrize("stop", range(V))
def test_numbers_that_are_not_used_go_back(stop):
    model = steady_model("rnn")
    for seed in range(3):
        wanted, found = both(model, [1], 400, seed, stop=stop)
        assert found == wanted


def test_numbers_of_the_second_block_go_back():
    model, ends = steady_model("rnn"), set()
    with torch.no_grad():
        model.decoder.weight[6], model.decoder.bias[6] = 0, -4.0  # a rare symbol
    for seed in range(8):
        wanted, found = both(model, [1], 600, seed, stop=6)
        assert found == wanted
        ends.add(len(found[0]) // BLOCK)
    assert {0, 1} <= ends


@KINDS
def test_a_model_in_float64_is_rounded_once(kind):
    model = steady_model(kind, layer_norm=True).double()
    wanted, found = both(model, [1], 200, seed=3)
    assert found == wanted


@KINDS
def test_scores_that_are_too_large_for_exp(kind):
    model = steady_model(kind)
    with torch.no_grad():
        model.decoder.weight.mul_(1e4)
        model.decoder.bias.mul_(1e4)
    wanted, found = both(model, [1], 100, seed=3)
    assert found == wanted
    assert both(model, [1], 100, seed=3, temperature=4000)[1][0] != wanted[0]


def test_units_that_are_all_nearly_the_same():
    # Layer norm takes a large mean from numbers that hardly differ.
    model = steady_model("rnn", layer_norm=True)
    with torch.no_grad():
        model.rnn.bias_ih_l0.fill_(2.0)
        model.rnn.weight_hh_l0.mul_(0.01)
        model.rnn.weight_ih_l0.mul_(0.01)
    wanted = model(TEXT[None])[0][0].double()
    found = torch.from_numpy(FastWriter(model).scores(TEXT))
    torch.testing.assert_close(found.softmax(1), wanted.softmax(1), rtol=0, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_holds_a_copy(dtype):
    model = steady_model().to(dtype)
    writer = FastWriter(model)
    first = writer.write([1], 80, generator=rng())
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.3)
    assert writer.write([1], 80, generator=rng()) == first
    assert FastWriter(model).write([1], 80, generator=rng()) != first


def test_every_text_begins_anew():
    writer = FastWriter(steady_model())
    first = writer.write([1], 50, generator=rng())
    writer.write([4, 4, 4], 3, generator=rng(1), temperature=0.1, forbid=[2])
    writer.scores([7, 7])
    assert writer.write([1], 50, generator=rng()) == first


def test_the_model_is_left_alone():
    model = steady_model(dropout=0.9, embed_dim=4, num_layers=2, layer_norm=True)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    wanted, found = both(model, [1], 40, seed=0)
    assert found == wanted
    assert all(part.training for part in model.modules())
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert all(weight.grad is None and weight.requires_grad for weight in model.parameters())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_weights_that_round_too_much(dtype):
    with pytest.raises(TypeError, match=rf"float32 or float64, got {dtype}.*model.float\(\)"):
        FastWriter(language_model().to(dtype))


def test_something_else_than_a_language_model():
    with pytest.raises(TypeError, match="model must be a CharLM, got LSTM"):
        FastWriter(nn.LSTM(3, 4))


@pytest.mark.parametrize(("top_k", "top_p"), [(1, None), (4, None), (50, 0.7), (None, 0.5), (3, 1)])
def test_truncation_keeps_what_probabilities_keeps(top_k, top_p):
    rows = torch.randn(40, V, generator=rng(2), dtype=torch.float64)
    rows[20:] = rows[20:].round()  # many equal scores
    for row in rows:
        weights = (3 * row.exp()).numpy()
        truncate(weights, top_k, top_p)
        found = torch.from_numpy(weights / weights.sum())
        wanted = probabilities(row, top_k=top_k, top_p=top_p)
        torch.testing.assert_close(found, wanted)


def test_top_p_on_its_border():
    for n in range(2, 20):
        for k in range(1, n):
            weights = np.ones(n)
            truncate(weights, None, k / n)
            assert weights.tolist() == [1] * k + [0] * (n - k)


def test_scores_without_a_state_of_the_past_would_differ():
    scores = FastWriter(steady_model()).scores([1, 1, 1])
    assert scores.shape == (3, V)
    assert all(math.isfinite(score) for score in scores.ravel())
    assert abs(scores[0] - scores[2]).max() > 1e-2
