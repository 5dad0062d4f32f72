"""The course knows where it runs, and says so clearly when it cannot run there."""

import random
import sys

import numpy as np
import pytest
import torch

from course_utils import runtime
from reliability.devices.fake_gpu import fake_gpu


def test_device_follows_the_variable(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert runtime.pick_device() == torch.device("cpu")
    monkeypatch.setenv("COURSE_DEVICE", " CPU ")
    assert runtime.pick_device() == torch.device("cpu")


@pytest.mark.parametrize("has_gpu", [True, False])
def test_device_is_a_gpu_when_there_is_one(monkeypatch, has_gpu):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    assert runtime.pick_device().type == ("cuda" if has_gpu else "cpu")


@pytest.mark.parametrize("wanted", ["gpu", "toaster", "cuda:zero", "cpu:x", "🚀"])
def test_unknown_device_names_the_variable_and_the_choices(monkeypatch, wanted):
    monkeypatch.setenv("COURSE_DEVICE", wanted)
    with pytest.raises(ValueError, match=r"COURSE_DEVICE=.*Choose one of: cpu, cuda"):
        runtime.pick_device()


@pytest.mark.parametrize("wanted", ["cuda", "cuda:7", "mps", "meta"])
def test_absent_device_is_refused(monkeypatch, wanted):
    monkeypatch.setenv("COURSE_DEVICE", wanted)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match="is not on this machine"):
        runtime.pick_device()


def test_seed_repeats_all_three_generators():
    draws = []
    for _ in range(2):
        runtime.set_seed(3)
        draws.append((random.random(), np.random.rand(), torch.rand(1).item()))
    assert draws[0] == draws[1]
    runtime.set_seed(4)
    assert torch.rand(1).item() != draws[0][2]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seed_outside_the_range(seed):
    with pytest.raises(ValueError, match="seed must be from 0"):
        runtime.set_seed(seed)


@pytest.mark.parametrize("seed", [1.0, "1", None, True])
def test_seed_of_a_wrong_type(seed):
    with pytest.raises(TypeError, match="seed must be an int"):
        runtime.set_seed(seed)


def test_colab_is_told_by_its_package(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "google", raising=False)
    assert not runtime.in_colab()
    (tmp_path / "google" / "colab").mkdir(parents=True)
    (tmp_path / "google" / "colab" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert runtime.in_colab()
    # The look has imported it; monkeypatch.delitem would put it back for all later tests.
    sys.modules.pop("google", None)


def test_threads():
    before = torch.get_num_threads()
    runtime.limit_threads(1)
    assert torch.get_num_threads() == 1
    torch.set_num_threads(before)
    with pytest.raises(ValueError, match="n_threads must be a whole number of at least 1"):
        runtime.limit_threads(0)


def test_the_variable_overrides_the_threads_of_a_notebook(monkeypatch):
    monkeypatch.setenv("COURSE_THREADS", "2")
    with runtime.threads_limited(1):
        assert torch.get_num_threads() == 1
        runtime.limit_threads(1)
        assert torch.get_num_threads() == 2


@pytest.mark.parametrize("wanted", ["0", "two", "-1", "1.5", "²"])
def test_a_wrong_number_of_threads(monkeypatch, wanted):
    monkeypatch.setenv("COURSE_THREADS", wanted)
    with pytest.raises(ValueError, match="COURSE_THREADS"):
        runtime.limit_threads(1)


def test_a_fake_gpu_is_chosen_and_leaves_nothing_behind(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    before = {**vars(torch.cuda)}, torch.Generator, torch.autocast, torch.get_rng_state().tolist()
    with fake_gpu():
        assert runtime.pick_device().type == "cpu"
        assert runtime.budget(cpu=1, gpu=2) == 1
        for wanted in ("cuda", "cuda:0"):
            monkeypatch.setenv("COURSE_DEVICE", wanted)
            assert runtime.pick_device() == torch.device(wanted)
            assert runtime.budget(cpu=1, gpu=2) == 2
        monkeypatch.setenv("COURSE_DEVICE", "cuda:1")
        with pytest.raises(ValueError, match="is not on this machine"):
            runtime.pick_device()
        torch.rand(3, device="cuda")
    after = {**vars(torch.cuda)}, torch.Generator, torch.autocast, torch.get_rng_state().tolist()
    assert after == before
