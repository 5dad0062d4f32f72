"""Solutions and plausible mistakes for lesson 07: neighbours, and the permutation test."""

from __future__ import annotations

import math

import numpy as np
import torch

from course_utils import checks
from course_utils.word_vectors import permutation_test


def nearest(vectors, index, k, first=0, itself=False, unit=True, largest=True, size=None):
    unit_vectors = vectors / vectors.norm(dim=1, keepdim=True) if unit else vectors
    scores = unit_vectors @ unit_vectors[index]
    if not itself:
        scores[index] = -math.inf if largest else math.inf
    return scores.argsort(descending=largest).tolist()[first : first + (size or k)]


def nearest_in_numpy(vectors, index, k):
    rows = vectors.numpy().astype(np.float64)
    cosines = {
        i: row @ rows[index] / np.linalg.norm(row) for i, row in enumerate(rows) if i != index
    }
    return sorted(cosines, key=cosines.get, reverse=True)[:k]


def nearest_by_distance(vectors, index, k):
    distances = (vectors - vectors[index]).norm(dim=1)
    return distances.argsort().tolist()[1 : k + 1]


def nearest_by_size(vectors, index, k):
    cosines = torch.nn.functional.cosine_similarity(vectors, vectors[index], dim=1)
    return cosines.abs().argsort(descending=True).tolist()[1 : k + 1]


def nearest_in_place(vectors, index, k):
    vectors /= vectors.norm(dim=1, keepdim=True)
    return nearest(vectors, index, k)


def nearest_values(vectors, index, k):
    return (vectors @ vectors[index]).sort(descending=True).values[1 : k + 1].tolist()


def pairs(words, window, right=None):
    right = window if right is None else right
    both = enumerate(words)
    return [(words[max(0, i - window) : i] + words[i + 1 : i + 1 + right], w) for i, w in both]


def pairs_by_distance(words, window):
    """Collect the contexts word by word, from the last centre to the first."""
    found = []
    for i in reversed(range(len(words))):
        places = [j for j in range(len(words)) if 0 < abs(i - j) <= window]
        found.append((tuple(words[j] for j in places), words[i]))
    return found


def pairs_with_centre(words, window):
    return [(words[max(0, i - window) : i + window + 1], w) for i, w in enumerate(words)]


def pairs_with_negative_start(words, window):
    both = enumerate(words)
    return [(words[i - window : i] + words[i + 1 : i + 1 + window], w) for i, w in both]


def pairs_without_edges(words, window):
    return [pair for pair in pairs(words, window) if len(pair[0]) == 2 * window]


def pairs_by_first_place(words, window):
    return [pairs(words, window)[words.index(word)] for word in words]


def pairs_without_namesakes(words, window):
    return [([w for w in around if w != centre], centre) for around, centre in pairs(words, window)]


def pairs_right_first(words, window):
    both = enumerate(words)
    return [(words[i + 1 : i + 1 + window] + words[max(0, i - window) : i], w) for i, w in both]


def statistic(cosines, members, against="others"):
    pair = torch.eye(len(cosines)) == 0  # each pair twice
    inside = members[:, None] & members & pair
    parts = {"others": ~inside & pair, "all": pair, "whole": torch.ones_like(pair)}
    parts["between"] = (members[:, None] ^ members) & pair
    parts["outside"] = ~members[:, None] & ~members & pair
    if against == "whole":  # with the diagonal, in both means
        inside = members[:, None] & members
    other = parts[against]
    return (cosines * inside).sum() / inside.sum() - (cosines * other).sum() / other.sum()


def p_value(
    vectors,
    members,
    n,
    generator,
    against="others",
    unit=True,
    count=torch.ge,
    draw=None,
    change=lambda x: x,
    add=(1, 1),
):
    rows = torch.nn.functional.normalize(vectors, dim=1) if unit else vectors
    cosines = rows @ rows.T

    def shuffled(members):
        return members[torch.randperm(len(members), generator=generator)]

    draw = draw or shuffled
    values = torch.stack([statistic(cosines, draw(members), against) for _ in range(n)])
    observed = statistic(cosines, members, against)
    return (add[0] + int(count(change(values), change(observed)).sum())) / (n + add[1])


def p_value_in_numpy(vectors, members, n, generator):
    """Shuffle the rows with another generator, in float64; add up the cosines in loops."""
    rng = np.random.default_rng(torch.randint(9999, (1,), generator=generator).item())
    rows, group = vectors.numpy().astype(float), np.flatnonzero(members.numpy())
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    cosines = (rows @ rows.T).tolist()
    N, M = len(rows), len(group)

    def value(group):
        inside = sum(cosines[i][j] for i in group for j in group if i < j)
        total = sum(cosines[i][j] for i in range(N) for j in range(i))
        n_inside = M * (M - 1) / 2
        return inside / n_inside - (total - inside) / (N * (N - 1) / 2 - n_inside)

    observed = value(group)
    found = sum(value(rng.permutation(N)[:M]) >= observed for _ in range(n))
    return np.float64((1 + found) / (1 + n))


