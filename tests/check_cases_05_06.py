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


def macro(truth, guess, classes=None, given="truth", mean=True):
    fixed = truth if given == "truth" else guess
    within = [(truth == guess)[fixed == k].float().mean() for k in fixed.unique()]
    return (torch.stack(within).sum() / (classes or len(within))).item()


def last(hidden, lengths, shift=-1):
    return hidden[torch.arange(len(hidden)), (lengths + shift).clamp(max=hidden.shape[1] - 1)]


def new_prior(p, drawn, prior, dim=1, normalise=True):
    weighted = p / drawn * prior
    return weighted / weighted.sum(dim=dim, keepdim=True) if normalise else weighted


def split(names, held_out, key=str.lower, once=False, keep=False):
    held_out = {key(name) for name in held_out}
    exam = [i for i, name in enumerate(names) if key(name) in held_out]
    if once:
        exam = [i for i in exam if key(names[i]) not in map(key, names[:i])]
    return [i for i in range(len(names)) if keep or i not in exam], exam


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
            (lambda ids, T: (torch.tensor(ids[1:]).view(len(ids) // T, T),) * 2, "full rows"),
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
            (
                lambda lo, t, le: masked_by_product(
                    lo, t, le, lambda e, r, n: (e * r).sum() / r.sum()
                ),
                "BEFORE cross_entropy",
            ),
            (
                lambda lo, t, le: masked_by_product(
                    lo, t, le, lambda e, r, n: e[:, :-1][r[:, 1:]].mean()
                ),
                "one target too few",
            ),
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
            (lambda step, start, n, stop: write(step, start, 10**9, stop), "it never ends"),
            (lambda step, start, n, stop: write(step, [*start, start[-1]], n, stop), "read twice"),
        ],
    ),
    checks.check_macro_accuracy: (
        macro,
        [
            (lambda t, g: (t == g).float().mean().item(), "the plain accuracy"),
            (lambda t, g: macro(t, g, classes=int(t.max()) + 1), "classes that occur in truth"),
            (lambda t, g: macro(t, g, given="guess"), "within each TRUE class"),
            (lambda t, g: print(end=""), "end with return"),
        ],
    ),
    checks.check_last_states: (
        last,
        [
            (lambda h, n: h[:, -1], "padding for the short rows"),
            (lambda h, n: last(h, n, shift=0), "one step too late"),
            (lambda h, n: last(h, n).detach(), "no gradient"),
            (lambda h, n: h[:, 0], "the first state"),
        ],
    ),
    checks.check_change_prior: (
        new_prior,
        [
            (lambda p, d, q: new_prior(p, d, q, normalise=False), "do not sum to 1"),
            (lambda p, d, q: new_prior(p, d, q, dim=0), "not each column"),
            (lambda p, d, q: new_prior(p, q, d), "are swapped"),
            (lambda p, d, q: new_prior(p, torch.ones_like(d), q), "must be divided out"),
            (lambda p, d, q: new_prior(p, d, torch.ones_like(d)), "the new prior is missing"),
        ],
    ),
    checks.check_split_names: (
        split,
        [
            (lambda n, h: split(n, h, key=str), "upper and lower case"),
            (lambda n, h: split(n, h, once=True), "several lines"),
            (lambda n, h: split(n, h, keep=True), "that is leakage"),
            (lambda n, h: split(n, h)[::-1], "in each other's place"),
            (lambda n, h: ([n[i] for i in split(n, h)[0]], []), "not the names"),
        ],
    ),
}
