"""The stop button at any line of a training run: what was learned is kept, and can be used."""

import signal
import threading
from itertools import chain, repeat

import pytest
import torch
from step_samples import assert_same, batches, loss_of, network, weights

from course_utils.recipes import learning
from course_utils.runtime import threads_limited
from course_utils.training import TrainOptions, train
from course_utils.training.interrupts import StopButton
from reliability.interrupts import NOT_REACHED, main, press_often
from reliability.interrupts_trials import TRIALS, Language

pytestmark = pytest.mark.offline


@pytest.fixture(autouse=True)
def _ready(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    # A process in the background of a shell ignores interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with threads_limited(1):
        yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", TRIALS)
def test_the_stop_button_at_any_line(name):
    result = press_often(name, TRIALS[name], 8, seed=1)
    assert result.broken == []
    assert result.points == 8
    assert sum(result.ended.values()) == 8
    assert NOT_REACHED not in result.ended
    assert {"stopped", "returned", "old", "escaped, keeps what it learned"} & {*result.ended}


@pytest.mark.parametrize(("n_later", "status"), [(2, 0), (1, 1)])
def test_a_line_that_is_not_reached_again_is_no_success(monkeypatch, capsys, n_later, status):
    n_steps = chain([2, 2], repeat(n_later))  # the lines of the second run are counted

    class Run:
        def __init__(self):
            self.model = network()

        def work(self):
            train(self.model, batches(), loss_of, TrainOptions(next(n_steps)))

        def look(self, escaped):
            return "stopped"

    monkeypatch.setitem(TRIALS, "two steps", Run)
    assert main(["--only", "two steps", "--points", "60"]) == status
    assert (NOT_REACHED in capsys.readouterr().out) == bool(status)


@pytest.mark.parametrize("is_held", [True, False])
def test_an_interrupt_when_the_weights_have_just_moved(monkeypatch, is_held):
    step, states, model = torch.optim.AdamW.step, [], network()

    def stepping(optimizer):
        step(optimizer)
        states.append(weights(model))
        if len(states) == 5:
            signal.raise_signal(signal.SIGINT)

    if not is_held:  # as it would be without: the weights are a step ahead of the history
        monkeypatch.setattr(StopButton, "_press", signal.default_int_handler)
    monkeypatch.setattr(torch.optim.AdamW, "step", stepping)
    history = train(model, batches(), loss_of, TrainOptions(40))
    assert history.interrupted
    assert len(history.losses) == (5 if is_held else 4)
    assert_same(weights(model), states[-1])


def test_an_interrupt_is_heard_after_what_is_held():
    done = []
    try:
        with StopButton() as button:
            with button.held():
                signal.raise_signal(signal.SIGINT)
                done.append("whole")
            done.append("too far")
    except KeyboardInterrupt:
        done.append("heard")
    assert done == ["whole", "heard"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_only_the_first_interrupt_disturbs_the_way_out():
    with StopButton() as button:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        assert button.waiting
        button.hold()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_the_run_goes_on_when_the_caller_swallows_the_interrupt():
    heard = 0
    with StopButton() as button:
        for _ in range(3):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                heard += 1
            with button.held():
                pass
    assert heard == 3


def test_another_handler_is_called_and_put_back():
    calls = []
    before = signal.signal(signal.SIGINT, lambda *args: calls.append(args))
    try:
        mine = signal.getsignal(signal.SIGINT)
        with StopButton():
            signal.raise_signal(signal.SIGINT)
        assert len(calls) == 1
        assert signal.getsignal(signal.SIGINT) is mine
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with StopButton():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_in_another_thread():
    histories = []
    thread = threading.Thread(
        target=lambda: histories.append(train(network(), batches(), loss_of, TrainOptions(3)))
    )
    thread.start()
    thread.join()
    assert len(histories[0].losses) == 3


def test_gradients_are_on_again_after_an_interrupt_at_the_end_of_no_grad():
    with StopButton():
        torch.set_grad_enabled(False)  # what an interrupt in no_grad's last line leaves
    assert torch.is_grad_enabled()


def test_an_interrupt_in_the_last_score_keeps_the_network(monkeypatch):
    score = learning.score

    def interrupted(model, text, *, quick=False, **options):
        if not quick:
            raise KeyboardInterrupt
        return score(model, text, quick=quick, **options)

    monkeypatch.setattr(learning, "score", interrupted)
    trial = Language()
    trial.work()
    assert trial.look(False) == "stopped"
    assert len(trial.run.history.losses) == 10
    assert trial.run.val_nats == trial.run.history.best_score()


def test_an_interrupt_after_the_loss_became_nan_says_so():
    model, steps = network(), []

    def failing(model, batch):
        steps.append(batch)
        if len(steps) == 30:
            raise KeyboardInterrupt
        return loss_of(model, batch) * (float("nan") if len(steps) == 10 else 1)

    with pytest.raises(FloatingPointError, match="loss became nan in step 10 of 40"):
        train(model, batches(), failing, TrainOptions(40))
    assert all(p.isfinite().all() and p.grad is None for p in model.parameters())
