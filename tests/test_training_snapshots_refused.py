"""A snapshot that is damaged or of another run is refused; a full disk costs no old one."""

import errno
import os

import pytest
import torch
from language_samples import small_model
from snapshot_samples import CONFIG, EVERY, N_STEPS, SYMBOLS, keeper, run, streams
from step_samples import assert_same, weights

from course_utils.recipes.writing import Writer
from course_utils.runtime import threads_limited
from course_utils.training import (
    CheckpointError,
    StreamLoss,
    TrainOptions,
    checkpoint_files,
    read_checkpoint,
    snapshots,
    train,
)
from course_utils.training.checkpoint_files import pair_at
from course_utils.training.checkpoints import save_tensors


@pytest.fixture(scope="module", autouse=True)
def _quickly():
    with threads_limited(1):
        yield


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Return the bytes of both files of a snapshot, by name."""
    folder = tmp_path_factory.mktemp("snapshot")
    run(keeper(folder / "run"), stop_at=7)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def path(tmp_path, snapshot):
    """Return the path of a snapshot that may be damaged."""
    for name, content in snapshot.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path / "run"


def refusal(kept):
    """Return what the keeper says; nothing else may have changed."""
    loss_of, before = StreamLoss(), torch.get_rng_state()
    with pytest.raises(CheckpointError) as caught:
        kept.restore(loss_of)
    assert loss_of.state is None
    assert torch.equal(torch.get_rng_state(), before)
    return str(caught.value)


def test_the_snapshot_itself_is_good(path):
    state = keeper(path, resume=True).restore(StreamLoss())
    assert len(state.history.losses) == EVERY
    assert set(state.model) == set(state.best)
    assert keeper(path).restore(StreamLoss()) is None  # not wanted


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"learning_rate": 0.04}, ["learning_rate was 0.03 and is 0.04 now"]),
        ({"data": "abd"}, ["data was 'abc' and is 'abd' now"]),
        ({"layers": [1]}, ["layers was [1, 2] and is [1] now"]),
        ({"clip": 2.0}, ["clip was None and is 2.0 now"]),
        (
            {"data": "x", "learning_rate": 1},
            ["data was 'abc' and is 'x' now", "learning_rate was 0.03 and is 1 now"],
        ),
    ],
)
def test_another_config(path, change, told):
    message = refusal(keeper(path, resume=True, config=CONFIG | change))
    assert all(part in message for part in [str(path), *told, "without resuming to begin anew"])
    same = {name for name in CONFIG if name not in change}
    assert not any(f"{name} was" in message for name in same)


def test_an_option_that_is_no_longer_there(path):
    config = {name: value for name, value in CONFIG.items() if name != "data"}
    assert "data was 'abc' and is None now" in refusal(keeper(path, resume=True, config=config))


@pytest.mark.parametrize("symbols", [SYMBOLS[:-1], (*SYMBOLS, "é"), SYMBOLS[::-1], ()])
def test_another_vocabulary(path, symbols):
    message = refusal(keeper(path, resume=True, vocabulary=symbols))
    assert "is not of this run: its text has other symbols. Start with" in message


def test_another_number_of_processes(path, monkeypatch):
    monkeypatch.setattr(snapshots, "world_size", lambda: 2)
    message = refusal(keeper(path, resume=True))
    assert "it was made by 1 processes and there are 2" in message


@pytest.mark.parametrize(
    "damage",
    [
        lambda pair: pair.weights.write_bytes(pair.weights.read_bytes()[:-10]),
        lambda pair: pair.weights.write_bytes(bytes(1) + pair.weights.read_bytes()[1:]),
        lambda pair: pair.weights.write_bytes(pair.weights.read_bytes()[:-1] + b"\xfe"),
        lambda pair: pair.weights.unlink(),
        lambda pair: pair.record.write_bytes(pair.record.read_bytes()[:-40]),
        lambda pair: pair.record.write_text("[]", encoding="utf-8"),
        lambda pair: pair.record.write_bytes(b""),
    ],
)
def test_a_damaged_snapshot(path, damage):
    damage(pair_at(path))
    assert str(path) in refusal(keeper(path, resume=True))


def rewritten(path, change, extra=()):
    """Write the snapshot again, whole and with a right checksum, but with other content."""
    found = read_checkpoint(path)
    tensors, facts = dict(found.tensors), dict(found.extra)
    change(tensors)
    facts.update(extra)
    whole = {"config": found.config, "vocabulary": found.vocabulary, "extra": facts}
    save_tensors(path, tensors, **whole)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.pop("rank0.random"), "'random'"),
        (lambda t: t.update({"rank0.random": torch.zeros(3)}), "random numbers cannot be used"),
        (lambda t: t.pop("losses"), "'losses'"),
        (lambda t: t.pop("scores"), "'scores'"),
        (lambda t: t.update(losses=t["losses"][None]), "another shape"),
        (lambda t: t.update({"adam.x.step": torch.zeros(())}), "'x'"),
    ],
)
def test_a_snapshot_without_a_part_or_with_another_one(path, change, told):
    rewritten(path, change)
    message = refusal(keeper(path, resume=True))
    assert f"{path} is incomplete" in message
    assert told in message


@pytest.mark.parametrize("bad", [{"best_step": "4"}, {"seconds": -1.0}, {"seconds": None}])
def test_a_snapshot_with_another_fact(path, bad):
    rewritten(path, lambda tensors: None, bad)
    message = refusal(keeper(path, resume=True))
    assert all(part in message for part in ["is incomplete", *bad])


def tiny(name):
    """Return a change: a moment of the first parameter that is too small for it."""
    return lambda tensors: tensors.update({f"adam.0.{name}": torch.zeros(1)})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (tiny("exp_avg"), "exp_avg of parameter 0 is torch.float32 (1,), and must be"),
        (tiny("exp_avg_sq"), "exp_avg_sq of parameter 0 is torch.float32 (1,), and must be"),
        (tiny("step"), "step of parameter 0 is torch.float32 (1,), and must be floating ()"),
        (lambda t: t.update({"adam.0.step": torch.tensor(1)}), "step of parameter 0 is torch.int"),
        (lambda t: t.pop("adam.0.exp_avg"), "parameter 0 has ['exp_avg_sq', 'step'] instead"),
        (lambda t: t.update({"adam.99.step": torch.ones(())}), "no trained parameter 99"),
        (lambda t: t.update({"best.new": torch.ones(())}), "best state does not fit"),
    ],
)
def test_moments_and_best_weights_that_do_not_fit_the_model(path, change, told):
    """PyTorch itself would use moments that are too small, and write beside them."""
    rewritten(path, change)
    model, loss_of, before = small_model("gru"), StreamLoss(), torch.get_rng_state()
    kept = weights(model)
    with pytest.raises(CheckpointError) as caught:
        train(model, streams(), loss_of, TrainOptions(9), keeper=keeper(path, resume=True))
    assert told in str(caught.value)
    assert_same(weights(model), kept)
    assert loss_of.state is None
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_with_another_part_frozen_is_refused(path):
    model = small_model("gru")
    next(model.parameters()).requires_grad_(False)
    with pytest.raises(CheckpointError, match="with the same parts frozen"):
        train(model, streams(), StreamLoss(), TrainOptions(9), keeper=keeper(path, resume=True))


def test_a_run_that_is_refused_leaves_the_snapshot_for_the_right_one(path):
    files = {file: file.read_bytes() for file in path.parent.iterdir()}
    with pytest.raises(CheckpointError):
        run(keeper(path, resume=True, config=CONFIG | {"data": "x"}))
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == files
    assert_same(run(keeper(path, resume=True), seed=1).weights, run(None).weights)


@pytest.mark.parametrize("bad", [float("nan"), object(), torch.ones(1)])
def test_a_config_that_cannot_be_saved_is_refused_at_once(tmp_path, bad):
    with pytest.raises((TypeError, ValueError), match=r"config\['size'\] is "):
        keeper(tmp_path / "run", config={"size": bad})


def test_a_disk_that_is_full_costs_only_what_came_after_the_last_snapshot(tmp_path, monkeypatch):
    write, written = checkpoint_files._write_through, []

    def fill_up(path, content):
        if len(written) == 4:  # two files for each of two snapshots: steps 5 and 10
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(path)
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_files, "_write_through", fill_up)
        with pytest.raises(OSError, match="cannot write the .*run.* is unchanged") as seen:
            run(keeper(tmp_path / "run"))
    assert seen.value.errno == errno.ENOSPC
    state = keeper(tmp_path / "run", resume=True).restore(StreamLoss())
    assert len(state.history.losses) == 2 * EVERY
    resumed, whole = run(keeper(tmp_path / "run", resume=True), seed=1), run(None)
    assert resumed.history.losses == whole.history.losses
    assert_same(resumed.weights, whole.weights)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(OSError, match="cannot write the checkpoint .*give another path"):
        run(keeper(tmp_path / "file" / "run"))
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_missing_folder_is_made(tmp_path):
    run(keeper(tmp_path / "new" / "deep" / "run"), stop_at=6)
    again = run(keeper(tmp_path / "new" / "deep" / "run", resume=True), seed=1)
    assert len(again.history.losses) == N_STEPS


def test_a_snapshot_is_no_writer(path):
    with pytest.raises(CheckpointError, match="not a checkpoint of a language model"):
        Writer.load(path)
