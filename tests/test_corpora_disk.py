"""fetch on disks that refuse: full, read-only, or not a folder at all."""

import errno
import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from course_utils.corpora import DataUnavailableError, fetch, fetching, registry

NAME = "tinyshakespeare/input.txt"
CONTENT = b"To the wheel and back again.\n" * 8000
ENTRY = registry.Entry(NAME, "", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture(autouse=True)
def mirror(tmp_path, monkeypatch):
    for name in ("COURSE_DATA_DIR", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(registry, "entries", lambda: {NAME: ENTRY})
    file = tmp_path / "mirror" / NAME
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "mirror"))
    return tmp_path / "mirror"


def message_of(data_dir):
    with pytest.raises(DataUnavailableError) as caught:
        fetch(NAME, data_dir=data_dir)
    message = str(caught.value)
    assert str(data_dir) in message
    assert "COURSE_DATA_DIR" in message
    return message


def leftovers(folder):
    return [path for path in folder.rglob("*") if not path.is_dir()]


@contextmanager
def small_disk(folder, options):
    """Mount a memory disk there, or skip where that is not allowed."""
    folder.mkdir()
    if not shutil.which("mount"):
        pytest.skip("no mount command on this system")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"a memory disk cannot be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(tmp_path):
    with small_disk(tmp_path / "disk", "size=64k") as disk:
        assert "the disk is full" in message_of(disk)
        assert not leftovers(disk)


def test_read_only_disk(tmp_path):
    with small_disk(tmp_path / "disk", "size=64k,ro") as disk:
        assert "cannot be written" in message_of(disk)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write everywhere"
)
def test_read_only_folder(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert "cannot be written" in message_of(folder)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "cannot be written"),
        (errno.EROFS, "cannot be written"),
    ],
)
@pytest.mark.parametrize("step", ["write", "move"])
def test_simulated_refusal(tmp_path, monkeypatch, code, reason, step):
    def refuse(source, target):
        if step == "write":
            with open(target, "wb") as file:
                file.write(CONTENT[:1000])
        raise OSError(code, os.strerror(code), str(target))

    if step == "write":
        monkeypatch.setattr(fetching.shutil, "copyfile", refuse)
    else:
        monkeypatch.setattr(fetching.os, "replace", refuse)
    assert reason in message_of(tmp_path / "here")
    assert not leftovers(tmp_path / "here")


def test_move_refused_because_another_process_was_first(tmp_path, monkeypatch):
    def refuse(source, target):
        shutil.copyfile(source, target)
        raise PermissionError(errno.EACCES, "in use", str(target))

    monkeypatch.setattr(fetching.os, "replace", refuse)
    assert fetch(NAME, data_dir=tmp_path / "here").read_bytes() == CONTENT


def test_folder_is_a_file(tmp_path):
    (tmp_path / "here").write_text("not a folder")
    assert "is a file" in message_of(tmp_path / "here")


def test_target_is_a_folder(tmp_path):
    (tmp_path / "here" / NAME).mkdir(parents=True)
    reason = "a folder of that name" if os.name == "posix" else "cannot be written"
    assert reason in message_of(tmp_path / "here")
    assert not leftovers(tmp_path / "here")


def test_mirror_that_cannot_be_read(tmp_path, mirror):
    (mirror / NAME).unlink()
    (mirror / NAME).mkdir()
    with pytest.raises(DataUnavailableError, match="(?s)mirror.*COURSE_DATA_MIRROR"):
        fetch(NAME, data_dir=tmp_path / "here")
