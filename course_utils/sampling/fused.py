"""A fast writer for one stream of text: the network's steps, written out by hand in NumPy.

When nn.LSTM reads one symbol at a time, most of the time does not go into the arithmetic: in every
call the weights are prepared and the arguments checked, and a step has many operations, each with
new arrays. `FastWriter` computes the same with little around it:

- the symbol's vector times W_ih, plus the biases, is one row of a table, computed once;
- one matrix product per layer and step, and one tanh for all gates (see `fused_cells`);
- the layer norm is inside the readout (see `fused_weights`): what is left is one subtraction and
  the standard deviation;
- no softmax: the random number is multiplied by the sum of all exp(score), instead of each of them
  being divided by it;
- random numbers come in blocks, and every array is made once and used again.

What remains is mostly the time to read the weights, W_hh above all, from memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import repeat

import numpy as np
import torch
from threadpoolctl import ThreadpoolController

from course_utils.models import CharLM
from course_utils.models.inputs import check_indices
from course_utils.sampling.choosing import check_generator, check_options
from course_utils.sampling.fused_choice import chooser, start_stream
from course_utils.sampling.fused_weights import fold
from course_utils.sampling.writing import check_length, check_request

BLOCK = 256  # random numbers drawn at a time
_ONE_AT_A_TIME = threading.Lock()


class FastWriter:
    """Write the text that `generate` writes, many times faster: one stream, on the CPU.

    It holds a copy of the weights in float32: after more training, make a new one.

    The text is that of `generate` for the same generator, but for rounding: sums in another order
    differ by about 1e-7, and about one random number in a million falls so close to the border of
    two symbols that the other one is drawn. (In a network that enlarges small differences from step
    to step, as untrained ones with large weights do, the texts may part earlier.)

    >>> from course_utils.models import CharLMConfig
    >>> from course_utils.sampling import generate
    >>> model = CharLM(CharLMConfig(vocab_size=4, hidden_size=8))
    >>> text = FastWriter(model).write([0], 50, generator=torch.Generator().manual_seed(0))
    >>> text == generate(model, [0], 50, generator=torch.Generator().manual_seed(0))
    True
    """

    def __init__(self, model: CharLM) -> None:
        """Copy the weights, from whatever device they are on.

        Args:
            model: in float32 or float64. Its mode does not matter: there is no dropout here.

        Raises:
            TypeError: model is not a CharLM, or its weights have another type.
        """
        self._weights = fold(model)

    def write(
        self,
        start: Sequence[int],
        length: int,
        *,
        generator: torch.Generator | None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        stop: int | None = None,
        forbid: Sequence[int] = (),
    ) -> list[int]:
        """Write symbols, and leave the generator in the state in which `generate` leaves it.

        Meanwhile NumPy multiplies matrices on one thread: sharing so small a product among
        several costs more than it saves. Writers in several Python threads take turns.

        Args:
            start, length, generator, temperature, top_k, top_p, stop, forbid: as in `generate`.

        Returns:
            The new symbols, without the start and without the stop symbol.

        Raises:
            TypeError, ValueError: as in `generate`.
        """
        length = check_length(length)
        unread, stop, forbid = check_request(len(self._weights.table), start, stop, forbid)
        options = check_options(temperature, top_k, top_p)
        check_generator(generator, options.temperature)
        read, score = start_stream(self._weights, options.temperature, forbid)
        choose = chooser(score, self._weights, *options)
        written: list[int] = []
        with (
            _on_one_thread(),
            closing(_random_numbers(generator, options.temperature, length)) as numbers,
        ):
            for u in numbers:
                for symbol in unread:
                    read(symbol)
                symbol = choose(u)
                if symbol == stop:
                    break
                written.append(symbol)
                unread = [symbol]
        return written

    def scores(self, symbols: Sequence[int]) -> np.ndarray:
        """Read symbols and return the scores of the next symbol after each of them.

        Args:
            symbols: T indices, at least one.

        Returns:
            float64, (T, V), what the model calls logits.

        Raises:
            TypeError, ValueError: as for the start in `generate`, or there is no symbol.
        """
        checked = check_indices("symbols", symbols, len(self._weights.table))
        if not checked:
            raise ValueError("symbols is empty: give at least one symbol to read")
        read, score = start_stream(self._weights, 1.0, ())
        rows = []
        with _on_one_thread():
            for symbol in checked:
                read(symbol)
                rows.append(score().copy())
        return np.stack(rows)


@contextmanager
def _on_one_thread() -> Iterator[None]:
    """Let NumPy multiply on one thread, and not warn of nan, which is looked for afterwards.

    The setting belongs to the whole process: two writers at once would restore each other's.
    """
    with _ONE_AT_A_TIME, _blas().limit(limits=1), np.errstate(all="ignore"):
        yield


@cache
def _blas() -> ThreadpoolController:
    """Find NumPy's library of matrix products, once: it takes a millisecond."""
    return ThreadpoolController().select(user_api="blas")


def _random_numbers(
    generator: torch.Generator | None, temperature: float, n: int
) -> Iterator[float]:
    """Yield n random numbers from [0, 1): those that `draw` would take one by one.

    They are drawn in blocks. When it is closed early, the generator goes back to the start of the
    block and draws again only what was used.
    """
    if temperature == 0:
        yield from repeat(0.0, n)
        return
    # A GPU's generator does not give the same numbers in blocks.
    block = BLOCK if generator.device.type == "cpu" else 1
    for first in range(0, n, block):
        size, used = min(block, n - first), 0
        before = generator.get_state()
        try:
            for number in _uniform(generator, size):
                used += 1
                yield number
        finally:
            if used < size:
                generator.set_state(before)
                _uniform(generator, used)


def _uniform(generator: torch.Generator, n: int) -> list[float]:
    """Return n random numbers from [0, 1), float64."""
    device = generator.device
    return torch.rand(n, generator=generator, dtype=torch.float64, device=device).tolist()
