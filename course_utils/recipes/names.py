"""From a surname to its language: the data, the split, the network and its training.

Notebook 06 builds this step by step; here it stands as one recipe, which the benchmark runs and
which makes the checkpoint that ships with the course:

    python -m course_utils.recipes.train_names
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.batching import PaddedBatch, batches_by_length, pad
from course_utils.models import SequenceClassifier, SequenceClassifierConfig
from course_utils.text import Vocabulary, normalise
from course_utils.training import TrainHistory, TrainOptions, train

# What `normalise` leaves, in lower case: a capital says nothing about the language.
LETTERS = Vocabulary(tuple("abcdefghijklmnopqrstuvwxyz .,;'-"))
MAX_LETTERS = 60


class Split(NamedTuple):
    """Rows to train on and rows held out: int64, (N_train,) and (N_test,)."""

    train: Tensor
    test: Tensor


@dataclass(frozen=True)
class NameData:
    """Surnames of several languages, ready for a network.

    Attributes:
        names: N names as the network sees them: normalised, in lower case.
        batch: their letters as numbers, padded: tokens (N, T), lengths (N,).
        labels: int64, (N,), the language of each name.
        languages: the C languages; a label is a place here.
    """

    names: tuple[str, ...]
    batch: PaddedBatch
    labels: Tensor
    languages: tuple[str, ...]

    def prior(self, rows: Tensor) -> Tensor:
        """Return the share of each language among some rows: float, (C,)."""
        counts = torch.bincount(self.labels[rows], minlength=len(self.languages))
        return counts / counts.sum()


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


def spell(name: str) -> list[int]:
    """Write a name as the network's symbols.

    >>> LETTERS.decode(spell("Šlusàrski"))
    ['s', 'l', 'u', 's', 'a', 'r', 's', 'k', 'i']

    Args:
        name: any text; marks are removed, letters outside the alphabet are left out.

    Returns:
        From 1 to MAX_LETTERS indices of LETTERS.

    Raises:
        TypeError: name is not a string.
        ValueError: no letter of the alphabet is left, or too many are.
    """
    letters = normalise(name).strip().lower()
    if not any(letter.isalpha() for letter in letters):
        raise ValueError(
            f"{name[:20]!r} holds no letter from a to z. The network has only seen names in the "
            "Latin alphabet: write the name in Latin letters, such as Kim for 김."
        )
    if len(letters) > MAX_LETTERS:
        raise ValueError(
            f"a name may have up to {MAX_LETTERS} letters here, this one has {len(letters)}"
        )
    return LETTERS.encode(letters)


def prepare_names(names: Mapping[str, Sequence[str]]) -> NameData:
    """Turn lists of names into numbers.

    Args:
        names: for each language its surnames, as `corpora.load_names().names`.

    Returns:
        The data, in the order of the lists, duplicates kept.

    Raises:
        ValueError: there is no name, or one cannot be spelled.
    """
    pairs = [(name, label) for label, group in enumerate(names.values()) for name in group]
    spelled = [spell(name) for name, _ in pairs]
    return NameData(
        names=tuple("".join(LETTERS.decode(symbols)) for symbols in spelled),
        batch=pad(spelled),
        labels=torch.tensor([label for _, label in pairs]),
        languages=tuple(names),
    )


def split_by_line(data: NameData, *, seed: int = 0) -> Split:
    """Hold out a fifth of the lines of every language, although a name may stand on two lines."""
    from sklearn.model_selection import train_test_split

    rows = range(len(data.names))
    parts = train_test_split(rows, test_size=0.2, stratify=data.labels, random_state=seed)
    return Split(*(torch.tensor(sorted(part)) for part in parts))


def split_by_name(data: NameData, *, seed: int = 0) -> Split:
    """Hold out about a fifth of every language; all lines of one name stay on one side."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed)
    parts = next(folds.split(data.names, data.labels, groups=data.names))
    return Split(*(torch.as_tensor(part) for part in parts))


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
    """
    generator = torch.Generator().manual_seed(seed)
    # Of c names of a language, each gets weight c ** -balance: together c ** (1 - balance).
    weights = data.prior(rows)[data.labels[rows]].double() ** -balance
    while True:
        drawn = rows
        if balance:
            drawn = rows[torch.multinomial(weights, len(rows), True, generator=generator)]
        yield from batches_by_length(data.batch.lengths, drawn, batch_size, generator)


def build_network(data: NameData, recipe: NamesRecipe) -> SequenceClassifier:
    """Build the untrained network of a recipe."""
    torch.manual_seed(recipe.seed)
    return SequenceClassifier(
        SequenceClassifierConfig(
            vocab_size=len(LETTERS),
            n_classes=len(data.languages),
            kind=recipe.kind,
            embed_dim=recipe.embed_dim,
            hidden_size=recipe.hidden_size,
            dropout=recipe.dropout,
            input_dropout=recipe.input_dropout,
        )
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
    """
    device = next(network.parameters()).device
    batch, labels = data.batch.to(device), data.labels.to(device)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=recipe.smoothing)

    def loss_of(model: nn.Module, drawn: Tensor) -> Tensor:
        return loss_fn(model(*batch.take(drawn)), labels[drawn.to(device)])

    stream = deal_batches(
        data, rows, batch_size=recipe.batch_size, balance=recipe.balance, seed=recipe.seed
    )
    options = TrainOptions(
        recipe.n_steps,
        learning_rate=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        progress=progress,
    )
    return train(network, stream, loss_of, options)
