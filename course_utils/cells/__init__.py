"""The mathematics of recurrent cells, as plain functions of tensors.

Weights have PyTorch's layout: ``W_xh`` is (H, E), so that the formula's product W_xh x_t, written
for a column vector, becomes ``x_t @ W_xh.T`` for a batch of rows.
"""

from course_utils.cells.conventions import (
    flip_update_gate,
    lecture_to_pytorch,
    pytorch_to_lecture,
)
from course_utils.cells.fast_scan import scan_in_blocks
from course_utils.cells.gated import (
    GRUStep,
    GRUWeights,
    LSTMStep,
    LSTMWeights,
    gru_step,
    gru_step_lecture,
    lstm_step,
)
from course_utils.cells.gated_layers import (
    gru_layer,
    gru_trace,
    lstm_layer,
    lstm_trace,
    stacked_gru,
    stacked_lstm,
)
from course_utils.cells.readers import cell_weights, weights_of
from course_utils.cells.scan import (
    MinGRUStep,
    MinGRUWeights,
    log_positive,
    min_gru_sequence,
    min_gru_step,
    positive,
    scan_by_doubling,
    scan_in_logs,
    scan_in_order,
)
from course_utils.cells.shapes import RNNShapes, n_parameters, rnn_shapes
from course_utils.cells.vanilla import ACTIVATIONS, RNNWeights, rnn_layer, rnn_step, stacked_rnn

__all__ = [
    "ACTIVATIONS",
    "GRUStep",
    "GRUWeights",
    "LSTMStep",
    "LSTMWeights",
    "MinGRUStep",
    "MinGRUWeights",
    "RNNShapes",
    "RNNWeights",
    "cell_weights",
    "flip_update_gate",
    "gru_layer",
    "gru_step",
    "gru_step_lecture",
    "gru_trace",
    "lecture_to_pytorch",
    "log_positive",
    "lstm_layer",
    "lstm_step",
    "lstm_trace",
    "min_gru_sequence",
    "min_gru_step",
    "n_parameters",
    "positive",
    "pytorch_to_lecture",
    "rnn_layer",
    "rnn_shapes",
    "rnn_step",
    "scan_by_doubling",
    "scan_in_blocks",
    "scan_in_logs",
    "scan_in_order",
    "stacked_gru",
    "stacked_lstm",
    "stacked_rnn",
    "weights_of",
]
