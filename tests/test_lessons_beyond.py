"""What notebooks 07 and 09 write out is what the package holds."""

import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
import torch
from test_lessons import defined_in

from course_utils import cells, text, word_vectors
from course_utils.models import GPT, GPTConfig, attention
from course_utils.text import bpe

EMBEDDINGS, BEYOND = "07_embeddings.ipynb", "09_beyond_rnns.ipynb"
LINE = "the low slow lowest flow\n\nof the slowest low: “é” 한 the the 🚀"


@pytest.mark.parametrize("window", [1, 2, 5])
def test_the_pairs_of_lesson_07(window):
    (pairs,) = defined_in(EMBEDDINGS, "skip_gram_pairs")
    words = "a rose is a rose is a rose".split()
    assert pairs(words, window) == word_vectors.skip_gram_pairs(words, window)


def test_the_loss_of_lesson_07():
    (loss,) = defined_in(EMBEDDINGS, "negative_sampling_loss")
    torch.manual_seed(0)
    v, u_pos, u_neg = torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 2, 4)
    torch.testing.assert_close(
        loss(v, u_pos, u_neg), word_vectors.negative_sampling_loss(v, u_pos, u_neg)
    )


def test_the_gradients_of_lesson_07_are_those_of_the_engine():
    (gradients,) = defined_in(EMBEDDINGS, "block_gradients")
    torch.manual_seed(0)
    L, D, K, w = 6, 4, 3, 2
    v, around, noise = torch.randn(L, D), torch.randn(L + 2 * w, D), torch.randn(K, D)
    is_pair = (torch.rand(L, 2 * w + 1) < 0.5).float()
    # The engine keeps the band of its window only; the notebook a whole table, here (L, L + 2w).
    table = torch.zeros(L, L + 2 * w)
    for row, marks in enumerate(is_pair):
        table[row, row : row + 2 * w + 1] = marks
    wanted = gradients(v, around, noise, table, k=5)
    outputs = torch.cat([around, noise])[None]
    grad_v, grad_u = word_vectors.skip_gram_gradients(v[None], outputs, is_pair[None], negatives=5)
    torch.testing.assert_close(grad_v[0], wanted[0])
    torch.testing.assert_close(grad_u[0], torch.cat(wanted[1:]))


def test_the_tokenizer_of_lesson_09():
    names = ("as_tokens", "learn", "encode", "decode")
    functions = defined_in(BEYOND, *names)
    for function in functions:  # they share the names of the notebook's other cells
        function.__globals__.update(
            re=re, Counter=Counter, defaultdict=defaultdict, pairwise=pairwise, WORDS=bpe.WORDS
        )
    _, learn, encode, decode = functions
    tokenizer = text.learn_bpe(LINE, 12)
    merges = learn(LINE, 12)
    assert merges == [*tokenizer.merges]
    for line in (LINE, "unseen slow words", ""):
        assert encode(line, merges) == tokenizer.encode(line)
        assert decode(encode(line, merges), merges) == line


def test_the_tokenizer_is_shorter_than_forty_lines():
    import nbformat
    from test_lessons import NOTEBOOKS

    sources = [c.source for c in nbformat.read(NOTEBOOKS / BEYOND, 4).cells]
    shown = [s for s in sources if re.search(r"^def (as_tokens|learn|encode|decode)\(", s, re.M)]
    lines = [line for s in shown for line in s.splitlines() if line.strip()]
    assert 20 < len(lines) <= 40


def test_the_attention_of_lesson_09():
    (by_place,) = defined_in(BEYOND, "attention")
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 7, 4)
    wanted = attention(*(part[None, None] for part in (q, k, v)))[0, 0]
    torch.testing.assert_close(by_place(q, k, v), wanted)


def test_the_block_of_lesson_09():
    (block,) = defined_in(BEYOND, "Block")
    torch.manual_seed(0)
    course = GPT(GPTConfig(vocab_size=5, n_layers=1, n_heads=2, width=8, context=6)).blocks[0]
    ours = block(8, 2)
    ours.load_state_dict(course.state_dict())
    x = torch.randn(2, 6, 8)
    torch.testing.assert_close(ours(x), course(x)[0])


def test_the_scan_of_lesson_09():
    gates, in_order, in_logs = defined_in(BEYOND, "gates", "in_order", "in_logs")
    gates.__globals__["cells"] = cells
    torch.manual_seed(0)
    x, W_z, W_h = torch.randn(2, 9, 3), torch.randn(4, 3), torch.randn(4, 3)
    a, b = gates(x, W_z, W_h)
    weights = cells.MinGRUWeights(W_z, W_h, torch.zeros(4), torch.zeros(4))
    wanted = cells.min_gru_sequence(x, weights)
    torch.testing.assert_close(in_order(a, b), wanted)
    torch.testing.assert_close(in_logs(a.double(), b.double()), wanted.double(), atol=1e-6, rtol=0)
