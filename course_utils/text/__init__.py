"""Turn text into numbers, and count what stands in it; pure Python, no file, no network."""

from course_utils.text.bpe import BytePairTokenizer, learn_bpe
from course_utils.text.compression import xz_alone, xz_bits_per_char
from course_utils.text.copies import longest_copy
from course_utils.text.landmarks import causal_features
from course_utils.text.ngrams import NGramModel
from course_utils.text.quality import (
    Quality,
    compare_quality,
    judge,
    known_words,
    speaker_names,
)
from course_utils.text.rhymes import rhyme
from course_utils.text.runs import ngrams
from course_utils.text.symbols import Vocabulary, normalise, one_hot
from course_utils.text.words import count_words, word_sentences

__all__ = [
    "BytePairTokenizer",
    "NGramModel",
    "Quality",
    "Vocabulary",
    "causal_features",
    "compare_quality",
    "count_words",
    "judge",
    "known_words",
    "learn_bpe",
    "longest_copy",
    "ngrams",
    "normalise",
    "one_hot",
    "rhyme",
    "speaker_names",
    "word_sentences",
    "xz_alone",
    "xz_bits_per_char",
]
