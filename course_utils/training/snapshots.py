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

from torch import Tensor, nn
from torch.optim import Optimizer

from course_utils.arguments import flag, instance, whole_number
from course_utils.training.checkpoint_files import CheckpointError, pair_at
from course_utils.training.checkpoint_records import plain_dict, symbols_of
from course_utils.training.checkpoints import (
    Checkpoint,
    check_fit,
    read_checkpoint,
    save_tensors,
)
from course_utils.training.demands import check_callables
from course_utils.training.options import TrainHistory
from course_utils.training.ranks import gather, in_first, rank, world_size
from course_utils.training.snapshot_parts import (
    check_moments,
    check_own,
    history_tensors,
    own_tensors,
    part,
    put_back,
    read_history,
    read_moments,
)

_ADVICE = "Build the model as for the first run"


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

    def load(self, model: nn.Module, optimizer: Optimizer) -> None:
        """Give a model the newest weights, and its AdamW the moments; both or none.

        Raises:
            CheckpointError: they, or the best weights, do not fit; the message names every tensor
                that differs. (PyTorch does not look at moments: its fast AdamW would read and write
                beside the memory of those that are too small.)
        """
        check_fit(model, self.model, "the snapshot", _ADVICE)
        if self.best:
            check_fit(model, self.best, "the snapshot's best state", _ADVICE)
        check_moments(self.moments, optimizer)
        model.load_state_dict(self.model)
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
        """Tell whether a snapshot is to be saved after so many steps; never after the last.

        Raises:
            TypeError, ValueError: done or n_steps is no whole number from 0.
        """
        done = whole_number("done", done, least=0)
        return done % self.every == 0 and done < whole_number("n_steps", n_steps, least=0)

    def save(self, state: RunState, optimizer: Optimizer, loss_of: Callable[..., Any]) -> None:
        """Write a snapshot.

        Args:
            state: the weights and the history.
            optimizer: its moments are saved.
            loss_of: what `train` was given; if it has a state_dict(), that is saved too.

        Raises:
            OSError: the disk is full or the folder cannot be written; the old one is unchanged.
            TypeError: an argument is none of these.
        """
        check_callables(loss_of=loss_of)
        instance("optimizer", optimizer, Optimizer, what="a PyTorch optimiser")
        instance("state", state, RunState)
        tensors = {f"model.{name}": tensor for name, tensor in state.model.items()}
        tensors |= {f"best.{name}": tensor for name, tensor in state.best.items()}
        for i, moments in optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{i}.{name}": tensor for name, tensor in moments.items()}
        tensors |= history_tensors(state.history)
        for name, tensor in own_tensors(loss_of).items():
            tensors |= {f"rank{r}.{name}": part for r, part in enumerate(gather(tensor))}
        history = state.history
        facts = {
            "best_step": history.best_step, "seconds": history.seconds, "world_size": world_size()
        }  # fmt: skip
        whole = {"config": self.config, "vocabulary": self.vocabulary, "extra": facts}
        in_first(lambda: save_tensors(self.path, tensors, **whole))
        self.last_step = len(history.losses)

    def restore(
        self, loss_of: Callable[..., Any], take: Callable[[RunState], None] | None = None
    ) -> RunState | None:
        """Read the snapshot, and put the random numbers and the state of loss_of back.

        Args:
            loss_of: what `train` was given; its load_state_dict is called if it has one.
            take: called with the snapshot's state before anything is put back. If it raises an
                error, because the weights do not fit, the random numbers and loss_of stay.

        Returns:
            The rest of the snapshot; None when there is none, or none is wanted.

        Raises:
            CheckpointError: the snapshot is damaged or incomplete, or of another run: other
                options, other data, another vocabulary, another number of processes.
            TypeError: loss_of or take cannot be called.
        """
        check_callables(loss_of=loss_of, take=take)
        # Read by the first process alone: another machine need not have the same disk.
        found = in_first(self._read) if self.resume else None
        if found is None:
            return None
        self._compare(found)
        own = part(found.tensors, f"rank{rank()}.")
        try:
            history = read_history(found.tensors, found.extra)
            model, best = part(found.tensors, "model."), part(found.tensors, "best.")
            state = RunState(model, best, history, read_moments(part(found.tensors, "adam.")))
            check_own(own)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"the snapshot {self.path} is incomplete: {error}") from error
        if take is not None:
            take(state)
        put_back(own, loss_of)
        self.last_step = len(history.losses)
        return state

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
