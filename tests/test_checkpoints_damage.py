"""Files that are damaged, half there, of another kind or dangerous: refused, and never run."""

import json
import pickle
import shutil

import hypothesis.strategies as st
import pytest
import torch
from checkpoint_samples import holder, save_sample, saved
from hypothesis import given, settings
from safetensors.torch import load_file

from course_utils.training import CheckpointError, read_checkpoint, save_checkpoint
from course_utils.training.checkpoint_files import checksum

FAILS = pytest.raises(CheckpointError, match="Copy both files again|train the model again")


class Bomb:
    """An object whose pickle creates a file when it is read."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return (open, (str(self.marker), "w"))


def bombs(marker):
    """Return name -> bytes of files that create the marker when they are unpickled."""
    found = {f"protocol {p}": pickle.dumps(Bomb(marker), protocol=p) for p in range(6)}
    path = marker.with_name("model.pt")
    for is_zip in (True, False):
        torch.save({"weight": Bomb(marker)}, path, _use_new_zipfile_serialization=is_zip)
        found[f"torch, zip {is_zip}"] = path.read_bytes()
    return found


def test_the_bombs_work(tmp_path):
    marker = tmp_path / "marker"
    for name, content in bombs(marker).items():
        marker.unlink(missing_ok=True)
        if name.startswith("protocol"):
            pickle.loads(content).close()
        else:
            path = tmp_path / "bomb.pt"
            path.write_bytes(content)
            torch.load(path, weights_only=False)["weight"].close()
        assert marker.exists(), name


@pytest.mark.parametrize("ending", [".safetensors", ".json"])
def test_a_pickle_is_refused_and_not_run(tmp_path, ending):
    path, marker = save_sample(tmp_path / "gru"), tmp_path / "marker"
    for name, content in bombs(marker).items():
        path.with_suffix(ending).write_bytes(content)
        with pytest.raises(CheckpointError) as caught:
            read_checkpoint(path)
        if name not in ("protocol 0", "protocol 1"):  # these begin like any text
            assert "is a pickle or a zip archive" in str(caught.value), name
            assert "it was not opened" in str(caught.value)
        assert not marker.exists(), name


def test_a_pickle_with_the_right_checksum_is_not_run(tmp_path):
    path, marker = save_sample(tmp_path / "gru"), tmp_path / "marker"
    for content in bombs(marker).values():
        path.write_bytes(content)
        edit_record(path, sha256=checksum(content))
        with pytest.raises(CheckpointError):
            read_checkpoint(path)
        assert not marker.exists()


@pytest.mark.parametrize("ending", [".pt", ".pth", ".bin", ".pkl", ".PT"])
def test_the_name_of_a_pickle_is_refused(tmp_path, ending):
    path, marker = tmp_path / f"model{ending}", tmp_path / "marker"
    path.write_bytes(pickle.dumps(Bomb(marker)))
    with pytest.raises(CheckpointError, match=f"name of a pickle.*without {ending}"):
        read_checkpoint(path)
    with pytest.raises(CheckpointError, match="name of a pickle"):
        save_checkpoint(path, holder(), config={}, vocabulary=())
    assert not marker.exists()


def test_a_header_whose_length_looks_like_a_pickle(tmp_path):
    starts = set()
    for length in range(560, 600, 4):
        path = tmp_path / "x"
        tensor = torch.tensor([float(length)])
        checkpoint = saved(path, holder(**{"n" * length: tensor}))
        assert torch.equal(checkpoint.tensors["n" * length], tensor)
        starts.add(path.with_suffix(".safetensors").read_bytes()[:2])
    assert b"\x80\x02" in starts


def edit_record(path, **changes):
    """Change parts of a record; None removes one."""
    file = path.with_suffix(".json")
    record = json.loads(file.read_bytes()) | changes
    record = {name: value for name, value in record.items() if value is not None}
    file.write_text(json.dumps(record), encoding="utf-8")


def test_a_file_that_was_cut_off(tmp_path):
    path = save_sample(tmp_path / "gru")
    content = path.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(CheckpointError, match=r"changed or cut off.*Copy both files again"):
            read_checkpoint(path)
        edit_record(path, sha256=checksum(content[:length]))
        with pytest.raises(CheckpointError, match=r"is damaged.*Copy both files again"):
            read_checkpoint(path)


@settings(derandomize=True, database=None, max_examples=50, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_in_the_weights_is_noticed(tmp_path_factory, data):
    path = save_sample(tmp_path_factory.getbasetemp() / "flipped")
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with FAILS:
        read_checkpoint(path)


@settings(derandomize=True, database=None, max_examples=50, deadline=None)
@given(content=st.binary(max_size=60) | st.text(max_size=20).map(str.encode))
def test_any_other_record_is_refused(tmp_path_factory, content):
    path = save_sample(tmp_path_factory.getbasetemp() / "other")
    path.with_suffix(".json").write_bytes(content)
    with FAILS:
        read_checkpoint(path)


@pytest.mark.parametrize(
    "content", [b"", b"not JSON", b'{"format_version": 1', b"[" * 200_000, b"\xff\xfe\xfa"]
)
def test_a_record_that_is_not_json(tmp_path, content):
    path = save_sample(tmp_path / "gru")
    path.with_suffix(".json").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"gru.json is not JSON.*Copy both files again"):
        read_checkpoint(path)


@pytest.mark.parametrize("content", ["[]", "3", "{}", '{"format_version": true}', '"text"'])
def test_json_that_is_not_a_record(tmp_path, content):
    path = save_sample(tmp_path / "gru")
    path.with_suffix(".json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match="not the record of a checkpoint. Copy both"):
        read_checkpoint(path)


def test_a_record_of_a_later_format(tmp_path):
    path = save_sample(tmp_path / "gru")
    edit_record(path, format_version=2, config=None)
    with pytest.raises(CheckpointError, match=r"has the format 2, .* the format 1. Update the co"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    "name", ["config", "vocabulary", "extra", "sha256", "shapes", "course_version"]
)
@pytest.mark.parametrize("value", [None, 5])
def test_a_record_with_a_wrong_part(tmp_path, name, value):
    path = save_sample(tmp_path / "gru")
    edit_record(path, **{name: value})
    with pytest.raises(CheckpointError, match=f"'{name}' must be a .* Copy both files again"):
        read_checkpoint(path)


@pytest.mark.parametrize("vocabulary", [["a", "b", "a"], ["a", 3]])
def test_a_record_with_a_wrong_vocabulary(tmp_path, vocabulary):
    path = save_sample(tmp_path / "gru")
    edit_record(path, vocabulary=vocabulary)
    with pytest.raises(CheckpointError, match=r"gru.json: vocabulary.* Copy both files again"):
        read_checkpoint(path, expect_vocabulary=["a", "b"])


def test_shapes_changed_by_hand(tmp_path):
    path = save_sample(tmp_path / "gru")
    edit_record(path, shapes={"output.bias": [2]})
    with pytest.raises(CheckpointError, match=r"shapes in .*gru.json are not those.*by hand"):
        read_checkpoint(path)


def test_two_halves_of_different_checkpoints(tmp_path):
    first, second = save_sample(tmp_path / "one", seed=1), save_sample(tmp_path / "two", seed=2)
    shutil.copy(first, second)
    with pytest.raises(CheckpointError, match="belongs to another checkpoint. Copy both files"):
        read_checkpoint(second)


@pytest.mark.parametrize("ending", [".safetensors", ".json"])
def test_a_missing_half(tmp_path, ending):
    path = save_sample(tmp_path / "gru")
    path.with_suffix(ending).unlink()
    with pytest.raises(CheckpointError, match=rf"half .* is missing: there is no .*gru\{ending}"):
        read_checkpoint(path)


def test_no_checkpoint_at_all(tmp_path):
    with pytest.raises(CheckpointError, match=r"no checkpoint .*gru: neither .* or train the mo"):
        read_checkpoint(tmp_path / "missing" / "gru")


@pytest.mark.parametrize("ending", [".safetensors", ".json"])
def test_a_folder_in_place_of_a_file(tmp_path, ending):
    path = save_sample(tmp_path / "gru")
    path.with_suffix(ending).unlink()
    path.with_suffix(ending).mkdir()
    with pytest.raises(CheckpointError, match="cannot be read: .* Check that it is a file"):
        read_checkpoint(path)


def test_the_files_are_safetensors_and_json_for_everyone(tmp_path):
    path = save_sample(tmp_path / "gru")
    tensors = load_file(path)
    assert {n: list(t.shape) for n, t in tensors.items()} == json.loads(
        path.with_suffix(".json").read_bytes()
    )["shapes"]
