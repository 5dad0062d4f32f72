"""A guesser answers for one name and for many alike, and comes back from its checkpoint."""

import json

import pytest
import torch
from name_samples import LANGUAGES, SHARES, small_guesser

from course_utils.models import CharLM, CharLMConfig
from course_utils.recipes.guessing import NameGuesser
from course_utils.recipes.names import LETTERS
from course_utils.training import CheckpointError, save_checkpoint


def test_logits_are_those_of_the_network_in_evaluation_mode():
    guesser = small_guesser(dropout=0.9, input_dropout=0.9)
    guesser.network.train()
    names = ["Kim", "Šlusàrski", "x", "Kim"]
    logits = guesser.logits(names)
    assert guesser.network.training
    assert not logits.requires_grad
    guesser.network.eval()
    for name, row in zip(["kim", "slusarski", "x", "kim"], logits, strict=True):
        tokens = torch.tensor([LETTERS.encode(name)])
        alone = guesser.network(tokens, torch.tensor([len(name)]))[0]
        torch.testing.assert_close(row, alone, atol=1e-6, rtol=0)
    guesser.logits(names)
    assert not guesser.network.training


def test_many_names_are_read_in_parts():
    guesser, sizes = small_guesser(), []
    guesser.network.register_forward_pre_hook(lambda _, args: sizes.append(len(args[0])))
    logits = guesser.logits([*["Kim"] * 1500, "Jackson", *["Kim"] * 1000])
    assert logits.shape == (2501, 3)
    assert max(sizes) <= 1000
    unlike = (logits - logits[0]).abs().max(1).values > 1e-5
    assert unlike.nonzero().flatten().tolist() == [1500]


def test_names_that_no_logits_exist_for():
    guesser = small_guesser()
    with pytest.raises(TypeError, match=r"got one string: use \['Kim'\]"):
        guesser.logits("Kim")
    with pytest.raises(ValueError, match="names is empty"):
        guesser.logits([])
    with pytest.raises(ValueError, match="'😀' holds no letter"):
        guesser.logits(["Kim", "😀"])


@pytest.mark.parametrize("name", ["Sonesingdara", "O'Neill", "Šlusàrski", "x", "-a"])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_belief_after_each_letter_is_that_of_the_beginning(name, share):
    guesser = small_guesser()
    letters, beliefs = guesser.beliefs_by_letter(name, share=share)
    assert beliefs.shape == (len(letters), 3)
    torch.testing.assert_close(beliefs.sum(1), torch.ones(len(letters)))
    for n in range(1, len(letters) + 1):
        beginning = "".join(letters[:n])
        if beginning == "-":
            continue
        chances = dict(guesser.predict(beginning, share=share))
        assert beliefs[n - 1].tolist() == pytest.approx([chances[x] for x in LANGUAGES], abs=1e-6)
    assert dict(guesser.predict(name, share=share)) == pytest.approx(chances, abs=1e-6)


def test_the_best_come_first():
    guesser = small_guesser()
    for name in ("Kim", "Jackson", "Satoshi", "q", "z"):
        pairs = guesser.predict(name)
        assert {language for language, _ in pairs} == {*LANGUAGES}
        chances = [chance for _, chance in pairs]
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) == pytest.approx(1)
        assert all(isinstance(chance, float) for chance in chances)
        assert guesser.predict(name, 1) == pairs[:1]
        assert guesser.predict(name, 99) == pairs
    guesser = small_guesser(balance=1.0)
    best = {guesser.predict(name, 1, share=0.0)[0][0] for name in ("Kim", "Jackson", "Satoshi")}
    assert len(best) > 1


@pytest.mark.parametrize("k", [0, -1, 1.5])
def test_a_number_of_guesses_that_is_none(k):
    with pytest.raises(
        (TypeError, ValueError), match=f"k must be a whole number of at least 1, got {k}"
    ):
        small_guesser().predict("Kim", k)


