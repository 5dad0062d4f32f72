"""The fake GPU refuses what CUDA refuses, and nothing else: planted mistakes, and good code."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest
import torch
from fake_device import GPU, is_all_there, places
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils.runtime import pick_device
from reliability.devices.fake_gpu import NAME, fake_gpu
from reliability.devices.own_numbers import Numbers

TWO_DEVICES = "Expected all tensors to be on the same device"


@pytest.fixture(autouse=True)
def refused():
    with fake_gpu() as refused:
        yield refused


def on(*shape):
    return torch.ones(*shape, device=GPU)


MISTAKES = {
    "a mask on the CPU": lambda: on(2, 3).masked_fill(torch.ones(2, 3, dtype=torch.bool), 0),
    "a state on the CPU": lambda: nn.GRU(2, 3).to(GPU)(on(4, 1, 2), torch.zeros(1, 1, 3)),
    "zeros without a device": lambda: on(3) + torch.zeros(3),
    "a table on the CPU": lambda: F.embedding(on(2).long(), torch.ones(4, 3)),
    "numbers on the CPU": lambda: nn.Embedding(4, 3).to(GPU)(torch.tensor([1, 2])),
    "numbers for gather": lambda: on(2, 3).gather(1, torch.zeros(2, 1, dtype=torch.int64)),
    "numbers for index_select": lambda: on(3).index_select(0, torch.tensor([0])),
    "targets on the CPU": lambda: F.cross_entropy(on(2, 3), torch.tensor([0, 1])),
    "a model that was not moved": lambda: nn.Linear(2, 3)(on(1, 2)),
    "a bias on the CPU": lambda: F.linear(on(1, 2), on(3, 2), torch.zeros(3)),
    "a list of both": lambda: torch.cat([on(1), torch.ones(1)]),
    "numbers stacked from both": lambda: torch.stack([on(2).sum(), torch.tensor(1.0)]),
    "a GPU's result added to a sum on the CPU": lambda: torch.zeros(3).add_(on(3)),
    "the same, for one number": lambda: torch.zeros(()).add_(on(3).sum()),
    "a mask of attention": lambda: F.scaled_dot_product_attention(
        on(1, 1, 2, 4), on(1, 1, 2, 4), on(1, 1, 2, 4), attn_mask=torch.ones(2, 2).bool()
    ),
    "a comparison": lambda: torch.equal(on(2), torch.ones(2)),
    "close or not": lambda: torch.allclose(on(2), torch.ones(2)),
    "a gradient from elsewhere": lambda: setattr(
        nn.Linear(1, 1).to(GPU).weight, "grad", torch.ones(1, 1)
    ),
    "values for chosen places": lambda: on(3).__setitem__([0, 2], torch.zeros(2)),
    "a search": lambda: torch.searchsorted(on(3), torch.ones(2)),
}
OTHERS = {
    "a generator of the CPU": (
        lambda: torch.rand(2, generator=torch.Generator(), device=GPU),
        "'cuda' device type for generator",
    ),
    "a generator of the CPU for drawing": (
        lambda: torch.multinomial(on(3), 1, generator=torch.Generator().manual_seed(0)),
        "'cuda' device type for generator",
    ),
    "a generator of the GPU": (
        lambda: torch.randperm(3, generator=torch.Generator(GPU)),
        "'cpu' device type for generator",
    ),
    "an index on the GPU": (lambda: torch.ones(3)[on(2).long()], "indices should be either on cpu"),
    "a mask on the GPU": (lambda: torch.ones(3)[on(3) > 0], "indices should be either on cpu"),
    "numpy": (lambda: on(2).numpy(), "can't convert cuda:0 device type tensor to numpy"),
    "np.asarray": (lambda: np.asarray(on(2)), "can't convert cuda:0"),
    "np.asarray of a list": (lambda: np.asarray([on(2)[0], on(2)[1]]), "can't convert cuda:0"),
    "float(tensor) is fine, np.asarray is not": (
        lambda: np.asarray(on(())),
        "can't convert cuda:0",
    ),
    "lengths on the GPU": (
        lambda: pack_padded_sequence(on(3, 2, 1), torch.tensor([3, 1], device=GPU)),
        "lengths",
    ),
    "a matrix product of whole numbers": (
        lambda: on(2, 2).long() @ on(2, 2).long(),
        "not implemented for integers",
    ),
    "a second GPU": (lambda: torch.zeros(1, device="cuda:1"), "invalid device ordinal"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_tensors_on_two_devices_are_refused(mistake, refused):
    with pytest.raises(RuntimeError, match=TWO_DEVICES):
        mistake()
    assert len(refused) == 1


@pytest.mark.parametrize(("mistake", "message"), OTHERS.values(), ids=OTHERS)
def test_other_mistakes_are_refused(mistake, message):
    with pytest.raises((RuntimeError, TypeError), match=message):
        mistake()


def test_a_refusal_that_some_code_swallows_is_still_known(refused):
    with pytest.raises(RuntimeError):
        on(2) + torch.ones(2)
    assert "shapes [(2,), (2,)]" in refused[0]


class _Backward(torch.autograd.Function):
    """A hand-written gradient; with a tensor on the CPU in it when `wrong`."""

    @staticmethod
    def forward(ctx, x, wrong):
        ctx.save_for_backward(x, y := x * 2)
        ctx.wrong = wrong
        return y

    @staticmethod
    def backward(ctx, grad):
        x, y = ctx.saved_tensors
        assert places([x, y, grad]) == {"gpu"}
        return grad * (torch.full((3,), 2.0) if ctx.wrong else torch.full_like(x, 2.0)), None


def test_a_mistake_in_a_hand_written_gradient_is_refused():
    x = torch.ones(3, device=GPU, requires_grad=True)
    _Backward.apply(x, False).sum().backward()
    assert x.grad.tolist() == [2.0] * 3
    with pytest.raises(RuntimeError, match=TWO_DEVICES):
        _Backward.apply(x, True).sum().backward()


def test_a_mistake_in_a_thread_is_refused(refused):
    seen = []

    def work():
        seen.append(torch.zeros(2, device=GPU).device)
        try:
            on(2) + torch.ones(2)
        except RuntimeError as error:
            seen.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen[0] == torch.device("cuda:0")
    assert TWO_DEVICES in str(seen[1])


def test_what_cuda_allows_is_allowed(refused):
    x = on(3)
    assert (x * torch.tensor(2.0)).tolist() == [2.0] * 3
    assert (torch.tensor(2.0) / x).device == x.device
    assert torch.where(x > 0, x, torch.tensor(0.0)).sum().item() == 3
    x[torch.tensor([0, 1])] = 5.0
    x[2:] = torch.tensor([7.0])
    assert x[torch.tensor([True, False, True])].tolist() == [5.0, 7.0]
    assert torch.arange(3)[x.argmax()] == 2
    assert torch.ones(3).copy_(x).device.type == "cpu"
    assert places(torch.tensor([x.sum(), x.max()])) == {"cpu"}
    assert places(torch.as_tensor(x, device="cpu")) == {"cpu"}
    assert f"{x.sum():.1f} {float(x[0])} {[float(v) for v in x]}" == "17.0 5.0 [5.0, 5.0, 7.0]"
    assert repr(x) == "tensor([5., 5., 7.], device='cuda:0')"
    assert (x.is_cuda, x.is_cpu, x.get_device()) == (True, False, 0)
    assert x.to("cuda") is x
    assert not refused


def test_a_copy_shares_no_memory():
    x = torch.zeros(2)
    moved = x.to(GPU)
    moved += 1
    table = np.zeros(2)
    torch.as_tensor(table, device=GPU).add_(1)
    back = moved.cpu()
    back += 1
    assert (x.tolist(), moved.tolist(), back.tolist()) == ([0, 0], [1, 1], [2, 2])
    assert table.tolist() == [0, 0]


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_module_moves_and_stays_the_same_object(kind, refused):
    model = kind(2, 3, num_layers=2, dropout=0.1)
    weight, optimizer = model.weight_hh_l0, torch.optim.AdamW(model.parameters(), fused=True)
    model.to(GPU)
    packed = pack_padded_sequence(on(4, 2, 2), torch.tensor([4, 2]))
    output, lengths = pad_packed_sequence(model(packed)[0])
    assert (places(output), places(lengths)) == ({"gpu"}, {"cpu"})
    output.sum().backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    before = weight.detach().clone()
    optimizer.step()
    assert not torch.equal(before, weight)
    assert weight is model.weight_hh_l0
    assert is_all_there(model)
    assert is_all_there(copy.deepcopy(model))
    assert places([*model.cpu().parameters()]) == {"cpu"}
    assert type(weight) is nn.Parameter
    assert not refused


def test_the_gpu_has_its_own_random_numbers():
    torch.manual_seed(0)
    on_cpu = torch.rand(2).tolist()
    torch.manual_seed(0)
    on_gpu = torch.rand(2, device=GPU).tolist()
    assert on_gpu != on_cpu
    assert torch.rand(2).tolist() == on_cpu  # those of the CPU were not touched
    state = torch.cuda.get_rng_state()
    drawn = F.dropout(on(20)).tolist()
    torch.cuda.set_rng_state(state)
    assert F.dropout(on(20)).tolist() == drawn
    generators = [torch.Generator(GPU).manual_seed(s) for s in (1, 1, 2)]
    drawn = [torch.rand(2, generator=g, device=GPU).tolist() for g in generators]
    assert drawn[0] == drawn[1] != drawn[2]


def test_pytorch_reports_one_gpu(monkeypatch):
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    assert pick_device() == torch.device("cuda")
    assert torch.cuda.get_device_name(0) == NAME


def test_the_gpu_may_round_otherwise(monkeypatch):
    W, x = torch.randn(50, 50), torch.randn(9, 50)
    exact = F.linear(x, W)
    assert torch.equal(F.linear(x.to(GPU), W.to(GPU)).cpu(), exact)
    monkeypatch.setattr(Numbers, "rounding", 1e-6)
    other = F.linear(x.to(GPU), W.to(GPU)).cpu()
    assert torch.equal(F.linear(x, W), exact)
    assert not torch.equal(other, exact)
    torch.testing.assert_close(other, exact, rtol=1e-5, atol=0)
