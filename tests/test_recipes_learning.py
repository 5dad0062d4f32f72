"""A whole run: it learns a play, never reads what it is measured on, and can be repeated."""

import math
from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
import torch
from language_samples import play
from step_samples import assert_same, weights
from torch import nn

from course_utils.corpora import LongText
from course_utils.recipes import learning
from course_utils.recipes.language import LanguageRecipe, build_language_model
from course_utils.recipes.learning import border, score, train_language, training_streams
from course_utils.runtime import threads_limited
from course_utils.training import Keeper

F32 = {"dtype": torch.float32}  # so that nothing is measured first
SMALL = LanguageRecipe(
    "gru", 48, 16, n_streams=16, chunk_len=32, n_steps=250, learning_rate=0.02, warmup=0.05
)
TINY = replace(SMALL, hidden_size=8, embed_dim=6, n_streams=4, chunk_len=16, n_steps=6)


class Recorder:
    """A text that remembers what was read of it."""

    def __init__(self, text):
        self.text, self.symbols, self.parts = text, text.symbols, []

    def __len__(self):
        return len(self.text)

    def read(self, start, stop):
        self.parts.append((start, stop))
        return self.text.read(start, stop)


def unigram_nats(text):
    """Return the loss of the best guess that does not look at what stands before."""
    place = border(text)
    counts = Counter(text.string(0, place))
    known = {letter: math.log(place / n) for letter, n in counts.items()}
    return sum(map(known.__getitem__, text.string(place, len(text)))) / (len(text) - place)


@pytest.fixture(scope="module", autouse=True)
def _on_the_cpu():
    """Compare with loops by hand on the CPU, where the same run gives the same bits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_DEVICE", "cpu")
        with threads_limited(1):
            yield


@pytest.fixture(scope="module")
def learned():
    """Return one run on a small play, with scores on the way."""
    return train_language(play(60_000), SMALL, evaluate_every=100, **F32)


def test_it_learns(learned):
    text = play(60_000)
    assert text.bits_per_char * math.log(2) < learned.val_nats < 0.5 * unigram_nats(text)
    assert len(learned.history.losses) == SMALL.n_steps
    assert [step for step, _ in learned.history.scores] == [100, 200, 250]
    assert not learned.model.training
    assert learned.symbols_per_second > 0


def test_the_quick_score_is_close_to_the_exact_one(learned):
    text = play(60_000)
    exact, quick = score(learned.model, text), score(learned.model, text, quick=True)
    assert exact == learned.val_nats
    assert quick != exact
    assert quick == pytest.approx(exact, abs=0.03)
    assert quick == learned.history.best_score()


def test_the_exact_score_is_one_pass_over_the_last_tenth(learned):
    text = play(60_000)
    assert border(text) == 54_000
    tokens = torch.from_numpy(text.read(54_000, 60_000))
    with torch.no_grad():
        logits, _ = learned.model(tokens[None, :-1])
    expected = nn.functional.cross_entropy(logits[0], tokens[1:]).item()
    assert learned.val_nats == pytest.approx(expected, abs=1e-5)


def test_a_quick_score_reads_the_beginning_of_a_long_part(monkeypatch):
    monkeypatch.setattr(learning, "_QUICK_SYMBOLS", 900)
    text = Recorder(play(60_000))
    model = build_language_model(len(text.symbols), TINY).eval()
    score(model, text, quick=True)
    assert min(start for start, _ in text.parts) == 54_000
    assert max(stop for _, stop in text.parts) <= 54_900
    assert {stop - start for start, stop in text.parts} == {300}  # three streams, not 32
    text.parts.clear()
    score(model, text)
    assert (text.parts[0][0], text.parts[-1][1]) == (54_000, 60_000)


def test_training_never_reads_the_held_out_part(monkeypatch):
    monkeypatch.setattr(learning, "score", lambda model, text, **options: 1.0)
    text = Recorder(play(2_000))
    recipe = replace(TINY, n_streams=3, n_steps=100)  # three times through the text
    train_language(text, recipe, evaluate_every=5, **F32)
    place = border(text)
    assert max(stop for _, stop in text.parts) <= place + 1
    assert max(stop for _, stop in text.parts) > place + 1 - 3 - 16  # and all that is before it
    assert min(start for start, _ in text.parts) == 0
    places = {i for start, stop in text.parts for i in range(start, stop)}
    assert len(places) > place - 3 * 17


class Blank:
    """A text of which only the length counts."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def read(self, start, stop):
        """Return nothing: nobody asks."""


