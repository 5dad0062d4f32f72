"""A small causal Transformer (GPT): every symbol looks back at the symbols before it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.arguments import instance, tensor
from course_utils.models.inputs import (
    MOST_LAYERS,
    check_memory,
    check_state_part,
    check_tokens,
    settle_sizes,
)

Cache = tuple[Tensor, ...]


@dataclass(frozen=True)
class GPTConfig:
    """How a GPT is built; the sizes that are set here are nanoGPT's for a computer without GPU.

    Attributes:
        vocab_size: V, how many symbols there are.
        n_layers: L, blocks of attention and feed-forward network.
        n_heads: heads of the attention, each with D = width / n_heads dimensions.
        width: C, the length of the vector of one symbol, a multiple of n_heads.
        context: the most symbols that it can see at once.
    """

    vocab_size: int
    n_layers: int = 4
    n_heads: int = 4
    width: int = 128
    context: int = 64

    def __post_init__(self) -> None:
        """Refuse sizes from which no network can be built."""
        settle_sizes(self, "vocab_size", "n_heads", "width", "context")
        settle_sizes(self, "n_layers", most=MOST_LAYERS)
        if self.width % self.n_heads:
            raise ValueError(
                f"width must be a multiple of n_heads={self.n_heads}, so that every head gets "
                f"equally many dimensions; got {self.width}"
            )
        C, n_rows = self.width, self.vocab_size + self.context
        check_memory(self.n_layers * C * (12 * C + 2) + (n_rows + 1) * C, vars(self))


class Block(nn.Module):
    """Let every symbol look at those before it, and then work on each alone.

    Both parts read a normalised copy and add to what they read (pre-norm); no part has biases.
    """

    def __init__(self, width: int, n_heads: int) -> None:
        """Build the parts with PyTorch's usual start values."""
        super().__init__()
        self.n_heads = n_heads
        self.norm_1 = nn.LayerNorm(width, bias=False)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.mix = nn.Linear(width, width, bias=False)
        self.norm_2 = nn.LayerNorm(width, bias=False)
        self.widen = nn.Linear(width, 4 * width, bias=False)
        self.narrow = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, seen: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Work on new symbols.

        Args:
            x: float, (B, T, C), the vectors of T new symbols.
            seen: float, (2, B, heads, S, D), keys and values of the S symbols before them; None
                when there are none.

        Returns:
            The new vectors, (B, T, C), and the keys and values of all S + T symbols.
        """
        parts = self.query_key_value(self.norm_1(x)).unflatten(-1, (3, self.n_heads, -1))
        parts = parts.permute(2, 0, 3, 1, 4)
        queries, pairs = parts[0], parts[1:]
        if seen is not None:
            pairs = torch.cat([seen, pairs], dim=3)
        mixed = _attended(queries, pairs[0], pairs[1])
        x = x + self.mix(mixed.transpose(1, 2).flatten(2))
        return x + self.narrow(F.gelu(self.widen(self.norm_2(x)))), pairs


def attention(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Let the last T of S symbols look at themselves and at all symbols before them.

    softmax(q k^T / sqrt(D)) v, with a weight of 0 for every later symbol (Vaswani et al., 2017,
    "Attention is all you need", equation 1).

    Args:
        queries: float, (B, heads, T, D), of the last T symbols.
        keys, values: float, (B, heads, S, D), of all of them; S at least T.

    Returns:
        float, (B, heads, T, D).

    Raises:
        TypeError: an argument is not a tensor of floating-point numbers, or their dtypes differ.
        ValueError: the shapes do not fit together.
    """
    given = {"queries": queries, "keys": keys, "values": values}
    for name, part in given.items():
        tensor(name, part, ndim=4, shape="(B, heads, T, D)", kind="floating")
    told = ", ".join(f"{name} {tuple(part.shape)}" for name, part in given.items())
    if len({part.dtype for part in given.values()}) > 1:
        told = ", ".join(f"{name} {part.dtype}" for name, part in given.items())
        raise TypeError(f"queries, keys and values must have the same dtype, got {told}")
    (B, heads, T, D), S = queries.shape, keys.shape[2]
    if keys.shape != (B, heads, S, D) or values.shape != keys.shape or not 1 <= T <= S:
        raise ValueError(
            "queries must be (B, heads, T, D), keys and values (B, heads, S, D) with S at least T "
            f"and T at least 1, got {told}"
        )
    return _attended(queries, keys, values)


