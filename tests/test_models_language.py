"""The language model is the chain of PyTorch modules that one would write by hand."""

import re
from dataclasses import FrozenInstanceError

import pytest
import torch
from torch import nn

from course_utils import text
from course_utils.models import CharLM, CharLMConfig, detach_state

V, E, H, B, T = 7, 3, 5, 2, 12
MODULES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
TOKENS = torch.randint(0, V, (B, T), generator=torch.Generator().manual_seed(0))
KINDS = pytest.mark.parametrize("kind", MODULES)


def seeded(seed=1, **options):
    torch.manual_seed(seed)
    return CharLM(CharLMConfig(vocab_size=V, **({"hidden_size": H} | options)))


def parts(state):
    return state if isinstance(state, tuple) else (state,)


def assert_same(ours, theirs):
    for a, b in zip(parts(ours), parts(theirs), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=0)


def by_hand(kind, embed_dim, num_layers, layer_norm):
    """Build the chain from torch modules, and return it as a function of tokens and state."""
    torch.manual_seed(1)
    embedding = nn.Embedding(V, embed_dim) if embed_dim else None
    layer = MODULES[kind](embed_dim or V, H, num_layers, batch_first=True)
    norm = nn.LayerNorm(H) if layer_norm else None
    linear = nn.Linear(H, V)

    def read(tokens, state=None):
        x = embedding(tokens) if embedding else nn.functional.one_hot(tokens, V).float()
        out, state = layer(x, state)
        return linear(norm(out) if norm else out), state

    return read


@KINDS
@pytest.mark.parametrize("embed_dim", [None, E])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("layer_norm", [False, True])
def test_it_is_the_chain_made_by_hand(kind, embed_dim, num_layers, layer_norm):
    options = {"embed_dim": embed_dim, "num_layers": num_layers, "layer_norm": layer_norm}
    model, chain = seeded(kind=kind, **options), by_hand(kind, **options)
    for state in (None, model.init_hidden(B), chain(TOKENS)[1]):
        (logits, after), (wanted, wanted_after) = model(TOKENS, state), chain(TOKENS, state)
        assert logits.shape == (B, T, V)
        assert_same(logits, wanted)
        assert_same(after, wanted_after)


def test_one_hot_input_is_the_one_of_lesson_01():
    rows = seeded().encoder(TOKENS)
    assert torch.equal(rows[1], text.one_hot(TOKENS[1], V))
    assert rows.dtype == torch.float32


def test_layer_norm_changes_what_the_output_layer_reads():
    model = seeded(layer_norm=True)
    before = model(TOKENS)[0]
    with torch.no_grad():
        model.norm.weight.zero_()
    assert_same(model(TOKENS)[0], model.decoder.bias.expand(B, T, V))
    assert not torch.allclose(before, model(TOKENS)[0])


