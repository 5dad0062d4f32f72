"""A batch of sequences gets the answers that each of them gets alone, whatever pads it."""

from dataclasses import FrozenInstanceError, asdict

import pytest
import torch
from torch import nn

from course_utils.batching import pad
from course_utils.models import SequenceClassifier, SequenceClassifierConfig

V, C, E, H = 9, 4, 6, 5
MODULES = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
KINDS = pytest.mark.parametrize("kind", MODULES)
DIRECTIONS = pytest.mark.parametrize("bidirectional", [False, True])
# 0 and 8 pad below, so no sequence holds them. Neither sorted by length, nor one length only.
SEQUENCES = [[3, 1], [5, 5, 2, 7, 1, 3], [4], [1, 3], [2, 6, 1]]


def seeded(seed=1, **options):
    torch.manual_seed(seed)
    sizes = {"vocab_size": V, "n_classes": C, "embed_dim": E, "hidden_size": H}
    return SequenceClassifier(SequenceClassifierConfig(**(sizes | options)))


def answers(model, sequences, value=0):
    return model(*pad(sequences, value=value))


def assert_same(ours, theirs):
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


def by_hand(model, sequence):
    """Read one sequence with torch's own layers; take the last step of each direction."""
    layer = MODULES[model.config.kind](
        E, H, batch_first=True, bidirectional=model.config.bidirectional
    )
    layer.load_state_dict(model.rnn.state_dict())
    out = layer(model.embed.weight[sequence][None])[0][0]  # (T, directions * H)
    last = [out[-1, :H], out[0, H:]] if model.config.bidirectional else [out[-1]]
    return model.decoder.weight @ torch.cat(last) + model.decoder.bias


@KINDS
@DIRECTIONS
def test_a_batch_is_each_sequence_alone(kind, bidirectional):
    model = seeded(kind=kind, bidirectional=bidirectional)
    together = answers(model, SEQUENCES)
    assert together.shape == (len(SEQUENCES), C)
    assert together.dtype == torch.float32
    for row, sequence in zip(together, SEQUENCES, strict=True):
        assert_same(row, answers(model, [sequence])[0])
        assert_same(row, by_hand(model, sequence))


@KINDS
@DIRECTIONS
def test_rows_of_one_length_get_the_same_answer_packed_and_not(kind, bidirectional):
    model = seeded(kind=kind, bidirectional=bidirectional)
    even = [[3, 1, 2], [5, 7, 1], [1, 1, 4]]
    plain = answers(model, even)
    assert_same(answers(model, [*even, [1, 2, 3, 4]])[:3], plain)
    # The same three rows in a wider table: everything is packed, nothing is longer than 3.
    wide = pad([*even, [1, 2, 3, 4]])
    assert_same(model(wide.tokens[:3], wide.lengths[:3]), plain)


def test_packing_is_left_out_only_where_nothing_is_padded():
    seen = []
    model = seeded()
    model.rnn.register_forward_pre_hook(lambda _, args: seen.append(type(args[0]).__name__))
    answers(model, [[1, 2], [3, 4]])
    answers(model, [[1, 2], [3]])
    assert seen == ["Tensor", "PackedSequence"]


@KINDS
def test_what_pads_a_row_is_never_read(kind):
    model = seeded(kind=kind)
    assert torch.equal(answers(model, SEQUENCES, value=0), answers(model, SEQUENCES, value=8))
    answers(model, SEQUENCES, value=8).square().sum().backward()
    gradients = model.embed.weight.grad.abs().sum(1)
    assert (gradients > 0).nonzero().flatten().tolist() == [1, 2, 3, 4, 5, 6, 7]


@KINDS
@DIRECTIONS
def test_the_order_of_symbols_matters(kind, bidirectional):
    model = seeded(kind=kind, bidirectional=bidirectional)
    there, back = answers(model, [[1, 2, 3], [3, 2, 1]])
    assert not torch.allclose(there, back, atol=1e-3)


def test_the_first_symbol_reaches_the_answer_in_both_directions():
    model = seeded(bidirectional=True)
    with torch.no_grad():
        model.decoder.weight[:, :H] = 0  # only the backward direction is left
    one, other, longer = answers(model, [[1, 2, 3], [4, 2, 3], [1, 2, 3, 5]])
    assert not torch.allclose(one, other, atol=1e-3)
    assert not torch.allclose(one, longer, atol=1e-3)


