"""The progress bar says where a run is, how good it is and how fast."""

import math
import re
import sys

import pytest
from step_samples import batches, loss_of, network

from course_utils.training import TrainOptions, train
from course_utils.training.progress import Progress, describe


@pytest.fixture(autouse=True)
def _wide_screen(monkeypatch):
    """Give the bar room: pytest-xdist sets 80 columns, to which older versions of tqdm keep."""
    monkeypatch.setenv("COLUMNS", "200")


def last_line(capfd):
    """Return the bar as it stands at the end."""
    out, err = capfd.readouterr()
    assert out == ""
    return err.rstrip().split("\r")[-1]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((2.0,), "loss 2.000"),
        ((2.0, None), "loss 2.000"),
        ((math.log(2), 0.0), "loss 0.693 nats, 1.00 bits/char, 0 chars/s"),
        ((1.4349, 1234567.8), "loss 1.435 nats, 2.07 bits/char, 1,234,568 chars/s"),
        ((math.nan, 10.0), "loss nan nats, nan bits/char, 10 chars/s"),
    ],
)
def test_the_text(arguments, text):
    assert describe(*arguments) == text


def test_it_moves_to_the_step_it_is_told(capfd):
    with Progress(40, "step", show=True) as progress:
        for done in (1, 7, 7, 30):
            progress.reach(done, 0.25)
    assert re.search(r"30/40 .*loss 0\.250\]", last_line(capfd))


def test_a_resumed_run_begins_where_it_stopped(capfd):
    with Progress(40, "epoch", show=True, first=25) as progress:
        assert "25/40" in last_line(capfd)
        progress.reach(30, 1.0)
    line = last_line(capfd)
    assert "30/40" in line
    assert "epoch" in line


@pytest.mark.parametrize("first", [0, 20])
def test_characters_per_second_are_those_of_this_run(capfd, first):
    with Progress(100, "step", show=True, first=first, symbols_per_step=300) as progress:
        now = progress._bar.start_t
        progress._bar._time = lambda: now
        progress.reach(first + 10, 1.0)
        now += 4.0
        progress.reach(first + 30, 2.0)
    line = last_line(capfd)
    assert "loss 2.000 nats, 2.89 bits/char, 2,250 chars/s" in line  # 30 * 300 / 4
    assert f"{first + 30}/100" in line


def test_no_time_has_passed_yet(capfd):
    with Progress(9, "step", show=True, symbols_per_step=3) as progress:
        now = progress._bar.start_t
        progress._bar._time = lambda: now
        progress.reach(1, 1.0)
    assert "0 chars/s" in last_line(capfd)


def test_a_hidden_bar_imports_nothing(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with Progress(3, "step", show=False, symbols_per_step=5) as progress:
        progress.reach(2, 1.0)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ImportError):
        Progress(3, "step", show=True)


def test_the_bar_is_closed_when_a_step_fails(capfd):
    def fail_in_the_third():
        with Progress(9, "step", show=True) as progress:
            bars.append(progress._bar)
            progress.reach(2, 1.0)
            raise ValueError("the third step failed")

    bars = []
    with pytest.raises(ValueError, match="third step"):
        fail_in_the_third()
    assert bars[0].disable  # so tqdm says that it is closed
    assert "2/9" in last_line(capfd)


@pytest.mark.parametrize("symbols_per_step", [0, 16])
def test_a_bar_that_tqdm_itself_switches_off(monkeypatch, capfd, symbols_per_step):
    from tqdm.std import tqdm

    monkeypatch.setattr(  # what TQDM_DISABLE=1 does, which tqdm reads when it is imported
        "tqdm.auto.tqdm", lambda **options: tqdm(**options, disable=True)
    )
    options = TrainOptions(5, progress=True, symbols_per_step=symbols_per_step)
    assert len(train(network(), batches(), loss_of, options).losses) == 5
    assert capfd.readouterr() == ("", "")


def test_training_shows_bits_and_speed_when_it_counts_characters(capfd):
    options = TrainOptions(60, progress=True, symbols_per_step=16)
    history = train(network(), batches(), loss_of, options)
    line = last_line(capfd)
    loss = history.losses[-1]
    assert "60/60" in line
    assert f"loss {loss:.3f} nats, {loss / math.log(2):.2f} bits/char, " in line
    assert re.search(r"[\d,]+ chars/s", line)
