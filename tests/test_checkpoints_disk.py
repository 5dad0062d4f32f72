"""Saving is all or nothing: a full disk, an interrupt or a kill never costs the old checkpoint."""

import builtins
import errno
import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from checkpoint_samples import assert_same_bits, save_sample, small_model

from course_utils.training import CheckpointError, checkpoint_files, read_checkpoint

# What a save does to the disk, in this order; the record is moved in by the seventh.
STEPS = ["write", "fsync", "write", "fsync", "replace", "replace", "replace"]
COMMIT = len(STEPS)
STEPS += ["unlink"] * 3  # the old weights, then two temporary names that are gone already
FIRST_SAVE = [*STEPS[:4], "replace", "replace", "unlink", "unlink"]


class Killed(BaseException):
    """Stands for the end of the process."""


def no_space():
    """Return what the system says when the disk is full."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Disk:
    """Count what is done to the disk, and fail at one step, or from one step on."""

    def __init__(self, monkeypatch, at=0, error=no_space, *, after=False, from_then_on=False):
        self.at, self.error, self.after, self.from_then_on = at, error, after, from_then_on
        self.steps = []
        monkeypatch.setattr(os, "replace", self.watched("replace", os.replace))
        monkeypatch.setattr(os, "fsync", self.watched("fsync", os.fsync))
        monkeypatch.setattr(Path, "unlink", self.watched("unlink", Path.unlink))
        monkeypatch.setattr(checkpoint_files, "open", self.open, raising=False)

    def watched(self, name, do):
        """Return do, which now fails at the chosen step, before or after it has been done."""

        def step(*args, **kwargs):
            self.steps.append(name)
            n = len(self.steps)
            fails = n == self.at or (self.from_then_on and 0 < self.at < n)
            if fails and not (self.after and n == self.at):
                if name == "write":  # half of the bytes arrive
                    do(args[0][: len(args[0]) // 2])
                raise self.error()
            result = do(*args, **kwargs)
            if fails:
                raise self.error()
            return result

        return step

    def open(self, path, mode):
        """Open a file whose write is one of the steps."""
        file = builtins.open(path, mode, buffering=0)
        return WatchedFile(file, self.watched("write", file.write))


class WatchedFile:
    """A file with another write."""

    def __init__(self, file, write):
        self.file, self.write = file, write
        self.flush, self.fileno = file.flush, file.fileno

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()


def names(folder):
    """Return the names of the files in a folder."""
    return {path.name for path in folder.iterdir()}


def seed_of(path):
    """Read a checkpoint, compare all its weights with those of its seed, return the seed."""
    checkpoint = read_checkpoint(path)
    seed = checkpoint.extra["seed"]
    assert_same_bits(checkpoint.tensors, small_model(seed).state_dict())
    return seed


PAIR = {"gru.json", "gru.safetensors"}


def test_the_steps_are_these(tmp_path):
    for steps in (FIRST_SAVE, STEPS):
        with pytest.MonkeyPatch.context() as patch:
            disk = Disk(patch)
            save_sample(tmp_path / "gru")
        assert disk.steps == steps
        assert names(tmp_path) == PAIR


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("error", [no_space, KeyboardInterrupt])
@pytest.mark.parametrize("at", range(1, COMMIT + 1))
def test_a_failure_at_any_step_leaves_one_whole_pair(tmp_path, at, error, after):
    path = save_sample(tmp_path / "gru", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, at, error, after=after)
        with pytest.raises((OSError, KeyboardInterrupt)) as caught:
            save_sample(path, seed=2)
    assert caught.type is type(error())
    assert names(tmp_path) == PAIR
    assert seed_of(path) == (2 if after and at == COMMIT else 1)


@pytest.mark.parametrize("at", range(1, len(FIRST_SAVE) - 1))
@pytest.mark.parametrize("error", [no_space, KeyboardInterrupt])
def test_a_first_save_that_fails_leaves_nothing(tmp_path, at, error):
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, at, error)
        with pytest.raises((OSError, KeyboardInterrupt)):
            save_sample(tmp_path / "gru")
    assert names(tmp_path) == set()
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        read_checkpoint(tmp_path / "gru")


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, len(STEPS) + 1))
def test_a_kill_at_any_step_leaves_a_pair_that_can_be_read(tmp_path, at, after):
    path = save_sample(tmp_path / "gru", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, at, Killed, after=after, from_then_on=True)
        with pytest.raises(Killed):
            save_sample(path, seed=2)
    left = {p: p.read_bytes() for p in tmp_path.iterdir()}
    assert seed_of(path) == (1 if at + after <= COMMIT else 2)
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == left, "reading changes nothing"
    save_sample(path, seed=3)
    assert names(tmp_path) == PAIR
    assert seed_of(path) == 3


@pytest.mark.parametrize("at", range(1, len(STEPS) + 1))
@pytest.mark.parametrize("again", range(1, len(STEPS) + 3))
def test_a_second_kill_costs_nothing_either(tmp_path, at, again):
    path = save_sample(tmp_path / "gru", seed=1)
    for seed, step in ((2, at), (3, again)):
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, step, Killed, from_then_on=True)
            with suppress(Killed):  # a later step than there are: this save comes through
                save_sample(path, seed=seed)
    assert seed_of(path) in {1, 2, 3}


@pytest.mark.parametrize("at", [5, 6, 7])
def test_a_disk_that_fails_for_good_keeps_the_old_pair_readable(tmp_path, at):
    path = save_sample(tmp_path / "gru", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, at, from_then_on=True)
        with pytest.raises(OSError, match="unchanged"):
            save_sample(path, seed=2)
    assert seed_of(path) == 1


@pytest.mark.parametrize("at", range(COMMIT + 1, len(STEPS) + 1))
def test_old_weights_that_cannot_be_removed_do_no_harm(tmp_path, at):
    path = save_sample(tmp_path / "gru", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        Disk(patch, at)
        save_sample(path, seed=2)
    assert seed_of(path) == 2
    save_sample(path, seed=3)
    assert names(tmp_path) == PAIR


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, None])
def test_the_message_says_why_and_what_to_do(tmp_path, monkeypatch, code):
    arguments = (code, os.strerror(code)) if code else ("the drive went away",)
    Disk(monkeypatch, 1, lambda: OSError(*arguments))
    with pytest.raises(OSError, match=re.escape(arguments[-1])) as caught:
        save_sample(tmp_path / "gru")
    assert caught.value.errno == (code or errno.EIO)
    assert type(caught.value) is (PermissionError if code == errno.EACCES else OSError)
    for part in (str(tmp_path / "gru"), "Make room or get write access", "is unchanged"):
        assert part in str(caught.value)


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(OSError, match="give another path, and save again"):
        save_sample(tmp_path / "file" / "gru")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("ending", [".safetensors", ".json"])
def test_a_folder_in_place_of_a_file(tmp_path, ending):
    (tmp_path / f"gru{ending}" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="cannot write the checkpoint"):
        save_sample(tmp_path / "gru")
    assert names(tmp_path) == {f"gru{ending}"}
    assert names(tmp_path / f"gru{ending}") == {"inside"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file mode")
def test_others_in_the_class_may_read_the_files(tmp_path):
    usual = tmp_path / "usual"
    usual.touch()
    path = save_sample(tmp_path / "gru")
    for file in (path, path.with_suffix(".json")):
        assert file.stat().st_mode == usual.stat().st_mode
