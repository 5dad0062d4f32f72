"""A unit that tracks a feature is found; the best of many that do not is not believed."""

import dataclasses
import random

import pytest
import torch

from course_utils.corpora import generate_play
from course_utils.models import CharLM, CharLMConfig
from course_utils.probing import find_units, read_cells, read_states, unit_correlations
from course_utils.text import causal_features

PLAY = generate_play(1600, seed=3).text
FEATURES = causal_features(PLAY)
T = len(PLAY)


def noise(*shape, seed=0, memory=0.0):
    """Random numbers; with memory above 0 each stays near the one before."""
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randn(*shape, generator=generator, dtype=torch.float64)
    for t in range(1, shape[0]):
        steps[t] = memory * steps[t - 1] + (1 - memory**2) ** 0.5 * steps[t]
    return steps


def test_correlations_are_those_of_torch():
    states, feature = noise(50, 7) * 1e-3 + 5, noise(50, seed=1)
    wanted = torch.corrcoef(torch.cat([feature[None], states.T]))[0, 1:]
    torch.testing.assert_close(unit_correlations(states, feature), wanted)
    single = unit_correlations(-states.float(), feature.tolist())
    torch.testing.assert_close(single, -wanted, atol=1e-3, rtol=0)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1.0, 1e200])
def test_correlations_do_not_depend_on_the_scale(scale):
    states, feature = noise(50, 3), noise(50, seed=1)
    wanted = unit_correlations(states, feature)
    torch.testing.assert_close(unit_correlations(states * scale, feature + 1), wanted)
    torch.testing.assert_close(unit_correlations(states, feature * scale), wanted)


def test_what_is_constant_follows_nothing():
    states = noise(50, 3)
    states[:, 1] = 0.1
    r = unit_correlations(states, noise(50, seed=1))
    assert r[1] == 0
    assert (r[[0, 2]] != 0).all()
    assert not unit_correlations(states, [0.1] * 50).any()


def test_correlations_stay_within_1():
    feature = noise(1000, seed=1)
    r = unit_correlations(torch.stack([feature * k for k in range(1, 200)], dim=1), feature)
    assert r.max() <= 1
    torch.testing.assert_close(r, torch.ones_like(r))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", ["line_position", "after_blank_line", "in_word"])