def test_a_guesser_comes_back(tmp_path):
    guesser = small_guesser(kind="gru", bidirectional=False, dropout=0.5)
    path = guesser.save(tmp_path / "names", {"note": [1, "é"]})
    assert path == tmp_path / "names.safetensors"
    before = torch.get_rng_state()
    back = NameGuesser.load(tmp_path / "names")
    assert torch.equal(torch.get_rng_state(), before)
    assert back.languages == guesser.languages
    assert torch.equal(back.drawn, guesser.drawn)
    assert torch.equal(back.prior, guesser.prior)
    assert back.network.config == guesser.network.config
    assert not back.network.training
    assert torch.equal(back.logits(["Kim", "Jackson"]), guesser.logits(["Kim", "Jackson"]))
    assert json.loads((tmp_path / "names.json").read_text())["extra"]["note"] == [1, "é"]


def test_the_default_is_the_checkpoint_of_the_course(monkeypatch, tmp_path):
    monkeypatch.setattr("course_utils.recipes.guessing.shipped", lambda: tmp_path)
    with pytest.raises(CheckpointError, match="there is no checkpoint .*names"):
        NameGuesser.load()
    small_guesser(seed=3).save(tmp_path / "checkpoints" / "names")
    assert NameGuesser.load().predict("Kim") == small_guesser(seed=3).predict("Kim")


def test_extra_facts_must_not_hide_the_guessers_own(tmp_path):
    with pytest.raises(ValueError, match=r"extra holds \['prior'\], which the guesser itself"):
        small_guesser().save(tmp_path / "names", {"prior": [1.0], "note": 1})
    assert [*tmp_path.iterdir()] == []


def changed(path, **parts):
    """Change the record of a checkpoint; None removes a part of `extra`."""
    record = json.loads(path.read_text())
    for name, value in parts.items():
        where = record if name in record else record["extra"]
        where[name] = value
        if value is None:
            del where[name]
    path.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"languages": None}, "KeyError.*languages"),
        ({"languages": ["North", "South"]}, "languages must hold 3 different names"),
        ({"languages": ["North", "South", "North"]}, "languages must hold 3 different names"),
        ({"languages": ["North", "South", 7]}, "languages must hold 3 different names"),
        ({"drawn": [0.5, 0.5]}, r"drawn must be \(3,\)"),
        ({"prior": [0.5, 0.5, 0.5]}, "prior must hold shares above 0"),
        ({"prior": "often"}, "does not hold a network that guesses"),
        ({"config": {}}, "vocab_size"),
        ({"config": {"vocab_size": 32, "n_classes": 3, "kind": "gpt"}}, "kind must be one of"),
        ({"vocabulary": ["a", "b"]}, "the vocabulary in .* is not yours: it lacks"),
    ],
)
def test_a_record_that_makes_no_guesser(tmp_path, parts, problem):
    small_guesser().save(tmp_path / "names")
    changed(tmp_path / "names.json", **parts)
    with pytest.raises(CheckpointError, match=problem):
        NameGuesser.load(tmp_path / "names")


def test_weights_that_do_not_fit_are_named(tmp_path):
    small_guesser().save(tmp_path / "names")
    config = json.loads((tmp_path / "names.json").read_text())["config"]
    changed(tmp_path / "names.json", config=config | {"bidirectional": False})
    with pytest.raises(CheckpointError, match=r"decoder.weight is \(3, 10\) in the checkpoint"):
        NameGuesser.load(tmp_path / "names")


def test_another_models_checkpoint(tmp_path):
    model = CharLM(CharLMConfig(len(LETTERS)))
    config = vars(model.config)
    save_checkpoint(tmp_path / "lm", model, config=config, vocabulary=LETTERS.tokens)
    with pytest.raises(CheckpointError, match="does not hold a network that guesses languages"):
        NameGuesser.load(tmp_path / "lm")


def test_parts_that_do_not_fit_together():
    network = small_guesser().network
    with pytest.raises(ValueError, match="languages must hold 3 different names"):
        NameGuesser(network, ("North", "South"), SHARES, SHARES)
    with pytest.raises(ValueError, match=r"prior must be \(3,\)"):
        NameGuesser(network, LANGUAGES, SHARES, SHARES[:2])
