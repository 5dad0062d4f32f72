"""Networks of a recipe: fair widths, the same weights for a seed, open forget gates."""

from dataclasses import asdict, replace

import pytest
import torch
from step_samples import assert_same, weights

from course_utils.models import CharLM
from course_utils.recipes.language import (
    LanguageRecipe,
    build_language_model,
    count_parameters,
    equal_width,
    model_config,
    open_forget_gates,
)

KINDS = ["rnn", "gru", "lstm"]
V = 65


def by_hand(kind, *, E, H, L=1, norm=True):
    """Return the parameters of a network, counted with pencil and paper."""
    n_gates = {"rnn": 1, "gru": 3, "lstm": 4}[kind]
    layers = [n_gates * (H * width + H * H + 2 * H) for width in [E] + [H] * (L - 1)]
    return V * E + sum(layers) + 2 * H * norm + H * V + V


def size(kind, width, recipe):
    """Return the parameters of a network that is really built."""
    return count_parameters(build_language_model(V, replace(recipe, kind=kind, hidden_size=width)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("L", [1, 2])
@pytest.mark.parametrize("norm", [True, False])
def test_parameters_are_counted_as_by_hand(kind, L, norm):
    recipe = LanguageRecipe(kind, 20, 12, num_layers=L, layer_norm=norm)
    model = build_language_model(V, recipe)
    assert count_parameters(model) == by_hand(kind, E=12, H=20, L=L, norm=norm)
    model.encoder.weight.requires_grad_(False)
    assert count_parameters(model) == by_hand(kind, E=12, H=20, L=L, norm=norm) - V * 12


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_parameters", [1, 5_000, 5_700, 40_003, 350_000])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_the_width_is_the_closest_one(kind, n_parameters, num_layers):
    recipe = LanguageRecipe(embed_dim=24, num_layers=num_layers)
    width = equal_width(kind, n_parameters, V, recipe)
    assert width >= 1
    distances = [
        abs(size(kind, near, recipe) - n_parameters)
        for near in (width - 1, width, width + 1)
        if near
    ]
    assert min(distances) == abs(size(kind, width, recipe) - n_parameters)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1, 2, 3, 64, 100])
def test_a_network_has_its_own_width(kind, width):
    recipe = LanguageRecipe(embed_dim=16)
    assert equal_width(kind, size(kind, width, recipe), V, recipe) == width


def test_the_three_of_the_course_are_equal_within_a_percent():
    recipe = LanguageRecipe()
    target = size("lstm", recipe.hidden_size, recipe)
    widths = {kind: equal_width(kind, target, V, recipe) for kind in KINDS}
    assert widths["lstm"] == recipe.hidden_size < widths["gru"] < widths["rnn"]
    assert all(
        size(kind, widths[kind], recipe) == pytest.approx(target, rel=0.01) for kind in KINDS
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_the_weights_and_nothing_else_does(kind):
    recipe = LanguageRecipe(kind, 16, 8, seed=3)
    torch.manual_seed(1)
    first = weights(build_language_model(V, recipe))
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert_same(weights(build_language_model(V, recipe)), first)
    equal_width(kind, 3000, V, recipe)
    assert torch.equal(torch.get_rng_state(), before)
    other = weights(build_language_model(V, replace(recipe, seed=4)))
    assert not torch.equal(other["rnn.weight_hh_l0"], first["rnn.weight_hh_l0"])


@pytest.mark.parametrize("bias", [1.0, 0.0, 2.5])
def test_the_forget_gates_of_all_layers_start_open(bias):
    recipe = LanguageRecipe("lstm", 16, 8, num_layers=2, forget_bias=bias)
    layers = build_language_model(V, recipe).rnn
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        plain = CharLM(model_config(V, recipe)).rnn
    for layer in (0, 1):
        both = getattr(layers, f"bias_ih_l{layer}") + getattr(layers, f"bias_hh_l{layer}")
        as_it_was = getattr(plain, f"bias_ih_l{layer}") + getattr(plain, f"bias_hh_l{layer}")
        assert (both[16:32] == bias).all()
        assert torch.equal(both[:16], as_it_was[:16])
        assert torch.equal(both[32:], as_it_was[32:])
    for name, tensor in layers.named_parameters():
        assert tensor.requires_grad
        assert not name.startswith("weight") or torch.equal(tensor, plain.get_parameter(name))


def test_an_open_gate_keeps_a_memory():
    """With all other numbers 0, the cell state shrinks to sigmoid(bias) of itself at each step."""
    layers = torch.nn.LSTM(2, 3, batch_first=True)
    with torch.no_grad():
        for tensor in layers.parameters():
            tensor.zero_()
    open_forget_gates(layers, 1.0)
    memory = torch.tensor([[[1.0, -2.0, 0.5]]])
    _, (_, after) = layers(torch.zeros(1, 4, 2), (torch.zeros(1, 1, 3), memory))
    assert torch.allclose(after, memory * torch.sigmoid(torch.tensor(1.0)) ** 4)


def test_the_configuration_is_that_of_the_recipe():
    recipe = LanguageRecipe("gru", 11, 7, num_layers=3, dropout=0.25, layer_norm=False)
    config = asdict(model_config(30, recipe))
    assert config == {
        "vocab_size": 30, "kind": "gru", "embed_dim": 7, "hidden_size": 11, "num_layers": 3,
        "dropout": 0.25, "layer_norm": False,
    }  # fmt: skip
    assert build_language_model(30, recipe).config == model_config(30, recipe)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "tanh"}, "kind must be one of 'rnn', 'gru', 'lstm', got 'tanh'"),
        ({"hidden_size": 0}, "hidden_size must be a whole number of at least 1, got 0"),
        ({"dropout": 1.0}, "dropout must be a finite number of at least 0 and below 1, got 1.0"),
    ],
)
def test_recipes_from_which_nothing_can_be_built(change, message):
    with pytest.raises(ValueError, match=message):
        build_language_model(V, replace(LanguageRecipe(), **change))
