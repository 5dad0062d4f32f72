"""Solutions and plausible mistakes for lesson 09: tokens and attention."""

from __future__ import annotations

import math

import numpy as np
import torch

from course_utils import checks


def merge(tokens, pair, new, step=2):
    out, i = [], 0
    while i < len(tokens):
        found = tuple(tokens[i : i + 2]) == pair
        out.append(new if found else tokens[i])
        i += step if found else 1
    return out


def merge_by_cutting(tokens, pair, new):
    """Replace the first occurrence again and again."""
    tokens = list(tokens)
    while pair in (starts := list(zip(tokens, tokens[1:]))):  # noqa: B905
        at = starts.index(pair)
        tokens[at : at + 2] = [new]
    return tokens


def merge_with_a_stack(tokens, pair, new):
    out = []
    for token in tokens:
        if out and (out[-1], token) == pair:
            out[-1] = new
        else:
            out.append(token)
    return out


def merge_without_last(tokens, pair, new):
    """Go to the last token but one."""
    out, i = [], 0
    while i < len(tokens) - 1:
        found = (tokens[i], tokens[i + 1]) == pair
        out.append(new if found else tokens[i])
        i += 2 if found else 1
    return out


def merge_beyond(tokens, pair, new):
    out, i = [], 0
    while i < len(tokens):
        found = (tokens[i], tokens[i + 1]) == pair
        out.append(new if found else tokens[i])
        i += 2 if found else 1
    return out


def merge_overlapping(tokens, pair, new):
    starts = {i for i in range(len(tokens) - 1) if (tokens[i], tokens[i + 1]) == pair}
    covered = {i + 1 for i in starts} - starts
    return [new if i in starts else t for i, t in enumerate(tokens) if i not in covered]


def merge_from_the_right(tokens, pair, new):
    return merge(tokens[::-1], pair[::-1], new)[::-1]


def merge_first(tokens, pair, new):
    for i in range(len(tokens) - 1):
        if (tokens[i], tokens[i + 1]) == pair:
            return [*tokens[:i], new, *tokens[i + 2 :]]
    return tokens


def merge_both_orders(tokens, pair, new):
    out, i = [], 0
    while i < len(tokens):
        found = tuple(tokens[i : i + 2]) in (pair, pair[::-1])
        out.append(new if found else tokens[i])
        i += 2 if found else 1
    return out


def merge_digits(tokens, pair, new):
    text = " ".join(map(str, tokens)).replace(f"{pair[0]} {pair[1]}", str(new))
    return [int(token) for token in text.split()]


def merge_in_place(tokens, pair, new):
    tokens[:] = merge(tokens, pair, new)
    return tokens


def attention(q, k, v, scale=None, over=-1, after=0, mask=-math.inf):
    T, D = q.shape[1:]
    scores = q @ k.transpose(1, 2) / (D**0.5 if scale is None else scale)
    return scores.masked_fill(torch.ones(T, T).triu(1 + after).bool(), mask).softmax(over) @ v


def attention_by_torch(q, k, v):
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)


def attention_in_loops(q, k, v):
    """Go place by place, in NumPy and float64."""
    q, k, v = (part.numpy().astype(float) for part in (q, k, v))
    out = np.zeros_like(v)
    for b, t in np.ndindex(*q.shape[:2]):
        weights = np.exp(k[b, : t + 1] @ q[b, t] / math.sqrt(q.shape[2]))
        out[b, t] = weights @ v[b, : t + 1] / weights.sum()
    return out


def attention_weights_cut(q, k, v, again=False):
    weights = (q @ k.transpose(1, 2) / q.shape[2] ** 0.5).softmax(-1).tril()
    return (weights / weights.sum(-1, keepdim=True) if again else weights) @ v


def attention_upside_down(q, k, v):
    return attention(q.flip(1), k.flip(1), v.flip(1)).flip(1)


def attention_without_softmax(q, k, v):
    return (q @ k.transpose(1, 2) / q.shape[2] ** 0.5).tril() @ v


def bits(nats, n_tokens, n_characters):
    return nats * n_tokens / n_characters / math.log(2)