@KINDS
def test_two_halves_with_the_state_carried_are_one_pass(kind):
    model = seeded(kind=kind, embed_dim=E, num_layers=2, layer_norm=True)
    whole, end = model(TOKENS)
    first, state = model(TOKENS[:, : T // 2])
    second, last = model(TOKENS[:, T // 2 :], detach_state(state))
    assert_same(torch.cat([first, second], dim=1), whole)
    assert_same(last, end)
    fresh = model(TOKENS[:, T // 2 :])[0]
    assert not torch.allclose(fresh, second, atol=1e-3)


@KINDS
def test_the_start_state_is_zeros_in_the_form_of_the_cell(kind):
    state = seeded(kind=kind, num_layers=3).init_hidden(4)
    assert isinstance(state, tuple) == (kind == "lstm")
    assert len(parts(state)) == (2 if kind == "lstm" else 1)
    for part in parts(state):
        assert part.shape == (3, 4, H)
        assert not part.any()


def test_the_start_state_follows_the_weights():
    assert {part.dtype for part in seeded().double().init_hidden(1)} == {torch.float64}
    assert {part.device.type for part in seeded().to("meta").init_hidden(1)} == {"meta"}
    assert seeded().double()(TOKENS)[0].dtype == torch.float64


@KINDS
def test_a_detached_state_has_its_values_and_no_gradient(kind):
    state = seeded(kind=kind)(TOKENS)[1]
    cut = detach_state(state)
    assert type(cut) is type(state)
    for part, old in zip(parts(cut), parts(state), strict=True):
        assert old.requires_grad
        assert not part.requires_grad
        assert torch.equal(part, old)


def test_gradients_reach_every_weight():
    model = seeded(embed_dim=E, num_layers=2, layer_norm=True)
    model(TOKENS)[0].square().sum().backward()
    for name, weight in model.named_parameters():
        assert weight.grad.abs().sum() > 0, name


def read_twice(model):
    torch.manual_seed(3)
    return model(TOKENS)[0], model(TOKENS)[0]


@pytest.mark.parametrize("embed_dim", [None, E])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_dropout_acts_in_training_only(embed_dim, num_layers):
    model = seeded(embed_dim=embed_dim, num_layers=num_layers, dropout=0.5)
    assert not torch.equal(*read_twice(model))
    assert torch.equal(*read_twice(model.eval()))
    same = seeded(embed_dim=embed_dim, num_layers=num_layers)
    assert_same(model(TOKENS)[0], same(TOKENS)[0])


def test_places_of_dropout():
    seen = {}
    model = seeded(embed_dim=E, num_layers=2, dropout=0.5, layer_norm=True)
    for name in ("rnn", "decoder"):
        part = getattr(model, name)
        part.register_forward_pre_hook(lambda _, args, name=name: seen.update({name: args[0]}))
    model(TOKENS)
    for name, values in seen.items():
        assert 0.2 < (values == 0).float().mean() < 0.8, name
    assert model.rnn.dropout == 0.5


def test_one_hot_vectors_are_never_dropped():
    seen = []
    model = seeded(dropout=0.9)
    model.rnn.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    model(TOKENS)
    assert torch.equal(seen[0].argmax(-1), TOKENS)
    assert seen[0].sum() == TOKENS.numel()


def test_a_checkpoint_holds_nothing_but_weights():
    model = seeded(dropout=0.1, layer_norm=True)
    assert set(model.state_dict()) == {name for name, _ in model.named_parameters()}


@pytest.mark.parametrize(
    ("place", "token"), [((0, 0), -1), ((1, 3), V), ((1, T - 1), 10**12), ((0, 4), -(10**12))]
)
@pytest.mark.parametrize("embed_dim", [None, E])
def test_a_token_outside_the_vocabulary(place, token, embed_dim):
    tokens = TOKENS.clone()
    tokens[place] = token
    where = re.escape(f"tokens[{place[0]}, {place[1]}] is {token}")
    with pytest.raises(ValueError, match=rf"{where}, .* indices 0 to {V - 1}"):
        seeded(embed_dim=embed_dim)(tokens)


@pytest.mark.parametrize("shape", [(T,), (B, 0), (0, T), (B, T, 1)])
def test_tokens_must_be_a_batch_of_texts(shape):
    with pytest.raises(ValueError, match=rf"tokens must be \(B, T\) .*{re.escape(str(shape))}"):
        seeded()(torch.zeros(shape, dtype=torch.int64))


@pytest.mark.parametrize("dtype", [torch.float32, torch.int32, torch.bool])
def test_tokens_must_be_int64(dtype):
    with pytest.raises(TypeError, match=f"tokens must be int64.*got {dtype}"):
        seeded()(TOKENS.to(dtype))


@KINDS
def test_a_state_of_another_batch_or_size(kind):
    model = seeded(kind=kind, num_layers=2)
    with pytest.raises(ValueError, match=r"h must be \(L, B, H\) = \(2, 2, 5\).*got \(2, 3, 5\)"):
        model(TOKENS, model.init_hidden(3))
    with pytest.raises(ValueError, match=r"got \(1, 2, 5\)"):
        model(TOKENS, seeded(kind=kind).init_hidden(B))
    if kind == "lstm":
        h, c = model.init_hidden(B)
        with pytest.raises(ValueError, match=r"the state's c must be .*got \(2, 2, 4\)"):
            model(TOKENS, (h, c[..., :4]))


def test_a_state_of_another_cell():
    with pytest.raises(TypeError, match=r"the pair \(h, c\) for kind='lstm', got one tensor"):
        seeded()(TOKENS, seeded(kind="gru").init_hidden(B))
    with pytest.raises(TypeError, match="one tensor h for kind='rnn', got 2 tensors"):
        seeded(kind="rnn")(TOKENS, seeded().init_hidden(B))
    with pytest.raises(TypeError, match="got 3 tensors"):
        seeded()(TOKENS, (*seeded().init_hidden(B), TOKENS))


@pytest.mark.parametrize("size", ["vocab_size", "embed_dim", "hidden_size", "num_layers"])
@pytest.mark.parametrize("value", [0, -3, 2.0, True, "4"])
def test_sizes_must_be_whole_numbers_above_zero(size, value):
    with pytest.raises(
        (TypeError, ValueError), match=f"{size} must be a whole number .*, got {value!r}"
    ):
        CharLMConfig(**({"vocab_size": V} | {size: value}))


def test_unknown_kind_and_dropout():
    with pytest.raises(ValueError, match="kind must be one of 'rnn', 'gru', 'lstm', got 'LSTM'"):
        CharLMConfig(V, kind="LSTM")
    for dropout in (1.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match=f"dropout must be .*, got {dropout}"):
            CharLMConfig(V, dropout=dropout)
    with pytest.raises(FrozenInstanceError):
        CharLMConfig(V).hidden_size = 3


def test_a_batch_of_no_texts_has_no_state():
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1, got 0"):
        seeded().init_hidden(0)
