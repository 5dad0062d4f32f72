"""From any text to letters, and from lists of names to splits that keep their promises."""

import math
from collections import Counter
from itertools import islice

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import example, given, settings
from name_samples import LANGUAGES, SMALL, made_up_names

from course_utils.recipes.names import (
    LETTERS,
    MAX_LETTERS,
    NamesRecipe,
    build_network,
    deal_batches,
    prepare_names,
    spell,
    split_by_line,
    split_by_name,
    train_names,
)

QUICK = settings(derandomize=True, database=None, max_examples=100, deadline=None)
SPLITS = pytest.mark.parametrize("split_by", [split_by_line, split_by_name])
DATA = prepare_names(made_up_names())


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Šlusàrski", "slusarski"),
        ("  O’Neill\n", "o'neill"),
        ("GROß", "gross"),
        ("van den Berg-Łoś", "van den berg-los"),
        ("Kim 김", "kim"),
        ("x" * MAX_LETTERS, "x" * MAX_LETTERS),
        (" " * 500 + "To the", "to the"),
    ],
)
def test_a_name_is_spelled_in_small_ascii_letters(name, letters):
    assert "".join(LETTERS.decode(spell(name))) == letters


@pytest.mark.parametrize("name", ["", "   ", "\n", "김", "😀😀", "Παπαδόπουλος", "123", " - '.,;"])
def test_a_name_without_a_letter(name):
    with pytest.raises(ValueError, match="holds no letter from a to z.* such as Kim for 김"):
        spell(name)


@pytest.mark.parametrize("length", [MAX_LETTERS + 1, 500, 100_000])
def test_a_name_that_is_too_long(length):
    with pytest.raises(
        ValueError, match=f"up to {MAX_LETTERS} letters here, this one has {length}"
    ):
        spell("y" * length)


@pytest.mark.parametrize("name", [None, 5, b"Kim", ["Kim"]])
def test_a_name_that_is_no_text(name):
    with pytest.raises(TypeError, match="name must be .*a string"):
        spell(name)


@QUICK
@given(st.text(st.characters()))
@example("\ud800")
@example("Kim\ud800")
@example("ﷺ" * 70)
@example("ǆ")
@example("İ" * 40)
def test_any_text_is_spelled_or_refused(name):
    try:
        symbols, problem = spell(name), ""
    except ValueError as error:
        symbols, problem = [], str(error)
    if problem:
        assert "letter" in problem
        problem.encode("utf-8")  # half a surrogate pair could not be shown
        return
    assert 1 <= len(symbols) <= MAX_LETTERS
    assert all(0 <= symbol < len(LETTERS) for symbol in symbols)
    letters = "".join(LETTERS.decode(symbols))
    assert spell(letters) == symbols
    assert any(letter in "abcdefghijklmnopqrstuvwxyz" for letter in letters)


def test_data_keep_the_order_and_the_duplicates():
    data = prepare_names({"Czech": ["Novák", "Čapek", "Novák"], "Irish": ["O'Brien"]})
    assert data.names == ("novak", "capek", "novak", "o'brien")
    assert data.languages == ("Czech", "Irish")
    assert data.labels.tolist() == [0, 0, 0, 1]
    assert data.batch.lengths.tolist() == [5, 5, 5, 7]
    for name, row, n in zip(data.names, data.batch.tokens, data.batch.lengths, strict=True):
        assert "".join(LETTERS.decode(row[:n])) == name


def test_a_name_in_the_data_that_cannot_be_spelled():
    with pytest.raises(ValueError, match="'김' holds no letter"):
        prepare_names({"Korean": ["Kim", "김"]})
    with pytest.raises(ValueError, match="names is empty"):
        prepare_names({})


def test_the_prior_counts_names():
    assert DATA.prior(torch.arange(200)).tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert DATA.prior(torch.tensor([0, 1, 199, 0])).tolist() == [0.75, 0, 0.25]


@SPLITS
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_split_holds_out_about_a_fifth_of_every_language(split_by, seed):
    split = split_by(DATA, seed=seed)
    assert sorted([*split.train.tolist(), *split.test.tolist()]) == [*range(200)]
    assert split.train.dtype == split.test.dtype == torch.int64
    held_out = DATA.labels[split.test].bincount(minlength=3).tolist()
    if split_by is split_by_line:
        assert held_out == [24, 12, 4]
    else:
        # Before version 1.8, scikit-learn keeps the shares less closely.
        assert held_out == [pytest.approx(n, abs=4) for n in (24, 12, 4)]


@SPLITS
def test_the_seed_chooses_the_split(split_by):
    splits = [split_by(DATA, seed=seed).test.tolist() for seed in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]
    assert split_by(DATA).test.tolist() == splits[0]


@pytest.mark.parametrize("seed", range(5))
def test_only_the_split_by_name_keeps_a_name_on_one_side(seed):
    def on_both_sides(split):
        train, test = ({DATA.names[row] for row in rows.tolist()} for rows in split)
        return train & test

    assert max(Counter(DATA.names).values()) > 1
    assert on_both_sides(split_by_name(DATA, seed=seed)) == set()
    assert len(on_both_sides(split_by_line(DATA, seed=seed))) > 5


