"""Checks for the exercises of notebook 02."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_utils.checks.answers import close, count_of, numbers_of
from course_utils.checks.grading import grade, hint, need_tensor


def check_rnn_step(answer: Callable[..., Any]) -> None:
    """Check a function (x_t, h_prev, W_xh, W_hh, b_h) -> h_t against the course's own step.

    Shapes: x_t (B, E), h_prev (B, H), W_xh (H, E), W_hh (H, H), b_h (H,), h_t (B, H).
    """
    grade("rnn_step", _examine_rnn_step, answer)


def _examine_rnn_step(answer: Callable[..., Any]) -> None:
    import torch

    from course_utils.cells import rnn_step

    generator = torch.Generator().manual_seed(2)
    shapes = [(3, 4), (3, 2), (2, 4), (2, 2), (2,)]
    values = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    leaves = [value.clone().requires_grad_() for value in values]
    x_t, h_prev, W_xh, W_hh, b_h = values
    wanted = rnn_step(*values)
    got = _call(
        lambda: answer(*leaves),
        "the matrices do not fit. x_t has one example per row: use x_t @ W_xh.T, h_prev @ W_hh.T.",
    )
    need_tensor(got, (3, 2), "h_t")
    linear = x_t @ W_xh.T + h_prev @ W_hh.T + b_h
    mistakes = {
        "tanh is missing.": linear,
        "the bias b_h is missing.": torch.tanh(linear - b_h),
        "h_prev is not used: this step has no memory.": torch.tanh(x_t @ W_xh.T + b_h),
        "x_t is not used: this step is blind.": torch.tanh(h_prev @ W_hh.T + b_h),
        "use W_hh.T with h_prev: W_hh is (to, from).": torch.tanh(
            x_t @ W_xh.T + h_prev @ W_hh + b_h
        ),
        "put the sum inside one tanh, not a tanh around each product.": (
            torch.tanh(x_t @ W_xh.T) + torch.tanh(h_prev @ W_hh.T) + b_h
        ),
    }
    for text, mistake in mistakes.items():
        if close(got, mistake) and not close(mistake, wanted):
            hint(text)
    if not close(got, wanted):
        hint("the shape is right, the values are not: compare with the formula, term by term.")
    if not got.requires_grad:
        hint("the gradient is cut: use torch operations on the arguments, no .detach() or .item().")
    got.sum().backward()
    if any(leaf.grad is None for leaf in leaves):
        hint("one of the five arguments gets no gradient: is each of them used as it came in?")


def _call(attempt: Callable[[], Any], text: str) -> Any:
    """Return what the attempt returns; put a hint in front of PyTorch's words about shapes."""
    try:
        return attempt()
    except RuntimeError as error:
        if "shape" in str(error) or "size" in str(error):
            hint(f"{text} (PyTorch says: {error})")
        raise


def check_unroll(answer: Callable[..., Any]) -> None:
    """Check a function (step, x, h_0) -> (outputs (B, T, H), h_n (B, H)).

    The student's function gets x of shape (B, T, E), h_0 of shape (B, H), and a function
    step(x_t, h_prev) -> h_t.
    """
    grade("unroll", _examine_unroll, answer)


def _examine_unroll(answer: Callable[..., Any]) -> None:
    import torch

    def step(x_t: torch.Tensor, h_prev: torch.Tensor) -> torch.Tensor:
        """Add what came in: easy to follow by hand."""
        return h_prev + x_t.sum(dim=-1, keepdim=True)

    x = torch.arange(1.0, 9.0).reshape(2, 4, 1)
    h_0 = torch.full((2, 1), 100.0)
    wanted = h_0.unsqueeze(1) + x.cumsum(dim=1)
    got = _call(
        lambda: answer(step, x.clone(), h_0.clone()),
        "the shapes do not fit. Loop over time: x[:, t], not x[t].",
    )
    if not isinstance(got, tuple) or len(got) != 2:
        hint("return two things: outputs of every step, and the last state.")
    outputs, h_n = got
    if isinstance(outputs, list):
        hint("outputs is a list: join the T tensors with torch.stack(outputs, dim=1).")
    if isinstance(outputs, torch.Tensor) and outputs.shape == (4, 2, 1):
        hint("outputs is (T, B, H): stack along dim=1 to get (B, T, H).")
    need_tensor(outputs, (2, 4, 1), "outputs")
    need_tensor(h_n, (2, 1), "h_n")
    if close(outputs, h_0.unsqueeze(1) + x):
        hint("every step started from h_0 again: carry h_t on to the next step.")
    if close(outputs, x.cumsum(dim=1)):
        hint("the start state h_0 is not used.")
    if close(outputs, h_0.unsqueeze(1) + x.flip(1).cumsum(dim=1).flip(1)):
        hint("the steps ran from the last to the first.")
    if close(outputs[:, 0], h_0):
        hint("outputs starts with h_0: keep only the states after a step.")
    if not close(outputs, wanted):
        hint(
            f"the outputs should be {wanted.flatten().tolist()}, got {outputs.flatten().tolist()}."
        )
    if not close(h_n, wanted[:, -1]):
        hint("h_n must be the state after the last step.")


