"""A language model: it reads symbols and says, at every step, how likely each next symbol is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course_utils.arguments import flag, instance, one_of, real_number, shown
from course_utils.models.inputs import (
    MOST_LAYERS,
    MOST_NUMBERS,
    check_memory,
    check_size,
    check_state_part,
    check_tokens,
    settle,
    settle_sizes,
)

State = Tensor | tuple[Tensor, Tensor]

RECURRENT = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}  # rows of a weight matrix for one unit


@dataclass(frozen=True)
class CharLMConfig:
    """How a CharLM is built.

    Attributes:
        vocab_size: V, how many symbols there are.
        kind: the recurrent layer, "rnn" (with tanh), "gru" or "lstm".
        embed_dim: E, the length of a symbol's vector; None reads one-hot vectors, as the lecture.
        hidden_size: H, units per layer.
        num_layers: L, recurrent layers on top of each other.
        dropout: part of the numbers that training sets to 0, from 0 up to (not including) 1:
            after the embedding (never on one-hot vectors: the symbol would be lost), between
            recurrent layers, before the output layer.
        layer_norm: normalise the hidden state before the output layer (Ba, Kiros & Hinton, 2016).
    """

    vocab_size: int
    kind: str = "lstm"
    embed_dim: int | None = None
    hidden_size: int = 128
    num_layers: int = 1
    dropout: float = 0.0
    layer_norm: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes and kinds from which no network can be built."""
        settle_sizes(self, "vocab_size", "hidden_size")
        settle_sizes(self, "num_layers", most=MOST_LAYERS)
        if self.embed_dim is not None:
            settle_sizes(self, "embed_dim")
        settle(
            self,
            kind=one_of("kind", self.kind, RECURRENT),
            dropout=real_number("dropout", self.dropout, least=0, below=1),
            layer_norm=flag("layer_norm", self.layer_norm),
        )
        V, H, G = self.vocab_size, self.hidden_size, GATES[self.kind]
        E = self.embed_dim or V
        layers = G * H * (E + H + 2) + (self.num_layers - 1) * G * H * (2 * H + 2)
        check_memory(V * E + layers + V * (H + 1), vars(self))


