"""The training loops, snapshots and checkpoints work on the GPU, and give what the CPU gives."""

from __future__ import annotations

import pytest
import torch
from checkpoint_samples import assert_same_bits
from fake_device import GPU, gpu_in, is_all_there, places
from language_samples import V, numbers, small_model
from torch import nn

from course_utils import batching, training
from course_utils.training import FitOptions, Keeper, StreamLoss, TrainOptions, precision


def train(
    device, *, n_steps=6, dropout=0.0, keeper=None, stop=None, dtype=torch.float32, kind="lstm"
):
    """Train a small language model; an error is raised in step `stop`, as if it was killed."""
    torch.manual_seed(0)
    model = small_model(kind, num_layers=2, dropout=dropout).to(device)
    streams = batching.Streams(numbers(300), n_streams=3, chunk_len=8)
    loss_of, scored = StreamLoss(dtype), numbers(60, seed=1)

    def counted(model, chunk):
        counted.n += 1
        if counted.n == stop:
            raise ConnectionError
        return loss_of(model, chunk)

    counted.n = 0
    counted.state_dict, counted.load_state_dict = loss_of.state_dict, loss_of.load_state_dict

    def evaluate(model):
        return training.held_out_loss(model, scored, start=0, chunk_len=20)

    options = TrainOptions(n_steps, evaluate_every=2)
    history = training.train(model, streams, counted, options, evaluate=evaluate, keeper=keeper)
    return model, history


def test_train_gives_the_losses_of_the_cpu():
    _, on_cpu = train("cpu")
    with gpu_in():
        model, on_gpu = train(GPU)
        assert is_all_there(model)
    assert on_gpu.losses == pytest.approx(on_cpu.losses, rel=1e-5)
    assert [s for _, s in on_gpu.scores] == pytest.approx([s for _, s in on_cpu.scores], rel=1e-5)


def test_a_resumed_run_draws_the_dropout_that_it_would_have_drawn(tmp_path):
    with gpu_in():
        _, whole = train(GPU, dropout=0.5)
        _, other = train("cpu", dropout=0.5)
        assert whole.losses != pytest.approx(other.losses)  # the GPU has its own numbers
        keeper = Keeper(tmp_path / "run", every=2, config={})
        with pytest.raises(ConnectionError):
            train(GPU, dropout=0.5, keeper=keeper, stop=6)
        torch.cuda.manual_seed_all(99)  # what another program does in between
        again = Keeper(tmp_path / "run", every=2, config={}, resume=True)
        model, resumed = train(GPU, dropout=0.5, keeper=again)
        assert resumed.losses == pytest.approx(whole.losses, rel=1e-6)
        assert is_all_there(model)


@pytest.mark.parametrize(("first", "second"), [("cpu", GPU), (GPU, "cpu")])
def test_a_run_goes_on_with_another_device(first, second, tmp_path):
    with gpu_in():
        _, whole = train(first)
        with pytest.raises(ConnectionError):
            train(first, keeper=Keeper(tmp_path / "run", every=2, config={}), stop=6)
        again = Keeper(tmp_path / "run", every=2, config={}, resume=True)
        _, resumed = train(second, keeper=again)
        assert resumed.losses == pytest.approx(whole.losses, rel=1e-5)


@pytest.mark.parametrize("batch_size", [None, 4])
def test_fit_gives_the_losses_of_the_cpu(batch_size):
    losses = []
    with gpu_in():
        for device in ("cpu", GPU):
            torch.manual_seed(1)
            model = nn.Linear(3, 1).to(device)
            x = torch.randn(10, 3, generator=torch.Generator().manual_seed(2)).to(device)
            options = FitOptions(epochs=3, batch_size=batch_size)
            history = training.fit(model, x, x.sum(1, keepdim=True), nn.MSELoss(), options)
            losses.append(history.losses)
        assert is_all_there(model)
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_checkpoint_goes_from_one_device_to_the_other(tmp_path):
    settings = {"config": {}, "vocabulary": [*map(str, range(V))]}
    with gpu_in():
        model = small_model(seed=1).to(GPU)
        training.save_checkpoint(tmp_path / "model", model, **settings)
        found = training.read_checkpoint(tmp_path / "model")
        assert places(found.tensors) == {"cpu"}
        for device in ("cpu", GPU):
            other = small_model(seed=2).to(device)
            training.load_weights(other, found)
            assert places(other.state_dict()) == places(next(other.parameters()))
            own = {name: tensor.cpu() for name, tensor in other.state_dict().items()}
            assert_same_bits(own, found.tensors)


def test_a_checkpoint_that_does_not_fit_is_refused_on_the_gpu(tmp_path):
    with gpu_in():
        training.save_checkpoint(tmp_path / "a", small_model().to(GPU), config={}, vocabulary=())
        with pytest.raises(training.CheckpointError, match="in the checkpoint"):
            training.load_weights(
                small_model(hidden_size=9).to(GPU), training.read_checkpoint(tmp_path / "a")
            )


def test_an_exploded_run_gets_good_weights_back_on_the_gpu():
    with gpu_in():
        model = nn.Linear(2, 1).to(GPU)

        def loss_of(model, x):
            return model(x.to(GPU)).sum() * float("nan")

        with pytest.raises(FloatingPointError):
            training.train(model, [torch.ones(1, 2)] * 60, loss_of, TrainOptions(60))
        assert is_all_there(model)
        assert model.weight.isfinite().all()


@pytest.mark.parametrize(("capability", "has_it"), [((8, 0), True), ((7, 5), False)])
def test_bfloat16_is_asked_of_the_gpu(capability, has_it):
    with gpu_in(capability=capability):
        assert precision.has_bfloat16(GPU) is has_it
        assert training.pick_precision(GPU, kind="rnn") in {torch.float32, torch.bfloat16}


def test_a_step_with_bfloat16():
    with gpu_in():
        # Not every CPU computes an LSTM in bfloat16, and the numbers lie on the CPU.
        model, history = train(GPU, n_steps=2, dtype=torch.bfloat16, kind="gru")
        assert {p.dtype for p in model.parameters()} == {torch.float32}
        assert torch.tensor(history.losses).isfinite().all()


def test_autocast_on_the_gpu_is_known_to_be_on():
    """A carried state may have another dtype than the model in there alone."""
    with gpu_in():
        for ask in (torch.is_autocast_enabled, lambda: torch.is_autocast_enabled("cuda")):
            assert not ask()
            with torch.autocast("cuda", dtype=torch.bfloat16):
                assert ask()
            assert not ask()
    assert not torch.is_autocast_enabled("cuda")
