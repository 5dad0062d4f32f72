"""Checks for the exercises of notebook 01."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from course_utils.checks.answers import close, count_of, shortly, whole_numbers_of
from course_utils.checks.grading import grade, hint, need_tensor

# Which of the five shapes each job has (syllabus, notebook 01).
_SHAPES = {
    "caption an image": "one-to-many",
    "predict a bankruptcy from yearly balance sheets": "many-to-one",
    "translate a sentence": "many-to-many with delay",
    "tell whether a word is a person's name": "many-to-one",
    "label every frame of a video": "many-to-many in step",
}


def check_task_shapes(answer: Callable[[], Mapping[str, str]]) -> None:
    """Check the shape that the student gave to each of five jobs.

    Args:
        answer: returns a dict, job -> name of its shape.
    """
    grade("task_shapes", _examine_task_shapes, answer)


def _examine_task_shapes(answer: Callable[[], Mapping[str, str]]) -> None:
    shapes = answer()
    if not isinstance(shapes, Mapping):
        hint(f"return a dict, job -> shape; got {type(shapes).__name__}.")
    missing = [job for job in _SHAPES if job not in shapes]
    if missing:
        hint(f"no answer for {missing[0]!r}.")
    for job, right in _SHAPES.items():
        given = shapes[job]
        if given is ...:
            hint(f"there is still an ... at {job!r}: write the name of a shape in its place.")
        if not isinstance(given, str) or given not in {*_SHAPES.values(), "one-to-one"}:
            hint(f"{shortly(given)} is not one of the five names; copy a name from the figure.")
        if given != right:
            hint(_shape_hint(job, given, right))


def _shape_hint(job: str, given: str, right: str) -> str:
    """Say which side of the job to look at again."""
    ends = [side.split()[0] for side in given.split("-to-")]
    wanted = [side.split()[0] for side in right.split("-to-")]
    if ends[0] != wanted[0]:
        return f"{job!r}: look at the input again. Is it one thing, or a sequence?"
    if ends[1] != wanted[1]:
        return f"{job!r}: look at the output again. Is it one answer, or a sequence of answers?"
    return f"{job!r}: does every input step get its own answer, or does the answer start later?"


def check_encode_with_ends(answer: Callable[[str, Mapping[str, int]], list[int]]) -> None:
    """Check a function (word, index) -> list of int with <S> in front and <E> at the end."""
    grade("encode_with_ends", _examine_encode, answer)


def _examine_encode(answer: Callable[[str, Mapping[str, int]], list[int]]) -> None:
    index = {"<S>": 5, "<E>": 3, "i": 0, "k": 2, "m": 4, "z": 1}
    inner = [2, 0, 4]
    try:
        got = answer("kim", dict(index))
    except KeyError as error:
        if error.args == ("<",):
            hint("<S> is one symbol; a loop reads '<S>' as three letters: use index['<S>'].")
        raise
    if got is None:
        hint("your function returned None: does it end with return?")
    if isinstance(got, str) or any(isinstance(item, str) for item in got):
        hint("return numbers: look each symbol up in index.")
    got = _numbers(got)
    known = {
        tuple(inner): "the letters are right; <S> in front and <E> at the end are missing.",
        (5, *inner): "the end token <E> is missing.",
        (*inner, 3): "the start token <S> is missing.",
        (3, *inner, 5): "<S> and <E> are in each other's place.",
        (0, *inner, 1): "take the numbers of <S> and <E> from index; here they are not 0 and 1.",
        (5, *sorted(inner), 3): "keep the order of the letters; do not sort them.",
    }
    if tuple(got) in known:
        hint(known[tuple(got)])
    if got != [5, *inner, 3]:
        hint(f"encode_with_ends('kim', index) should be [5, 2, 0, 4, 3], got {got}.")
    if _numbers(answer("", dict(index))) != [5, 3]:
        hint("an empty word is allowed: the answer is <S>, <E>.")
    if _numbers(answer("zz", dict(index))) != [5, 1, 1, 3]:
        hint("'zz' should keep both letters: [5, 1, 1, 3].")


def _numbers(got: Any) -> list[int]:
    """Return the numbers of the symbols, from a list or anything like one."""
    items = got.tolist() if hasattr(got, "tolist") else list(got)
    return whole_numbers_of(items, "the answer")


def check_one_hot(answer: Callable[[list[int], int], Any]) -> None:
    """Check a function (indices of length T, size V) -> float tensor (T, V)."""
    grade("one_hot_rows", _examine_one_hot, answer)


def _examine_one_hot(answer: Callable[[list[int], int], Any]) -> None:
    import torch

    indices, size = [2, 0, 3, 3], 5
    wanted = torch.zeros(len(indices), size)
    wanted[torch.arange(len(indices)), torch.tensor(indices)] = 1.0
    got = answer(list(indices), size)
    if isinstance(got, torch.Tensor) and got.shape == (size,):
        hint("this is one vector for the whole word (a bag). Make one row per symbol: (T, V).")
    need_tensor(got, (len(indices), size), "one_hot_rows([2, 0, 3, 3], 5)")
    if not got.is_floating_point():
        hint(f"the numbers must be float (a model multiplies them), got {got.dtype}.")
    if close(got, wanted.roll(1, dims=1)) or close(got, wanted.roll(-1, dims=1)):
        hint("every 1 is one column off: counting starts at 0.")
    if not close(got.sum(dim=1), torch.ones(len(indices))):
        hint(f"each row must hold exactly one 1; the rows sum to {got.sum(dim=1).tolist()}.")
    if not torch.equal(got.double(), wanted.double()):
        hint("a 1 stands in the wrong column: row t has its 1 in column indices[t].")


def check_count_mlp_parameters(answer: Callable[[int, int, int, int], int]) -> None:
    """Check a function (seq_len, vocab_size, hidden_size, n_classes) -> number of parameters."""
    grade("count_mlp_parameters", _examine_mlp, answer)


def _examine_mlp(answer: Callable[[int, int, int, int], int]) -> None:
    from torch import nn

    for T, V, H, C in [(7, 27, 16, 2), (3, 10, 5, 18)]:
        mlp = nn.Sequential(nn.Linear(T * V, H), nn.ReLU(), nn.Linear(H, C))
        right = sum(p.numel() for p in mlp.parameters())
        got = count_of(answer(T, V, H, C))
        known = {
            right - H - C: "the weights are right; each layer also has a bias per output.",
            right - C: "the bias of the second layer is missing.",
            right - H: "the bias of the first layer is missing.",
            V * H + H + H * C + C: "the first layer reads seq_len one-hot vectors, not one.",
            T * V * H + H: "the second layer (hidden_size to n_classes) is missing.",
            T * H + H + H * C + C: "each of the seq_len inputs is vocab_size numbers wide.",
            right - H + T * H: "the first layer has one bias per hidden unit, not per letter.",
        }
        if got != right and got in known:
            hint(known[got])
        if got != right:
            hint(f"count_mlp_parameters({T}, {V}, {H}, {C}) should be {right}, got {got}.")


def check_bigram_probabilities(answer: Callable[[str], Mapping[tuple[str, str], float]]) -> None:
    """Check a function text -> {(a, b): P(b follows | a)}."""
    grade("bigram_probabilities", _examine_bigrams, answer)


def _examine_bigrams(answer: Callable[[str], Mapping[tuple[str, str], float]]) -> None:
    text = "abacab"
    pairs = [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a"), ("a", "b")]
    wanted = {("a", "b"): 2 / 3, ("a", "c"): 1 / 3, ("b", "a"): 1.0, ("c", "a"): 1.0}
    wrong = {
        "divide by how often the first letter has a follower, not by the number of pairs.": {
            pair: pairs.count(pair) / len(pairs) for pair in wanted
        },
        "divide by the count of the first letter of the pair, not of the second.": {
            (a, b): pairs.count((a, b)) / sum(p[1] == b for p in pairs) for a, b in wanted
        },
        "the last letter of the text has no follower: do not count it as a first letter.": {
            (a, b): pairs.count((a, b)) / text.count(a) for a, b in wanted
        },
        "these are counts; divide them to get probabilities.": {
            pair: float(pairs.count(pair)) for pair in wanted
        },
    }
    got = dict(answer(text))
    if any(not isinstance(key, tuple) for key in got):
        hint("a key must be a pair (tuple) of two letters, such as ('a', 'b').")
    if set(got) - set(wanted) and any(got[pair] for pair in set(got) - set(wanted)):
        hint(f"{sorted(set(got) - set(wanted))[0]} never stands in {text!r}.")
    if set(wanted) - set(got):
        hint(f"the pair {sorted(set(wanted) - set(got))[0]} is missing for the text {text!r}.")
    if _same(got, wanted):
        return
    for text_of_hint, mistake in wrong.items():
        if _same(got, mistake):
            hint(text_of_hint)
    hint(f"for {text!r} the answer should be {wanted}.")


def _same(got: Mapping[Any, float], wanted: Mapping[Any, float]) -> bool:
    """Tell whether two tables of numbers agree."""
    return all(math.isclose(got[key], wanted[key], abs_tol=1e-9) for key in wanted)
