"""Text is written one step per symbol, with the state carried, and can be repeated."""

import math

import pytest
import torch
from sampling_samples import BAD_REQUESTS, V, language_model, rng

from course_utils.sampling import draw, generate

KINDS = pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])


def leaning_to(symbol):
    """Return a model that nearly always says the same symbol."""
    model = language_model()
    with torch.no_grad():
        model.decoder.bias[symbol] += 100
    return model


def greedily(model, start, length, *, reach=1000):
    """Write by reading the last `reach` symbols again for every new one."""
    text = [*start]
    for _ in range(length):
        logits, _ = model(torch.tensor([text[-reach:]]))
        text.append(int(logits[0, -1].argmax()))
    return text[len(start) :]


@KINDS
@pytest.mark.parametrize("num_layers", [1, 2])
def test_greedy_text_is_what_reading_the_whole_prefix_says(kind, num_layers):
    model, differ = language_model(kind, num_layers=num_layers), 0
    for first in range(V):
        start = [first, 1, 4]
        wanted = greedily(model, start, 15)
        assert generate(model, start, 15, generator=None, temperature=0) == wanted
        differ += wanted != greedily(model, start, 15, reach=1)
    assert differ, "one symbol would do, so this model says nothing about the state"


@KINDS
def test_drawn_text_is_what_reading_the_whole_prefix_says(kind):
    model, generator = language_model(kind, embed_dim=4), rng(8)
    options = {"temperature": 1.3, "top_k": 6, "top_p": 0.95}
    prefix = [2]
    for _ in range(30):
        logits = model(torch.tensor([prefix]))[0][:, -1]
        prefix.append(int(draw(logits, generator, **options)))
    assert generate(model, [2], 30, generator=rng(8), **options) == prefix[1:]


def test_the_start_is_read_once_and_each_symbol_once():
    shapes = []
    model = language_model()
    model.register_forward_pre_hook(lambda _, args: shapes.append(tuple(args[0].shape)))
    written = generate(model, [0, 1, 2, 3, 4], 6, generator=rng())
    assert shapes == [(1, 5)] + [(1, 1)] * 5
    assert len(written) == 6
    assert all(type(symbol) is int for symbol in written)


def test_the_generator_alone_decides():
    model = language_model()
    torch.manual_seed(0)
    first = generate(model, [1], 60, generator=rng(5))
    before = torch.get_rng_state()
    assert generate(model, [1], 60, generator=rng(5)) == first
    assert torch.equal(torch.get_rng_state(), before)
    assert generate(model, [1], 60, generator=rng(6)) != first
    generator = rng(5)
    generate(model, [1], 60, generator=generator)
    assert generate(model, [1], 60, generator=generator) != first


def test_a_longer_text_begins_like_a_shorter_one():
    model = language_model()
    assert generate(model, [1], 50, generator=rng())[:20] == generate(
        model, [1], 20, generator=rng()
    )


def test_the_stop_symbol_ends_the_text_and_is_left_out():
    model = language_model()
    whole = generate(model, [1], 200, generator=rng())
    for stop in set(whole):
        written = generate(model, [1], 200, generator=rng(), stop=stop)
        assert written == whole[: whole.index(stop)]
    assert generate(leaning_to(7), [1], 5, generator=rng(), stop=7) == []


def test_forbidden_symbols_are_never_drawn():
    assert generate(leaning_to(7), [7], 5, generator=rng()) == [7] * 5
    for temperature in (0, 1, 50):
        options = {"temperature": temperature, "forbid": [7, 0]}
        written = generate(leaning_to(7), [7], 300, generator=rng(), **options)
        assert len(written) == 300
        assert not {7, 0} & set(written)
    others = [symbol for symbol in range(V) if symbol != 4]
    assert generate(leaning_to(7), [1], 3, generator=rng(), forbid=others) == [4] * 3


def test_top_k_of_one_is_greedy():
    model = language_model()
    wanted = generate(model, [1], 40, generator=None, temperature=0)
    assert generate(model, [1], 40, generator=rng(), top_k=1) == wanted
    assert generate(model, [1], 40, generator=rng(), top_p=1e-9) == wanted


def test_no_symbols_asked_for():
    generator = rng()
    before = generator.get_state()
    assert generate(language_model(), [1], 0, generator=generator) == []
    assert torch.equal(generator.get_state(), before)


def test_every_part_gets_its_mode_back():
    model = language_model(dropout=0.9, embed_dim=4)
    model.norm.eval()
    modes = [part.training for part in model.modules()]
    trained = generate(model, [1], 20, generator=rng())
    assert [part.training for part in model.modules()] == modes
    assert generate(model.eval(), [1], 20, generator=rng()) == trained
    assert not any(part.training for part in model.modules())


def test_an_interrupted_text_gives_the_mode_back():
    def stop_by_hand(module, args):
        raise KeyboardInterrupt

    model = language_model()
    model.register_forward_pre_hook(stop_by_hand)
    with pytest.raises(KeyboardInterrupt):
        generate(model, [1], 5, generator=rng())
    assert model.training


def test_no_graph_of_gradients_is_built():
    tracked = []
    model = language_model()
    model.register_forward_hook(lambda _, args, result: tracked.append(result[0].requires_grad))
    generate(model, [1], 3, generator=rng())
    assert tracked == [False] * 3
    assert model(torch.tensor([[1]]))[0].requires_grad


def test_a_start_may_be_a_tensor_or_a_tuple():
    model = language_model()
    wanted = generate(model, [1, 2], 9, generator=rng())
    for start in ((1, 2), torch.tensor([1, 2])):
        assert generate(model, start, 9, generator=rng()) == wanted


@pytest.mark.parametrize(
    ("changed", "message"), [*BAD_REQUESTS, ({"length": -1}, "length must be 0 or more .* got -1")]
)
def test_requests_from_which_no_text_can_come(changed, message):
    request = {"start": [1], "length": 4, "generator": rng()} | changed
    with pytest.raises(ValueError, match=message):
        generate(language_model(), **request)


@pytest.mark.parametrize("start", ["he", ["h", "e"], [1.0], torch.tensor([[1, 2]])])
def test_a_start_that_was_not_encoded(start):
    with pytest.raises(TypeError, match="start must hold indices: use vocabulary.encode"):
        generate(language_model(), start, 4, generator=rng())


def test_a_model_whose_training_failed():
    model = language_model()
    with torch.no_grad():
        model.decoder.bias[3] = math.nan
    with pytest.raises(ValueError, match="got nan: .*smaller learning rate"):
        generate(model, [1], 4, generator=rng())
