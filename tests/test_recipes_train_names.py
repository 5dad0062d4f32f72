"""The command that makes the shipped checkpoint: it writes, compares, and can be stopped."""

import hashlib
import json
from dataclasses import asdict, replace

import pytest
import torch
from name_samples import LANGUAGES, SHARES, SMALL, made_up_names, small_guesser

from course_utils.corpora import NameCorpus
from course_utils.recipes import train_names as command
from course_utils.recipes.guessing import NameGuesser
from course_utils.recipes.names import NamesRecipe, prepare_names, split_by_name
from course_utils.recipes.scores import Scores, evaluate

REAL = NameCorpus(made_up_names((121, 57, 22)), is_standin=False, source="made-up names")
DATA = prepare_names(REAL.names)


class Fixed(NameGuesser):
    """A guesser with the same scores for every name of one length."""

    def logits(self, names):
        scores = {3: [5.0, 0, 0], 4: [0, 5.0, 0], 5: [1.0, 0.9, 0.8]}
        return torch.tensor([scores[len(name)] for name in names])


def test_scores_by_hand():
    # Length 5 says little: the prior makes it North, equal chances make it West.
    names = {
        "North": ["abc"] * 2 + ["abcde"] * 4 + ["abcd"],
        "South": ["nop", "nopq", "nopqr"],
        "West": ["uvwxy"],
    }
    drawn = torch.tensor([0.5, 0.3, 0.2])
    guesser = Fixed(small_guesser().network, LANGUAGES, drawn, SHARES)
    rows = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    scores = evaluate(guesser, prepare_names(names), rows)
    assert scores == Scores(
        plain=pytest.approx(7 / 11),
        macro=pytest.approx((2 / 7 + 1 / 3 + 1) / 3),
        plain_uniform=pytest.approx(4 / 11),
        macro_prior=pytest.approx((6 / 7 + 1 / 3 + 0) / 3),
        n_names=11,
    )
    # Without rows of West, a guess of West is wrong, and West is not averaged over.
    fewer = evaluate(guesser, prepare_names(names), rows[:10])
    assert fewer.macro == pytest.approx((2 / 7 + 1 / 3) / 2)
    assert evaluate(guesser, prepare_names(names), torch.tensor([10, 7, 2, 2])).plain == 0.5


def test_names_that_cannot_be_scored():
    others = prepare_names({"South": ["abc"], "North": ["abc"], "West": ["abc"]})
    with pytest.raises(ValueError, match="the data has the languages .*, and the guesser"):
        evaluate(small_guesser(), others, torch.tensor([0]))
    with pytest.raises(ValueError, match="rows is empty"):
        evaluate(small_guesser(), DATA, torch.tensor([], dtype=torch.int64))


@pytest.fixture
def quick(monkeypatch):
    """Let the command train a small network on the made-up names; return how it is set up."""
    setup = {"recipe": SMALL, "corpus": REAL, "asked": [], "trained": []}

    def load(*, fallback):
        setup["asked"].append(fallback)
        return setup["corpus"]

    def train(*args, **options):
        setup["trained"].append(args)
        return real_train(*args, **options)

    real_train = command.train_names
    monkeypatch.setattr(command, "load_names", load)
    monkeypatch.setattr(command, "train_names", train)
    monkeypatch.setattr(command, "NamesRecipe", lambda seed: replace(setup["recipe"], seed=seed))
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    return setup


@pytest.fixture
def out(tmp_path):
    """Return the argument for a checkpoint in an empty folder."""
    return ["--out", str(tmp_path / "new" / "names")]


def record(out):
    with open(out[1] + ".json", encoding="utf-8") as file:
        return json.load(file)


def test_it_writes_a_checkpoint_that_says_how_it_was_made(quick, out, capsys):
    assert command.main([*out, "--seed", "3"]) == 0
    assert quick["asked"] == [False]
    facts = record(out)["extra"]
    assert NamesRecipe(**facts["recipe"]) == replace(SMALL, seed=3)
    assert facts["command"] == "python -m course_utils.recipes.train_names --seed 3"
    assert facts["split"] == {"function": "split_by_name", "seed": 0}
    content = "".join(f"{x}\t{name}\n" for x, names in REAL.names.items() for name in names)
    wanted = hashlib.sha256(content.encode()).hexdigest()
    assert facts["data"] == {"source": "made-up names", "names": 200, "sha256": wanted}
    guesser, split = NameGuesser.load(out[1]), split_by_name(DATA)
    assert asdict(evaluate(guesser, DATA, split.test)) == pytest.approx(facts["scores"])
    assert torch.equal(guesser.prior, DATA.prior(split.train))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    for part in ("made-up names", f"{facts['scores']['plain']:.3f}", "held-out", "safetensors"):
        assert part in lines[0]


