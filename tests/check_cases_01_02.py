"""Solutions and plausible mistakes for the exercises of lessons 01 and 02."""

from __future__ import annotations

from collections import Counter

import torch

from course_utils import checks

SHAPES = {
    "caption an image": "one-to-many",
    "predict a bankruptcy from yearly balance sheets": "many-to-one",
    "translate a sentence": "many-to-many with delay",
    "tell whether a word is a person's name": "many-to-one",
    "label every frame of a video": "many-to-many in step",
}


def changed(job, shape):
    return lambda: SHAPES | {job: shape}


def encode(word, index):
    return [index[s] for s in ["<S>", *word, "<E>"]]


def one_hot(indices, size):
    return torch.eye(size)[indices]


def mlp(T, V, H, C):
    return T * V * H + H + H * C + C


def bigrams(letters):
    pairs, firsts = Counter(zip(letters, letters[1:], strict=False)), Counter(letters[:-1])
    return {pair: n / firsts[pair[0]] for pair, n in pairs.items()}


def bigrams_by(divisor):
    def wrong(letters):
        pairs = Counter(zip(letters, letters[1:], strict=False))
        return {pair: n / divisor(letters, pair) for pair, n in pairs.items()}

    return wrong


def step(x, h, W_xh, W_hh, b):
    return torch.tanh(x @ W_xh.T + h @ W_hh.T + b)


def unroll(step, x, h_0, keep=True, order=1, dim=1, use_start=True):
    h, states = h_0 if use_start else torch.zeros_like(h_0), []
    for x_t in x.unbind(1)[::order]:
        new = step(x_t, h)
        h = new if keep else h
        states.append(new)
    return torch.stack(states[::order], dim=dim), states[-1]


def count(E, H, L, both, biases=2, widen=True, directions=True, upper=None):
    D = 2 if both else 1
    total = 0
    for layer in range(L):
        width = E if layer == 0 else (upper or H * (D if widen else 1))
        total += (D if directions else 1) * (H * width + H * H + biases * H)
    return total


def count_reading_x(E, H, L, both):
    return count(E, H, L, both, upper=E)


def free_run(predict, history, size, n):
    values = list(history)
    for _ in range(n):
        values.append(predict(values[-size:]))
    return values[len(history) :]


def free_run_growing(predict, history, size, n):
    values = list(history)[-size:]
    for _ in range(n):
        values.append(predict(values))
    return values[size:]