def _attended(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Do what `attention` does, with arguments that are known to fit."""
    T, S = queries.shape[2], keys.shape[2]
    if T == S:
        return F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    # PyTorch's own causal mask would count from the first key, so this one is made by hand.
    sees = torch.ones(T, S, dtype=torch.bool, device=queries.device).tril(S - T) if T > 1 else None
    return F.scaled_dot_product_attention(queries, keys, values, attn_mask=sees)


class GPT(nn.Module):
    """Predict the next symbol at every place.

    The scores use the same matrix as the embedding. Start weights are normal with standard
    deviation 0.02; the two matrices of a block that add to its input start smaller, by the square
    root of the number of these additions (Radford et al., 2019, "GPT-2", section 2.3).

    The state is a key-value cache: the symbols in the context, and of each layer the keys and
    values that they have. A new symbol costs one new column, instead of the whole context again.

    **When the context is full**, the model forgets the older half: it reads the last context // 2
    symbols again, as if a text began with them, and goes on from there. So a symbol is predicted
    from the last context // 2 to context symbols, and on average a new symbol costs two columns.
    Sliding on by one symbol would give every symbol another place: the whole context would have to
    be read again for each.

    >>> model = GPT(GPTConfig(vocab_size=4, n_layers=1, n_heads=2, width=8, context=6))
    >>> logits, state = model(torch.tensor([[0, 1, 2, 2]]))
    >>> logits.shape, [tuple(part.shape) for part in state]
    (torch.Size([1, 4, 4]), [(1, 4), (2, 1, 2, 4, 4)])

    Attributes:
        config: what the model was built from.
        letters: the vector of each symbol, (V, C).
        places: the vector of each place in the context, (context, C).
        blocks, norm: what comes after them.
    """

    def __init__(self, config: GPTConfig) -> None:
        """Build the parts and draw the start weights."""
        super().__init__()
        self.config = instance("config", config, GPTConfig)
        self.letters = nn.Embedding(config.vocab_size, config.width)
        self.places = nn.Embedding(config.context, config.width)
        blocks = [Block(config.width, config.n_heads) for _ in range(config.n_layers)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(config.width, bias=False)
        smaller = 0.02 / math.sqrt(2 * config.n_layers)
        for name, weights in self.named_parameters():
            if weights.dim() == 2:
                adds = name.endswith(("mix.weight", "narrow.weight"))
                nn.init.normal_(weights, std=smaller if adds else 0.02)

    def forward(self, tokens: Tensor, state: Cache | None = None) -> tuple[Tensor, Cache]:
        """Read symbols and return the scores of the next symbol after each of them.

        Args:
            tokens: int64, (B, T), symbols from 0 to V - 1, B and T at least 1. T may be larger
                than the context: see above for what happens when it is full.
            state: what an earlier call returned, to read on; None begins a text.

        Returns:
            logits: float, (B, T, V); logits[:, t] has seen the symbols up to t and none after it.
            state: the symbols in the context, int64 (B, S), and of every layer their keys and
                values, (2, B, heads, S, D); still attached to the graph of gradients.

        Raises:
            TypeError: tokens is not int64, or state is not of the kind that this model has.
            ValueError: a shape does not fit, or a token is outside the vocabulary.
        """
        check_tokens(tokens, self.config.vocab_size)
        if state is not None:
            self._check_state(state, tokens.shape[0])
        pieces = []
        while tokens.shape[1]:
            state = self._with_room(state)
            room = self.config.context - (0 if state is None else state[0].shape[1])
            x, state = self._read(tokens[:, :room], state)
            pieces.append(x)
            tokens = tokens[:, room:]
        x = pieces[0] if len(pieces) == 1 else torch.cat(pieces, dim=1)
        return F.linear(self.norm(x), self.letters.weight), state

    def _read(self, tokens: Tensor, state: Cache | None) -> tuple[Tensor, Cache]:
        """Read symbols for which there is room; return their vectors (B, T, C) and the state."""
        before, *caches = [None] * (1 + len(self.blocks)) if state is None else state
        first = 0 if before is None else before.shape[1]
        x = self.letters(tokens) + self.places.weight[first : first + tokens.shape[1]]
        pairs = []
        for block, seen in zip(self.blocks, caches, strict=True):
            x, both = block(x, seen)
            pairs.append(both)
        return x, (tokens if before is None else torch.cat([before, tokens], dim=1), *pairs)

    def _with_room(self, state: Cache | None) -> Cache | None:
        """Return the state as it is, or of a full context the newer half, read again."""
        if state is None or state[0].shape[1] < self.config.context:
            return state
        kept = self.config.context // 2
        check_tokens(state[0], self.config.vocab_size, name="part 0 of the state")
        return self._read(state[0][:, -kept:], None)[1] if kept else None

    def _check_state(self, state: Cache, batch_size: int) -> None:
        """Refuse a state that another model, or another batch, left behind."""
        config, n_parts = self.config, 1 + len(self.blocks)
        if not isinstance(state, tuple) or len(state) != n_parts:
            seen = f"{len(state)} tensors" if isinstance(state, tuple) else type(state).__name__
            raise TypeError(
                f"state must be the {n_parts} tensors that this model returned: the symbols, and "
                f"one cache for each of the {config.n_layers} layers; got {seen}"
            )
        tensor("part 0 of the state", state[0], ndim=2, shape="(B, S)")
        if state[0].dtype != torch.int64:
            raise TypeError(f"part 0 of the state must be int64 symbols, got {state[0].dtype}")
        S = state[0].shape[1]
        if not 1 <= S <= config.context:
            raise ValueError(f"the state must hold 1 to {config.context} symbols, got {S}")
        rest = (2, batch_size, config.n_heads, S, config.width // config.n_heads)
        for i, part in enumerate(state):
            wanted, like = (rest, self.norm.weight) if i else ((batch_size, S), part)
            check_state_part(f"part {i} of the state", part, wanted, like)
