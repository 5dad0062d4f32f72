"""Train a language model on a text of any length, and measure it on what it has not read.

The text is read as contiguous streams, with the state carried from chunk to chunk (truncated
backpropagation through time). Its last tenth is never trained on: the held-out loss is the mean
over all of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.arguments import flag, instance, shown
from course_utils.batching import Chunk, Streams
from course_utils.batching.streams import is_readable
from course_utils.corpora import LongText
from course_utils.models import CharLM
from course_utils.recipes.language import LanguageRecipe, build_language_model
from course_utils.runtime import pick_device
from course_utils.training import (
    Keeper,
    StreamLoss,
    TrainHistory,
    TrainOptions,
    held_out_loss,
    pick_precision,
    train,
)
from course_utils.training.interrupts import gradients_stay
from course_utils.training.ranks import in_first, is_distributed, mean, rank, world_size

HELD_OUT = 0.1  # the share of a text, at its end, that is only for measuring
# For the scores on the way; the final one reads the part in one piece.
_QUICK_STREAMS, _QUICK_ROW = 32, 256  # streams at most, symbols of each at least
_QUICK_SYMBOLS = 2**18


@dataclass(frozen=True)
class LanguageRun:
    """What a run of `train_language` gives.

    Attributes:
        model: the trained network, in evaluation mode, on its device.
        history: losses, and held-out scores that are quick estimates.
        val_nats: loss over the whole held-out part, the state carried, in nats per symbol; an
            estimate if quick was asked for or this measuring was interrupted (infinite if there
            was none). The best weights were chosen by scores on the same part, so it is a little
            lower than on a text that nothing was chosen by.
        symbols_per_second: speed of the training, all processes together, without the held-out
            scores; of a run that was resumed, the speed since then.
    """

    model: CharLM
    history: TrainHistory
    val_nats: float
    symbols_per_second: float = 0.0


def border(text: LongText) -> int:
    """Return where the held-out part begins: after the first nine tenths of the symbols.

    The symbol at the border is read by both parts and predicted by the training part alone.

    Raises:
        TypeError: text is no LongText.
        ValueError: the text is so short that nothing is left to predict behind the border.
    """
    if not is_readable(text):
        raise TypeError(f"text must be a LongText, as open_text gives one, got {shown(text)}")
    place = int((1 - HELD_OUT) * len(text))
    if len(text) - place < 2:
        raise ValueError(
            f"the text is too short: {len(text)} symbols are there, and with fewer than "
            f"{round(1 / HELD_OUT) + 1} its last tenth, the held-out part, predicts nothing"
        )
    return place


@gradients_stay()
def train_language(
    text: LongText,
    recipe: LanguageRecipe,
    *,
    dtype: torch.dtype | None = None,
    quick: bool = False,
    progress: bool = False,
    on_score: Callable[[CharLM, TrainHistory], None] | None = None,
    keeper: Keeper | None = None,
    **scoring: int,
) -> LanguageRun:
    """Build a language model and train it on the first nine tenths of a text.

    In several processes (torchrun), each reads its own streams, all have the losses of the whole
    batch, and all end with the same weights.

    Args:
        text: what to learn.
        recipe: how.
        dtype: precision of the network's numbers; None measures which one is faster here.
        quick: let val_nats be an estimate, see `score`.
        progress: show a progress bar.
        on_score, keeper: see `train`.
        scoring: evaluate_every and patience, see TrainOptions.

    Returns:
        The network with the best held-out score, on `pick_device()`, and how it came to be.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the text is too short for the streams, or for a held-out part.
        FloatingPointError: the loss became NaN; no network is returned.
        KeyboardInterrupt: one of several processes was stopped by hand. A process that is alone
            keeps what it has learned, see `train`.
    """
    border(text)
    instance("recipe", recipe, LanguageRecipe)
    progress, quick = flag("progress", progress), flag("quick", quick)
    device = pick_device()
    dtype = in_first(lambda: pick_precision(device, kind=recipe.kind)) if dtype is None else dtype
    model = build_language_model(len(text.symbols), recipe).to(device)
    streams, clock = training_streams(text, recipe), _Clock(dtype)
    symbols, shown = recipe.n_streams * recipe.chunk_len, progress and rank() == 0
    options = train_options(recipe, symbols_per_step=symbols, progress=shown, **scoring)
    torch.manual_seed(recipe.seed + 1 + rank())  # dropout: other numbers in every process
    history = None
    try:
        history = train(
            _shared(model),
            streams,
            clock,
            options,
            evaluate=lambda model: clock.pause(lambda: score(model, text, quick=True, dtype=dtype)),
            on_score=on_score if rank() == 0 else None,
            keeper=keeper,
        )
        val_nats = _final_score(model, text, history, quick=quick)
        return LanguageRun(model, history, val_nats, clock.steps_per_second() * symbols)
    except KeyboardInterrupt:
        if history is None or is_distributed():
            raise
        # While the last score was measured: what was learned must not be lost.
        history.interrupted, val_nats = True, history.best_score()
        return LanguageRun(model, history, val_nats, clock.steps_per_second() * symbols)


def _final_score(model: CharLM, text: LongText, history: TrainHistory, *, quick: bool) -> float:
    """Return the held-out loss of a network that has been trained, in nats per symbol."""
    if history.interrupted and is_distributed():
        raise KeyboardInterrupt  # the others may be anywhere, so nothing can be done together
    if quick and history.scores:
        return history.best_score()
    return in_first(lambda: score(model, text, quick=quick))


class _Clock(StreamLoss):
    """The loss of a run; it also counts the steps, and times them without the held-out scores."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__(dtype)
        self._n_steps, self._pauses, self._start = 0, 0.0, 0.0

    def __call__(self, model: nn.Module, chunk: Chunk) -> Tensor:
        """Return the loss of the whole batch; its gradient is that of this process's streams."""
        if self._n_steps == 1:  # the first step also loads code, so it is not timed
            self._start, self._pauses = time.perf_counter(), 0.0
        self._n_steps += 1
        loss = super().__call__(model, chunk)
        if not is_distributed():
            return loss
        # The same number everywhere: the history of any process is that of the run, and a loss that
        # is no number ends all of them in the same step.
        own = loss.detach()
        return loss + (mean(own) - own)

    def pause(self, measure: Callable[[], float]) -> float:
        """Measure something in the first process, for all, while the clock stands still."""
        begin = time.perf_counter()
        value = in_first(measure)
        self._pauses += time.perf_counter() - begin
        return value

    def steps_per_second(self) -> float:
        """Return the speed since the second step; 0 before it."""
        if self._n_steps < 2:
            return 0.0
        return (self._n_steps - 1) / (time.perf_counter() - self._start - self._pauses)


