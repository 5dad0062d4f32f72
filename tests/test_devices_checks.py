"""A student with a GPU: an answer that is on the GPU is judged as the same answer on the CPU."""

from __future__ import annotations

import check_cases_07
import check_cases_07_training
import check_cases_09
import check_cases_09_steps
import pytest
import test_checks
import torch
from fake_device import GPU, answering_on_the_gpu, gpu_in

CASES = test_checks.CASES
ALSO_RIGHT = check_cases_07.ALSO_RIGHT + check_cases_07_training.ALSO_RIGHT
ALSO_RIGHT += check_cases_09.ALSO_RIGHT + check_cases_09_steps.ALSO_RIGHT


@pytest.mark.parametrize("check", CASES, ids=lambda check: check.__name__)
def test_a_right_answer_on_the_gpu_is_right(check, capsys):
    with gpu_in():
        check(answering_on_the_gpu(CASES[check][0]))
    assert capsys.readouterr().out.startswith("✓ ")


@pytest.mark.parametrize(("check", "answer"), ALSO_RIGHT)
def test_another_right_answer_on_the_gpu_is_right(check, answer, capsys):
    with gpu_in():
        check(answering_on_the_gpu(answer))
    assert capsys.readouterr().out.startswith("✓ ")


@pytest.mark.parametrize("check", CASES, ids=lambda check: check.__name__)
def test_a_mistake_on_the_gpu_gets_the_same_hint(check, capsys):
    for wrong, hint in CASES[check][1][:2]:
        with gpu_in():
            check(answering_on_the_gpu(wrong))
        out = capsys.readouterr().out
        assert out.startswith("✗ ")
        assert hint in out


def test_an_answer_that_mixes_devices_is_told_so(capsys):
    def one_hot(indices, size):
        return torch.eye(size, device=GPU)[indices] + torch.zeros(len(indices), size)

    check = next(check for check in CASES if check.__name__ == "check_one_hot")
    with pytest.raises(AssertionError, match="same device"), gpu_in():
        check(one_hot)
    out = capsys.readouterr().out
    assert "✗" in out
    assert "same device" in out
    assert "device=x.device" in out
