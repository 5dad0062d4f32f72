"""Every form of the scan is the chain of steps: values and gradients."""

from __future__ import annotations

import math
import re

import pytest
import torch

from course_utils.cells import (
    MinGRUWeights,
    log_positive,
    min_gru_sequence,
    min_gru_step,
    positive,
    scan_by_doubling,
    scan_in_blocks,
    scan_in_logs,
    scan_in_order,
)

FAST = [scan_by_doubling, scan_in_blocks]
# 1 and 2: no round or one; 23 and 24: around the shortest chain that is cut into blocks;
# 100 and 1023: blocks and a rest; 1024: blocks of blocks.
LENGTHS = [1, 2, 3, 23, 24, 25, 64, 100, 1023, 1024]


def chain(length, *, batch=2, units=3, seed=0, dtype=torch.float32):
    """Return a, b, h_0 of a minGRU with random gates, and weights for a loss."""
    generator = torch.Generator().manual_seed(seed)

    def randn(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    z = torch.sigmoid(2 * randn(batch, length, units))
    return (
        1 - z,
        z * positive(randn(batch, length, units)),
        randn(batch, units).abs(),
        randn(batch, length, units),
    )


def solve(scan, a, b, h_0, weights):
    """Return the states and the gradients of a, b and h_0 (if there is one)."""
    leaves = [x.clone().requires_grad_() for x in (a, b, h_0) if x is not None]
    h = scan(*leaves)
    (h * weights).sum().backward()
    # Of a single step that begins from zeros, a plays no part.
    grads = (torch.zeros_like(x) if x.grad is None else x.grad for x in leaves)
    return h.detach(), *grads


def by_definition(a, b, h_0, weights):
    """Write the recursion and its gradients down, number by number, in float64."""
    a, b, weights = (x.double() for x in (a, b, weights))
    h = torch.zeros_like(a)
    start = torch.zeros_like(a[:, 0]) if h_0 is None else h_0.double()
    for t in range(a.shape[1]):
        h[:, t] = a[:, t] * (h[:, t - 1] if t else start) + b[:, t]
    grad_a, grad_b, later = torch.zeros_like(a), torch.zeros_like(a), torch.zeros_like(start)
    for t in reversed(range(a.shape[1])):
        grad_b[:, t] = weights[:, t] + later
        grad_a[:, t] = grad_b[:, t] * (h[:, t - 1] if t else start)
        later = a[:, t] * grad_b[:, t]
    return (h, grad_a, grad_b, later) if h_0 is not None else (h, grad_a, grad_b)


@pytest.mark.parametrize("carried", [False, True])
@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("scan", [scan_in_order, *FAST])
def test_values_and_gradients_are_those_of_the_chain(scan, length, carried):
    a, b, h_0, weights = chain(length)
    parts = a, b, h_0 if carried else None, weights
    for ours, wanted in zip(solve(scan, *parts), by_definition(*parts), strict=True):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours.double(), wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("scan", FAST)
@pytest.mark.parametrize(("batch", "units"), [(1, 1), (70, 64), (1, 5000)])
def test_large_and_small_batches_are_solved_alike(scan, batch, units):
    a, b, h_0, weights = chain(50, batch=batch, units=units)
    for ours, wanted in zip(
        solve(scan, a, b, h_0, weights), solve(scan_in_order, a, b, h_0, weights), strict=True
    ):
        torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("scan", FAST)
def test_numbers_need_not_be_gates(scan):
    """Negative ones, 0, and ones above 1 are allowed: a and b are any numbers."""
    torch.manual_seed(0)
    a, b, h_0, weights = (torch.randn(2, 40, 3), torch.randn(2, 40, 3), torch.randn(2, 3), 1.0)
    a[:, 5], a[:, 17], b[:, 30] = 0.0, 1.5, 0.0
    for ours, wanted in zip(
        solve(scan, a, b, h_0, weights), solve(scan_in_order, a, b, h_0, weights), strict=True
    ):
        torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("length", [1, 7, 30, 65])
def test_the_written_gradient_of_the_blocks_is_right(length):
    a, b, h_0, _ = chain(length, units=2, dtype=torch.float64)
    leaves = [x.requires_grad_() for x in (a, b, h_0)]
    assert torch.autograd.gradcheck(scan_in_blocks, leaves)


def test_the_blocks_change_nothing_that_they_were_given():
    parts = chain(100)[:3]
    before = [part.clone() for part in parts]
    solve(scan_in_blocks, *parts, 1.0)
    assert all(torch.equal(*pair) for pair in zip(parts, before, strict=True))


def test_views_with_strides_are_solved_like_copies():
    torch.manual_seed(0)
    both = torch.rand(2, 60, 8)
    a, b = both.chunk(2, dim=-1)
    wanted = scan_in_blocks(a.contiguous(), b.contiguous())
    assert torch.equal(scan_in_blocks(a, b), wanted)
    turned = [x.transpose(0, 1).contiguous().transpose(0, 1) for x in (a, b)]
    assert torch.equal(scan_in_blocks(*turned), wanted)


@pytest.mark.parametrize(("length", "n_rounds"), [(1, 0), (2, 1), (3, 2), (64, 6), (65, 7)])
def test_doubling_takes_log2_rounds(monkeypatch, length, n_rounds):
    calls = []
    cat = torch.cat
    monkeypatch.setattr(
        torch, "cat", lambda *args, **more: (calls.append(1), cat(*args, **more))[1]
    )
    a, b, _, _ = chain(length)
    scan_by_doubling(a, b)
    assert len(calls) == 2 * n_rounds == 2 * math.ceil(math.log2(length))


@pytest.mark.parametrize("carried", [False, True])
@pytest.mark.parametrize("length", [1, 7, 64])
def test_the_log_form_is_the_chain_too(length, carried):
    a, b, h_0, weights = chain(length, dtype=torch.float64)
    parts = a, b, h_0 if carried else None, weights

    def scan(a, b, h_0=None):
        return scan_in_logs(a.log(), b.log(), h_0)

    for ours, wanted in zip(solve(scan, *parts), by_definition(*parts), strict=True):
        torch.testing.assert_close(ours, wanted, atol=1e-10, rtol=1e-10)
    for ours, wanted in zip(
        scan(*(None if x is None else x.float() for x in parts[:3])),
        by_definition(*parts)[0],
        strict=True,
    ):
        torch.testing.assert_close(ours.double(), wanted, atol=1e-5, rtol=1e-5)


def test_the_log_form_loses_precision_where_its_page_says():
    a, b = torch.full((1, 1024, 1), 0.5), torch.full((1, 1024, 1), 0.5)
    logs = scan_in_logs(a.log(), b.log())
    worst = (logs - scan_in_order(a, b)).abs().max().item()
    assert 1e-5 < worst < 1e-3
    assert (scan_in_blocks(a, b) - scan_in_order(a, b)).abs().max().item() < 1e-6
    double = scan_in_logs(a.double().log(), b.double().log())
    assert (double - scan_in_order(a, b).double()).abs().max().item() < 1e-6


def test_nothing_underflows_after_a_thousand_closed_gates():
    a, b = torch.full((1, 1024, 2), 1e-3), torch.ones(1, 1024, 2)
    for h in (scan_by_doubling(a, b), scan_in_blocks(a, b)):
        torch.testing.assert_close(h[:, 10:], torch.full((1, 1014, 2), 1 / (1 - 1e-3)))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_the_gradient_of_positive_passes_at_0_and_at_infinity(dtype):
    x = torch.tensor([-math.inf, 0.0, math.inf], dtype=dtype, requires_grad=True)
    positive(x).sum().backward()
    assert x.grad.tolist() == [0, 0.25, 1]


def test_positive_and_its_logarithm():
    x = torch.tensor([-200.0, -30.0, -1.0, 0.0, 1.0, 30.0], requires_grad=True)
    by_hand = [0.0, 1 / (1 + math.exp(30)), 1 / (1 + math.e), 0.5, 1.5, 30.5]
    torch.testing.assert_close(positive(x), torch.tensor(by_hand))
    torch.testing.assert_close(log_positive(x)[1:], torch.tensor(by_hand[1:]).log())
    assert log_positive(x)[0] == -200
    log_positive(x).sum().backward()
    slopes = [1.0, 1.0, 1 - 1 / (1 + math.e), 2.0, 2 / 3, 1 / 30.5]
    torch.testing.assert_close(x.grad[[0, 1, 2, 4, 5]], torch.tensor(slopes)[[0, 1, 2, 4, 5]])


@pytest.fixture
def weights():
    torch.manual_seed(0)
    return MinGRUWeights(torch.randn(4, 3), torch.randn(4, 3), torch.randn(4), torch.randn(4))


def test_a_step_mixes_the_old_state_and_the_candidate(weights):
    x_t, h_prev = torch.randn(2, 3), torch.rand(2, 4)
    h_t, z_t, n_t = min_gru_step(x_t, h_prev, weights)
    for b in range(2):
        for j in range(4):
            z = 1 / (1 + math.exp(-(weights.W_z[j] @ x_t[b] + weights.b_z[j]).item()))
            k = (weights.W_h[j] @ x_t[b] + weights.b_h[j]).item()
            n = k + 0.5 if k >= 0 else 1 / (1 + math.exp(-k))
            assert z_t[b, j].item() == pytest.approx(z, rel=1e-5)
            assert n_t[b, j].item() == pytest.approx(n, rel=1e-5)
            wanted = (1 - z) * h_prev[b, j].item() + z * n
            assert h_t[b, j].item() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("carried", [False, True])
def test_a_sequence_is_a_scan_of_its_gates(weights, carried):
    x, h_0 = torch.randn(2, 30, 3), torch.rand(2, 4) if carried else None
    z = torch.sigmoid(x @ weights.W_z.T + weights.b_z)
    k = x @ weights.W_h.T + weights.b_h
    wanted = min_gru_sequence(x, weights, h_0)
    for scan in FAST:
        torch.testing.assert_close(scan(1 - z, z * positive(k), h_0), wanted, atol=1e-5, rtol=0)
    logs = torch.nn.functional.logsigmoid
    in_logs = scan_in_logs(logs(-(x @ weights.W_z.T + weights.b_z)), z.log() + log_positive(k), h_0)
    torch.testing.assert_close(in_logs, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("scan", [scan_in_order, scan_by_doubling, scan_in_blocks, scan_in_logs])
@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((3, 4), (3, 4), None), "a must be (B, T, H) with T at least 1, got (3, 4)"),
        (((2, 0, 4), (2, 0, 4), None), "a must be (B, T, H) with T at least 1, got (2, 0, 4)"),
        (((2, 3, 4), (2, 3, 1), None), "b must be (2, 3, 4) to fit a (2, 3, 4), got (2, 3, 1)"),
        (((2, 3, 4), (2, 3, 4), (1, 4)), "h_0 must be (2, 4) to fit a (2, 3, 4), got (1, 4)"),
    ],
)
def test_what_does_not_fit_is_refused(scan, shapes, message):
    if scan is scan_in_logs:
        message = re.sub(r"\b([ab]) (?=must|\()", r"log_\1 ", message)
    with pytest.raises(ValueError, match=re.escape(message)):
        scan(*(None if shape is None else torch.ones(shape) for shape in shapes))


def test_other_mistakes_are_refused(weights):
    with pytest.raises(ValueError, match="h_0 must be 0 or more to have a logarithm, got -1"):
        scan_in_logs(torch.zeros(1, 2, 1), torch.zeros(1, 2, 1), torch.tensor([[-1.0]]))
    with pytest.raises(ValueError, match=r"h_prev must be \(2, 4\)"):
        min_gru_step(torch.ones(2, 3), torch.ones(2, 3), weights)
    with pytest.raises(ValueError, match=r"b_h must be \(4,\)"):
        min_gru_step(torch.ones(2, 3), torch.ones(2, 4), weights._replace(b_h=torch.ones(3)))
    with pytest.raises(ValueError, match="W_z"):
        min_gru_step(torch.ones(3), torch.ones(2, 4), weights)
