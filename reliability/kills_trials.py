"""Checkpoints and snapshots that are killed by `reliability.kills`."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.batching import Streams
from course_utils.models import CharLM, CharLMConfig
from course_utils.training import (
    CheckpointError,
    Keeper,
    StreamLoss,
    TrainOptions,
    read_checkpoint,
    save_checkpoint,
    train,
)
from course_utils.training.checkpoints import save_tensors
from reliability.kills_parts import LostError, in_child

N_STEPS = 40


def same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> bool:
    """Tell whether two sets of tensors are equal, bit by bit."""
    return found.keys() == expected.keys() and all(
        torch.equal(tensor, expected[name]) for name, tensor in found.items()
    )


class Checkpoints:
    """Save one of two networks, again and again; or, every tenth time, into an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.is_first = folder, folder / "model", False
        self.models = [self._network(seed) for seed in (1, 2)]
        self.rounds = itertools.count()

    def _network(self, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return nn.GRU(64, 256)

    def _save(self, number: int) -> None:
        model, facts = self.models[number % 2], {"number": number}
        vocabulary = [f"symbol {number}"]
        save_checkpoint(self.path, model, config=facts, vocabulary=vocabulary, extra=facts)

    def prepare(self) -> None:
        """Leave an old checkpoint, or none."""
        self.is_first = next(self.rounds) % 10 == 0
        if self.is_first:
            shutil.rmtree(self.folder)
            self.folder.mkdir()
        else:
            self._save(0)

    def work(self) -> None:
        """Save, until the end."""
        for number in itertools.count(1):
            self._save(number)

    def look(self) -> str:
        """Read what is there: the old network or the new one, and a save must work."""
        try:
            found = read_checkpoint(self.path)
        except CheckpointError as error:
            if not self.is_first or self.path.with_suffix(".json").exists():
                raise LostError(f"neither the old nor the new checkpoint: {error}") from error
            answer = "nothing yet"
        else:
            number = found.extra["number"]
            is_one = found.config == found.extra and found.vocabulary == (f"symbol {number}",)
            if not is_one or not same(found.tensors, self.models[number % 2].state_dict()):
                raise LostError(f"a mixture: the record is that of save {number}")
            answer = "new" if number else "old"
        self._save(-1)
        if read_checkpoint(self.path).extra["number"] != -1:
            raise LostError("the next save was lost")
        return answer


class Snapshots:
    """Train a small network with dropout that saves a snapshot after every step, and resume it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.end = folder, folder / "end"
        self.numbers = torch.arange(3000) * torch.arange(3000) // 7 % 11
        self.whole: list[dict[str, Tensor]] = []
        self.losses: list[float] = []
        self.finished, self.largest, self.step = 0, 0.0, 0
        # Loads what a first step loads: for some seconds, and else in every child.
        torch.optim.AdamW([torch.zeros(1, requires_grad=True)]).step()

    def _run(self, *, keep: bool, resume: bool = False, seen: list | None = None) -> Any:
        torch.manual_seed(3)
        model = CharLM(CharLMConfig(11, kind="lstm", embed_dim=8, hidden_size=24, dropout=0.3))
        streams = Streams(self.numbers, n_streams=4, chunk_len=16)

        def loss_of(model: nn.Module, chunk: Any) -> Tensor:
            if seen is not None:
                seen.append({n: t.clone() for n, t in model.state_dict().items()})
            return carried(model, chunk)

        carried = StreamLoss()
        loss_of.state_dict, loss_of.load_state_dict = carried.state_dict, carried.load_state_dict
        keeper = self._keeper(resume=resume) if keep else None
        return model, train(model, streams, loss_of, TrainOptions(N_STEPS), keeper=keeper)

    def _keeper(self, *, resume: bool) -> Keeper:
        return Keeper(self.folder / "run", every=1, config={"lesson": 8}, resume=resume)

    def prepare(self) -> None:
        """Train once without a stop, in another process: what must come out."""
        if not self.whole:
            path = self.folder / "whole"
            in_child(lambda: self._write_whole(path))
            found = read_checkpoint(path)
            self.losses = found.extra["losses"]
            steps = range(N_STEPS)
            self.whole = [_step_of(found.tensors, step) for step in steps]

    def _write_whole(self, path: Path) -> None:
        seen: list[dict[str, Tensor]] = []
        history = self._run(keep=False, seen=seen)[1]
        tensors = {f"{i}:{n}": t for i, step in enumerate(seen) for n, t in step.items()}
        extra = {"losses": history.losses}
        save_tensors(path, tensors, config={}, vocabulary=(), extra=extra)

    def work(self) -> None:
        """Go on from the last snapshot to the end, and write the losses down."""
        model, history = self._run(keep=True, resume=True)
        save_checkpoint(self.end, model, config={}, vocabulary=(), extra={"l": history.losses})

    def look(self) -> str:
        """Compare the snapshot with the run that was never stopped."""
        if self.end.with_suffix(".json").exists():
            return self._compare_end()
        random = torch.get_rng_state()
        try:
            state = self._keeper(resume=True).restore(StreamLoss())
        except CheckpointError as error:
            raise LostError(f"the snapshot cannot be read: {error}") from error
        torch.set_rng_state(random)
        if state is None:
            return "nothing yet"
        step = len(state.history.losses)
        if state.history.losses != self.losses[:step] or not same(state.model, self.whole[step]):
            raise LostError(f"the snapshot of step {step} is not that of the run")
        before, self.step = self.step, step
        return "the same snapshot" if step == before else "a later snapshot"

    def _compare_end(self) -> str:
        try:
            losses = read_checkpoint(self.end).extra["l"]
        except CheckpointError:
            return "the same snapshot"  # killed while the end was written
        differences = [abs(a - b) for a, b in zip(losses, self.losses, strict=True)]
        self.largest, self.finished = max(self.largest, *differences), self.finished + 1
        self.step = 0
        if self.largest > 1e-6:
            raise LostError(f"a resumed run has other losses: {self.largest} apart")
        self._keeper(resume=False).discard()
        for path in self.folder.glob("end*"):
            path.unlink()
        return "the end"


def _step_of(tensors: dict[str, Tensor], step: int) -> dict[str, Tensor]:
    start = f"{step}:"
    return {n.removeprefix(start): t for n, t in tensors.items() if n.startswith(start)}
