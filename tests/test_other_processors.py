"""A computer that rounds otherwise: other numbers in training, equal ones in equal runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook, new_output

from reliability import other_processors, soak


def trained(kind: type[torch.optim.Optimizer] = torch.optim.SGD) -> torch.Tensor:
    """Return the weights of a small layer after five steps."""
    generator = torch.Generator().manual_seed(3)
    weights = torch.randn(4, 4, generator=generator).requires_grad_()
    optimizer = kind([weights], lr=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        torch.tanh(weights).square().sum().backward()
        optimizer.step()
    return weights.detach()


@pytest.fixture
def nudged():
    handles = []
    yield lambda seed: handles.append(other_processors.nudge_gradients(seed))
    for handle in handles:
        handle.remove()


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.AdamW])
def test_weights_differ_in_the_last_digits_alone(nudged, kind):
    before = trained(kind)
    nudged(1)
    after = trained(kind)
    assert not torch.equal(before, after)
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-5)


def test_equal_runs_stay_equal_and_no_random_number_is_drawn(nudged):
    nudged(1)
    state = torch.get_rng_state()
    assert torch.equal(trained(), trained())
    assert torch.equal(torch.get_rng_state(), state)


def test_another_processor_is_another_change():
    found = []
    for seed in (1, 2):
        handle = other_processors.nudge_gradients(seed)
        found.append(trained())
        handle.remove()
    assert not torch.equal(*found)
    assert torch.equal(trained(), trained())


def test_no_gradient_and_sparse_gradients_are_left_alone(nudged):
    nudged(1)
    table = torch.nn.Embedding(5, 2, sparse=True)
    optimizer = torch.optim.SGD([*table.parameters(), torch.zeros(2, requires_grad=True)], lr=1.0)
    wanted = table.weight.detach().clone()
    table(torch.tensor([1])).sum().backward()
    optimizer.step()
    wanted[1] -= 1
    assert torch.equal(table.weight, wanted)


def test_this_processor_needs_no_variables():
    with other_processors.environment(0) as changes:
        assert changes == {}


def test_all_instructions_take_turns_and_the_folder_goes():
    for number, capability in ((3, None), (4, "avx2"), (5, "default")):
        with other_processors.environment(number) as changes:
            assert changes.get("ATEN_CPU_CAPABILITY") == capability
            assert os.path.isdir(changes["IPYTHONDIR"])
        assert not os.path.exists(changes["IPYTHONDIR"])


def test_older_instructions_are_used():
    code = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    with other_processors.environment(5) as changes:
        command, env = [sys.executable, "-c", code], os.environ | changes
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("DEFAULT", "NO AVX")


def test_a_round_on_another_processor_changes_the_kernel(tmp_path):
    """The stored text is what this processor gives; the last digit of a trained weight differs."""
    source = "\n".join(
        [
            "import torch",
            "w = torch.linspace(0.1, 0.9, 100, requires_grad=True)",  # a few may round back
            "torch.tanh(w).sum().backward()",
            "before = w.grad.clone()",
            "torch.optim.SGD([w], lr=0.1).step()",
            "print(torch.equal(w.grad, before))",
        ]
    )
    cell = new_code_cell(source, outputs=[new_output("stream", text="True\n")], execution_count=1)
    path, report = tmp_path / "small.ipynb", tmp_path / "report.json"
    nbformat.write(new_notebook(cells=[cell]), path)
    plain = ["--quiet", "1", "--busy", "0", "--workers", "0", "--report", str(report), str(path)]
    assert soak.main(plain) == 0
    assert soak.main([*plain, "--other-processors"]) == 1
    assert json.loads(report.read_text())[0]["processor"] > 0
