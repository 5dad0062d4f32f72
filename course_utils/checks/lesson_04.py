"""Checks for the exercises of notebook 04."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils.checks.answers import close, count_of
from course_utils.checks.grading import grade, hint, need_tensor

_B, _E, _H = 3, 4, 2


def _draw(*shapes: tuple[int, ...]) -> list[Any]:
    """Return random float64 tensors, the same in every check."""
    import torch

    generator = torch.Generator().manual_seed(4)
    return [torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes]


def _copies(*tensors: Any) -> list[Any]:
    """Return copies, so that an answer cannot change what it is compared with."""
    return [tensor.clone() for tensor in tensors]


def _copied(named: dict[str, Any]) -> dict[str, Any]:
    """Return copies of named tensors."""
    return {name: tensor.clone() for name, tensor in named.items()}


def check_lstm_step(answer: Callable[..., Any]) -> None:
    """Check a function (x_t, h_prev, c_prev, W, b) -> (h_t, c_t).

    W and b are dicts with the gates f, i, g, o: (H, H + E) over [h_prev, x_t], and (H,).
    """
    grade("lstm_step", _examine_lstm, answer)


def _lstm(x_t: Any, h_prev: Any, c_prev: Any, W: Any, b: Any, slip: str = "") -> tuple[Any, Any]:
    """Take the step, right or with one usual slip."""
    import torch

    joined = [x_t, h_prev] if slip == "order" else [h_prev, x_t]
    hx = torch.cat(joined, dim=1)
    bias = dict.fromkeys(b, 0.0) if slip == "bias" else b
    gate = {name: torch.sigmoid(hx @ W[name].T + bias[name]) for name in "fio"}
    g_t = torch.tanh(hx @ W["g"].T + bias["g"])
    if slip == "candidate":
        g_t = torch.sigmoid(hx @ W["g"].T + bias["g"])
    if slip == "swapped":
        gate["f"], gate["i"] = gate["i"], gate["f"]
    c_t = gate["f"] * c_prev + gate["i"] * g_t
    return gate["o"] * (c_t if slip == "tanh" else torch.tanh(c_t)), c_t


def _examine_lstm(answer: Callable[..., Any]) -> None:

    x_t, h_prev, c_prev = _draw((_B, _E), (_B, _H), (_B, _H))
    W = dict(zip("figo", _draw(*[(_H, _H + _E)] * 4), strict=True))
    b = dict(zip("figo", _draw(*[(_H,)] * 4), strict=True))
    got = answer(*_copies(x_t, h_prev, c_prev), _copied(W), _copied(b))
    if not isinstance(got, tuple) or len(got) != 2:
        hint("return the pair h_t, c_t.")
    need_tensor(got[0], (_B, _H), "h_t")
    need_tensor(got[1], (_B, _H), "c_t")
    right = _lstm(x_t, h_prev, c_prev, W, b)
    slips = {
        "order": "the matrices read [h_prev, x_t]: join h_prev first, then x_t.",
        "bias": "the biases are missing.",
        "candidate": "the candidate g_t uses tanh, not the logistic function.",
        "swapped": "f_t weighs the old cell state, i_t the candidate; they are swapped.",
        "tanh": "h_t = o_t * tanh(c_t): the tanh is missing.",
    }
    for slip, text in slips.items():
        wrong = _lstm(x_t, h_prev, c_prev, W, b, slip)
        if all(close(a, c) for a, c in zip(got, wrong, strict=True)):
            hint(text)
    if close(got[0], right[1]) and close(got[1], right[0]):
        hint("the two results are in each other's place: first h_t, then c_t.")
    if not close(got[1], right[1]):
        hint(
            "c_t is not right. Check each gate: its matrix, its bias, its sigmoid or tanh; then "
            "c_t = f_t * c_prev + i_t * g_t."
        )
    if not close(got[0], right[0]):
        hint("c_t is right, h_t is not: h_t = o_t * tanh(c_t).")


def check_gru_step(answer: Callable[..., Any]) -> None:
    """Check a function (x_t, h_prev, W) -> h_t, the lecture's GRU without biases."""
    grade("gru_step", _examine_gru, answer)


