"""Checks for the exercises of notebook 05."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from course_utils.checks.answers import number_of, whole_numbers_of
from course_utils.checks.grading import grade, hint, need_tensor


def check_next_symbol_pairs(answer: Callable[..., Any]) -> None:
    """Check a function (ids, T) -> x, y, both (n_rows, T), without overlap."""
    grade("next_symbol_pairs", _examine_pairs, answer)


def _examine_pairs(answer: Callable[..., Any]) -> None:
    import torch

    for N, T in [(12, 4), (13, 4), (9, 2), (7, 6)]:
        ids = [(7 * i + 3) % 23 for i in range(N)]
        rows = (N - 1) // T
        got = _pairs_of(answer, ids, T)
        x = torch.tensor(ids[: rows * T]).view(rows, T)
        y = torch.tensor(ids[1 : rows * T + 1]).view(rows, T)
        for value, name in zip(got, "xy", strict=True):
            if isinstance(value, torch.Tensor) and value.shape == (rows + 1, T):
                hint("one row too many: its last symbol has no successor, so it has no target.")
            if isinstance(value, torch.Tensor) and value.shape == (N - T, T) != (rows, T):
                hint("the rows overlap: row i + 1 starts where row i ends.")
            need_tensor(value, (rows, T), f"{name} for {N} symbols and T = {T}")
        _compare_pairs(got, x, y)


def _pairs_of(answer: Callable[..., Any], ids: list[int], T: int) -> tuple[Any, Any]:
    """Return what the function answers; explain a view that does not fit."""
    try:
        got = answer([*ids], T)
    except NotImplementedError:
        raise
    except RuntimeError:
        n = len(ids)
        hint(f"{n} symbols give {n - 1} questions, {(n - 1) // T} full rows of {T}: cut so many.")
    if not isinstance(got, tuple) or len(got) != 2:
        hint("return the pair x, y.")
    return got


def _compare_pairs(got: tuple[Any, Any], x: Any, y: Any) -> None:
    """Name the usual slips in the values of x and y."""
    import torch

    if got[0].dtype != torch.int64 or got[1].dtype != torch.int64:
        hint(f"symbols are whole numbers: int64, got {got[0].dtype} and {got[1].dtype}.")
    if torch.equal(got[0], y) and torch.equal(got[1], x):
        hint("x and y are in each other's place: y is one symbol further.")
    if torch.equal(got[1], got[0]):
        hint("y equals x: the target is the symbol AFTER the input.")
    if torch.equal(got[0], x) and torch.equal(got[1], y):
        return
    if torch.equal(got[0], x) and torch.equal(got[1][:, :-1], y[:, :-1]):
        hint("the last target of a row is wrong: it is the first symbol of the next row.")
    if not torch.equal(got[0], x):
        hint("x is not right: row 0 is ids[0] ... ids[T - 1], row 1 goes on from ids[T].")
    if not torch.equal(got[1], y):
        hint("x is right, y is not: y is cut like x, but from one symbol further on.")


def check_masked_loss(answer: Callable[..., Any]) -> None:
    """Check a function (logits, targets, lengths) -> mean cross-entropy over real targets."""
    grade("masked_loss", _examine_masked, answer)


def _examine_masked(answer: Callable[..., Any]) -> None:
    import torch
    import torch.nn.functional as F

    generator = torch.Generator().manual_seed(5)
    B, T, V = 3, 5, 4
    logits = torch.randn(B, T, V, generator=generator, dtype=torch.float64)
    targets = torch.randint(V, (B, T), generator=generator)
    lengths = torch.tensor([5, 2, 1])
    real = torch.arange(T) < lengths[:, None]
    each = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view(B, T)
    right = each[real].mean()
    given = (logits.clone().requires_grad_(), targets.clone(), lengths.clone())
    got = answer(*given)
    need_tensor(got, (), "the loss")
    known = {
        "the padding is counted: average over the real targets only.": each.mean(),
        "the sum is over the real targets, but divided by all B * T places.": (each * real).mean(),
        "this is the sum: divide by the number of real targets.": each[real].sum(),
        "every sentence counts the same here: average over the targets, not over the rows.": (
            (each * real).sum(1) / lengths
        ).mean(),
        "the mask is the wrong way round: these are the padded places.": each[~real].mean(),
        "one target too few in every row: lengths counts the real targets.": each[:, :-1][
            real[:, 1:]
        ].mean(),
    }
    for text, value in known.items():
        if math.isclose(got.item(), value.item(), rel_tol=1e-6):
            hint(text)
    if not math.isclose(got.item(), right.item(), rel_tol=1e-6):
        hint(f"the loss should be {right.item():.4f} here, got {got.item():.4f}.")
    if not got.requires_grad:
        hint("the value is right, but no gradient reaches the logits: no .item() or .detach().")
    odd = torch.where(real, targets, 99)  # padding may be any number
    try:
        again = answer(logits.clone(), odd, lengths.clone())
    except (IndexError, RuntimeError):
        hint("padding may hold any number: select the real places BEFORE cross_entropy.")
    need_tensor(again, (), "the loss")
    if not math.isclose(again.item(), right.item(), rel_tol=1e-6):
        hint("the numbers behind the end of a row change the loss; they may be anything.")


def check_bits_and_perplexity(answer: Callable[..., Any]) -> None:
    """Check a function probabilities -> (bits per symbol, perplexity)."""
    grade("bits_and_perplexity", _examine_bits, answer)


def _examine_bits(answer: Callable[..., Any]) -> None:
    for given in ([0.5, 0.25, 0.5, 0.0625], [0.9, 0.1, 0.3], [1 / 27] * 3):
        nats = -sum(map(math.log, given)) / len(given)
        bits = nats / math.log(2)
        got = answer([*given])
        if not isinstance(got, tuple) or len(got) != 2:
            hint("return the pair bits, perplexity.")
        value, perplexity = number_of(got[0], "bits"), number_of(got[1], "perplexity")
        if math.isclose(value, -bits, rel_tol=1e-6):
            hint("the bits are negative: there is a minus in front of the logarithm.")
        if math.isclose(value, nats, rel_tol=1e-6):
            hint("these are nats: bits use the logarithm to base 2.")
        if math.isclose(value, bits * len(given), rel_tol=1e-6):
            hint("this is the sum over the text: divide by the number of symbols.")
        of_mean = -math.log2(sum(given) / len(given))
        if math.isclose(value, of_mean, rel_tol=1e-6) and not math.isclose(of_mean, bits):
            hint("take the logarithm of each probability first, then the mean.")
        if not math.isclose(value, bits, rel_tol=1e-6):
            hint(f"for {given} the bits per symbol are {bits:.4f}, got {value:.4f}.")
        if math.isclose(perplexity, math.exp(bits), rel_tol=1e-6):
            hint("bits belong to base 2: the perplexity is 2 ** bits (or e ** nats).")
        if not math.isclose(perplexity, 2**bits, rel_tol=1e-6):
            hint(f"the bits are right; the perplexity is 2 ** bits = {2**bits:.4f}.")


def check_write_greedily(answer: Callable[..., Any]) -> None:
    """Check a function (step, start, length, stop) -> the list of new symbols."""
    grade("write_greedily", _examine_write, answer)


def _examine_write(answer: Callable[..., Any]) -> None:
    """Use a small machine whose next symbol depends on all symbols that it has read."""
    import torch

    read: list[int] = []

    def step(symbol: int, state: int | None) -> tuple[Any, int]:
        read.append(int(symbol))
        if len(read) > 100:
            hint("it never ends: stop after `length` new symbols, even if `stop` never comes.")
        state = (3 * (0 if state is None else int(state)) + int(symbol) + 1) % 7
        return torch.eye(7)[(2 * state + 1) % 7] * 4.0, state

    third = _write(step, [4, 1], 9, 99)[2]
    for start, length, stop in [([1], 5, 9), ([2, 5, 0], 4, 9), ([3, 4], 0, 9), ([4, 1], 9, third)]:
        right = _write(step, start, length, stop)
        wanted = [*start, *right]
        read.clear()
        got = answer(step, [*start], length, stop)
        if not isinstance(got, list):
            hint(f"return a list of numbers, got {type(got).__name__}.")
        got = whole_numbers_of(got, "the answer")
        if got != right:
            _explain_write(got, right, start, stop, wanted, read)


def _write(step: Callable[..., Any], start: list[int], length: int, stop: int) -> list[int]:
    """Write as the exercise asks for."""
    state, written = None, []
    for symbol in start:
        logits, state = step(symbol, state)
    while len(written) < length and int(logits.argmax()) != stop:
        written.append(int(logits.argmax()))
        logits, state = step(written[-1], state)
    return written


def _explain_write(
    got: list[int],
    right: list[int],
    start: list[int],
    stop: int,
    wanted: list[int],
    read: list[int],
) -> None:
    """Name the usual slips of free running."""
    if got == [*start, *right]:
        hint("return only the new symbols, without the start.")
    if got[: len(right)] == right and got[len(right) : len(right) + 1] == [stop]:
        hint("the stop symbol ends the text and is left out of the answer.")
    if len(got) == len(right) + 1 and got[:-1] == right:
        hint("one symbol too many: at most `length` new symbols.")
    if read[: len(start)] != start:
        hint("read the whole start first, symbol by symbol, carrying the state.")
    if got and got[0] == right[0] and read[len(start) :][:1] != wanted[len(start) :][:1]:
        hint("each answer is the next input: pass the symbol that was just written to step.")
    if read[: len(start) + 1] == [*start, start[-1]] and right[:1] != start[-1:]:
        hint(
            "the last symbol of the start is read twice: its logits already give the first answer."
        )
    hint(f"after the start {start} the text should be {right}, got {got}; is the state carried?")
