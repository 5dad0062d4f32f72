"""Two processes train as one does, and go on after one of them was killed."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from train_samples import SIZES, Seen, call, ships

from course_utils.recipes.writing import Writer
from course_utils.training import ranks

STEPS, EVERY, KILLED_AT = 50, 12, 40
# 4 streams of (1801 - 1) / 4 = 450 letters: two of them for each process.
ALL_READ, HALF, LENGTH = 1801, 900, 2000
RUN = [*SIZES, "--steps", str(STEPS), "--evaluate-every", "16", "--save-every", str(EVERY)]
SECONDS = 240  # a run that hangs is a failure

pytestmark = pytest.mark.skipif(os.name == "nt", reason="torchrun needs Linux or macOS here")


def torchrun(folder, plan):
    """Run the plan in two processes; return the exit status of torchrun."""
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    words = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    words += ["2", str(ROOT / "tests" / "torchrun_worker.py"), str(folder / "plan.json")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "COURSE_DEVICE": "cpu"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with subprocess.Popen(
        words, env=environment, cwd=folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        try:
            told, _ = process.communicate(timeout=SECONDS)
        except BaseException:
            process.terminate()  # torchrun then ends its workers, which SIGKILL would leave alive
            raise
    (folder / "told.txt").write_text(told, encoding="utf-8")
    return process.returncode


def seen_of(folder, name):
    """Return what the two processes saw of a call."""
    return [Seen(**json.loads((folder / f"{name}-{r}.json").read_text())) for r in (0, 1)]


def planned(folder, name, *more, text="text.txt", kill=None):
    """Return a call; its checkpoint has another name in each process."""
    arguments = ["--text", str(folder / text), "--out", str(folder / "{rank}" / name), *RUN, *more]
    return {"name": name, "arguments": arguments, "kill": kill}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder in which two processes made all calls, and one of them was killed."""
    folder = tmp_path_factory.mktemp("torchrun")
    (folder / "text.txt").write_text(ships(LENGTH), encoding="utf-8")
    (folder / "text-0.txt").write_text(ships(LENGTH), encoding="utf-8")
    (folder / "text-1.txt").write_text(ships(LENGTH).swapcase(), encoding="utf-8")
    status = torchrun(folder, [
        planned(folder, "plain", "--dropout", "0"),
        planned(folder, "dropout", "--dropout", "0.3"),
        planned(folder, "unlike", text="text-{rank}.txt"),
        planned(folder, "missing", text="{rank}/plain.json"),
        planned(folder, "uneven", "--streams", "5"),
        planned(folder, "exploded", "--learning-rate", "1e30"),
        planned(folder, "killed", "--dropout", "0.3", kill=(1, KILLED_AT)),
    ])  # fmt: skip
    assert status == 1, (folder / "told.txt").read_text()  # the last call ends it
    (folder / "kept").mkdir()
    for path in (folder / "0").glob("killed-snapshot*"):
        shutil.copy(path, folder / "kept")
    return folder


@pytest.fixture
def alone(folder, tmp_path, monkeypatch):
    """Return the options of the same runs for one process."""
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    return ["--text", str(folder / "text.txt"), "--out", str(tmp_path / "alone"), *RUN]


def test_two_processes_have_the_losses_of_one(folder, alone):
    both, one = seen_of(folder, "plain"), call([*alone, "--dropout", "0"])
    assert one.status == 0, one.err
    assert len(one.losses) == STEPS
    assert one.losses[-1] < one.losses[0] - 0.5
    for seen in both:
        assert seen.status == 0
        assert seen.losses == pytest.approx(one.losses, abs=1e-4)
        assert [step for step, _ in seen.scores] == [16, 32, 48, 50]
        assert seen.scores == [pytest.approx(score, abs=1e-4) for score in one.scores]
        assert seen.best_step == one.best_step
    assert both[0].losses == both[1].losses


def test_dropout_differs_between_processes(folder, alone):
    both, one = seen_of(folder, "dropout"), call([*alone, "--dropout", "0.3"])
    assert both[0].losses == both[1].losses
    # The same numbers in both processes would make the same masks as those of one.
    assert abs(both[0].losses[0] - one.losses[0]) > 1e-4


def test_each_process_reads_only_its_own_streams(folder):
    first, second = seen_of(folder, "plain")
    assert min(start for start, _ in second.parts) == HALF
    assert max(stop for _, stop in second.parts) <= ALL_READ
    held_out = ALL_READ - 1
    trained = [(start, stop) for start, stop in first.parts if start < held_out]
    assert max(stop for _, stop in trained) <= HALF + 1
    assert max(stop for _, stop in first.parts) == LENGTH


