"""Word vectors from the same text: ours, gensim's, and autograd with dense gradients.

The same sentences, dimensions, passes and smallest count for ours and gensim, on the CPU, with as
many workers, in one process. See README.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import mean
from typing import NamedTuple

from benchmarks import common
from course_utils import corpora
from course_utils.corpora import TextCorpus
from course_utils.runtime import threads_limited
from course_utils.text import word_sentences
from course_utils.word_vectors import (
    WordVectorConfig,
    WordVectors,
    group_probe,
    load_groups,
    negative_sampling_score,
    train_textbook,
    train_word_vectors,
)

MIN_COUNT = 5
DEFAULTS = WordVectorConfig()
WARM_UP_SENTENCES = 300  # before the clock starts: the first calls of a process are slower

Sentences = list[list[str]]


class Parts(NamedTuple):
    """The sentences of a text: the first nine tenths to learn from, the others to measure."""

    training: Sentences
    held_out: Sentences

    @classmethod
    def of(cls, corpus: TextCorpus) -> Parts:
        """Cut a text into words and sentences, and split it."""
        sentences = word_sentences(corpus.text)
        border = len(sentences) * 9 // 10
        return cls(sentences[:border], sentences[border:])

    def n_words(self) -> int:
        """Return how many words stand in the training part, rare ones included."""
        return sum(map(len, self.training))


def run_gensim(sentences: Sentences, config: WordVectorConfig) -> WordVectors:
    """Train gensim's Word2Vec, everything else at its own defaults; seed 0 of ours is its 1."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        sentences,
        sg=1,
        vector_size=config.dim,
        window=config.window,
        negative=config.negatives,
        sample=config.threshold,
        min_count=MIN_COUNT,
        epochs=config.n_epochs,
        workers=config.workers,
        seed=config.seed + 1,
    )
    return WordVectors.from_gensim(model)


def run_ours(sentences: Sentences, config: WordVectorConfig) -> WordVectors:
    """Train our fast form."""
    return train_word_vectors(sentences, config, min_count=MIN_COUNT)


def run_textbook(sentences: Sentences, config: WordVectorConfig) -> WordVectors:
    """Train one pass in the textbook form, with one thread: its speed is that of every pass."""
    with threads_limited(1):  # with two threads on one free core it takes minutes
        return train_textbook(sentences, replace(config, n_epochs=1), min_count=MIN_COUNT)


RUNS = {"ours": run_ours, "gensim": run_gensim, "textbook": run_textbook}


def time_all(
    parts: Parts, config: WordVectorConfig, rounds: int
) -> tuple[dict[str, float], dict[str, list[WordVectors]]]:
    """Let all three train in every round, each round with another seed.

    Returns:
        Their median seconds, and the vectors of all rounds.
    """
    vectors: dict[str, list[WordVectors]] = {name: [] for name in RUNS}

    def contender(name: str) -> Callable[[int], None]:
        def run(i: int) -> None:
            vectors[name].append(RUNS[name](parts.training, replace(config, seed=i)))
            common.note(f"round {i + 1} of {rounds}: {name}")

        return run

    for run in RUNS.values():
        run(parts.training[:WARM_UP_SENTENCES], replace(config, n_epochs=1))
    return common.alternate({name: contender(name) for name in RUNS}, rounds=rounds), vectors


def compare(corpus: TextCorpus, options: argparse.Namespace) -> dict[str, object]:
    """Run everything, and return the figures under their names in the README."""
    parts, groups = Parts.of(corpus), load_groups(corpus.is_standin)
    config = WordVectorConfig(n_epochs=options.epochs, dim=options.dim, workers=options.threads)
    seconds, vectors = time_all(parts, config, options.rounds)
    n_words = parts.n_words()
    passes = {"ours": config.n_epochs, "gensim": config.n_epochs, "textbook": 1}
    speeds = {name: n_words * passes[name] / seconds[name] for name in RUNS}
    figures: dict[str, object] = {f"{name}_words_per_s": speeds[name] for name in RUNS}
    figures["ratio"] = speeds["ours"] / speeds["gensim"]
    figures["textbook_ratio"] = speeds["textbook"] / speeds["gensim"]
    for name in ("ours", "gensim"):
        found = vectors[name]
        losses = [negative_sampling_score(each, parts.held_out) for each in found]
        figures |= {
            f"{name}_loss": mean(losses),
            f"{name}_probe": mean(group_probe(each, groups) for each in found),
        }
    sizes = {"words": n_words, "vocabulary": len(vectors["ours"][0]), "dim": config.dim}
    return figures | sizes | {"epochs": config.n_epochs, "data": corpus.source}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command-line options."""
    made = common.options_parser("word2vec", __doc__, threads=min(2, os.cpu_count() or 1))
    whole = common.at_least_one
    about = "times that all take their turn (default 6)"
    made.add_argument("--rounds", type=whole, default=6, help=about)
    about = f"passes over the text (default {DEFAULTS.n_epochs})"
    made.add_argument("--epochs", type=whole, default=DEFAULTS.n_epochs, help=about)
    about = f"numbers in a vector (default {DEFAULTS.dim})"
    made.add_argument("--dim", type=whole, default=DEFAULTS.dim, help=about)
    common.add_stand_in(made)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark with these command-line arguments (None: those of the process)."""
    common.run_on_text(parser(), arguments, corpora.load_shakespeare, compare)


if __name__ == "__main__":
    main()
