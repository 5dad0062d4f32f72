"""Bad input to checkpoints and snapshots: a pair of files that can be read, or a named argument."""

import pytest
import torch
from hostile import Good, try_all
from hostile_values import wrong_functions
from step_samples import loss_of, network

from course_utils.training import Keeper, load_weights, read_checkpoint, save_checkpoint
from course_utils.training.options import TrainHistory
from course_utils.training.snapshots import RunState

FUNCTIONS = wrong_functions(lambda *_: None, lambda *_: "a")
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


def keeper(*, resume=False):
    return Keeper("run", every=5, resume=resume, **SETTINGS)


def state_after_a_step():
    """Return what a snapshot is made of: weights, a history of one step, and moments."""
    model = network()
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    history = TrainHistory()
    history.losses.append(1.0)
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    return {"state": RunState(weights, {}, history), "optimizer": optimizer}


def keep_one(state, optimizer, loss_of):
    """Save a snapshot, and read it back: what was accepted must come back."""
    keeper().save(state, optimizer, loss_of)
    return keeper(resume=True).restore(loss_of)


def give_back(loss_of, take):
    """Save a snapshot as it should be, and restore it with these two."""
    keeper().save(**state_after_a_step(), loss_of=lambda: None)
    return keeper(resume=True).restore(loss_of, take)


def right_state(answer, given):
    expected = given.get("state", state_after_a_step()["state"])
    assert answer.history.losses == expected.history.losses
    assert answer.model.keys() == expected.model.keys()
    assert all(torch.equal(answer.model[name], expected.model[name]) for name in answer.model)


def right_day(answer, given):
    assert answer == (given["done"] % 5 == 0 and given["done"] < given["n_steps"])


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
    Good(
        lambda done, n_steps: keeper().is_due(done, n_steps),
        lambda: {"done": 5, "n_steps": 20},
        right_day,
        label="Keeper.is_due",
    ),
    Good(
        keep_one,
        lambda: {**state_after_a_step(), "loss_of": loss_of},
        right_state,
        label="Keeper.save",
        values={"loss_of": FUNCTIONS},
        cases=0.4,
    ),
    Good(
        give_back,
        lambda: {"loss_of": loss_of, "take": lambda state: None},
        right_state,
        label="Keeper.restore",
        values={"loss_of": FUNCTIONS, "take": FUNCTIONS},
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


def test_a_snapshot_is_not_saved_for_what_cannot_be_called(folder):
    with pytest.raises(TypeError, match="loss_of"):
        keeper().save(**state_after_a_step(), loss_of="no function")
    assert keeper(resume=True).restore(lambda: None) is None
