"""Count how often a guesser of names is right, in two ways and under two decision rules."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from torch import Tensor

from course_utils.arguments import instance
from course_utils.recipes.guessing import NameGuesser, log_beliefs
from course_utils.recipes.names import NameData, check_rows


@dataclass(frozen=True)
class Scores:
    """How often the best guess is right, as shares from 0 to 1.

    Plain accuracy counts every name once. Macro accuracy counts every language once: it is the
    mean over the languages of the accuracy within each.

    Attributes:
        plain: plain accuracy with the data's own prior (share 1), the best rule for it.
        macro: macro accuracy with the uniform prior (share 0), the best rule for it.
        plain_uniform: plain accuracy with the uniform prior.
        macro_prior: macro accuracy with the data's own prior.
        n_names: how many names were guessed.
    """

    plain: float
    macro: float
    plain_uniform: float
    macro_prior: float
    n_names: int


def evaluate(guesser: NameGuesser, data: NameData, rows: Tensor) -> Scores:
    """Guess the languages of some names, and count how often that is right.

    Args:
        guesser: the trained network.
        data: names of the same languages, in the same order.
        rows: int64, (R,), the names to guess, such as Split.test; R at least 1.

    Returns:
        The Scores. A language that has no name among the rows does not count for macro accuracy.

    Raises:
        TypeError: an argument is not of its kind.
        ValueError: the languages of the data are not those of the guesser, or rows is empty.
        IndexError: there is no such row.
    """
    instance("guesser", guesser, NameGuesser)
    instance("data", data, NameData)
    if data.languages != guesser.languages:
        raise ValueError(
            f"the data has the languages {data.languages}, and the guesser {guesser.languages}: "
            "give the names that it was made for"
        )
    rows = check_rows(rows, len(data.names))
    logits = guesser.logits([data.names[row] for row in rows.tolist()])
    wanted = data.labels[rows.cpu()]
    guesses = {
        share: log_beliefs(logits, guesser.drawn, guesser.prior, share).argmax(-1)
        for share in (0.0, 1.0)
    }
    return Scores(
        plain=_plain(wanted, guesses[1.0]),
        macro=_macro(wanted, guesses[0.0]),
        plain_uniform=_plain(wanted, guesses[0.0]),
        macro_prior=_macro(wanted, guesses[1.0]),
        n_names=len(rows),
    )


def _plain(wanted: Tensor, guessed: Tensor) -> float:
    """Return the share of names that were guessed right."""
    return float((wanted == guessed).double().mean())


def _macro(wanted: Tensor, guessed: Tensor) -> float:
    """Return the mean over the languages of the share that was guessed right."""
    from sklearn.metrics import balanced_accuracy_score

    with warnings.catch_warnings():
        # A guess may be a language that none of these names has: that is wrong, and no surprise.
        warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")
        warnings.filterwarnings("ignore", message="A single label was found")
        return float(balanced_accuracy_score(wanted.numpy(), guessed.numpy()))