def test_the_border_leaves_a_tenth():
    for length in (11, 19, 20, 100, 12_345, 1_115_394):
        held_out = length - border(Blank(length))
        assert held_out == pytest.approx(length / 10, abs=1)
        assert held_out >= 2


def test_a_run_can_be_repeated_whatever_was_drawn_before():
    runs = []
    for seed, recipe in [(1, TINY), (2, TINY), (1, replace(TINY, seed=1))]:
        recipe = replace(recipe, dropout=0.4)
        torch.manual_seed(seed)
        runs.append(train_language(play(2_000), recipe, **F32))
    first, same, other = runs
    assert first.history.losses == same.history.losses
    assert first.val_nats == same.val_nats != other.val_nats
    assert_same(weights(first.model), weights(same.model))


def test_dropout_is_on_in_training_and_off_in_scores():
    without, much = (
        train_language(play(2_000), replace(TINY, dropout=dropout, n_steps=1), **F32)
        for dropout in (0.0, 0.8)
    )
    assert without.history.losses != much.history.losses
    assert score(much.model, play(2_000)) == much.val_nats


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_it_is_the_loop_by_hand(kind):
    text, recipe = play(3_000), replace(TINY, kind=kind, dropout=0.0, n_steps=12, warmup=0.0)
    ours = train_language(text, recipe, **F32)
    model = build_language_model(len(text.symbols), recipe)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=recipe.weight_decay)
    state, losses = None, []
    for step, chunk in enumerate(islice(training_streams(text, recipe), recipe.n_steps)):
        share = 0.5 + 0.5 * math.cos(math.pi * step / recipe.n_steps)
        optimizer.param_groups[0]["lr"] = recipe.learning_rate * share
        logits, state = model(chunk.inputs, state)
        state = state.detach() if kind != "lstm" else tuple(part.detach() for part in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), chunk.targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        losses.append(loss.item())
    assert ours.history.losses == pytest.approx(losses, rel=1e-4)
    assert_same(weights(ours.model), weights(model), close=1e-4)


def test_a_run_is_stopped_and_resumed(tmp_path):
    text, recipe = play(3_000), replace(TINY, dropout=0.3, n_steps=20)

    def stop(model, history):
        if len(history.scores) == 3:
            raise KeyboardInterrupt

    def keeper(**options):
        return Keeper(tmp_path / "run", every=4, config={"sha256": text.sha256}, **options)

    whole = train_language(text, recipe, evaluate_every=5, **F32)
    cut = train_language(text, recipe, evaluate_every=5, keeper=keeper(), on_score=stop, **F32)
    assert cut.history.interrupted
    assert len(cut.history.losses) == 15
    assert math.isfinite(cut.val_nats)
    again = train_language(text, recipe, evaluate_every=5, keeper=keeper(resume=True), **F32)
    assert again.history.losses == whole.history.losses
    assert again.history.scores == whole.history.scores
    assert again.val_nats == whole.val_nats
    assert_same(weights(again.model), weights(whole.model))


def test_the_precision_is_measured_unless_it_is_given(monkeypatch):
    asked = []
    monkeypatch.setattr(
        learning, "pick_precision", lambda device, kind: asked.append(kind) or torch.float32
    )
    measured = train_language(play(2_000), TINY)
    assert asked == ["gru"]
    given = train_language(play(2_000), TINY, **F32)
    assert asked == ["gru"]
    assert given.history.losses == measured.history.losses


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (2, "too short: 2 symbols .* fewer than 11 its last tenth"),
        (10, "too short: 10 symbols .* fewer than 11 its last tenth"),
        (11, "nine tenths of 11 characters: the text is too short: .* shorter chunks"),
        (70, r"nine tenths of 70 characters: .* n_streams \* chunk_len \+ 1 = 65"),
    ],
)
def test_a_text_that_is_too_short(length, message):
    with pytest.raises(ValueError, match=message):
        train_language(LongText.from_string("ab" * (length // 2) + "a" * (length % 2)), TINY, **F32)


def test_the_shortest_text_that_can_be_learned():
    run = train_language(
        LongText.from_string("abababababa"), replace(TINY, n_streams=1, chunk_len=9), **F32
    )
    assert len(run.history.losses) == TINY.n_steps
    assert math.isfinite(run.val_nats)


def test_any_letters_will_do():
    line = "동해 물과 백두산이 마르고 닳도록\n"
    text = LongText.from_string(line * 60)
    run = train_language(text, replace(TINY, hidden_size=32, n_steps=80), **F32)
    assert run.model.config.vocab_size == len(set(line))
    assert run.val_nats < 0.2 * math.log(len(set(line)))
