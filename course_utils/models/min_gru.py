"""A language model of minGRU layers: a recurrent network that is trained by a parallel scan."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.arguments import instance, tensor
from course_utils.cells.fast_scan import scan_in_blocks
from course_utils.cells.scan import MinGRUWeights, positive
from course_utils.models.inputs import (
    MOST_LAYERS,
    check_memory,
    check_size,
    check_state_part,
    check_tokens,
    settle_sizes,
)

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class MinGRULMConfig:
    """How a MinGRULM is built.

    Attributes:
        vocab_size: V, how many symbols there are.
        width: C, the length of the vector of one symbol.
        hidden_size: H, units of each minGRU.
        num_layers: L, layers on top of each other. A minGRU's gates see its input and not its
            state; only a second layer can decide by what the first has read.
    """

    vocab_size: int
    width: int = 64
    hidden_size: int = 128
    num_layers: int = 2

    def __post_init__(self) -> None:
        """Refuse sizes from which no network can be built."""
        settle_sizes(self, "vocab_size", "width", "hidden_size")
        settle_sizes(self, "num_layers", most=MOST_LAYERS)
        C, H = self.width, self.hidden_size
        layers = self.num_layers * (2 * H * (C + 1) + H * (C + 1) + C * (H + 4))
        check_memory(self.vocab_size * (2 * C + 1) + layers, vars(self))


class MinGRU(nn.Module):
    """One layer of minimal gated recurrent units (Feng et al., 2024, "Were RNNs all we needed?").

    >>> hidden, last = MinGRU(3, 5)(torch.zeros(2, 7, 3))
    >>> hidden.shape, last.shape
    (torch.Size([2, 7, 5]), torch.Size([2, 5]))

    Attributes:
        hidden_size: H.
        gates: nn.Linear from E to 2 H: the gate's numbers before the sigmoid, then those of the
            candidate.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        """Build the layer for inputs (B, T, E) with E = input_size, and H = hidden_size."""
        super().__init__()
        n_in, H = check_size("input_size", input_size), check_size("hidden_size", hidden_size)
        check_memory(2 * H * (n_in + 1), {"input_size": n_in, "hidden_size": H})
        self.hidden_size = H
        self.gates = nn.Linear(n_in, 2 * H)

    def weights(self) -> MinGRUWeights:
        """Return the parameters as `cells.min_gru_step` takes them."""
        (W_z, W_h), (b_z, b_h) = self.gates.weight.chunk(2), self.gates.bias.chunk(2)
        return MinGRUWeights(W_z, W_h, b_z, b_h)

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read sequences: one scan over all steps, or for a single step the formula itself.

        Args:
            x: float, (B, T, E).
            h_0: float, (B, H), the state before the first step; None for zeros.

        Returns:
            The states of all steps, (B, T, H), and the last one, (B, H).

        Raises:
            TypeError: x or h_0 is not a tensor of floating-point numbers.
            ValueError: a shape does not fit.
        """
        self._check(x, h_0)
        return self.read(x, h_0)

    def read(self, x: Tensor, h_0: Tensor | None) -> tuple[Tensor, Tensor]:
        """Do what `forward` does, with arguments that are known to fit."""
        # In bfloat16 a long chain of products would lose too much: the scan has the weights' type.
        z, n = self.gates(x).to(self.gates.weight.dtype).chunk(2, dim=-1)
        z, n = torch.sigmoid(z), positive(n)
        if x.shape[1] == 1:
            h = z * n if h_0 is None else torch.lerp(h_0[:, None], n, z)
        else:
            h = scan_in_blocks(1 - z, z * n, h_0)
        return h, h[:, -1]

    def _check(self, x: Tensor, h_0: Tensor | None) -> None:
        """Refuse what does not fit the layer."""
        weight = self.gates.weight
        tensor("x", x, ndim=3, shape="(B, T, E)", kind="floating")
        if x.shape[1] == 0 or x.shape[2] != weight.shape[1]:
            raise ValueError(
                f"x must be (B, T, {weight.shape[1]}) with T at least 1, got {tuple(x.shape)}"
            )
        given = {"x": x}
        if h_0 is not None:
            tensor("h_0", h_0, ndim=2, shape="(B, H)", kind="floating")
            given["h_0"] = h_0
            if h_0.shape != (len(x), self.hidden_size):
                raise ValueError(
                    f"h_0 must be (B, H) = ({len(x)}, {self.hidden_size}) for this x, got "
                    f"{tuple(h_0.shape)}"
                )
        for name, part in given.items():
            if part.dtype != weight.dtype and not torch.is_autocast_enabled(weight.device.type):
                raise TypeError(f"{name} must be {weight.dtype}, got {part.dtype}")


class MinGRUBlock(nn.Module):
    """Add to every vector what a minGRU has read so far.

    The layer reads its normalised input mixed with that of the step before: each number has its own
    share of the two, at first from 0 to 1 (the "token shift" of Peng et al., 2023, "RWKV"; Feng et
    al. use a convolution over 4 steps). What the minGRU says is multiplied by a second gate.
    """

    def __init__(self, width: int, hidden_size: int) -> None:
        """Build the parts with PyTorch's usual start values."""
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.share_before = nn.Parameter(torch.linspace(0, 1, width))
        self.cell = MinGRU(width, hidden_size)
        self.open = nn.Linear(width, hidden_size)
        self.back = nn.Linear(hidden_size, width)

    def forward(self, x: Tensor, state: Pair | None = None) -> tuple[Tensor, Pair]:
        """Read sequences.

        Args:
            x: float, (B, T, C).
            state: the minGRU's state, (B, H), and the last normalised input, (B, C); None for
                zeros.

        Returns:
            The new vectors, (B, T, C), and the new state.
        """
        y = self.norm(x)
        h_0, first = (None, torch.zeros_like(y[:, 0])) if state is None else state
        before = torch.cat([first[:, None], y[:, :-1]], dim=1)
        mixed = torch.lerp(y, before, self.share_before)
        h, last = self.cell.read(mixed, h_0)
        return x + self.back(h * F.silu(self.open(mixed))), (last, y[:, -1])


