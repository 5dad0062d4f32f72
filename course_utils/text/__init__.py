"""Turn text into numbers and count what follows what; pure Python, no file, no network."""

from course_utils.text.ngrams import NGramModel, ngrams
from course_utils.text.symbols import Vocabulary, normalise, one_hot

__all__ = ["NGramModel", "Vocabulary", "ngrams", "normalise", "one_hot"]
