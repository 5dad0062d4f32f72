"""How a check talks: one line, with a hint about the mistake that it recognised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from course_utils.arguments import shown
from course_utils.checks.devices import advice, on_the_cpu

_LONGEST = 400  # characters of an error that are shown


class WrongAnswer(Exception):  # noqa: N818 - it is a verdict on an answer, not a fault
    """Carries the hint that the student should read."""


class _Answer:
    """The student's function, and what came of its last call."""

    def __init__(self, function: Callable[..., Any]):
        self.function = function
        self.returned: Any = None
        self.raised: BaseException | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call the student's function; an error goes on as it is."""
        try:
            self.returned = self.function(*arguments)
        except BaseException as error:
            self.raised = error
            raise
        return on_the_cpu(self.returned)


def hint(text: str) -> NoReturn:
    """End the check with a hint."""
    raise WrongAnswer(text)


def grade(exercise: str, examine: Callable[[Any], None], answer: Any) -> None:
    """Examine an answer and print the verdict in one line.

    A function that never ends is not noticed: stop it with the kernel's button.

    Args:
        exercise: name of the exercise, printed first.
        examine: calls the answer and raises WrongAnswer (through `hint`) if it is wrong.
        answer: the student's function.
    """
    if not callable(answer):
        kind = type(answer).__name__
        _say(f"✗ {exercise}: pass the function itself, without brackets; got {kind}.")
        return
    watched = _Answer(answer)
    try:
        examine(watched)
    except WrongAnswer as verdict:
        _say(f"✗ {exercise}: {verdict}")
    except (Exception, SystemExit) as error:
        _say(_told(exercise, watched, error))
    else:
        _say(f"✓ {exercise}: correct.")


def _told(exercise: str, answer: _Answer, error: BaseException) -> str:
    """Return the verdict on an error: the student's own, or one at reading a strange answer."""
    if isinstance(error, NotImplementedError) and error is answer.raised:
        return f"– {exercise}: not attempted yet."
    # Whatever a student's code raises is the student's to read, in one line, not a red page.
    if error is answer.raised:
        said = _text(error)
        return f"✗ {exercise}: your code stopped with {type(error).__name__}: {said}{advice(said)}"
    # An answer that cannot even be compared, such as a function in place of a number.
    return f"✗ {exercise}: read again what to return; your function returned {_seen(answer)}"


def _seen(answer: _Answer) -> str:
    """Return words for what the function returned last."""
    return f"{shown(answer.returned)} ({type(answer.returned).__name__})."


def _text(error: BaseException) -> str:
    """Return what an error says, even where its text is broken."""
    try:
        return str(error)
    except Exception:
        return "(it says nothing that can be read)"


def _say(verdict: str) -> None:
    """Print a verdict in one line, whatever an answer or an error put into it."""
    line = " ".join(verdict.encode(errors="replace").decode().splitlines())
    print(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…")


def need_tensor(value: Any, shape: tuple[int, ...], what: str) -> None:
    """Hint unless value is a torch.Tensor of this shape, dense and of real numbers."""
    import torch

    if value is None:
        hint(f"{what} is None: does your function end with return?")
    if not isinstance(value, torch.Tensor):
        hint(f"{what} must be a torch.Tensor, got {type(value).__name__}.")
    if tuple(value.shape) == shape[::-1] and shape != shape[::-1]:
        hint(f"{what} has shape {tuple(value.shape)}: the dimensions are swapped, need {shape}.")
    if tuple(value.shape) != shape:
        hint(f"{what} has shape {tuple(value.shape)}, need {shape}.")
    if not is_plain(value):
        hint(f"{what} must be a dense tensor of real numbers, got {value.dtype}, {value.layout}.")


def is_plain(value: Any) -> bool:
    """Say whether a tensor is dense, holds real numbers, and has data."""
    import torch

    return value.layout == torch.strided and not (
        value.is_meta or value.is_complex() or value.is_quantized
    )
