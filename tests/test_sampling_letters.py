"""Letters come one at a time, and nothing is changed around the one who waits for them."""

from itertools import islice

import pytest
import torch
from sampling_samples import BAD_REQUESTS, V, language_model, rng

from course_utils.sampling import generate, letters

OPTIONS = [{}, {"temperature": 0}, {"temperature": 1.4, "top_k": 5, "top_p": 0.9, "forbid": [3]}]


@pytest.mark.parametrize("options", OPTIONS)
def test_the_letters_and_the_generator_are_those_of_generate(options):
    for n in (1, 2, 40):
        first, second = rng(4), rng(4)
        taken = list(islice(letters(language_model(), [1, 2], generator=first, **options), n))
        assert taken == generate(language_model(), [1, 2], n, generator=second, **options)
        assert torch.equal(first.get_state(), second.get_state())
        assert all(type(letter) is int for letter in taken)


def test_the_stop_symbol_ends_them_and_is_left_out():
    model = language_model()
    whole = generate(model, [1], 200, generator=rng())
    for stop in set(whole):
        drawn = letters(model, [1], generator=rng(), stop=stop)
        assert list(drawn) == whole[: whole.index(stop)]
        assert next(drawn, None) is None


@pytest.mark.parametrize(("changed", "message"), BAD_REQUESTS)
def test_a_bad_request_is_refused_at_the_call(changed, message):
    request = {"start": [1], "generator": rng()} | changed
    with pytest.raises(ValueError, match=message):
        letters(language_model(), **request)


def test_a_start_that_was_not_encoded_is_refused_at_the_call():
    with pytest.raises(TypeError, match="start must hold indices: use vocabulary.encode"):
        letters(language_model(), "he", generator=rng())
    with pytest.raises(TypeError, match="must be a torch.Generator, got 7"):
        letters(language_model(), [1], generator=7)


def test_nothing_is_computed_before_it_is_asked_for():
    shapes = []
    model, generator = language_model(), rng()
    model.register_forward_pre_hook(lambda _, args: shapes.append(tuple(args[0].shape)))
    before = generator.get_state()
    drawn = letters(model, [0, 1, 2], generator=generator)
    assert shapes == []
    assert torch.equal(generator.get_state(), before)
    next(drawn)
    assert shapes == [(1, 3)]
    next(drawn)
    assert shapes == [(1, 3), (1, 1)]


def test_dropout_is_off_in_each_step_and_back_between_them():
    model = language_model(dropout=0.9, embed_dim=4)
    model.norm.eval()
    modes = [part.training for part in model.modules()]
    inside = []
    model.register_forward_pre_hook(lambda part, _: inside.append(part.training))
    taken = []
    for letter in islice(letters(model, [1], generator=rng()), 20):
        assert [part.training for part in model.modules()] == modes
        taken.append(letter)
    assert inside == [False] * 20
    assert generate(model.eval(), [1], 20, generator=rng()) == taken


def test_the_mode_may_change_while_letters_are_waited_for():
    model = language_model(dropout=0.9, embed_dim=4)
    wanted = generate(model, [1], 12, generator=rng())
    drawn = letters(model.eval(), [1], generator=rng())
    taken = []
    for i in range(12):
        model.train(i % 3 > 0)
        taken.append(next(drawn))
        assert model.drop_input.training == (i % 3 > 0)
    assert taken == wanted


def test_letters_that_nobody_asks_for_leave_the_model_and_the_gradients_alone():
    model = language_model()
    drawn = letters(model, [1], generator=rng())
    next(drawn)
    assert model.training
    assert torch.is_grad_enabled()
    assert model(torch.tensor([[1]]))[0].requires_grad
    with torch.no_grad():
        next(drawn)
        del drawn
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    assert model.training


def test_no_graph_of_gradients_is_built():
    tracked = []
    model = language_model()
    model.register_forward_hook(lambda _, args, result: tracked.append(result[0].requires_grad))
    list(islice(letters(model, [1], generator=rng()), 3))
    assert tracked == [False] * 3


def test_an_interrupted_letter_gives_the_mode_back():
    def stop_by_hand(module, args):
        raise KeyboardInterrupt

    model = language_model()
    drawn = letters(model, [1], generator=rng())
    next(drawn)
    model.register_forward_pre_hook(stop_by_hand)
    with pytest.raises(KeyboardInterrupt):
        next(drawn)
    assert model.training
    assert torch.is_grad_enabled()


def test_training_between_letters_is_seen_by_the_next_one():
    model = language_model()
    drawn = letters(model, [1], generator=rng())
    next(drawn)
    with torch.no_grad():
        model.decoder.bias[7] += 1000
    assert next(drawn) == 7


def test_two_texts_of_one_model_do_not_mix():
    model = language_model()
    wanted = [generate(model, [start], 30, generator=rng(start)) for start in (1, 2)]
    texts = [letters(model, [start], generator=rng(start)) for start in (1, 2)]
    pairs = list(islice(zip(*texts, strict=True), 30))
    assert [list(text) for text in zip(*pairs, strict=True)] == wanted
    assert len(set(wanted[0])) > 1
    assert max(map(max, wanted)) < V
