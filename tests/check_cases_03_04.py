"""Solutions and plausible mistakes for the exercises of lessons 03 and 04."""

from __future__ import annotations

import math

import torch

from course_utils import checks


def grad_w11(
    inputs, w, carry=True, through_22=True, tanh_slope=True, out=True, through_12=True, late=False
):
    h1 = h2 = d1 = d2 = 0.0
    for i in inputs:
        before = h1
        h1 = math.tanh(w["w_ih"] * i + w["w_11"] * before + w["b"])
        h2 = math.tanh(w["w_12"] * h1 + w["w_22"] * h2 + w["b"])
        s1, s2 = (1 - h1**2, 1 - h2**2) if tanh_slope else (1, 1)
        old, d1 = d1, s1 * (before + (w["w_11"] * d1 if carry else 0))
        factor = w["w_12"] if through_12 else 1
        d2 = s2 * (factor * (old if late else d1) + (w["w_22"] * d2 if through_22 else 0))
    return d2 * (w["w_ho"] if out else 1)


def norm_of(gradients):
    return torch.stack([g.norm() for g in gradients]).norm()


def clip(gradients, limit):
    return [g * min(1.0, limit / norm_of(gradients).item()) for g in gradients]


def lag_until(factor, share, shift=0):
    k = 0
    while factor**k >= share:
        k += 1
    return k + shift


def truncated(step, x, h, k, cut=None):
    for t, x_t in enumerate(x):
        if t in ([len(x) - k] if cut is None else cut):
            h = h.detach()
        h = step(x_t, h)
    return h


def lstm(x, h, c, W, b, order=1, bias=1, act=torch.tanh, show=torch.tanh, gates="fi"):
    hx = torch.cat([h, x][::order], dim=1)
    gate = {n: torch.sigmoid(hx @ W[n].T + bias * b[n]) for n in "fio"}
    c_t = gate[gates[0]] * c + gate[gates[1]] * act(hx @ W["g"].T + bias * b["g"])
    return gate["o"] * show(c_t), c_t


def gru(x, h, W, swap=False, reset=True, act=torch.tanh):
    hx = torch.cat([h, x], dim=1)
    z, r = torch.sigmoid(hx @ W["z"].T), torch.sigmoid(hx @ W["r"].T)
    n = act(torch.cat([r * h if reset else h, x], dim=1) @ W["n"].T)
    return z * h + (1 - z) * n if swap else (1 - z) * h + z * n


def gru_after(x, h, W, swap=False):
    hx, H = torch.cat([h, x], dim=1), h.shape[1]
    z, r = torch.sigmoid(hx @ W["z"].T), torch.sigmoid(hx @ W["r"].T)
    n = torch.tanh(r * (h @ W["n"][:, :H].T) + x @ W["n"][:, H:].T)
    return z * h + (1 - z) * n if swap else (1 - z) * h + z * n


def count_lstm(E, H, P, blocks=4, biases=2, width=None):
    return blocks * (H * (E + (width or P or H)) + biases * H) + P * H


