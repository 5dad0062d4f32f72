"""Bad input to what looks at gradients, at single units, and at the list of lessons."""

from __future__ import annotations

import math

import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_records import assert_same
from torch import nn

from course_utils import gradients, lessons, probing
from course_utils.models import CharLM, CharLMConfig

H, T, V = 3, 5, 7
torch.manual_seed(0)
W = torch.randn(H, H)
STATES = torch.randn(60, 4)
RAMP = [float(t % 9) for t in range(60)]
MODEL = CharLM(CharLMConfig(vocab_size=V, embed_dim=4, hidden_size=6, kind="lstm"))


def right_norm(answer, given):
    assert isinstance(answer, float)
    assert math.isclose(
        answer, torch.linalg.svdvals(given["W"].detach()).max().item(), rel_tol=1e-3
    )


def right_lags(answer, given):
    norms = answer.detach()
    assert norms.shape == (len(given["inputs"]),)
    assert not norms.isnan().any() or given["W_hh"].abs().max() > 1000
    assert math.isclose(norms[0], 1, rel_tol=1e-4)
    if given["activation"] == "linear":
        factor = gradients.spectral_norm(given["W_hh"])
        assert (norms <= factor ** torch.arange(len(norms)) * 1.01 + 1e-6).all()


def right_bound(answer, given):
    assert answer.shape == (given["n_lags"],)
    assert answer[0] == 1
    assert not answer.isnan().any()


def right_input_norms(answer, given):
    assert answer.shape == (len(given["inputs"]),)
    assert (answer >= 0).all()


def numbers(feature):
    return [float(number) for number in torch.as_tensor(feature).detach()]


def right_correlations(answer, given):
    feature = torch.tensor(numbers(given["feature"]), dtype=torch.float64)
    columns = given["states"].detach().double().T
    assert answer.shape == (given["states"].shape[1],)
    assert answer.abs().max() <= 1
    for r, column in zip(answer, columns, strict=True):
        wanted = torch.corrcoef(torch.stack([column, feature]))[0, 1]
        if wanted.isfinite() and feature.abs().max() < 1e100:
            assert_same(r, wanted)


def right_findings(answer, given):
    assert [finding.feature for finding in answer] == list(given["features"])
    for finding in answer:
        assert 0 <= finding.unit < given["states"].shape[1]
        for r in (finding.r_picked, finding.r_held_out, finding.r_null):
            assert -1 <= r <= 1
        assert not finding.found or abs(finding.r_held_out) >= given["threshold"]


def right_read(answer, given):
    tokens = torch.tensor([int(token) for token in given["tokens"]])
    model = given["model"]
    with torch.no_grad():
        hidden, _ = model.rnn(model.encoder(tokens[None]))
    assert answer.shape == hidden[0].shape
    if "chunk_len" in given:
        assert_same(answer, hidden[0])


def right_needs(answer, given):
    assert all(1 <= number < given["number"] for number in answer)


GOODS = [
    Good(gradients.spectral_norm, lambda: {"W": W.clone()}, right_norm),
    Good(
        gradients.norms_by_lag,
        lambda: {"W_hh": W.clone(), "inputs": torch.randn(T, H), "activation": "tanh", "seed": 0},
        right_lags,
    ),
    Good(
        gradients.norms_by_lag,
        lambda: {"W_hh": W.clone(), "inputs": torch.randn(T, H), "activation": "linear", "seed": 1},
        right_lags,
        label="norms_by_lag of a linear network",
        cases=0.5,
    ),
    Good(gradients.bound_by_lag, lambda: {"W_hh": W.clone(), "n_lags": 4, "activation": "relu"},
         right_bound, long=("n_lags",)),
    Good(
        gradients.input_norms_by_lag,
        lambda: {"module": nn.GRU(H, 4, batch_first=True), "inputs": torch.randn(T, H), "seed": 0},
        right_input_norms,
    ),
]  # fmt: skip
PROBES = [
    Good(probing.unit_correlations, lambda: {"states": STATES.clone(), "feature": list(RAMP)},
         right_correlations),
    Good(
        probing.unit_correlations,
        lambda: {"states": STATES.clone(), "feature": torch.tensor(RAMP)},
        right_correlations,
        label="unit_correlations of a tensor",
        cases=0.5,
    ),
    Good(
        probing.find_units,
        lambda: {"states": STATES.clone(), "features": {"ramp": list(RAMP)}, "threshold": 0.5,
                 "held_out": 0.5},
        right_findings,
        names={"features": ("feature",)},
    ),
    Good(probing.read_states, lambda: {"model": MODEL, "tokens": [1, 2, 3], "chunk_len": 2},
         right_read),
    Good(probing.read_states, lambda: {"model": MODEL, "tokens": torch.tensor([1, 2, 3]),
                                       "chunk_len": 2},
         right_read, label="read_states of a tensor", cases=0.5),
    Good(probing.read_cells, lambda: {"model": MODEL, "tokens": [1, 2, 3]}, right_read),
]  # fmt: skip
LESSONS = [
    Good(lessons.direct_needs, lambda: {"number": 9}, right_needs),
    Good(lessons.all_needs, lambda: {"number": 9}, right_needs),
]


@each([*GOODS, *PROBES, *LESSONS])
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.gradients", GOODS, {})
    assert_all_tried("course_utils.probing", PROBES, {"Finding": "a plain record"})
    assert_all_tried("course_utils.lessons", LESSONS, {"Lesson": "a plain record"})


@pytest.mark.parametrize("n_lags", [10**7 + 1, 2**63, 10**30])
def test_lags_that_no_memory_holds(n_lags):
    with pytest.raises(ValueError, match="n_lags must be at most 10,000,000"):
        gradients.bound_by_lag(W, n_lags)


def test_a_module_that_reads_time_first_would_give_a_wrong_answer():
    with pytest.raises(ValueError, match="module must be .* with batch_first=True"):
        gradients.input_norms_by_lag(nn.RNN(H, 4), torch.randn(T, H))


def test_a_feature_at_the_end_of_what_a_number_can_be():
    states = torch.randn(4, 2, dtype=torch.float64)
    near, far = ([sign * size for sign in (1.0, -1.0, 0.5, 0.0)] for size in (1.0, 1.7e308))
    assert_same(probing.unit_correlations(states, far), probing.unit_correlations(states, near))


@pytest.mark.parametrize("number", [0, -1, 10])
def test_there_is_no_such_lesson(number):
    for needs in (lessons.direct_needs, lessons.all_needs):
        with pytest.raises(ValueError, match=f"number must be from 1 to 9, got {number}"):
            needs(number)