def _gru(x_t: Any, h_prev: Any, W: Any, slip: str = "") -> Any:
    """Take the lecture's step, right or with one usual slip."""
    import torch

    hx = torch.cat([h_prev, x_t], dim=1)
    z_t, r_t = torch.sigmoid(hx @ W["z"].T), torch.sigmoid(hx @ W["r"].T)
    past = h_prev if slip == "no reset" else r_t * h_prev
    n_in = torch.cat([past, x_t], dim=1) @ W["n"].T
    if slip in ("after", "pytorch"):
        W_h, W_x = W["n"][:, :_H], W["n"][:, _H:]
        n_in = r_t * (h_prev @ W_h.T) + x_t @ W_x.T
    n_t = n_in if slip == "tanh" else torch.tanh(n_in)
    if slip in ("swapped", "pytorch"):
        z_t = 1 - z_t
    return (1 - z_t) * h_prev + z_t * n_t


def _examine_gru(answer: Callable[..., Any]) -> None:

    x_t, h_prev = _draw((_B, _E), (_B, _H))
    W = dict(zip("zrn", _draw(*[(_H, _H + _E)] * 3), strict=True))
    got = answer(*_copies(x_t, h_prev), _copied(W))
    need_tensor(got, (_B, _H), "h_t")
    slips = {
        "pytorch": "this is PyTorch's GRU: here z_t weighs the candidate and r_t acts before the "
        "product.",
        "swapped": "z_t weighs the candidate here, 1 - z_t the old state (PyTorch swaps them).",
        "after": "r_t acts before the product here: multiply h_prev first (PyTorch does it after).",
        "no reset": "the reset gate r_t is not used.",
        "tanh": "the tanh of the candidate is missing.",
    }
    for slip, text in slips.items():
        if close(got, _gru(x_t, h_prev, W, slip)):
            hint(text)
    if not close(got, _gru(x_t, h_prev, W)):
        hint("the shape is right, the values are not: compare with the formula, line by line.")


def check_convert_update_gate(answer: Callable[..., Any]) -> None:
    """Check a function (W_z, b_z) -> weights of the gate 1 - z."""
    grade("convert_update_gate", _examine_convert, answer)


def _examine_convert(answer: Callable[..., Any]) -> None:
    import torch

    W_z, b_z, hx = _draw((_H, _H + _E), (_H,), (_B, _H + _E))
    got = answer(W_z.clone(), b_z.clone())
    if not isinstance(got, tuple) or len(got) != 2:
        hint("return the pair W_z, b_z.")
    need_tensor(got[0], (_H, _H + _E), "W_z")
    need_tensor(got[1], (_H,), "b_z")
    if close(got[0], W_z) and close(got[1], b_z):
        hint("nothing changed; the new z must be 1 minus the old one.")
    if close(got[0], 1 - W_z):
        hint("1 minus the weight is not 1 minus the gate: use 1 - sigmoid(a) = sigmoid(-a).")
    if close(got[0], -W_z) and close(got[1], b_z):
        hint("the sign of b_z must change too.")
    new, old = torch.sigmoid(hx @ got[0].T + got[1]), torch.sigmoid(hx @ W_z.T + b_z)
    if not close(new, 1 - old):
        hint("the new gate is not 1 minus the old gate.")


def check_count_lstm_parameters(answer: Callable[[int, int, int], int]) -> None:
    """Check a function (input_size, hidden_size, proj_size) -> parameters of nn.LSTM."""
    grade("count_lstm_parameters", _examine_count, answer)


def _examine_count(answer: Callable[[int, int, int], int]) -> None:
    from torch import nn

    for E, H, P in [(4, 3, 0), (10, 20, 0), (4, 6, 2)]:
        right = sum(p.numel() for p in nn.LSTM(E, H, proj_size=P).parameters())
        R = P or H
        got = count_of(answer(E, H, P))
        known = {
            right - 4 * H: "nn.LSTM has two biases per gate, b_ih and b_hh.",
            H * (E + R) + 2 * H + P * H: "an LSTM has four such blocks: f, i, g and o.",
            3 * (H * (E + R) + 2 * H) + P * H: "three blocks are a GRU; an LSTM has four.",
            right - P * H: "the projection's own matrix, (P, H), is missing.",
            4 * (H * (E + H) + 2 * H) + P * H: (
                "with a projection each block reads an h of width P: its matrix is (H, P + E)."
            ),
            4 * (H * (E + P) + 2 * H) + P * H: "P = 0 means no projection: then h is H wide.",
        }
        if got != right and got in known:
            hint(known[got])
        if got != right:
            hint(f"count_lstm_parameters({E}, {H}, {P}) should be {right}, got {got}.")
