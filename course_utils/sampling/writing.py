"""Let a language model write: each symbol that it draws is its next input."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor

from course_utils.arguments import shown, whole_number
from course_utils.models import CharLM, evaluation_mode
from course_utils.models.inputs import check_indices, check_module
from course_utils.sampling.choosing import Options, check_generator, check_options, drawn


def generate(
    model: CharLM,
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
    """Let a language model write: each symbol that it draws is its next input.

    The start is read once; after that every symbol costs one step, because the state is carried.

    Args:
        model: used in evaluation mode, without gradients; its mode is restored.
        start: indices of the symbols to begin with, at least one.
        length: how many symbols to write at most, 0 or more.
        generator: source of the random numbers; may be None at temperature 0 only.
        temperature, top_k, top_p: as in `probabilities`.
        stop: index of the symbol that ends the text, such as <E>; None writes on.
        forbid: indices of symbols that are never drawn, such as <S>.

    Returns:
        The new symbols, without the start and without the stop symbol.

    Raises:
        TypeError: start holds letters, or something else than indices; model is no language model;
            another argument is not of its kind.
        ValueError: start is empty, an index is outside the vocabulary, every symbol is forbidden,
            length is negative, generator is missing, or see `probabilities`.
    """
    length = check_length(length)
    options = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    drawn = letters(model, start, generator=generator, **options, stop=stop, forbid=forbid)
    written: list[int] = []
    with evaluation_mode(model):  # once, and not again for every letter
        while len(written) < length:
            symbol = next(drawn, None)
            if symbol is None:
                break
            written.append(symbol)
    return written


def letters(
    model: CharLM,
    start: Sequence[int],
    *,
    generator: torch.Generator | None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    stop: int | None = None,
    forbid: Sequence[int] = (),
) -> Iterator[int]:
    """Write without an end, and hand out each symbol as soon as it is drawn.

    For text that appears letter by letter, until the reader has seen enough. A symbol is computed
    when it is asked for, and not before: the same generator gives the same symbols as `generate`.
    Between two symbols the model has its own mode and the caller's gradients are on, so one may
    train in between, or never ask again.

    >>> from itertools import islice
    >>> from course_utils.models import CharLMConfig
    >>> model = CharLM(CharLMConfig(vocab_size=4))
    >>> endless = letters(model, [0], generator=torch.Generator().manual_seed(0))
    >>> len(list(islice(endless, 100)))
    100

    Args:
        model, start, generator, temperature, top_k, top_p, stop, forbid: as in `generate`.

    Returns:
        The symbols one by one: endless, or up to the stop symbol, which is left out.

    Raises:
        TypeError, ValueError: at the call, and not only at the first symbol, as in `generate`.
    """
    request = check_request(_vocab_size(model), start, stop, forbid)
    options = check_options(temperature, top_k, top_p)
    check_generator(generator, temperature)
    device = next(model.parameters()).device
    tokens = torch.tensor([request.start], device=device)
    forbidden = torch.tensor(request.forbid, dtype=torch.int64, device=device)
    return _drawn(model, tokens, forbidden, request.stop, generator, options)


def _drawn(
    model: CharLM,
    tokens: Tensor,
    forbidden: Tensor,
    stop: int | None,
    generator: torch.Generator | None,
    options: Options,
) -> Iterator[int]:
    """Draw symbols; tokens (1, T) is what the model reads first."""
    parts, state = [*model.modules()], None
    while True:
        is_training = any(part.training for part in parts)
        # Not around the loop: what a generator has switched stays so while it waits at its yield.
        with torch.no_grad(), evaluation_mode(model) if is_training else nullcontext():
            logits, state = model(tokens, state)
            scores = logits[:, -1].index_fill(1, forbidden, -math.inf)
            tokens = drawn(scores, generator, options)[:, None]
        symbol = tokens.item()
        if symbol == stop:
            return
        yield symbol


def _vocab_size(model: CharLM) -> int:
    """Return V; refuse what is no language model."""
    check_module("model", model)
    vocab_size = getattr(getattr(model, "config", None), "vocab_size", None)
    if not isinstance(vocab_size, int):
        raise TypeError(f"model must be a language model such as a CharLM, got {shown(model)}")
    return vocab_size


def check_length(length: int) -> int:
    """Return a number of symbols to write.

    Raises:
        TypeError: length is no whole number.
        ValueError: length is below 0.
    """
    length = whole_number("length", length)
    if length < 0:
        raise ValueError(f"length must be 0 or more symbols to write, got {shown(length)}")
    return length


class Request(NamedTuple):
    """What to write from, as Python's integers; see `generate`."""

    start: list[int]
    stop: int | None
    forbid: list[int]


def check_request(
    vocab_size: int, start: Sequence[int], stop: int | None, forbid: Sequence[int]
) -> Request:
    """Return a request in Python's integers; refuse what no text can be written from.

    Raises:
        TypeError, ValueError: as in `generate`.
    """
    symbols = check_indices("start", start, vocab_size)
    if not symbols:
        raise ValueError("start is empty: give a first symbol to read, such as <S> or a line break")
    if stop is not None:
        (stop,) = check_indices("stop", [stop], vocab_size)
    forbidden = check_indices("forbid", forbid, vocab_size)
    if stop in forbidden:
        raise ValueError(f"stop={stop} is also in forbid, so the text could never end by it")
    if len(set(forbidden)) == vocab_size:
        raise ValueError("forbid holds every symbol of the vocabulary: none is left to draw")
    return Request(symbols, stop, forbidden)
