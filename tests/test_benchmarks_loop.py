"""Both sides of the loop's benchmark do the same work on the same text."""

from __future__ import annotations

from functools import partial

import torch

from benchmarks import loop
from course_utils.corpora import LongText
from course_utils.recipes.language import LanguageRecipe
from course_utils.training import StreamLoss

SIZES = {"hidden_size": 4, "embed_dim": 4, "n_streams": 2, "chunk_len": 8}


def test_both_sides_read_the_same_chunks_and_carry_the_state(monkeypatch):
    seen = {}

    class Watched(StreamLoss):
        def __call__(self, model, chunk):
            carried = None if self.state is None else self.state[0].clone()
            seen[name].append((chunk.inputs, chunk.targets, carried, model.training))
            return super().__call__(model, chunk)

    def run(contenders, n_things, rounds):
        nonlocal name
        assert (n_things, rounds) == (3 * 2 * 8, 7)
        for name, contender in reversed(contenders.items()):  # the bare one changes no weights
            seen[name] = []
            contender(0)
        return dict.fromkeys(contenders, 5.0)

    name = ""
    text = LongText.from_string("how many times, how many times\n" * 9)
    monkeypatch.setattr(loop, "StreamLoss", Watched)
    monkeypatch.setattr(loop, "rates", run)
    monkeypatch.setattr(loop, "LanguageRecipe", partial(LanguageRecipe, **SIZES))
    monkeypatch.setattr(loop.corpora, "open_shakespeare", lambda: text)
    figures = loop.time_streams(3, 7)
    assert figures["stream_ratio"] == 1.0
    ours, bare = seen["stream_chars_per_s"], seen["bare_stream_chars_per_s"]
    assert len(ours) == len(bare) == 3
    for i, (mine, theirs) in enumerate(zip(ours, bare, strict=True)):
        assert torch.equal(mine[0], theirs[0])
        assert torch.equal(mine[1], theirs[1])
        assert (mine[2] is None) == (theirs[2] is None) == (i == 0)
        assert mine[3] is theirs[3] is True
    assert not torch.equal(bare[1][0], bare[2][0])
    assert not torch.equal(bare[1][2], bare[2][2])