CASES = {
    checks.check_task_shapes: (
        lambda: SHAPES,
        [
            (changed("caption an image", "many-to-many in step"), "look at the input again"),
            (changed("caption an image", "one-to-one"), "look at the output again"),
            (changed("translate a sentence", "many-to-many in step"), "does the answer start"),
            (changed("translate a sentence", ...), "there is still an ..."),
            (changed("caption an image", "one to many"), "not one of the five names"),
            (lambda: {}, "no answer for 'caption an image'"),
            (lambda: None, "return a dict"),
        ],
    ),
    checks.check_encode_with_ends: (
        encode,
        [
            (lambda w, i: [i[s] for s in w], "<S> in front and <E> at the end are missing"),
            (lambda w, i: [i["<S>"], *(i[s] for s in w)], "the end token <E> is missing"),
            (lambda w, i: [*(i[s] for s in w), i["<E>"]], "the start token <S> is missing"),
            (lambda w, i: [i["<E>"], *(i[s] for s in w), i["<S>"]], "in each other's place"),
            (lambda w, i: ["<S>", *w, "<E>"], "return numbers"),
            (lambda w, i: [5, *sorted(i[s] for s in w), 3], "do not sort"),
            (lambda w, i: [5, *dict.fromkeys(i[s] for s in w), 3], "keep both letters"),
            (lambda w, i: None, "does it end with return"),
            (lambda w, i: [i[s] for s in "<S>" + w + "<E>"], "<S> is one symbol"),
            (lambda w, i: [0, *(i[s] for s in w), 1], "from index"),
            (lambda w, i: [i[s] for s in [*w, "<s>"]], "stopped with KeyError"),
        ],
    ),
    checks.check_one_hot: (
        one_hot,
        [
            (lambda i, n: torch.eye(n)[i].T, "dimensions are swapped"),
            (lambda i, n: torch.eye(n)[i].long(), "must be float"),
            (lambda i, n: torch.eye(n)[i].roll(1, 1), "one column off"),
            (lambda i, n: torch.eye(n)[i].sum(0), "one vector for the whole word"),
            (lambda i, n: torch.ones(len(i), n), "exactly one 1"),
            (lambda i, n: torch.eye(n)[sorted(i)], "wrong column"),
            (lambda i, n: [[0] * n for _ in i], "must be a torch.Tensor"),
        ],
    ),
    checks.check_count_mlp_parameters: (
        mlp,
        [
            (lambda T, V, H, C: T * V * H + H * C, "also has a bias"),
            (lambda T, V, H, C: V * H + H + H * C + C, "reads seq_len one-hot vectors"),
            (lambda T, V, H, C: T * V * H + H, "second layer"),
            (lambda T, V, H, C: mlp(T, V, H, C) - C, "bias of the second layer"),
            (lambda T, V, H, C: T * H + H + H * C + C, "vocab_size numbers wide"),
            (lambda T, V, H, C: T * V * H + T * H + H * C + C, "one bias per hidden unit"),
        ],
    ),
    checks.check_bigram_probabilities: (
        bigrams,
        [
            (bigrams_by(lambda s, p: len(s) - 1), "not by the number of pairs"),
            (bigrams_by(lambda s, p: s[1:].count(p[1])), "first letter of the pair, not"),
            (bigrams_by(lambda s, p: s.count(p[0])), "last letter of the text has no follower"),
            (bigrams_by(lambda s, p: 1), "these are counts"),
            (lambda s: {}, "is missing"),
            (lambda s: {a + b: p for (a, b), p in bigrams(s).items()}, "a pair (tuple)"),
        ],
    ),
    checks.check_rnn_step: (
        step,
        [
            (lambda x, h, W, U, b: x @ W.T + h @ U.T + b, "tanh is missing"),
            (lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U.T), "the bias b_h is missing"),
            (lambda x, h, W, U, b: torch.tanh(x @ W.T + b), "no memory"),
            (lambda x, h, W, U, b: torch.tanh(x @ W.T + h @ U + b), "use W_hh.T"),
            (lambda *a: step(*a).detach(), "the gradient is cut"),
            (lambda x, h, W, U, b: step(x, h.detach(), W, U, b), "gets no gradient"),
            (lambda *a: step(*a).T, "dimensions are swapped"),
            (lambda x, h, W, U, b: torch.tanh(x @ W + h @ U + b), "use x_t @ W_xh.T"),
            (lambda x, h, W, U, b: torch.tanh(W @ x + U @ h + b), "use x_t @ W_xh.T"),
            (lambda x, h, W, U, b: torch.linalg.inv(0 * U), "your code stopped with"),
        ],
    ),
    checks.check_unroll: (
        unroll,
        [
            (lambda f, x, h: unroll(f, x, h, keep=False), "started from h_0 again"),
            (lambda f, x, h: unroll(f, x, h, dim=0), "stack along dim=1"),
            (lambda f, x, h: unroll(f, x, h, order=-1), "from the last to the first"),
            (lambda f, x, h: unroll(f, x, h, use_start=False), "h_0 is not used"),
            (lambda f, x, h: unroll(f, x, h)[0], "return two things"),
            (lambda f, x, h: unroll(f, x.transpose(0, 1), h), "Loop over time"),
            (lambda f, x, h: (unroll(f, x, h)[0], h), "after the last step"),
        ],
    ),
    checks.check_count_rnn_parameters: (
        count,
        [
            (lambda *a: count(*a, biases=1), "two biases per layer"),
            (lambda *a: count(*a, biases=0), "add the two biases"),
            (count_reading_x, "read hidden states, not x"),
            (lambda *a: count(*a, directions=False), "two sets of weights"),
            (lambda *a: count(*a, widen=False), "both directions joined"),
        ],
    ),
    checks.check_free_run: (
        free_run,
        [
            (lambda p, h, s, n: [p(h[-s:])] * n, "every forecast is the same"),
            (free_run_growing, "changed its length"),
            (lambda p, h, s, n: [*h, *free_run(p, h, s, n)], "without the history"),
            (lambda p, h, s, n: free_run(p, h[:s], s, n), "take the last ones"),
            (lambda p, h, s, n: free_run(lambda w: p(h[:s]), h, s, n), "take the last ones"),
            (lambda p, h, s, n: free_run(lambda w: p(w[::-1]), h, s, n), "is reversed"),
            (lambda p, h, s, n: free_run(p, h, s, 1), "4 steps were asked for"),
            (lambda p, h, s, n: free_run(p, h, len(h), n), "a window of size 3"),
        ],
    ),
}
