"""Word2vec as one writes it first: autograd, dense gradients, own noise words for every pair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor, nn

from course_utils.arguments import flag, instance, real_number, tensor
from course_utils.models.inputs import check_memory, check_size
from course_utils.word_vectors.config import WordVectorConfig
from course_utils.word_vectors.losses import negative_sampling_loss
from course_utils.word_vectors.noise import keep_probabilities, noise_probabilities
from course_utils.word_vectors.rows import number_text
from course_utils.word_vectors.vectors import WordVectors


class SkipGram(nn.Module):
    """Skip-gram with negative sampling: two vectors for every word.

    Args:
        vocab_size: V, the number of words.
        dim: D, numbers in a vector.
        sparse: give sparse gradients, with only the rows that a batch has used; optimisers such as
            SparseAdam and SGD take them. Otherwise each gradient is as large as its table.

    Attributes:
        centres: the vectors that are used afterwards; they begin small and random.
        contexts: the vectors of the same words as neighbours and as noise; they begin at 0.
    """

    def __init__(self, vocab_size: int, dim: int, *, sparse: bool = False) -> None:
        super().__init__()
        vocab_size, dim = check_size("vocab_size", vocab_size), check_size("dim", dim)
        check_memory(2 * vocab_size * dim, {"vocab_size": vocab_size, "dim": dim})
        sparse = flag("sparse", sparse)
        self.centres = nn.Embedding(vocab_size, dim, sparse=sparse)
        self.contexts = nn.Embedding(vocab_size, dim, sparse=sparse)
        nn.init.uniform_(self.centres.weight, -0.5 / dim, 0.5 / dim)
        nn.init.zeros_(self.contexts.weight)

    def forward(self, centres: Tensor, contexts: Tensor, noise: Tensor) -> Tensor:
        """Return the loss of negative sampling, in nats per pair.

        Args:
            centres: numbers of words, int64, (B,).
            contexts: numbers of their true neighbours, int64, (B,).
            noise: numbers of K noise words for every pair, int64, (B, K).

        Returns:
            The mean over the pairs, a scalar.

        Raises:
            TypeError: an argument is no tensor of int64.
            ValueError: a shape does not fit, or a number is outside the vocabulary.
        """
        self._check(centres, contexts, noise)
        return negative_sampling_loss(
            self.centres(centres), self.contexts(contexts), self.contexts(noise)
        )

    def _check(self, centres: Tensor, contexts: Tensor, noise: Tensor) -> None:
        """Refuse what are no numbers of words."""
        V = self.centres.num_embeddings
        for name, words in (("centres", centres), ("contexts", contexts), ("noise", noise)):
            tensor(name, words, ndim=2 if name == "noise" else 1, kind="whole")
            if len(words) != len(centres) or len(words) == 0:
                raise ValueError(
                    "centres, contexts and noise must have one row for each of B pairs, B at "
                    f"least 1, got {len(centres)} centres and {len(words)} rows of {name}"
                )
            if words.numel() and not (0 <= int(words.min()) and int(words.max()) < V):
                raise ValueError(
                    f"{name} must hold words from 0 to {V - 1}, got {int(words.min())} to "
                    f"{int(words.max())}"
                )


def train_textbook(
    sentences: Iterable[Sequence[str]],
    config: WordVectorConfig | None = None,
    *,
    min_count: int = 5,
    batch_size: int = 2048,
    learning_rate: float = 0.005,
    sparse: bool = False,
) -> WordVectors:
    """Learn word vectors with Adam and autograd: slow, and easy to read.

    The same task as `train_word_vectors`, for comparison. Its blocks, workers and learning rates in
    the config do not count here, nor does cbow.

    Args:
        sentences: lists of words, as `word_sentences` gives them.
        config: how to train; None for the defaults.
        min_count: rarer words are left out, at least 1.
        batch_size: pairs in one step, at least 1.
        learning_rate: of Adam, the same in all steps.
        sparse: SparseAdam with sparse gradients instead of Adam.

    Returns:
        The vectors, most frequent word first.

    Raises:
        TypeError: sentences is not made of lists of words.
        ValueError: there is no word, none reaches min_count, or an argument is out of its range.
    """
    batch_size = check_size("batch_size", batch_size)
    learning_rate = real_number("learning_rate", learning_rate, above=0)
    config = WordVectorConfig() if config is None else instance("config", config, WordVectorConfig)
    text = number_text(sentences, min_count=min_count)
    generator = torch.Generator().manual_seed(config.seed)
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay as they are
        torch.manual_seed(config.seed)
        model = SkipGram(len(text.words), config.dim, sparse=sparse)
    kind = torch.optim.SparseAdam if sparse else torch.optim.Adam
    optimizer = kind(list(model.parameters()), lr=learning_rate)
    keep = keep_probabilities(text.counts, threshold=config.threshold)
    chances = noise_probabilities(text.counts, power=config.power)
    for _ in range(config.n_epochs):
        pairs = epoch_pairs(text.row, text.sentence, keep, config.window, generator)
        for centres, contexts in _batches(*pairs, batch_size, generator):
            size = len(centres) * config.negatives
            noise = chances.multinomial(size, replacement=True, generator=generator)
            optimizer.zero_grad()
            model(centres, contexts, noise.view(-1, config.negatives)).backward()
            optimizer.step()
    return WordVectors(text.words, model.centres.weight, model.contexts.weight, text.counts)


def epoch_pairs(
    row: Tensor, sentence: Tensor, keep: Tensor, window: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Thin out frequent words, draw a window for every word, and pair it with its neighbours.

    Args:
        row: numbers of words, int64, (N,).
        sentence: the number of each word's sentence, int64, (N,).
        keep: chance of each word of the vocabulary to stay, float32, (V,).
        window: the largest window; every word draws its own from 1 to this.
        generator: of the random numbers.

    Returns:
        centres and contexts, int64, (P,) each, the nearest neighbours first.
    """
    stays = torch.rand(len(row), generator=generator) < keep[row]
    row, sentence = row[stays], sentence[stays]
    reach = torch.randint(1, window + 1, (len(row),), generator=generator)
    centres, contexts = [row[:0]], [row[:0]]
    for distance in range(1, min(window, len(row) - 1) + 1):
        left, right = slice(0, len(row) - distance), slice(distance, len(row))
        together = sentence[left] == sentence[right]
        for one, other in ((left, right), (right, left)):
            chosen = together & (reach[one] >= distance)
            centres.append(row[one][chosen])
            contexts.append(row[other][chosen])
    return torch.cat(centres), torch.cat(contexts)


def _batches(
    centres: Tensor, contexts: Tensor, size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Shuffle pairs, and cut them into batches."""
    order = torch.randperm(len(centres), generator=generator)
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield centres[chosen], contexts[chosen]
