"""Every model of the course reads, learns and writes on the GPU, with nothing left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from fake_device import GPU, gpu_in, is_all_there, places
from fake_device_cases import TOKENS
from torch.nn import functional as F

from course_utils import batching, models, sampling
from course_utils.models import CharLMConfig, GPTConfig, MinGRULMConfig, SequenceClassifierConfig
from course_utils.sampling import FastWriter

V = 6
LANGUAGE_MODELS = {
    "rnn": lambda: models.CharLM(CharLMConfig(V, kind="rnn", hidden_size=5)),
    "lstm": lambda: models.CharLM(
        CharLMConfig(V, embed_dim=4, hidden_size=5, num_layers=2, dropout=0.2, layer_norm=True)
    ),
    "gru": lambda: models.CharLM(CharLMConfig(V, kind="gru", hidden_size=5, num_layers=2)),
    "mingru": lambda: models.MinGRULM(MinGRULMConfig(V, width=4, hidden_size=5)),
    "gpt": lambda: models.GPT(GPTConfig(V, n_layers=2, n_heads=2, width=8, context=12)),
}


@pytest.fixture(autouse=True)
def _gpu():
    with gpu_in():
        yield


def chunks():
    return batching.Streams(TOKENS, n_streams=2, chunk_len=5)


@pytest.mark.parametrize("kind", LANGUAGE_MODELS)
def test_a_language_model_carries_its_state_and_learns(kind):
    model = LANGUAGE_MODELS[kind]().to(GPU)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    before, state = [p.detach().cpu() for p in model.parameters()], None
    for chunk in map(chunks().chunk, range(2)):
        inputs, targets, _ = chunk.to(GPU)
        logits, state = model(inputs, None if state is None else models.detach_state(state))
        F.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        assert places((logits, state)) == {"gpu"}
    optimizer.step()
    assert is_all_there(model)
    assert any(
        not torch.equal(a, b.detach().cpu())
        for a, b in zip(before, model.parameters(), strict=True)
    )


@pytest.mark.parametrize("kind", LANGUAGE_MODELS)
def test_a_language_model_writes_what_it_writes_on_the_cpu(kind):
    model, texts = LANGUAGE_MODELS[kind](), []
    for device in ("cpu", GPU):
        model.to(device)
        rng = torch.Generator().manual_seed(3)
        texts.append(sampling.generate(model, [0, 1], 14, generator=rng, top_k=4, forbid=[2]))
    assert texts[0] == texts[1]
    assert len(texts[0]) == 14


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("device", ["cpu", GPU])
def test_the_fast_writer_takes_the_weights_to_the_cpu(kind, device):
    model = LANGUAGE_MODELS[kind]().to(GPU).eval()
    generators = [torch.Generator(device).manual_seed(5) for _ in range(2)]
    options = {"temperature": 0.8, "top_p": 0.9}
    slow = sampling.generate(model, [1], 20, generator=generators[0], **options)
    assert FastWriter(model).write([1], 20, generator=generators[1], **options) == slow
    assert generators[0].get_state().tolist() == generators[1].get_state().tolist()


@pytest.mark.parametrize("device", ["cpu", GPU])
def test_draw_takes_a_generator_of_either_device(device):
    logits = torch.zeros(3, 4, device=GPU)
    drawn = sampling.draw(logits, torch.Generator(device).manual_seed(0), top_k=2)
    assert places(drawn) == {"gpu"}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_the_classifier_reads_packed_names(kind, bidirectional):
    torch.manual_seed(0)
    config = SequenceClassifierConfig(V, 3, kind=kind, embed_dim=4, hidden_size=5)
    config = replace(config, bidirectional=bidirectional, dropout=0.1, input_dropout=0.1)
    model = models.SequenceClassifier(config)
    batch = batching.pad([[0, 1, 2], [3], [4, 5]])
    on_cpu = model.eval()(*batch)
    model.to(GPU)
    moved = batch.to(GPU)
    assert (places(moved.tokens), places(moved.lengths)) == ({"gpu"}, {"cpu"})
    torch.testing.assert_close(model(*moved).cpu(), on_cpu)
    for rows in (torch.tensor([2, 0]), torch.tensor([2, 0], device=GPU)):
        assert places(model(*moved.take(rows))) == {"gpu"}
        assert places(batch.take(rows)) == {"cpu"}
    F.cross_entropy(model.train()(*moved), torch.tensor([0, 1, 2], device=GPU)).backward()
    assert is_all_there(model)


def test_the_classifier_refuses_lengths_on_the_gpu_in_words():
    model = models.SequenceClassifier(SequenceClassifierConfig(V, 3, embed_dim=4, hidden_size=5))
    model.to(GPU)
    tokens, lengths = batching.pad([[0, 1], [3]]).to(GPU)
    with pytest.raises((TypeError, ValueError), match="lengths .*CPU"):
        model(tokens, lengths.to(GPU))


@pytest.mark.parametrize("tanh", [False, True])
def test_the_lecture_s_network_reads_letter_by_letter(tanh):
    model = models.LectureRNN(4, 5, 3, tanh=tanh).to(GPU)
    hidden = torch.zeros(1, 5, device=GPU)
    for letter in torch.eye(4, device=GPU):
        output, hidden = model(letter[None], hidden)
    F.nll_loss(output, torch.tensor([1], device=GPU)).backward()
    assert places((output, hidden)) == {"gpu"}
    assert is_all_there(model)


def test_the_crowd_learns_with_its_hand_written_gradient():
    crowd = models.RNNCrowd(V, 3, seeds=[0, 1], hidden_size=4)
    crowd.truncate[1] = 2
    crowd.use_relu[0] = True
    x, targets = TOKENS[:12].view(2, 6), torch.tensor([0, 2])
    gradients = []
    for device in ("cpu", GPU):
        crowd.to(device).zero_grad()
        logits = crowd(x.to(device))  # (2 networks, 2 words, 3 languages)
        F.cross_entropy(logits.flatten(0, 1), targets.to(device).repeat(2)).backward()
        gradients.append([p.grad.clone().cpu() for p in crowd.parameters()])
    assert is_all_there(crowd)
    for a, b in zip(*gradients, strict=True):
        torch.testing.assert_close(a, b)


def test_a_minimal_gru_layer_learns():
    layer = models.MinGRU(3, 4).to(GPU)
    output, state = layer(torch.ones(2, 7, 3, device=GPU))
    output, state = layer(torch.ones(2, 1, 3, device=GPU), models.detach_state(state))
    output.sum().backward()
    assert places((output, state)) == {"gpu"}
    assert is_all_there(layer)
