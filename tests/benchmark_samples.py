"""Every benchmark: its module, the keys that it must report, and how to make it small."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from benchmarks import generate, loop, memory, models, names, shakespeare, word2vec
from course_utils.recipes.budgets import Size, recipe_for
from course_utils.text import word_sentences

RUNNABLE = {"generate": generate, "loop": loop, "memory": memory, "names": names}
RUNNABLE |= {"models": models, "shakespeare": shakespeare, "word2vec": word2vec}
REQUIRED = {
    "generate": "naive_chars_per_s module_chars_per_s best_chars_per_s ratio",
    "loop": "names_per_s bare_names_per_s names_ratio tokens_per_s bare_tokens_per_s tokens_ratio "
    "stream_chars_per_s bare_stream_chars_per_s stream_ratio",
    "memory": "small_text_mb text_mb small_peak_mb peak_mb difference_mb",
    "models": "params tokens_per_s val_bits_per_char generate_chars_per_s seconds lengths "
    "saved_bytes_per_token state_bytes gru_ms lstm_ms mingru_ms attention_ms",
    "names": "lecture_seconds ours_seconds_to_same speedup ours_plain ours_macro svm_plain "
    "svm_macro ours_seconds ours_plain_by_name ours_macro_by_name svm_plain_by_name",
    "shakespeare": "runs seconds val_nats tokens_per_s params cell gpt_seconds gpt_val_nats "
    "within_gpt_seconds fits",
    "word2vec": "ours_words_per_s gensim_words_per_s ours_probe gensim_probe ratio ours_loss "
    "gensim_loss textbook_words_per_s textbook_ratio",
}
TINY = {
    "generate": ["--length", "3", "--units", "8", "--rounds", "1"],
    "loop": ["--steps", "2", "--rounds", "1"],
    "memory": ["--steps", "1", "--megabytes", "3"],
    "models": ["--stand-in", "--steps", "2", "--seconds", "0.01"],
    "names": ["--stand-in", "--lecture-steps", "23", "--ours-steps", "3"],
    "shakespeare": ["--stand-in", "--steps", "2", "--seconds", "0.1", "--more"],
    "word2vec": ["--stand-in", "--epochs", "1", "--rounds", "1", "--dim", "4"],
}


def shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make what the options do not make small enough for a test."""
    monkeypatch.setattr(names, "QUICK", replace(names.QUICK, n_steps=20))
    monkeypatch.setattr(shakespeare, "GPT", replace(shakespeare.GPT, n_layers=1, width=8))
    monkeypatch.setattr(models, "GPT", replace(models.GPT, n_layers=1, width=16))
    monkeypatch.setattr(models, "WRITTEN", 20)
    monkeypatch.setattr(models, "LENGTHS", ((1, 4, (2, 3)), (2, 4, (2, 3))))
    monkeypatch.setattr(word2vec.Parts, "of", lambda corpus: small_parts(corpus.text))
    narrow = partial(recipe_for, sizes=[Size(0, hidden_size=8, dropout=0.0)])
    monkeypatch.setattr(shakespeare, "recipe_for", narrow)
    # Without the processes that are measured: see test_benchmarks_memory.py.
    monkeypatch.setattr(memory, "peak_mb", lambda path, **options: path.stat().st_size / memory.MB)


def small_parts(text: str) -> word2vec.Parts:
    """Cut the beginning of a text into sentences: enough for words of two groups."""
    sentences = word_sentences(text[:100_000])
    return word2vec.Parts(sentences[:-50], sentences[-50:])