class CharLM(nn.Module):
    """Predict the next symbol at every step: encoder, recurrent layers, decoder.

    The parts are PyTorch's own modules, made in the order in which they are used, so a network
    that is put together by hand after the same torch.manual_seed has the same weights.

    >>> model = CharLM(CharLMConfig(vocab_size=4, kind="gru", hidden_size=8))
    >>> logits, state = model(torch.tensor([[0, 1, 2, 2]]))
    >>> logits.shape, state.shape
    (torch.Size([1, 4, 4]), torch.Size([1, 1, 8]))

    Attributes:
        config: what the model was built from.
        encoder: symbols to vectors: nn.Embedding, or one-hot vectors, which have no weights.
        rnn: nn.RNN, nn.GRU or nn.LSTM, batch first.
        norm: nn.LayerNorm, or nn.Identity.
        decoder: nn.Linear from H to V.
    """

    def __init__(self, config: CharLMConfig) -> None:
        """Build the parts with PyTorch's usual start values."""
        super().__init__()
        self.config = instance("config", config, CharLMConfig)
        V, E, H = config.vocab_size, config.embed_dim, config.hidden_size
        self.encoder = OneHot(V) if E is None else nn.Embedding(V, E)
        self.rnn = RECURRENT[config.kind](
            V if E is None else E,
            H,
            config.num_layers,
            batch_first=True,
            # With one layer there is nothing in between, and PyTorch warns.
            dropout=config.dropout if config.num_layers > 1 else 0.0,
        )
        self.norm = nn.LayerNorm(H) if config.layer_norm else nn.Identity()
        self.decoder = nn.Linear(H, V)
        self.drop_input = nn.Dropout(0.0 if E is None else config.dropout)
        self.drop_output = nn.Dropout(config.dropout)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read symbols and return the scores of the next symbol after each of them.

        Args:
            tokens: int64, (B, T), symbols from 0 to V - 1, B and T at least 1.
            state: what an earlier call returned, to read on; None starts from zeros.

        Returns:
            logits: float, (B, T, V); logits[:, t] is about the symbol after tokens[:, t].
            state: the state after the last step, still attached to the graph of gradients.

        Raises:
            TypeError: tokens is not int64, or state is not of the kind that this model has.
            ValueError: a shape does not fit, or a token is outside the vocabulary.
        """
        check_tokens(tokens, self.config.vocab_size)
        if state is not None:
            self._check_state(state, tokens.shape[0])
        hidden, state = self.rnn(self.drop_input(self.encoder(tokens)), state)
        return self.decoder(self.drop_output(self.norm(hidden))), state

    def init_hidden(self, batch_size: int) -> State:
        """Return the state before the first symbol: zeros.

        Args:
            batch_size: B, at least 1.

        Returns:
            float, (L, B, H); the pair (h, c) of two such tensors for an LSTM.

        Raises:
            TypeError: batch_size is no whole number.
            ValueError: batch_size is below 1, or so large that no memory holds the state.
        """
        most = MOST_NUMBERS // (self.config.num_layers * self.config.hidden_size)
        batch_size = check_size("batch_size", batch_size, most=most)
        shape = (self.config.num_layers, batch_size, self.config.hidden_size)
        zeros = self.decoder.weight.new_zeros(shape)
        return (zeros, zeros.clone()) if self.config.kind == "lstm" else zeros

    def _check_state(self, state: State, batch_size: int) -> None:
        """Refuse a state that another kind of layer, or another batch, left behind."""
        is_pair = self.config.kind == "lstm"
        is_right = isinstance(state, tuple) and len(state) == 2 if is_pair else _is_tensor(state)
        if not is_right:
            wanted = "the pair (h, c)" if is_pair else "one tensor h"
            raise TypeError(
                f"state must be {wanted} for kind={self.config.kind!r}, got {_told(state)}"
            )
        wanted = (self.config.num_layers, batch_size, self.config.hidden_size)
        for name, part in zip("hc", state if is_pair else (state,), strict=False):
            like = self.decoder.weight
            check_state_part(f"the state's {name}", part, wanted, like, form="(L, B, H) = ")


def _is_tensor(value: object) -> bool:
    return isinstance(value, Tensor)


def _told(state: object) -> str:
    """Say what was given for a state."""
    if _is_tensor(state):
        return "one tensor"
    return f"{len(state)} tensors" if isinstance(state, tuple) else shown(state)


class OneHot(nn.Module):
    """Turn symbols into one-hot vectors: rows of the identity matrix, with nothing to learn."""

    def __init__(self, vocab_size: int) -> None:
        """Keep the identity matrix, (V, V), which no checkpoint needs to hold."""
        super().__init__()
        self.register_buffer("rows", torch.eye(vocab_size), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return float vectors, (..., V), for int64 tokens (...)."""
        return nn.functional.embedding(tokens, self.rows)


def detach_state(state: State) -> State:
    """Cut the state off from the graph of gradients; its values stay.

    Truncated backpropagation through time carries the state into the next chunk of a text and
    stops the gradient at the border (Williams & Peng, 1990, "An efficient gradient-based algorithm
    for on-line training of recurrent network trajectories").

    Args:
        state: a tensor, or the pair (h, c) of an LSTM.

    Returns:
        The same values, in the same form.

    Raises:
        TypeError: state is something else.
    """
    is_pair = isinstance(state, tuple) and all(map(_is_tensor, state))
    if not is_pair and not _is_tensor(state):
        raise TypeError(f"state must be a tensor or the pair (h, c) of tensors, got {shown(state)}")
    return state.detach() if isinstance(state, Tensor) else tuple(part.detach() for part in state)
