"""A text file that changes, shrinks or goes away while it is used; a checkpoint that misfits."""

import os

import pytest
import torch

from course_utils.corpora import TextFileError, open_text
from course_utils.models import GPT, CharLM, CharLMConfig, GPTConfig
from course_utils.recipes.writing import Writer
from course_utils.training import (
    CheckpointError,
    load_weights,
    read_checkpoint,
    save_checkpoint,
)

pytestmark = pytest.mark.offline
V = 7


def test_a_file_that_becomes_shorter_while_it_is_used(tmp_path):
    path = tmp_path / "my.txt"
    path.write_bytes(b"To the wheel.\n" * 50_000)
    text = open_text(path)
    assert text.string(0, 6) == "To the"
    with open(path, "r+b") as file:
        file.truncate(100)
    with pytest.raises(TextFileError, match="became shorter while it was used; open it again"):
        text.read(600_000, 600_010)
    with pytest.raises(TextFileError, match="became shorter"):
        text.read(0, 10)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a file that is in use")
def test_a_file_that_is_removed_or_saved_anew_is_still_there(tmp_path):
    path, new = tmp_path / "my.txt", tmp_path / "new.txt"
    path.write_bytes(b"To the wheel.\n" * 50_000)
    new.write_bytes(b"short")
    text = open_text(path)
    os.replace(new, path)  # as most editors save
    assert text.string(600_000, 600_006) == ("To the wheel.\n" * 50_000)[600_000:600_006]
    path.unlink()
    assert len(text) == 700_000
    assert text.string(0, 6) == "To the"


def model_of(kind="lstm", **options):
    if kind == "gpt":
        return GPT(GPTConfig(V, n_layers=2, n_heads=2, width=8, context=6))
    return CharLM(CharLMConfig(V, kind=kind, **{"embed_dim": 4, "hidden_size": 6} | options))


def checkpoint_of(path, **options):
    save_checkpoint(path, model_of(**options), config={}, vocabulary="abcdefg")
    return read_checkpoint(path)


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"hidden_size": 8}, ["rnn.weight_hh_l0 is (32, 8) in the checkpoint and (24, 6) in the"]),
        ({"kind": "gru"}, ["rnn.weight_hh_l0 is (18, 6) in the checkpoint and (24, 6) in the"]),
        ({"kind": "rnn"}, ["rnn.bias_ih_l0 is (6,) in the checkpoint and (24,) in the model"]),
        ({"num_layers": 2}, ["rnn.weight_hh_l1 (24, 6) is unknown to the model"]),
        ({"embed_dim": None}, ["encoder.weight (7, 4) is missing in the checkpoint"]),
        ({"layer_norm": True}, ["norm.weight (6,) is unknown to the model"]),
        ({"kind": "gpt"}, ["letters.weight (7, 8) is unknown", "decoder.bias (7,) is missing"]),
    ],
)
def test_a_checkpoint_of_another_architecture(tmp_path, options, lines):
    found, model = checkpoint_of(tmp_path / "x", **options), model_of()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(CheckpointError, match="does not fit the model") as caught:
        load_weights(model, found)
    for line in lines:
        assert line in str(caught.value)
    assert all(torch.equal(tensor, before[n]) for n, tensor in model.state_dict().items())


def test_a_gpt_is_no_writer(tmp_path):
    model = model_of("gpt")
    config = vars(model.config)
    save_checkpoint(tmp_path / "x", model, config=config, vocabulary="abcdefg")
    with pytest.raises(CheckpointError, match="not a checkpoint of a language model.*n_layers"):
        Writer.load(tmp_path / "x")


@pytest.mark.parametrize("vocabulary", ["abcdefgh", "abcdef"])
def test_a_vocabulary_of_another_size(tmp_path, vocabulary):
    model = model_of()
    config = vars(model.config)
    save_checkpoint(tmp_path / "x", model, config=config, vocabulary=vocabulary)
    with pytest.raises(CheckpointError, match=f"has {len(vocabulary)} symbols for a network of 7"):
        Writer.load(tmp_path / "x")