def training_streams(text: LongText, recipe: LanguageRecipe) -> Streams:
    """Return the batches of a recipe: the streams of this process in the first nine tenths.

    Raises:
        TypeError: text or recipe is not of its kind.
        ValueError: the text is too short, or the processes cannot share the streams evenly.
    """
    stop = border(text) + 1
    instance("recipe", recipe, LanguageRecipe)
    sizes = {"n_streams": recipe.n_streams, "chunk_len": recipe.chunk_len}
    try:
        return Streams(text, **sizes, stop=stop, rank=rank(), world_size=world_size())
    except ValueError as error:
        raise ValueError(f"in the first nine tenths of {len(text)} characters: {error}") from None


def train_options(recipe: LanguageRecipe, **more: Any) -> TrainOptions:
    """Return what `train` needs to know: what the recipe says of it, and more.

    Args:
        recipe: its fields that TrainOptions has too are taken.
        more: the other fields of TrainOptions.

    Raises:
        TypeError: recipe is no LanguageRecipe.
    """
    instance("recipe", recipe, LanguageRecipe)
    names = {field.name for field in fields(TrainOptions)} & set(vars(recipe))
    return TrainOptions(**{name: getattr(recipe, name) for name in names}, **more)


def _shared(model: CharLM) -> nn.Module:
    """Wrap a network so that all processes add up their gradients; alone, return it as it is."""
    return nn.parallel.DistributedDataParallel(model) if is_distributed() else model


def score(
    model: CharLM, text: LongText, *, quick: bool = False, dtype: torch.dtype = torch.float32
) -> float:
    """Return the loss over the held-out part of a text.

    Args:
        model: in evaluation mode.
        text: its last tenth is read.
        quick: read it in up to 32 streams side by side, and of a long text only the first 262,144
            symbols of that tenth: an estimate.
        dtype: precision of the network's numbers.

    Returns:
        Nats per symbol.

    Raises:
        ValueError: the text is so short that its last tenth holds no symbol to predict.
    """
    start, stop, n_streams = border(text), len(text), 1
    if flag("quick", quick):
        stop = min(stop, start + _QUICK_SYMBOLS)
        n_streams = min(_QUICK_STREAMS, max(1, (stop - start) // _QUICK_ROW))
    return held_out_loss(model, text, start=start, stop=stop, n_streams=n_streams, dtype=dtype)
