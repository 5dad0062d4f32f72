"""Compute as another processor would: its results differ in the last digits.

Another processor adds the same numbers in another order, and its vector instructions are others. A
training run makes large differences of that, so a lesson that holds here may fail on a student's
computer. `make soak SOAK_ARGS="--other-processors"` tries many such computers:

- PyTorch, oneDNN and MKL use older instructions in two rounds of three;
- every gradient that an optimizer of PyTorch receives is changed by about one part in a million,
  in each round in another way. The change depends on the round and the place of the number alone:
  two equal training runs stay equal.

What stays as it is: steps that a lesson writes by hand, without an optimizer, feel only the
instructions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARE = 1e-6  # standard deviation of the changes; float32 has neighbours 1.2e-7 apart
INSTRUCTIONS = (
    {},
    {"ATEN_CPU_CAPABILITY": "avx2", "DNNL_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    {
        "ATEN_CPU_CAPABILITY": "default",
        "DNNL_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    },
)
STARTUP = """import sys
sys.path.append({root!r})
from reliability.other_processors import nudge_gradients
nudge_gradients({seed})
del sys, nudge_gradients
"""


def nudge_gradients(seed: int) -> Any:
    """Change all gradients by about SHARE before each step of each optimizer of PyTorch.

    Args:
        seed: decides how.

    Returns:
        A handle; its `remove()` ends the changes.
    """
    import torch  # a kernel that does not train need not wait for it
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    factors: dict[Any, torch.Tensor] = {}

    def factor(grad: torch.Tensor) -> torch.Tensor:
        key = (grad.shape, grad.dtype, grad.device)
        if key not in factors:
            generator = torch.Generator().manual_seed(seed)
            noise = torch.randn(grad.shape, generator=generator)
            factors[key] = (1 + SHARE * noise.double()).to(grad.device, grad.dtype)
        return factors[key]

    def nudge(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None and not parameter.grad.is_sparse:
                    parameter.grad.mul_(factor(parameter.grad))

    return register_optimizer_step_pre_hook(nudge)


@contextmanager
def environment(number: int) -> Iterator[dict[str, str]]:
    """Yield the variables that make new kernels compute as processor `number`.

    Args:
        number: 0 for this processor as it is; others from 1 on.
    """
    if number == 0:
        yield {}
        return
    with tempfile.TemporaryDirectory() as folder:
        startup = Path(folder, "profile_default", "startup")
        startup.mkdir(parents=True)
        text = STARTUP.format(root=str(ROOT), seed=number)
        (startup / "00-other-processor.py").write_text(text, encoding="utf-8")
        yield {"IPYTHONDIR": folder} | INSTRUCTIONS[number % len(INSTRUCTIONS)]
