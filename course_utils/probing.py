"""Search the units of a trained network for one that tracks a feature of the text.

Among hundreds of units some follow any feature by chance, above all in a short passage: the best of
many is always a little good (selection bias). So the unit is picked on one part of the passage and
scored on another, and the score must beat what the same search finds for shifted features, which
keep their rhythm but no longer belong to the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from course_utils import arguments
from course_utils.batching.given import real_row, whole_row
from course_utils.models import CharLM, evaluation_mode
from course_utils.models.inputs import check_tokens

N_SHIFTS = 39  # so that a feature without a unit beats all of them with a chance of 1 in 40
SHORTEST_PART = 20  # steps; in fewer a correlation says nothing


@dataclass(frozen=True)
class Finding:
    """The unit that follows a feature best, and how far to trust it.

    Attributes:
        feature: its name.
        unit: the number of the unit, picked by the first part of the passage alone.
        r_picked: its correlation there, from -1 to 1; too good, because it was picked by it.
        r_held_out: its correlation on the rest of the passage; 0 when one of them is constant.
        r_null: the largest |r_held_out| that the same search found for a shifted feature.
        found: |r_held_out| reaches the threshold and is above r_null, and the sign is that of
            r_picked. Otherwise the honest answer is "none found".
    """

    feature: str
    unit: int
    r_picked: float
    r_held_out: float
    r_null: float
    found: bool


def unit_correlations(states: Tensor, feature: Tensor | Sequence[float]) -> Tensor:
    """Return Pearson's correlation of every unit with a feature.

    >>> states = torch.tensor([[0.0, 3.0, 1.0], [1.0, 2.0, 1.0], [2.0, 1.0, 1.0]])
    >>> unit_correlations(states, [10, 20, 30]).round(decimals=6)
    tensor([ 1., -1.,  0.], dtype=torch.float64)

    Args:
        states: float, (T, H), T at least 2.
        feature: (T,) numbers; True and False count as 1 and 0.

    Returns:
        float64, (H,), each from -1 to 1; 0 for a unit that is constant, and everywhere when the
        feature is constant: what never changes follows nothing.

    Raises:
        TypeError: states is no floating-point tensor, or feature holds something else than numbers.
        ValueError: a shape does not fit, or a number is NaN or infinite.
    """
    states = _checked_states(states, 2)
    return _correlations(states, _checked_feature(feature, len(states), "feature")[:, None])[0]


def find_units(
    states: Tensor,
    features: Mapping[str, Sequence[float]],
    *,
    threshold: float = 0.5,
    held_out: float = 0.5,
) -> list[Finding]:
    """Search, for each feature, the unit that follows it best.

    The null: the feature is shifted in a circle by 39 fixed distances, evenly spread from a tenth
    to nine tenths of the passage, and the whole search is repeated for each. A shift keeps how
    slowly the feature changes, which alone makes correlations large, and breaks what ties it to
    the text. It cannot break a rhythm that is the same in the whole passage: then r_null is large,
    and the answer is no.

    Args:
        states: float, (T, H), of a passage of T symbols (see `read_states`).
        features: name -> T numbers.
        threshold: the least |r| that counts, above 0 and up to 1.
        held_out: share of the passage, at its end, that is not used for picking, between 0 and 1.

    Returns:
        One finding for each feature, in their order; most may say that nothing was found.

    Raises:
        TypeError: states is no floating-point tensor, features no dictionary of numbers, or an
            option is no number.
        ValueError: a shape does not fit, a number is NaN or infinite, an option is out of its
            range, or one of the two parts has fewer than 20 symbols.
    """
    threshold = arguments.real_number("threshold", threshold, above=0, most=1)
    held_out = arguments.real_number("held_out", held_out, above=0, below=1)
    if not isinstance(features, Mapping):
        shown = arguments.shown(features)
        raise TypeError(f"features must be a dictionary, name -> T numbers; got {shown}")
    states = _checked_states(states, 2 * SHORTEST_PART)
    n_picked = round(len(states) * (1 - held_out))
    if min(n_picked, len(states) - n_picked) < SHORTEST_PART:
        raise ValueError(
            f"held_out={held_out} cuts {len(states)} symbols into {n_picked} and "
            f"{len(states) - n_picked}; both parts need at least {SHORTEST_PART}"
        )
    T = len(states)
    checked = {k: _checked_feature(v, T, f"feature {k!r:.60}") for k, v in features.items()}
    return [_find(states, *item, n_picked, threshold) for item in checked.items()]


def _find(states: Tensor, name: str, feature: Tensor, n_picked: int, threshold: float) -> Finding:
    """Pick a unit for a feature and for its shifts, and score each on the other part."""
    T = len(feature)
    shifts = [round(T * (0.1 + 0.8 * k / (N_SHIFTS - 1))) for k in range(N_SHIFTS)]
    rows = torch.stack([feature, *(feature.roll(shift) for shift in shifts)], dim=1)
    picking = _correlations(states[:n_picked], rows[:n_picked])
    units = picking.abs().argmax(1, keepdim=True)
    scores = _correlations(states[n_picked:], rows[n_picked:]).gather(1, units)[:, 0]
    unit, r, null = int(units[0]), float(scores[0]), float(scores[1:].abs().max())
    r_picked = float(picking[0, unit])
    found = abs(r) >= threshold and abs(r) > null and r * r_picked > 0
    return Finding(name, unit, r_picked, r, null, found)


def _correlations(states: Tensor, features: Tensor) -> Tensor:
    """Return (F, H) correlations of the columns of (T, F) features and (T, H) states."""
    return (_standard(features).T @ _standard(states)).clamp(-1, 1)


def _standard(columns: Tensor) -> Tensor:
    """Give each column the mean 0 and the length 1; a constant one becomes zeros."""
    # Scaled first: the square of a very small or very large number would not be a number any more.
    low, high = columns.aminmax(dim=0)
    constant = high == low
    # Exact, so that the span of two numbers near the end of float64 is one too.
    halved = torch.isinf(high - low)
    columns = torch.where(halved, columns / 4, columns)
    low, high = torch.where(halved, low / 4, low), torch.where(halved, high / 4, high)
    columns = (columns - low) / (high - low).masked_fill(constant, 1)
    columns = columns - columns.mean(0)
    return (columns / columns.norm(dim=0).masked_fill(constant, 1)).masked_fill(constant, 0)


def read_states(model: CharLM, tokens: Tensor | Sequence[int], *, chunk_len: int = 1000) -> Tensor:
    """Read a text and keep the hidden state of the last layer after each symbol.

    Args:
        model: read in evaluation mode, without gradients, from a state of zeros; its mode is
            restored.
        tokens: T symbols from 0 to V - 1, T at least 1.
        chunk_len: so many symbols are read at once, with the state carried on; it changes the
            memory that is needed, and the answer only by rounding.

    Returns:
        h: float, (T, H), on the CPU.

    Raises:
        TypeError: model is no CharLM, tokens are not whole numbers, or chunk_len is not one.
        ValueError: there is no token, one is outside the vocabulary, or chunk_len is below 1.
    """
    chunk_len = arguments.whole_number("chunk_len", chunk_len)
    if chunk_len < 1:
        raise ValueError(f"chunk_len must be at least 1, got {chunk_len}")
    _check_model(model)
    return torch.cat([hidden for hidden, _ in _read(model, tokens, chunk_len)])


def read_cells(model: CharLM, tokens: Tensor | Sequence[int]) -> Tensor:
    """Read a text with an LSTM and keep the cell state of the last layer after each symbol.

    nn.LSTM answers with the cell state of the last step only, so it is called for one symbol at a
    time: some 0.2 ms each.

    Args:
        model: of kind "lstm"; used as in `read_states`.
        tokens: T symbols from 0 to V - 1, T at least 1.

    Returns:
        c: float, (T, H), on the CPU.

    Raises:
        TypeError: the model is no LSTM, or tokens are not whole numbers.
        ValueError: there is no token, or one is outside the vocabulary.
    """
    kind = _check_model(model).config.kind
    if kind != "lstm":
        raise TypeError(f"only an LSTM has a cell state; this model is of kind {kind!r}")
    return torch.cat([cells[-1].cpu() for _, (_, cells) in _read(model, tokens, 1)])


def _check_model(model: CharLM) -> CharLM:
    """Return a model that can be read, or refuse what is none."""
    return arguments.instance("model", model, CharLM, what="a CharLM (course_utils.models)")


def _read(
    model: CharLM, tokens: Tensor | Sequence[int], chunk_len: int
) -> Iterator[tuple[Tensor, Tensor | tuple[Tensor, Tensor]]]:
    """Yield, for each chunk of a text, h on the CPU (chunk, H) and the state after it."""
    if isinstance(tokens, Tensor):
        arguments.tensor("tokens", tokens)
    else:
        tokens = torch.from_numpy(whole_row("tokens must be int64, the numbers of symbols", tokens))
    tokens = tokens.to(model.decoder.weight.device)
    if tokens.ndim != 1 or not len(tokens):
        raise ValueError(
            f"tokens must be (T,), one text with T at least 1, got {tuple(tokens.shape)}"
        )
    check_tokens(tokens[None], model.config.vocab_size)
    state = None
    with evaluation_mode(model), torch.no_grad():
        for chunk in tokens.split(min(chunk_len, len(tokens))):
            hidden, state = model.rnn(model.encoder(chunk[None]), state)
            yield hidden[0].cpu(), state


def _checked_states(states: Tensor, least: int) -> Tensor:
    """Return the states in float64 on the CPU, or refuse them."""
    arguments.tensor("states", states, kind="floating")
    if states.ndim != 2 or len(states) < least or not states.shape[1]:
        raise ValueError(
            f"states must be (T, H) with T at least {least}, got {tuple(states.shape)}"
        )
    if not torch.isfinite(states).all():
        raise ValueError("states holds NaN or infinity")
    return states.detach().cpu().double()


def _checked_feature(feature: Tensor | Sequence[float], T: int, name: str) -> Tensor:
    """Return a feature in float64 on the CPU, or refuse it."""
    feature = real_row(f"{name} must be ({T},) numbers", feature, flags=True)
    if tuple(feature.shape) != (T,):
        raise ValueError(f"{name} must be ({T},) to fit the states, got {tuple(feature.shape)}")
    if not torch.isfinite(feature).all():
        raise ValueError(f"{name} holds NaN or infinity")
    return feature
