"""The progress bar of the course's training loops; tqdm draws it, and counts the time left."""

from __future__ import annotations

import math
from types import TracebackType
from typing import Any


class Progress:
    """Show how far a run is, and how well it goes.

    Used in a `with` block; with show=False it does nothing, and tqdm is not even imported.

    Args:
        total: how many steps the run has.
        unit: what one step is called, "step" or "epoch".
        show: draw the bar.
        first: steps that were finished before, in a run that is resumed.
        symbols_per_step: above 0, the loss is also given in bits per character, and the speed in
            characters per second.
    """

    def __init__(
        self, total: int, unit: str, *, show: bool, first: int = 0, symbols_per_step: int = 0
    ) -> None:
        self._symbols, self._first, self._bar = symbols_per_step, first, None
        if show:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total, initial=first, desc="training", unit=unit)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def reach(self, done: int, loss: float) -> None:
        """Say how many steps are finished.

        Args:
            done: steps since the beginning of the run.
            loss: of the newest of them, in nats.
        """
        if self._bar is None:
            return
        self._bar.update(done - self._bar.n)
        self._bar.set_postfix_str(describe(loss, self._speed()))

    def _speed(self) -> float | None:
        """Return characters per second; None when steps are not counted in characters."""
        if not self._symbols:
            return None
        facts: dict[str, Any] = self._bar.format_dict
        symbols, seconds = self._symbols * (facts["n"] - self._first), facts["elapsed"]
        return symbols / seconds if seconds else 0.0


def describe(loss: float, symbols_per_second: float | None = None) -> str:
    """Write the loss, and for characters also the bits and the speed, in few letters.

    >>> describe(1.5), describe(1.5, 43210.0)
    ('loss 1.500', 'loss 1.500 nats, 2.16 bits/char, 43,210 chars/s')

    Args:
        loss: mean loss, in nats per symbol where symbols are counted.
        symbols_per_second: speed; None when the loss is not one of characters.

    Returns:
        One line.
    """
    if symbols_per_second is None:
        return f"loss {loss:.3f}"
    bits = loss / math.log(2)
    return f"loss {loss:.3f} nats, {bits:.2f} bits/char, {symbols_per_second:,.0f} chars/s"
