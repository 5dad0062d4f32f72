"""The bad values themselves: like a good one, but not good."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

HUGE = (2**31, 2**63 - 1, 2**63, 10**12, 10**30, -(2**63), -(10**30))
# One character of each plane, the joined, the turned, the invisible, and half of a pair.
SIGNS = ("\x00", "\t", "\n", " ", "a", "Z", "ß", "İ", "é", "e\u0301", "Ω", "ש", "\u202e", "\u200d")
SIGNS += ("中", "ﷺ", "\ufeff", "\ud800", "\udfff", "🙂", "👩‍👩‍👧", "𝔘", "\U00020000", "\U00030000")
SIGNS += ("\U000e0001", "\U000f0000", "\U0010ffff", "<b>", "$x$", "{}", "%s", "\\", "'", '"')
PLAIN = (None, True, False, 0, -1, 1, 2, 0.5, -0.0, math.nan, math.inf, -math.inf, 1e308, 1j)
TEXTS = st.one_of(
    st.sampled_from(("", " ", "a", *SIGNS, "a" * 20_000, "\n" * 1000)),
    st.lists(st.sampled_from(SIGNS), max_size=12).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=30),
)


def plain_values(*, may_be_huge: bool = True) -> st.SearchStrategy:
    """Return values that Python has without a library: of the wrong type almost everywhere."""
    huge = HUGE if may_be_huge else ()
    return st.one_of(
        st.sampled_from((*PLAIN, *huge)),
        TEXTS,
        st.floats(),
        st.builds(lambda number: number if may_be_huge else number % 8, st.integers()),
        st.sampled_from((b"", b"\xff\x00", (), "abc", Path("nowhere"), print, int, object())),
        st.builds(list, st.just(())),
        st.builds(dict, st.just(())),
        st.builds(lambda: {"a": None}),
        st.sampled_from(([None], [[]], ["a", 1], [math.nan], [-1], [["a"], []], {"a", "b"})),
    )


def wrong_functions(*functions: Callable) -> st.SearchStrategy:
    """Return what cannot be called, None too, and functions whose answers are wrong.

    Args:
        functions: those with wrong answers; print is tried as well.
    """
    plain = plain_values().filter(lambda value: not callable(value))
    return plain | st.sampled_from((*functions, print))


def array_values() -> st.SearchStrategy:
    """Return arrays and tensors that fit nowhere."""
    makers = (
        lambda: np.array([]),
        lambda: np.array(math.nan),
        lambda: np.int64(3),
        lambda: np.float32("inf"),
        lambda: np.array(["a", "b"]),
        lambda: np.array([None, {}], dtype=object),
        lambda: torch.tensor(0.0),
        lambda: torch.empty(0),
        lambda: torch.tensor([math.nan, 1.0]),
        lambda: torch.zeros(1, 2, 1, 2, 1, 2),
        lambda: torch.tensor([True, False]),
    )
    return st.sampled_from(makers).map(lambda make: make())


def hostile_like(value: Any, *, may_be_huge: bool = True) -> st.SearchStrategy:
    """Return bad values in place of a good one: near to it, of other types, and arrays.

    Args:
        value: the good one.
        may_be_huge: whether huge whole numbers are among them.
    """
    near = _near(value, may_be_huge)
    others = [plain_values(may_be_huge=may_be_huge), array_values()]
    return st.one_of(*([near, near] if near is not None else []), *others)


def edge_values(value: Any, *, may_be_huge: bool = True) -> list[Any]:
    """Return the bad values that are always tried in place of a good one, in the same order."""
    edges = [
        *PLAIN,
        *(HUGE if may_be_huge else ()),
        "",
        " ",
        "\ud800",
        "🙂",
        "a" * 20_000,
        b"",
        [],
        {},
    ]
    edges += [[None], [[]], (), print, np.array([]), np.float32("nan"), torch.empty(0)]
    if isinstance(value, int) and not isinstance(value, bool):
        edges += [-2, 3, value + 1, value - 1, float(value), str(value), np.int64(value)]
    if isinstance(value, torch.Tensor):
        edges += [change(value) for change in CHANGED_TENSORS]
    if isinstance(value, list | tuple):
        kind = type(value) if type(value) in (list, tuple) else list
        edges += [
            kind(),
            kind(value[:1]),
            [*value, None],
            [None, *value[1:]],
            "".join(map(str, value)),
        ]
        edges += [iter(value), dict.fromkeys(range(len(value)))]
    if type(value) is dict:
        edges += [{**value, key: None} for key in value] + [{**value, "": 0}, list(value)]
    return edges


def _near(value: Any, may_be_huge: bool) -> st.SearchStrategy | None:
    """Return values of the same kind as a good one."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return st.integers(-3, 2 * abs(value) + 3)
    if isinstance(value, float):
        return st.floats() | st.floats(-2, 2)
    if isinstance(value, str):
        return TEXTS | st.sampled_from((value + "\x00", value.upper(), value[:1], value * 3))
    if isinstance(value, torch.Tensor):
        return st.sampled_from(CHANGED_TENSORS).map(lambda change: change(value))
    if isinstance(value, np.ndarray):
        return st.sampled_from(CHANGED_TENSORS[:-2]).map(lambda change: _as_array(change, value))
    if isinstance(value, list | tuple):
        return _near_list(value, may_be_huge)
    if isinstance(value, Mapping) and type(value) is dict:
        return _near_dict(value, may_be_huge)
    return None


