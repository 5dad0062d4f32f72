"""Bad input to writing: a right text, or an error that names the argument."""

from itertools import islice

import numpy as np
import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from sampling_samples import V, rng, steady_model

from course_utils.sampling import FastWriter, draw, generate, letters, probabilities

MODEL = steady_model(num_layers=2)
FAST = FastWriter(MODEL)
SCORES = torch.tensor([[0.5, 0.3, 0.2, 0.0], [0.1, 0.4, 0.2, 0.3]]).log()
OPTIONS = {"temperature": 0.7, "top_k": 3, "top_p": 0.9}
REQUEST = {"start": [0, 5], "length": 6, **OPTIONS, "stop": 8, "forbid": [2, 3]}


def right_chances(answer, given):
    scores = given["logits"].float() if given["logits"].dtype == torch.half else given["logits"]
    assert answer.shape == scores.shape
    assert answer.dtype == scores.dtype
    assert torch.isfinite(answer).all()
    assert ((answer >= 0) & (answer <= 1 + 1e-6)).all()
    torch.testing.assert_close(answer.sum(-1), torch.ones_like(answer[..., 0]))
    assert (answer[scores == -torch.inf] == 0).all()
    if given["top_k"] is not None:
        assert ((answer > 0).sum(-1) <= min(int(given["top_k"]), 9)).all()


def right_draw(answer, given):
    logits = given["logits"]
    assert (answer.dtype, answer.shape) == (torch.int64, logits.shape[:1])
    chances = probabilities(logits, **{name: given[name] for name in OPTIONS})
    assert (chances[torch.arange(len(answer)), answer] > 0).all()


def right_text(answer, given):
    forbidden = [] if hasattr(given["forbid"], "__next__") else [*given["forbid"]]
    assert all(type(symbol) is int and 0 <= symbol < V for symbol in answer)
    assert len(answer) <= int(given["length"])
    assert given["stop"] not in answer
    assert not {*answer} & {*map(int, forbidden)}
    if given["stop"] is None:
        assert len(answer) == int(given["length"])


def right_scores(answer, given):
    symbols = given["symbols"]
    assert answer.shape[1] == V
    assert np.isfinite(answer).all()
    if not hasattr(symbols, "__next__"):
        tokens = torch.tensor([int(symbol) for symbol in symbols])[None]
        wanted = MODEL.eval()(tokens)[0][0].detach().double().numpy()
        np.testing.assert_allclose(answer, wanted, atol=1e-4)


def with_rng(call, *first):
    """Return the call with a fresh generator and what comes before the start."""
    return lambda start, length, **options: call(*first, start, length, generator=rng(), **options)


def first_letters(start, length, **options):
    """Return the first letters of an endless text, which has no length."""
    return [*islice(letters(MODEL, start, generator=rng(), **options), int(length))]


GOODS = [
    Good(probabilities, lambda: {"logits": SCORES.clone(), **OPTIONS}, right_chances),
    Good(
        probabilities,
        lambda: {"logits": SCORES.double()[0], "temperature": 0, "top_k": None, "top_p": None},
        right_chances,
        label="probabilities at 0",
    ),
    Good(
        lambda **given: draw(generator=rng(), **given),
        lambda: {"logits": SCORES.clone(), **OPTIONS},
        right_draw,
        label="draw",
    ),
    Good(
        lambda generator: draw(SCORES, generator), lambda: {"generator": rng()}, label="draw from"
    ),
    Good(
        with_rng(generate, MODEL),
        lambda: dict(REQUEST),
        right_text,
        long=("length",),
        label="generate",
        cases=0.4,
    ),
    Good(
        lambda model, generator: generate(model, [0], 3, generator=generator),
        lambda: {"model": MODEL, "generator": rng()},
        label="generate with",
    ),
    Good(
        with_rng(FAST.write),
        lambda: dict(REQUEST),
        right_text,
        long=("length",),
        label="FastWriter.write",
    ),
    Good(
        lambda generator: FAST.write([0], 3, generator=generator),
        lambda: {"generator": rng()},
        label="FastWriter.write with",
    ),
    Good(
        first_letters,
        lambda: dict(REQUEST),
        right_text,
        skip={"length": "letters has no length: the test takes the first ones"},
        label="letters",
        cases=0.4,
    ),
    Good(
        lambda model, generator: letters(model, [0], generator=generator),
        lambda: {"model": MODEL, "generator": rng()},
        label="letters with",
    ),
    Good(FastWriter, lambda: {"model": MODEL}),
    Good(
        lambda symbols: FAST.scores(symbols),
        lambda: {"symbols": [0, 5, 3]},
        right_scores,
        label="FastWriter.scores",
    ),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.sampling", GOODS, {})


@pytest.mark.parametrize(
    "write", [generate, lambda model, *a, **k: FastWriter(model).write(*a, **k)]
)
def test_huge_numbers_and_numbers_of_other_libraries(write):
    wanted = write(MODEL, [0, 1], 20, generator=rng(), temperature=0.5)
    huge = write(MODEL, [0, 1], 20, generator=rng(), temperature=0.5, top_k=10**30)
    assert huge == wanted
    least = write(MODEL, [0, 1], 20, generator=rng(), top_p=5e-324)
    assert least == write(MODEL, [0, 1], 20, generator=None, temperature=0)
    given = {"temperature": np.float32(0.5), "top_k": np.int64(V), "top_p": torch.tensor(1.0)}
    start = torch.tensor([0, 1], dtype=torch.int32)
    assert write(MODEL, start, np.int64(20), generator=rng(), **given) == wanted


@pytest.mark.parametrize("given", [{"start": [True]}, {"stop": True}, {"top_k": True}])
def test_true_is_no_number(given):
    request = {"start": [0], "length": 3, "generator": rng()} | given
    for write in (generate, lambda model, **options: FastWriter(model).write(**options)):
        with pytest.raises(TypeError, match=rf"^{[*given][0]} must .*True"):
            write(MODEL, **request)
