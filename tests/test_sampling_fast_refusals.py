"""What the fast writer refuses, and what it leaves behind when it fails."""

import math

import numpy as np
import pytest
import torch
from sampling_samples import BAD_REQUESTS, rng, steady_model
from threadpoolctl import ThreadpoolController, threadpool_limits

from course_utils.sampling import FastWriter, fused, generate, letters

LENGTH = ({"length": -1}, "length must be 0 or more .* got -1")


@pytest.mark.parametrize(("changed", "message"), [*BAD_REQUESTS, LENGTH])
def test_requests_from_which_no_text_can_come(changed, message):
    request = {"start": [1], "length": 4, "generator": rng()} | changed
    with pytest.raises(ValueError, match=message):
        FastWriter(steady_model()).write(**request)


def test_arguments_of_a_wrong_type():
    writer = FastWriter(steady_model())
    for start in ("he", [1.0]):
        with pytest.raises(TypeError, match="start must hold indices: use vocabulary.encode"):
            writer.write(start, 4, generator=rng())
        with pytest.raises(TypeError, match="symbols must hold indices: use vocabulary.encode"):
            writer.scores(start)
    with pytest.raises(TypeError, match="must be a torch.Generator, got 7"):
        writer.write([1], 4, generator=7)


@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("temperature", [0, 1])
@pytest.mark.parametrize(("part", "value"), [("bias", math.nan), ("bias", math.inf), ("hh", None)])
def test_a_model_whose_training_failed(layer_norm, temperature, part, value):
    model = steady_model(layer_norm=layer_norm)
    with torch.no_grad():
        (model.decoder.bias if part == "bias" else model.rnn.weight_hh_l0[0])[3] = value or math.nan
    messages = []
    for write in (FastWriter(model).write, lambda *a, **k: generate(model, *a, **k)):
        with pytest.raises(ValueError, match="finite largest number, got (nan|inf)") as caught:
            write([1], 4, generator=rng(), temperature=temperature)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def failing_after(n, monkeypatch):
    """Let the choice of a symbol be interrupted after n symbols."""
    real = fused.chooser

    def chooser(*args):
        choose, done = real(*args), []

        def interrupted(u):
            if len(done) == n:
                raise KeyboardInterrupt
            done.append(u)
            return choose(u)

        return interrupted

    monkeypatch.setattr(fused, "chooser", chooser)


@pytest.mark.parametrize("n", [0, 3, 300])
def test_an_interrupted_text_leaves_the_generator_behind_its_last_number(n, monkeypatch):
    model, generator, other = steady_model("rnn"), rng(6), rng(6)
    failing_after(n, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        FastWriter(model).write([1], 1000, generator=generator)
    torch.rand(n + 1, generator=other, dtype=torch.float64)
    assert torch.equal(generator.get_state(), other.get_state())


def blas_threads():
    """Return the threads of NumPy's library; other packages load more of them, for themselves."""
    found = ThreadpoolController().select(user_api="blas").info()
    return [part["num_threads"] for part in found if "numpy" in part["filepath"]]


@pytest.mark.parametrize("fails", [False, True])
def test_one_thread_while_it_writes_and_the_old_number_afterwards(fails, monkeypatch):
    seen, real = [], fused.chooser

    def chooser(*args):
        choose = real(*args)

        def watched(u):
            seen.extend(blas_threads())
            return choose(u / 0 if fails else u)

        return watched

    monkeypatch.setattr(fused, "chooser", chooser)
    writer = FastWriter(steady_model())
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        try:
            writer.write([1], 2, generator=rng())
        except ZeroDivisionError:
            assert fails
        assert blas_threads() == before
    assert set(seen) <= {1}  # empty where NumPy's library has no such setting
    monkeypatch.setattr(fused, "chooser", real)
    assert len(writer.write([1], 2, generator=rng())) == 2


def test_numpy_warns_as_before():
    with np.errstate(over="raise", divide="warn"):
        before = np.geterr()
        FastWriter(steady_model()).write([1], 2, generator=rng())
        assert np.geterr() == before


def test_writing_inside_letters_disturbs_neither():
    model = steady_model()
    writer = FastWriter(model)
    wanted = generate(model, [1], 10, generator=rng(1))
    drawn = letters(model, [1], generator=rng(1))
    taken = []
    for n in range(10):
        taken.append(next(drawn))
        assert writer.write([1], n + 1, generator=rng(1)) == wanted[: n + 1]
    assert taken == wanted
