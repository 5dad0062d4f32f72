"""Every benchmark runs, reports what its README says, and times what it says."""

from __future__ import annotations

import json
import re
from copy import deepcopy

import pytest
import torch
from benchmark_samples import REQUIRED, RUNNABLE, TINY, shrink
from conftest import ROOT
from link_rules import dead_links
from torch import nn

from benchmarks import common, lecture, loop, names, ngrams, rivals
from course_utils import corpora
from course_utils.recipes.guessing import drawn_shares
from course_utils.recipes.names import NamesRecipe, prepare_names, split_by_line
from course_utils.text import normalise

README = ROOT / "benchmarks" / "README.md"


@pytest.fixture
def _standin(monkeypatch, tmp_path):
    """Take the real names away."""
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))


@pytest.fixture
def task(_standin):
    corpus = corpora.load_names()
    data = prepare_names(corpus.names)
    lines = tuple(normalise(name) for group in corpus.names.values() for name in group)
    return rivals.Task(data, lines, split_by_line(data))


def section(name: str) -> str:
    """Return what the README says about one benchmark."""
    text = README.read_text(encoding="utf-8")
    return text.split(f"\n## benchmarks.{name}\n")[1].split("\n## ")[0]


@pytest.mark.usefixtures("_standin")
@pytest.mark.parametrize("name", RUNNABLE)
def test_the_last_line_is_json_with_the_documented_keys(name, monkeypatch, capsys):
    shrink(monkeypatch)
    threads = torch.get_num_threads()
    RUNNABLE[name].main([*TINY[name], "--threads", "1"])
    assert torch.get_num_threads() == threads
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures.pop("machine")["threads"] == 1
    parts = [*figures.get("runs", []), *figures.get("models", {}).values()]
    parts += figures.get("lengths", [])
    figures |= {key: value for part in parts for key, value in part.items()}
    assert set(REQUIRED[name].split()) <= set(figures)
    rows = re.findall(r"^\| (`.*?) \|", section(name), re.MULTILINE)
    documented = set(re.findall(r"`(\w+)`", " ".join(rows)))
    assert {key.removesuffix("_by_name") for key in figures} == documented
    assert figures.get("data", "stand-in").startswith("stand-in")
    words = {"data", "runs", "cell", "precision", "stream_precision", "models", "lengths"}
    words |= {"symbols", "gru_ms", "lstm_ms", "mingru_ms", "attention_ms"}
    numbers = [value for key, value in figures.items() if key not in words]
    assert all(isinstance(value, int | float) and value >= 0 for value in numbers)


def test_the_readme_and_make_know_every_benchmark():
    modules = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    }
    assert modules == set(RUNNABLE)
    assert all(section(name) for name in modules)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(re.search(r"^BENCH \?= (.*)", makefile, re.MULTILINE)[1].split()) == modules
    text = README.read_text(encoding="utf-8")
    assert dead_links(text, README, ROOT, "https://example.org", text) == []


@pytest.mark.usefixtures("_standin")
@pytest.mark.parametrize("name", ["models", "shakespeare", "word2vec"])
def test_the_text_must_be_the_real_one(name, capsys):
    with pytest.raises(SystemExit) as stop:
        RUNNABLE[name].main([])
    said = capsys.readouterr()
    assert stop.value.code == 1
    assert "--stand-in" in said.err
    assert "COURSE_DATA_MIRROR" in said.err
    assert said.out == ""


@pytest.mark.usefixtures("_standin")
def test_the_names_must_be_the_real_ones(capsys):
    with pytest.raises(SystemExit) as stop:
        names.main([])
    said = capsys.readouterr()
    assert stop.value.code == 1
    assert "--stand-in" in said.err
    assert "COURSE_DATA_MIRROR" in said.err
    assert said.out == ""


@pytest.mark.parametrize("text", ["0", "-3"])
def test_counts_must_be_at_least_one(text, capsys):
    with pytest.raises(SystemExit):
        loop.main(["--rounds", text])
    assert f"must be at least 1, got {text}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("model name\t: Chip X\nflags\t\t: fpu avx2 avx512_bf16\n", ("Chip X", True)),
        ("model name\t: Chip Y\nflags\t\t: fpu avx2 avx512f\n", ("Chip Y", False)),
        ("Features\t: fp asimd bf16\n", (None, True)),
        ("processor\t: 0\n", (None, None)),
        (None, (None, None)),
    ],
)
def test_the_machine_is_described(cpuinfo, expected, tmp_path):
    path = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        path.write_text(cpuinfo, encoding="utf-8")
    facts = common.describe_machine(path)
    assert facts["bf16_instructions"] is expected[1]
    assert facts["cpu"] == expected[0] or expected[0] is None
    assert facts["torch"] == torch.__version__
    assert facts["cores"] >= 1


