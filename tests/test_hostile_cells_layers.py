"""Bad input to whole layers and to stacks of layers, compared with PyTorch's own cells."""

from __future__ import annotations

import torch
from hostile import Good, each, try_all
from hostile_records import assert_same, records_like, whole_layer
from torch import nn

from course_utils import cells

B, T, E, H = 2, 3, 3, 4
MODULES = {
    "rnn": nn.RNN(E, H, batch_first=True, num_layers=2, bidirectional=True),
    "lstm": nn.LSTM(E, H, batch_first=True, num_layers=2, bidirectional=True),
    "gru": nn.GRU(E, H, batch_first=True, num_layers=2, bidirectional=True),
}
STACKS = {
    kind: [[type(w)(*map(torch.Tensor.detach, w[:8])) for w in layer] for layer in layers]
    for kind, layers in ((kind, cells.weights_of(module)) for kind, module in MODULES.items())
}
ONE = {kind: layers[0][0] for kind, layers in STACKS.items()}
TORCH_KIND = {"rnn": "rnn_tanh", "lstm": "lstm", "gru": "gru"}


def states(kind, *shape):
    return tuple(torch.randn(*shape, H) for _ in range(2 if kind == "lstm" else 1))


def layer_arguments(kind):
    """Return the arguments of a layer; an LSTM takes its two states together."""
    start = states(kind, B)
    state = {"state": start} if kind == "lstm" else {"h_0": start[0]}
    return {"x": torch.randn(B, T, E), **state, "weights": ONE[kind]}


def stack_arguments(kind):
    start = states(kind, 4, B)
    state = {"state": start} if kind == "lstm" else {"h_0": start[0]}
    return {"x": torch.randn(B, T, E), "layers": STACKS[kind], **state}


def start_of(given):
    """Return the first states as a tuple."""
    return tuple(given["state"]) if "state" in given else (given["h_0"],)


def right_layer(kind):
    """Return the comparison of a layer, or of its trace, with PyTorch's own cell."""

    def right(answer, given):
        if given.get("convention") == "lecture" or given.get("nonlinearity") == "relu":
            return
        weights = type(ONE[kind])(*given["weights"])
        outputs, last = whole_layer(given["x"], start_of(given), weights, TORCH_KIND[kind])
        is_trace = hasattr(answer, "h_t")
        assert_same(answer.h_t if is_trace else answer[0], outputs)
        if not is_trace:
            found = answer[1] if kind == "lstm" else (answer[1],)
            for ours, wanted in zip(found, last, strict=True):
                assert_same(ours, wanted)

    return right


def right_stack(kind):
    """Return the comparison of a stack with PyTorch's own cells, layer by layer."""

    def right(answer, given):
        if given.get("convention") == "lecture" or given.get("nonlinearity") == "relu":
            return
        x, layers = given["x"], given["layers"]
        if not isinstance(layers, list | tuple):  # an iterator has been read
            return
        n_sets = sum(map(len, layers))
        found = None if any(value is None for value in given.values()) else start_of(given)
        if found is None:
            found = tuple(torch.zeros(n_sets, len(x), H) for _ in states(kind, B))
        starts = zip(*found, strict=True)
        for directions in layers:
            parts = []
            for backward, weights in enumerate(directions):
                turned = x.flip(1) if backward else x
                outputs, _ = whole_layer(turned, next(starts), weights, TORCH_KIND[kind])
                parts.append(outputs.flip(1) if backward else outputs)
            x = torch.cat(parts, dim=-1)
        assert_same(answer[0], x)

    return right


def good(name, kind, **options):
    """Describe a call of a layer or of a stack."""
    is_stack = name.startswith("stacked")
    make = stack_arguments if is_stack else layer_arguments
    argument, weights = ("layers" if is_stack else "weights"), ONE[kind]

    def inside(record):
        return [[record, STACKS[kind][0][1]], STACKS[kind][1]] if is_stack else record

    fields = {argument: weights._fields, "x": ("x_t",), "state": ("h_0", "c_0")}
    return Good(
        getattr(cells, name),
        lambda: {**make(kind), **options},
        (right_stack if is_stack else right_layer)(kind),
        names=fields,
        values={argument: records_like(weights, wrap=inside)},
        cases=0.6,
    )


GOODS = [
    good("rnn_layer", "rnn", nonlinearity="tanh"),
    good("lstm_layer", "lstm"),
    good("gru_layer", "gru", convention="pytorch"),
    good("lstm_trace", "lstm"),
    good("gru_trace", "gru", convention="pytorch"),
    good("stacked_rnn", "rnn", nonlinearity="tanh"),
    good("stacked_lstm", "lstm"),
    good("stacked_gru", "gru", convention="pytorch"),
]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


@each([good for good in GOODS if str(good).startswith("stacked")])
def test_bad_lists_of_layers(good, record_property):
    general = Good(
        good.call, good.make, good.right, good.names, cases=0.4, skip={"x": "is tried above"}
    )
    record_property("cases", try_all(general))
