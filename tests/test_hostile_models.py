"""Bad input to the networks of the course: a right answer, or an error that names the argument."""

import math

import torch
from hostile import Good, assert_all_tried, each, try_all
from torch import nn

from course_utils.models import (
    GPT,
    CharLM,
    CharLMConfig,
    GPTConfig,
    LectureRNN,
    MinGRU,
    MinGRULM,
    MinGRULMConfig,
    RNNCrowd,
    SequenceClassifier,
    SequenceClassifierConfig,
    attention,
    attention_weights,
    detach_state,
    evaluation_mode,
)

V = 7
TOKENS = torch.tensor([[0, 3, 6, 1], [2, 2, 5, 4]])
MODELS = {
    kind: CharLM(CharLMConfig(V, kind=kind, embed_dim=3, hidden_size=4, num_layers=2)).eval()
    for kind in ("rnn", "gru", "lstm")
}
MODELS["mingru"] = MinGRULM(MinGRULMConfig(V, width=4, hidden_size=6)).eval()
MODELS["gpt"] = GPT(GPTConfig(V, n_layers=2, n_heads=2, width=8, context=6)).eval()
CLASSIFIER = SequenceClassifier(SequenceClassifierConfig(V, 3, embed_dim=4, hidden_size=5)).eval()
CROWD = RNNCrowd(V, 3, [0, 1], hidden_size=4)
LECTURE, LAYER = LectureRNN(5, 4, 3), MinGRU(3, 5)


def is_finite_unless(answer, *given):
    """NaN and inf come out only where they went in."""
    if all(torch.isfinite(part).all() for part in given):
        assert torch.isfinite(answer).all()


def right_config(answer, given):
    built = type(answer)(**given)
    assert built == answer
    assert all(
        type(value) in (int, float, str, bool, type(None)) for value in vars(answer).values()
    )


def right_language(kind):
    """Return the check that reading in two parts gives the scores of reading at once."""

    def right(answer, given):
        (logits, _), tokens, model = answer, given["tokens"], MODELS[kind]
        assert logits.shape == (*tokens.shape, V)
        if given["state"] is None and 1 < tokens.shape[1] <= 6:
            first, state = model(tokens[:, :1])
            rest, _ = model(tokens[:, 1:], state)
            torch.testing.assert_close(torch.cat([first, rest], 1), logits, atol=1e-5, rtol=1e-4)
        else:
            parts = given["state"] or ()
            parts = (parts,) if isinstance(parts, torch.Tensor) else parts
            is_finite_unless(logits, *(part.float() for part in parts))

    return right


def language(kind, part):
    """Return the call of a language model's forward; part: which of the state is replaced."""
    with torch.no_grad():
        _, state = MODELS[kind](TOKENS)

    def call(tokens, state):
        whole = list(good_state)
        whole[part] = state
        return MODELS[kind](tokens, tuple(whole))

    good_state = (state,) if isinstance(state, torch.Tensor) else state
    part_state = good_state[part].contiguous()
    return Good(call, lambda: {"tokens": TOKENS, "state": part_state}, label=f"{kind} {part}")


def whole_language(kind):
    name = {"mingru": "MinGRULM", "gpt": "GPT"}.get(kind, "CharLM")
    with torch.no_grad():
        _, state = MODELS[kind](TOKENS)

    def call(tokens, state):
        return MODELS[kind](tokens, state)

    label, right = f"{name}.forward {kind}", right_language(kind)
    fresh = Good(call, lambda: {"tokens": TOKENS, "state": None}, right, label=label)
    going_on = Good(call, lambda: {"tokens": TOKENS, "state": state}, label=f"{label}, going on")
    return fresh, going_on


def right_start(answer, given):
    assert [part.shape for part in answer] == [(2, given["batch_size"], 4)] * 2


def right_classes(answer, given):
    assert answer.shape == (len(given["tokens"]), 3)
    for row, (tokens, length) in enumerate(zip(given["tokens"], given["lengths"], strict=True)):
        alone = CLASSIFIER(tokens[None, : int(length)], length[None])
        torch.testing.assert_close(answer[row : row + 1], alone, atol=1e-5, rtol=1e-4)


def right_crowd(answer, given):
    assert answer.shape == (2, len(given["x"]), 3)
    is_finite_unless(answer)


def right_attention(answer, given):
    q, k, v = (given[name] for name in ("queries", "keys", "values"))
    scores = (q @ k.transpose(2, 3)).double() / math.sqrt(q.shape[-1])
    later = torch.ones(scores.shape[2:], dtype=torch.bool).triu(k.shape[2] - q.shape[2] + 1)
    wanted = scores.masked_fill(later, -math.inf).softmax(-1) @ v.double()
    if all(torch.isfinite(part).all() for part in (q, k, v)) and q.numel():
        torch.testing.assert_close(answer.double(), wanted, atol=5e-3, rtol=5e-3)


