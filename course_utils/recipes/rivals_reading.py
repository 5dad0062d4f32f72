"""Read a text for training and for measuring, each model in the way that suits it.

Recurrent networks read contiguous streams with the state carried from chunk to chunk; a GPT reads
windows, because it has no state to carry further than its context.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils.arguments import instance, tensor, whole_number
from course_utils.batching import Streams
from course_utils.models import GPT, evaluation_mode
from course_utils.models.inputs import check_tokens
from course_utils.recipes.rivals_recipes import RivalRecipe, kind_of
from course_utils.training import StreamLoss, held_out_loss

_SCORED_AT_ONCE = 64  # windows per call when the loss is measured
_MOST_READ = 2**24  # symbols of one batch
_LEAST_STREAM = 2048  # symbols of a stream when a part of the held-out text is measured


def windows_at(numbers: Tensor, starts: Tensor, length: int) -> Tensor:
    """Cut windows of `length` inputs and one more symbol, the target of the last one.

    >>> windows_at(torch.arange(9), torch.tensor([0, 5]), 3)
    tensor([[0, 1, 2, 3],
            [5, 6, 7, 8]])

    Args:
        numbers: int64, (N,), the text.
        starts: int64, (B,), where they begin, from 0 to N - length - 1.
        length: T, at least 1.

    Returns:
        int64, (B, T + 1).

    Raises:
        TypeError: numbers or starts is no tensor of int64, or length no whole number.
        ValueError: length is below 1.
        IndexError: a window would not lie in the text.
    """
    _check_row("numbers", numbers)
    _check_row("starts", starts)
    length = whole_number("length", length, least=1)
    if len(starts) and not (0 <= int(starts.min()) and int(starts.max()) < len(numbers) - length):
        raise IndexError(
            f"starts must be from 0 to {len(numbers) - length - 1} for windows of length={length} "
            f"in numbers of {len(numbers)} symbols, got {int(starts.min())} to {int(starts.max())}"
        )
    return numbers[starts[:, None] + torch.arange(length + 1)]


def random_windows(
    numbers: Tensor, *, n_windows: int, length: int, generator: torch.Generator | None = None
) -> Tensor:
    """Cut windows at random places.

    Args:
        numbers: int64, (N,), the text.
        n_windows: B.
        length: T, inputs of each, below N.
        generator: source of the random numbers; None: PyTorch's own.

    Returns:
        int64, (B, T + 1).

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the text is too short for a window, or a number is out of its range.
    """
    _check_row("numbers", numbers)
    length = whole_number("length", length, least=1)
    n_windows = whole_number("n_windows", n_windows, least=1)
    if generator is not None:
        instance("generator", generator, torch.Generator)
    if len(numbers) <= length:
        raise ValueError(
            f"the text is too short: {len(numbers)} symbols are there (numbers), and a window of "
            f"length={length} inputs and a last target needs {length + 1}"
        )
    if n_windows * (length + 1) > _MOST_READ:
        raise ValueError(
            f"n_windows * length must be below {_MOST_READ:,}, got n_windows={n_windows} and "
            f"length={length}"
        )
    starts = torch.randint(len(numbers) - length, (n_windows,), generator=generator)
    return windows_at(numbers, starts, length)


def window_loss(model: GPT, numbers: Tensor, *, stride: int) -> float:
    """Return the mean loss over a part of a text, every symbol but the first predicted once.

    A window reads `context` symbols; the next one begins `stride` symbols later, and only the
    predictions that no window before it has made are counted. With stride = context the windows do
    not overlap, and the first prediction in each sees one symbol. With half of it every prediction
    (but those of the first window) sees at least half a context: a lower loss, for twice the work.
    The last window is moved back so that it ends with the text.

    Args:
        model: the Transformer.
        numbers: int64, (N,), the part; N at least 2.
        stride: from 1 to the context.

    Returns:
        Nats per symbol.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: stride is out of its range, or numbers are fewer than 2 or not of the model.
    """
    instance("model", model, GPT)
    _check_row("numbers", numbers, least=2)
    check_tokens(numbers[None], model.config.vocab_size, name="numbers")
    stride, context = whole_number("stride", stride), model.config.context
    if not 1 <= stride <= context:
        raise ValueError(f"stride must be from 1 to {context}, got {stride}")
    n_predicted = len(numbers) - 1
    length = min(context, n_predicted)
    starts = torch.tensor([*range(0, n_predicted - length, stride), n_predicted - length])
    firsts = torch.cat([torch.zeros(1, dtype=torch.int64), starts[:-1] + length])
    device, total = next(model.parameters()).device, 0.0
    with torch.no_grad():
        for some, first in zip(
            starts.split(_SCORED_AT_ONCE), firsts.split(_SCORED_AT_ONCE), strict=True
        ):
            windows = windows_at(numbers, some, length).to(device)
            logits, targets = model(windows[:, :-1])[0], windows[:, 1:]
            losses = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
            fresh = some[:, None] + torch.arange(length) >= first[:, None]
            total += float(losses[fresh].double().sum())
    return total / n_predicted


def reader(model: nn.Module, numbers: Tensor, recipe: RivalRecipe) -> Callable[[int], Tensor]:
    """Return a function that reads the batch of a step, and returns its mean loss in nats.

    Args:
        model: a GPT reads random windows, every other model contiguous streams with its state
            carried.
        numbers: int64, (N,).
        recipe: batch_size, chunk_len, and the seed of the windows.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the text is too short.
    """
    kind_of(model)
    _check_row("numbers", numbers)
    instance("recipe", recipe, RivalRecipe)
    if not isinstance(model, GPT):
        streams = Streams(numbers, n_streams=recipe.batch_size, chunk_len=recipe.chunk_len)
        loss_of = StreamLoss()
        return lambda step: loss_of(model, streams.chunk(step))
    sizes = {"n_windows": recipe.batch_size, "length": recipe.chunk_len}
    generator = torch.Generator().manual_seed(recipe.seed)
    device = next(model.parameters()).device

    def loss(step: int) -> Tensor:
        windows = random_windows(numbers, **sizes, generator=generator).to(device)
        logits, _ = model(windows[:, :-1])
        return F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())

    return loss


def rival_loss(model: nn.Module, held_out: Tensor, *, n_scored: int | None = None) -> float:
    """Return the held-out loss of a model, each in the way that suits it.

    Args:
        model: a GPT is read in windows that overlap by half (see `window_loss`), every other model
            with its state carried.
        held_out: int64, (M,), M at least 2.
        n_scored: the first symbols only. The part is then cut into streams of at least 2048
            symbols that are read side by side, so that a recurrent network needs less time.

    Returns:
        Nats per symbol.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: held_out has fewer than 2 symbols or others than the model, or n_scored is
            below 1.
    """
    check_scored(model, held_out, n_scored)
    part = held_out if n_scored is None else held_out[: n_scored + 1]
    with evaluation_mode(model):
        if isinstance(model, GPT):
            return window_loss(model, part, stride=max(1, model.config.context // 2))
        n_streams = 1 if n_scored is None else max(1, (len(part) - 1) // _LEAST_STREAM)
        return held_out_loss(model, part, start=0, n_streams=n_streams)


def check_scored(model: nn.Module, held_out: Tensor, n_scored: int | None) -> None:
    """Refuse what `rival_loss` cannot measure.

    Raises:
        TypeError, ValueError: see `rival_loss`.
    """
    kind_of(model)
    _check_row("held_out", held_out, least=2)
    check_tokens(held_out[None], model.config.vocab_size, name="held_out")
    if n_scored is not None:
        whole_number("n_scored", n_scored, least=1)


def _check_row(name: str, numbers: Tensor, *, least: int = 0) -> None:
    """Refuse what is not one row of symbols."""
    tensor(name, numbers, ndim=1, shape="(N,)", kind="whole")
    if len(numbers) < least:
        raise ValueError(f"{name} must hold at least {least} symbols, got {len(numbers)}")
