"""The fast form of word2vec: its pairs, its gradients, its steps."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
import torch.nn.functional as F

from course_utils.word_vectors import cbow_gradients, skip_gram_gradients, skip_gram_pairs
from course_utils.word_vectors.blocks import cut_blocks, epoch_blocks
from course_utils.word_vectors.steps import Table, band


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(lengths):
    """Return row and sentence of sentences with these lengths, all words different."""
    row = torch.arange(sum(lengths)) + 100
    return row, torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))


def pairs_of(blocks):
    """List the pairs that blocks hold, in reading order."""
    found = []
    for b, i, j in blocks.is_pair.nonzero().tolist():
        found.append((int(blocks.centres[b, i]), int(blocks.around[b, i + j])))
    return found


@pytest.mark.parametrize("window", [1, 2, 5])
@pytest.mark.parametrize("block_len", [1, 4, 13, 16])
def test_blocks_hold_the_pairs_of_skip_gram(window, block_len):
    lengths = [13, 1, 4, 2, 20]
    row, sentence = numbered(lengths)
    sides = (window, window + -len(row) % block_len)
    reach = F.pad(torch.full_like(row, window), sides)
    blocks = cut_blocks(
        F.pad(row, sides), F.pad(sentence, sides, value=-1), reach,
        window=window, block_len=block_len,
    )  # fmt: skip
    parts = row.split(lengths)
    wanted = [pair for part in parts for pair in skip_gram_pairs(part.tolist(), window)]
    assert pairs_of(blocks) == wanted
    assert blocks.is_pair.sum() == len(wanted)


def epoch(row, sentence, **options):
    """Return the blocks of one epoch and the shares, each as a list."""
    keep = options.pop("keep", torch.ones(int(row.max()) + 1))
    sizes = {"window": 5, "block_len": 8, "blocks_per_step": 3} | options
    steps = epoch_blocks(row, sentence, keep=keep, generator=rng(), **sizes)
    return zip(*steps, strict=True)


def test_an_epoch_reads_every_word_once_and_no_pair_twice():
    row, sentence = numbered([30, 7, 1, 55])
    blocks, shares = epoch(row, sentence)
    centres = torch.cat([each.centres.flatten() for each in blocks])
    assert torch.equal(centres[: len(row)], row)
    assert not centres[len(row) :].any()  # padding
    pairs = [pair for each in blocks for pair in pairs_of(each)]
    wanted = [p for part in row.split([30, 7, 1, 55]) for p in skip_gram_pairs(part.tolist(), 5)]
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) < set(wanted)
    assert [len(each.centres) for each in blocks] == [3, 3, 3, 3]
    assert shares == (24 / 93, 48 / 93, 72 / 93, 1.0)


def test_near_neighbours_count_more_often():
    row, sentence = numbered([20_000])
    blocks, _ = epoch(row, sentence, window=4)
    distances = Counter(abs(a - b) for each in blocks for a, b in pairs_of(each))
    for distance, share in zip(range(1, 5), (1, 0.75, 0.5, 0.25), strict=True):
        assert distances[distance] / 40_000 == pytest.approx(share, abs=0.015)


def test_words_that_are_thinned_out_let_the_others_close_up():
    row, sentence = torch.tensor([0, 1, 0, 2, 0, 3]), torch.tensor([0, 0, 0, 0, 1, 1])
    keep = torch.tensor([0.0, 1.0, 1.0, 1.0])
    (blocks,), _ = epoch(row, sentence, keep=keep, window=1)
    assert pairs_of(blocks) == [(1, 2), (2, 1)]
    many = torch.zeros(20_000, dtype=torch.int64)
    blocks, _ = epoch(many, many, keep=torch.tensor([0.3]))
    n_kept = sum((each.is_pair.sum(dim=2) > 0).sum() for each in blocks)
    assert n_kept / 20_000 == pytest.approx(0.3, abs=0.015)


def test_the_band_is_a_view():
    scores = torch.zeros(2, 3, 7)
    band(scores[1:], 3)[0, 2, 1] = 1.0
    assert scores.nonzero().tolist() == [[1, 2, 3]]


def block(n_blocks=3, L=5, window=2, K=4, D=6):
    """Return vectors of centres and of words around, and pairs; the last centre has none."""
    is_pair = (torch.rand(n_blocks, L, 2 * window + 1, generator=rng(1)) < 0.5).double()
    is_pair[:, :, window] = is_pair[:, -1] = 0
    shapes = {"short": (n_blocks, L, D), "long": (n_blocks, L + 2 * window, D)}
    shapes["noise"] = (n_blocks, K, D)
    made = {
        name: torch.randn(shape, dtype=torch.float64, generator=rng(i), requires_grad=True)
        for i, (name, shape) in enumerate(shapes.items())
    }
    return made, is_pair


def test_gradients_of_skip_gram_equal_autograd():
    made, is_pair = block()
    v, around, noise = made["short"], made["long"], made["noise"]
    loss = torch.zeros((), dtype=torch.float64)
    for b, i, j in is_pair.nonzero().tolist():
        loss -= F.logsigmoid(v[b, i] @ around[b, i + j])
        for k in range(4):
            loss -= 7 / 4 * F.logsigmoid(-v[b, i] @ noise[b, k])
    grad_v, grad_u = skip_gram_gradients(
        v.detach(), torch.cat([around, noise], dim=1).detach(), is_pair, negatives=7
    )
    wanted = torch.autograd.grad(loss, (v, around, noise))
    torch.testing.assert_close(grad_v, wanted[0])
    torch.testing.assert_close(grad_u, torch.cat(wanted[1:], dim=1))


def test_gradients_of_cbow_equal_autograd():
    made, is_pair = block()
    around, centres, noise = made["long"], made["short"], made["noise"]
    loss = torch.zeros((), dtype=torch.float64)
    for b in range(3):
        for i in range(5):
            near = is_pair[b, i].nonzero().flatten() + i
            if not len(near):
                continue
            h = around[b, near].mean(dim=0)
            loss -= F.logsigmoid(centres[b, i] @ h)
            loss -= 7 / 4 * sum(F.logsigmoid(-noise[b, k] @ h) for k in range(4))
    u = torch.cat([centres, noise], dim=1).detach()
    grad_v, grad_u = cbow_gradients(around.detach(), u, is_pair, negatives=7)
    wanted = torch.autograd.grad(loss, (around, centres, noise))
    torch.testing.assert_close(grad_v, wanted[0])
    torch.testing.assert_close(grad_u, torch.cat(wanted[1:], dim=1))


def test_shared_noise_weighs_as_much_as_own_noise():
    """Summed over all possible noise words, K shared ones cost what own ones cost on average."""
    made, is_pair = block(K=1)
    v, around = made["short"].detach(), made["long"].detach()
    words = torch.randn(6, 6, dtype=torch.float64, generator=rng(5))
    mean = 0
    for word in words:
        u = torch.cat([around, word.expand(3, 1, 6)], dim=1)
        mean += skip_gram_gradients(v, u, is_pair, negatives=5)[0] / len(words)
    u = torch.cat([around, words.expand(3, 6, 6)], dim=1)
    torch.testing.assert_close(skip_gram_gradients(v, u, is_pair, negatives=5)[0], mean)


def test_a_table_moves_by_adagrad_with_one_size_per_word():
    rows = torch.randn(4, 3, generator=rng())
    table, words = Table(rows.clone()), torch.tensor([[2, 0], [2, 3]])
    first, second = torch.randn(2, 2, 2, 3, generator=rng(1))
    wanted, squares = rows.clone(), torch.ones(4)
    for gradients, rate in ((first, 0.5), (second, 0.25)):
        before = gradients.clone()
        table.descend(words, gradients, rate)
        assert torch.equal(gradients, before)
        for word, gradient in zip(words.flatten(), gradients.view(-1, 3), strict=True):
            squares[word] += (gradient**2).mean()
        for word, gradient in zip(words.flatten(), gradients.view(-1, 3), strict=True):
            wanted[word] -= rate * gradient / squares[word].sqrt()
    torch.testing.assert_close(table.rows, wanted)
    torch.testing.assert_close(table.squares, squares)
    assert torch.equal(table.rows[1], rows[1])
    assert torch.equal(table.look_up(words), table.rows[words])
