"""The language models that ship with the course: small, comparable, and as good as they say."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
import torch

from course_utils.corpora import DataUnavailableError, open_shakespeare
from course_utils.corpora.registry import entry, shipped
from course_utils.recipes.language import count_parameters
from course_utils.recipes.learning import score
from course_utils.recipes.shipped import SHIPPED
from course_utils.recipes.writing import KINDS, Writer

FOLDER = shipped() / "checkpoints"


@pytest.mark.offline
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_small_and_made_with_the_present_recipe(kind):
    assert sum(path.stat().st_size for path in FOLDER.glob(f"{kind}.*")) <= 3_000_000
    facts = Writer.load(kind).facts
    assert facts["recipe"] == asdict(SHIPPED[kind])
    assert facts["data"]["sha256"] == entry("tinyshakespeare/input.txt").sha256
    assert re.fullmatch(rf"python -m course_utils\.train( --kind {kind})?", facts["command"])


@pytest.mark.offline
def test_they_can_be_compared():
    writers = [Writer.load(kind) for kind in KINDS]
    sizes = [count_parameters(writer.model) for writer in writers]
    assert max(sizes) < 1.01 * min(sizes)
    assert len({writer.vocabulary for writer in writers}) == 1
    assert len({writer.facts["curve"][-1]["letters"] for writer in writers}) == 1


@pytest.mark.offline
@pytest.mark.parametrize("kind", KINDS)
def test_it_writes_lines_and_speakers(kind):
    text = Writer.load(kind).write("ROMEO:\n", 3000, generator=torch.Generator().manual_seed(1))
    lines = text.split("\n")
    assert sum(re.fullmatch(r"[A-Z][A-Za-z ]*:", line) is not None for line in lines) > 5
    spoken = [len(line) for line in lines if line]
    assert 20 < sum(spoken) / len(spoken) < 60


@pytest.mark.parametrize("kind", KINDS)
def test_its_loss_is_what_it_says(kind):
    try:
        plays = open_shakespeare(fallback=False)
    except DataUnavailableError as error:
        pytest.skip(f"needs the real text: {error}")
    writer = Writer.load(kind)
    if kind == "lstm":  # the whole held-out part, as it was measured
        told = writer.facts["scores"]["val_nats"]
        assert score(writer.model, plays) == pytest.approx(told, abs=0.001)
    best = min(point["nats"] for point in writer.facts["curve"])
    assert score(writer.model, plays, quick=True) == pytest.approx(best, abs=0.001)
    assert best < 1.6
