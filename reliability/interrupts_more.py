"""More runs for `reliability.interrupts`: names, rivals, word vectors; and what they check."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from course_utils.recipes.names import NamesRecipe, build_network, prepare_names, train_names
from course_utils.recipes.rivals import build_rival, train_rival
from course_utils.recipes.rivals_recipes import RivalRecipe
from course_utils.word_vectors import WordVectorConfig, engine, train_word_vectors


def check(condition: bool, what: str) -> None:
    """Raise AssertionError when a condition does not hold."""
    if not condition:
        raise AssertionError(what)


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of all weights."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    """Tell whether two sets of weights are equal, bit by bit."""
    return ours.keys() == theirs.keys() and all(torch.equal(ours[n], theirs[n]) for n in ours)


def finite(model: nn.Module) -> bool:
    """Tell whether all weights are numbers."""
    return all(bool(p.isfinite().all()) for p in model.parameters())


class Names:
    """`train_names`."""

    data = prepare_names({"A": ["ono", "abe", "ueda", "ito"], "B": ["smith", "black", "hill"]})
    recipe = NamesRecipe(embed_dim=3, hidden_size=4, n_steps=6, batch_size=3)

    def __init__(self) -> None:
        self.network, self.history = build_network(self.data, self.recipe), None
        self.start = weights(self.network)

    def work(self) -> None:
        """Train."""
        rows = torch.arange(len(self.data.names))
        self.history = train_names(self.network, self.data, rows, self.recipe)

    def look(self, escaped: bool) -> str:
        """The network can be used."""
        check(finite(self.network), "a weight is no number")
        if escaped and same(weights(self.network), self.start):
            return "escaped before the first step"
        check(not self.network.training, "the network is in training mode")
        if escaped:
            return "escaped at the end"
        done = len(self.history.losses) == 6
        check(self.history.interrupted or done, "interrupted, and does not say so")
        return "stopped" if self.history.interrupted else "ended"


class Rivals:
    """`train_rival`: an interrupt comes out of it, and the model keeps what it learned."""

    numbers = torch.arange(900) * torch.arange(900) // 7 % 11

    def __init__(self) -> None:
        self.model = build_rival("gru", 11, 3000)
        self.start, self.run = weights(self.model), None

    def work(self) -> None:
        """Train."""
        recipe = RivalRecipe(learning_rate=0.01, batch_size=2, chunk_len=8)
        self.run = train_rival(self.model, self.numbers, n_steps=5, recipe=recipe, n_points=2)

    def look(self, escaped: bool) -> str:
        """The model can be used."""
        check(finite(self.model), "a weight is no number")
        if escaped and same(weights(self.model), self.start):
            return "escaped before the first step"
        check(not self.model.training, "the model is in training mode")
        check(escaped or self.run is not None, "neither an interrupt nor figures")
        return "escaped, keeps what it learned" if escaped else "ended"


class Vectors:
    """`train_word_vectors` with one worker."""

    text = [["sun", "moon", "star", "sea", "sun"], ["moon", "sea", "sun", "star"]] * 4

    def __init__(self) -> None:
        self.vectors, self.learned = None, 0

    def work(self) -> None:
        """Train, and count the finished steps."""
        learn = engine._Training.learn

        def counting(training: Any, step: Any) -> None:
            learn(training, step)
            self.learned += 1

        engine._Training.learn = counting
        try:
            config = WordVectorConfig(dim=4, n_epochs=2, threshold=10.0, block_len=4)
            self.vectors = train_word_vectors(self.text, config, min_count=1)
        finally:
            engine._Training.learn = learn

    def look(self, escaped: bool) -> str:
        """What was learned comes back."""
        if escaped:
            check(self.learned == 0, "vectors that had learned were lost")
            return "escaped before the first step"
        check(bool(self.vectors.vectors.isfinite().all()), "a number is NaN")
        return "returned"