def _filled(tensor: torch.Tensor, number: float) -> torch.Tensor:
    """Return a copy whose last number is another one."""
    changed = tensor.detach().clone()
    if changed.numel():
        if not changed.is_floating_point() and not math.isfinite(number):
            changed = changed.float()
        changed = changed.contiguous()
        changed.view(-1)[-1] = number
    return changed


CHANGED_TENSORS = (
    lambda t: t.double() if t.is_floating_point() else t.int(),
    lambda t: t.long() if t.is_floating_point() else t.float(),
    lambda t: t.bool(),
    lambda t: t.half(),
    lambda t: t.to(torch.complex64),
    lambda t: t[..., :0] if t.ndim else t,
    lambda t: t[:0] if t.ndim else t,
    lambda t: t[:1] if t.ndim else t,
    lambda t: t.unsqueeze(0),
    lambda t: t.flatten(),
    lambda t: t.reshape(-1)[0] if t.numel() else t,
    lambda t: t.transpose(0, -1) if t.ndim else t,
    lambda t: torch.cat([t, t]) if t.ndim else t,
    lambda t: torch.cat([t, t], dim=-1) if t.ndim else t,
    lambda t: _filled(t, math.nan),
    lambda t: _filled(t, math.inf),
    lambda t: _filled(t, -1),
    lambda t: _filled(t, 30_000),
    lambda t: torch.zeros_like(t),
    lambda t: t.tolist(),
    lambda t: t.detach().clone().float().requires_grad_(),
    lambda t: t.to("meta"),
    lambda t: t.to_sparse() if t.ndim else t,
)


def _as_array(change: Any, value: np.ndarray) -> Any:
    """Change an array as a tensor is changed."""
    try:
        changed = change(torch.as_tensor(value))
    except TypeError:  # an array of text
        return value[:0]
    return changed.detach().numpy() if isinstance(changed, torch.Tensor) else changed


def _near_list(value: list | tuple, may_be_huge: bool) -> st.SearchStrategy:
    """Return lists with a wrong item, with too few or too many items, and no lists."""
    whole = list(value)
    kind = type(value) if type(value) in (list, tuple) else list

    def with_item(place_and_item: tuple[int, Any]) -> Any:
        place, item = place_and_item
        changed = list(whole)
        changed[place] = item
        return kind(changed)

    lengths = [lambda: kind(), lambda: kind(whole[:1]), lambda: kind(whole * 2)]
    lengths += [lambda: kind(whole[::-1]), lambda: [whole], lambda: kind(whole[1:])]
    made = st.sampled_from(lengths).map(lambda make: make())
    if not whole:
        return made
    inner = hostile_like(whole[0], may_be_huge=may_be_huge)
    return made | st.tuples(st.integers(0, len(whole) - 1), inner).map(with_item)


def _near_dict(value: dict, may_be_huge: bool) -> st.SearchStrategy:
    """Return dictionaries with a missing key, a wrong key or a wrong value."""
    keys = list(value)
    made = st.sampled_from([{}, {**value, None: 1}, {k: value[k] for k in keys[1:]}])
    if not keys:
        return made
    inner = hostile_like(value[keys[0]], may_be_huge=may_be_huge)
    return made | st.tuples(st.sampled_from(keys), inner).map(lambda kv: {**value, kv[0]: kv[1]})
