"""A writer keeps its letters with its network, and says what it cannot read."""

from itertools import islice

import pytest
import torch
from conftest import ROOT
from step_samples import assert_same, weights

from course_utils.models import CharLM, CharLMConfig
from course_utils.recipes import writing as module
from course_utils.recipes.writing import Writer
from course_utils.text import Vocabulary
from course_utils.training import CheckpointError, save_checkpoint

LETTERS = "\n !,:aeht한"
FACTS = {"command": "python -m course_utils.train", "val_nats": 1.5, "recipe": {"seed": 0}}


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def make(kind="lstm", letters=LETTERS, **options):
    """Return a writer whose network has weights that matter."""
    torch.manual_seed(1)
    options = {"embed_dim": 4, "hidden_size": 8, "layer_norm": True, "dropout": 0.5} | options
    model = CharLM(CharLMConfig(len(letters), kind=kind, **options))
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
    return Writer(model.eval(), Vocabulary(tuple(letters)), FACTS)


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_it_writes_the_same_after_saving_and_loading(tmp_path, kind):
    ours = make(kind)
    path = ours.save(tmp_path / "models" / kind)
    assert path == tmp_path / "models" / f"{kind}.safetensors"
    for name in (path, path.with_suffix(""), str(path)):
        again = Writer.load(name)
        assert again.model.config == ours.model.config
        assert again.vocabulary == ours.vocabulary
        assert again.facts == FACTS
        assert not again.model.training
        assert_same(weights(again.model), weights(ours.model))
        for options in ({}, {"temperature": 0.5, "top_k": 4}, {"top_p": 0.8}):
            texts = [w.write("the ", 60, generator=rng(3), **options) for w in (ours, again)]
            assert texts[0] == texts[1]
            assert len(texts[0]) == 60
            assert set(texts[0]) <= set(LETTERS)
    assert texts[0] != ours.write("the ", 60, generator=rng(4), top_p=0.8)


def test_the_prompt_decides_what_follows():
    ours = make()
    texts = {prompt: ours.write(prompt, 40, generator=rng()) for prompt in ("a", "ha", "한", "\n")}
    assert len(set(texts.values())) == 4
    assert ours.write("a", 0, generator=rng()) == ""
    assert ours.write("a", 9, generator=None, temperature=0) == ours.write(
        "a", 9, generator=None, temperature=0
    )


@pytest.mark.parametrize("options", [{}, {"temperature": 0.7, "top_k": 3, "top_p": 0.9}])
def test_letter_by_letter_is_the_same_text(options):
    ours = make("gru")
    slowly = ours.letters("hat", generator=rng(5), **options)
    assert "".join(islice(slowly, 50)) == ours.write("hat", 50, generator=rng(5), **options)
    assert len(next(slowly)) == 1  # there is no end


def test_the_network_decides_the_letters():
    """Read the text letter by letter, and take the most likely next one each time."""
    ours, text = make(), "the"
    for letter in ours.write("the", 12, generator=None, temperature=0):
        with torch.no_grad():
            logits, _ = ours.model(torch.tensor([ours.encode(text)]))
        assert letter == ours.vocabulary.tokens[int(logits[0, -1].argmax())]
        text += letter


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("", "the prompt is empty: type at least one letter"),
        ("heat 7", "has never seen '7'"),
        ("the 😀", "has never seen '😀'"),
        ("글a한", "has never seen '글'"),
        ("haxzx", "has never seen 'x', 'z'"),
        ("h\te", r"has never seen '\t'"),
    ],
)
def test_prompts_that_it_cannot_read(prompt, told):
    ours = make()
    for call in (
        lambda: ours.encode(prompt),
        lambda: ours.write(prompt, 5, generator=rng()),
        lambda: ours.letters(prompt, generator=rng()),  # at the call, not at the first letter
    ):
        with pytest.raises(ValueError, match="prompt|network") as caught:
            call()
        assert told in str(caught.value)
        assert not prompt or str(caught.value).endswith("!,:aeht한")


@pytest.mark.parametrize("prompt", [None, 7, b"the", ["t", "h"], torch.tensor([1])])
def test_a_prompt_must_be_text(prompt):
    for call in (make().encode, lambda it: make().letters(it, generator=rng())):
        with pytest.raises(TypeError, match=f"must be a text, got {type(prompt).__name__}"):
            call(prompt)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"generator": None}, "generator"),
        ({"generator": rng(), "temperature": -1.0}, "temperature"),
        ({"generator": rng(), "top_k": 0}, "top_k"),
        ({"generator": rng(), "top_p": 1.5}, "top_p"),
    ],
)
def test_options_are_checked_at_the_call(options, message):
    with pytest.raises(ValueError, match=message):
        make().write("the", 5, **options)
    with pytest.raises(ValueError, match=message):
        make().letters("the", **options)


def test_a_negative_length():
    with pytest.raises(ValueError, match="length must be 0 or more symbols to write, got -1"):
        make().write("the", -1, generator=rng())


def test_a_checkpoint_of_another_kind_of_network():
    with pytest.raises(CheckpointError, match="names is not a checkpoint of a language model"):
        Writer.load(ROOT / "data" / "checkpoints" / "names")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 9}, "does not fit the model"),
        ({"kind": "gru"}, "does not fit the model"),
        ({"kind": "elman"}, "is not a checkpoint of a language model .*kind must be one of"),
        ({"hidden_size": "8"}, "is not a checkpoint of a language model"),
        ({"dropout": "none"}, "is not a checkpoint of a language model"),
        ({"colour": "red"}, "is not a checkpoint of a language model"),
        ({"vocab_size": 9}, "has 10 symbols for a network of 9: train it again"),
    ],
)
def test_a_configuration_that_does_not_fit(tmp_path, change, message):
    ours = make()
    config = ours.model.config.__dict__ | change
    save_checkpoint(tmp_path / "x", ours.model, config=config, vocabulary=tuple(LETTERS))
    with pytest.raises(CheckpointError, match=message):
        Writer.load(tmp_path / "x")


def test_a_missing_and_a_damaged_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        Writer.load(tmp_path / "x")
    path = make().save(tmp_path / "x")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match="its checksum differs"):
        Writer.load(path)


def test_the_three_names_are_those_of_the_shipped_networks(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "shipped", lambda *parts: tmp_path.joinpath("data", *parts))
    for kind in module.KINDS:
        make(kind).save(tmp_path / "data" / "checkpoints" / kind)
    make("gru").save(tmp_path / "lstm")
    assert [Writer.load(kind).model.config.kind for kind in module.KINDS] == ["rnn", "gru", "lstm"]
    assert Writer.load(tmp_path / "lstm").model.config.kind == "gru"
    monkeypatch.chdir(tmp_path)
    assert Writer.load("./lstm").model.config.kind == "gru"