class MinGRULM(nn.Module):
    """Predict the next symbol at every step: embedding, minGRU layers, decoder.

    >>> model = MinGRULM(MinGRULMConfig(vocab_size=4, width=6, hidden_size=8))
    >>> logits, (h, last) = model(torch.tensor([[0, 1, 2, 2]]))
    >>> logits.shape, h.shape, last.shape
    (torch.Size([1, 4, 4]), torch.Size([2, 1, 8]), torch.Size([2, 1, 6]))

    Attributes:
        config: what the model was built from.
        encoder: nn.Embedding.
        blocks: the layers, each adds to what it reads.
        norm: nn.LayerNorm.
        decoder: nn.Linear from C to V.
    """

    def __init__(self, config: MinGRULMConfig) -> None:
        """Build the parts with PyTorch's usual start values."""
        super().__init__()
        self.config = instance("config", config, MinGRULMConfig)
        self.encoder = nn.Embedding(config.vocab_size, config.width)
        blocks = [MinGRUBlock(config.width, config.hidden_size) for _ in range(config.num_layers)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(config.width)
        self.decoder = nn.Linear(config.width, config.vocab_size)

    def forward(self, tokens: Tensor, state: Pair | None = None) -> tuple[Tensor, Pair]:
        """Read symbols and return the scores of the next symbol after each of them.

        Args:
            tokens: int64, (B, T), symbols from 0 to V - 1, B and T at least 1.
            state: what an earlier call returned, to read on; None starts from zeros.

        Returns:
            logits: float, (B, T, V); logits[:, t] is about the symbol after tokens[:, t].
            state: of every layer the minGRU's state, (L, B, H), and its last normalised input,
                (L, B, C); still attached to the graph of gradients.

        Raises:
            TypeError: tokens is not int64, or state is not of the kind that this model has.
            ValueError: a shape does not fit, or a token is outside the vocabulary.
        """
        check_tokens(tokens, self.config.vocab_size)
        states = [None] * len(self.blocks)
        if state is not None:
            self._check_state(state, tokens.shape[0])
            states = zip(*state, strict=True)
        x, ends = self.encoder(tokens), []
        for block, before in zip(self.blocks, states, strict=True):
            x, end = block(x, before)
            ends.append(end)
        hidden, last = (torch.stack(part) for part in zip(*ends, strict=True))
        return self.decoder(self.norm(x)), (hidden, last)

    def _check_state(self, state: Pair, batch_size: int) -> None:
        """Refuse a state that another model, or another batch, left behind."""
        if not isinstance(state, tuple) or len(state) != 2:
            seen = f"{len(state)} tensors" if isinstance(state, tuple) else type(state).__name__
            raise TypeError(f"state must be the pair (h, last input) of a MinGRULM, got {seen}")
        config = self.config
        for name, part, size in zip(
            ("h", "last input"), state, (config.hidden_size, config.width), strict=True
        ):
            wanted = (config.num_layers, batch_size, size)
            check_state_part(f"the state's {name}", part, wanted, self.decoder.weight)
