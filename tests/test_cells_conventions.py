"""PyTorch's GRU and the lecture's: what can be translated exactly, and what cannot."""

import pytest
import torch
from cell_samples import B, E, H, assert_equal, gru_weights, states_of

from course_utils import cells


def run_both(pytorch_weights, lecture_weights):
    torch.manual_seed(3)
    x, h_0 = torch.randn(B, 20, E, dtype=torch.float64), states_of("gru", dtype=torch.float64)
    ours = cells.gru_trace(x, h_0, pytorch_weights)
    return ours, cells.gru_trace(x, h_0, lecture_weights, convention="lecture")


def with_state_part(W_hn, **changes):
    weights = gru_weights()
    W_n = torch.cat([W_hn.to(torch.float64), weights.W_n[:, H:]], dim=1)
    return weights._replace(W_n=W_n, b_hn=torch.zeros(H, dtype=torch.float64))._replace(**changes)


EXACT = {
    "identity": torch.eye(H),
    "diagonal": torch.diag(torch.arange(1.0, H + 1)),
    "zero": torch.zeros(H, H),
    "permutation": torch.eye(H)[[2, 0, 4, 1, 3]],
}


def test_flipping_the_signs_of_the_update_gate_turns_z_into_1_minus_z():
    torch.manual_seed(4)
    x_t, h_prev = torch.randn(B, E).double(), torch.randn(B, H).double()
    weights = gru_weights()
    flipped = cells.flip_update_gate(weights)
    for step in (cells.gru_step, cells.gru_step_lecture):
        a, b = step(x_t, h_prev, weights), step(x_t, h_prev, flipped)
        assert_equal([a.z_t, a.r_t, a.n_t], [1 - b.z_t, b.r_t, b.n_t], atol=1e-15)
    back = cells.flip_update_gate(flipped)
    assert all(torch.equal(a, b) for a, b in zip(weights, back, strict=True))


@pytest.mark.parametrize("name", EXACT)
def test_conversion_is_exact_both_ways_where_it_exists(name):
    weights = with_state_part(EXACT[name])
    ours, lecture = run_both(weights, cells.pytorch_to_lecture(weights))
    assert_equal([ours.h_t, ours.n_t], [lecture.h_t, lecture.n_t], atol=1e-12)
    ours, lecture = run_both(cells.lecture_to_pytorch(weights), weights)
    assert_equal([ours.h_t, ours.n_t], [lecture.h_t, lecture.n_t], atol=1e-12)


def test_equal_reset_gates_make_any_matrix_exact():
    W_r = gru_weights().W_r[:1].expand(H, -1)
    weights = with_state_part(gru_weights().W_n[:, :H], W_r=W_r, b_r=torch.zeros(H).double())
    ours, lecture = run_both(weights, cells.pytorch_to_lecture(weights))
    assert_equal([ours.h_t], [lecture.h_t], atol=1e-12)


def test_only_a_diagonal_matrix_makes_the_order_of_reset_and_product_indifferent():
    for name, W_hn in EXACT.items():
        weights = with_state_part(W_hn)
        ours, lecture = run_both(weights, cells.flip_update_gate(weights))
        same = torch.allclose(ours.h_t, lecture.h_t, atol=1e-12, rtol=0)
        assert same == (name != "permutation")  # a permutation needs its reset gates moved
    weights = with_state_part(gru_weights().W_n[:, :H])
    ours, lecture = run_both(weights, cells.flip_update_gate(weights))
    assert (ours.h_t - lecture.h_t).abs().max() > 1e-3


@pytest.mark.parametrize("convert", [cells.pytorch_to_lecture, cells.lecture_to_pytorch])
def test_there_is_no_conversion_of_a_full_matrix(convert):
    weights = with_state_part(gru_weights().W_n[:, :H])
    with pytest.raises(ValueError, match="W_n has no exact counterpart: .* 0 of W_hn is not zero"):
        convert(weights)


def test_no_other_reset_gates_repair_a_full_matrix():
    """Fit the lecture's gates to PyTorch's outputs: the misfit stays far above rounding."""
    torch.manual_seed(5)
    weights = with_state_part(2 * torch.randn(H, H))
    x_t, h_prev = torch.randn(400, E).double(), torch.randn(400, H).double()
    wanted = cells.gru_step(x_t, h_prev, weights).n_t.detach()
    start = [w.detach().clone().requires_grad_() for w in weights]
    optimiser = torch.optim.LBFGS(start, max_iter=150, line_search_fn="strong_wolfe")

    def misfit():
        optimiser.zero_grad()
        made = cells.gru_step_lecture(x_t, h_prev, cells.GRUWeights(*start)).n_t
        loss = (made - wanted).square().mean()
        loss.backward()
        return loss

    optimiser.step(misfit)
    assert misfit().sqrt() > 1e-3


def test_the_second_bias_of_the_candidate_has_no_place_in_the_lecture():
    weights = with_state_part(torch.eye(H), b_hn=torch.ones(H).double())
    with pytest.raises(ValueError, match="b_hn must be zeros, got values up to 1"):
        cells.pytorch_to_lecture(weights)
    ours, lecture = run_both(weights, cells.flip_update_gate(weights))
    assert (ours.h_t - lecture.h_t).abs().max() > 1e-3
    ours, lecture = run_both(cells.lecture_to_pytorch(weights), weights)
    assert_equal([ours.h_t], [lecture.h_t], atol=1e-12)
