"""Snapshots of a training run: all that it needs to go on as if it had never stopped.

A checkpoint holds a model, for use. A snapshot holds the model, the best weights so far, the
optimiser's moments, the losses, the random numbers that dropout will draw next, and the carried
state of the streams: with all of these, and the same batches, every later loss is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from course_utils.arguments import flag, whole_number
from course_utils.training.checkpoint_files import CheckpointError, pair_at
from course_utils.training.checkpoint_records import plain_dict, symbols_of
from course_utils.training.checkpoints import (
    Checkpoint,
    load_tensors,
    read_checkpoint,
    save_tensors,
)
from course_utils.training.options import TrainHistory
from course_utils.training.ranks import gather, in_first, rank, world_size


@dataclass
class RunState:
    """What a snapshot holds of a run.

    Attributes:
        model: name -> tensor, the newest weights.
        best: name -> tensor, the weights with the lowest score; empty before the first score.
        history: what has happened so far.
        moments: what the optimiser remembers: number of a parameter -> name -> tensor.
    """

    model: dict[str, Tensor]
    best: dict[str, Tensor]
    history: TrainHistory
    moments: dict[int, dict[str, Tensor]] = field(default_factory=dict)

    def load_model(self, model: nn.Module) -> None:
        """Give a model the newest weights of this state, all or none.

        Raises:
            CheckpointError: they do not fit it; the message names every tensor that differs.
        """
        load_tensors(model, self.model, "the snapshot", "Build the model as for the first run")

    def load_optimizer(self, optimizer: Optimizer) -> None:
        """Give an optimiser for the same parameters the moments of this one."""
        groups = optimizer.state_dict()["param_groups"]
        optimizer.load_state_dict({"state": self.moments, "param_groups": groups})


class Keeper:
    """Save snapshots of a run on the way, and read the last one back.

    In a run of several processes all of them call it, and the first one alone writes.

    Args:
        path: the snapshot is <path>.safetensors and <path>.json; replaced each time, and whole at
            every moment, as a checkpoint is.
        every: steps between two snapshots, at least 1.
        config: what the run is made of: options, sizes, checksum of the data. A snapshot whose
            config differs is refused.
        vocabulary: the symbols, in the order of their numbers.
        resume: read the snapshot at the start; False begins anew.

    Attributes:
        last_step: finished steps in the newest snapshot saved or read; None before the first.

    Raises:
        TypeError: config holds what JSON cannot hold.
        ValueError: every is below 1, or a number in config is infinite or NaN.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        every: int,
        config: Mapping[str, Any],
        vocabulary: Sequence[str] = (),
        resume: bool = False,
    ) -> None:
        if whole_number("every", every) < 1:
            raise ValueError(f"every must be at least 1 step, got {every}")
        pair_at(path)  # refuses what is no name for a file
        self.path, self.every, self.resume = Path(path), every, flag("resume", resume)
        # As JSON gives it back: a tuple in it would differ from the list that was saved.
        self.config = plain_dict(config, "config")
        self.vocabulary = tuple(symbols_of(vocabulary, "vocabulary"))
        self.last_step: int | None = None

    def exists(self) -> bool:
        """Tell whether there is a snapshot, of this run or of an earlier one."""
        return pair_at(self.path).record.exists()

    def is_due(self, done: int, n_steps: int) -> bool:
        """Tell whether a snapshot is to be saved after so many steps; never after the last."""
        return done % self.every == 0 and done < n_steps

    def save(self, state: RunState, optimizer: Optimizer, loss_of: Callable[..., Any]) -> None:
        """Write a snapshot.

        Args:
            state: the weights and the history.
            optimizer: its moments are saved.
            loss_of: what `train` was given; if it has a state_dict(), that is saved too.

        Raises:
            OSError: the disk is full or the folder cannot be written; the old one is unchanged.
        """
        tensors = {f"model.{name}": tensor for name, tensor in state.model.items()}
        tensors |= {f"best.{name}": tensor for name, tensor in state.best.items()}
        for i, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{i}.{name}": tensor for name, tensor in moments.items()}
        tensors |= _history_tensors(state.history)
        for name, tensor in _own(loss_of).items():
            tensors |= {f"rank{r}.{name}": part for r, part in enumerate(gather(tensor))}
        history = state.history
        facts = {
            "best_step": history.best_step, "seconds": history.seconds, "world_size": world_size()
        }  # fmt: skip
        whole = {"config": self.config, "vocabulary": self.vocabulary, "extra": facts}
        in_first(lambda: save_tensors(self.path, tensors, **whole))
        self.last_step = len(history.losses)

    def restore(self, loss_of: Callable[..., Any]) -> RunState | None:
        """Read the snapshot, and put the random numbers and the state of loss_of back.

        Args:
            loss_of: what `train` was given; its load_state_dict is called if it has one.

        Returns:
            The rest of the snapshot; None when there is none, or none is wanted.

        Raises:
            CheckpointError: the snapshot is damaged, or of another run: other options, other data,
                another vocabulary, another number of processes.
        """
        # Read by the first process alone: another machine need not have the same disk.
        found = in_first(self._read) if self.resume else None
        if found is None:
            return None
        self._compare(found)
        own = _part(found.tensors, f"rank{rank()}.")
        _put_back(own, loss_of)
        history = _read_history(found.tensors, found.extra)
        moments: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _part(found.tensors, "adam.").items():
            i, _, key = name.partition(".")
            moments.setdefault(int(i), {})[key] = tensor
        self.last_step, tensors = len(history.losses), found.tensors
        return RunState(_part(tensors, "model."), _part(tensors, "best."), history, moments)

    def _read(self) -> Checkpoint | None:
        """Return what is on the disk; None when nothing is."""
        if not self.exists():
            return None
        found = read_checkpoint(self.path)
        if "world_size" not in found.extra:
            raise CheckpointError(f"{self.path} is a checkpoint of a model, not a snapshot")
        return found

    def _compare(self, found: Checkpoint) -> None:
        """Refuse the snapshot of another run, and say what differs."""
        config, facts = found.config, found.extra
        differing = [
            f"{name} was {config.get(name)!r} and is {self.config.get(name)!r} now"
            for name in sorted({*config, *self.config})
            if config.get(name) != self.config.get(name)
        ]
        if found.vocabulary != self.vocabulary:
            differing.append("its text has other symbols")
        if facts.get("world_size") != world_size():
            differing.append(
                f"it was made by {facts.get('world_size')} processes and there are {world_size()}"
            )
        if differing:
            raise CheckpointError(
                f"the snapshot {self.path} is not of this run: {'; '.join(differing)}. Start with "
                "the same options and data to go on, or without resuming to begin anew."
            )

    def discard(self) -> None:
        """Remove the snapshot: the run is finished, and its checkpoint is written."""
        if rank() == 0:
            pair = pair_at(self.path)
            # The record first: without it there is no snapshot, whatever else is still there.
            for file in (pair.record, pair.weights, pair.previous):
                file.unlink(missing_ok=True)
                file.with_name(file.name + ".tmp").unlink(missing_ok=True)  # left by a kill


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose name starts with the prefix, without it."""
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}


def _history_tensors(history: TrainHistory) -> dict[str, Tensor]:
    """Return losses and scores as tensors, which also hold a NaN; JSON does not."""
    rows = zip(history.scores, history.score_seconds, strict=True)
    scores = [[step, score, seconds] for (step, score), seconds in rows]
    return {
        "losses": torch.tensor(history.losses, dtype=torch.float64),
        "scores": torch.tensor(scores, dtype=torch.float64).view(len(scores), 3),
    }


def _read_history(tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> TrainHistory:
    """Undo `_history_tensors`."""
    rows = tensors["scores"].tolist()
    return TrainHistory(
        losses=tensors["losses"].tolist(),
        scores=[(int(step), score) for step, score, _ in rows],
        score_seconds=[seconds for _, _, seconds in rows],
        best_step=facts["best_step"],
        seconds=facts["seconds"],
    )


def _own(loss_of: Callable[..., Any]) -> dict[str, Tensor]:
    """Return what belongs to this process alone: its random numbers, its carried state."""
    own = {"random": torch.get_rng_state()}
    if torch.cuda.is_available():
        own["random_cuda"] = torch.cuda.get_rng_state()
    if hasattr(loss_of, "state_dict"):
        own |= {f"loss.{name}": tensor for name, tensor in loss_of.state_dict().items()}
    return own


def _put_back(own: Mapping[str, Tensor], loss_of: Callable[..., Any]) -> None:
    """Undo `_own`."""
    torch.set_rng_state(own["random"])
    if torch.cuda.is_available() and "random_cuda" in own:
        torch.cuda.set_rng_state(own["random_cuda"])
    if hasattr(loss_of, "load_state_dict"):
        loss_of.load_state_dict(_part(own, "loss."))
