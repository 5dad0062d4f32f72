"""A plugin of pytest: kernels of nbval on a busy machine.

A kernel of nbval that dies before its first answer is started again.

jupyter_client chooses five free ports, closes them, and starts a kernel that opens them later. A
kernel that starts at the same time, in the process beside, can be given one of them; then one of
the two dies. In some sixty rounds of `make soak` a kernel died at its start once. A kernel that has
answered is never started again: what a notebook does to it is a failure. A cell's outputs may come
a minute after its end, and not only five seconds; and threads of PyTorch that wait for work sleep,
or they would keep the cores from the others.

`addopts` in pyproject.toml names this plugin, because `pytest notebooks` reads no conftest.py.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

TRIES = 3
SLOWEST = 60  # seconds for the outputs of a cell that has ended
DIED = "Kernel died before replying"


def patient(start: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that starts a kernel as `start` does, and tries again when it dies at once.

    Raises:
        RuntimeError: the kernel died in each of the tries, or failed in another way.
    """

    @wraps(start)
    def start_patiently(*args: Any, **kwargs: Any) -> Any:
        for _ in range(TRIES - 1):
            try:
                return start(*args, **kwargs)
            except RuntimeError as error:
                if DIED not in str(error):
                    raise
        return start(*args, **kwargs)

    return start_patiently


def waiting(start: Callable[..., None]) -> Callable[..., None]:
    """Return the `__init__` of nbval's cells with another limit for their outputs."""

    @wraps(start)
    def start_waiting(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        self.output_timeout = SLOWEST

    return start_waiting


os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
with contextlib.suppress(ImportError):  # where there is no nbval, there is nothing to repair
    import nbval.kernel
    import nbval.plugin

    nbval.kernel.start_new_kernel = patient(nbval.kernel.start_new_kernel)
    nbval.plugin.IPyNbCell.__init__ = waiting(nbval.plugin.IPyNbCell.__init__)
