"""How fast an LSTM learns here, compared with the machine on which the minutes were measured."""

from __future__ import annotations

import time

from course_utils.arguments import real_number, whole_number
from course_utils.runtime import threads_limited

# `lstm_seconds()` on the machine of the stated minutes: AMD EPYC (family 25, model 17), two cores,
# PyTorch 2.13.0. Measure it again, on a quiet machine, whenever the minutes are measured again.
REFERENCE_SECONDS = 0.061

MOST_SECONDS = 60.0
_BATCH, _STEPS, _INPUTS, _UNITS = 32, 64, 64, 256  # the size of the network in lesson 08


def lstm_seconds(*, repeats: int = 6, limit: float = 2.0) -> float:
    """Time one training step of an LSTM on one thread of the CPU.

    The fastest of several steps counts: other programs can only make a step slower. The random
    numbers of the notebook are left as they are.

    Args:
        repeats: how often to measure, at least 1; one more step comes before the clock starts.
        limit: seconds after which no further step is begun, from 0 to 60.

    Returns:
        Seconds for one step forward and back through 64 letters of 32 texts.

    Raises:
        TypeError: repeats is not a whole number, or limit no number.
        ValueError: repeats is below 1, or limit is not from 0 to 60.
    """
    import torch

    repeats = whole_number("repeats", repeats, least=1)
    limit = real_number("limit", limit, least=0, most=MOST_SECONDS)
    with torch.random.fork_rng(devices=[]), threads_limited(1):
        torch.manual_seed(0)
        lstm = torch.nn.LSTM(_INPUTS, _UNITS, batch_first=True)
        x = torch.randn(_BATCH, _STEPS, _INPUTS)
        times: list[float] = []
        end = time.perf_counter() + limit
        while len(times) <= repeats and (len(times) < 2 or time.perf_counter() < end):
            start = time.perf_counter()
            lstm(x)[0].sum().backward()
            times.append(time.perf_counter() - start)
    return min(times[1:])


def compared(ratio: float) -> str:
    """Say how many times the minutes of the course a machine takes.

    >>> compared(1.31), compared(0.97)
    ('about 1.3 times the stated minutes', 'about the stated minutes')
    """
    if 0.87 < ratio < 1.15:
        return "about the stated minutes"
    return f"about {ratio:.1f} times the stated minutes"
