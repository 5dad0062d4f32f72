"""What the tests of the recipe for names share: three made-up languages and a small guesser."""

from __future__ import annotations

import random

import torch

from course_utils.models import SequenceClassifier, SequenceClassifierConfig
from course_utils.recipes.guessing import NameGuesser, drawn_shares
from course_utils.recipes.names import LETTERS, NamesRecipe

LANGUAGES = ("North", "South", "West")
SHARES = torch.tensor([0.6, 0.3, 0.1])
SMALL = NamesRecipe(
    kind="gru", embed_dim=6, hidden_size=8, n_steps=60, batch_size=16, learning_rate=0.05, dropout=0
)


def made_up_names(sizes: tuple[int, ...] = (120, 60, 20)) -> dict[str, list[str]]:
    """Return names of three languages with letters of their own; a quarter are duplicates."""
    source = random.Random(0)
    letters = dict(zip(LANGUAGES, ("abcdefa", "nopqrso", "uvwxyzu"), strict=True))
    names: dict[str, list[str]] = {}
    for (language, own), size in zip(letters.items(), sizes, strict=True):
        distinct = [_made_up(source, own) for _ in range(size - size // 4)]
        names[language] = distinct + source.sample(distinct, size // 4)
    names["North"][:3] = names["South"][:3]  # three names that two languages have
    return names


def _made_up(source: random.Random, letters: str) -> str:
    """Return a name of three to eight letters."""
    return "".join(source.choices(letters, k=source.randint(3, 8))).capitalize()


def small_guesser(seed: int = 0, *, balance: float = 0.5, **options: object) -> NameGuesser:
    """Return a guesser whose network was not trained, but tells names apart."""
    torch.manual_seed(seed)
    config = SequenceClassifierConfig(
        len(LETTERS), len(LANGUAGES), **({"embed_dim": 6, "hidden_size": 5} | options)
    )
    network = SequenceClassifier(config)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(3)
        network.decoder.bias.zero_()
    return NameGuesser(network, LANGUAGES, drawn_shares(SHARES, balance), SHARES)
