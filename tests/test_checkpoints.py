"""A checkpoint comes back bit by bit, fits its model or says what differs."""

import dataclasses
import json
import math
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
import torch
from checkpoint_samples import (
    CONFIG,
    VOCABULARY,
    assert_same_bits,
    holder,
    save_sample,
    saved,
    small_model,
)
from hypothesis import given, settings
from torch import nn

import course_utils
from course_utils.text import Vocabulary
from course_utils.training import CheckpointError, load_weights, read_checkpoint, save_checkpoint

QUICK = settings(derandomize=True, database=None, max_examples=40, deadline=None)


def test_round_trip(tmp_path):
    path = save_sample(tmp_path / "new" / "folder" / "gru.v1", seed=3)
    assert path == tmp_path / "new" / "folder" / "gru.v1.safetensors"
    assert sorted(p.name for p in path.parent.iterdir()) == ["gru.v1.json", path.name]
    checkpoint = read_checkpoint(tmp_path / "new" / "folder" / "gru.v1")
    assert checkpoint.config == CONFIG
    assert checkpoint.vocabulary == VOCABULARY
    assert checkpoint.extra == {"seed": 3}
    assert checkpoint.course_version == course_utils.__version__
    assert_same_bits(checkpoint.tensors, small_model(3).state_dict())

    model = small_model(4)
    load_weights(model, checkpoint)
    assert_same_bits(dict(model.state_dict()), small_model(3).state_dict())


@pytest.mark.parametrize("ending", ["", ".safetensors", ".json"])
def test_either_file_names_the_pair(tmp_path, ending):
    save_sample(tmp_path / f"gru{ending}")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["gru.json", "gru.safetensors"]
    assert read_checkpoint(str(tmp_path / f"gru{ending}")).config == CONFIG