CASES = {
    checks.check_grad_w11: (
        grad_w11,
        [
            (lambda i, w: grad_w11(i, w, carry=False), "carry its derivative along"),
            (lambda i, w: grad_w11(i, w, through_22=False), "path through w_22"),
            (lambda i, w: grad_w11(i, w, tanh_slope=False), "factors tanh'"),
            (lambda i, w: grad_w11(i, w, out=False), "w_ho is missing"),
            (lambda i, w: 0.5, "it should be"),
            (lambda i, w: grad_w11(i, w) + 1e-7, "not float32"),
            (lambda i, w: grad_w11(i, w, through_12=False), "the factor w_12 is missing"),
            (lambda i, w: grad_w11(i, w, late=True), "the order matters"),
        ],
    ),
    checks.check_clip_by_global_norm: (
        clip,
        [
            (lambda g, m: [t * m / t.norm() for t in g], "clipped alone"),
            (lambda g, m: g, "nothing was clipped"),
            (lambda g, m: [t * m / norm_of(g) for t in g], "never makes it larger"),
            (lambda g, m: [t * m / sum(u.norm() for u in g) for t in g], "root of the sum"),
            (lambda g, m: [t * 0 for t in g], "should be [0.6"),
            (lambda g, m: [t.clamp(-m, m) for t in g], "each number"),
            (lambda g, m: clip(g, 1.0), "use max_norm, not 1"),
            (lambda g, m: clip(g, m) if norm_of(g) > m else None, "must be returned too"),
        ],
    ),
    checks.check_lag_until: (
        lag_until,
        [
            (lambda f, s: lag_until(f, s, -1), "one too few"),
            (lambda f, s: lag_until(f, s, 1), "one too many"),
            (lambda f, s: math.ceil(math.log(s) / math.log(f)), "smaller, not equal"),
            (lambda f, s: 0, "should be 7"),
            (lambda f, s: None, "does it end with return"),
            (lambda f, s: math.log(s) / math.log(f), "a whole number"),
        ],
    ),
    checks.check_truncated_run: (
        truncated,
        [
            (lambda f, x, h, k: truncated(f, x, h, k, cut=[]), "still reaches the first step"),
            (lambda f, x, h, k: truncated(f, x, h, k, cut=range(6)), "in every step?"),
            (lambda f, x, h, k: truncated(f, x, h, k, cut=[0, 2, 4, 6]), "one input only"),
            (lambda f, x, h, k: truncated(f, x, h, k, cut=[0, 3, 6]), "reaches 3"),
            (lambda f, x, h, k: truncated(f, x, h, k).detach(), "no gradient is left"),
            (lambda f, x, h, k: truncated(f, x, h, k, cut=[3]), "it reaches 3"),
            (lambda f, x, h, k: truncated(f, x[-k:], h, k), "the value must not change"),
        ],
    ),
    checks.check_lstm_step: (
        lstm,
        [
            (lambda *a: lstm(*a, order=-1), "join h_prev first"),
            (lambda *a: lstm(*a, bias=0), "the biases are missing"),
            (lambda *a: lstm(*a, act=torch.sigmoid), "uses tanh"),
            (lambda *a: lstm(*a, show=lambda c: c), "the tanh is missing"),
            (lambda *a: lstm(*a, gates="if"), "they are swapped"),
            (lambda *a: lstm(*a)[::-1], "in each other's place"),
            (lambda *a: lstm(*a)[0], "return the pair"),
            (lambda *a: lstm(*a, act=lambda v: v), "c_t is not right"),
            (lambda *a: lstm(*a, show=torch.sin), "c_t is right, h_t is not"),
        ],
    ),
    checks.check_gru_step: (
        gru,
        [
            (lambda *a: gru(*a, swap=True), "z_t weighs the candidate"),
            (lambda *a: gru(*a, reset=False), "r_t is not used"),
            (gru_after, "before the product"),
            (lambda *a: gru(*a, act=lambda v: v), "tanh of the candidate"),
            (lambda *a: gru(*a) * 2, "line by line"),
            (lambda *a: gru_after(*a, swap=True), "this is PyTorch's GRU"),
        ],
    ),
    checks.check_convert_update_gate: (
        lambda W, b: (-W, -b),
        [
            (lambda W, b: (W, b), "nothing changed"),
            (lambda W, b: (1 - W, 1 - b), "not 1 minus the gate"),
            (lambda W, b: (-W, b), "sign of b_z"),
            (lambda W, b: (2 * W, b), "the new gate is not"),
        ],
    ),
    checks.check_count_lstm_parameters: (
        count_lstm,
        [
            (lambda *a: count_lstm(*a, biases=1), "two biases per gate"),
            (lambda *a: count_lstm(*a, blocks=1), "four such blocks"),
            (lambda *a: count_lstm(*a, blocks=3), "are a GRU"),
            (lambda E, H, P: count_lstm(E, H, P) - P * H, "projection's own matrix"),
            (lambda E, H, P: count_lstm(E, H, P, width=H), "an h of width P"),
            (lambda E, H, P: 4 * (H * (E + P) + 2 * H) + P * H, "then h is H wide"),
        ],
    ),
}
