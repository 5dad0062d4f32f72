"""What a language model of the course is built from: sizes, start weights, and fair widths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import nn

from course_utils.arguments import instance, real_number, shown, whole_number
from course_utils.models import CharLM, CharLMConfig
from course_utils.models.inputs import MOST_NUMBERS, check_module, check_size, settle
from course_utils.training.options import TrainOptions

_SHARED = ("n_steps", "learning_rate", "warmup", "weight_decay", "clip", "max_seconds")


@dataclass(frozen=True)
class LanguageRecipe:
    """How a language model is built and trained.

    Attributes:
        kind, hidden_size, embed_dim, num_layers, dropout, layer_norm: see CharLMConfig.
        forget_bias: an LSTM's forget gates start with this bias, so that it remembers from the
            beginning (Jozefowicz et al., 2015); other layers have no such gate.
        n_streams: streams that are read side by side, all processes together.
        chunk_len: symbols of each stream in a step: how far the gradient goes back.
        n_steps, learning_rate, warmup, weight_decay, clip, max_seconds: see TrainOptions.
        seed: start weights and dropout.
    """

    kind: str = "lstm"
    hidden_size: int = 256
    embed_dim: int = 64
    num_layers: int = 1
    dropout: float = 0.05
    layer_norm: bool = True
    forget_bias: float = 1.0
    n_streams: int = 32
    chunk_len: int = 64
    n_steps: int = 1800
    learning_rate: float = 0.024
    warmup: float = 0.02
    weight_decay: float = 0.1
    clip: float = 1.0
    max_seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no network can be built from, or trained with."""
        config = model_config(1, self)
        settle(self, **{name: value for name, value in vars(config).items() if name in vars(self)})
        options = TrainOptions(**{name: getattr(self, name) for name in _SHARED})
        settle(self, **{name: getattr(options, name) for name in _SHARED})
        settle(
            self,
            forget_bias=real_number("forget_bias", self.forget_bias),
            n_streams=check_size("n_streams", self.n_streams),
            chunk_len=check_size("chunk_len", self.chunk_len),
            seed=whole_number("seed", self.seed, least=0, most=2**63 - 2**20),
        )


def build_language_model(vocab_size: int, recipe: LanguageRecipe) -> CharLM:
    """Build the network of a recipe; the same seed gives the same weights.

    Args:
        vocab_size: V, how many symbols the text has.
        recipe: sizes and seed.

    Returns:
        A CharLM on the CPU.

    Raises:
        TypeError, ValueError: recipe is no LanguageRecipe, or vocab_size no size.
    """
    instance("recipe", recipe, LanguageRecipe)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = CharLM(model_config(vocab_size, recipe))
    if recipe.kind == "lstm":
        open_forget_gates(model.rnn, recipe.forget_bias)
    return model


def open_forget_gates(layers: nn.LSTM, bias: float) -> None:
    """Set the bias of all forget gates.

    Args:
        layers: its bias_ih and bias_hh hold the gates in the order i, f, g, o, H numbers each.
        bias: the sum of the two; 1 lets sigmoid(1) = 73 % of the cell state pass at first.

    Raises:
        TypeError, ValueError: layers is no nn.LSTM, or bias no finite number.
    """
    instance("layers", layers, nn.LSTM, what="an nn.LSTM")
    bias = real_number("bias", bias, least=-1e30, most=1e30)
    H = layers.hidden_size
    with torch.no_grad():
        for name, tensor in layers.named_parameters():
            if name.startswith("bias"):
                tensor[H : 2 * H] = bias if name.startswith("bias_ih") else 0.0


def model_config(vocab_size: int, recipe: LanguageRecipe) -> CharLMConfig:
    """Return the sizes of the network of a recipe.

    Raises:
        TypeError, ValueError: recipe is no LanguageRecipe, or a size is none.
    """
    instance("recipe", recipe, LanguageRecipe)
    return CharLMConfig(
        vocab_size,
        kind=recipe.kind,
        embed_dim=recipe.embed_dim,
        hidden_size=recipe.hidden_size,
        num_layers=recipe.num_layers,
        dropout=recipe.dropout,
        layer_norm=recipe.layer_norm,
    )


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers a network learns.

    Raises:
        TypeError: model is no network.
    """
    check_module("model", model)
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def equal_width(kind: str, n_parameters: int, vocab_size: int, recipe: LanguageRecipe) -> int:
    """Return the hidden size with which a network comes closest to a number of parameters.

    Args:
        kind: "rnn", "gru" or "lstm".
        n_parameters: the number to meet.
        vocab_size: V.
        recipe: everything else about the network.

    Returns:
        H, at least 1.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: one is out of its range, or n_parameters is more than the course builds.
    """
    instance("recipe", recipe, LanguageRecipe)
    n_parameters = whole_number("n_parameters", n_parameters, least=1)
    if n_parameters > MOST_NUMBERS // 8:
        raise ValueError(
            f"n_parameters must be at most {MOST_NUMBERS // 8:,} here, got {shown(n_parameters)}"
        )

    def count(hidden_size: int) -> int:
        config = model_config(vocab_size, replace(recipe, kind=kind, hidden_size=hidden_size))
        with torch.device("meta"):  # shapes, and no numbers
            return count_parameters(CharLM(config))

    low, high = 1, 2
    while count(high) < n_parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if count(middle) < n_parameters else (low, middle)
    return min(low, high, key=lambda width: abs(count(width) - n_parameters))
