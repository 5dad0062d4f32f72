"""Bad input to the guesser of names: any text gets an answer, all else a named argument."""

import math

import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all
from hostile_values import SIGNS, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from name_samples import LANGUAGES, SHARES, SMALL, made_up_names, small_guesser
from test_hostile_recipes_files import GUESSERS

from course_utils.recipes.decisions import check_shares, drawn_shares, log_beliefs
from course_utils.recipes.guessing import NameGuesser
from course_utils.recipes.names import (
    LETTERS,
    MAX_LETTERS,
    NamesRecipe,
    build_network,
    check_rows,
    deal_batches,
    prepare_names,
    spell,
    split_by_line,
    split_by_name,
    train_names,
)
from course_utils.recipes.scores import evaluate
from course_utils.recipes.spelling import left_out, read_as

GUESSER = small_guesser()
DATA = prepare_names(made_up_names((40, 20, 10)))
ROWS = torch.arange(0, 70, 3)
TINY = NamesRecipe(**{**vars(SMALL), "n_steps": 2})
# Every sign that a keyboard, a mistake or a joke can put into a text box.
TYPED = TEXTS | st.lists(st.sampled_from([*SIGNS, "Kim", "김", "김ᄀ", "́" * 50]), max_size=9).map(
    "".join
)


def right_spelling(answer, given):
    assert 1 <= len(answer) <= MAX_LETTERS
    letters = "".join(LETTERS.decode(answer))
    assert spell(letters) == answer
    assert any("a" <= letter <= "z" for letter in letters)


def right_line(answer, given):
    assert answer.isprintable()
    assert "\n" not in answer


def right_left_out(answer, given):
    assert len({*answer}) == len(answer)
    assert not {*answer} & {*LETTERS.tokens}


def right_pairs(answer, given):
    chances = [chance for _, chance in answer]
    assert len(answer) == min(given["k"], len(LANGUAGES))
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)
    assert {language for language, _ in answer} <= {*LANGUAGES}


def right_letters(answer, given):
    letters, chances = answer
    assert chances.shape == (len(letters), 3)
    torch.testing.assert_close(chances.sum(1), torch.ones(len(letters)))


def right_logits(answer, given):
    assert answer.shape[1] == 3
    assert torch.isfinite(answer).all()


def right_beliefs(answer, given):
    assert answer.shape == given["logits"].shape
    sums = answer.exp().sum(-1)
    torch.testing.assert_close(sums, torch.ones_like(sums), atol=2e-3, rtol=0)


def right_shares(answer, given):
    assert float(answer.detach().sum()) == pytest.approx(1, abs=2e-3)
    assert (answer >= 0).all()


def right_data(answer, given):
    assert len(answer.names) == len(answer.labels) == len(answer.batch.lengths)
    assert answer.languages == tuple(given["names"])


def right_split(answer, given):
    assert sorted([*answer.train.tolist(), *answer.test.tolist()]) == [*range(len(DATA.names))]


def right_recipe(answer, given):
    assert type(answer)(**vars(answer)) == answer


def right_scores(answer, given):
    assert answer.n_names == len(given["rows"])
    assert all(0 <= share <= 1 for share in (answer.plain, answer.macro))


def right_run(answer, given):
    assert len(answer.losses) == given["recipe"].n_steps
    assert all(map(math.isfinite, answer.losses))


