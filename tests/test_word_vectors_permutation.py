"""Permutation tests: by hand, exact against drawn, and uniform when there is nothing to find."""

from itertools import combinations

import pytest
import torch
from torch.nn import functional as F

from course_utils.word_vectors import permutation, permutation_test

pytestmark = pytest.mark.offline


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def plain_statistic(vectors, group):
    inside, outside = [], []
    for i, j in combinations(range(len(vectors)), 2):
        value = F.cosine_similarity(vectors[i].double(), vectors[j].double(), dim=0).item()
        (inside if i in group and j in group else outside).append(value)
    return sum(inside) / len(inside) - sum(outside) / len(outside)


def marks(n, group):
    members = torch.zeros(n, dtype=torch.bool)
    members[list(group)] = True
    return members


def test_a_case_by_hand():
    # Right, right, up, left: cosines 1 (0,1); 0 (0,2), (1,2), (2,3); -1 (0,3), (1,3).
    vectors = torch.tensor([[1.0, 0], [2, 0], [0, 3], [-1, 0]])
    result = permutation_test(vectors, marks(4, [0, 1]), n_permutations=None)
    assert result.statistic == pytest.approx(1 - (0 + 0 + 0 - 1 - 1) / 5)
    assert result.p_value == pytest.approx(1 / 6)
    worst = permutation_test(vectors, marks(4, [1, 3]), n_permutations=None)
    assert worst.statistic == pytest.approx(-1 - (1 + 0 + 0 + 0 - 1) / 5)
    assert worst.p_value == 1  # every pair is at least as close
    middle = permutation_test(vectors, marks(4, [0, 2]), n_permutations=None)
    assert middle.p_value == pytest.approx(4 / 6)  # 1 closer pair, and 3 pairs of cosine 0
    assert sorted(middle.null.tolist()) == pytest.approx([-1, -1, 0.2, 0.2, 0.2, 1.4])


@pytest.mark.parametrize(("n", "size"), [(6, 2), (7, 3), (7, 6), (8, 5)])
def test_exact_null_equals_plain_loops(n, size):
    vectors = torch.randn(n, 4, generator=seeded(n))
    result = permutation_test(vectors, marks(n, range(size)), n_permutations=None)
    plain = [plain_statistic(vectors, group) for group in combinations(range(n), size)]
    assert result.null.tolist() == pytest.approx(plain, abs=1e-12)
    assert result.statistic == pytest.approx(plain[0], abs=1e-12)
    assert result.p_value == sum(value >= plain[0] - 1e-9 for value in plain) / len(plain)


def test_in_parts_as_at_once(monkeypatch):
    vectors, members = torch.randn(9, 4, generator=seeded()), marks(9, [2, 4, 5])
    whole = [permutation_test(vectors, members, n_permutations=None).null]
    whole += [permutation_test(vectors, members, n_permutations=100, generator=seeded()).null]
    monkeypatch.setattr(permutation, "CHUNK", 7)
    parts = permutation_test(vectors, members, n_permutations=None).null
    torch.testing.assert_close(parts, whole[0], rtol=0, atol=1e-12)
    assert len(permutation_test(vectors, members, n_permutations=100).null) == len(whole[1]) == 100


def test_drawn_groups_agree_with_all_groups():
    vectors = torch.randn(26, 16, generator=seeded(4))
    vectors[[0, 4, 8, 14, 20]] += 0.7  # the vowels a little to one side
    members = marks(26, [0, 4, 8, 14, 20])
    exact = permutation_test(vectors, members, n_permutations=None)
    drawn = permutation_test(vectors, members, n_permutations=20_000, generator=seeded(1))
    assert len(exact.null) == 65_780
    assert 0.005 < exact.p_value < 0.2
    error = (exact.p_value * (1 - exact.p_value) / 20_000) ** 0.5
    assert abs(drawn.p_value - exact.p_value) < 4 * error
    assert drawn.statistic == exact.statistic
    assert abs(drawn.null.mean() - exact.null.mean()) < 4 * exact.null.std() / 20_000**0.5
    assert exact.null.mean() == pytest.approx(0, abs=1e-12)  # every pair is inside equally often


def test_p_values_are_uniform_when_the_marks_mean_nothing():
    generator, p_values = seeded(5), []
    for _ in range(400):
        vectors = torch.randn(12, 6, generator=generator)
        result = permutation_test(
            vectors, marks(12, [1, 3, 5, 7]), n_permutations=99, generator=generator
        )
        p_values.append(result.p_value)
    for level in (0.05, 0.25, 0.5, 0.75):
        share = sum(p <= level + 1e-9 for p in p_values) / 400
        assert abs(share - level) < 4 * (level * (1 - level) / 400) ** 0.5
    assert {round(100 * p, 6) % 1 for p in p_values} == {0}  # (1 + #) / 100


def test_drawn_p_is_never_zero():
    vectors = torch.cat([torch.ones(5, 3), torch.randn(40, 3, generator=seeded())])
    result = permutation_test(vectors, marks(45, range(5)), n_permutations=49, generator=seeded())
    assert result.p_value == 1 / 50


def test_ties_with_the_group_itself_are_counted():
    same = torch.ones(6, 2) * torch.tensor([[0.1], [0.2], [0.3], [0.7], [1.1], [1.3]])
    for n_permutations in (None, 10):
        result = permutation_test(same, marks(6, [0, 3]), n_permutations=n_permutations)
        assert result.p_value == 1
        assert result.statistic == pytest.approx(0)


def test_the_generator_decides_and_the_vectors_are_not_changed():
    vectors = torch.randn(10, 3, generator=seeded(2))
    before, state = vectors.clone(), torch.get_rng_state()
    first, second, other = (
        permutation_test(vectors, marks(10, range(4)), n_permutations=50, generator=seeded(s)).null
        for s in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(vectors, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_vectors_of_zeros_have_no_direction():
    vectors = torch.tensor([[0.0, 0], [0, 0], [1, 0], [-1, 0]])
    assert permutation_test(vectors, marks(4, [0, 1]), n_permutations=None).statistic == 0.2


@pytest.mark.parametrize(
    ("vectors", "members", "n", "message"),
    [
        (torch.zeros(4), [True] * 4, 9, r"vectors must be \(N, D\) finite numbers, got \(4,\)"),
        (torch.full((3, 2), torch.nan), [True, True, False], 9, "finite numbers"),
        (torch.ones(3, 2), [True, False], 9, r"members must be \(3,\)"),
        (torch.ones(3, 2), [1, 1, 0], 9, "True and False"),
        (torch.ones(3, 2), [True, False, False], 9, "marks 1 of 3 vectors"),
        (torch.ones(3, 2), [True] * 3, 9, "marks 3 of 3 vectors"),
        (torch.ones(3, 2), [True, True, False], 0, "n_permutations=0 must be at least 1"),
        (torch.ones(60, 2), [True, False] * 30, None, r"n_permutations=10_000"),
    ],
)
def test_what_cannot_be_tested(vectors, members, n, message):
    with pytest.raises(ValueError, match=message):
        permutation_test(vectors, members, n_permutations=n)
