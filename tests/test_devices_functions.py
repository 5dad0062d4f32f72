"""Functions of the course give the same answers on the GPU, and say where the answers are."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from fake_device import GPU, gpu_in, places, to
from fake_device_cases import COMES_BACK, STAYS
from torch import Tensor

from course_utils import batching, cells, gradients, models, probing, sampling, training
from course_utils import word_vectors as vectors
from course_utils.recipes import decisions, rivals
from reliability.devices.tensors import tensors_in

PACKAGES = (batching, cells, decisions, gradients, models, probing, rivals, sampling, training)
PACKAGES += (vectors,)
# Called in other test files of devices, or indifferent to where a tensor is.
ELSEWHERE = {"train", "fit", "held_out_loss", "load_weights", "save_checkpoint", "train_rival"}
ELSEWHERE |= {"count_parameters", "kind_of", "evaluation_mode", "check_shares", "check_tokens"}


def numbers_in(value: Any) -> list[Any]:
    """Return tensors as lists, so that answers can be compared."""
    return [t.detach().cpu().double() for t in tensors_in(value)]


def same(on_cpu: Any, on_gpu: Any) -> bool:
    pairs = zip(numbers_in(on_cpu), numbers_in(on_gpu), strict=True)
    return all(torch.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in pairs)


def test_every_public_function_that_takes_tensors_is_here():
    called = {name.split(",")[0] for name in (STAYS | COMES_BACK)} | ELSEWHERE
    missing = []
    for package in PACKAGES:
        for name in getattr(package, "__all__", vars(package)):
            value = getattr(package, name)
            is_public = inspect.isfunction(value) and not name.startswith("_")
            if is_public and takes_tensors(value) and name not in called:
                missing.append(f"{package.__name__}.{name}")
    assert not missing


def takes_tensors(function: Callable[..., Any]) -> bool:
    """Tell whether an argument of a function is a tensor, or a model."""
    kinds = [str(p.annotation) for p in inspect.signature(function).parameters.values()]
    return any(re.search(r"Tensor|CharLM|GPT|Module|Weights|States?\b", kind) for kind in kinds)


@pytest.mark.parametrize("name", STAYS)
def test_the_answer_stays_on_the_device(name):
    on_cpu = STAYS[name](lambda value: value)
    with gpu_in():
        on_gpu = STAYS[name](lambda value: to(value, GPU))
        assert places(on_gpu) == {"gpu"}
        assert same(on_cpu, on_gpu)


@pytest.mark.parametrize("name", COMES_BACK)
def test_the_answer_comes_back(name):
    on_cpu = COMES_BACK[name](lambda value: value)
    with gpu_in():
        on_gpu = COMES_BACK[name](lambda value: to(value, GPU))
        assert places(on_gpu) <= {"cpu"}
        assert same(on_cpu, on_gpu)
        if not [*tensors_in(on_cpu)]:
            assert on_gpu == pytest.approx(on_cpu) if is_number(on_cpu) else on_gpu == on_cpu


def is_number(value: Any) -> bool:
    many = value if isinstance(value, list) else [value]
    return all(isinstance(v, (int, float)) for v in many) and not isinstance(value, Tensor)
