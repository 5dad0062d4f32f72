"""The benchmark of writing times four ways to write, and three of them write the same."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks import common, generate
from course_utils.sampling import FastWriter, probabilities

TINY = ["--length", "12", "--units", "8", "--rounds", "2"]
SPEEDS = [f"{name}_chars_per_s" for name in ("naive", "module", "bare_module", "best")]


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def run(capsys):
    generate.main(TINY)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_last_line_is_json_with_the_figures(capsys):
    threads = torch.get_num_threads()
    figures = run(capsys)
    assert torch.get_num_threads() == threads
    assert figures["machine"]["threads"] == 1
    assert all(figures[name] > 0 for name in SPEEDS)
    assert figures["same_characters"] is True
    assert (figures["characters"], figures["units"]) == (12, 8)
    for ratio, other in (("ratio", "naive"), ("ratio_to_module", "bare_module")):
        wanted = figures["best_chars_per_s"] / figures[f"{other}_chars_per_s"]
        assert figures[ratio] == pytest.approx(wanted, rel=2e-3)


@pytest.mark.parametrize("name", ["naive", "generate", "FastWriter"])
def test_one_other_character_is_noticed(name, monkeypatch, capsys):
    def changed(write):
        def write_another(*args, **options):
            text = write(*args, **options)
            text[-1] = (text[-1] + 1) % generate.VOCAB_SIZE
            return text

        return write_another

    if name == "FastWriter":
        monkeypatch.setattr(FastWriter, "write", changed(FastWriter.write))
    else:
        monkeypatch.setattr(generate, name, changed(getattr(generate, name)))
    assert run(capsys)["same_characters"] is False


def test_the_naive_writer_reads_everything_again():
    lengths = []
    model = generate.build(8)
    model.register_forward_pre_hook(lambda _, args: lengths.append(args[0].shape[1]))
    assert len(generate.naive(model, 5, rng())) == 5
    assert lengths == [1, 2, 3, 4, 5]


def test_the_bare_loop_carries_the_state():
    model = generate.build(8)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
    text, generator = [generate.START], rng(4)
    for _ in range(30):
        logits, _ = model(torch.tensor([text]))
        chances = probabilities(logits[0, -1])
        text.append(torch.multinomial(chances, 1, generator=generator).item())
    assert generate.bare(model, 30, rng(4)) == text[1:]


def test_every_round_has_its_own_text_and_the_median_counts(monkeypatch):
    asked = []

    def write(n, generator):
        asked.append((n, generator.initial_seed()))
        return [generator.initial_seed()] * n

    monkeypatch.setattr(common.time, "perf_counter", iter([0, 1, 10, 12, 20, 29]).__next__)
    texts, seconds = generate.race({"one": write}, 3, rounds=3)
    assert texts == {"one": [[0] * 3, [1] * 3, [2] * 3]}
    assert seconds == {"one": 2}
    assert asked[1:] == [(3, 0), (3, 1), (3, 2)]
