"""Solutions and plausible mistakes for the exercises of lessons 05 and 06."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from course_utils import checks


def pairs(ids, T, shift=1, dtype=torch.int64, swap=False, last=None):
    n = (len(ids) - 1) // T
    x = torch.tensor(ids[: n * T], dtype=dtype).view(n, T)
    y = torch.tensor(ids[shift : n * T + shift], dtype=dtype).view(n, T).clone()
    if last is not None:
        y[:, -1] = last
    return (y, x) if swap else (x, y)


def overlapping(ids, T):
    rows = torch.tensor(ids).unfold(0, T + 1, 1)
    return rows[:, :-1], rows[:, 1:]


def one_row_too_many(ids, T):
    ids = [*ids] + [0] * (T + 1)
    n = (len(ids) - T - 2) // T + 1
    return torch.tensor(ids[: n * T]).view(n, T), torch.tensor(ids[1 : n * T + 1]).view(n, T)


def real_places(targets, lengths):
    return torch.arange(targets.shape[1]) < lengths[:, None]


def masked(logits, targets, lengths):
    real = real_places(targets, lengths)
    return F.cross_entropy(logits[real], targets[real])


def masked_by_product(logits, targets, lengths, divide=None):
    each = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return divide(each.view_as(targets), real_places(targets, lengths), lengths)


def bits(p, log=math.log2, sign=-1, mean=True, base=2.0):
    value = sign * sum(map(log, p)) / (len(p) if mean else 1)
    return value, base**value


def write(step, start, length, stop, with_start=False, keep_stop=False, more=0, carry=True):
    state, written = None, []
    for symbol in start:
        logits, state = step(symbol, state)
    while len(written) < length + more:
        symbol = logits.argmax().item()
        if symbol == stop:
            written += [stop] * keep_stop
            break
        written.append(symbol)
        logits, state = step(symbol, state if carry else None)
    return [*start, *written] if with_start else written


def write_from_the_last(step, start, length, stop):
    return write(step, start[-1:], length, stop)


def write_on_the_start(step, start, length, stop):
    state, written = None, []
    for symbol in start:
        logits, state = step(symbol, state)
    while len(written) < length and logits.argmax().item() != stop:
        written.append(logits.argmax().item())
        logits, state = step(start[-1], state)
    return written


CASES = {
    checks.check_next_symbol_pairs: (
        pairs,
        [
            (lambda ids, T: pairs(ids, T, shift=0), "AFTER the input"),
            (lambda ids, T: pairs(ids, T, swap=True), "in each other's place"),
            (overlapping, "rows overlap"),
            (one_row_too_many, "one row too many"),
            (lambda ids, T: pairs(ids, T, dtype=torch.float32), "whole numbers"),
            (lambda ids, T: pairs(ids, T, last=0), "last target of a row"),
            (lambda ids, T: pairs(ids, T)[0], "return the pair"),
        ],
    ),
    checks.check_masked_loss: (
        masked,
        [
            (
                lambda lo, t, le: F.cross_entropy(lo.flatten(0, 1), t.flatten()),
                "the padding is counted",
            ),
            (
                lambda lo, t, le: masked_by_product(lo, t, le, lambda e, r, n: (e * r).mean()),
                "divided by all B * T places",
            ),
            (
                lambda lo, t, le: masked_by_product(lo, t, le, lambda e, r, n: e[r].sum()),
                "this is the sum",
            ),
            (
                lambda lo, t, le: masked_by_product(
                    lo, t, le, lambda e, r, n: ((e * r).sum(1) / n).mean()
                ),
                "average over the targets, not over the rows",
            ),
            (
                lambda lo, t, le: masked_by_product(lo, t, le, lambda e, r, n: e[~r].mean()),
                "the wrong way round",
            ),
            (lambda lo, t, le: masked(lo, t, le).detach(), "no gradient"),
            (lambda lo, t, le: masked(lo, t, le).item(), "must be a torch.Tensor"),
        ],
    ),
    checks.check_bits_and_perplexity: (
        bits,
        [
            (lambda p: bits(p, log=math.log, base=math.e), "these are nats"),
            (lambda p: bits(p, sign=1), "negative"),
            (lambda p: bits(p, mean=False), "divide by the number of symbols"),
            (lambda p: bits(p, base=math.e), "bits belong to base 2"),
            (lambda p: (-math.log2(sum(p) / len(p)), 2.0), "logarithm of each probability first"),
            (lambda p: bits(p)[0], "return the pair"),
        ],
    ),
    checks.check_write_greedily: (
        write,
        [
            (lambda *a: write(*a, with_start=True), "only the new symbols"),
            (lambda *a: write(*a, keep_stop=True), "left out of the answer"),
            (lambda *a: write(*a, more=1), "one symbol too many"),
            (write_from_the_last, "read the whole start"),
            (write_on_the_start, "each answer is the next input"),
            (lambda *a: write(*a, carry=False), "is the state carried?"),
        ],
    ),
}
