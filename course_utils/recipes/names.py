"""From a surname to its language: the data, the split, the network and its training.

Notebook 06 builds this step by step; here it stands as one recipe, which the benchmark runs and
which makes the checkpoint that ships with the course:

    python -m course_utils.recipes.train_names
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course_utils.arguments import instance, real_number, whole_number
from course_utils.batching import batches_by_length
from course_utils.models import SequenceClassifier, SequenceClassifierConfig
from course_utils.models.inputs import check_size, settle
from course_utils.recipes.names_data import (
    LETTERS,
    MAX_LETTERS,
    NameData,
    Split,
    check_rows,
    prepare_names,
    spell,
    split_by_line,
    split_by_name,
)
from course_utils.training import TrainHistory, TrainOptions, train

__all__ = [
    "LETTERS",
    "MAX_LETTERS",
    "NameData",
    "NamesRecipe",
    "Split",
    "build_network",
    "check_rows",
    "deal_batches",
    "prepare_names",
    "spell",
    "split_by_line",
    "split_by_name",
    "train_names",
]


@dataclass(frozen=True)
class NamesRecipe:
    """How the names are learned.

    Attributes:
        kind, embed_dim, hidden_size, dropout, input_dropout: see SequenceClassifierConfig.
        n_steps, learning_rate, weight_decay: see TrainOptions.
        batch_size: names per step.
        balance: how often a language is drawn: in proportion to (its names) ** (1 - balance).
            0 draws as the data are, 1 draws all languages equally often, 0.5 lies between.
        smoothing: label smoothing of the cross-entropy (Szegedy et al., 2016), from 0 to 1.
        seed: fixes the start weights and the order of the batches.
    """

    kind: str = "lstm"
    embed_dim: int = 64
    hidden_size: int = 128
    dropout: float = 0.5
    input_dropout: float = 0.2
    n_steps: int = 3600
    batch_size: int = 64
    learning_rate: float = 0.004
    weight_decay: float = 0.05
    balance: float = 0.0
    smoothing: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no network can be built from, or trained with."""
        network = vars(_sizes(self, n_classes=1))
        options = vars(_options(self))
        own = {name for name in vars(self) if name in network or name in options}
        settle(self, **{name: (network | options)[name] for name in own})
        settle(
            self,
            batch_size=check_size("batch_size", self.batch_size),
            balance=real_number("balance", self.balance, least=0, most=1),
            smoothing=real_number("smoothing", self.smoothing, least=0, most=1),
            seed=whole_number("seed", self.seed, least=0, most=2**63 - 1),
        )


def deal_batches(
    data: NameData, rows: Tensor, *, batch_size: int, balance: float, seed: int
) -> Iterator[Tensor]:
    """Deal out batches of rows without an end, each pass in a new order.

    Args:
        data: the names.
        rows: int64, the rows to train on.
        batch_size, balance, seed: see NamesRecipe.

    Yields:
        int64, (B,), rows of the data.

    Raises:
        TypeError, ValueError, IndexError: an argument is not of its kind, out of its range, or
            there is no such row; at the call.
    """
    instance("data", data, NameData)
    rows = check_rows(rows, len(data.names))
    batch_size = check_size("batch_size", batch_size)
    balance = real_number("balance", balance, least=0, most=1)
    seed = whole_number("seed", seed, least=0, most=2**63 - 1)
    return _dealt(data, rows, batch_size, balance, seed)


def _dealt(
    data: NameData, rows: Tensor, batch_size: int, balance: float, seed: int
) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    # Of c names of a language, each gets weight c ** -balance: together c ** (1 - balance).
    weights = data.prior(rows)[data.labels[rows]].double() ** -balance
    while True:
        drawn = rows
        if balance:
            drawn = rows[torch.multinomial(weights, len(rows), True, generator=generator)]
        yield from batches_by_length(data.batch.lengths, drawn, batch_size, generator)


def build_network(data: NameData, recipe: NamesRecipe) -> SequenceClassifier:
    """Build the untrained network of a recipe.

    Raises:
        TypeError: data is no NameData, or recipe no NamesRecipe.
    """
    instance("data", data, NameData)
    instance("recipe", recipe, NamesRecipe)
    torch.manual_seed(recipe.seed)
    return SequenceClassifier(_sizes(recipe, n_classes=len(data.languages)))


def _sizes(recipe: NamesRecipe, *, n_classes: int) -> SequenceClassifierConfig:
    """Return how the network of a recipe is built."""
    return SequenceClassifierConfig(
        vocab_size=len(LETTERS),
        n_classes=n_classes,
        kind=recipe.kind,
        embed_dim=recipe.embed_dim,
        hidden_size=recipe.hidden_size,
        dropout=recipe.dropout,
        input_dropout=recipe.input_dropout,
    )


def _options(recipe: NamesRecipe, *, progress: bool = False) -> TrainOptions:
    """Return how the network of a recipe is trained."""
    return TrainOptions(
        recipe.n_steps,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        progress=progress,
    )


def train_names(
    network: SequenceClassifier,
    data: NameData,
    rows: Tensor,
    recipe: NamesRecipe,
    *,
    progress: bool = False,
) -> TrainHistory:
    """Train the network in place on some rows of the data.

    Args:
        network: as `build_network` makes it, on any device.
        data: the names.
        rows: int64, the rows to train on.
        recipe: how.
        progress: show a progress bar.

    Returns:
        The history of the run.

    Raises:
        TypeError, ValueError, IndexError: an argument is not of its kind, or there is no such row.
    """
    instance("network", network, SequenceClassifier)
    instance("recipe", recipe, NamesRecipe)
    stream = deal_batches(
        data, rows, batch_size=recipe.batch_size, balance=recipe.balance, seed=recipe.seed
    )
    device = next(network.parameters()).device
    batch, labels = data.batch.to(device), data.labels.to(device)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=recipe.smoothing)

    def loss_of(model: nn.Module, drawn: Tensor) -> Tensor:
        return loss_fn(model(*batch.take(drawn)), labels[drawn.to(device)])

    return train(network, stream, loss_of, _options(recipe, progress=progress))
