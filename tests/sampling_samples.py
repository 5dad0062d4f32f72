"""What both test files of sampling need: random numbers, and a model that depends on its past."""

import torch

from course_utils.models import CharLM, CharLMConfig

V = 9


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def language_model(kind="lstm", **options):
    torch.manual_seed(2)
    model = CharLM(CharLMConfig(V, kind=kind, hidden_size=16, **options)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4)  # so that the next symbol depends on all that was read
    return model