def p_value_of_the_course(vectors, members, n, generator):
    return permutation_test(vectors, members, n_permutations=n, generator=generator).p_value


def p_value_twice(vectors, members, n, generator):
    def draw(members):
        drawn = torch.randint(len(members), (int(members.sum()),), generator=generator)
        return torch.zeros_like(members).index_fill(0, drawn, True)

    return p_value(vectors, members, n, generator, draw=draw)


def p_value_in_place(vectors, members, n, generator):
    p = p_value(vectors, members, n, generator)
    members[:] = False
    return p


CASES = {
    checks.check_nearest: (
        nearest,
        [
            (lambda *a: nearest(*a, itself=True), "leave `index` out"),
            (lambda *a: nearest(*a, itself=True, unit=False), "dot products"),
            (lambda *a: nearest(*a, itself=True, unit=False, first=1), "dot products"),
            (lambda *a: nearest(*a, unit=False), "dot products"),
            (lambda *a: nearest(*a, largest=False), "LEAST similar"),
            (lambda *a: nearest(*a)[::-1], "the highest cosine comes first"),
            (nearest_by_distance, "by distance"),
            (nearest_by_size, "with its sign"),
            (nearest_in_place, "work on a copy"),
            (nearest_values, "whole numbers"),
            (lambda *a: nearest(*a, size=a[2] + 1), "rows are asked for"),
            (lambda *a: torch.tensor(nearest(*a)), ".tolist()"),
            (lambda vectors, index, k: [*range(k + 1)][-k:], "the rows are"),
        ],
    ),
    checks.check_cbow_pairs: (
        pairs,
        [
            (pairs_with_centre, "in its own context"),
            (lambda *a: pairs(*a, right=0), "only on the left"),
            (lambda words, n: pairs(words, 0, n), "only on the right"),
            (pairs_without_edges, "near an edge are missing"),
            (pairs_with_negative_start, "use max(0, ...)"),
            (lambda words, n: pairs(words, n, n - 1), "stops BEFORE"),
            (lambda words, n: pairs(words, n // 2), "on EACH side"),
            (lambda *a: [([w], c) for around, c in pairs(*a) for w in around], "skip-gram pairs"),
            (lambda *a: [(c, around) for around, c in pairs(*a)], "the wrong way round"),
            (lambda *a: [(around[::-1], c) for around, c in pairs(*a)], "reading order"),
            (pairs_right_first, "reading order"),
            (pairs_by_first_place, "a word may occur twice"),
            (pairs_without_namesakes, "the PLACE of the centre"),
            (lambda *a: pairs(*a)[1:], "one for each word"),
            (lambda *a: [(" ".join(around), c) for around, c in pairs(*a)], "each item is a pair"),
            (lambda *a: [around for around, _ in pairs(*a)], "each item is a pair"),
            (lambda words, n: [(words[:n], w) for w in words], "gives (["),
        ],
    ),
    checks.check_permutation_p_value: (
        p_value,
        [
            (lambda *a: p_value(*a, add=(0, 0)), "add 1 above AND below"),
            (lambda *a: p_value(*a, add=(0, 1)), "add 1 to the count too"),
            (lambda *a: p_value(*a, add=(1, 0)), "add 1 above AND below"),
            (lambda *a: p_value(*a, count=torch.gt), "EQUALS the observed"),
            (lambda *a: 0.0, "p is never 0"),
            (lambda *a: p_value(*a, count=torch.le), "the other tail"),
            (lambda *a: 1 - p_value(*a, add=(0, 1)), "the other tail"),
            (lambda *a: p_value(*a, change=torch.abs), "without abs()"),
            (lambda *a: p_value(*a, draw=lambda members: members), "really shuffled"),
            (lambda *a: p_value(*a, against="between"), "left out the pairs outside"),
            (lambda *a: p_value(*a, against="outside"), "between a member and a row outside"),
            (lambda *a: p_value(*a, unit=False), "use cosines"),
            (p_value_twice, "drawn twice"),
            (p_value_in_place, "work on copies"),
            (lambda *a: 100 * p_value(*a), "at most 1"),
            (lambda *a: 1.0, "really shuffled"),
            (lambda *a: math.nan, "NaN"),
            (lambda v, members, n, g: (1 + n * 4 // 10) / (1 + n), "should be near"),
        ],
    ),
}

# Other ways to be right: loops, NumPy, float64, another order, another source of chance.
ALSO_RIGHT = [
    (checks.check_nearest, nearest_in_numpy),
    (checks.check_nearest, lambda *a: tuple(nearest(*a))),
    (checks.check_cbow_pairs, pairs_by_distance),
    (checks.check_cbow_pairs, lambda *a: iter(pairs(*a))),
    (checks.check_permutation_p_value, p_value_in_numpy),
    (checks.check_permutation_p_value, p_value_of_the_course),
    # With groups of one size both give the same order of the permutations, so the same p.
    (checks.check_permutation_p_value, lambda *a: p_value(*a, against="all")),
    (checks.check_permutation_p_value, lambda *a: p_value(*a, against="whole")),
]