def test_only_the_first_process_writes_and_prints(folder):
    assert sorted(path.name for path in (folder / "0").glob("plain*")) == [
        "plain.json", "plain.safetensors",
    ]  # fmt: skip
    assert not (folder / "1").exists()
    first, second = seen_of(folder, "plain")
    assert (second.out, second.err, first.err) == ("", "", "")
    assert first.out.count("\nstep ") == 3
    last = first.out.splitlines()[-1]
    assert "2 processes" in last
    assert "characters/s" in last
    facts = Writer.load(folder / "0" / "plain").facts
    assert facts["command"].startswith("torchrun --nproc-per-node 2 -m course_utils.train --text ")
    assert facts["scores"]["processes"] == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unlike", "process 1 of 2: it differs from process 0: sha256 of the text is "),
        ("missing", "process 1 of 2: there is no file "),
        ("uneven", "--streams=5 cannot be shared evenly by world_size=2 processes"),
        ("exploded", "Build the model again and train it with a smaller --learning-rate"),
    ],
)
def test_an_error_is_told_once_and_ends_all(folder, name, message):
    first, second = seen_of(folder, name)
    assert message in first.err
    assert len(first.err.splitlines()) == 1
    assert second.err == ""
    assert (first.status, second.status) == (1, 1)
    assert not (folder / "0" / f"{name}.json").exists()


def test_a_killed_process_costs_the_steps_since_the_last_snapshot(folder):
    assert not (folder / "killed-0.json").exists()
    assert not (folder / "0" / "killed.json").exists()
    whole = folder / "0" / "killed-snapshot.safetensors"
    assert whole.exists()
    status = torchrun(folder, [planned(folder, "killed", "--dropout", "0.3", "--resume")])
    assert status == 0, (folder / "told.txt").read_text()
    begin = KILLED_AT // EVERY * EVERY
    for again, wanted in zip(seen_of(folder, "killed"), seen_of(folder, "dropout"), strict=True):
        assert again.losses == pytest.approx(wanted.losses, abs=1e-6)
        assert again.scores == [pytest.approx(score, abs=1e-6) for score in wanted.scores]
        assert (again.best_step, again.was_left) == (wanted.best_step, True)
        trained = [start for start, stop in again.parts if stop - start == 21 and start < 1800]
        assert len(trained) == 2 * (STEPS - begin)  # two streams, and no step twice
    assert "Going on from the snapshot" in seen_of(folder, "killed")[0].out
    assert (folder / "0" / "killed.json").exists()
    assert not whole.exists()
    assert not (folder / "1").exists()


def test_another_number_of_processes(folder, alone, tmp_path):
    for path in (folder / "kept").iterdir():
        shutil.copy(path, tmp_path / path.name.replace("killed", "alone"))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == 2
    again = call([*alone, "--dropout", "0.3", "--resume"])
    assert again.status == 1
    assert "it was made by 2 processes and there are 1" in again.err
    assert len(again.err.splitlines()) == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_processes_part_after_an_error(monkeypatch):
    for name, value in (("RANK", "0"), ("LOCAL_RANK", "0"), ("WORLD_SIZE", "1")):
        monkeypatch.setenv(name, value)
    for name, value in (("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", "0")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")

    def stop():
        with ranks.process_group():
            assert ranks.is_distributed()
            assert ranks.is_first()
            raise KeyboardInterrupt

    pytest.raises(KeyboardInterrupt, stop)
    assert not ranks.is_distributed()


@pytest.mark.parametrize(
    ("wanted", "n_gpus", "message"),
    [
        ("cuda", 2, "no GPU for process 2 of this machine, which has 2: start at most 2 here"),
        ("cuda:1", 4, "cannot share the device cuda:1: set COURSE_DEVICE=cuda"),
        ("mps", 0, "cannot share the device mps"),
    ],
)
def test_a_device_that_processes_cannot_use(monkeypatch, wanted, n_gpus, message):
    for name, value in (("RANK", "2"), ("LOCAL_RANK", "2"), ("WORLD_SIZE", "3")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(ranks, "pick_device", lambda: torch.device(wanted))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_gpus)
    with pytest.raises(ValueError, match=message), ranks.process_group():
        pass
    assert not ranks.is_distributed()
    assert not ranks.is_first()