def test_floats_are_rounded_wherever_they_stand(capsys):
    common.report({"a": 1234.5678, "b": [{"c": 0.123456}], "d": 123456, "e": None})
    figures = json.loads(capsys.readouterr().out)
    figures.pop("machine")
    assert figures == {"a": 1235.0, "b": [{"c": 0.1235}], "d": 123456, "e": None}


def test_contenders_take_turns(monkeypatch):
    now, calls = [0.0], []
    costs = {"ours": [5.0, 1.0, 2.0], "theirs": [10.0, 30.0, 20.0]}

    def contender(name):
        def run(i):
            calls.append((name, i))
            now[0] += costs[name][i]

        return run

    monkeypatch.setattr(common.time, "perf_counter", lambda: now[0])
    contenders = {name: contender(name) for name in costs}
    assert common.alternate(contenders, rounds=3) == {"ours": 2.0, "theirs": 20.0}
    expected = [("ours", 0), ("theirs", 0), ("theirs", 1), ("ours", 1), ("ours", 2), ("theirs", 2)]
    assert calls == expected
    assert common.alternate(contenders, rounds=3, pick=min) == {"ours": 1.0, "theirs": 10.0}
    with pytest.raises(ValueError, match="rounds must be at least 1"):
        common.alternate(contenders, rounds=0)


def test_the_bare_loop_only_computes_gradients():
    network = nn.Sequential(nn.Linear(2, 1), nn.Dropout(0.5)).eval()
    before, x = deepcopy(network.state_dict()), torch.tensor([[1.0, 2.0]])

    def loss_of(model, batch):
        assert model.training
        return model[0](batch).sum()

    loop.bare(network, [x, x, 3 * x], loss_of)
    assert network[0].weight.grad.tolist() == [[3.0, 6.0]]
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())


def test_the_lecture_takes_the_steps_it_is_asked_for(task, monkeypatch):
    trained = []
    step = lecture.train
    monkeypatch.setattr(
        lecture, "train", lambda rnn, *pair: (trained.append(rnn), step(rnn, *pair))
    )
    figures = rivals.run_lecture(task, 23)
    measured = trained[-1]
    assert sum(rnn is measured for rnn in trained) == 23
    assert len(trained) == 46  # as many to warm up, on another network
    for score in ("plain", "macro"):
        assert 0 <= figures[f"lecture_{score}"] <= figures[f"lecture_best_{score}"] <= 1


def quick(task, monkeypatch, scores):
    """Run the race with made-up scores, one pair per try, and one second per step."""
    monkeypatch.setattr(names, "run_ours", lambda _, recipe: (None, float(recipe.n_steps)))
    answers = iter(scores)
    monkeypatch.setattr(names, "read_ours", lambda *_: next(answers))
    to_beat = {"lecture_best_plain": 0.5, "lecture_best_macro": 0.4, "lecture_seconds": 6000.0}
    return names.run_quick(task, to_beat)


def test_the_race_is_won_when_both_scores_are_reached(monkeypatch):
    scores = [(0.9, 0.39), (0.49, 0.9), (0.5, 0.4), (0.9, 0.9)]
    figures = quick(None, monkeypatch, scores)
    steps = 4 * names.QUICK.n_steps
    assert (figures["quick_tries"], figures["quick_steps"]) == (3, steps)
    assert figures["ours_seconds_to_same"] == steps
    assert figures["speedup"] == 6000 / steps
    assert (figures["quick_plain"], figures["quick_macro"]) == (0.5, 0.4)


def test_a_race_that_is_never_won_has_no_seconds(monkeypatch):
    figures = quick(None, monkeypatch, [(0.9, 0.1)] * names.MAX_TRIES)
    assert figures["ours_seconds_to_same"] is figures["speedup"] is None
    assert figures["quick_tries"] == names.MAX_TRIES


def test_one_network_is_read_with_two_rules(task):
    recipe, prior = NamesRecipe(balance=0.5), task.data.prior(task.split.train)
    scores = drawn_shares(prior, 0.5).log()
    middle, commonest = int(prior.argsort()[len(prior) // 2]), int(prior.argmax())
    scores[middle] += 0.01  # the names say next to nothing, but this

    def network(tokens, lengths):
        return scores.expand(len(tokens), -1)

    truth = task.data.labels[task.split.test]
    for share, guess in ((0.0, middle), (1.0, commonest)):
        plain, macro = names.read_ours(task, network, recipe, share)
        assert plain == pytest.approx((truth == guess).float().mean().item())
        assert macro == pytest.approx(1 / len(prior))


def test_ngrams_see_capitals_and_both_ends():
    classifier = ngrams.build(1.0, None).fit(["Kim", "Ivanov"], [0, 1])
    seen = set(classifier[0].vocabulary_)
    assert {"K", "^K", "^Kim", "Kim$", "m$", "ov$"} <= seen
    assert not {"k", "^Kim$"} & seen
    assert classifier.predict(["Petrov"]).tolist() == [1]