def test_only_the_training_part_is_trained_on(quick, out):
    command.main(out)
    (_, _, rows, _), split = quick["trained"][0], split_by_name(DATA)
    assert torch.equal(rows, split.train)
    held_out = {DATA.names[row] for row in split.test.tolist()}
    assert not held_out & {DATA.names[row] for row in rows.tolist()}


@pytest.mark.parametrize("balance", [0.0, 0.5])
def test_what_was_drawn_is_saved(quick, out, balance):
    quick["recipe"] = replace(SMALL, balance=balance)
    command.main(out)
    prior = DATA.prior(split_by_name(DATA).train)
    wanted = prior ** (1 - balance) / (prior ** (1 - balance)).sum()
    assert record(out)["extra"]["drawn"] == pytest.approx(wanted.tolist())


def test_the_same_command_writes_the_same_bytes(quick, tmp_path):
    for name in ("one", "two"):
        command.main(["--out", str(tmp_path / name)])
    for ending in (".json", ".safetensors"):
        one, two = ((tmp_path / name).with_suffix(ending) for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_repeated_training_passes_the_check(quick, out, capsys):
    command.main(out)
    before = record(out)
    assert command.main([*out, "--check"]) == 0
    assert "repeats" in capsys.readouterr().out
    assert record(out) == before


def test_a_training_that_comes_out_otherwise_fails_the_check(quick, out, capsys):
    command.main(out)
    quick["recipe"] = replace(SMALL, n_steps=1)
    assert command.main([*out, "--check"]) == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert "NOT the checkpoint: its recipe has n_steps=60, not 1; its plain accuracy is" in said
    assert "its macro accuracy is" in said
    quick["recipe"] = SMALL
    quick["corpus"] = replace(REAL, names=made_up_names())
    assert command.main([*out, "--check"]) == 1
    assert "it was made from other names: made-up names" in capsys.readouterr().out


def facts(plain=0.8, macro=0.6, seed=0):
    scores = Scores(plain, macro, 0.7, 0.5, 100)
    return command.facts_of(REAL, replace(SMALL, seed=seed), scores)


def test_one_point_is_close_enough():
    assert command.differences(facts(), facts(seed=5)) == []
    assert command.differences(facts(), facts(plain=0.81, macro=0.59)) == []
    for name, value in (("plain", 0.811), ("plain", 0.789), ("macro", 0.611), ("macro", 0.58)):
        found = command.differences(facts(), facts(**{name: value}))
        assert [line.split(" accuracy")[0] for line in found] == [f"its {name}"]


def test_a_checkpoint_that_is_not_there_is_not_trained_for(quick, out, capsys):
    assert command.main([*out, "--check"]) == 1
    assert "there is no checkpoint" in capsys.readouterr().err
    small_guesser().save(out[1])
    assert command.main([*out, "--check"]) == 1
    assert "does not say how it was made: data, recipe, scores" in capsys.readouterr().err
    small_guesser().save(out[1], facts())
    content = record(out)
    content["extra"]["languages"] = ["North"]
    with open(out[1] + ".json", "w", encoding="utf-8") as file:
        json.dump(content, file)
    assert command.main([*out, "--check"]) == 1
    assert "languages must hold 3 different names" in capsys.readouterr().err
    assert quick["trained"] == []


@pytest.mark.parametrize("check", [[], ["--check"]])
def test_an_interrupt_keeps_the_old_checkpoint(quick, out, capsys, monkeypatch, check):
    command.main(out)
    before = record(out)
    capsys.readouterr()

    def stopped(*args, **options):
        history = quick_train(*args, **options)
        history.interrupted = True
        return history

    quick_train = command.train_names
    monkeypatch.setattr(command, "train_names", stopped)
    assert command.main([*out, "--seed", "1", *check]) == 130
    assert capsys.readouterr() == ("", "Stopped. A checkpoint that was there before is still "
                                       "whole.\n")  # fmt: skip
    assert record(out) == before
    NameGuesser.load(out[1])


@pytest.mark.offline
def test_the_stand_in_is_used_only_when_asked_for(monkeypatch, tmp_path, out, capsys):
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(command, "NamesRecipe", lambda seed: replace(SMALL, n_steps=3, seed=seed))
    assert command.main(out) == 1
    assert "COURSE_OFFLINE" in capsys.readouterr().err
    assert command.main([*out, "--stand-in"]) == 0
    assert "stand-in: surname lists" in capsys.readouterr().out
    assert "stand-in" in record(out)["extra"]["data"]["source"]
    assert len(NameGuesser.load(out[1]).languages) == 18


@pytest.mark.parametrize("arguments", [["--stand-in"], ["--seed", "x"], ["--nonsense"]])
def test_wrong_arguments(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert "error:" in capsys.readouterr().err
