"""A classifier of sequences: it reads all symbols of a name and says which class it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from course_utils.arguments import flag, instance, one_of, real_number, tensor
from course_utils.models.inputs import check_memory, check_tokens, settle, settle_sizes
from course_utils.models.language import GATES, RECURRENT


@dataclass(frozen=True)
class SequenceClassifierConfig:
    """How a SequenceClassifier is built.

    Attributes:
        vocab_size: V, how many symbols there are.
        n_classes: C, how many classes there are.
        kind: the recurrent layer, "rnn" (with tanh), "gru" or "lstm".
        embed_dim: E, the length of a symbol's vector.
        hidden_size: H, units per direction.
        bidirectional: read also from the end to the start.
        dropout: part of the final hidden state that training sets to 0, from 0 up to (not
            including) 1.
        input_dropout: the same for the symbols' vectors.
    """

    vocab_size: int
    n_classes: int
    kind: str = "lstm"
    embed_dim: int = 64
    hidden_size: int = 128
    bidirectional: bool = True
    dropout: float = 0.0
    input_dropout: float = 0.0

    def __post_init__(self) -> None:
        """Refuse sizes and kinds from which no network can be built."""
        settle_sizes(self, "vocab_size", "n_classes", "embed_dim", "hidden_size")
        settle(
            self,
            kind=one_of("kind", self.kind, RECURRENT),
            bidirectional=flag("bidirectional", self.bidirectional),
            dropout=real_number("dropout", self.dropout, least=0, below=1),
            input_dropout=real_number("input_dropout", self.input_dropout, least=0, below=1),
        )
        V, E, H, C = self.vocab_size, self.embed_dim, self.hidden_size, self.n_classes
        rows = H * (1 + self.bidirectional)
        check_memory(V * E + GATES[self.kind] * rows * (E + H + 2) + C * (rows + 1), vars(self))


class SequenceClassifier(nn.Module):
    """Read sequences of different length, and answer from the last hidden state of each.

    Padding never reaches the recurrent layer: the batch is packed, so every row stops at its own
    last symbol, and the backward direction starts there. A row therefore gets the same answer
    alone and in any batch.

    >>> model = SequenceClassifier(SequenceClassifierConfig(vocab_size=5, n_classes=3))
    >>> model(torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])).shape
    torch.Size([2, 3])

    Attributes:
        config: what the model was built from.
        embed: nn.Embedding, V to E.
        rnn: nn.RNN, nn.GRU or nn.LSTM, batch first, one layer.
        decoder: nn.Linear from H (2 H with two directions) to C.
    """

    def __init__(self, config: SequenceClassifierConfig) -> None:
        """Build the parts with PyTorch's usual start values."""
        super().__init__()
        self.config = instance("config", config, SequenceClassifierConfig)
        self.embed = nn.Embedding(config.vocab_size, config.embed_dim)
        self.rnn = RECURRENT[config.kind](
            config.embed_dim,
            config.hidden_size,
            batch_first=True,
            bidirectional=config.bidirectional,
        )
        self.decoder = nn.Linear(config.hidden_size * (1 + config.bidirectional), config.n_classes)
        self.drop_input = nn.Dropout(config.input_dropout)
        self.drop_output = nn.Dropout(config.dropout)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Read the sequences and return a score for each class.

        Args:
            tokens: int64, (B, T), symbols from 0 to V - 1, padded after each row's end.
            lengths: int64, (B,), on the CPU, from 1 to T: the real symbols of each row.

        Returns:
            logits: float, (B, C).

        Raises:
            TypeError: tokens is not a tensor of int64, or lengths is not int64 on the CPU.
            ValueError: a shape or a length does not fit, or a symbol is outside the vocabulary.
        """
        self._check(tokens, lengths)
        x = self.drop_input(self.embed(tokens))
        # Rows of one length need no packing, and PyTorch's kernel for plain tensors is faster.
        if int(lengths.min()) < tokens.shape[1]:
            x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, state = self.rnn(x)
        h_n = state[0] if self.config.kind == "lstm" else state  # (directions, B, H)
        return self.decoder(self.drop_output(torch.cat([*h_n], dim=1)))

    def _check(self, tokens: Tensor, lengths: Tensor) -> None:
        """Refuse what is not a padded batch of symbols of the vocabulary."""
        check_tokens(tokens, self.config.vocab_size)
        if not isinstance(lengths, Tensor) or lengths.layout != torch.strided:
            tensor("lengths", lengths, shape="(B,)")
        if lengths.dtype != torch.int64 or lengths.device.type != "cpu":
            raise TypeError(
                f"lengths must be int64 on the CPU, got {lengths.dtype} on {lengths.device}: take "
                "the lengths of a PaddedBatch as they are, and move only its tokens"
            )
        if lengths.shape != tokens.shape[:1]:
            raise ValueError(
                f"lengths must be (B,) = ({len(tokens)},), one for each row of tokens, got "
                f"{tuple(lengths.shape)}"
            )
        if int(lengths.min()) < 1 or int(lengths.max()) > tokens.shape[1]:
            raise ValueError(
                f"lengths must be from 1 to T = {tokens.shape[1]}, got {int(lengths.min())} to "
                f"{int(lengths.max())}: an empty sequence has no last symbol to answer from"
            )