def test_a_name_of_two_languages_stays_on_one_side():
    names = made_up_names()
    shared = {name.lower() for name in {*names["North"]} & {*names["South"]}}
    assert len(shared) >= 3
    split = split_by_name(DATA, seed=4)
    sides = [{DATA.names[row] for row in rows.tolist()} & shared for rows in split]
    assert sides[0] | sides[1] == shared
    assert not sides[0] & sides[1]


def drawn(balance, passes=60, seed=0, rows=None):
    """Return the rows of some passes over the data, as one list of batches."""
    rows = torch.arange(len(DATA.names)) if rows is None else rows
    per_pass = math.ceil(len(rows) / 16)
    stream = deal_batches(DATA, rows, batch_size=16, balance=balance, seed=seed)
    return [*islice(stream, passes * per_pass)]


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_languages_are_drawn_as_often_as_the_balance_says(balance):
    counts = DATA.labels[torch.cat(drawn(balance))].bincount(minlength=3).double()
    powers = [n ** (1 - balance) for n in (120, 60, 20)]
    wanted = [power / sum(powers) for power in powers]
    # 12,000 draws: three standard deviations are at most 0.014.
    assert (counts / counts.sum()).tolist() == pytest.approx(wanted, abs=0.014 if balance else 1e-9)


def test_within_a_language_every_name_is_drawn_equally_often():
    rows = torch.arange(100, 200)  # 20 of North, 60 of South, 20 of West
    counts = torch.cat(drawn(1.0, passes=400, rows=rows)).bincount(minlength=200)
    assert not counts[:100].any()
    for first, last, wanted in ((100, 120, 666), (120, 180, 222), (180, 200, 666)):
        assert counts[first:last].double().mean() == pytest.approx(wanted, rel=0.03)
        assert counts[first:last].min() > 0.75 * wanted
        assert counts[first:last].max() < 1.25 * wanted


def test_without_balance_every_pass_holds_every_row_once():
    parts = drawn(0.0, passes=3)
    for i in range(3):
        one = torch.cat(parts[i * 13 : (i + 1) * 13])
        assert sorted(one.tolist()) == [*range(200)]
    assert parts[0].tolist() != parts[13].tolist()


def test_the_same_seed_draws_the_same_and_leaves_the_global_random_numbers_alone():
    before = torch.get_rng_state()
    runs = [[part.tolist() for part in drawn(0.5, 2, seed)] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    assert torch.equal(torch.get_rng_state(), before)


def test_a_recipe_builds_its_network():
    recipe = NamesRecipe(kind="rnn", embed_dim=3, hidden_size=4, dropout=0.25, input_dropout=0.75)
    config = build_network(DATA, recipe).config
    assert (config.vocab_size, config.n_classes) == (len(LETTERS), len(LANGUAGES))
    assert (config.kind, config.embed_dim, config.hidden_size) == ("rnn", 3, 4)
    assert (config.dropout, config.input_dropout) == (0.25, 0.75)


def trained(seed=0):
    recipe = NamesRecipe(**{**vars(SMALL), "seed": seed})
    network = build_network(DATA, recipe)
    split = split_by_name(DATA)
    return network, train_names(network, DATA, split.train, recipe), split


def test_training_learns_names_that_it_has_not_seen():
    network, history, split = trained()
    assert len(history.losses) == SMALL.n_steps
    guesses = network(*DATA.batch.take(split.test)).argmax(-1)
    assert (guesses == DATA.labels[split.test]).double().mean() > 0.85
    assert not network.training


def test_training_again_gives_the_same_network_for_the_same_seed():
    (one, first, _), (other, second, _), (third, _, _) = trained(), trained(), trained(seed=1)
    assert first.losses == second.losses
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, other.state_dict()[name]), name
        assert not torch.equal(weight, third.state_dict()[name]), name


def test_the_seed_also_fixes_the_order_of_the_batches():
    losses = []
    for seed in (0, 0, 1):
        network = build_network(DATA, SMALL)
        recipe = NamesRecipe(**{**vars(SMALL), "n_steps": 3, "seed": seed})
        torch.manual_seed(0)  # the same dropout
        losses.append(train_names(network, DATA, torch.arange(200), recipe).losses)
    assert losses[0] == losses[1] != losses[2]


def test_smoothing_is_that_of_the_cross_entropy():
    recipe = NamesRecipe(**{**vars(SMALL), "n_steps": 1, "batch_size": 500, "input_dropout": 0.0})
    for smoothing in (0.0, 0.3):
        smooth = NamesRecipe(**{**vars(recipe), "smoothing": smoothing})
        network, rows = build_network(DATA, smooth), torch.arange(150)
        loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)
        wanted = loss_fn(network(*DATA.batch.take(rows)), DATA.labels[rows]).item()
        assert train_names(network, DATA, rows, smooth).losses == [pytest.approx(wanted, abs=1e-5)]
