"""The training loop learns, repeats, stops cleanly, and is the loop of notebook 01."""

import math

import pytest
import torch
from torch import nn

from course_utils.training import FitOptions, fit


def line_data():
    x = torch.linspace(-1, 1, 40).unsqueeze(1)
    return x, 3 * x + 1


def test_it_learns_a_line():
    torch.manual_seed(0)
    model = nn.Linear(1, 1)
    history = fit(model, *line_data(), nn.MSELoss(), FitOptions(epochs=300, learning_rate=0.05))
    assert len(history.losses) == 300
    assert history.losses[-1] < 1e-3 < history.losses[0]
    assert history.seconds > 0
    assert not history.interrupted
    assert model.weight.item() == pytest.approx(3, abs=0.1)
    assert not model.training


@pytest.mark.parametrize("batch_size", [None, 7])
def test_the_same_seed_gives_the_same_losses(batch_size):
    losses = []
    for _ in range(2):
        torch.manual_seed(0)
        options = FitOptions(epochs=5, batch_size=batch_size, seed=4)
        losses.append(fit(nn.Linear(1, 1), *line_data(), nn.MSELoss(), options).losses)
    assert losses[0] == losses[1]


def test_an_uneven_last_batch_is_weighted_by_its_size():
    x, y = torch.zeros(3, 1), torch.tensor([[0.0], [0.0], [3.0]])
    model = nn.Linear(1, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    options = FitOptions(epochs=1, batch_size=2, learning_rate=1e-12)
    assert fit(model, x, y, nn.MSELoss(), options).losses[0] == pytest.approx(3.0, abs=1e-5)


def test_an_interrupt_keeps_what_was_learned():
    calls = []

    def loss_fn(y_pred, y_true):
        calls.append(1)
        if len(calls) > 10:
            raise KeyboardInterrupt
        return nn.functional.mse_loss(y_pred, y_true)

    model = nn.Linear(1, 1)
    before = model.weight.item()
    history = fit(model, *line_data(), loss_fn)
    assert history.interrupted
    assert len(history.losses) == 10
    assert model.weight.item() != before


def test_nan_is_not_trained_on():
    x, y = line_data()
    with pytest.raises(FloatingPointError, match=r"epoch 1.*smaller learning_rate"):
        fit(nn.Linear(1, 1), x, y, lambda a, b: nn.functional.mse_loss(a, b) * math.nan)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_data_with_gaps(bad):
    x, y = line_data()
    y[7] = bad
    with pytest.raises(ValueError, match=rf"targets\[7, 0\] is {bad}: leave out"):
        fit(nn.Linear(1, 1), x, y, nn.MSELoss())
    with pytest.raises(ValueError, match=rf"inputs\[7, 0\] is {bad}: leave out"):
        fit(nn.Linear(1, 1), y, x, nn.MSELoss())


def test_targets_that_would_be_compared_with_every_output():
    x, y = line_data()
    with pytest.raises(ValueError, match=r"cannot use inputs \(40, 1\) .* and targets \(40,\)"):
        fit(nn.Linear(1, 1), x, y[:, 0], nn.MSELoss())


def test_data_that_do_not_match():
    x, y = line_data()
    with pytest.raises(ValueError, match="same length above 0, got 40 and 39"):
        fit(nn.Linear(1, 1), x, y[1:], nn.MSELoss())
    with pytest.raises(ValueError, match="got 0 and 0"):
        fit(nn.Linear(1, 1), x[:0], y[:0], nn.MSELoss())


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", 0), ("learning_rate", 0.0), ("batch_size", -1)]
)
def test_options_that_cannot_train(name, value):
    with pytest.raises(ValueError, match=name):
        FitOptions(**{name: value})


def test_the_progress_bar_counts_epochs(capfd):
    fit(nn.Linear(1, 1), *line_data(), nn.MSELoss(), FitOptions(epochs=3, progress=True))
    assert "3/3" in capfd.readouterr().err
