"""Confusion matrices and beliefs: the right numbers in the right squares, and all can be read."""

import matplotlib as mpl
import numpy as np
import pytest
import torch
from figure_checks import cut_off, overlapping, written

from course_utils import plots
from course_utils.plots.inputs import as_numbers, visible

LANGUAGES = (
    "Arabic Chinese Czech Dutch English French German Greek Irish Italian Japanese Korean "
    "Polish Portuguese Russian Scottish Spanish Vietnamese"
).split()
BELIEFS = np.array([[0.1, 0.6, 0.3, 0.0], [0.2, 0.3, 0.1, 0.4], [0.7, 0.2, 0.0, 0.1]])


def confused(n_classes=18):
    """Return counts of which many are wrong, some rows with a thousand names."""
    return np.random.default_rng(0).integers(0, 900, (n_classes, n_classes))


def numbers_of(ax):
    """Return (row, column) -> number written in the squares of a heat map."""
    texts = {(round(t.get_position()[1]), round(t.get_position()[0])): t for t in ax.texts}
    return {at: int(text.get_text()) for at, text in sorted(texts.items())}


def frames_of(ax):
    """Return (row, column) of every framed square."""
    return sorted((int(p.get_y() + 0.5), int(p.get_x() + 0.5)) for p in ax.patches)


