"""Learn word vectors from a text, hold them, and measure how good they are."""

from course_utils.word_vectors.analogies import (
    AnalogyReport,
    AnalogyScore,
    analogy_accuracy,
    load_analogies,
)
from course_utils.word_vectors.config import WordVectorConfig
from course_utils.word_vectors.engine import train_word_vectors
from course_utils.word_vectors.held_out import negative_sampling_score
from course_utils.word_vectors.losses import negative_sampling_loss
from course_utils.word_vectors.noise import keep_probabilities, noise_probabilities
from course_utils.word_vectors.pairs import cbow_pairs, skip_gram_pairs
from course_utils.word_vectors.permutation import PermutationResult, permutation_test
from course_utils.word_vectors.probe import group_probe, group_shares, load_groups
from course_utils.word_vectors.steps import cbow_gradients, skip_gram_gradients
from course_utils.word_vectors.textbook import SkipGram, train_textbook
from course_utils.word_vectors.vectors import WordVectors

__all__ = [
    "AnalogyReport",
    "AnalogyScore",
    "PermutationResult",
    "SkipGram",
    "WordVectorConfig",
    "WordVectors",
    "analogy_accuracy",
    "cbow_gradients",
    "cbow_pairs",
    "group_probe",
    "group_shares",
    "keep_probabilities",
    "load_analogies",
    "load_groups",
    "negative_sampling_loss",
    "negative_sampling_score",
    "noise_probabilities",
    "permutation_test",
    "skip_gram_gradients",
    "skip_gram_pairs",
    "train_textbook",
    "train_word_vectors",
]
