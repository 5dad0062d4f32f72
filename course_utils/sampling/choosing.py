"""Choose the next symbol: from scores to probabilities, and from probabilities to a symbol.

Every random number comes from a torch.Generator that the caller gives.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.arguments import real_number, tensor, whole_number


def probabilities(
    logits: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Turn scores into the probabilities of the next symbol.

    First the temperature: p_i = exp(z_i / temperature) / sum_j exp(z_j / temperature). Then top_k
    keeps the k likeliest symbols, then top_p the smallest set of these with at least the share p of
    their probability (Holtzman et al., 2020, "The curious case of neural text degeneration"). What
    is kept is scaled so that it sums to 1. Of equally likely symbols the lower index comes first.

    >>> probabilities(torch.tensor([0.5, 0.3, 0.2]).log(), top_k=2)
    tensor([0.6250, 0.3750, 0.0000])

    Args:
        logits: float, (..., V); -inf for a symbol that must not be drawn.
        temperature: below 1 sharpens, above 1 flattens; 0 gives all to the first largest logit.
        top_k: how many symbols are kept, at least 1; None or more than V keeps all.
        top_p: share of the probability that is kept, above 0 and up to 1; None keeps all.

    Returns:
        (..., V), in the dtype of logits, but at least float32; each row sums to 1.

    Raises:
        TypeError: logits are not a tensor of floating-point numbers, or an option is no number.
        ValueError: an option is out of its range, or the logits hold NaN or no finite number.
    """
    return chances_of(logits, check_options(temperature, top_k, top_p))


def chances_of(logits: Tensor, options: Options) -> Tensor:
    """Do what `probabilities` does, with options that are known to be right."""
    scores = checked_scores(logits)
    if options.temperature == 0:
        return nn.functional.one_hot(scores.argmax(-1), scores.shape[-1]).to(scores.dtype)
    # With the largest score at 0 nothing overflows; float32 holds neither 1e-50 nor 1e50.
    scores = scores - scores.amax(-1, keepdim=True)
    chances = (scores / min(max(options.temperature, 1e-30), 1e30)).softmax(-1)
    return _truncate(chances, options.top_k, options.top_p)


def draw(
    logits: Tensor,
    generator: torch.Generator | None,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """Draw one symbol for each row of scores.

    One random number u from [0, 1) per row: the drawn symbol is the first whose probability,
    summed up with those before it, is above u. The same generator state and logits give the same
    symbols. The rows share the generator, so a row may differ from the same row drawn alone.

    Args:
        logits: float, (B, V), on any device.
        generator: moves on by B random numbers; not used, and may be None, at temperature 0.
        temperature, top_k, top_p: as in `probabilities`.

    Returns:
        int64, (B,), on the device of logits.

    Raises:
        TypeError: generator is something else, or see `probabilities`.
        ValueError: logits are not (B, V), generator is missing, or see `probabilities`.
    """
    tensor("logits", logits, ndim=2, shape="(B, V)")
    options = check_options(temperature, top_k, top_p)
    check_generator(generator, options.temperature)
    return drawn(logits, generator, options)


def drawn(logits: Tensor, generator: torch.Generator | None, options: Options) -> Tensor:
    """Do what `draw` does, with a generator and options that are known to be right."""
    chances = chances_of(logits, options)
    if options.temperature == 0:
        return chances.argmax(-1)
    # On the CPU and in double: a GPU may add the same numbers in another order the next time.
    sums = chances.detach().cpu().double().cumsum(-1)
    total = sums[:, -1:]
    u = torch.rand(total.shape, generator=generator, dtype=total.dtype, device=generator.device)
    # Rounding must not reach the total: behind it only symbols of probability 0 are left.
    target = torch.minimum(u.cpu() * total, total.nextafter(torch.zeros_like(total)))
    return torch.searchsorted(sums, target, right=True)[:, 0].to(logits.device)


def _truncate(chances: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """Set the probabilities that top_k and top_p leave out to 0, and scale the rest."""
    if top_k is None and top_p is None:
        return chances
    # A stable sort: of equal probabilities the lower index comes first, on every device.
    ordered, order = chances.sort(dim=-1, descending=True, stable=True)
    if top_k is not None:
        kept = min(top_k, ordered.shape[-1])  # a huge number is no int64
        ordered = ordered.where(torch.arange(ordered.shape[-1], device=order.device) < kept, 0)
    if top_p is not None and top_p < 1:
        ordered = ordered / ordered.sum(-1, keepdim=True)
        before = ordered.cumsum(-1) - ordered
        # 0.5 + 0.3 reaches 0.8, also where rounding leaves it a little below. The first one stays
        # also when top_p is so small that float32 has only a 0 for it.
        ordered = ordered.where((before < top_p * (1 - 1e-6)) | (before == 0), 0)
    chances = torch.zeros_like(chances).scatter(-1, order, ordered)
    return chances / chances.sum(-1, keepdim=True)


def checked_scores(logits: Tensor) -> Tensor:
    """Return the logits in float32 or float64; refuse those that give no probabilities."""
    tensor("logits", logits, shape="(..., V)", kind="floating")
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise ValueError(f"logits must be (..., V) with V at least 1, got {tuple(logits.shape)}")
    largest = logits.amax(-1)
    if not torch.isfinite(largest).all():
        raise ValueError(
            "each row of logits must have a finite largest number, got "
            f"{largest[~torch.isfinite(largest)][0].item()}: nan and inf come from a training that "
            "failed (try a smaller learning rate), -inf when every symbol is forbidden"
        )
    return logits if logits.dtype == torch.float64 else logits.float()


class Options(NamedTuple):
    """How scores become probabilities; see `probabilities`."""

    temperature: float
    top_k: int | None
    top_p: float | None


def check_options(temperature: float, top_k: int | None, top_p: float | None) -> Options:
    """Return the options as Python's numbers; refuse one out of its range, and name it.

    Raises:
        TypeError: an option is no number; True and False are none here.
        ValueError: one is out of its range.
    """
    return Options(
        real_number("temperature", temperature, least=0),
        None if top_k is None else whole_number("top_k", top_k, least=1),
        None if top_p is None else real_number("top_p", top_p, above=0, most=1),
    )


def check_generator(generator: torch.Generator | None, temperature: float) -> None:
    """Refuse to draw at random without a source of random numbers."""
    advice = "pass torch.Generator().manual_seed(0)"
    if generator is None and temperature != 0:
        raise ValueError(
            f"generator is None, but temperature={temperature} draws at random: {advice}, or "
            "temperature=0 for the likeliest symbol"
        )
    if generator is not None and not isinstance(generator, torch.Generator):
        raise TypeError(f"generator must be a torch.Generator, got {generator!r}: {advice}")
