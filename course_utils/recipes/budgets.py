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

from course_utils.arguments import instance, items, one_of, real_number, whole_number
from course_utils.batching import Chunk
from course_utils.models.inputs import check_size, settle
from course_utils.recipes.language import (
    LanguageRecipe,
    build_language_model,
    count_parameters,
    equal_width,
)
from course_utils.recipes.shipped import SHIPPED
from course_utils.runtime import pick_device
from course_utils.training import StreamLoss, TrainOptions, pick_precision, train
from course_utils.training.precision import checked_device

_PROBE_STEPS = 8  # after two that are not timed
_LONGEST = 366 * 24 * 3600.0
_MOST_SYMBOLS = 2**22  # of one step that is timed
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

    def __post_init__(self) -> None:
        """Refuse what no network can be trained with."""
        settle(
            self,
            n_symbols=whole_number("n_symbols", self.n_symbols, least=0),
            hidden_size=check_size("hidden_size", self.hidden_size),
            dropout=real_number("dropout", self.dropout, least=0, below=1),
            learning_rate=real_number("learning_rate", self.learning_rate, above=0),
        )


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
        TypeError: an argument is not of its kind.
        ValueError: seconds is not above 0, or another argument is out of its range.
    """
    seconds, vocab_size = _seconds(seconds), check_size("vocab_size", vocab_size)
    recipe = LanguageRecipe() if recipe is None else instance("recipe", recipe, LanguageRecipe)

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

    Raises:
        TypeError: an argument is not of its kind, or speed_of returns no number.
        ValueError: seconds is not above 0, or sizes is empty.
    """
    seconds = _seconds(seconds)
    if not callable(speed_of):
        raise TypeError(f"speed_of must be a function of a Size, got {speed_of!r:.60}")
    speeds: dict[int, float] = {}
    for size in items("sizes", sizes, what="a list of Size", least=1):
        instance("sizes", size, Size, what="a list of Size")
        if size.hidden_size not in speeds:
            speeds[size.hidden_size] = speed = speed_of(size)
            real_number("what speed_of returns", speed, least=0)
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
        TypeError: an argument is not of its kind.
        ValueError: seconds is not above 0, or speed is below 0.
    """
    instance("recipe", recipe, LanguageRecipe)
    seconds, speed = _seconds(seconds), real_number("speed", speed, least=0, most=1e15)
    n_steps = math.ceil(_MORE_STEPS * seconds * speed / (recipe.n_streams * recipe.chunk_len))
    return replace(recipe, n_steps=max(1, n_steps), max_seconds=seconds)


def _seconds(seconds: float) -> float:
    """Return a time limit."""
    seconds = real_number("seconds", seconds)
    if not 0 < seconds:
        raise ValueError(f"seconds must be above 0, got {seconds}")
    if seconds > _LONGEST:
        raise ValueError(f"seconds must be at most a year, {_LONGEST:.0f}, got {seconds}")
    return seconds


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

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: one is out of its range, or a batch of the recipe needs too much memory.
    """
    instance("recipe", recipe, LanguageRecipe)
    if (n_symbols := recipe.n_streams * recipe.chunk_len) > _MOST_SYMBOLS:
        raise ValueError(
            f"recipe reads {n_symbols:,} symbols in a step (n_streams * chunk_len), and at most "
            f"{_MOST_SYMBOLS:,} are measured: choose fewer streams or shorter chunks"
        )
    device = pick_device() if device is None else checked_device(device)
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

    Raises:
        TypeError: lstm is no LanguageRecipe.
        ValueError: kind or vocab_size is out of its range.
    """
    instance("lstm", lstm, LanguageRecipe)
    if lstm.kind != "lstm":
        raise ValueError(f"lstm must be the recipe of an LSTM, got kind={lstm.kind!r}")
    kind = one_of("kind", kind, ("rnn", "gru"))
    n_parameters = count_parameters(build_language_model(vocab_size, lstm))
    width = equal_width(kind, n_parameters, vocab_size, lstm)
    rate = SHIPPED[kind].learning_rate
    return replace(lstm, kind=kind, hidden_size=width, learning_rate=rate)
