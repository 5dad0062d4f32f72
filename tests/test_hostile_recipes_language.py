"""Bad input to the recipes of language models: a model, a plan or a text, or a named argument."""

import math

import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_values import plain_values, wrong_functions
from language_samples import play, small_model
from test_hostile_recipes_files import WRITERS
from torch import nn

from course_utils.recipes import budgets
from course_utils.recipes.budgets import Size
from course_utils.recipes.language import (
    LanguageRecipe,
    build_language_model,
    count_parameters,
    equal_width,
    model_config,
    open_forget_gates,
)
from course_utils.recipes.language_facts import name_of, summary, unlike
from course_utils.recipes.language_reports import announce, reporter, say
from course_utils.recipes.learning import (
    border,
    score,
    train_language,
    train_options,
    training_streams,
)
from course_utils.recipes.writing import Writer
from course_utils.text import Vocabulary
from course_utils.training import Keeper

TINY = LanguageRecipe(
    kind="gru", hidden_size=4, embed_dim=3, n_streams=2, chunk_len=8, n_steps=2, dropout=0.0
)
TEXT = play(3000)
LETTERS = Vocabulary(tuple("abc de\n"))
WRITER = Writer(small_model().eval(), LETTERS, {})
SIZES = (Size(3000, 8, 0.1), Size(0, 4, 0.0))
FUNCTIONS = wrong_functions(lambda _: None, lambda _: "a", lambda _: math.nan)


def rng():
    return torch.Generator().manual_seed(0)


def small_words():
    return build_language_model(len(TEXT.symbols), TINY).eval()


def right_plain(answer, given):
    assert type(answer)(**vars(answer)) == answer


def right_plan(answer, given):
    assert answer.n_steps >= 1
    assert answer.max_seconds == float(given["seconds"])


def right_count(answer, given):
    assert answer == sum(weight.numel() for weight in given["model"].parameters())


def right_width(answer, given):
    assert answer >= 1


def right_text(answer, given):
    assert {*answer} <= {*LETTERS.tokens}
    assert len(answer) == int(given["length"])


def right_prompt(answer, given):
    assert "".join(LETTERS.decode(answer)) == given["prompt"]


def right_loss(answer, given):
    assert math.isfinite(answer)


def right_streams(answer, given):
    assert answer.chunks_per_pass >= 1


def right_model(answer, given):
    assert answer.config.vocab_size == int(given["vocab_size"])


NETWORK = {"prompt": ("network",)}  # "the network has never seen ..."
FACTS = {
    "data": {"source": "a play"},
    "scores": {"val_nats": 1.0, "bits_per_char": 1.44, "params": 9, "n_steps": 2, "seconds": 1.0}
    | {"chars_per_s": 100.0, "processes": 1, "precision": "float32"},
}
BUILDING = [
    Good(LanguageRecipe, lambda: vars(LanguageRecipe()), right_plain, long=("n_steps",)),
    Good(Size, lambda: vars(Size(3000, 8, 0.1)), right_plain, long=("n_symbols",)),
    Good(build_language_model, lambda: {"vocab_size": 7, "recipe": TINY}, right_model),
    Good(model_config, lambda: {"vocab_size": 7, "recipe": TINY}),
    Good(open_forget_gates, lambda: {"layers": nn.LSTM(2, 3), "bias": 1.0}),
    Good(count_parameters, lambda: {"model": small_model()}, right_count),
    Good(
        equal_width,
        lambda: {"kind": "gru", "n_parameters": 900, "vocab_size": 7, "recipe": TINY},
        right_width,
    ),
    Good(
        budgets.recipe_for,
        lambda: {"seconds": 2.0, "vocab_size": 7, "recipe": TINY, "sizes": SIZES},
        right_plan,
        cases=0.3,
    ),
    Good(
        budgets.choose_size,
        lambda: {"seconds": 2.0, "speed_of": lambda size: 99.0, "sizes": SIZES},
        values={"speed_of": FUNCTIONS},
    ),
    Good(
        budgets.steps_within,
        lambda: {"seconds": 2.0, "recipe": TINY, "speed": 99.0},
        right_plan,
    ),
    Good(
        lambda recipe, vocab_size, dtype: budgets.characters_per_second(
            recipe, vocab_size, dtype=dtype
        ),
        lambda: {"recipe": TINY, "vocab_size": 7, "dtype": torch.float32},
        label="characters_per_second",
        cases=0.3,
    ),
    Good(
        budgets.as_large,
        lambda: {"lstm": LanguageRecipe(hidden_size=8), "kind": "gru", "vocab_size": 7},
    ),
]
LEARNING = [
    Good(border, lambda: {"text": TEXT}, names={"text": ("LongText",)}),
    Good(training_streams, lambda: {"text": TEXT, "recipe": TINY}, right_streams),
    Good(train_options, lambda: {"recipe": TINY}),
    Good(score, lambda: {"model": small_words(), "text": TEXT, "quick": True}, right_loss),
    Good(
        train_language,
        lambda: (
            {"text": TEXT, "recipe": TINY, "dtype": torch.float32, "quick": True}
            | {"progress": False, "on_score": None, "keeper": None}
        ),
        values={"on_score": plain_values().filter(lambda value: not callable(value))},
        cases=0.15,
    ),
]
WRITING = [
    Good(Writer, lambda: {"model": WRITER.model, "vocabulary": LETTERS, "facts": {}}),
    Good(WRITER.encode, lambda: {"prompt": "abc"}, right_prompt, NETWORK, label="Writer.encode"),
    Good(
        lambda prompt, length, **options: WRITER.write(prompt, length, generator=rng(), **options),
        lambda: {"prompt": "a", "length": 5, "temperature": 0.5, "top_k": 3, "top_p": 0.9},
        right_text,
        NETWORK,
        long=("length",),
        label="Writer.write",
    ),
    Good(
        lambda prompt, generator: WRITER.letters(prompt, generator=generator),
        lambda: {"prompt": "a", "generator": rng()},
        names=NETWORK,
        label="Writer.letters",
    ),
]
REPORTING = [
    Good(say, lambda: {"line": "written"}),
    Good(announce, lambda: {"keeper": Keeper("nowhere", every=1, config={})}),
    Good(reporter, lambda: {"text": TEXT, "length": 3, "seed": 0}, long=("length",)),
    Good(name_of, lambda: {"dtype": torch.float32}),
    Good(unlike, lambda: {"old": {"a": 1}, "new": {"a": 2}, "besides": ["b"]}),
    Good(summary, lambda: {"facts": FACTS}),
]
GOODS = [*BUILDING, *LEARNING, *WRITING, *REPORTING]


@each(GOODS)
def test_bad_arguments(good, record_property, monkeypatch):
    monkeypatch.setattr(budgets, "pick_precision", lambda device, kind: torch.float32)
    record_property("cases", try_all(good))


@pytest.mark.parametrize(
    ("module", "exempt"),
    [
        ("budgets", {}),
        ("language", {}),
        ("learning", {"LanguageRun": "a plain record that train_language returns"}),
        ("writing", {}),
        ("language_reports", {}),
        (
            "language_facts",
            {
                "Recorded": "a plain record that recorded returns",
                "recorded": "reads a checkpoint: its path is tried in test_hostile_training_files",
                "facts_of": "called by the command alone, with what train_language returns",
            },
        ),
    ],
)
def test_every_public_name_is_tried(module, exempt):
    assert_all_tried(f"course_utils.recipes.{module}", [*GOODS, *WRITERS], exempt)