CASES = {
    checks.check_merge_pair: (
        merge,
        [
            (merge_overlapping, "overlap"),
            (lambda *a: merge(*a, step=1), "skip BOTH"),
            (merge_from_the_right, "from left to right"),
            (merge_first, "not only the first"),
            (merge_without_last, "last token is lost"),
            (merge_beyond, "no right neighbour"),
            (lambda tokens, pair, new: merge(tokens, pair[::-1], new), "order in a pair"),
            (merge_both_orders, "order in a pair"),
            (merge_digits, "not their digits"),
            (merge_in_place, "build a new list"),
            (lambda tokens, pair, new: merge(tokens, [*pair], new), "nothing was merged"),
            (lambda *a: [str(token) for token in merge(*a)], "whole numbers"),
            (lambda *a: merge(*a) + [99], "it is"),
        ],
    ),
    checks.check_causal_attention: (
        attention,
        [
            (lambda *a: attention(*a, after=99), "no mask"),
            (lambda *a: attention(*a, after=1), "one place too far"),
            (lambda *a: attention(*a, after=-1), "may look at itself"),
            (lambda *a: attention(*a, after=-1, mask=-1e9), "may look at itself"),
            (attention_upside_down, "the wrong way round"),
            (lambda *a: attention(*a, scale=1), "divide the scores by sqrt(D)"),
            (lambda q, k, v: attention(q, k, v, scale=q.shape[2] ** -0.5), "multiplied by it"),
            (lambda q, k, v: attention(q, k, v, scale=q.shape[2]), "divided by D"),
            (lambda q, k, v: attention(q, k, v, scale=q.shape[1] ** 0.5), "divided by sqrt(T)"),
            (lambda *a: attention(*a, over=1), "go over the keys"),
            (lambda *a: attention(*a, over=0), "go over the keys"),
            (attention_weights_cut, "the mask comes after the softmax"),
            (lambda *a: attention(*a, mask=0.0), "must be -inf, not 0"),
            (attention_without_softmax, "softmax is missing"),
            (lambda q, k, v: attention(k, q, v), "row t of q asks"),
            (lambda q, k, v: attention(q, v, k), "k and v are in each other's place"),
            (lambda q, k, v: attention(q, k, k), "multiply v, not k"),
            (lambda q, k, v: attention(q, v, v), "the weights come from q and k"),
            (lambda q, k, v: attention(q, k, torch.eye(q.shape[1])), "these are the weights"),
            (lambda q, k, v: attention(q, k, 2 * v), "compare step by step"),
        ],
    ),
    checks.check_bits_per_character: (
        bits,
        [
            (lambda *a: bits(*a) * math.log(2), "these are nats"),
            (lambda *a: bits(*a) * math.log(2) ** 2, "DIVIDE by ln 2"),
            (lambda nats, n, m: nats / math.log(2), "bits per TOKEN"),
            (lambda nats, n, m: bits(nats, m, n), "upside down"),
            (lambda nats, n, m: nats * n / math.log(2), "divide by n_characters"),
            (lambda nats, n, m: bits(nats, 1, m), "n_tokens is missing"),
            (lambda nats, n, m: nats, "nothing is done yet"),
            (lambda nats, n, m: nats * m / n, "the ratio is upside down"),
            (lambda *a: bits(*a) * math.log(2) / math.log(10), "log10"),
            (lambda *a: 0.5, "it is"),
            (lambda *a: torch.ones(2), "one number"),
        ],
    ),
}

# Other ways to be right: loops, NumPy, float64, torch's own function, another order of work.
ALSO_RIGHT = [
    (checks.check_merge_pair, merge_by_cutting),
    (checks.check_merge_pair, merge_with_a_stack),
    (checks.check_causal_attention, attention_by_torch),
    (checks.check_causal_attention, attention_in_loops),
    (checks.check_causal_attention, lambda *a: attention(*a, mask=-1e9)),
    (checks.check_causal_attention, lambda *a: attention_weights_cut(*a, again=True)),
    (checks.check_causal_attention, lambda *a: attention(*(part.double() for part in a))),
    (checks.check_bits_per_character, lambda *a: torch.tensor(bits(*a))),
]
