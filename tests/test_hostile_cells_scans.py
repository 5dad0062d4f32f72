"""Bad input to the parallel scans and to the minGRU that they run."""

from __future__ import annotations

import torch
from hostile import Good, each, try_all
from hostile_records import assert_same, records_like

from course_utils import cells

B, T, E, H = 2, 5, 3, 4
WEIGHTS = cells.MinGRUWeights(*(torch.randn(*shape) for shape in [(H, E), (H, E), (H,), (H,)]))
FIELDS = {"weights": WEIGHTS._fields, "x": ("x_t",), "h_0": ("h_prev",)}


def gates():
    return {
        "a": torch.rand(B, T, H, requires_grad=True),
        "b": torch.rand(B, T, H),
        "h_0": torch.rand(B, H),
    }


def log_gates():
    a, b, h_0 = gates().values()
    return {"log_a": a.detach().log(), "log_b": b.log(), "h_0": h_0}


def by_definition(a, b, h_0):
    h, states = torch.zeros_like(b[:, 0]) if h_0 is None else h_0, []
    for t in range(a.shape[1]):
        h = a[:, t] * h + b[:, t]
        states.append(h)
    return torch.stack(states, dim=1)


def right_scan(answer, given):
    wanted = by_definition(given["a"], given["b"], given["h_0"])
    assert answer.shape == wanted.shape
    # Where a number is not finite, the order of the operations decides between inf and NaN.
    if torch.isfinite(wanted).all():
        assert_same(answer, wanted)
    if torch.isnan(wanted).any():
        assert not torch.isfinite(answer).all()


def right_logs(answer, given):
    log_a, log_b, h_0 = given.values()
    wanted = by_definition(log_a.double().exp(), log_b.double().exp(), h_0).to(answer.dtype)
    assert answer.shape == wanted.shape
    if torch.isfinite(wanted).all() and torch.isfinite(log_a.cumsum(1)).all():
        torch.testing.assert_close(answer, wanted, atol=1e-3, rtol=1e-2)


def right_positive(answer, given):
    x = given["x"]
    assert answer.shape == x.shape
    assert answer.dtype == x.dtype
    if x.is_meta:  # a shape without numbers
        return
    wanted = torch.where(x >= 0, x.double() + 0.5, torch.sigmoid(x.double()))
    assert torch.equal(answer.isnan(), x.isnan())
    torch.testing.assert_close(answer.double(), wanted, atol=1e-3, rtol=1e-2, equal_nan=True)


def right_log_positive(answer, given):
    if answer.is_meta:
        return
    right_positive(answer.double().exp(), {"x": given["x"].double()})


def step_of(x_t, h, w):
    z = torch.sigmoid(x_t @ w.W_z.T + w.b_z)
    return (1 - z) * h + z * cells.positive(x_t @ w.W_h.T + w.b_h)


def right_step(answer, given):
    assert_same(answer.h_t, step_of(given["x_t"], given["h_prev"], given["weights"]))


def right_sequence(answer, given):
    h = torch.zeros(len(given["x"]), H) if given["h_0"] is None else given["h_0"]
    for x_t, h_t in zip(given["x"].unbind(1), answer.unbind(1), strict=True):
        h = step_of(x_t, h, given["weights"])
        assert_same(h_t, h)


GOODS = [
    *(
        Good(scan, gates, right_scan)
        for scan in (cells.scan_in_order, cells.scan_by_doubling, cells.scan_in_blocks)
    ),
    Good(cells.scan_in_logs, log_gates, right_logs),
    Good(cells.positive, lambda: {"x": torch.randn(B, H)}, right_positive),
    Good(cells.log_positive, lambda: {"x": torch.randn(B, H)}, right_log_positive),
    Good(
        cells.min_gru_step,
        lambda: {"x_t": torch.randn(B, E), "h_prev": torch.rand(B, H), "weights": WEIGHTS},
        right_step,
        names=FIELDS,
        values={"weights": records_like(WEIGHTS)},
    ),
    Good(
        cells.min_gru_sequence,
        lambda: {"x": torch.randn(B, T, E), "weights": WEIGHTS, "h_0": torch.rand(B, H)},
        right_sequence,
        names=FIELDS,
        values={"weights": records_like(WEIGHTS)},
    ),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_a_long_chain_takes_bad_numbers_through_its_blocks(record_property):
    def long_gates():
        return {"a": torch.rand(1, 100, 2), "b": torch.rand(1, 100, 2), "h_0": torch.rand(1, 2)}

    record_property("cases", try_all(Good(cells.scan_in_blocks, long_gates, right_scan)))