def test_the_same_model_gives_the_same_bytes(tmp_path):
    save_sample(tmp_path / "a")
    save_sample(tmp_path / "b")
    for ending in (".safetensors", ".json"):
        a, b = ((tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
        assert a == b


def test_the_record_says_what_a_reader_needs(tmp_path):
    path = save_sample(tmp_path / "gru")
    record = json.loads(path.with_suffix(".json").read_bytes())
    assert record["format_version"] == 1
    assert record["course_version"] == course_utils.__version__
    assert record["shapes"]["output.weight"] == [2, 3]
    assert len(record["sha256"]) == 64


DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8]
DTYPES += [torch.bool]
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False).filter(math.isfinite),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def any_tensor(draw):
    """Draw a tensor of any dtype and of 0 to 3 axes, with any bits (NaN and -0.0 included)."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(st.integers(0, 3), max_size=3))
    n_bytes = math.prod(shape) * torch.empty((), dtype=dtype).element_size()
    content = draw(st.binary(min_size=n_bytes, max_size=n_bytes))
    if dtype == torch.bool:
        content = bytes(b & 1 for b in content)
    if not content:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(content), dtype=dtype).reshape(shape)


NAMES = st.text(max_size=5).map(lambda text: text.replace(".", ""))  # a dot parts modules


@QUICK
@given(
    tensors=st.dictionaries(NAMES, any_tensor(), max_size=4),
    config=st.dictionaries(st.text(), JSON_VALUES, max_size=4),
    vocabulary=st.lists(st.text(max_size=3), unique=True, max_size=6),
)
def test_any_tensors_and_settings_come_back(tensors, config, vocabulary):
    # The names `training` and `to` belong to nn.Module itself.
    tensors = {f"tensor {name}": tensor for name, tensor in tensors.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = save_checkpoint(
            Path(folder) / "x", holder(**tensors), config=config, vocabulary=vocabulary
        )
        checkpoint = read_checkpoint(path, expect_vocabulary=vocabulary)
    assert_same_bits(checkpoint.tensors, tensors)
    assert repr(checkpoint.config) == repr(config)  # repr tells 1, 1.0 and True apart
    assert checkpoint.vocabulary == tuple(vocabulary)
    other = holder(**{name: torch.zeros_like(tensor) for name, tensor in tensors.items()})
    load_weights(other, checkpoint)
    assert_same_bits(dict(other.state_dict()), tensors)


def test_tensors_that_are_read_can_be_changed(tmp_path):
    checkpoint = saved(tmp_path / "x", nn.Linear(2, 1))
    checkpoint.tensors["weight"].zero_()
    assert not saved(tmp_path / "x", nn.Linear(2, 1)).tensors["weight"].eq(0).all()


def test_weights_in_pieces_come_back(tmp_path):
    turned, wide = torch.arange(6.0).reshape(2, 3).T, torch.tensor([[1.0], [2.0]]).expand(2, 3)
    model = holder(turned=turned, wide=wide, part=torch.arange(9)[2:8:2])
    assert not turned.is_contiguous()
    expected = {"turned": turned, "wide": wide, "part": torch.tensor([2, 4, 6])}
    assert_same_bits(saved(tmp_path / "x", model).tensors, expected)


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ([*VOCABULARY, "z", "y"], "it lacks 'z', 'y'"),
        (VOCABULARY[:-2], "it has '한', ' ', which you do not have"),
        (["<S>", "<E>", "a", "e", "한", " "], "it lacks 'e', and it has 'é', which you do not"),
        (["<S>", "<E>", "é", "a", "한", " "], "another order: number 2 is 'a' there and 'é' here"),
        ([*VOCABULARY, *map(str, range(30))], "'19' and 10 more"),
    ],
)
def test_another_vocabulary_is_refused(tmp_path, expected, message):
    path = save_sample(tmp_path / "gru")
    with pytest.raises(CheckpointError, match="use checkpoint.vocabulary") as caught:
        read_checkpoint(path, expect_vocabulary=expected)
    assert message in str(caught.value)


def test_the_right_vocabulary_is_taken(tmp_path):
    path = save_sample(tmp_path / "gru")
    assert read_checkpoint(path, expect_vocabulary=VOCABULARY).vocabulary == VOCABULARY
    assert read_checkpoint(path, expect_vocabulary=list(VOCABULARY)).vocabulary == VOCABULARY
    letters = save_checkpoint(tmp_path / "x", nn.Linear(1, 1), config={}, vocabulary="abc")
    assert read_checkpoint(letters, expect_vocabulary="abc").vocabulary == ("a", "b", "c")


@dataclasses.dataclass
class Options:
    """A configuration that is not a dictionary."""

    hidden_size: int = 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"config": Options()},
            TypeError,
            "config must be a dictionary, got a Options; use as",
        ),
        ({"extra": [1]}, TypeError, "extra must be a dictionary, got a list"),
        ({"config": {"a": {"b": [torch.ones(1)]}}}, TypeError, r"config\['a'\]\['b'\]\[0\] is a T"),
        ({"extra": {1: 2}}, TypeError, "extra has the key 1: JSON needs text, so use '1'"),
        ({"extra": {"loss": math.nan}}, ValueError, r"extra\['loss'\] is nan.*use None"),
        ({"extra": {"loss": [math.inf]}}, ValueError, r"extra\['loss'\]\[0\] is inf"),
        ({"vocabulary": Vocabulary(("a",))}, TypeError, "give the tokens.*vocabulary.tokens"),
        ({"vocabulary": {"a", "b"}}, TypeError, "vocabulary must be a sequence.*got a set"),
        ({"vocabulary": ["a", 7]}, TypeError, r"vocabulary\[1\] must be a string, got 7"),
        ({"vocabulary": ["a", "b", "a"]}, ValueError, "holds 'a' more than once"),
        ({"model": nn.Linear(1, 1, dtype=torch.complex128)}, ValueError, "usual dtype"),
        ({"model": holder(s=torch.ones(2).to_sparse())}, ValueError, "ordinary dense tensor"),
        ({"model": nn.Linear(1, 1, device="meta")}, ValueError, "on the CPU or a GPU"),
    ],
)
def test_what_cannot_be_saved_is_named(tmp_path, arguments, error, message):
    given_ = {"model": nn.Linear(1, 1), "config": {}, "vocabulary": ()} | arguments
    with pytest.raises(error, match=message):
        save_checkpoint(tmp_path / "x", **given_)
    assert not any(tmp_path.iterdir())


def test_a_model_that_keeps_more_than_tensors(tmp_path):
    class Counting(nn.Module):
        def get_extra_state(self):
            return {"steps": 3}

    with pytest.raises(TypeError, match="'_extra_state', a dict.*move it into config or extra"):
        save_checkpoint(tmp_path / "x", Counting(), config={}, vocabulary=())


@pytest.mark.parametrize("path", ["", "."])
def test_a_path_without_name(path):
    with pytest.raises(CheckpointError, match="has no name; give one"):
        read_checkpoint(path)
