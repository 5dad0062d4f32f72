"""How a check talks: one line, with a hint about the mistake that it recognised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn


class WrongAnswer(Exception):  # noqa: N818 - it is a verdict on an answer, not a fault
    """Carries the hint that the student should read."""


def hint(text: str) -> NoReturn:
    """End the check with a hint."""
    raise WrongAnswer(text)


def grade(exercise: str, examine: Callable[[Any], None], answer: Any) -> None:
    """Examine an answer and print the verdict in one line.

    Args:
        exercise: name of the exercise, printed first.
        examine: calls the answer and raises WrongAnswer (through `hint`) if it is wrong.
        answer: the student's function.
    """
    try:
        if not callable(answer):
            hint(f"pass the function itself, without brackets; got {type(answer).__name__}.")
        examine(answer)
    except NotImplementedError:
        print(f"– {exercise}: not attempted yet.")
    except WrongAnswer as verdict:
        print(f"✗ {exercise}: {verdict}")
    # Whatever a student's code raises is the student's to read, in one line, not a red page.
    except Exception as error:
        print(f"✗ {exercise}: your code stopped with {type(error).__name__}: {error}")
    else:
        print(f"✓ {exercise}: correct.")


def need_tensor(value: Any, shape: tuple[int, ...], what: str) -> None:
    """Hint unless value is a torch.Tensor of this shape."""
    import torch

    if value is None:
        hint(f"{what} is None: does your function end with return?")
    if not isinstance(value, torch.Tensor):
        hint(f"{what} must be a torch.Tensor, got {type(value).__name__}.")
    if tuple(value.shape) == shape[::-1] and shape != shape[::-1]:
        hint(f"{what} has shape {tuple(value.shape)}: the dimensions are swapped, need {shape}.")
    if tuple(value.shape) != shape:
        hint(f"{what} has shape {tuple(value.shape)}, need {shape}.")
