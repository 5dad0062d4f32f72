"""Bad input to training: a run that learns, or an error that names the argument."""

import math

import numpy as np
import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_values import plain_values, wrong_functions
from language_samples import numbers, small_model
from step_samples import batches, loss_of, network
from test_hostile_training_files import GOODS as FILES
from torch import nn

from course_utils.batching import Streams
from course_utils.training import (
    FitOptions,
    StreamLoss,
    TrainOptions,
    bits,
    fit,
    held_out_loss,
    pick_precision,
    train,
    warmup_cosine,
)

TEXT = numbers(60)
FUNCTIONS = wrong_functions(
    lambda *_: None,
    lambda *_: "a",
    lambda *_: torch.ones(2),
    lambda *_: torch.ones(()),
)
SHORT = FitOptions(2)


def right_options(answer, given):
    assert type(answer)(**vars(answer)) == answer
    plain = (int, float, bool, type(None))
    assert all(type(value) in plain for value in vars(answer).values())


def right_history(answer, given):
    assert all(map(math.isfinite, answer.losses))
    assert not answer.interrupted
    assert len(answer.losses) >= 1


def right_share(answer, given):
    assert 0 <= answer <= 1


def right_loss(answer, given):
    answer = float(answer.detach()) if isinstance(answer, torch.Tensor) else answer
    assert math.isfinite(answer)
    assert answer > 0


def right_bits(answer, given):
    nats = np.asarray(given["nats"]).astype(float)
    np.testing.assert_allclose(np.asarray(answer).astype(float) * math.log(2), nats)


def one_fit(inputs, targets, options=SHORT):
    return fit(network(), inputs, targets, nn.MSELoss(), options)


def one_chunk(chunk):
    return StreamLoss()(small_model(), chunk)


def checked_loss(model, batch):
    """A loss that looks at its batch, as the one of a student need not."""
    if not isinstance(batch, tuple) or len(batch) != 2:
        raise TypeError("batches must be pairs of inputs and targets")
    return loss_of(model, batch)


def one_run(**given):
    arguments = {"model": network(), "batches": batches(), "loss_of": loss_of} | given
    return train(**({"options": TrainOptions(2, evaluate_every=1)} | arguments))


def carried(tensors):
    loss = StreamLoss()
    loss.load_state_dict(tensors)
    return loss.state


OPTIONS = [
    Good(FitOptions, lambda: vars(FitOptions(3, batch_size=2)), right_options),
    Good(TrainOptions, lambda: vars(TrainOptions(9, max_seconds=3.0)), right_options),
]
FITTED = [
    Good(
        one_fit,
        lambda: {"inputs": torch.rand(6, 3), "targets": torch.rand(6, 1), "options": SHORT},
        right_history,
        label="fit",
    ),
    Good(
        lambda model, options: fit(
            model, torch.rand(6, 3), torch.rand(6, 1), nn.MSELoss(), options
        ),
        lambda: {"model": network(), "options": None},
        label="fit a model",
    ),
    Good(
        lambda loss_fn: fit(network(), torch.rand(6, 3), torch.rand(6, 1), loss_fn, SHORT),
        lambda: {"loss_fn": nn.MSELoss()},
        values={"loss_fn": FUNCTIONS},
        label="fit with a loss",
    ),
    Good(
        lambda targets: fit(
            nn.Linear(3, 4), torch.rand(6, 3), targets, nn.CrossEntropyLoss(), SHORT
        ),
        lambda: {"targets": torch.tensor([0, 1, 2, 3, 0, 1])},
        right_history,
        label="fit classes",
    ),
]
TRAINED = [
    Good(
        one_run,
        lambda: {"model": network(), "options": TrainOptions(2), "keeper": None},
        right_history,
        label="train",
    ),
    Good(
        lambda batches: one_run(batches=batches, loss_of=checked_loss),
        lambda: {"batches": [next(batches()) for _ in range(2)]},
        right_history,
        values={"batches": plain_values()},
        label="train on batches",
    ),
    Good(
        one_run,
        lambda: {"loss_of": loss_of, "evaluate": lambda model: 1.0, "on_score": lambda *_: None},
        values=dict.fromkeys(("loss_of", "evaluate"), FUNCTIONS)
        | {"on_score": plain_values().filter(lambda value: not callable(value))},
        label="train with functions",
    ),
]
MEASURED = [
    Good(
        warmup_cosine,
        lambda: {"step": 3, "n_steps": 8, "warmup": 0.25},
        right_share,
        long=("step", "n_steps"),
    ),
    Good(bits, lambda: {"nats": 1.44}, right_bits),
    Good(
        held_out_loss,
        lambda: (
            {"model": small_model().eval(), "text": TEXT.clone(), "start": 3, "stop": 40}
            | {"n_streams": 2, "chunk_len": 7, "dtype": torch.float32}
        ),
        right_loss,
        names={"text": ("tokens", "start", "stop")},
        cases=0.5,
    ),
    Good(StreamLoss, lambda: {"dtype": torch.float32}),
    Good(
        lambda model: StreamLoss()(model, Streams(TEXT, n_streams=2, chunk_len=5).chunk(0)),
        lambda: {"model": small_model()},
        label="StreamLoss.__call__",
    ),
    Good(
        one_chunk,
        lambda: {"chunk": Streams(TEXT, n_streams=2, chunk_len=5).chunk(0)},
        label="StreamLoss.__call__ of a chunk",
    ),
    Good(
        lambda inputs, targets: one_chunk(
            Streams(TEXT, n_streams=2, chunk_len=5)
            .chunk(0)
            ._replace(inputs=inputs, targets=targets)
        ),
        lambda: {"inputs": TEXT[:10].view(2, 5), "targets": TEXT[1:11].view(2, 5)},
        right_loss,
        names={"inputs": ("tokens", "chunk"), "targets": ("chunk",)},
        label="StreamLoss.__call__ of tensors",
    ),
    Good(
        carried,
        lambda: {"tensors": {"h": torch.ones(1, 2, 3), "c": torch.ones(1, 2, 3)}},
        label="StreamLoss.load_state_dict",
        names={"tensors": ("state",)},
    ),
    Good(pick_precision, lambda: {"device": torch.device("cpu"), "kind": "gru"}),
]
GOODS = [*OPTIONS, *FITTED, *TRAINED, *MEASURED]
EXEMPT = {
    "CheckpointError": "an exception",
    "History": "a plain record that fit returns",
    "TrainHistory": "a plain record that train returns",
    "Checkpoint": "a plain record that read_checkpoint returns",
}


@pytest.fixture(autouse=True)
def _no_measuring(monkeypatch):
    """Which precision is faster is not the question here."""
    from course_utils.training import precision

    monkeypatch.setattr(precision, "_speed_up", lambda device_type, kind: 1.0)


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.training", [*GOODS, *FILES], EXEMPT)
