"""Symbols are drawn with exactly the probabilities that the options say, and can be repeated."""

import itertools
import math

import pytest
import torch
from sampling_samples import V, language_model, rng

from course_utils.sampling import draw, generate, probabilities

SCORES = torch.tensor([1.5, -0.5, 3.0, 0.0, 2.25])
MANY = torch.randn(50, V, generator=torch.Generator().manual_seed(5), dtype=torch.float64) * 2


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.5])
def test_temperature_formula(temperature):
    powers = [math.exp(score / temperature) for score in SCORES.tolist()]
    wanted = torch.tensor([power / sum(powers) for power in powers])
    torch.testing.assert_close(probabilities(SCORES, temperature=temperature), wanted)


def test_rows_are_independent():
    together = probabilities(MANY.view(5, 10, V), temperature=0.7, top_k=4, top_p=0.8)
    for row, alone in zip(together.view(50, V), MANY, strict=True):
        assert torch.equal(row, probabilities(alone, temperature=0.7, top_k=4, top_p=0.8))


def test_temperature_zero_takes_the_first_largest():
    tied = torch.tensor([[1.0, 4.0, 4.0, 0.0], [2.0, 2.0, 2.0, 2.0]])
    assert probabilities(tied, temperature=0).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("temperature", [1e-50, 1e-8])
def test_a_tiny_temperature_comes_to_the_greedy_choice(temperature):
    scores = torch.cat([SCORES * 1e10, torch.tensor([-math.inf])])
    wanted = probabilities(scores, temperature=0)
    assert torch.equal(probabilities(scores, temperature=temperature), wanted)


@pytest.mark.parametrize("temperature", [1e12, 1e300])
def test_a_huge_temperature_comes_to_equal_chances(temperature):
    scores = torch.cat([SCORES, torch.tensor([-math.inf])])
    wanted = torch.tensor([0.2] * 5 + [0.0])
    torch.testing.assert_close(probabilities(scores, temperature=temperature), wanted)


@pytest.mark.parametrize("k", [1, 2, 4, 5, 100])
def test_top_k_keeps_the_k_largest_and_their_ratios(k):
    chances = probabilities(SCORES, top_k=k)
    kept = sorted(range(5), key=lambda i: -SCORES[i])[:k]
    assert chances.nonzero().flatten().tolist() == sorted(kept)
    torch.testing.assert_close(chances[kept], SCORES[kept].softmax(0))


def test_top_k_breaks_ties_by_the_lower_index():
    tied = torch.tensor([1.0, 3.0, 3.0, 3.0, 2.0])
    assert probabilities(tied, top_k=2).tolist() == [0, 0.5, 0.5, 0, 0]
    even = torch.zeros(200)
    assert probabilities(even, top_k=3).nonzero().flatten().tolist() == [0, 1, 2]
    assert torch.equal(probabilities(tied, top_k=1), probabilities(tied, temperature=0))


@pytest.mark.parametrize("p", [0.01, 0.3, 0.6, 0.9, 0.999])
def test_top_p_keeps_the_smallest_set_that_reaches_p(p):
    for scores in MANY[:20]:
        plain, kept = scores.softmax(0), probabilities(scores, top_p=p) > 0
        sets = itertools.product([False, True], repeat=V)
        reaching = [s for s in map(torch.tensor, sets) if plain[s].sum() >= p]
        smallest = min(reaching, key=lambda s: (int(s.sum()), -float(plain[s].sum())))
        assert torch.equal(kept, smallest)
        torch.testing.assert_close(probabilities(scores, top_p=p)[kept], scores[kept].softmax(0))


def test_top_p_on_its_border_and_with_ties():
    scores = torch.tensor([0.2, 0.5, 0.3]).log()
    kept = {p: (probabilities(scores, top_p=p) > 0).tolist() for p in (0.5, 0.51, 0.8, 1.0)}
    assert kept[0.5] == [False, True, False]
    assert kept[0.51] == kept[0.8] == [False, True, True]
    assert kept[1.0] == [True, True, True]
    for n in range(2, 20):
        for k in range(1, n):
            chances = probabilities(torch.zeros(n), top_p=k / n)
            assert chances.nonzero().flatten().tolist() == [*range(k)], (k, n)


def test_top_p_is_a_share_of_what_top_k_leaves():
    scores = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
    # The two largest have 4/7 and 3/7: alone, 4/7 reaches 0.5 although 0.4 does not.
    assert probabilities(scores, top_k=2, top_p=0.5).tolist() == [1, 0, 0, 0]
    assert (probabilities(scores, top_p=0.5) > 0).tolist() == [True, True, False, False]


