"""Check for the permutation test of notebook 07: a random answer, judged without chance.

The answer is compared with the exact distribution over all groups of the same size. All cosines
are -1, 0 or 1, so that no rounding can break a tie. A right answer is refused with a probability
below 1e-9, however it draws its permutations.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.checks.answers import number_of
from course_utils.checks.grading import grade, hint


def check_permutation_p_value(answer: Callable[..., Any]) -> None:
    """Check a function (vectors (N, D), members (N,), n_permutations, generator) -> p-value."""
    grade("permutation_p_value", _examine_permutation, answer)


def _examine_permutation(answer: Callable[..., Any]) -> None:
    axes = [(1, 0), (-1, 0), (0, -1), (1, 0), (-1, 0), (0, 1), (0, -1)]
    _examine_chance(answer, Grouping(axes, (1, 2, 4, 5)), 1999)
    lowest = [(1, 0)] * 3 + [(0, 1)] * 4  # no group has a lower statistic than this one: p is 1
    _examine_chance(answer, Grouping(lowest, (0, 1, 3, 4)), 199)
    long = [(1, 0, 0)] * 2 + [(0, 8, 0)] * 3 + [(0, 0, 8)] * 3 + [(1, 0, 0)] * 2
    _examine_chance(answer, Grouping(long, (0, 1, 8, 9)), 199)


@dataclass(frozen=True)
class Grouping:
    """Hold rows that stand on axes, and the row numbers of the group."""

    rows: Sequence[tuple[int, ...]]
    group: tuple[int, ...]

    def groups(self) -> Iterable[tuple[int, ...]]:
        """Return every group of the same size: what a permutation can give."""
        return itertools.combinations(range(len(self.rows)), len(self.group))

    def means(self, group: tuple[int, ...], *, cosine: bool = True) -> list[float]:
        """Return the mean over pairs inside, between, outside, and over all but the inside."""
        values: list[list[float]] = [[], [], []]
        for i, j in itertools.combinations(range(len(self.rows)), 2):
            a, b = self.rows[i], self.rows[j]
            product = sum(map(operator.mul, a, b))
            lengths = math.hypot(*a) * math.hypot(*b) if cosine else 1
            values[2 - (i in group) - (j in group)].append(product / lengths)
        parts = [*values, values[1] + values[2]]
        return [sum(part) / len(part) if part else math.nan for part in parts]

    def chance(
        self,
        *,
        against: int = 3,
        compare: Callable[[float, float], bool] = operator.ge,
        change: Callable[[float], float] = float,
        cosine: bool = True,
        groups: Iterable[tuple[int, ...]] | None = None,
    ) -> float:
        """Return the exact chance that one permutation counts.

        Args:
            against: which mean is subtracted from the one inside: a place in `means`.
            compare: compares a permuted statistic with the observed one.
            change: applied to the statistic, such as abs.
            cosine: compare vectors by the cosine, otherwise by the dot product.
            groups: equally likely groups; every group of the same size by default.
        """

        def statistic(group: tuple[int, ...]) -> float:
            means = self.means(group, cosine=cosine)
            return round(change(means[0] - means[against]), 9)

        observed = statistic(self.group)
        counts = [compare(statistic(group), observed) for group in groups or self.groups()]
        return sum(counts) / len(counts)

    def mistakes(self) -> Iterator[tuple[str, float]]:
        """Yield pairs (hint, the chance that one permutation counts with this mistake)."""
        tail = "this is the other tail: count the permutations with a value >= the observed one."
        yield tail, self.chance(compare=operator.le)
        yield tail, self.chance(compare=operator.lt)
        equal = "a permutation that EQUALS the observed value counts too: use >=."
        yield equal, self.chance(compare=operator.gt)
        yield "only one side counts: compare without abs().", self.chance(change=abs)
        yield (
            "all OTHER pairs: those between the group and the rest, and those outside the group. "
            "You left out the pairs outside.",
            self.chance(against=1),
        )
        yield (
            "all OTHER pairs: also those between a member and a row outside the group.",
            self.chance(against=2),
        )
        yield "use cosines: with dot products long rows decide.", self.chance(cosine=False)
        drawn = itertools.product(range(len(self.rows)), repeat=len(self.group))
        yield (
            "rows are drawn twice: a permutation keeps the number of members (torch.randperm).",
            self.chance(groups=[tuple(set(rows)) for rows in drawn]),
        )


def _p_value(answer: Callable[..., Any], case: Grouping, n: int) -> float:
    """Return the p-value that the function answers."""
    import torch

    vectors = torch.tensor(case.rows, dtype=torch.float32)
    members = torch.zeros(len(vectors), dtype=torch.bool)
    members[list(case.group)] = True
    given = vectors.clone(), members.clone()
    p = number_of(answer(*given, n, torch.Generator().manual_seed(n)), "the p-value")
    if not torch.equal(given[0], vectors) or not torch.equal(given[1], members):
        hint("your function changes its arguments: work on copies.")
    if abs(p) < 1e-9:
        hint("p is never 0: the observed group counts too. Add 1 above and below, and count ties.")
    return p


def _examine_chance(answer: Callable[..., Any], case: Grouping, n: int) -> None:
    """Compare the count behind p with its exact distribution."""
    p = _p_value(answer, case, n)
    count = round(p * (n + 1)) - 1
    if abs(p * (n + 1) - 1 - count) > 1e-2:
        hint("p must be (1 + count) / (1 + n_permutations): add 1 above AND below.")
    if not 0 <= count <= n:
        hint(f"p is a share of permutations, above 0 and at most 1; got {p:.4f}.")
    right = case.chance()
    if share_is_possible(count, n, right):
        return
    if right == 1 and count == n - 1:
        hint("add 1 to the count too: p = (1 + count) / (1 + n_permutations).")
    if count == n:
        hint("every permutation reaches the observed value: are the members really shuffled?")
    known = [
        (abs(count / n - chance), text)
        for text, chance in case.mistakes()
        if share_is_possible(count, n, chance)
    ]
    if known:
        hint(min(known)[1])
    hint(f"p should be near {right:.2f} for this group, got {p:.4f}: which pairs do you compare?")


def share_is_possible(count: int, n: int, chance: float, *, risk: float = 1e-10) -> bool:
    """Say whether `count` of `n` independent draws can happen, each with this chance.

    The bound is n · KL(count / n, chance) <= ln(2 / risk), with the Kullback-Leibler divergence:
    a right answer is refused with a probability of at most `risk`. It also holds for draws without
    replacement. Source: Hoeffding, 1963, "Probability inequalities for sums of bounded random
    variables", theorems 1 and 4.

    >>> share_is_possible(520, 1000, 0.5), share_is_possible(700, 1000, 0.5)
    (True, False)

    Args:
        count: how many of the draws counted, 0 to n.
        n: number of draws.
        chance: probability that one draw counts, 0 to 1.
        risk: largest probability that a possible share is refused.
    """
    divergence = 0.0
    for part, expected in [(count / n, chance), (1 - count / n, 1 - chance)]:
        if part > 0:
            divergence += part * math.log(part / expected) if expected > 0 else math.inf
    return n * divergence <= math.log(2 / risk)
