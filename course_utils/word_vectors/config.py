"""How to train word vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from course_utils.arguments import flag, real_number, whole_number
from course_utils.models.inputs import MOST_NUMBERS, MOST_SIZE, settle, settle_sizes


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
        most = {"window": 1000, "workers": 1024, "n_epochs": 10**9}
        for name in counts.split():
            settle_sizes(self, name, most=most.get(name, MOST_SIZE))
        settle(
            self,
            seed=whole_number("seed", self.seed, least=0, most=2**63 - 1),
            learning_rate=real_number("learning_rate", self.learning_rate, above=0),
            last_rate=real_number("last_rate", self.last_rate),
            threshold=checked_threshold(self.threshold),
            power=real_number("power", self.power),
            cbow=flag("cbow", self.cbow),
        )
        if not 0 <= self.last_rate <= self.learning_rate:
            raise ValueError(
                f"last_rate must be from 0 to learning_rate = {self.learning_rate}, "
                f"got {self.last_rate}"
            )
        self._check_step()

    def _check_step(self) -> None:
        """Refuse a step that no memory holds."""
        words = self.block_len + 2 * self.window + self.noise_per_block
        largest = self.blocks_per_step * words * max(self.dim, self.block_len)
        if largest > MOST_NUMBERS:
            raise ValueError(
                f"one step would hold tables of {largest:,} numbers, at most {MOST_NUMBERS:,} are "
                "built: choose a smaller dim, window, block_len, blocks_per_step or noise_per_block"
            )

    def rate(self, done: float) -> float:
        """Return the learning rate when this share of the text is done, from 0 to 1.

        Raises:
            TypeError, ValueError: done is no number from 0 to 1.

        >>> WordVectorConfig(learning_rate=0.5, last_rate=0.1).rate(0.5)
        0.3
        """
        done = real_number("done", done, least=0, most=1)
        return self.learning_rate + done * (self.last_rate - self.learning_rate)


def checked_threshold(threshold: float) -> float:
    """Return the threshold of `keep_probabilities`; infinity is one, too.

    Raises:
        TypeError: threshold is no number.
        ValueError: it is not above 0.
    """
    is_infinite = isinstance(threshold, float) and threshold == math.inf
    return math.inf if is_infinite else real_number("threshold", threshold, above=0)
