"""Choose the size of a language model for the time that there is.

A narrow network reads more characters in a minute, a wide one learns more from each. Which of them
is better after a given time depends on the machine, so its speed is measured first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import torch

from course_utils.batching import Chunk
from course_utils.recipes.language import (
    LanguageRecipe,
    build_language_model,
    count_parameters,
    equal_width,
)
from course_utils.recipes.shipped import SHIPPED
from course_utils.runtime import pick_device
from course_utils.training import StreamLoss, TrainOptions, pick_precision, train

_PROBE_STEPS = 8  # after two that are not timed
_MORE_STEPS = 1.1  # the clock ends a run, also on a machine that is faster than it was measured


@dataclass(frozen=True)
class Size:
    """What to train when so many characters can be read.

    Attributes:
        n_symbols: characters that a run must be able to read with this width, at least.
        hidden_size: H of an LSTM.
        dropout: see CharLMConfig: a text that is read more often needs more of it.
        learning_rate: the highest one; long runs end better with a lower one.
    """

    n_symbols: int
    hidden_size: int
    dropout: float
    learning_rate: float = 0.024


# From long runs to short ones, found by trying, on the Shakespeare text (1.1 million characters).
SIZES = (
    Size(20_000_000, hidden_size=320, dropout=0.15, learning_rate=0.012),
    Size(10_000_000, hidden_size=256, dropout=0.1, learning_rate=0.016),
    Size(5_500_000, hidden_size=256, dropout=0.05, learning_rate=0.016),
    Size(3_000_000, hidden_size=256, dropout=0.0),
    Size(0, hidden_size=192, dropout=0.0),
)


def recipe_for(
    seconds: float,
    vocab_size: int,
    *,
    recipe: LanguageRecipe | None = None,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
    sizes: Sequence[Size] = SIZES,
) -> LanguageRecipe:
    """Return a recipe whose run takes so many seconds on this machine.

    It takes about a second: a few training steps of each width that is considered are timed.

    Args:
        seconds: how long the training may take, above 0.
        vocab_size: V.
        recipe: all but hidden_size, dropout, learning_rate, n_steps and max_seconds; None: the
            usual one. An RNN or GRU gets the width that gives it as many parameters as the LSTM.
        device: where it will run; None asks `pick_device`.
        dtype: as for `train_language`.
        sizes: what to choose from.

    Returns:
        The recipe. Its run ends by the clock (max_seconds), so it cannot be repeated exactly.

    Raises:
        ValueError: seconds is not above 0.
    """
    recipe = LanguageRecipe() if recipe is None else recipe

    def speed_of(size: Size) -> float:
        sized = _sized(recipe, size, vocab_size)
        return characters_per_second(sized, vocab_size, device=device, dtype=dtype)

    size, speed = choose_size(seconds, speed_of, sizes)
    return steps_within(seconds, _sized(recipe, size, vocab_size), speed)


def choose_size(
    seconds: float, speed_of: Callable[[Size], float], sizes: Sequence[Size] = SIZES
) -> tuple[Size, float]:
    """Choose the first size with which enough characters can be read.

    >>> speeds = {256: 40_000, 192: 60_000}
    >>> sizes = [Size(3_000_000, 256, 0.0), Size(0, 192, 0.0)]
    >>> size, speed = choose_size(60, lambda size: speeds[size.hidden_size], sizes)
    >>> size.hidden_size, speed
    (192, 60000)

    Args:
        seconds: how long the training may take.
        speed_of: returns characters per second of a size; called once for each width.
        sizes: from the one that needs most characters down to one that needs none.

    Returns:
        The size, and its characters per second.
    """
    speeds: dict[int, float] = {}
    for size in sizes:
        if size.hidden_size not in speeds:
            speeds[size.hidden_size] = speed_of(size)
        speed = speeds[size.hidden_size]
        if speed * seconds >= size.n_symbols:
            break
    return size, speed


def steps_within(seconds: float, recipe: LanguageRecipe, speed: float) -> LanguageRecipe:
    """Return the recipe with the steps and the time limit of a run of so many seconds.

    Args:
        seconds: above 0.
        recipe: its n_streams and chunk_len say how many characters a step reads.
        speed: characters per second.

    Raises:
        ValueError: seconds is not above 0.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds}")
    n_steps = math.ceil(_MORE_STEPS * seconds * speed / (recipe.n_streams * recipe.chunk_len))
    return replace(recipe, n_steps=max(1, n_steps), max_seconds=seconds)


def characters_per_second(
    recipe: LanguageRecipe,
    vocab_size: int,
    *,
    device: torch.device | None = None,
    dtype: torch.dtype | None = None,
) -> float:
    """Measure how fast the network of a recipe is trained here.

    Args:
        recipe: sizes of the network and of the batches.
        vocab_size: V.
        device, dtype: as for `recipe_for`.

    Returns:
        Characters per second of a few steps on random symbols, the optimiser included.
    """
    device = pick_device() if device is None else device
    dtype = pick_precision(device, kind=recipe.kind) if dtype is None else dtype
    model, loss_of = build_language_model(vocab_size, recipe).to(device), StreamLoss(dtype)
    with torch.random.fork_rng(devices=[]):
        shape = recipe.n_streams, recipe.chunk_len + 1
        symbols = torch.randint(vocab_size, shape)
        chunks = repeat(Chunk(symbols[:, :-1], symbols[:, 1:], is_first=False))
        train(model, chunks, loss_of, TrainOptions(2))
        seconds = train(model, chunks, loss_of, TrainOptions(_PROBE_STEPS)).seconds
    return _PROBE_STEPS * recipe.n_streams * recipe.chunk_len / seconds


def _sized(recipe: LanguageRecipe, size: Size, vocab_size: int) -> LanguageRecipe:
    """Return the recipe with this size; an RNN or GRU gets as many parameters as the LSTM."""
    own = {"hidden_size": size.hidden_size, "dropout": size.dropout}
    lstm = replace(recipe, kind="lstm", learning_rate=size.learning_rate, **own)
    return lstm if recipe.kind == "lstm" else as_large(lstm, recipe.kind, vocab_size)


def as_large(lstm: LanguageRecipe, kind: str, vocab_size: int) -> LanguageRecipe:
    """Return the recipe of another kind of network with as many parameters as an LSTM.

    Args:
        lstm: the recipe of the LSTM.
        kind: "rnn" or "gru".
        vocab_size: V.

    Returns:
        The recipe with the closest width, and with the learning rate of the shipped network of
        that kind: a plain RNN fails with an LSTM's.
    """
    n_parameters = count_parameters(build_language_model(vocab_size, lstm))
    width = equal_width(kind, n_parameters, vocab_size, lstm)
    rate = SHIPPED[kind].learning_rate
    return replace(lstm, kind=kind, hidden_size=width, learning_rate=rate)
