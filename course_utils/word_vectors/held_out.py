"""How well word vectors predict the neighbours in a text that they have not seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils.arguments import instance, real_number, whole_number
from course_utils.models.inputs import MOST_SIZE
from course_utils.word_vectors.noise import noise_probabilities
from course_utils.word_vectors.rows import number_words
from course_utils.word_vectors.vectors import WordVectors

_SCORES_AT_ONCE = 2**22  # centres times words: 16 MiB of float32


def negative_sampling_score(
    vectors: WordVectors,
    sentences: Iterable[Sequence[str]],
    *,
    window: int = 5,
    negatives: int = 5,
    power: float = 0.75,
) -> float:
    """Return the loss of negative sampling on a text, in nats per pair, without any chance in it.

    Every word is paired with all its neighbours in the window: nothing is thinned out, and no
    window is reduced. Of the noise words the exact mean over the vocabulary is taken instead of a
    sample. So two sets of vectors can be compared to the last digit, wherever they were trained, if
    their vocabularies are the same. A guess of 0 for every score costs (1 + negatives) * log 2.

    Args:
        vectors: with contexts and counts; counts of the training text set the noise.
        sentences: lists of words, as `word_sentences` gives them; unknown words are dropped.
        window: words on each side, at least 1.
        negatives: noise words per pair, at least 1.
        power: of `noise_probabilities`.

    Returns:
        The mean of -log s(u_pos . v) - negatives * E[log s(-u . v)] over all pairs.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: vectors has no contexts, window or negatives is below 1, or the sentences hold
            no pair of known words.
    """
    instance("vectors", vectors, WordVectors)
    power = real_number("power", power)
    window = whole_number("window", window)
    negatives = whole_number("negatives", negatives, most=MOST_SIZE)
    if vectors.contexts is None or vectors.counts is None:
        raise ValueError(
            "vectors has no contexts (the second table of word2vec) or no counts, and without them "
            "there is no loss; take the vectors as train_word_vectors, or WordVectors.from_gensim "
            "for a whole model, returns them"
        )
    if window < 1 or negatives < 1:
        raise ValueError(
            f"window and negatives must be at least 1, got window={window}, negatives={negatives}"
        )
    first, second = _neighbours(*number_words(sentences, vectors.index), window)
    # Each pair counts in both directions: both words are centres.
    centres, contexts = torch.cat([first, second]), torch.cat([second, first])
    noise = noise_probabilities(vectors.counts, power=power)
    total = _pair_loss(vectors, centres, contexts)
    total += negatives * _noise_loss(vectors, centres, noise)
    return float(total / len(centres))


def _neighbours(row: Tensor, sentence: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Return the numbers of all words that stand at most `window` apart in one sentence."""
    firsts, seconds = [], []
    for distance in range(1, min(window, len(row) - 1) + 1):
        together = sentence[:-distance] == sentence[distance:]
        firsts.append(row[:-distance][together])
        seconds.append(row[distance:][together])
    if not sum(map(len, firsts)):
        raise ValueError(
            "sentences hold no two neighbours that are in the vocabulary; take a longer text"
        )
    return torch.cat(firsts), torch.cat(seconds)


def _pair_loss(vectors: WordVectors, centres: Tensor, contexts: Tensor) -> Tensor:
    """Return the sum of -log s(u . v) over the true pairs, float64."""
    total = torch.zeros((), dtype=torch.float64)
    size = max(1, _SCORES_AT_ONCE // vectors.vectors.shape[1])
    for centre, context in zip(centres.split(size), contexts.split(size), strict=True):
        scores = (vectors.vectors[centre] * vectors.contexts[context]).sum(dim=1)
        total -= F.logsigmoid(scores).double().sum()
    return total


def _noise_loss(vectors: WordVectors, centres: Tensor, noise: Tensor) -> Tensor:
    """Return the sum of E[-log s(-u . v)] over the pairs, u drawn from the noise, float64."""
    words, n_pairs = centres.unique(return_counts=True)
    total = torch.zeros((), dtype=torch.float64)
    size = max(1, _SCORES_AT_ONCE // len(noise))
    for word, times in zip(words.split(size), n_pairs.split(size), strict=True):
        scores = vectors.vectors[word] @ vectors.contexts.T
        total -= (F.logsigmoid(-scores) @ noise).double() @ times.double()
    return total