@KINDS
@DIRECTIONS
def test_gradients_reach_every_weight(kind, bidirectional):
    model = seeded(kind=kind, bidirectional=bidirectional)
    answers(model, SEQUENCES).square().sum().backward()
    for name, weight in model.named_parameters():
        assert weight.grad.abs().sum() > 0, name


@pytest.mark.parametrize("place", ["dropout", "input_dropout"])
def test_dropout_acts_in_training_only(place):
    model = seeded(**{place: 0.5})
    torch.manual_seed(3)
    assert not torch.equal(answers(model, SEQUENCES), answers(model, SEQUENCES))
    assert_same(answers(model.eval(), SEQUENCES), answers(seeded(), SEQUENCES))


@pytest.mark.parametrize(("place", "dropped"), [("dropout", "decoder"), ("input_dropout", "rnn")])
def test_places_of_dropout(place, dropped):
    shares = {}
    model = seeded(**{place: 0.5, "hidden_size": 40, "embed_dim": 40})
    for name in ("rnn", "decoder"):
        getattr(model, name).register_forward_pre_hook(
            lambda _, args, name=name: shares.update({name: float((args[0] == 0).float().mean())})
        )
    answers(model, [[1, 2, 3], [4, 5, 6]])
    assert 0.3 < shares.pop(dropped) < 0.7
    assert [*shares.values()] == [0]


def test_a_config_builds_the_same_model_again():
    config = seeded(kind="gru", bidirectional=False, dropout=0.1).config
    model = SequenceClassifier(SequenceClassifierConfig(**asdict(config)))
    model.load_state_dict(seeded(kind="gru", bidirectional=False).state_dict())
    with pytest.raises(FrozenInstanceError):
        config.hidden_size = 3


@pytest.mark.parametrize("lengths", [[2], [2, 2, 2], [[2, 2]]])
def test_lengths_must_be_one_per_row(lengths):
    with pytest.raises(ValueError, match=r"lengths must be \(B,\) = \(2,\)"):
        seeded()(torch.ones(2, 2, dtype=torch.int64), torch.tensor(lengths))


@pytest.mark.parametrize("lengths", [[0, 3], [1, 4], [-1, 2]])
def test_lengths_must_fit_the_table(lengths):
    smallest, largest = lengths
    wanted = f"lengths must be from 1 to T = 3, got {smallest} to {largest}: an empty sequence"
    with pytest.raises(ValueError, match=wanted):
        seeded()(torch.ones(2, 3, dtype=torch.int64), torch.tensor(lengths))


@pytest.mark.parametrize("lengths", [torch.ones(2), torch.ones(2, dtype=torch.int32)])
def test_lengths_must_be_int64(lengths):
    with pytest.raises(TypeError, match=f"lengths must be int64 on the CPU, got {lengths.dtype}"):
        seeded()(torch.ones(2, 3, dtype=torch.int64), lengths)


def test_lengths_must_be_on_the_cpu():
    lengths = torch.ones(2, dtype=torch.int64, device="meta")
    with pytest.raises(TypeError, match=r"got torch.int64 on meta: .* move only its tokens"):
        seeded()(torch.ones(2, 3, dtype=torch.int64), lengths)


@pytest.mark.parametrize("token", [-1, V])
def test_a_token_outside_the_vocabulary(token):
    with pytest.raises(ValueError, match=rf"tokens\[1, 0\] is {token}, .* indices 0 to {V - 1}"):
        answers(seeded(), [[1, 2], [token]])


def test_tokens_must_be_a_batch():
    with pytest.raises(ValueError, match=r"tokens must be \(B, T\)"):
        seeded()(torch.tensor([1, 2]), torch.tensor([2]))
    with pytest.raises(TypeError, match="tokens must be int64"):
        seeded()(torch.ones(1, 2), torch.tensor([2]))


@pytest.mark.parametrize("size", ["vocab_size", "n_classes", "embed_dim", "hidden_size"])
@pytest.mark.parametrize("value", [0, -3, 2.0, True, "4", None])
def test_sizes_must_be_whole_numbers_above_zero(size, value):
    with pytest.raises(
        (TypeError, ValueError), match=f"{size} must be a whole number .*, got {value!r}"
    ):
        seeded(**{size: value})


@pytest.mark.parametrize("name", ["dropout", "input_dropout"])
@pytest.mark.parametrize("value", [1.0, -0.1, float("nan")])
def test_dropout_must_be_a_share_below_one(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .*, got {value}"):
        seeded(**{name: value})


def test_unknown_kind():
    with pytest.raises(ValueError, match="kind must be one of 'rnn', 'gru', 'lstm', got 'GRU'"):
        seeded(kind="GRU")
