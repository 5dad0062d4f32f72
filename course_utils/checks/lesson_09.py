"""Checks for the exercises of notebook 09 about tokens and attention (the scan stands apart)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from course_utils.checks.answers import explain, number_of, numbers_of, whole_numbers_of
from course_utils.checks.grading import grade, hint


def check_merge_pair(answer: Callable[..., Any]) -> None:
    """Check a function (tokens, pair, new) -> the tokens with every such pair merged."""
    grade("merge_pair", _examine_merge, answer)


def _examine_merge(answer: Callable[..., Any]) -> None:
    for tokens, pair in [
        ([4, 1, 2, 1, 2, 6, 2], (1, 2)),
        ([5, 1, 2, 3, 1, 2, 2], (1, 2)),
        ([1, 1, 1, 2, 1, 1, 1, 1], (1, 1)),
        ([2, 1, 2, 1], (1, 2)),
        ([11, 2, 3, 1, 21], (1, 2)),
        ([3, 1, 2], (1, 2)),
        ([7], (7, 7)),
        ([], (1, 2)),
    ]:
        right = _merge(tokens, pair)
        try:
            given = [*tokens]
            got = whole_numbers_of(answer(given, pair, 99), "the answer")
        except IndexError:
            hint("the code looks behind the last token: the last one has no right neighbour.")
        if given != tokens:
            hint("your function changes its argument: build a new list.")
        if got == right:
            continue
        for text, wrong in _wrong_merges(tokens, pair, right):
            if got == wrong:
                hint(text)
        hint(f"for {tokens}, the pair {pair} and new = 99 it is {right}, got {got}.")


def _merge(tokens: list[int], pair: tuple[int, int], step: int = 2, most: int = 9) -> list[int]:
    """Return the merged tokens; with step 1 the second token is looked at again."""
    out, i = [], 0
    while i < len(tokens):
        found = (*tokens[i : i + 2],) == pair and most > 0
        most -= found
        out.append(99 if found else tokens[i])
        i += step if found else 1
    return out


def _wrong_merges(
    tokens: list[int], pair: tuple[int, int], right: list[int]
) -> Iterator[tuple[str, list[int]]]:
    """Yield pairs (hint, the answer that this mistake gives)."""
    back = (pair[1], pair[0])
    yield "nothing was merged here: compare (tokens[i], tokens[i + 1]) with pair.", tokens
    yield "the second token of a pair is still there: skip BOTH tokens.", _merge(tokens, pair, 1)
    starts = [i for i in range(len(tokens)) if (*tokens[i : i + 2],) == pair]
    covered = {i + 1 for i in starts} - set(starts)
    overlapping = [99 if i in starts else t for i, t in enumerate(tokens) if i not in covered]
    yield (
        "the merges overlap: a token belongs to one pair only; in 1 1 1 one 1 is left.",
        overlapping,
    )
    yield (
        "merge from left to right: in 1 1 1 the FIRST two are joined.",
        _merge(tokens[::-1], back)[::-1],
    )
    yield "every occurrence is merged, not only the first.", _merge(tokens, pair, most=1)
    yield "the last token is lost: it may stand alone.", right[:-1]
    yield f"the order in a pair counts: {pair} is not {back}.", _merge(tokens, back)
    both = [(*tokens[i : i + 2],) in (pair, back) for i in range(len(tokens))]
    yield f"the order in a pair counts: {pair} is not {back}.", _merge_where(tokens, both)
    digits = " ".join(map(str, tokens)).replace(" ".join(map(str, pair)), "99")
    yield (
        "compare numbers, not their digits: 11 ends with the digit 1.",
        [*map(int, digits.split())],
    )


def _merge_where(tokens: list[int], starts: list[bool]) -> list[int]:
    """Merge from left to right at the places that are marked."""
    out, i = [], 0
    while i < len(tokens):
        out.append(99 if starts[i] else tokens[i])
        i += 2 if starts[i] else 1
    return out


def check_causal_attention(answer: Callable[..., Any]) -> None:
    """Check a function (q, k, v), each (B, T, D) -> causal attention, (B, T, D)."""
    grade("causal_attention", _examine_attention, answer)


def _examine_attention(answer: Callable[..., Any]) -> None:
    import torch

    generator = torch.Generator().manual_seed(9)
    for B, T, D in [(3, 5, 4), (1, 7, 2), (2, 1, 3)]:
        q, k, v = torch.randn(3, B, T, D, generator=generator)
        got = answer(q.clone(), k.clone(), v.clone())
        if getattr(got, "shape", None) == (B, T, T):
            hint("these are the weights (B, T, T): multiply them with v.")
        got = numbers_of(got, (B, T, D), "the answer")
        q, k, v = q.double(), k.double(), v.double()
        known = [(text, wrong @ v) for text, wrong in _wrong_weights(q, k)]
        own = "a place may look at itself too: mask only the places AFTER it."
        known.append((own, torch.cat([got[:, :1], (_weights(q, k, after=-1) @ v)[:, 1:]], 1)))
        known += [
            ("q and k are in each other's place: row t of q asks.", _weights(k, q) @ v),
            ("k and v are in each other's place: q · k gives the weights.", _weights(q, v) @ k),
            ("the weights come from q and k, not from q and v.", _weights(q, v) @ v),
            ("the weights multiply v, not k.", _weights(q, k) @ k),
        ]
        right = _weights(q, k) @ v
        first = [round(value, 3) for value in right[0, 0].tolist()]
        explain(got, right, known, f"compare step by step; row 0 is v[:, 0], here {first}.")


def _weights(
    q: Any, k: Any, *, power: float = 0.5, over: int = -1, after: int = 0, mask: float = -math.inf
) -> Any:
    """Return attention weights (B, T, T); the options are the usual slips.

    Args:
        q: float64, (B, T, D). k: the same.
        power: the scores are divided by D ** power.
        over: the dimension of the softmax.
        after: a place sees the places up to `after` further on.
        mask: written into the scores that are masked.
    """
    import torch

    T, D = q.shape[1:]
    scores = q @ k.transpose(1, 2) / D**power
    hidden = torch.ones(T, T).triu(1 + after).bool()
    return scores.masked_fill(hidden, mask).softmax(over)


def _wrong_weights(q: Any, k: Any) -> Iterator[tuple[str, Any]]:
    """Yield pairs (hint, the weights that this mistake gives)."""
    T = q.shape[1]
    everything = _weights(q, k, after=T)
    yield "no mask: place t sees the places after it, the answers.", everything
    yield (
        "the mask comes after the softmax: the rows do not sum to 1. Set scores to -inf before it.",
        everything.tril(),
    )
    yield "a masked score must be -inf, not 0: e to the power 0 is 1.", _weights(q, k, mask=0.0)
    yield "the mask is one place too far: t may not see t + 1.", _weights(q, k, after=1)
    scores = q @ k.transpose(1, 2) / q.shape[2] ** 0.5
    upper = scores.masked_fill(scores.new_ones(T, T).tril(-1).bool(), -math.inf)
    yield "the mask is the wrong way round: these are the places from t on.", upper.softmax(-1)
    root = "divide the scores by sqrt(D), the root of the size of a vector."
    yield root, _weights(q, k, power=0)
    yield root + " Yours are multiplied by it.", _weights(q, k, power=-0.5)
    yield root + " Yours are divided by D.", _weights(q, k, power=1)
    yield root + " Yours are divided by sqrt(T).", _weights(q * (q.shape[2] / T) ** 0.5, k)
    axis = "the softmax must go over the keys, the last dimension: each row sums to 1."
    yield axis, _weights(q, k, over=1).nan_to_num()
    yield axis, _weights(q, k, over=0)
    yield "the softmax is missing.", scores.tril()


def check_bits_per_character(answer: Callable[..., Any]) -> None:
    """Check a function (nats_per_token, n_tokens, n_characters) -> bits per character."""
    grade("bits_per_character", _examine_bits, answer)


def _examine_bits(answer: Callable[..., Any]) -> None:
    for nats, n_tokens, n_characters in [(3.2, 250, 1000), (2.0, 70, 91), (1.5, 60, 60)]:
        value = number_of(answer(nats, n_tokens, n_characters), "the answer")
        bits, ratio = nats / math.log(2), n_tokens / n_characters
        right = bits * ratio
        known = [
            ("these are nats: divide by ln 2.", nats * ratio),
            ("nats times ln 2: DIVIDE by ln 2 to get bits.", nats * ratio * math.log(2)),
            ("these are bits per TOKEN: share them among the characters.", bits),
            (
                "the ratio is upside down: a token is worth n_characters / n_tokens characters.",
                bits / ratio,
            ),
            ("this is the sum over the text: divide by n_characters.", bits * n_tokens),
            (
                "n_tokens is missing: first the sum over all tokens, then a share.",
                bits / n_characters,
            ),
            ("nothing is done yet: divide by ln 2, then go from tokens to characters.", nats),
            ("these are nats, and the ratio is upside down.", nats / ratio),
            ("log10 is another unit: divide by ln 2.", nats * ratio / math.log(10)),
        ]
        if math.isclose(value, right, rel_tol=1e-5):
            continue
        for text, wrong in known:
            if math.isclose(value, wrong, rel_tol=1e-5):
                hint(text)
        given = f"{nats} nats per token, {n_tokens} tokens and {n_characters} characters"
        hint(f"for {given} it is {right:.4f}, got {value:.4f}.")
