"""Many small RNNs, computed side by side for experiments that compare recipes."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from course_utils.arguments import items, whole_number
from course_utils.models.inputs import check_memory, check_size, check_tokens

_EMBED = 16  # E, the length of a word's vector


class RNNCrowd(nn.Module):
    """Many small vanilla RNNs that read the same words side by side.

    Experiments compare recipes over several seeds. Small networks leave a processor idle, so all
    of them are computed by one batched matrix product per step: 18 networks take little longer
    than one. They share nothing but the input; each has its own weights and its own gradient.

    Attributes:
        embed: (N, V, E); W_xh: (N, H, E); W_hh: (N, H, H); b_h: (N, H); W_hy: (N, C, H);
            b_y: (N, C), one slice per network.
        use_relu: bool, (N,), networks with ReLU in place of tanh.
        truncate: int, (N,), truncated BPTT: the gradient stops after so many steps (0: never).
    """

    def __init__(self, vocab_size: int, n_classes: int, seeds: list[int], *, hidden_size: int = 32):
        """Draw each network's weights from its own seed, with nn.RNN's usual start values.

        Args:
            vocab_size, n_classes, hidden_size: V, C and H, each at least 1.
            seeds: N whole numbers of 0 or more, one for each network, N at least 1.

        Raises:
            TypeError: a size or a seed is no whole number.
            ValueError: one is out of its range, or all together need too much memory.
        """
        super().__init__()
        V, C = check_size("vocab_size", vocab_size), check_size("n_classes", n_classes)
        H, E = check_size("hidden_size", hidden_size), _EMBED
        seeds = items("seeds", seeds, what="a list of whole numbers", least=1)
        seeds = [whole_number("seeds", seed, least=0, most=2**63 - 1) for seed in seeds]
        sizes = {"vocab_size": V, "n_classes": C, "hidden_size": H, "len(seeds)": len(seeds)}
        check_memory(len(seeds) * (V * E + H * (E + H + 1) + C * (H + 1)), sizes)
        shapes = {"embed": (V, E), "W_xh": (H, E), "W_hh": (H, H), "b_h": (H,)}
        shapes |= {"W_hy": (C, H), "b_y": (C,)}
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        for name, shape in shapes.items():
            slices = [_start(name, shape, H, generator) for generator in generators]
            self.register_parameter(name, nn.Parameter(torch.stack(slices)))
        self.register_buffer("use_relu", torch.zeros(len(seeds), dtype=torch.bool))
        self.register_buffer("truncate", torch.zeros(len(seeds), dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        """Read x, word indices (B, T), with every network; return logits (N, B, C).

        Raises:
            TypeError: x is not a tensor of int64.
            ValueError: x is not (B, T), B and T at least 1, or a word is outside the vocabulary.
        """
        check_tokens(x, self.embed.shape[1], name="x")
        # One row per word, for all networks together: what the word adds to z.
        table = torch.baddbmm(self.b_h[:, None], self.embed, self.W_xh.transpose(1, 2))
        N, V, H = table.shape
        rows = F.embedding(x.T, table.transpose(0, 1).reshape(V, N * H))
        added = rows.view(*x.T.shape, N, H).permute(2, 0, 1, 3)  # (N, T, B, H)
        h_T = _LastState.apply(added, self.W_hh, self.use_relu.tolist(), self.truncate)
        return torch.baddbmm(self.b_y[:, None], h_T, self.W_hy.transpose(1, 2))


class _LastState(torch.autograd.Function):
    """h_t = f(W_hh h_(t-1) + added_t) for all networks, with the gradient written out.

    The steps are small: autograd's own bookkeeping would take longer than what it computes.
    """

    @staticmethod
    def forward(
        ctx: Any, added: Tensor, W_hh: Tensor, use_relu: list[bool], truncate: Tensor
    ) -> Tensor:
        """Read added, (N, T, B, H), with W_hh, (N, H, H); return the last state, (N, B, H)."""
        h, blocks = added.clone(memory_format=torch.contiguous_format), _blocks(use_relu)
        for t in range(h.shape[1]):
            if t > 0:
                h[:, t] += torch.bmm(h[:, t - 1], W_hh.transpose(1, 2))
            for block, is_relu in blocks:
                (torch.relu_ if is_relu else torch.tanh_)(h[block, t])
        ctx.save_for_backward(h, W_hh)
        ctx.blocks, ctx.truncate = blocks, truncate
        return h[:, -1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """Go back from the last state; a truncated network's gradient ends on the way."""
        h, W_hh = ctx.saved_tensors
        cuts, grad_z = set(ctx.truncate.tolist()) - {0}, torch.empty_like(h)
        for block, is_relu in ctx.blocks:  # f'(z), from f(z)
            grad_z[block] = (h[block] > 0) if is_relu else 1 - h[block].square()
        for back, t in enumerate(reversed(range(h.shape[1])), start=1):
            grad_z[:, t] *= grad
            grad = torch.bmm(grad_z[:, t], W_hh)
            if back in cuts:
                grad[ctx.truncate == back] = 0.0
        later, before = grad_z[:, 1:].flatten(1, 2), h[:, :-1].flatten(1, 2)  # (N, (T-1) B, H)
        return grad_z, torch.bmm(later.transpose(1, 2), before), None, None


def _blocks(use_relu: list[bool]) -> list[tuple[slice, bool]]:
    """Return the stretches of neighbours that use the same function.

    >>> _blocks([False, False, True])
    [(slice(0, 2, None), False), (slice(2, 3, None), True)]
    """
    blocks, start = [], 0
    for is_relu, group in groupby(use_relu):
        stop = start + len([*group])
        blocks.append((slice(start, stop), is_relu))
        start = stop
    return blocks


def _start(name: str, shape: tuple[int, ...], H: int, generator: torch.Generator) -> Tensor:
    """Draw start values as nn.Embedding (normal) and nn.RNN (uniform within 1/√H) do."""
    if name == "embed":
        return torch.randn(shape, generator=generator)
    return (torch.rand(shape, generator=generator) * 2 - 1) * H**-0.5
