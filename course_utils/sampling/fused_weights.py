"""The weights of a CharLM, rearranged once so that a step of the fast writer has little to do.

Everything is computed in float64 and then rounded to float32, once.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.models import CharLM
from course_utils.sampling.fused_cells import FusedLayer, arrange


class FusedWeights(NamedTuple):
    """A copy of a model's weights; V symbols, H units, G gates.

    Attributes:
        table: V rows (G * H,): W_ih times the symbol's vector, plus the first layer's biases.
        layers: from the first to the top one.
        bias: float64, (V,), of the readout.
        eps: of the layer norm; None without one, and then the readout gives no mean.
        largest: a bound: no score of this model is larger, and none is below its negative.
    """

    table: list[np.ndarray]
    layers: list[FusedLayer]
    bias: np.ndarray
    eps: float | None
    largest: float


def fold(model: CharLM) -> FusedWeights:
    """Copy a model's weights, from whatever device they are on.

    Args:
        model: in float32 or float64.

    Raises:
        TypeError: model is not a CharLM, or its weights have another type.
    """
    _check_model(model)
    readout, bias, largest = _fold_readout(model)
    layers: list[FusedLayer] = []
    onward = readout
    for i in reversed(range(model.config.num_layers)):
        layer, onward = _fold_layer(model.rnn, model.config.kind, i, onward)
        layers.insert(0, layer)
    symbols = torch.arange(model.config.vocab_size, device=model.decoder.weight.device)
    table = _array(model.encoder(symbols)) @ onward.T + layers[0].bias
    layers[0] = layers[0]._replace(bias=None)
    eps = model.norm.eps if model.config.layer_norm else None
    return FusedWeights(list(table.astype(np.float32)), layers, bias, eps, largest)


def _fold_readout(model: CharLM) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the matrix and the bias of the readout, and the largest score that they can give.

    With layer norm, score = W (gain * (h - mean) / std + shift) + b. The gain goes into W and the
    shift into b. Then each row of W is centred, because a row that sums to 0 does not see the mean.
    The matrix gets one row more, which gives the mean.
    """
    W, b = _array(model.decoder.weight), _array(model.decoder.bias)
    # A state h is between -1 and 1 everywhere.
    largest = (np.abs(W).sum(1) + np.abs(b)).max()
    if model.config.layer_norm:
        n_hidden = W.shape[1]
        b = b + W @ _array(model.norm.bias)
        W = W * _array(model.norm.weight)
        W = W - W.mean(1, keepdims=True)
        # The normalised vector is no longer than the square root of H.
        largest = (np.linalg.norm(W, axis=1) * math.sqrt(n_hidden) + np.abs(b)).max()
        W = np.vstack([W, np.full((1, n_hidden), 1 / n_hidden)])
    return W, b, float(largest)


def _fold_layer(
    rnn: nn.Module, kind: str, i: int, onward: np.ndarray
) -> tuple[FusedLayer, np.ndarray]:
    """Return layer i, joined with the matrix (N, H) of what comes next, and its own W_ih."""
    named = {name: _array(getattr(rnn, f"{name}_l{i}")) for name in WEIGHT_NAMES}
    n_hidden, early = rnn.hidden_size, named["bias_hh"].copy()
    late = np.zeros(n_hidden, np.float32)
    if kind == "gru":
        late[:] = early[-n_hidden:]
        early[-n_hidden:] = 0
    product = np.vstack([arrange(kind, named["weight_hh"]), onward])
    bias = arrange(kind, named["bias_ih"] + early)
    # Its transpose, in the order in which the product h @ W.T reads it.
    matrix = np.ascontiguousarray(product.T, dtype=np.float32)
    layer = FusedLayer(kind, matrix, bias.astype(np.float32), late)
    return layer, arrange(kind, named["weight_ih"])


WEIGHT_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _array(weights: Tensor) -> np.ndarray:
    """Return a copy as float64."""
    return weights.detach().cpu().double().numpy().copy()


def _check_model(model: CharLM) -> None:
    """Refuse a model that the fast writer cannot copy."""
    if not isinstance(model, CharLM):
        raise TypeError(f"model must be a CharLM, got {type(model).__name__}")
    dtypes = {weight.dtype for weight in model.parameters()}
    if strange := dtypes - {torch.float32, torch.float64}:
        raise TypeError(
            f"model must have weights of float32 or float64, got {strange.pop()}: its own steps "
            "round so much that the text would be another one; model.float() converts it"
        )
