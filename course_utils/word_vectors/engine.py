"""Word2vec in plain PyTorch, fast: blocks of words, shared noise words, no autograd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from course_utils.arguments import flag, instance
from course_utils.models.inputs import check_memory
from course_utils.training.interrupts import StopButton
from course_utils.training.precision import checked_device
from course_utils.word_vectors.blocks import Blocks, epoch_blocks
from course_utils.word_vectors.config import WordVectorConfig
from course_utils.word_vectors.crew import run_in_crew
from course_utils.word_vectors.noise import keep_probabilities, noise_probabilities
from course_utils.word_vectors.rows import NumberedText, number_text
from course_utils.word_vectors.steps import Table, fast_cbow, fast_skip_gram
from course_utils.word_vectors.vectors import WordVectors

_MOST_OFTEN = 16  # times that the most frequent word may be a centre in one step, on average


def train_word_vectors(
    sentences: Iterable[Sequence[str]],
    config: WordVectorConfig | None = None,
    *,
    min_count: int = 5,
    device: torch.device | str = "cpu",
    progress: bool = False,
) -> WordVectors:
    """Learn word vectors from a text with skip-gram or CBOW and negative sampling.

    The loss, the windows, the thinning out of frequent words and the noise are those of word2vec
    (Mikolov et al., 2013) and of gensim. What is different: the centres of a block share their
    noise words, and the vectors are changed once per step, by Adagrad. An interrupt (the stop
    button of the notebook) ends the training early, and what was learned is returned.

    Args:
        sentences: lists of words, as `word_sentences` gives them; pairs stay in one sentence.
        config: how to train; None for the defaults.
        min_count: rarer words are left out, at least 1.
        device: where to compute, such as `pick_device()` returns.
        progress: show a progress bar with the words per second.

    Returns:
        The vectors, on the CPU, most frequent word first. With one worker the same config gives
        the same vectors; several workers do not wait for each other, so their runs differ a little.

    Raises:
        TypeError: sentences is not made of lists of words, or an argument is not of its kind.
        ValueError: there is no word, or none reaches min_count; the vectors became NaN or infinite,
            because the learning rate is too high. That is seen after the epoch.
    """
    config = WordVectorConfig() if config is None else instance("config", config, WordVectorConfig)
    device, progress = checked_device(device), flag("progress", progress)
    text = number_text(sentences, min_count=min_count)
    check_memory(2 * len(text.words) * config.dim, {"words": len(text.words), "dim": config.dim})
    training = _Training(text, config, device)
    total = text.n_raw * config.n_epochs
    with StopButton() as button:
        try:
            with _bar(total, show=progress) as bar:
                run_in_crew(training.steps(bar), training.learn, n_workers=config.workers)
            button.hold()
        except KeyboardInterrupt:
            pass  # not in the crew, which ends at once: just before it or after it
        button.hold()
        tables = training.vectors.rows, training.contexts.rows
        return WordVectors(text.words, *tables, text.counts)


class _Step(NamedTuple):
    """What one step learns from.

    Attributes:
        blocks: the words and their pairs.
        noise: numbers of the noise words of each block, int64, (B, K).
        rate: the learning rate.
    """

    blocks: Blocks
    noise: Tensor
    rate: float


class _Training:
    """The two tables of vectors, the random numbers, and the steps."""

    def __init__(self, text: NumberedText, config: WordVectorConfig, device: torch.device) -> None:
        self.config = config
        self.n_raw = text.n_raw
        self.generator = torch.Generator(device).manual_seed(config.seed)
        self.row, self.sentence = text.row.to(device), text.sentence.to(device)
        self.keep = keep_probabilities(text.counts, threshold=config.threshold).to(device)
        chances = noise_probabilities(text.counts, power=config.power)
        # In float64: with many words the last sums of float32 would stand still.
        self.noise_sums = chances.double().cumsum(0).to(device)
        self.blocks_per_step = _blocks_per_step(text.counts, self.keep.cpu(), config)
        size = (len(text.words), config.dim)
        start = torch.rand(size, generator=self.generator, device=device) - 0.5
        self.vectors, self.contexts = Table(start / config.dim), Table(torch.zeros_like(start))

    def steps(self, bar: Any) -> Iterator[_Step]:
        """Return all steps in order; all random numbers are drawn here."""
        config, n_epochs = self.config, self.config.n_epochs
        for epoch in range(n_epochs):
            blocks_of_epoch = epoch_blocks(
                self.row, self.sentence, keep=self.keep, window=config.window,
                block_len=config.block_len, blocks_per_step=self.blocks_per_step,
                generator=self.generator,
            )  # fmt: skip
            for blocks, share in blocks_of_epoch:
                done = (epoch + share) / n_epochs
                yield _Step(blocks, self._draw_noise(len(blocks.centres)), config.rate(done))
                bar.update(round(done * n_epochs * self.n_raw) - bar.n)
            self._refuse_no_numbers(epoch + 1)

    def _refuse_no_numbers(self, epoch: int) -> None:
        """Stop a training that has exploded: the epochs that are left cannot repair it."""
        if not all(bool(table.rows.isfinite().all()) for table in (self.vectors, self.contexts)):
            config = self.config
            raise ValueError(
                f"learning_rate={config.learning_rate} is too high: the vectors became NaN or "
                f"infinite in epoch {epoch} of {config.n_epochs}. Train again with a smaller one."
            )

    def _draw_noise(self, n_blocks: int) -> Tensor:
        """Return numbers of noise words: int64, (n_blocks, K)."""
        size = (n_blocks, self.config.noise_per_block)
        draws = torch.rand(size, generator=self.generator, device=self.row.device)
        words = torch.searchsorted(self.noise_sums, draws.double(), right=True)
        return words.clamp_(max=len(self.noise_sums) - 1)

    def learn(self, step: _Step) -> None:
        """Compute the gradients of one step, and move the vectors."""
        inputs, outputs = step.blocks.centres, step.blocks.around
        gradients = fast_skip_gram
        if self.config.cbow:
            inputs, outputs, gradients = outputs, inputs, fast_cbow
        outputs = torch.cat([outputs, step.noise], dim=1)
        v, u = self.vectors.look_up(inputs), self.contexts.look_up(outputs)
        grad_v, grad_u = gradients(v, u, step.blocks.is_pair, negatives=self.config.negatives)
        self.vectors.descend(inputs, grad_v, step.rate)
        self.contexts.descend(outputs, grad_u, step.rate)


def _blocks_per_step(counts: Tensor, keep: Tensor, config: WordVectorConfig) -> int:
    """Return fewer blocks than asked for where the vocabulary is so small that words repeat."""
    kept = counts * keep
    most_often = float(kept.max() / kept.sum()) * config.block_len  # in one block
    return max(1, min(config.blocks_per_step, int(_MOST_OFTEN / most_often)))


def _bar(total: int, *, show: bool) -> Any:
    """Return a progress bar in words, shown or not."""
    from tqdm.auto import tqdm

    return tqdm(total=total, desc="training", unit=" words", unit_scale=True, disable=not show)