def check_count_rnn_parameters(answer: Callable[[int, int, int, bool], int]) -> None:
    """Check a function (input_size, hidden_size, num_layers, bidirectional) -> parameters."""
    grade("count_rnn_parameters", _examine_count, answer)


def _examine_count(answer: Callable[[int, int, int, bool], int]) -> None:
    from torch import nn

    for E, H, L, both in [(4, 2, 1, False), (4, 3, 3, False), (5, 3, 1, True), (5, 3, 2, True)]:
        rnn = nn.RNN(E, H, num_layers=L, bidirectional=both)
        right = sum(p.numel() for p in rnn.parameters())
        D = 2 if both else 1
        got = count_of(answer(E, H, L, both))
        known = {
            right - D * L * H: "nn.RNN has two biases per layer, b_ih and b_hh.",
            right - 2 * D * L * H: "the weights are right; add the two biases of every layer.",
            L * D * (H * E + H * H + 2 * H): "layers above the first read hidden states, not x.",
            right // D: "two directions have two sets of weights.",
            D * (H * E + H * H + 2 * H) + D * (L - 1) * 2 * (H * H + H): (
                "above the first layer the input is D * hidden_size wide: both directions joined."
            ),
        }
        if got != right and got in known:
            hint(known[got])
        if got != right:
            hint(f"count_rnn_parameters({E}, {H}, {L}, {both}) should be {right}, got {got}.")


def check_free_run(answer: Callable[..., list[float]]) -> None:
    """Check a function (predict, history, size, n_steps) -> list of n_steps forecasts.

    predict takes the last `size` values, oldest first, and returns the next one.
    """
    grade("free_run", _examine_free_run, answer)


def _examine_free_run(answer: Callable[..., list[float]]) -> None:
    lengths: list[int] = []

    def predict(window: Any) -> float:
        """Twice the newest value minus the oldest: any slip in the window changes the result."""
        values = [float(value) for value in window]
        lengths.append(len(values))
        return 2 * values[-1] - values[0]

    history = [5.0, 1.0, 2.0, 4.0]
    got = answer(predict, list(history), 3, 4)
    if got is None:
        hint("your function returned None: does it end with return?")
    if isinstance(got, str | dict) or not hasattr(got, "__len__"):
        hint(f"return a list of forecasts, got {type(got).__name__}.")
    got = numbers_of(got, (len(got),), "the answer").tolist()
    if len(got) == len(history) + 4:
        hint("return only the forecasts, without the history.")
    if len(got) != 4:
        hint(f"4 steps were asked for, got {len(got)} forecasts.")
    if not lengths:
        hint("your function never calls predict: each forecast comes from it.")
    if len(set(lengths)) > 1:
        hint(f"the window changed its length: {lengths}. Give predict the last `size` values.")
    if lengths[0] != 3:
        hint(f"predict got {lengths[0]} values; it reads a window of size 3.")
    if got[0] == -1.0:
        hint("the window holds the first values of history; take the last ones.")
    if got[0] == -2.0:
        hint("the window is reversed: the oldest value comes first, the newest last.")
    if len(set(got)) == 1:
        hint("every forecast is the same: append each forecast to the values before the next one.")
    if got != [7.0, 12.0, 20.0, 33.0]:
        hint(f"the forecasts should be [7.0, 12.0, 20.0, 33.0], got {got}.")
