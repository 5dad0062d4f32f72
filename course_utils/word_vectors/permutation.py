"""Test whether the vectors of a group lie closer together than those of any other group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations, islice
from math import comb

import torch
from torch import Tensor
from torch.nn import functional as F

from course_utils.arguments import instance, whole_number
from course_utils.word_vectors.vectors import as_numbers

MOST_VECTORS = 10_000  # all their cosines are held in memory: 800 MB
LARGEST_EXACT = 2_000_000  # subsets; about ten seconds on one core
CHUNK = 50_000  # subsets held in memory at once
TIE = 1e-9  # statistics that differ by less count as equal; rounding in float64 is far below this


@dataclass(frozen=True, eq=False)
class PermutationResult:
    """What a permutation test found.

    Attributes:
        statistic: mean cosine of the pairs inside the group minus that of all other pairs.
        p_value: how often a group of this size, drawn at random, reaches the statistic.
        null: float64, (n,), the statistics of the other groups: of all of them (the group itself
            included) in an exact test, else of those that were drawn.
    """

    statistic: float
    p_value: float
    null: Tensor


def permutation_test(
    vectors: Tensor,
    members: Tensor,
    *,
    n_permutations: int | None = 10_000,
    generator: torch.Generator | None = None,
) -> PermutationResult:
    """Test whether the marked vectors lie closer together than chance allows.

    The null hypothesis: the marks say nothing about the vectors, so every group of the same size
    is as likely as this one. Drawn at random, p = (1 + number of draws that reach the statistic) /
    (1 + number of draws): the group itself counts as one draw, and p is never 0 (Phipson & Smyth,
    2010, "Permutation p-values should never be zero"). Exact: p is the share of all groups of this
    size, the group itself included.

    >>> vectors = torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [-1, 0], [0, -1]])
    >>> result = permutation_test(vectors, [True, True, False, False, False], n_permutations=None)
    >>> result.p_value  # the closest of the 10 pairs
    0.1

    Args:
        vectors: float, (N, D); a vector of zeros has the cosine 0 with every vector.
        members: bool, (N,), True for the group: 2 to N - 1 of them.
        n_permutations: how many groups are drawn, at least 1; None compares with all of them.
        generator: where the draws come from; None for torch's own. Not used in an exact test.

    Returns:
        The statistic, the p-value of a one-sided test, and the null distribution.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: a shape does not fit, a number is NaN or infinite, there are more than 10,000
            vectors, the group is too small or too large, n_permutations is below 1, or there are
            more than 2 million groups for an exact test.
    """
    vectors, members = _checked(vectors, members)
    if n_permutations is not None and whole_number("n_permutations", n_permutations) < 1:
        raise ValueError(f"n_permutations={n_permutations} must be at least 1, or None for all")
    if generator is not None:
        instance("generator", generator, torch.Generator)
    n, size = len(members), int(members.sum())
    unit = F.normalize(vectors, dim=1, eps=1e-30)
    cosines = (unit @ unit.T).fill_diagonal_(0)
    if n_permutations is None:
        groups = _all_groups(n, size)
    else:
        groups = _drawn_groups(n, size, n_permutations, generator)
    statistic = _statistics(cosines, members[None].double()).item()
    null = torch.cat([_statistics(cosines, rows) for rows in groups])
    reached = int((null >= statistic - TIE).sum())
    extra = 0 if n_permutations is None else 1
    return PermutationResult(statistic, (reached + extra) / (len(null) + extra), null)


def _statistics(cosines: Tensor, groups: Tensor) -> Tensor:
    """Return the statistic of each group: cosines (N, N), zero diagonal; groups (n, N) of 0/1."""
    size, n = int(groups[0].sum()), len(cosines)
    n_inside = size * (size - 1) // 2
    # A row of 0 and 1 times the matrix times the row adds every pair inside the group twice.
    inside = ((groups @ cosines) * groups).sum(1) / 2
    others = cosines.sum() / 2 - inside
    return inside / n_inside - others / (n * (n - 1) // 2 - n_inside)


def _rows(chosen: Tensor, n: int) -> Tensor:
    """Turn (k, size) chosen places into (k, n) rows of 0 and 1."""
    return torch.zeros(len(chosen), n, dtype=torch.float64).scatter_(1, chosen, 1.0)


def _all_groups(n: int, size: int) -> Iterator[Tensor]:
    """Yield all groups of this size, some thousands at a time."""
    if comb(n, size) > LARGEST_EXACT:
        raise ValueError(
            f"n_permutations=None compares with all groups, and there are {comb(n, size):,} groups "
            f"of {size} among {n}; give a number of draws, such as n_permutations=10_000"
        )
    subsets = combinations(range(n), size)
    while part := [*chain.from_iterable(islice(subsets, CHUNK))]:
        yield _rows(torch.tensor(part).view(-1, size), n)


def _drawn_groups(
    n: int, size: int, n_draws: int, generator: torch.Generator | None
) -> Iterator[Tensor]:
    """Yield randomly drawn groups, some thousands at a time."""
    for start in range(0, n_draws, CHUNK):
        noise = torch.rand(min(CHUNK, n_draws - start), n, generator=generator)
        yield _rows(noise.argsort(dim=1)[:, :size], n)


def _checked(vectors: Tensor, members: Tensor) -> tuple[Tensor, Tensor]:
    """Return the vectors in float64 and the members as bool, or refuse them."""
    vectors = as_numbers("vectors", vectors).to("cpu", torch.float64)
    members = as_numbers("members", members, may_be_flags=True).cpu()
    if vectors.ndim != 2 or not vectors.isfinite().all():
        raise ValueError(f"vectors must be (N, D) finite numbers, got {tuple(vectors.shape)}")
    if len(vectors) > MOST_VECTORS:
        raise ValueError(f"vectors must be at most {MOST_VECTORS:,}, got {len(vectors):,}")
    if members.shape != (len(vectors),) or members.dtype != torch.bool:
        raise ValueError(
            f"members must be ({len(vectors)},) of True and False, one for each of the vectors, "
            f"got {tuple(members.shape)} of {members.dtype}"
        )
    if not 2 <= int(members.sum()) < len(members):
        raise ValueError(
            f"members marks {int(members.sum())} of {len(members)} vectors; a group needs at least "
            "2 (one pair inside) and not all of them (a pair outside to compare with)"
        )
    return vectors, members