NAMED = {"names": ("name",)}
NAME = {"name": TYPED | st.sampled_from((None, 5, b"Kim", ["Kim"], object(), math.nan))}
GOODS = [
    Good(spell, lambda: {"name": "Šlusàrski"}, right_spelling),
    Good(spell, lambda: {"name": "Kim"}, right_spelling, values=NAME, label="spell typed"),
    Good(read_as, lambda: {"name": "Groß"}, right_line, values=NAME),
    Good(left_out, lambda: {"name": "Kim 김"}, right_left_out, values=NAME),
    Good(GUESSER.describe, lambda: {"name": "Kim", "k": 2, "share": 0.5}, right_line,
         label="NameGuesser.describe"),
    Good(GUESSER.describe, lambda: {"name": "Kim"}, right_line, values=NAME,
         label="NameGuesser.describe typed", cases=2),
    Good(GUESSER.predict, lambda: {"name": "Kim", "k": 2, "share": 0.5}, right_pairs,
         label="NameGuesser.predict"),
    Good(GUESSER.beliefs_by_letter, lambda: {"name": "Kim", "share": 0.5}, right_letters,
         label="NameGuesser.beliefs_by_letter"),
    Good(GUESSER.logits, lambda: {"names": ["Kim", "Li"]}, right_logits, NAMED,
         label="NameGuesser.logits"),
    Good(
        NameGuesser,
        lambda: {"network": GUESSER.network, "languages": LANGUAGES, "drawn": SHARES.clone()}
        | {"prior": SHARES.clone()},
    ),
    Good(
        log_beliefs,
        lambda: {"logits": torch.randn(2, 3), "drawn": SHARES.clone(), "prior": SHARES.clone()}
        | {"share": 0.5},
        right_beliefs,
        names={"logits": ("drawn", "prior")},
    ),
    Good(check_shares, lambda: {"name": "shares", "shares": SHARES.clone(), "n_classes": 3},
         skip={"name": "words for a message", "n_classes": "counted by the caller"}),
    Good(drawn_shares, lambda: {"prior": SHARES.clone(), "balance": 0.5}, right_shares),
    Good(NamesRecipe, lambda: vars(NamesRecipe()), right_recipe, long=("n_steps",)),
    Good(prepare_names, lambda: {"names": {"A": ["Kim", "Li"], "B": ["Mo"]}}, right_data, NAMED),
    Good(split_by_line, lambda: {"data": DATA, "seed": 0}, right_split, cases=0.4),
    Good(split_by_name, lambda: {"data": DATA, "seed": 0}, right_split, cases=0.4),
    Good(check_rows, lambda: {"rows": ROWS.clone(), "n_rows": 70},
         skip={"n_rows": "counted by the caller"}),
    Good(
        lambda **given: next(deal_batches(**given)),
        lambda: {"data": DATA, "rows": ROWS.clone(), "batch_size": 4, "balance": 0.5, "seed": 0},
        label="deal_batches",
    ),
    Good(build_network, lambda: {"data": DATA, "recipe": TINY}),
    Good(
        train_names,
        lambda: {"network": build_network(DATA, TINY), "data": DATA, "rows": ROWS.clone()}
        | {"recipe": TINY, "progress": False},
        right_run,
        cases=0.3,
    ),
    Good(evaluate, lambda: {"guesser": GUESSER, "data": DATA, "rows": ROWS.clone()}, right_scores,
         cases=0.4),
    Good(lambda rows: DATA.prior(rows), lambda: {"rows": ROWS.clone()}, right_shares,
         label="NameData.prior"),
]  # fmt: skip


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


@pytest.mark.parametrize(
    ("module", "exempt"),
    [
        ("names", {"Split": "a plain record of two tensors"}),
        ("names_data", {"Split": "a plain record of two tensors"}),
        ("guessing", {}),
        ("decisions", {}),
        ("spelling", {}),
        ("scores", {"Scores": "a plain record that evaluate returns"}),
    ],
)
def test_every_public_name_is_tried(module, exempt):
    assert_all_tried(f"course_utils.recipes.{module}", [*GOODS, *GUESSERS], exempt)


@settings(max_examples=40, deadline=None, database=None, derandomize=True)
@given(TYPED)
def test_the_text_box_answers_anything(typed):
    answer = GUESSER.describe(typed)
    right_line(answer, {})
    assert len(answer) < 400


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "'' holds no letter from a to z"),
        (" \n\t", "holds no letter from a to z"),
        ("😀", "'😀' holds no letter from a to z"),
        ("김", "'김' holds no letter from a to z"),
        ("a" * 10_000, f"a name may have up to {MAX_LETTERS} letters here, this one has 10000"),
        ("Kim\ud800", r"Kim\ud800, read as kim (left out: \ud800): "),
        ("K\u0301" + "\u0301" * 5000, "read as k"),
        ("\u202emiK", "miK: "),
    ],
)
def test_what_a_student_may_type(typed, answer):
    assert answer in GUESSER.describe(typed)
