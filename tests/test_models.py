"""A crowd of RNNs is the same as its members one by one; no network fits into no memory."""

import pytest
import torch

from course_utils import cells
from course_utils.models import (
    CharLMConfig,
    GPTConfig,
    LectureRNN,
    MinGRU,
    MinGRULMConfig,
    RNNCrowd,
    SequenceClassifierConfig,
)
from course_utils.models.inputs import MOST_NUMBERS

X = torch.tensor([[0, 3, 1, 2, 4, 4], [2, 2, 0, 1, 3, 0]])


def alone(crowd, n, x, nonlinearity="tanh"):
    """Compute network n of the crowd with the course's own step."""
    weights = cells.RNNWeights(crowd.W_xh[n], crowd.W_hh[n], crowd.b_h[n])
    h_0 = torch.zeros(len(x), crowd.W_hh.shape[1])
    _, h_n = cells.rnn_layer(crowd.embed[n][x], h_0, weights, nonlinearity=nonlinearity)
    return h_n @ crowd.W_hy[n].T + crowd.b_y[n]


def test_values_and_gradients_of_each_member():
    crowd = RNNCrowd(5, 3, seeds=[0, 1, 0], hidden_size=4)
    crowd.use_relu[2] = True
    logits = crowd(X)
    assert logits.shape == (3, 2, 3)
    for n, kind in enumerate(["tanh", "tanh", "relu"]):
        torch.testing.assert_close(logits[n], alone(crowd, n, X, kind))
    together = torch.autograd.grad(logits[1].square().sum(), crowd.W_hh)[0]
    single = torch.autograd.grad(alone(crowd, 1, X).square().sum(), crowd.W_hh)[0]
    torch.testing.assert_close(together, single)
    assert together[0].abs().max() == 0


def test_the_same_seed_gives_the_same_network():
    crowd = RNNCrowd(5, 3, seeds=[4, 4, 5])
    assert torch.equal(crowd.W_hh[0], crowd.W_hh[1])
    assert not torch.equal(crowd.W_hh[0], crowd.W_hh[2])


@pytest.mark.parametrize("window", [1, 2, 5])
def test_truncation_keeps_the_value_and_cuts_the_gradient(window):
    crowd = RNNCrowd(5, 3, seeds=[0, 0], hidden_size=4)
    crowd.truncate[1] = window
    # Every word of this sentence occurs once, so its embedding shows whether a gradient came.
    logits = crowd(torch.tensor([[0, 1, 2, 3, 4]]))
    torch.testing.assert_close(logits[0], logits[1])
    (reached,) = torch.autograd.grad(logits.square().sum(), crowd.embed)
    reached = reached.abs().sum(dim=2) > 0
    assert reached[0].all()
    assert reached[1].tolist() == [False] * (5 - window) + [True] * window


@pytest.mark.parametrize("sizes", [(0, 2, [0], 4), (5, 0, [0], 4), (5, 2, [], 4), (5, 2, [0], -1)])
def test_sizes_below_one(sizes):
    vocab_size, n_classes, seeds, hidden_size = sizes
    with pytest.raises(ValueError, match="must .*at least 1"):
        RNNCrowd(vocab_size, n_classes, seeds, hidden_size=hidden_size)


@pytest.mark.parametrize("shape", [(3,), (2, 0)])
def test_x_must_be_sentences(shape):
    with pytest.raises(ValueError, match=r"x must be \(B, T\)"):
        RNNCrowd(5, 2, seeds=[0])(torch.zeros(shape, dtype=torch.long))


@pytest.mark.parametrize(
    "build",
    [
        lambda: CharLMConfig(2**17, hidden_size=2**12),
        lambda: CharLMConfig(2**15),  # one-hot vectors: the identity matrix alone has 2 ** 30
        lambda: GPTConfig(7, width=2**13),
        lambda: MinGRULMConfig(7, hidden_size=2**19),
        lambda: SequenceClassifierConfig(7, 3, hidden_size=2**14),
        lambda: RNNCrowd(2**14, 3, [*range(2000)]),
        lambda: LectureRNN(58, 2**14, 18),
        lambda: MinGRU(2**14, 2**14),
    ],
)
def test_a_network_that_fits_into_no_memory(build):
    with pytest.raises(ValueError, match=f"the course builds at most {MOST_NUMBERS:,}"):
        build()
