"""Train different language models for the same time, and measure them on the same text."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from torch import Tensor, nn

from course_utils.arguments import instance, real_number, tensor, whole_number
from course_utils.recipes.language import count_parameters
from course_utils.recipes.learning import HELD_OUT
from course_utils.recipes.rivals_reading import check_scored, reader, rival_loss
from course_utils.recipes.rivals_recipes import SHORT, RivalRecipe, adamw, kind_of, rate_at
from course_utils.training import bits
from course_utils.training.good_weights import GoodWeights
from course_utils.training.interrupts import StopButton

_MOST_POINTS, _MOST_STEPS = 10_000, 10**15
_KEEP_EVERY = 50  # steps between two copies of the weights, for a run that explodes


@dataclass(frozen=True)
class RivalRun:
    """What `train_rival` gives.

    Attributes:
        name: "lstm", "gru", "mingru" or "gpt".
        params: how many numbers the model has learned.
        curve: pairs (seconds of training, held-out loss in nats per symbol), the last one at the
            end. Measuring is not in the seconds.
        tokens_per_s: symbols that were read per second of training.
        val_bits_per_char: held-out loss at the end, in bits per character.
        n_steps: of the optimiser.
        seconds: of training.
    """

    name: str
    params: int
    curve: tuple[tuple[float, float], ...]
    tokens_per_s: float
    val_bits_per_char: float
    n_steps: int
    seconds: float


def train_rival(
    model: nn.Module,
    numbers: Tensor,
    *,
    seconds: float | None = None,
    n_steps: int | None = None,
    held_out: Tensor | None = None,
    recipe: RivalRecipe | None = None,
    characters_per_token: float = 1.0,
    n_points: int = 6,
    n_scored: int | None = None,
) -> RivalRun:
    """Train a model in place, for a time or for a number of steps.

    The learning rate follows the clock (or the steps): so nobody has to know beforehand how many
    steps fit into the time. A run by the clock cannot be repeated exactly.

    Args:
        model: a CharLM, MinGRULM or GPT; it is in evaluation mode afterwards.
        numbers: int64, (N,), the text as symbols of any vocabulary.
        seconds, n_steps: when to stop; exactly one of them.
        held_out: int64, (M,), what to measure on; None: the last tenth of numbers, which is then
            not trained on.
        recipe: how to train; None: that of `SHORT` for this kind of model.
        characters_per_token: characters of the held-out text divided by its symbols.
        n_points: points of the curve, at least 1.
        n_scored: measure on this many symbols at the start of the held-out text, and not on all.

    Returns:
        The figures of the run.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: not exactly one of seconds and n_steps is given or one is not above 0, or the
            text is too short for the recipe.
        FloatingPointError: the loss became NaN or infinite; the model has earlier weights again.
        KeyboardInterrupt: it was stopped by hand. There are no figures then; the model keeps what
            it has learned.
    """
    _check_limits(seconds, n_steps)
    recipe = SHORT[kind_of(model)] if recipe is None else instance("recipe", recipe, RivalRecipe)
    characters_per_token = real_number("characters_per_token", characters_per_token, above=0)
    n_points = whole_number("n_points", n_points, least=1, most=_MOST_POINTS)
    tensor("numbers", numbers, ndim=1, shape="(N,)", kind="whole")
    if held_out is None:
        border = int((1 - HELD_OUT) * len(numbers))
        numbers, held_out = numbers[: border + 1], numbers[border:]
    check_scored(model, held_out, n_scored)
    race = _Race(model, numbers, recipe)

    def share() -> float:
        return race.seconds / seconds if n_steps is None else race.n_steps / n_steps

    curve = []
    with race.button:
        try:
            for point in range(1, n_points + 1):
                while share() < point / n_points:
                    race.step(share())
                nats = rival_loss(model, held_out, n_scored=n_scored)
                curve.append((race.seconds, nats))
        finally:
            race.button.hold()
            model.eval()
    if race.button.waiting:
        raise KeyboardInterrupt
    return race.figures(tuple(curve), characters_per_token)


def _check_limits(seconds: float | None, n_steps: int | None) -> None:
    """Refuse a run that has no end, or two."""
    if seconds is not None:
        real_number("seconds", seconds)
    if n_steps is not None:
        whole_number("n_steps", n_steps, most=_MOST_STEPS)
    if (seconds is None) == (n_steps is None) or not (seconds or n_steps or 0) > 0:
        raise ValueError(
            "give seconds or n_steps, one of the two and above 0; got "
            f"seconds={seconds} and n_steps={n_steps}"
        )


class _Race:
    """A model in training: its reader, its optimiser, its clock."""

    def __init__(self, model: nn.Module, numbers: Tensor, recipe: RivalRecipe) -> None:
        self.model, self.recipe = model, recipe
        self.parameters = list(model.parameters())
        self.seconds, self.n_steps = 0.0, 0
        self.optimizer = adamw(model, recipe)
        # The first pass of a process also loads code: once before the clock starts.
        reader(model, numbers, recipe)(0).backward()
        self.loss_of_step = reader(model, numbers, recipe)
        self.button, self.good = StopButton(), GoodWeights(model)

    def step(self, share: float) -> None:
        """Take one step; share of the run is over, from 0 to 1."""
        start = time.perf_counter()
        self.model.train()
        rate = rate_at(share, self.recipe)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss = self.loss_of_step(self.n_steps)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip)
        with self.button.held():
            self.optimizer.step()
            self.n_steps += 1
        self._refuse_no_number(loss.item())
        self.seconds += time.perf_counter() - start

    def _refuse_no_number(self, loss: float) -> None:
        """Stop a run that explodes, and put good weights back."""
        is_due = self.n_steps % _KEEP_EVERY == 0
        if math.isfinite(loss) and not (is_due and not self.good.are_numbers()):
            if is_due:
                self.good.keep(self.n_steps)
            return
        with self.button.held():
            self.optimizer.zero_grad()
            raise FloatingPointError(
                f"the loss became {loss} in step {self.n_steps}: build the model again and train "
                f"it with a learning_rate below {self.recipe.learning_rate}. {self.good.put_back()}"
            )

    def figures(
        self, curve: tuple[tuple[float, float], ...], characters_per_token: float
    ) -> RivalRun:
        """Return what the run gave."""
        self.model.eval()
        read = self.n_steps * self.recipe.batch_size * self.recipe.chunk_len
        return RivalRun(
            name=kind_of(self.model),
            params=count_parameters(self.model),
            curve=curve,
            tokens_per_s=read / self.seconds,
            val_bits_per_char=bits(curve[-1][1]) / characters_per_token,
            n_steps=self.n_steps,
            seconds=self.seconds,
        )