def names_on(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


def test_confusion_is_in_per_cent_of_the_true_class():
    ax = plots.confusion([[190, 10, 0], [1, 1, 2], [0, 0, 0]], "abc")
    assert numbers_of(ax) == {(0, 0): 95, (0, 1): 5, (1, 0): 25, (1, 1): 25, (1, 2): 50}
    assert frames_of(ax) == [(0, 0), (1, 1), (2, 2)]
    assert names_on(ax.yaxis) == ["a (200)", "b (4)", "c (0)"]
    assert names_on(ax.xaxis) == ["a", "b", "c"]
    shares = ax.images[0].get_array()
    np.testing.assert_allclose(shares, [[0.95, 0.05, 0], [0.25, 0.25, 0.5], [0, 0, 0]])


def test_small_shares_are_coloured_but_not_written():
    ax = plots.confusion([[96, 4], [49, 951]], ["a", "b"], counts=False)
    assert numbers_of(ax) == {(0, 0): 96, (1, 1): 95}
    assert names_on(ax.yaxis) == ["a", "b"]
    assert ax.images[0].get_array()[0, 1] == 0.04


def test_beliefs_keep_the_classes_that_were_ever_likely_the_last_winner_first():
    ax = plots.beliefs(BELIEFS, "Kim", ["w", "x", "y", "z"], top=3)
    assert names_on(ax.yaxis) == ["w", "x", "z"]  # y never had more than 30 %
    assert names_on(ax.xaxis)[:3] == ["K", "i", "m"]
    numbers = numbers_of(ax)
    assert [numbers[0, t] for t in range(3)] == [10, 20, 70]
    assert [numbers[2, t] for t in range(3)] == [0, 40, 10]
    assert frames_of(ax) == [(0, 2), (1, 0), (2, 1)]


def test_the_last_winner_has_a_row_even_if_others_were_surer():
    shares = [[0.9, 0.1, 0, 0], [0, 0.8, 0.2, 0], [0.3, 0, 0.36, 0.34]]
    ax = plots.beliefs(shares, "Kim", "wxyz", top=2)
    assert names_on(ax.yaxis) == ["y", "w"]
    assert frames_of(ax) == [(0, 2), (1, 0)]  # the best guess after the second letter has no row
    assert names_on(plots.beliefs(shares, "Kim", "wxyz", top=9).yaxis) == ["y", "z", "w", "x"]


def test_belief_bars_put_the_best_on_top():
    ax = plots.belief_bars(BELIEFS[0], ["w", "x", "y", "z"], top=3)
    assert names_on(ax.yaxis) == ["x", "y", "w"]
    assert [bar.get_width() for bar in ax.patches] == [0.6, 0.3, 0.1]
    assert [text.get_text() for text in ax.texts] == ["60 %", "30 %", "10 %"]
    heights = [ax.transData.transform((0, bar.get_y()))[1] for bar in ax.patches]
    assert heights == sorted(heights, reverse=True)
    tiny = plots.belief_bars([0.998, 0.002], "ab")
    assert [text.get_text() for text in tiny.texts] == ["100 %", "< 1 %"]


GUESSES = {
    "confusion": lambda ax=None: plots.confusion(confused(), LANGUAGES, ax=ax),
    "confusion, sure": lambda ax=None: plots.confusion(9999 * np.eye(18), LANGUAGES, ax=ax),
    "confusion of one": lambda ax=None: plots.confusion([[3]], ["Irish"], ax=ax),
    "beliefs": lambda ax=None: plots.beliefs(BELIEFS, "Kim", LANGUAGES[10:14], ax=ax),
    "beliefs of one": lambda ax=None: plots.beliefs([[1]], "K", ["Korean"], ax=ax),
    "beliefs, most": lambda ax=None: plots.beliefs(
        np.eye(18)[np.arange(20) % 18], "Wgjy WWWWWWWWWWWWWWW", LANGUAGES, top=18, ax=ax
    ),
    "bars": lambda ax=None: plots.belief_bars(BELIEFS[1], LANGUAGES[12:16], ax=ax),
    "bars, most": lambda ax=None: plots.belief_bars(np.eye(18)[17], LANGUAGES, top=18, ax=ax),
}


@pytest.mark.parametrize("name", GUESSES)
def test_guesses_are_readable(name):
    ax = GUESSES[name]()
    texts = written(ax.figure)
    assert cut_off(texts, ax.figure) == []
    # Slanted labels side by side: their boxes overlap, the letters do not (the next test).
    assert [pair for pair in overlapping(texts) if not set(pair) <= set(names_on(ax.xaxis))] == []
    assert min(size for _, _, size in texts) >= 13
    assert ax.figure.get_figwidth() == 9
    assert ax.figure.get_figheight() < 7


@pytest.mark.parametrize("name", GUESSES)
def test_guesses_are_drawn_on_a_given_axes(name):
    figure, axes = plots.new_figure(1, 2)
    assert GUESSES[name](axes[1]) is axes[1]
    assert not axes[0].has_data()
    assert mpl.pyplot.get_fignums() == [figure.number]


def test_slanted_labels_are_further_apart_than_a_letter_is_high():
    ax = plots.confusion(confused(), LANGUAGES)
    ax.figure.canvas.draw()
    apart = np.diff(ax.transData.transform([(0, 0), (1, 0)])[:, 0])[0]
    (angle,) = {label.get_rotation() for label in ax.get_xticklabels()}
    assert apart * np.sin(np.radians(angle)) > 13 / 72 * ax.figure.dpi


@pytest.mark.parametrize("share", np.linspace(0, 1, 41))
def test_numbers_have_a_contrast_of_at_least_4_5_to_1(share):
    """Check the rule for text of WCAG 2.1, 1.4.3."""
    ax = plots.beliefs([[share, 1 - share]], "K", "ab", top=2)
    image, text = ax.images[0], next(t for t in ax.texts if t.get_text() == f"{100 * share:.0f}")
    white = np.array([0.2126, 0.7152, 0.0722])
    values = []
    for color in (image.cmap(image.norm(share)), text.get_color()):
        rgb = np.array(mpl.colors.to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        values.append(white @ linear + 0.05)
    assert max(values) / min(values) >= 4.5


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.confusion(np.eye(3), "ab"), r"matrix .*\(2, 2\), got \(3, 3\)"),
        (lambda: plots.confusion(np.ones((2, 3)), "ab"), r"matrix .*\(2, 2\), got \(2, 3\)"),
        (
            lambda: plots.confusion([[1, -2], [0, 1]], "ab"),
            "matrix must hold counts from 0, got -2",
        ),
        (lambda: plots.confusion([[1, np.nan], [0, 1]], "ab"), "matrix must be finite"),
        (lambda: plots.confusion([], []), "labels is empty"),
        (lambda: plots.confusion(np.eye(19), "a" * 19), "labels must be at most 18 .* got 19"),
        (lambda: plots.confusion("ab", "ab"), "matrix must be rows of numbers, got 'ab'"),
        (lambda: plots.beliefs(BELIEFS, "Ki", "wxyz"), r"probabilities .*\(2, 4\), got \(3, 4\)"),
        (lambda: plots.beliefs(BELIEFS, "Kim", "wxy"), r"probabilities .*\(3, 3\), got \(3, 4\)"),
        (lambda: plots.beliefs(BELIEFS, "", "wxyz"), "letters must be from 1 to 20, got 0"),
        (lambda: plots.beliefs(np.ones((21, 1)), "a" * 21, "a"), "letters must be from 1 to 20"),
        (lambda: plots.beliefs(BELIEFS, "Ki\uae40", "wxyz"), "'\uae40' cannot be drawn"),
        (lambda: plots.beliefs(BELIEFS, "Kim", "wxyz", top=0), "top must be from 1 to 18, got 0"),
        (lambda: plots.beliefs(np.log(BELIEFS + 0.1), "Kim", "wxyz"), "Apply softmax to scores"),
        (lambda: plots.beliefs(BELIEFS / 2, "Kim", "wxyz"), "sum to 1"),
        (lambda: plots.belief_bars(BELIEFS, "wxyz"), r"probabilities .*\(4,\), got \(3, 4\)"),
        (lambda: plots.belief_bars([1.5, -0.5], "ab"), "from 0 to 1 .*from -0.5 to 1.5"),
        (lambda: plots.belief_bars([-0.2, 0.6, 0.6], "abc"), "got numbers from -0.2 to 0.6"),
        (lambda: plots.belief_bars([1.0], "a", top=19), "top must be from 1 to 18, got 19"),
        (lambda: plots.belief_bars([], []), "labels is empty"),
    ],
)
def test_bad_guesses_are_named_and_no_figure_is_left(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert mpl.pyplot.get_fignums() == []


def test_numbers_of_a_tensor_that_wants_gradients_and_is_short():
    tensor = torch.tensor([[1.5, 2]], dtype=torch.bfloat16, requires_grad=True)
    np.testing.assert_array_equal(as_numbers("x", tensor, ("N", 2)), [[1.5, 2]])


def test_blanks_can_be_seen_and_missing_letters_are_refused():
    assert [visible(sign) for sign in " \n\ta\u0160"] == [*"\u2423\u21b5\u21e5a\u0160"]
    for sign in ("\U0001f680", "\uae40"):
        with pytest.raises(ValueError, match="cannot be drawn: the font DejaVu Sans lacks it"):
            visible(sign)
    with pytest.raises(ValueError, match="a letter is empty"):
        visible("")
