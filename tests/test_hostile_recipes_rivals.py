"""Bad input to the rivals of lesson 09, and to the recipe of the names' checkpoint."""

import math

import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from name_samples import SMALL, made_up_names

from course_utils.corpora import NameCorpus
from course_utils.models import GPT, CharLM, CharLMConfig, GPTConfig
from course_utils.recipes import rivals, rivals_costs, rivals_reading, rivals_recipes, train_names
from course_utils.recipes.names import NamesRecipe
from course_utils.recipes.rivals import RivalRecipe
from course_utils.recipes.scores import Scores

V = 7
GRU = CharLM(CharLMConfig(V, kind="gru", embed_dim=3, hidden_size=4))
SMALL_GPT = GPT(GPTConfig(V, n_layers=1, n_heads=2, width=8, context=8)).eval()
NUMBERS = torch.arange(2500) * 3 % V
RECIPE = RivalRecipe(0.01, batch_size=2, chunk_len=8)
CORPUS = NameCorpus(made_up_names((20, 12, 10)), True, "made up")
SCORES = Scores(0.5, 0.5, 0.5, 0.5, 9)
FACTS = train_names.facts_of(CORPUS, SMALL, SCORES)


def right_size(answer, given):
    assert rivals.count_parameters(answer) <= 1.25 * given["n_params"]


def right_bytes(answer, given):
    assert answer > 0


def right_times(answer, given):
    n_lengths = [len(times) for times in answer.values()]
    assert len({*n_lengths}) == 1
    assert all(0 < t < math.inf for times in answer.values() for t in times)


def right_windows(answer, given):
    length = int(given["length"])
    assert answer.shape[1] == length + 1
    if "starts" in given:
        assert (answer[:, 0] == given["numbers"][given["starts"]]).all()


def right_loss(answer, given):
    answer = answer.detach() if isinstance(answer, torch.Tensor) else answer
    assert 0 < float(answer) < math.inf


def right_rate(answer, given):
    assert 0 <= answer <= given["recipe"].learning_rate


def right_recipe(answer, given):
    assert type(answer)(**vars(answer)) == answer


def right_run(answer, given):
    assert len(answer.curve) == given["n_points"]
    assert 0 < answer.val_bits_per_char < math.inf


def run(**given):
    return rivals.train_rival(GRU, **given)


GOODS = [
    Good(
        rivals.build_rival,
        lambda: {"kind": "mingru", "vocab_size": 7, "n_params": 3000, "seed": 0},
        right_size,
    ),
    Good(
        rivals.build_rivals,
        lambda: {"vocab_size": 7, "n_params": 3000, "seed": 0},
        lambda answer, given: [right_size(model, given) for model in answer.values()],
        cases=0.4,
    ),
    Good(RivalRecipe, lambda: vars(RivalRecipe(0.1)), right_recipe),
    Good(rivals.count_parameters, lambda: {"model": GRU}, right_bytes),
    Good(rivals.kind_of, lambda: {"model": GRU}),
    Good(rivals_recipes.rate_at, lambda: {"share": 0.3, "recipe": RECIPE}, right_rate),
    Good(rivals_recipes.adamw, lambda: {"model": GRU, "recipe": RECIPE}),
    Good(
        rivals.saved_bytes,
        lambda: {"model": GRU, "tokens": NUMBERS[:12].view(2, 6)},
        right_bytes,
    ),
    Good(rivals.state_bytes, lambda: {"model": SMALL_GPT}, right_bytes),
    Good(
        rivals_costs.SelfAttention,
        lambda: {"width": 8, "n_heads": 4},
    ),
    Good(
        lambda x: rivals_costs.SelfAttention(8)(x)[0],
        lambda: {"x": torch.randn(2, 3, 8)},
        label="SelfAttention.forward",
    ),
    Good(
        rivals.time_lengths,
        lambda: {"lengths": [2, 3], "batch_size": 2, "units": 4, "rounds": 1},
        right_times,
        long=("rounds",),
        cases=0.2,
    ),
    Good(
        rivals_reading.windows_at,
        lambda: {"numbers": NUMBERS, "starts": torch.tensor([0, 5]), "length": 3},
        right_windows,
        names={"numbers": ("starts",)},
    ),
    Good(
        rivals_reading.random_windows,
        lambda: {"numbers": NUMBERS, "n_windows": 2, "length": 5, "generator": None},
        right_windows,
    ),
    Good(
        rivals_reading.window_loss,
        lambda: {"model": SMALL_GPT, "numbers": NUMBERS[:30], "stride": 4},
        right_loss,
    ),
    Good(
        lambda **given: rivals_reading.reader(**given)(0),
        lambda: {"model": GRU, "numbers": NUMBERS, "recipe": RECIPE},
        right_loss,
        names={"numbers": ("text", "tokens", "targets")},
        label="reader",
    ),
    Good(
        rivals.rival_loss,
        lambda: {"model": GRU, "held_out": NUMBERS[:40], "n_scored": 20},
        right_loss,
        long=("n_scored",),
    ),
    Good(
        run,
        lambda: {"numbers": NUMBERS, "n_steps": 2, "held_out": NUMBERS[:40], "recipe": RECIPE}
        | {"characters_per_token": 1.0, "n_points": 1, "n_scored": 20},
        right_run,
        names={"numbers": ("text", "tokens", "targets", "numbers")},
        long=("n_steps", "n_scored", "n_points"),
        label="train_rival",
        cases=0.2,
    ),
    Good(rivals.train_rival, lambda: {"model": GRU, "numbers": NUMBERS, "n_steps": 1},
         skip={"numbers": "tried above", "n_steps": "tried above"}, label="train_rival of"),
    Good(
        train_names.train_guesser,
        lambda: {"corpus": CORPUS, "recipe": NamesRecipe(**{**vars(SMALL), "n_steps": 2})}
        | {"progress": False},
        cases=0.2,
    ),
    Good(train_names.facts_of, lambda: {"corpus": CORPUS, "recipe": SMALL, "scores": SCORES}),
    Good(train_names.differences, lambda: {"shipped_facts": dict(FACTS), "facts": dict(FACTS)}),
]  # fmt: skip


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


@pytest.mark.parametrize(
    ("module", "exempt"),
    [
        ("rivals", {"RivalRun": "a plain record that train_rival returns"}),
        ("rivals_costs", {}),
        ("rivals_reading", {"check_scored": "called by rival_loss and train_rival, tried there"}),
        ("rivals_recipes", {}),
        ("rivals_training", {"RivalRun": "a plain record that train_rival returns"}),
        ("train_names", {"Trained": "a plain record that train_guesser returns",
                         "main": "a command line, tried in test_hostile_train"}),
    ],
)  # fmt: skip
def test_every_public_name_is_tried(module, exempt):
    assert_all_tried(f"course_utils.recipes.{module}", GOODS, exempt)