def right_weights(answer, given):
    T = len(list(given["tokens"])) if not hasattr(given["tokens"], "__next__") else None
    assert T is None or answer.shape == (2, 2, T, T)
    torch.testing.assert_close(answer.sum(-1), torch.ones(answer.shape[:3]))
    assert (answer.triu(1) == 0).all()


def right_detached(answer, given):
    parts = [answer] if isinstance(answer, torch.Tensor) else answer
    assert not any(part.requires_grad for part in parts)


def right_lecture(answer, given):
    output, hidden = answer
    assert (output.shape, hidden.shape) == ((len(given["input"]), 3), (len(given["input"]), 4))
    is_finite_unless(output, given["input"], given["hidden"])


def right_layer(answer, given):
    h, last = answer
    assert h.shape == (*given["x"].shape[:2], 5)
    assert last.shape == (len(given["x"]), 5)


def in_evaluation_mode(model):
    with evaluation_mode(model):
        return model.training


CONFIGS = [
    Good(CharLMConfig, lambda: vars(CharLMConfig(V, embed_dim=4)), right_config),
    Good(GPTConfig, lambda: vars(GPTConfig(V)), right_config),
    Good(MinGRULMConfig, lambda: vars(MinGRULMConfig(V)), right_config),
    Good(
        SequenceClassifierConfig,
        lambda: vars(SequenceClassifierConfig(V, n_classes=3)),
        right_config,
    ),
]
BUILT = [
    Good(CharLM, lambda: {"config": MODELS["gru"].config}),
    Good(GPT, lambda: {"config": MODELS["gpt"].config}),
    Good(MinGRULM, lambda: {"config": MODELS["mingru"].config}),
    Good(SequenceClassifier, lambda: {"config": CLASSIFIER.config}),
    Good(
        LectureRNN, lambda: {"input_size": 5, "hidden_size": 4, "output_size": 3, "tanh": True},
        cases=0.5,
    ),
    Good(MinGRU, lambda: {"input_size": 5, "hidden_size": 4}, cases=0.5),
    Good(
        RNNCrowd, lambda: {"vocab_size": 5, "n_classes": 3, "seeds": [0, 1], "hidden_size": 4},
        cases=0.5,
    ),
]  # fmt: skip
READING = [good for kind in MODELS for good in whole_language(kind)]
READING += [language("lstm", 0), language("lstm", 1), language("mingru", 1)]
READING += [language("gpt", 0), language("gpt", 2)]
OTHERS = [
    Good(
        lambda batch_size: MODELS["lstm"].init_hidden(batch_size),
        lambda: {"batch_size": 2},
        right_start,
        label="CharLM.init_hidden",
    ),
    Good(
        lambda tokens, lengths: CLASSIFIER(tokens, lengths),
        lambda: {"tokens": TOKENS, "lengths": torch.tensor([4, 2])},
        right_classes,
        label="SequenceClassifier.forward",
    ),
    Good(lambda x: CROWD(x), lambda: {"x": TOKENS}, right_crowd, label="RNNCrowd.forward"),
    Good(
        attention,
        lambda: {
            "queries": torch.randn(2, 2, 2, 4),
            "keys": torch.randn(2, 2, 3, 4),
            "values": torch.randn(2, 2, 3, 4),
        },
        right_attention,
    ),
    Good(attention_weights, lambda: {"model": MODELS["gpt"], "tokens": [0, 3, 1]}, right_weights),
    Good(detach_state, lambda: {"state": torch.ones(1, 2, 4)}, right_detached),
    Good(
        detach_state,
        lambda: {"state": (torch.ones(1, 2, 4), torch.ones(1, 2, 4))},
        right_detached,
        label="detach_state of a pair",
    ),
    Good(
        lambda input, hidden: LECTURE(input, hidden),
        lambda: {"input": torch.eye(5)[:1], "hidden": torch.zeros(1, 4)},
        right_lecture,
        label="LectureRNN.forward",
    ),
    Good(
        lambda x, h_0: LAYER(x, h_0),
        lambda: {"x": torch.randn(2, 4, 3), "h_0": torch.rand(2, 5)},
        right_layer,
        label="MinGRU.forward",
    ),
    Good(in_evaluation_mode, lambda: {"model": nn.Dropout(0.5)}, label="evaluation_mode"),
]
GOODS = [*CONFIGS, *BUILT, *READING, *OTHERS]


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    exempt = {"MinGRU.read": "what forward calls when it has checked x and h_0"}
    assert_all_tried("course_utils.models", GOODS, exempt)
