"""The training runs in which `reliability.interrupts` presses the stop button."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.batching import Streams
from course_utils.corpora import LongText
from course_utils.models import CharLM, CharLMConfig
from course_utils.recipes.language import LanguageRecipe
from course_utils.recipes.learning import train_language
from course_utils.training import (
    FitOptions,
    Keeper,
    StreamLoss,
    TrainOptions,
    fit,
    held_out_loss,
    read_checkpoint,
    save_checkpoint,
    train,
)
from reliability.interrupts_more import Names, Rivals, Vectors, check, finite, same, weights

N_STEPS = 8
NUMBERS = torch.arange(900) * torch.arange(900) // 7 % 11


def _own_folder(trial: object) -> Path:
    """Return a new folder that is removed when the trial is no longer used."""
    folder = tempfile.mkdtemp(prefix="interrupts-")
    weakref.finalize(trial, shutil.rmtree, folder, True)
    return Path(folder)


def _small() -> CharLM:
    torch.manual_seed(3)
    return CharLM(CharLMConfig(11, kind="gru", embed_dim=4, hidden_size=8, dropout=0.2))


class Train:
    """`train` with a loss that carries a state; with scores and snapshots, or without."""

    def __init__(self, *, rich: bool, folder: Path | None = None) -> None:
        self.rich, self.model, self.history = rich, _small(), None
        self.folder = folder or _own_folder(self)
        self.seen: list[dict[str, Tensor]] = []

    def _keeper(self) -> Keeper | None:
        return Keeper(self.folder / "run", every=2, config={}, resume=True) if self.rich else None

    def work(self) -> None:
        """Train."""
        every = 3 if self.rich else 0
        evaluate = (lambda model: held_out_loss(model, NUMBERS, start=700)) if self.rich else None
        self.history = train(
            self.model,
            Streams(NUMBERS, n_streams=2, chunk_len=9, stop=700),
            Seeing(self.seen),
            TrainOptions(N_STEPS, evaluate_every=every),
            evaluate=evaluate,
            keeper=self._keeper(),
        )

    def look(self, escaped: bool) -> str:
        """Compare with the run that was not interrupted; resume it if it kept snapshots."""
        states, losses = _whole(self.rich)
        found = weights(self.model)
        check(finite(self.model), "a weight is no number")
        if escaped:
            begun = len(self.seen) > 0
            place = losses[1] if begun else 0
            check(same(found, states[place]), "weights of no known step")
            check(not (begun and self.model.training), "the model is in training mode")
            return "escaped at the end" if begun else "escaped before the first step"
        n = len(self.history.losses)
        check(self.history.losses == losses[0][:n], "the losses are not those of the steps")
        best = self.history.best_step
        check(same(found, states[n if best is None else best]), "weights do not fit the history")
        check(len(self.history.scores) == len(self.history.score_seconds), "scores without times")
        check(not self.model.training, "the model is in training mode")
        check(self.history.interrupted or n == N_STEPS, "interrupted, and does not say so")
        if self.rich:
            again = Train(rich=True, folder=self.folder)
            again.work()
            check(again.history.losses == losses[0], "resumed with other losses")
        return "stopped" if self.history.interrupted else "ended"


class Seeing(StreamLoss):
    """Note the weights before each step."""

    def __init__(self, seen: list[dict[str, Tensor]]) -> None:
        super().__init__()
        self.seen = seen

    def __call__(self, model: nn.Module, chunk: Any) -> Tensor:
        """Return the loss."""
        self.seen.append(weights(model))
        return super().__call__(model, chunk)


@cache
def _whole(rich: bool) -> tuple[list[dict[str, Tensor]], tuple[list[float], int]]:
    """Return the weights after 0, 1 … steps; the losses, and the step of the final weights."""
    plain = Train(rich=False)
    plain.work()
    states = [*plain.seen, weights(plain.model)]
    whole = Train(rich=rich)
    whole.work()
    return states, (whole.history.losses, whole.history.best_step or N_STEPS)


class Fit:
    """`fit` in shuffled batches."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model, self.history = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)), None
        self.start = weights(self.model)

    def work(self) -> None:
        """Train."""
        x = torch.arange(30.0).view(10, 3) / 30
        options = FitOptions(epochs=5, batch_size=4)
        self.history = fit(self.model, x, x.sum(1, keepdim=True), nn.MSELoss(), options)

    def look(self, escaped: bool) -> str:
        """Look at mode and weights: the last epoch may have been cut off."""
        check(finite(self.model), "a weight is no number")
        is_fresh = same(weights(self.model), self.start)
        if escaped and is_fresh:
            return "escaped before the first step"
        check(not self.model.training, "the model is in training mode")
        if escaped:
            return "escaped at the end"
        done = len(self.history.losses) == 5
        check(self.history.interrupted or done, "interrupted, and does not say so")
        return "stopped" if self.history.interrupted else "ended"


class Language:
    """`train_language` with scores on the way and the last one over the whole part."""

    recipe = LanguageRecipe(
        "gru", 6, 4, dropout=0.2, n_streams=2, chunk_len=10, n_steps=10, learning_rate=0.01
    )
    text = LongText.from_string("".join("ab c"[i * i // 3 % 4] for i in range(700)))

    def __init__(self) -> None:
        self.run: Any = None
        self.seen: dict[int, dict[str, Tensor]] = {}

    def _note(self, model: nn.Module, history: Any) -> None:
        self.seen[len(history.losses)] = weights(model)

    def work(self) -> None:
        """Train."""
        self.run = train_language(
            self.text, self.recipe, dtype=torch.float32, evaluate_every=3, on_score=self._note
        )

    def look(self, escaped: bool) -> str:
        """A network comes back, with the weights of the best score so far."""
        if escaped:
            check(not self.seen, "a network that had learned was lost")
            return "escaped before the first score"
        model, history = self.run.model, self.run.history
        check(finite(model) and not model.training, "no usable model")
        if history.best_step in self.seen:
            check(same(weights(model), self.seen[history.best_step]), "not the best weights")
        check(history.interrupted or len(history.losses) == 10, "does not say so")
        return "stopped" if history.interrupted else "ended"


class Saving:
    """`save_checkpoint` over an old one."""

    def __init__(self) -> None:
        self.path = _own_folder(self) / "model"
        self.models = {seed: self._model(seed) for seed in (1, 2, 3)}
        self._save(1)

    def _model(self, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return nn.Linear(5, 5)

    def _save(self, seed: int) -> None:
        model = self.models[seed]
        save_checkpoint(self.path, model, config={"s": seed}, vocabulary=str(seed))

    def work(self) -> None:
        """Save another one."""
        self._save(2)

    def look(self, escaped: bool) -> str:
        """It is the old or the new one, and the next save works."""
        found = read_checkpoint(self.path)
        seed = found.config["s"]
        check(same(found.tensors, weights(self.models[seed])), "a mixture")
        check(found.vocabulary == (str(seed),), "a mixture")
        self._save(3)
        check(read_checkpoint(self.path).config["s"] == 3, "the next save was lost")
        return "old" if seed == 1 else "new"


TRIALS = {
    "train": lambda: Train(rich=False),
    "train with scores and snapshots": lambda: Train(rich=True),
    "fit": Fit,
    "language": Language,
    "names": Names,
    "rivals": Rivals,
    "word vectors": Vectors,
    "save": Saving,
}
