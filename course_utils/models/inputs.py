"""What the models of the course demand of their sizes and of the symbols that they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from course_utils.arguments import instance, items, shown, tensor, whole_number

MOST_SIZE = 2**20  # units, symbols or dimensions
MOST_LAYERS = 1000
MOST_NUMBERS = 2**28  # weights of one network: 1 GiB in float32, and training needs four times that


def check_tokens(tokens: Tensor, vocab_size: int, *, name: str = "tokens") -> None:
    """Refuse what is not (B, T) symbols of the vocabulary.

    Args:
        tokens: what a model was given to read.
        vocab_size: V; symbols are from 0 to V - 1.
        name: what the argument is called, for the message.

    Raises:
        TypeError: tokens is not a tensor, or not int64.
        ValueError: tokens is not (B, T) with B and T at least 1, or holds another number; the
            message names the first place.
    """
    tensor(name, tokens, shape="(B, T)")
    if tokens.dtype != torch.int64:
        raise TypeError(f"{name} must be int64, the numbers of symbols, got {tokens.dtype}")
    if tokens.ndim != 2 or tokens.numel() == 0:
        raise ValueError(
            f"{name} must be (B, T) with B and T at least 1, got {tuple(tokens.shape)}; "
            f"{name}[None] makes a batch of one text"
        )
    smallest, largest = (int(value) for value in torch.aminmax(tokens))
    if smallest < 0 or largest >= vocab_size:
        b, t = ((tokens < 0) | (tokens >= vocab_size)).nonzero()[0].tolist()
        raise ValueError(
            f"{name}[{b}, {t}] is {tokens[b, t]}, but the vocabulary has the indices 0 to "
            f"{vocab_size - 1}: encode the text with the model's own vocabulary"
        )


def check_indices(name: str, symbols: Any, vocab_size: int) -> list[int]:
    """Return symbols as Python integers; refuse what is not in the vocabulary.

    Args:
        name: what the argument is called, for the message.
        symbols: a list, a tuple or another row of whole numbers, or an integer tensor, (T,).
        vocab_size: V.

    Raises:
        TypeError: symbols is no row of whole numbers.
        ValueError: a number is outside the vocabulary.
    """
    advice = f"{name} must hold indices: use vocabulary.encode"
    try:
        if isinstance(symbols, Tensor):
            symbols = tensor(name, symbols).tolist()
        indices = [whole_number(name, symbol) for symbol in items(name, symbols)]
    except TypeError as error:
        raise TypeError(f"{advice} ({error})") from None
    for index in indices:
        if not 0 <= index < vocab_size:
            raise ValueError(
                f"{name} holds {shown(index)}, but the vocabulary has the indices 0 to "
                f"{vocab_size - 1}: encode with the model's own vocabulary"
            )
    return indices


def check_size(name: str, value: Any, *, most: int = MOST_SIZE) -> int:
    """Return a size: a whole number of at least 1, and not so large that no memory holds it.

    Args:
        name: what it is the size of, for the message.
        value: what was given.
        most: the largest.

    Raises:
        TypeError: it is no whole number; True and False are none here.
        ValueError: it is below 1 or above most.
    """
    number = whole_number(name, value, least=1)
    if number > most:
        raise ValueError(f"{name} must be at most {most:,} here, got {shown(number)}")
    return number


def check_memory(n_numbers: int, sizes: Mapping[str, object]) -> None:
    """Refuse a network that needs more memory than a student's machine has.

    Args:
        n_numbers: its weights.
        sizes: what it would be built from, for the message.

    Raises:
        ValueError: there are more than MOST_NUMBERS.
    """
    if n_numbers > MOST_NUMBERS:
        given = ", ".join(f"{name}={value}" for name, value in sizes.items())
        raise ValueError(
            f"a network of {given} would have {n_numbers:,} weights, and the course builds at most "
            f"{MOST_NUMBERS:,} (1 GiB): choose smaller sizes"
        )


def settle(options: object, **values: Any) -> None:
    """Write checked values into a frozen dataclass, from its __post_init__.

    Args:
        options: the dataclass.
        values: field -> its value, in the form in which it is kept.
    """
    for name, value in values.items():
        object.__setattr__(options, name, value)


def settle_sizes(options: object, *names: str, most: int = MOST_SIZE) -> None:
    """Check fields of a frozen dataclass that are sizes, and keep them as Python integers.

    Raises:
        TypeError, ValueError: see `check_size`.
    """
    settle(options, **{name: check_size(name, getattr(options, name), most=most) for name in names})


def check_state_part(
    what: str, part: Any, wanted: tuple[int, ...], like: Tensor, *, form: str = ""
) -> None:
    """Refuse a part of a carried state that another model, or another batch, left behind.

    Args:
        what: how to call it in a message, such as "the state's h".
        part: what was given.
        wanted: its shape.
        like: a weight of the model; outside of autocast the state has its dtype.
        form: words before the shape, such as "(L, B, H) = ".

    Raises:
        TypeError: part is not a tensor of that dtype.
        ValueError: it has another shape.
    """
    tensor(what, part)
    if tuple(part.shape) != wanted:
        raise ValueError(
            f"{what} must be {form}{wanted} for these tokens, got {tuple(part.shape)}: a carried "
            "state needs the same batch size"
        )
    if part.dtype != like.dtype and not torch.is_autocast_enabled(like.device.type):
        raise TypeError(f"{what} must be {like.dtype}, as the model is, got {part.dtype}")


def check_module(name: str, model: Any, *, is_trainable: bool = False) -> None:
    """Refuse what is not a network.

    Args:
        name: what the argument is called, for the message.
        model: what was given.
        is_trainable: it must also have weights to train.

    Raises:
        TypeError: it is no nn.Module.
        ValueError: it has no weights.
    """
    what = "a network (nn.Module)"
    instance(name, model, torch.nn.Module, what=what)
    if is_trainable and not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError(f"{name} must be {what} with weights to train, got {shown(model)}")
