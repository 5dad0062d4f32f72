"""The parts of a snapshot as tensors: what a process has of its own, the history, the moments.

Whoever gives a file to a student can write anything into it, with a right checksum. So each part is
looked at before it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from course_utils.arguments import real_number, whole_number
from course_utils.training.checkpoint_files import CheckpointError
from course_utils.training.options import TrainHistory

Moments = dict[int, dict[str, Tensor]]
_ADAM = ("exp_avg", "exp_avg_sq", "step")  # what an AdamW remembers of a parameter


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose name starts with the prefix, without it."""
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}


def history_tensors(history: TrainHistory) -> dict[str, Tensor]:
    """Return losses and scores as tensors, which also hold a NaN; JSON does not."""
    rows = zip(history.scores, history.score_seconds, strict=True)
    scores = [[step, score, seconds] for (step, score), seconds in rows]
    return {
        "losses": torch.tensor(history.losses, dtype=torch.float64),
        "scores": torch.tensor(scores, dtype=torch.float64).view(len(scores), 3),
    }


def read_history(tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> TrainHistory:
    """Undo `history_tensors`.

    Raises:
        KeyError, TypeError, ValueError: something is missing, or is not what was saved.
    """
    losses, scores, best_step = tensors["losses"], tensors["scores"], facts["best_step"]
    if losses.ndim != 1 or scores.ndim != 2 or scores.shape[1] != 3:
        raise ValueError("its losses or its scores have another shape")
    rows = scores.tolist()
    return TrainHistory(
        losses=losses.double().tolist(),
        scores=[(int(step), score) for step, score, _ in rows],
        score_seconds=[seconds for _, _, seconds in rows],
        best_step=None if best_step is None else whole_number("best_step", best_step),
        seconds=real_number("seconds", facts["seconds"], least=0),
    )


def read_moments(tensors: Mapping[str, Tensor]) -> Moments:
    """Return what the optimiser remembers by the number of the parameter.

    Args:
        tensors: by names such as "3.exp_avg".

    Raises:
        ValueError: a name begins with no number.
    """
    moments: Moments = {}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        moments.setdefault(int(number), {})[key] = tensor
    return moments


def check_moments(moments: Moments, optimizer: Optimizer) -> None:
    """Refuse moments that do not belong to the parameters of an AdamW.

    Raises:
        CheckpointError: an unknown parameter, another shape, a missing part; the message names it.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    problems = list(_strange(moments, parameters))
    if problems:
        listed = "\n  ".join(problems)
        raise CheckpointError(
            f"the optimiser of the snapshot does not fit the model:\n  {listed}\n"
            "Build the model as for the first run, with the same parts frozen."
        )


def _strange(moments: Moments, parameters: list[Tensor]) -> Iterator[str]:
    """Say, one line each, which moments cannot be those of these parameters."""
    for number, found in moments.items():
        if not 0 <= number < len(parameters):
            yield f"there is no trained parameter {number}; the model has {len(parameters)}"
            continue
        if sorted(found) != list(_ADAM):
            yield f"parameter {number} has {sorted(found)} instead of {list(_ADAM)}"
            continue
        for name, tensor in found.items():
            wanted = () if name == "step" else tuple(parameters[number].shape)
            if tuple(tensor.shape) != wanted or not tensor.is_floating_point():
                kind = f"{tensor.dtype} {tuple(tensor.shape)}"
                yield f"{name} of parameter {number} is {kind}, and must be floating {wanted}"


def own_tensors(loss_of: Callable[..., Any]) -> dict[str, Tensor]:
    """Return what belongs to this process alone: its random numbers, its carried state."""
    own = {"random": torch.get_rng_state()}
    if torch.cuda.is_available():
        own["random_cuda"] = torch.cuda.get_rng_state()
    if hasattr(loss_of, "state_dict"):
        own |= {f"loss.{name}": tensor for name, tensor in loss_of.state_dict().items()}
    return own


def check_own(own: Mapping[str, Tensor]) -> None:
    """Refuse random numbers that PyTorch cannot go on with.

    Raises:
        KeyError: there are none.
        ValueError: they are something else.
    """
    try:
        torch.Generator().set_state(own["random"])
        if torch.cuda.is_available() and "random_cuda" in own:
            torch.Generator("cuda").set_state(own["random_cuda"])
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"its random numbers cannot be used ({error})") from error


def put_back(own: Mapping[str, Tensor], loss_of: Callable[..., Any]) -> None:
    """Undo `own_tensors`, for what `check_own` has accepted."""
    if hasattr(loss_of, "load_state_dict"):
        loss_of.load_state_dict(part(own, "loss."))
    torch.set_rng_state(own["random"])
    if torch.cuda.is_available() and "random_cuda" in own:
        torch.cuda.set_rng_state(own["random_cuda"])
