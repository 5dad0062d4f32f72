"""What the test files of sampling need: random numbers, and models that depend on their past."""

import torch

from course_utils.models import CharLM, CharLMConfig

V = 9


# What `generate`, `letters` and the fast writer must refuse, each in the same words.
BAD_REQUESTS = [
    ({"start": []}, "start is empty: give a first symbol"),
    ({"start": torch.tensor([])}, "start is empty"),
    ({"start": [0, V]}, "start holds 9, but the vocabulary has the indices 0 to 8"),
    ({"start": [-1]}, "start holds -1"),
    ({"stop": V}, "stop holds 9"),
    ({"forbid": [2, 30]}, "forbid holds 30"),
    ({"stop": 3, "forbid": [3]}, "stop=3 is also in forbid"),
    ({"forbid": range(V)}, "forbid holds every symbol"),
    ({"temperature": -0.5}, "temperature must be .* got -0.5"),
    ({"top_k": 0}, "top_k must be .* got 0"),
    ({"top_p": 1.01}, "top_p must be .* got 1.01"),
    ({"generator": None}, "generator is None, but temperature=1.0 draws at random"),
]


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def language_model(kind="lstm", **options):
    torch.manual_seed(2)
    model = CharLM(CharLMConfig(V, kind=kind, hidden_size=16, **options)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4)  # so that the next symbol depends on all that was read
    return model


def steady_model(kind="lstm", **options):
    """Return a float32 model whose every weight matters, and which does not enlarge rounding."""
    torch.manual_seed(3)
    model = CharLM(CharLMConfig(V, kind=kind, hidden_size=16, **options))
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
        model.decoder.weight.copy_(torch.randn(V, 16) * (0.3 if model.config.layer_norm else 1))
    return model
