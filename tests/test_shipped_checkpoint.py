"""The network that ships with the course: small, readable, and as good as it says."""

from dataclasses import asdict

import pytest

from course_utils.corpora import DataUnavailableError, load_names
from course_utils.corpora.registry import shipped
from course_utils.recipes.guessing import NameGuesser
from course_utils.recipes.names import NamesRecipe, prepare_names, split_by_name
from course_utils.recipes.scores import evaluate
from course_utils.training import read_checkpoint

FOLDER = shipped() / "checkpoints"


@pytest.mark.offline
def test_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("names.*")) <= 1_000_000


@pytest.mark.offline
def test_it_was_made_with_the_present_recipe():
    facts = read_checkpoint(FOLDER / "names").extra
    assert facts["recipe"] == asdict(NamesRecipe())
    assert facts["scores"]["macro"] > 0.5


@pytest.mark.offline
@pytest.mark.parametrize(
    ("name", "languages"),
    [("Satoshi", {"Japanese"}), ("Jackson", {"English", "Scottish"}), ("Šlusàrski", {"Polish"})],
)
def test_it_knows_the_names_of_the_lecture(name, languages):
    assert NameGuesser.load().predict(name, 1)[0][0] in languages


def test_its_scores_are_true():
    try:
        data = prepare_names(load_names(fallback=False).names)
    except DataUnavailableError as error:
        pytest.skip(f"needs the real names: {error}")
    scores = asdict(evaluate(NameGuesser.load(), data, split_by_name(data).test))
    told = read_checkpoint(FOLDER / "names").extra["scores"]
    # Rounding differs between machines; a name in a thousand may tip.
    assert scores == pytest.approx(told, abs=0.002)