def test_a_planted_unit_is_found(name, sign):
    states = noise(T, 64, memory=0.9)
    feature = torch.tensor(FEATURES[name], dtype=torch.float64)
    states[:, 41] = sign * (feature - feature.mean()) / feature.std() + 0.7 * states[:, 41]
    finding = find_units(states, {name: FEATURES[name]})[0]
    assert (finding.feature, finding.unit, finding.found) == (name, 41, True)
    assert finding.r_held_out * sign > 0.6 > finding.r_null
    assert finding.r_held_out == pytest.approx(
        float(unit_correlations(states[T // 2 :], feature[T // 2 :])[41])
    )
    assert finding.r_picked == pytest.approx(
        float(unit_correlations(states[: T // 2], feature[: T // 2])[41])
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("memory", [0.0, 0.9, 0.99])
def test_nothing_is_found_in_noise(seed, memory):
    findings = find_units(noise(T, 128, seed=seed, memory=memory), FEATURES)
    assert [finding.feature for finding in findings] == [*FEATURES]
    assert not any(finding.found for finding in findings)


@pytest.mark.parametrize("seed", range(5))
def test_selection_bias_is_seen_through(seed):
    states, feature = noise(60, 4000, seed=seed), noise(60, seed=100 + seed)
    # Looked at on all of the passage, or where it was picked, the best of 4000 seems to be good.
    assert unit_correlations(states[:30], feature[:30]).abs().max() > 0.5
    finding = find_units(states, {"noise": feature}, threshold=0.3)[0]
    assert abs(finding.r_picked) > 0.5
    assert not finding.found


def test_a_rhythm_alone_is_not_believed():
    # A unit that beats as often as the feature, with another phase: some shifts fit better.
    t = torch.arange(400.0)
    unit, feature = torch.sin(t / 4), torch.sin(t / 4 + 0.7)
    finding = find_units(unit[:, None], {"beat": feature})[0]
    assert finding.r_held_out > 0.7
    assert finding.r_null > 0.9
    assert not finding.found


def test_a_slow_unit_is_close_to_its_null():
    # Two rising lines: a perfect correlation that says nothing about the text.
    rising = torch.arange(400.0)
    slow = find_units(rising[:, None].sqrt(), {"rising": rising})[0]
    assert min(slow.r_picked, slow.r_held_out, slow.r_null) > 0.9


def test_the_held_out_part_picks_nothing():
    states, feature = noise(200, 20), noise(200, seed=1)
    states[100:, 5] = feature[100:]
    states[:100, 8] += 2 * feature[:100]
    finding = find_units(states, {"x": feature})[0]
    assert (finding.unit, finding.found) == (8, False)
    late = find_units(states, {"x": feature}, held_out=0.1)[0]
    assert late.unit == 5 or late.r_picked != finding.r_picked


def test_a_unit_that_turns_round_is_not_found():
    states, feature = noise(400, 3), noise(400, seed=1)
    states[:, 0] = torch.where(torch.arange(400) < 200, feature, -feature)
    finding = find_units(states, {"x": feature})[0]
    assert finding.r_held_out == pytest.approx(-1)
    assert not finding.found


def test_a_constant_feature_is_not_found():
    finding = find_units(noise(100, 3), {"never": [0.0] * 100}, threshold=1e-9)[0]
    assert dataclasses.astuple(finding) == ("never", 0, 0, 0, 0, False)
    assert find_units(noise(100, 3), {}) == []


def language_model(kind, **options):
    torch.manual_seed(1)
    return CharLM(CharLMConfig(9, kind=kind, hidden_size=12, dropout=0.5, **options))


def tokens(n=30):
    return torch.tensor([random.Random(t).randrange(9) for t in range(n)])


@pytest.mark.parametrize("options", [{}, {"embed_dim": 5, "num_layers": 2, "layer_norm": True}])
@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_states_are_those_of_the_module(kind, options):
    model = language_model(kind, **options)
    states = read_states(model, tokens())
    assert model.training
    assert not states.requires_grad
    model.eval()
    for t in (0, 1, 29):
        logits, state = model(tokens()[None, : t + 1])
        h = state[0] if kind == "lstm" else state
        torch.testing.assert_close(states[t], h[-1, 0])
        torch.testing.assert_close(model.decoder(model.norm(states[t])), logits[0, -1])
    for chunk_len in (1, 7, 30, 100):
        again = read_states(model, tokens().tolist(), chunk_len=chunk_len)
        torch.testing.assert_close(again, states)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_cells_are_those_of_the_module(num_layers):
    model = language_model("lstm", num_layers=num_layers)
    cells = read_cells(model, tokens())
    assert model.training
    assert cells.shape == (30, 12)
    model.eval()
    for t in (0, 1, 29):
        _, (_, c) = model(tokens()[None, : t + 1])
        torch.testing.assert_close(cells[t], c[-1, 0])


def test_a_model_without_cells():
    with pytest.raises(TypeError, match="only an LSTM has a cell state; .* kind 'gru'"):
        read_cells(language_model("gru"), tokens())


def test_texts_that_cannot_be_read():
    model = language_model("lstm")
    for bad in ([], [[1, 2]]):
        with pytest.raises(ValueError, match=r"tokens must be \(T,\)"):
            read_states(model, torch.tensor(bad, dtype=torch.int64))
    with pytest.raises(ValueError, match="is 9, but the vocabulary"):
        read_states(model, [3, 9])
    with pytest.raises(TypeError, match="tokens must be int64"):
        read_cells(model, [0.5])
    with pytest.raises(ValueError, match="chunk_len must be at least 1, got 0"):
        read_states(model, [1], chunk_len=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"states": torch.zeros(60)}, r"states must be \(T, H\) with T at least 40"),
        ({"states": torch.zeros(39, 2)}, "at least 40"),
        ({"states": torch.full((60, 2), torch.nan)}, "states holds NaN"),
        ({"features": {"x": [1.0] * 59}}, r"feature 'x' must be \(60,\)"),
        ({"features": {"x": [torch.inf] * 60}}, "feature 'x' holds NaN or infinity"),
        ({"threshold": 0}, "threshold must be .* above 0"),
        ({"threshold": 1.5}, "got 1.5"),
        ({"held_out": 1}, "held_out must be .* above 0 and below 1"),
        ({"held_out": 0.25}, "cuts 60 symbols into 45 and 15"),
    ],
)
def test_what_cannot_be_searched(changes, message):
    given = {"states": noise(60, 2), "features": {"x": [1.0] * 60}} | changes
    with pytest.raises(ValueError, match=message):
        find_units(**given)


def test_what_cannot_be_correlated():
    with pytest.raises(ValueError, match=r"feature must be \(5,\) to fit the states, got \(4,\)"):
        unit_correlations(noise(5, 2), [1, 2, 3, 4])
    with pytest.raises(ValueError, match="T at least 2"):
        unit_correlations(noise(1, 2), [1])
