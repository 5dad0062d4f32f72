"""One network is read for any frequencies of the languages, by Bayes' rule."""

import pytest
import torch
from name_samples import LANGUAGES, SHARES, SMALL, made_up_names

from course_utils.recipes.decisions import check_shares
from course_utils.recipes.guessing import NameGuesser, drawn_shares, log_beliefs
from course_utils.recipes.names import build_network, deal_batches, prepare_names, train_names

DRAWN = torch.tensor([0.5, 0.3, 0.2])
# Two kinds of names, a and b: how often each language gives them.
OF_A = torch.tensor([0.9, 0.5, 0.2])


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_beliefs_are_those_of_bayes_rule(share):
    expected = SHARES**share / (SHARES**share).sum()
    for likelihood in (OF_A, 1 - OF_A):
        joint = likelihood * DRAWN  # what a perfect network learns from languages drawn so
        logits = (joint / joint.sum()).log() + 7  # scores may all be shifted
        wanted = likelihood * expected / (likelihood * expected).sum()
        beliefs = log_beliefs(logits, DRAWN, SHARES, share).exp()
        torch.testing.assert_close(beliefs, wanted)


def test_what_was_drawn_as_in_the_data_is_read_as_it_is():
    logits = torch.randn(4, 2, 3, generator=torch.Generator().manual_seed(0))
    beliefs = log_beliefs(logits, SHARES, SHARES, 1.0)
    torch.testing.assert_close(beliefs, logits.log_softmax(-1))
    assert beliefs.dtype == torch.float32
    double = log_beliefs(logits.double(), SHARES, SHARES, 0.0)
    assert double.dtype == torch.float64
    assert double.shape == (4, 2, 3)
    torch.testing.assert_close(double.exp().sum(-1), torch.ones(4, 2).double())


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none(share):
    with pytest.raises(ValueError, match=f"share must be .*, got {share}"):
        log_beliefs(torch.zeros(3), DRAWN, SHARES, share)


@pytest.mark.parametrize("name", ["drawn", "prior"])
def test_shares_that_no_classes_have(name):
    def read(shares):
        given_ = {"drawn": DRAWN, "prior": SHARES} | {name: torch.tensor(shares)}
        log_beliefs(torch.zeros(3), **given_, share=0.5)

    with pytest.raises(ValueError, match=rf"{name} must be \(3,\), a share .* got \(2,\)"):
        read([0.5, 0.5])
    for shares in ([0.5, 0.5, 0.0], [0.9, 0.9, -0.8], [0.3, 0.3, 0.3], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match=f"{name} must hold shares above 0 with the sum 1"):
            read(shares)
    with pytest.raises(ValueError, match="sum 1, got .*nan"):
        check_shares(name, torch.tensor([0.5, float("nan")]), 2)


@pytest.mark.parametrize("balance", [0.0, 0.3, 1.0])
def test_drawn_shares_are_those_of_the_batches(balance):
    data = prepare_names(made_up_names())
    stream = deal_batches(data, torch.arange(200), batch_size=200, balance=balance, seed=0)
    labels = data.labels[torch.cat([next(stream) for _ in range(400)])]
    counts = labels.bincount() / len(labels)
    assert drawn_shares(SHARES, balance).tolist() == pytest.approx(counts.tolist(), abs=0.02)


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_one_network_read_with_two_rules(balance):
    names = made_up_names()
    for language, own in names.items():  # a third of each language's names say nothing
        names[language] = [*own[: len(own) * 2 // 3], *["Same"] * (len(own) // 3)]
    data = prepare_names(names)
    recipe = type(SMALL)(**{**vars(SMALL), "balance": balance, "n_steps": 200})
    network, rows = build_network(data, recipe), torch.arange(len(data.names))
    train_names(network, data, rows, recipe)
    prior = data.prior(rows)
    guesser = NameGuesser(network, data.languages, drawn_shares(prior, balance), prior)
    for share, wanted in ((0.0, [1 / 3] * 3), (1.0, prior.tolist())):
        chances = dict(guesser.predict("Same", share=share))
        assert [chances[language] for language in LANGUAGES] == pytest.approx(wanted, abs=0.12)
