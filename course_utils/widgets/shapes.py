"""The explorer of nn.RNN's arguments and of the shapes that follow from them."""

from __future__ import annotations

from typing import Any

from course_utils import cells
from course_utils.arguments import one_of, real_number, whole_number
from course_utils.widgets.controls import choice, slider, switch
from course_utils.widgets.panel import Panel, explore

MOST = 100  # of each size: enough to see the rule, and quick


def shape_explorer() -> Panel:
    """Build the explorer of nn.RNN's arguments: predicted shapes beside those of a real call."""
    return explore(
        describe_rnn,
        title="every argument of nn.RNN and the shapes that follow from it",
        input_size=slider("input_size", 1, 12, value=4),
        hidden_size=slider("hidden_size", 1, 12, value=2),
        num_layers=slider("num_layers", 1, 4),
        nonlinearity=choice("nonlinearity", ["tanh", "relu"]),
        bias=switch("bias", True),
        batch_first=switch("batch_first", True),
        dropout=slider("dropout", 0.0, 0.9, step=0.1),
        bidirectional=switch("bidirectional", False),
        batch_size=slider("batch (0: unbatched)", 0, 8, value=1),
        seq_len=slider("sequence length", 1, 12, value=5),
    )


def describe_rnn(*, nonlinearity: str, dropout: float, batch_size: int, **sizes: Any) -> str:
    """Compare the shapes that follow from nn.RNN's arguments with those of a real call.

    Args:
        nonlinearity: "tanh" or "relu"; changes no shape.
        dropout: probability; changes no shape, and acts only between layers.
        batch_size: B, or 0 for one sequence without a batch dimension.
        sizes: input_size, hidden_size, seq_len, num_layers, bias, batch_first, bidirectional.

    Returns:
        A table, one line per tensor, with a ✓ or ✗ for the comparison.

    Raises:
        TypeError: a size is not a whole number, or dropout is no number.
        ValueError: a size is below 1 (batch_size: below 0) or above 100, or dropout is no
            probability.
    """
    import torch

    batch_size = whole_number("batch_size", batch_size, least=0, most=MOST)
    dropout = real_number("dropout", dropout, least=0, most=1)
    one_of("nonlinearity", nonlinearity, ("tanh", "relu"))
    for name in ("input_size", "hidden_size", "seq_len", "num_layers"):
        if name in sizes:
            sizes[name] = whole_number(name, sizes[name], least=1, most=MOST)
    shapes = cells.rnn_shapes(batch_size=batch_size or None, **sizes)
    # nn.RNN warns about dropout with one layer, where it has no place to act.
    active_dropout = dropout if sizes.get("num_layers", 1) > 1 else 0.0
    options = {name: value for name, value in sizes.items() if name != "seq_len"}
    rnn = torch.nn.RNN(nonlinearity=nonlinearity, dropout=active_dropout, **options)
    output, h_n = rnn(torch.zeros(shapes.x), torch.zeros(shapes.h_0))
    rows = [("x", shapes.x, shapes.x), ("h_0", shapes.h_0, shapes.h_0)]
    rows += [("output", shapes.output, tuple(output.shape)), ("h_n", shapes.h_n, tuple(h_n.shape))]
    real = {name: tuple(p.shape) for name, p in rnn.named_parameters()}
    rows += [(name, shapes.weights.get(name), real.get(name)) for name in real | shapes.weights]
    table = [f"{'tensor':<24}{'by the rule':<16}nn.RNN"]
    for name, rule, seen in rows:
        table.append(f"{name:<24}{rule!s:<16}{seen!s:<14} {'✓' if rule == seen else '✗'}")
    table.append(f"parameters: {sum(p.numel() for p in rnn.parameters())}")
    if dropout > active_dropout:
        table.append("dropout acts between layers: with one layer it does nothing")
    return "\n".join(table)
