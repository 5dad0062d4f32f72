"""What the tests of checkpoints share: a small model, saving it, comparing what comes back."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from course_utils.training import Checkpoint, read_checkpoint, save_checkpoint

CONFIG = {"kind": "gru", "hidden_size": 3, "layers": [1, 2], "dropout": 0.1, "note": None}
VOCABULARY = ("<S>", "<E>", "a", "é", "한", " ")


def small_model(seed: int = 0) -> nn.Module:
    """Return a small recurrent model with weights that depend on the seed."""
    torch.manual_seed(seed)
    return nn.ModuleDict({"rnn": nn.GRU(2, 3), "output": nn.Linear(3, 2)})


def save_sample(path: Path, seed: int = 0) -> Path:
    """Save the small model; the seed also stands in extra."""
    return save_checkpoint(
        path, small_model(seed), config=CONFIG, vocabulary=VOCABULARY, extra={"seed": seed}
    )


def saved(path: Path, model: nn.Module) -> Checkpoint:
    """Save a model without configuration and vocabulary, and read it back."""
    return read_checkpoint(save_checkpoint(path, model, config={}, vocabulary=()))


def holder(**tensors: Tensor) -> nn.Module:
    """Return a module that keeps these tensors as buffers."""
    module = nn.Module()
    for name, tensor in tensors.items():
        module.register_buffer(name, tensor)
    return module


def assert_same_bits(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """Compare names, dtypes, shapes and bits; NaN equals a NaN of the same bits."""
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype, name
        assert found[name].shape == tensor.shape, name
        bits = [t.contiguous().flatten().view(torch.uint8) for t in (found[name], tensor)]
        assert torch.equal(*bits), name