def test_temperature_comes_before_top_p():
    scores = torch.tensor([0.6, 0.2, 0.2]).log()
    assert (probabilities(scores, top_p=0.6) > 0).sum() == 1
    assert (probabilities(scores, top_p=0.6, temperature=3) > 0).sum() == 2


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_precision(dtype):
    chances = probabilities(SCORES.to(dtype), top_p=0.9)
    assert chances.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    assert chances.sum().item() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -0.5}, "temperature must be .* got -0.5"),
        ({"temperature": math.nan}, "temperature must be .* got nan"),
        ({"temperature": math.inf}, "temperature must be .* got inf"),
        ({"top_k": 0}, "top_k must be .* got 0"),
        ({"top_k": 2.5}, "top_k must be .* got 2.5"),
        ({"top_p": 0.0}, "top_p must be .* got 0.0"),
        ({"top_p": 1.01}, "top_p must be .* got 1.01"),
        ({"top_p": math.nan}, "top_p must be .* got nan"),
    ],
)
def test_options_out_of_range(options, message):
    everything = {"generator": rng()} | options
    with pytest.raises((TypeError, ValueError), match=message):
        probabilities(SCORES, **options)
    with pytest.raises((TypeError, ValueError), match=message):
        draw(SCORES[None], **everything)
    with pytest.raises((TypeError, ValueError), match=message):
        generate(language_model(), [0], 0, **everything)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_scores_that_are_not_numbers(bad):
    scores = SCORES.repeat(2, 1)
    scores[1, 3] = bad
    for temperature in (0, 1):
        with pytest.raises(ValueError, match=f"finite largest number, got {bad}"):
            probabilities(scores, temperature=temperature)
    with pytest.raises(ValueError, match="got -inf.* every symbol is forbidden"):
        probabilities(torch.full((3,), -math.inf))


def test_logits_of_a_wrong_type_or_shape():
    with pytest.raises(TypeError, match="got torch.int64"):
        probabilities(torch.tensor([1, 2]))
    for shape in [(), (3, 0)]:
        with pytest.raises(ValueError, match=r"logits must be \(\.\.\., V\)"):
            probabilities(torch.zeros(shape))
    for shape in [(5,), (1, 2, 5)]:
        with pytest.raises(ValueError, match=r"logits must be \(B, V\)"):
            draw(torch.zeros(shape), rng())


@pytest.mark.parametrize("options", [{}, {"temperature": 0.6}, {"top_k": 3}, {"top_p": 0.8}])
def test_draws_follow_the_probabilities(options):
    n = 20_000
    counts = draw(SCORES.expand(n, 5), rng(), **options).bincount(minlength=5)
    expected = probabilities(SCORES, **options) * n
    possible = expected > 0
    assert counts[~possible].sum() == 0
    chi_square = ((counts - expected).square() / expected)[possible].sum()
    # The 0.999 quantile with 4 degrees of freedom, the most that there are here.
    assert chi_square < 18.5


@pytest.mark.parametrize(("u", "symbol"), [(0.0, 1), (0.49, 1), (0.5, 3), (0.99, 3), (1.0, 3)])
def test_the_drawn_symbol_is_where_the_sum_passes_u(u, symbol, monkeypatch):
    # u = 1 stands for a product that rounding lifts to the total.
    monkeypatch.setattr(torch, "rand", lambda shape, **_: torch.full(shape, u).double())
    scores = torch.tensor([[-math.inf, 0.0, -math.inf, 0.0, -math.inf]])
    assert draw(scores, rng()).tolist() == [symbol]


def test_the_same_generator_state_draws_the_same():
    logits = MANY.float()
    first, second = draw(logits, rng(3)), draw(logits, rng(3))
    assert torch.equal(first, second)
    assert first.dtype == torch.int64
    assert first.shape == (50,)
    generator = rng(3)
    draws = [draw(logits, generator) for _ in range(2)]
    assert not torch.equal(*draws)
    assert not torch.equal(first, draw(logits, rng(4)))


def test_greedy_drawing_leaves_the_generator_alone():
    generator = rng()
    before = generator.get_state()
    assert torch.equal(draw(MANY, generator, temperature=0), MANY.argmax(1))
    assert torch.equal(draw(MANY, None, temperature=0), MANY.argmax(1))
    assert torch.equal(generator.get_state(), before)


def test_a_missing_or_wrong_generator():
    with pytest.raises(ValueError, match="generator is None, but temperature=1.0 draws at random"):
        draw(MANY, None)
    for length in (0, 3):
        with pytest.raises(ValueError, match="generator is None"):
            generate(language_model(), [0], length, generator=None, temperature=0.5)
    with pytest.raises(TypeError, match=r"must be a torch.Generator, got 7: .*manual_seed\(0\)"):
        draw(MANY, 7)
