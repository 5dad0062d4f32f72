"""What a language model costs besides time: memory for training and for writing, and length."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.arguments import items, tensor, whole_number
from course_utils.models import GPT, MinGRU, attention, evaluation_mode
from course_utils.models.inputs import check_module, check_size
from course_utils.recipes.rivals_recipes import kind_of

_LONGEST = 2**16  # attention compares every symbol with all before it
_MOST_WORK = 2**24  # numbers of one input that is timed


def saved_bytes(model: nn.Module, tokens: Tensor) -> int:
    """Count the bytes that autograd keeps from the forward pass for the backward pass.

    The loss is part of it. Parameters are not counted: they are there anyway. A block of memory
    that several operations keep is counted once, and as a whole.

    Args:
        model: returns (logits, state) for tokens.
        tokens: int64, (B, T), on any device.

    Returns:
        Bytes; divide by B * T for bytes per symbol.

    Raises:
        TypeError: model is no network, or tokens no tensor of int64.
        ValueError: tokens are not symbols of the model.
    """
    check_module("model", model)
    tensor("tokens", tokens, ndim=2, shape="(B, T)", kind="whole")
    # A copy: a part of a long text would be kept as the whole text.
    tokens = tokens.to(next(model.parameters()).device, copy=True)
    known = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}
    held = []  # so that no block is freed and its address given to the next one

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
            held.append(storage)
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(note, lambda kept: kept):
        logits, _ = model(tokens)
        F.cross_entropy(logits.flatten(0, 1), tokens.flatten())
    return sum(kept.values())


def state_bytes(model: nn.Module) -> int:
    """Count the bytes that one text carries from symbol to symbol while it is written.

    Args:
        model: a recurrent network, whose state has one size; or a GPT, whose cache grows with every
            symbol, and is counted when its context is full.

    Returns:
        Bytes.

    Raises:
        TypeError: model is no language model of the course.
    """
    kind_of(model)
    length = model.config.context if isinstance(model, GPT) else 1
    device = next(model.parameters()).device
    with torch.no_grad(), evaluation_mode(model):
        _, state = model(torch.zeros(1, length, dtype=torch.int64, device=device))
    parts = (state,) if isinstance(state, Tensor) else state
    return sum(part.numel() * part.element_size() for part in parts)


class SelfAttention(nn.Module):
    """One layer of causal attention with the projections around it, for `time_lengths`."""

    def __init__(self, width: int, n_heads: int = 4) -> None:
        """Build the layer; width is a multiple of n_heads."""
        super().__init__()
        width, n_heads = check_size("width", width, most=2**13), check_size("n_heads", n_heads)
        if width % n_heads:
            raise ValueError(f"width must be a multiple of n_heads={n_heads}, got {width}")
        self.n_heads = n_heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """Return float, (B, T, C), for float, (B, T, C), and no state."""
        tensor("x", x, ndim=3, shape="(B, T, C)", kind="floating")
        weight = self.mix.weight
        if x.shape[1] == 0 or x.shape[2] != len(weight) or x.dtype != weight.dtype:
            raise ValueError(
                f"x must be (B, T, {len(weight)}) of {weight.dtype} with T at least 1, got "
                f"{tuple(x.shape)} of {x.dtype}"
            )
        parts = self.query_key_value(x).unflatten(-1, (3, self.n_heads, -1)).permute(2, 0, 3, 1, 4)
        return self.mix(attention(*parts).transpose(1, 2).flatten(2)), None


def time_lengths(
    lengths: Sequence[int], *, batch_size: int = 1, units: int = 64, rounds: int = 5
) -> dict[str, list[float]]:
    """Time one training step (forward and backward) of single layers on longer and longer inputs.

    The layers take turns, so that a machine that is slow for a while slows all of them down; the
    best of the rounds counts.

    Args:
        lengths: T of each input.
        batch_size: B, sequences side by side.
        units: H, and the length of the input's vectors; a multiple of 4.
        rounds: how often everything is timed.

    Returns:
        For "gru" and "lstm" (PyTorch's), "mingru" and "attention" the seconds at each length.

    Raises:
        TypeError: an argument is no whole number, or lengths no list of them.
        ValueError: one is out of its range, or an input would be too large for a student's machine.
    """
    lengths = items("lengths", lengths, what="a list of whole numbers", least=1)
    lengths = [check_size("lengths", T, most=_LONGEST) for T in lengths]
    units, rounds = check_size("units", units, most=2**13), whole_number("rounds", rounds, least=1)
    batch_size = check_size("batch_size", batch_size)
    if units % 4:
        raise ValueError(f"units must be a multiple of 4, got {units}")
    if batch_size * units * max(lengths) > _MOST_WORK:
        raise ValueError(
            f"batch_size * units * lengths must be at most {_MOST_WORK:,}, got batch_size="
            f"{batch_size}, units={units} and lengths up to {max(lengths)}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = {
            "gru": nn.GRU(units, units, batch_first=True),
            "lstm": nn.LSTM(units, units, batch_first=True),
            "mingru": MinGRU(units, units),
            "attention": SelfAttention(units),
        }
        inputs = [torch.randn(batch_size, T, units) for T in lengths]
    best = {name: [float("inf")] * len(lengths) for name in layers}
    for _ in range(rounds + 1):  # the first round also warms up
        for i, x in enumerate(inputs):
            for name, layer in layers.items():
                step = partial(_one_step, layer, x)
                best[name][i] = min(best[name][i], _seconds(step))
    return best


def _one_step(layer: nn.Module, x: Tensor) -> None:
    """Go forward and backward once."""
    layer(x)[0].sum().backward()


def _seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
