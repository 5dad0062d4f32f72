"""How to train word vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from course_utils.models.inputs import check_size


@dataclass(frozen=True)
class WordVectorConfig:
    """How to train word vectors.

    Attributes:
        dim: D, numbers in a vector, at least 1.
        window: most words on each side that count as neighbours, at least 1. As in the word2vec
            program, every centre draws its own window from 1 to this.
        negatives: noise words per true pair, at least 1.
        n_epochs: passes over the text, at least 1.
        learning_rate: at the first step, above 0.
        last_rate: at the last step, 0 or more; between them the rate falls on a straight line.
        threshold: of `keep_probabilities`, above 0; infinity keeps every word.
        power: of `noise_probabilities`.
        cbow: learn from the mean of the neighbours to their centre; otherwise skip-gram.
        seed: of all random numbers.
        block_len: L, neighbouring words that are computed together, at least 1.
        blocks_per_step: B, blocks between two changes of the vectors, at least 1.
        noise_per_block: K, noise words that the centres of a block share, at least 1. Each counts
            `negatives` / K for every pair, so that the loss stays the same on average.
        workers: threads that train at the same time, at least 1; more than the free cores of the
            machine make it slower, not faster.
    """

    dim: int = 64
    window: int = 5
    negatives: int = 5
    n_epochs: int = 15
    learning_rate: float = 0.18
    last_rate: float = 0.0001
    threshold: float = 1e-3
    power: float = 0.75
    cbow: bool = False
    seed: int = 0
    block_len: int = 32
    blocks_per_step: int = 32
    noise_per_block: int = 48
    workers: int = 1

    def __post_init__(self) -> None:
        """Refuse values that cannot train anything."""
        counts = "dim window negatives n_epochs block_len blocks_per_step noise_per_block workers"
        for name in counts.split():
            check_size(name, getattr(self, name))
        if not isinstance(self.seed, int):
            raise ValueError(f"seed must be a whole number, got {self.seed!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be above 0 and finite, got {self.learning_rate}")
        if not 0 <= self.last_rate <= self.learning_rate:
            raise ValueError(
                f"last_rate must be from 0 to learning_rate = {self.learning_rate}, "
                f"got {self.last_rate}"
            )
        if not self.threshold > 0:
            raise ValueError(f"threshold must be above 0, got {self.threshold}")
        if not math.isfinite(self.power):
            raise ValueError(f"power must be a finite number, got {self.power}")

    def rate(self, done: float) -> float:
        """Return the learning rate when this share of the text is done, from 0 to 1.

        >>> WordVectorConfig(learning_rate=0.5, last_rate=0.1).rate(0.5)
        0.3
        """
        return self.learning_rate + done * (self.last_rate - self.learning_rate)
