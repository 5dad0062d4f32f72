"""The command that trains a language model: what it writes, refuses, compares and resumes."""

import json
import shlex
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from train_samples import SIZES, call, ships

from course_utils import train as command
from course_utils.batching import Streams
from course_utils.corpora import open_text
from course_utils.corpora.registry import shipped
from course_utils.recipes.language import build_language_model, count_parameters
from course_utils.recipes.learning import score
from course_utils.recipes.shipped import SHIPPED
from course_utils.recipes.writing import Writer

RUN = [*SIZES, "--steps", "30", "--dropout", "0.3", "--evaluate-every", "7", "--save-every", "10"]


@pytest.fixture
def text(tmp_path, monkeypatch):
    """Return the path of a text of 3000 letters, in the folder where the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    (tmp_path / "ships.txt").write_text(ships(3000), encoding="utf-8")
    return "ships.txt"


@pytest.fixture
def stop_at(monkeypatch):
    """Return a function that lets the stop button be pressed in a step; None: never."""
    chunk, wanted = Streams.chunk, {}

    def stopping(streams, step):
        if step == wanted.get("step") and streams.n_streams == 4:
            raise KeyboardInterrupt
        return chunk(streams, step)

    monkeypatch.setattr(Streams, "chunk", stopping)
    return lambda step: wanted.update(step=step)


def job_of(monkeypatch, *arguments):
    """Return what the command would do."""
    jobs = []
    monkeypatch.setattr(command, "write", lambda job: jobs.append(job) or 0)
    assert command.main(arguments) == 0
    return jobs[0]


def files():
    return [*Path.cwd().iterdir()]


def record(name):
    with open(f"{name}.json", encoding="utf-8") as file:
        return json.load(file)


def test_the_checkpoint_says_how_it_was_made(text):
    seen = call(["--text", text, *RUN, "--seed", "3", "--threads", "1"])
    assert (seen.status, seen.err) == (0, "")
    writer, opened = Writer.load("./ships-lstm"), open_text(text)
    facts, scores = writer.facts, writer.facts["scores"]
    wanted = replace(
        SHIPPED["lstm"], hidden_size=12, embed_dim=6, n_streams=4, chunk_len=20, n_steps=30,
        dropout=0.3, seed=3,
    )  # fmt: skip
    assert facts["recipe"] == asdict(wanted)
    assert facts["data"] == {
        "source": "text file ships.txt", "characters": 3000, "sha256": opened.sha256,
    }  # fmt: skip
    assert scores["val_nats"] == pytest.approx(score(writer.model, opened), abs=1e-6)
    assert scores["bits_per_char"] == pytest.approx(scores["val_nats"] / 0.693147, rel=1e-5)
    assert scores["params"] == sum(p.numel() for p in writer.model.parameters())
    assert (scores["n_steps"], scores["precision"]) == (30, "float32")
    assert (scores["torch"], scores["processes"]) == (torch.__version__, 1)
    assert scores["seconds"] > 0 < scores["chars_per_s"]
    assert writer.vocabulary.tokens == opened.symbols
    last = seen.out.splitlines()[-1]
    assert last.startswith(f"text file ships.txt: {scores['val_nats']:.3f} nats (")
    assert last.endswith("; wrote ships-lstm.safetensors")
    assert sorted(path.name for path in files()) == [
        "ships-lstm.json", "ships-lstm.safetensors", "ships.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_its_command_makes_it_again(text, kind):
    call(["--text", text, "--kind", kind, *RUN, "--out", "one", "--resume", "--quiet"])
    words = shlex.split(record("one")["extra"]["command"])
    assert words[:3] == ["python", "-m", "course_utils.train"]
    call([*words[3:], "--out", "two"])
    one, two = (Writer.load(f"./{name}") for name in ("one", "two"))
    assert one.model.config.kind == kind
    for ours, theirs in zip(one.model.parameters(), two.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert one.facts["command"] == two.facts["command"]


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--steps", "7", {"n_steps": 7}),
        ("--seconds", "7.5", {"max_seconds": 7.5}),
        ("--hidden-size", "7", {"hidden_size": 7}),
        ("--embed-dim", "7", {"embed_dim": 7}),
        ("--layers", "2", {"num_layers": 2}),
        ("--dropout", "0", {"dropout": 0.0}),
        ("--learning-rate", "0.7", {"learning_rate": 0.7}),
        ("--streams", "7", {"n_streams": 7}),
        ("--chunk", "7", {"chunk_len": 7}),
        ("--seed", "7", {"seed": 7}),
    ],
)
@pytest.mark.parametrize("kind", [*SHIPPED])
def test_options_of_the_recipe(monkeypatch, kind, option, value, wanted):
    job = job_of(monkeypatch, "--kind", kind, option, value)
    assert job.recipe == replace(SHIPPED[kind], **wanted)
    assert job.out == shipped("checkpoints") / kind
    assert f"{option} {float(value) if '.' in value or option == '--dropout' else value}" in (
        job.command
    )


def test_where_the_checkpoint_goes(monkeypatch):
    assert job_of(monkeypatch).out == shipped("checkpoints") / "lstm"
    assert job_of(monkeypatch).command == "python -m course_utils.train"
    assert str(job_of(monkeypatch, "--text", "a/my.v2.txt", "--kind", "gru").out) == "my.v2-gru"
    job = job_of(monkeypatch, "--text", "my text.txt", "--out", "b/c")
    assert job.out.as_posix() == "b/c"
    assert job.command == "python -m course_utils.train --text 'my text.txt'"


def test_the_shipped_networks_are_of_one_size():
    assert list(SHIPPED) == [recipe.kind for recipe in SHIPPED.values()]
    sizes = [count_parameters(build_language_model(65, recipe)) for recipe in SHIPPED.values()]
    assert max(sizes) < 1.01 * min(sizes)


@pytest.mark.parametrize("at", [3, 10, 23])
def test_resumed_is_the_same_as_never_stopped(text, stop_at, at):
    arguments = ["--text", text, *RUN]
    whole = call([*arguments, "--out", "whole"])
    stop_at(at)
    first = call([*arguments, "--out", "part"])
    assert first.status == 130
    stop_at(None)
    again = call([*arguments, "--out", "part", "--resume"])
    assert again.status == 0
    assert again.losses == pytest.approx(whole.losses, abs=1e-6)
    assert again.scores == [pytest.approx(pair, abs=1e-6) for pair in whole.scores]
    assert (len(again.losses), again.best_step) == (30, whole.best_step)
    said = "There is no snapshot part-snapshot" if at < 10 else "Going on from the snapshot part-"
    assert said in again.out
    trained = {start for start, stop in again.parts if stop - start == 21 and start < 675}
    assert len(trained) == 30 - at // 10 * 10
    for name in ("whole", "part"):
        assert record(name)["extra"]["scores"]["n_steps"] == 30
    assert not [path for path in files() if "snapshot" in path.name]


def test_an_interrupt_keeps_the_best_weights(text, stop_at):
    stop_at(23)
    seen = call(["--text", text, *RUN, "--out", "kept"])
    assert seen.status == 130
    assert seen.err == (
        f"Stopped after step 23 of 30. The weights of step {seen.best_step}, the best so far, are "
        "in kept-interrupted.safetensors. The same command with --resume goes on from step 20.\n"
    )
    writer = Writer.load("./kept-interrupted")
    scores = writer.facts["scores"]
    assert (scores["interrupted"], scores["n_steps"]) == (True, 23)
    assert scores["val_nats"] == pytest.approx(score(writer.model, open_text(text)), abs=1e-6)
    assert len([path for path in files() if "kept-snapshot" in path.name]) == 2


def test_an_interrupt_keeps_the_old_checkpoint(text, stop_at):
    call(["--text", text, *RUN, "--out", "kept"])
    before = record("kept")
    stop_at(23)
    assert call(["--text", text, *RUN, "--out", "kept", "--seed", "2"]).status == 130
    assert record("kept") == before
    stop_at(6)
    seen = call(["--text", text, *RUN, "--out", "kept", "--seed", "1"])
    assert seen.status == 130
    assert "No checkpoint was written, because there was no held-out score yet" in seen.err
    assert "There is no snapshot yet" in seen.err
    assert record("kept") == before
    stop_at(0)
    assert call(["--text", text, *RUN, "--out", "kept", "--check"]).status == 130
    assert record("kept") == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--steps", "31"], "--steps was 30 and is 31 now"),
        (["--seed", "1", "--streams", "5"], "--streams was 4 and is 5 now; seed was 0 and is 1"),
        (["--evaluate-every", "8"], "--evaluate-every was 7 and is 8 now"),
        (["--kind", "gru"], "kind was 'lstm' and is 'gru' now"),
        (["--text", "other.txt"], "sha256 of the text was "),
    ],
)
def test_the_snapshot_of_another_run(text, stop_at, more, message):
    with open("other.txt", "w", encoding="utf-8") as file:
        file.write("Another play, not that of the ships.\n" * 90)
    stop_at(13)
    call(["--text", text, *RUN, "--out", "part"])
    stop_at(None)
    before = {path: path.read_bytes() for path in files()}
    seen = call(["--text", text, *RUN, "--out", "part", "--resume", *more])
    assert seen.status == 1
    assert "the snapshot part-snapshot is not of this run" in seen.err
    assert message in seen.err
    assert {path: path.read_bytes() for path in files()} == before
    assert "An earlier run left the snapshot" in call(["--text", text, *RUN, "--out", "part"]).out
