"""Checks for the exercises of notebook 03."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from course_utils.checks.answers import close, count_of, number_of
from course_utils.checks.grading import grade, hint, need_tensor


def check_grad_w11(answer: Callable[..., float]) -> None:
    """Check a function (inputs, weights) -> ∂o/∂w_11 of the two-layer scalar network.

    inputs: list of T floats; weights: dict with w_ih, w_11, w_12, w_22, w_ho and b.
    """
    grade("grad_w11", _examine_grad_w11, answer)


def _two_layer(inputs: Sequence[float], w: dict[str, float]) -> dict[str, float]:
    """Run the network and carry ∂h/∂w_11 along; also the results of three usual slips."""
    import math

    h1 = h2 = 0.0
    names = ("h1", "h2", "direct1", "direct2", "no22", "flat1", "flat2", "no12", "late2")
    slope = dict.fromkeys(names, 0.0)
    for i in inputs:
        h1_prev = h1
        h1 = math.tanh(w["w_ih"] * i + w["w_11"] * h1_prev + w["b"])
        h2 = math.tanh(w["w_12"] * h1 + w["w_22"] * h2 + w["b"])
        d1, d2 = 1 - h1**2, 1 - h2**2
        slope["late2"] = d2 * (w["w_12"] * slope["h1"] + w["w_22"] * slope["late2"])
        slope["h1"] = d1 * (h1_prev + w["w_11"] * slope["h1"])
        slope["no12"] = d2 * (slope["h1"] + w["w_22"] * slope["no12"])
        slope["h2"] = d2 * (w["w_12"] * slope["h1"] + w["w_22"] * slope["h2"])
        slope["direct1"] = d1 * h1_prev
        slope["direct2"] = d2 * (w["w_12"] * slope["direct1"] + w["w_22"] * slope["direct2"])
        slope["no22"] = d2 * w["w_12"] * slope["h1"]
        slope["flat1"] = h1_prev + w["w_11"] * slope["flat1"]
        slope["flat2"] = w["w_12"] * slope["flat1"] + w["w_22"] * slope["flat2"]
    return {name: w["w_ho"] * value for name, value in slope.items()} | {"bare": slope["h2"]}


def _examine_grad_w11(answer: Callable[..., float]) -> None:
    weights = {"w_ih": 0.9, "w_11": 0.7, "w_12": -0.8, "w_22": 0.6, "w_ho": 1.5, "b": 0.1}
    for inputs in ([0.5], [0.5, -1.0, 0.3, 0.8]):
        right = _two_layer(inputs, weights)
        got = answer(list(inputs), dict(weights))
        if got is None:
            hint("your function returned None: does it end with return?")
        got = number_of(got, "the answer")
        slips = {
            "direct2": "h1 of the step before depends on w_11 too: carry its derivative along.",
            "no22": "the path through w_22 is missing: h2 of the step before depends on w_11.",
            "flat2": "the factors tanh' = 1 - h**2 are missing.",
            "no12": "the factor w_12 is missing: layer 2 sees w_11 through w_12 * h1.",
            "late2": "the order matters: first the derivative of this h1, then use it for h2.",
            "bare": "the last factor ∂o/∂h2 = w_ho is missing.",
        }
        for name, text in slips.items():
            if abs(got - right[name]) < 1e-9 < abs(right[name] - right["h2"]):
                hint(text)
        if 1e-9 < abs(got - right["h2"]) < 1e-5:
            hint("very near: use Python floats (or float64), not float32.")
        if abs(got - right["h2"]) > 1e-9:
            hint(f"for inputs {inputs} it should be {right['h2']:.6f}, got {got:.6f}.")


def check_clip_by_global_norm(answer: Callable[..., Any]) -> None:
    """Check a function (gradients, max_norm) -> list of clipped gradients."""
    grade("clip_by_global_norm", _examine_clip, answer)


def _examine_clip(answer: Callable[..., Any]) -> None:
    import torch

    gradients = [torch.tensor([3.0, 0.0]), torch.tensor([[0.0, 4.0]])]  # global norm 5
    flat = _flat(answer([g.clone() for g in gradients], 1.0), gradients)
    if close(flat, torch.tensor([1.0, 0.0, 0.0, 1.0])):
        hint(
            "each tensor, or each number, was clipped alone: compute one norm for all numbers "
            "together and shrink all by one factor."
        )
    if close(flat, torch.tensor([3.0, 0.0, 0.0, 4.0])):
        hint("nothing was clipped: the global norm is 5, the limit is 1.")
    if close(flat, torch.tensor([3 / 7, 0.0, 0.0, 4 / 7])):
        hint("the norm is the root of the sum of squares, not the sum of the norms.")
    if not close(flat, torch.tensor([0.6, 0.0, 0.0, 0.8]), atol=1e-4):
        hint(f"the result should be [0.6, 0, 0, 0.8], got {[round(v, 3) for v in flat.tolist()]}.")
    twice = _flat(answer([g.clone() for g in gradients], 2.0), gradients)
    if not close(twice, torch.tensor([1.2, 0.0, 0.0, 1.6]), atol=1e-4):
        hint("for max_norm = 2 the norm of the result must be 2: use max_norm, not 1.")
    small = answer([g / 50 for g in gradients], 1.0)
    if small is None or any(tensor is None for tensor in small):
        hint("a small gradient must be returned too, unchanged.")
    if not close(_flat(small, gradients), torch.tensor([0.06, 0.0, 0.0, 0.08])):
        hint("a gradient below the limit must stay as it is: clipping never makes it larger.")


def _flat(got: Any, gradients: list[Any]) -> Any:
    """Return the numbers of the clipped gradients in one row."""
    import torch

    if not isinstance(got, (list, tuple)) or len(got) != len(gradients):
        hint("return a list with one clipped tensor per gradient.")
    for tensor, original in zip(got, gradients, strict=True):
        need_tensor(tensor, tuple(original.shape), "a clipped gradient")
    return torch.cat([tensor.detach().cpu().double().flatten() for tensor in got])


def check_lag_until(answer: Callable[[float, float], int]) -> None:
    """Check a function (factor, share) -> smallest lag k with factor**k < share."""
    grade("lag_until", _examine_lag, answer)


def _examine_lag(answer: Callable[[float, float], int]) -> None:
    for factor, share, right in [(0.5, 0.01, 7), (0.25, 1e-3, 5), (0.5, 0.25, 3)]:
        got = answer(factor, share)
        if got is None:
            hint("your function returned None: does it end with return?")
        got = count_of(got)
        if got != int(got):
            hint(f"return a whole number (a count of steps), got {got:.3f}.")
        if got == right - 1 and factor**got == share:
            hint("smaller, not equal: at lag 2, 0.5**2 is still 0.25.")
        if got == right - 1:
            hint(f"one too few: {factor}**{got} is {factor**got:.4g}, not yet below {share}.")
        if got == right + 1:
            hint(f"one too many: {factor}**{right} is already below {share}.")
        if got != right:
            hint(f"lag_until({factor}, {share}) should be {right}, got {got}.")


def check_truncated_run(answer: Callable[..., Any]) -> None:
    """Check a function (step, x, h_0, k) -> last state, with gradient through k steps only."""
    grade("truncated_run", _examine_truncated, answer)


def _examine_truncated(answer: Callable[..., Any]) -> None:
    import torch

    for T, k in [(6, 2), (7, 3)]:
        x = torch.arange(1.0, T + 1, requires_grad=True)
        got = answer(lambda x_t, h_prev: h_prev + x_t, x, torch.zeros(()), k)
        need_tensor(got, (), "the last state")
        if got.item() != T * (T + 1) / 2:
            hint("the value must not change, only the gradient: run all steps, with their inputs.")
        if not got.requires_grad:
            hint("no gradient is left at all: detach before the last k steps, not at the end.")
        (slope,) = torch.autograd.grad(got, x, allow_unused=True)
        if slope is None:
            hint("no gradient reaches the inputs: run the last k steps on x, not on a copy.")
        reached = int(slope.count_nonzero())
        if reached == T:
            hint("the gradient still reaches the first step: h.detach() cuts it.")
        if reached == 1:
            hint("the gradient reaches one input only: is there a detach in every step?")
        if reached != k or not slope[-k:].all():
            hint(
                f"with {T} steps and k = {k} the gradient should reach the last {k} inputs, it "
                f"reaches {reached}: detach once, just before step len(x) - k."
            )
