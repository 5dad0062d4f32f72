"""Bad input to checkpoints and snapshots: a pair of files that can be read, or a named argument."""

import pytest
import torch
from hostile import Good, try_all
from step_samples import network

from course_utils.training import Keeper, load_weights, read_checkpoint, save_checkpoint

SETTINGS = {"config": {"size": 3, "names": ["a"]}, "vocabulary": ("a", "b")}


def save(path, config, vocabulary, extra):
    """Save, and read it back: what was accepted must come back."""
    written = save_checkpoint(path, network(), config=config, vocabulary=vocabulary, extra=extra)
    found = read_checkpoint(path, expect_vocabulary=found_symbols(vocabulary))
    assert written.exists()
    return found


def found_symbols(vocabulary):
    return None if hasattr(vocabulary, "__next__") else tuple(vocabulary)


def right_checkpoint(answer, given):
    assert {name: tensor.shape for name, tensor in answer.tensors.items()} == {
        name: tensor.shape for name, tensor in network().state_dict().items()
    }


def keep(path, every, config, vocabulary, resume):
    return Keeper(path, every=every, config=config, vocabulary=vocabulary, resume=resume)


def read(path, expect_vocabulary):
    return read_checkpoint(path, expect_vocabulary=expect_vocabulary)


def load(model, checkpoint):
    return load_weights(model, checkpoint)


GOODS = [
    Good(
        save,
        lambda: {"path": "new", **SETTINGS, "extra": {"losses": [1.0]}},
        right_checkpoint,
        label="save_checkpoint",
        names={"path": ("checkpoint", "file", "name"), "vocabulary": ("symbol", "symbols")},
        cases=0.4,
    ),
    Good(
        lambda model: save_checkpoint("new", model, **SETTINGS),
        lambda: {"model": network()},
        label="save_checkpoint of",
    ),
    Good(
        read,
        lambda: {"path": "here", "expect_vocabulary": ("a", "b")},
        right_checkpoint,
        label="read_checkpoint",
        names={"expect_vocabulary": ("vocabulary",), "path": ("checkpoint", "file", "name")},
        cases=0.4,
    ),
    Good(
        load,
        lambda: {"model": network(), "checkpoint": read_checkpoint("here")},
        label="load_weights",
    ),
    Good(
        keep,
        lambda: {"path": "run", "every": 5, **SETTINGS, "resume": False},
        label="Keeper",
        names={"path": ("checkpoint", "file", "name"), "vocabulary": ("symbol", "symbols")},
        cases=0.4,
    ),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder of its own, which holds one checkpoint."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    save_checkpoint("here", network(), **SETTINGS)
    return tmp_path


@pytest.mark.parametrize("good", GOODS, ids=str)
def test_bad_arguments(good, folder, record_property):
    record_property("cases", try_all(good))
