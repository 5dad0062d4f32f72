"""A loss that is no number ends every training loop with advice, and good weights come back."""

import math

import pytest
import torch
from step_samples import assert_same, network, weights
from torch import nn

from course_utils.corpora import LongText
from course_utils.recipes.language import LanguageRecipe
from course_utils.recipes.learning import train_language
from course_utils.recipes.names import NamesRecipe, build_network, prepare_names, train_names
from course_utils.recipes.rivals import KINDS, build_rival, train_rival
from course_utils.recipes.rivals_recipes import RivalRecipe
from course_utils.training import FitOptions, fit
from course_utils.word_vectors import WordVectorConfig, train_word_vectors

pytestmark = pytest.mark.offline


@pytest.fixture(autouse=True)
def _on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def assert_usable(model):
    assert not any(part.training for part in model.modules())
    assert all(p.isfinite().all() and p.grad is None for p in model.parameters())


class Bad:
    """A loss that is no number from one call on."""

    def __init__(self, at, bad=math.nan):
        self.left, self.bad = at, bad

    def __call__(self, outputs, targets):
        self.left -= 1
        return nn.functional.mse_loss(outputs, targets) * (self.bad if self.left < 0 else 1)


def data():
    x = torch.arange(30.0).view(10, 3) / 30
    return x, x.sum(1, keepdim=True)


@pytest.mark.parametrize("batch_size", [None, 4])
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_fit(batch_size, bad):
    model, per_epoch = network(), 1 if batch_size is None else 3
    twin = network()
    options = FitOptions(epochs=50, batch_size=batch_size)
    with pytest.raises(FloatingPointError, match=r"epoch 46\. Build .*smaller learning_rate") as e:
        fit(model, *data(), Bad(45 * per_epoch + per_epoch // 2, bad), options)
    assert str(e.value).endswith("The model has the weights of epoch 40 again.")
    assert_usable(model)
    fit(twin, *data(), nn.MSELoss(), FitOptions(epochs=40, batch_size=batch_size))
    assert_same(weights(model), weights(twin))


def test_fit_from_the_beginning():
    model = network()
    start = weights(model)
    with pytest.raises(FloatingPointError, match="The model has its start weights again"):
        fit(model, *data(), Bad(0), FitOptions(epochs=50))
    assert_usable(model)
    assert_same(weights(model), start)


def test_fit_when_the_last_step_breaks_the_weights():
    def last(outputs, targets):
        loss = nn.functional.mse_loss(outputs, targets)
        steps.append(loss)
        zero = outputs - outputs.detach()
        return loss + zero.abs().sqrt().sum() if len(steps) == 5 else loss

    model, steps = network(), []
    with pytest.raises(FloatingPointError, match="a weight became NaN or infinite in epoch 5"):
        fit(model, *data(), last, FitOptions(epochs=5))
    assert_usable(model)


def test_fit_interrupted_after_the_weights_broke():
    bad = Bad(1)

    def stopping(outputs, targets):
        if bad.left == -2:
            raise KeyboardInterrupt
        return bad(outputs, targets)

    model = network()
    with pytest.raises(FloatingPointError, match="before the interrupt"):
        fit(model, *data(), stopping, FitOptions(epochs=2, batch_size=2))
    assert_usable(model)


@pytest.mark.parametrize("kind", KINDS)
def test_rivals(kind):
    numbers = torch.arange(900) * torch.arange(900) // 7 % 11
    model = build_rival(kind, 11, 3000)
    recipe = RivalRecipe(learning_rate=1e30, batch_size=2, chunk_len=8, clip=1e30)
    with pytest.raises(FloatingPointError, match=r"learning_rate below 1e\+30\. The model has its"):
        train_rival(model, numbers, n_steps=40, recipe=recipe, n_points=1)
    assert_usable(model)


def test_language():
    text = LongText.from_string("".join("ab c"[i * i // 3 % 4] for i in range(700)))
    recipe = LanguageRecipe(
        "gru", 6, 4, n_streams=2, chunk_len=10, n_steps=60, learning_rate=1e38, clip=1e30
    )
    with pytest.raises(FloatingPointError, match="smaller learning_rate"):
        train_language(text, recipe, dtype=torch.float32)


def test_names():
    names = prepare_names({"A": ["ono", "abe", "ueda"], "B": ["smith", "black", "hill"]})
    recipe = NamesRecipe(embed_dim=3, hidden_size=4, n_steps=60, batch_size=3, learning_rate=1e38)
    model = build_network(names, recipe)
    with pytest.raises(FloatingPointError, match="smaller learning_rate"):
        train_names(model, names, torch.arange(6), recipe)
    assert_usable(model)


@pytest.mark.parametrize("workers", [1, 2])
def test_word_vectors(workers):
    text = [["sun", "moon", "star", "sea", "sun"], ["moon", "sea", "sun", "star"]] * 4
    config = WordVectorConfig(dim=4, learning_rate=1e38, threshold=10.0, workers=workers)
    told = (
        r"learning_rate=1e\+38 is too high: .* in epoch \d+ of 15\. Train again with a smaller one"
    )
    with pytest.raises(ValueError, match=told):
        train_word_vectors(text, config, min_count=1)
