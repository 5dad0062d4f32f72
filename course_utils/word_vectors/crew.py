"""Several workers that share one row of steps and do not wait for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Lock
from typing import Generic, TypeVar

import torch

from course_utils.runtime import threads_limited

Step = TypeVar("Step")
_LOOK_EVERY = 0.2  # seconds between two looks for an interrupt: on Windows a wait hears none


class _Deal(Generic[Step]):
    """Deal steps to workers, one at a time, until they end or the run is stopped."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps, self._lock, self.stopped = steps, Lock(), False

    def __iter__(self) -> _Deal[Step]:
        return self

    def __next__(self) -> Step:
        with self._lock:
            if self.stopped:
                raise StopIteration
            return next(self._steps)


def run_in_crew(steps: Iterator[Step], learn: Callable[[Step], None], *, n_workers: int) -> None:
    """Call learn with every step, from one or several workers, without gradients.

    Workers are threads: PyTorch lets other Python threads run while it computes. They change the
    same vectors without locks (Recht et al., 2011, "Hogwild"), as word2vec's own threads do. Each
    worker computes with one thread of PyTorch: the operations are too small to be shared among
    cores. An interrupt ends the run early; the workers finish the steps they have begun.

    Args:
        steps: what to learn from, in order.
        learn: called with one step; with several workers several calls run at the same time.
        n_workers: at least 1; with 1 everything runs in order in the calling thread.
    """
    deal = _Deal(steps)

    def work() -> None:
        with torch.no_grad():  # holds for one thread of Python only
            for step in deal:
                learn(step)

    try:
        with threads_limited(1):
            if n_workers == 1:
                work()
            else:
                _run_together(work, deal, n_workers)
    except KeyboardInterrupt:
        pass


def _run_together(work: Callable[[], None], deal: _Deal, n_workers: int) -> None:
    """Run the workers, and wait for all of them; when one fails the others stop too."""
    with ThreadPoolExecutor(n_workers) as pool:
        try:
            waiting = {pool.submit(work) for _ in range(n_workers)}
            while waiting:
                done, waiting = wait(waiting, timeout=_LOOK_EVERY, return_when=FIRST_EXCEPTION)
                for each in done:
                    each.result()
        finally:
            deal.stopped = True
