"""Let the stop button end a run only where nothing is half done.

Python raises KeyboardInterrupt between any two of its instructions: also when the weights have
moved and the loss of that step is not written down yet, or while the best weights are put back.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Protocol

import torch


@contextmanager
def gradients_stay() -> Iterator[None]:
    """Switch gradients back to what they were, also after an interrupt.

    One that comes in the last instruction of a `with torch.no_grad()`, which PyTorch also uses to
    draw start weights, leaves them off, and nothing could be trained any more.
    """
    before = torch.is_grad_enabled()
    try:
        yield
    finally:
        torch.set_grad_enabled(before)


class Stoppable(Protocol):
    """A training run: its stop button, its history, and what is done at its end."""

    button: StopButton
    history: Any  # with the attribute `interrupted`

    def finish(self) -> None:
        """Leave the model and the history as they should be."""


def run_until_stopped(run: Stoppable, work: Callable[[], None]) -> Any:
    """Do the work of a run and finish it; an interrupt ends the work early and is written down.

    Args:
        run: the run; its button and its history are read when they are used.
        work: takes all steps.

    Returns:
        The history of the run.
    """
    with run.button:
        try:
            work()
            run.button.hold()
        except KeyboardInterrupt:
            run.history.interrupted = True
        finally:
            run.finish()
        run.history.interrupted |= run.button.waiting
        return run.history


class StopButton:
    """Hold an interrupt back while something must be done as a whole.

    Used in a `with` block around a run. The first interrupt ends the run; what comes after it
    waits, so that nothing disturbs the way out, until the run itself goes on with another `held`.
    At the end, gradients are switched back to what they were: see `gradients_stay`.
    Interrupts reach the main thread of Python only; in another thread this does nothing, nor where
    interrupts are ignored.

    Attributes:
        waiting: there was an interrupt that is still held back.

    >>> with StopButton() as button:
    ...     with button.held():
    ...         print("what is here is done as a whole")
    what is here is done as a whole
    """

    def __init__(self) -> None:
        self.waiting, self._is_held, self._has_ended = False, False, False
        self._gradients = True
        self._before: Callable[[int, FrameType | None], object] | None = None

    def __enter__(self) -> StopButton:
        self._gradients = torch.is_grad_enabled()
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        torch.set_grad_enabled(self._gradients)
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _press(self, number: int, frame: FrameType | None) -> None:
        """Hear an interrupt: remember it, or do what would have been done without this class."""
        if self._is_held or self._has_ended:
            self.waiting = True
            return
        self._is_held = True
        self._before(number, frame)

    def hold(self) -> None:
        """Hold every interrupt back from here to the end of the run."""
        self._has_ended = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold interrupts back for a while; one that came meanwhile is heard at the end."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            if self.waiting and not self._has_ended:
                self.waiting = False
                self._press(signal.SIGINT, None)
