"""Many small RNNs, computed side by side for experiments that compare recipes."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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
        """Draw each network's weights from its own seed, with nn.RNN's usual start values."""
        super().__init__()
        if min(vocab_size, n_classes, hidden_size, len(seeds)) < 1:
            raise ValueError("vocab_size, n_classes, hidden_size and len(seeds) must be at least 1")
        H, E = hidden_size, 16
        shapes = {"embed": (vocab_size, E), "W_xh": (H, E), "W_hh": (H, H), "b_h": (H,)}
        shapes |= {"W_hy": (n_classes, H), "b_y": (n_classes,)}
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        for name, shape in shapes.items():
            slices = [_start(name, shape, H, generator) for generator in generators]
            self.register_parameter(name, nn.Parameter(torch.stack(slices)))
        self.register_buffer("use_relu", torch.zeros(len(seeds), dtype=torch.bool))
        self.register_buffer("truncate", torch.zeros(len(seeds), dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        """Read x, word indices (B, T), with every network; return logits (N, B, C)."""
        if x.ndim != 2 or x.shape[1] == 0:
            raise ValueError(f"x must be (B, T) with T at least 1, got {tuple(x.shape)}")
        added = torch.einsum("nbte,nhe->tnbh", self.embed[:, x], self.W_xh) + self.b_h[:, None]
        h_t = torch.zeros_like(added[0])
        for steps_left, added_t in zip(range(len(added) - 1, -1, -1), added, strict=True):
            h_t = self._step(added_t, self._cut(h_t, steps_left))
        return torch.baddbmm(self.b_y[:, None], h_t, self.W_hy.transpose(1, 2))

    def _step(self, added: Tensor, h_prev: Tensor) -> Tensor:
        """h_t = f(W_hh h_(t-1) + added), for all networks at once: (N, B, H)."""
        z = torch.baddbmm(added, h_prev, self.W_hh.transpose(1, 2))
        if not self.use_relu.any():
            return torch.tanh(z)
        return torch.where(self.use_relu[:, None, None], torch.relu(z), torch.tanh(z))

    def _cut(self, h_t: Tensor, steps_left: int) -> Tensor:
        """Stop the gradient of the networks that reach back only `truncate` steps."""
        here = (self.truncate > 0) & (steps_left + 1 == self.truncate)
        return torch.where(here[:, None, None], h_t.detach(), h_t) if here.any() else h_t


def _start(name: str, shape: tuple[int, ...], H: int, generator: torch.Generator) -> Tensor:
    """Draw start values as nn.Embedding (normal) and nn.RNN (uniform within 1/√H) do."""
    if name == "embed":
        return torch.randn(shape, generator=generator)
    return (torch.rand(shape, generator=generator) * 2 - 1) * H**-0.5
