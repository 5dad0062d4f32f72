"""Explorers of words: the window and its pairs, the noise and who is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils import diagrams, plots, word_vectors
from course_utils.arguments import instance, items, real_number, shown, text, whole_number
from course_utils.widgets.controls import choice, slider
from course_utils.widgets.panel import Panel, explore
from course_utils.widgets.trial import try_once

MOST = 10**12  # occurrences of one word
_ROOM = 76  # letters in one line of the message


def window_explorer(words: Sequence[str]) -> Panel:
    """Build the explorer of the window around a word, with the training pairs that it gives.

    Args:
        words: from 2 to 14 words that fit into one line.

    Returns:
        The Panel, with the controls place, window and kind.

    Raises:
        TypeError: words is a single text.
        ValueError: there are too few or too many words for one line.
    """
    words = words if isinstance(words, str) else items("words", words, what="a list of words")
    draw = partial(draw_windows, words)
    try_once(draw, place=0, window=1, kind="CBOW")
    return explore(
        draw,
        title="the window around a word and the training pairs that it gives",
        place=slider("centre (place)", 0, len(words) - 1, value=len(words) // 2),
        window=slider("window", 1, 5, value=2),
        kind=choice("method", diagrams.WINDOW_KINDS),
    )


def draw_windows(
    words: Sequence[str], *, place: int, window: int, kind: Literal["skip-gram", "CBOW"]
) -> tuple[Axes, str]:
    """Draw the window around one place, and write its training pairs.

    Args:
        words: from 2 to 14 words.
        place: the centre's place, from 0.
        window: words at each side that belong to the context.
        kind: "skip-gram" or "CBOW".

    Returns:
        The Axes, and the pairs as text.

    Raises:
        TypeError, ValueError: as for `diagrams.word_windows`.
    """
    words = words if isinstance(words, str) else items("words", words, what="a list of words")
    place, window = whole_number("place", place), whole_number("window", window)
    ax = diagrams.word_windows(words, place, window, kind=kind)
    # With its place each word is different, so that the pairs of this centre can be found.
    numbered = [*enumerate(words)]
    if kind == "skip-gram":
        every = word_vectors.skip_gram_pairs(numbered, window)
        pairs = [f"({c[1]} \u2192 {other[1]})" for c, other in every if c[0] == place]
    else:
        every = word_vectors.cbow_pairs(numbered, window)
        chosen = [around for around, c in every if c[0] == place]
        pairs = [f"([{', '.join(w for _, w in a)}] \u2192 {words[place]})" for a in chosen]
    said = f"{len(pairs)} pair{'s' * (len(pairs) != 1)} with the centre {words[place]!r}:"
    return ax, f"{said}\n{_wrapped(pairs)}\nThe whole sentence gives {len(every)} pairs."


def _wrapped(parts: Sequence[str]) -> str:
    """Return the parts in lines of at most 76 letters, never broken inside a part."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}  {part}" if lines[-1] else part
        if lines[-1] and len(longer) > _ROOM:
            lines.append(part)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def noise_explorer(counts: Mapping[str, int]) -> Panel:
    """Build the explorer of the noise distribution and of subsampling.

    Args:
        counts: word -> how often it occurs, at least 3 words.

    Returns:
        The Panel, with the controls power and exponent (the threshold is ten to this power).

    Raises:
        ValueError: there are fewer than 3 words, or a count is below 1.
    """
    try_once(partial(draw_noise, counts))
    counts = dict(counts)
    return explore(
        lambda power, exponent: draw_noise(counts, power=power, threshold=10.0**exponent),
        title="who is drawn as noise, and which words are kept",
        power=slider("power of the count", 0.0, 1.0, value=0.75, step=0.05),
        exponent=slider("log10 of threshold", -5.0, -1.0, value=-3.0, step=0.25),
    )


def draw_noise(
    counts: Mapping[str, int], *, power: float = 0.75, threshold: float = 1e-3
) -> tuple[Figure, str]:
    """Draw the noise and the kept part of some words, from the most frequent to the rarest.

    Args:
        counts: word -> how often it occurs, at least 3 words.
        power: from 0 (every word alike) to 1 (as in the text).
        threshold: t, the share of the text above which a word is thinned out.

    Returns:
        The Figure, and a line that says what part of the text is kept.

    Raises:
        ValueError: there are fewer than 3 words, a count is below 1, or power or threshold cannot
            be used.
    """
    import torch

    counts = _counts(counts)
    power = real_number("power", power, least=0, most=1)
    threshold = real_number("threshold", threshold, least=1e-12, most=1)
    words = sorted(counts, key=lambda word: -counts[word])
    numbers = torch.tensor([counts[word] for word in words])
    shares = numbers.double() / numbers.sum()
    noise = word_vectors.noise_probabilities(numbers, power=power)
    keep = word_vectors.keep_probabilities(numbers, threshold=threshold)
    rows = _some(len(words))
    names = [words[row] for row in rows]
    figure = plots.noise_bars(names, shares[rows], noise[rows], keep[rows])
    kept = float((shares * keep).sum())
    said = f"power {power:g}, threshold {threshold:.2g}: {100 * kept:.1f} % of the text is kept"
    return figure, said


def _counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return word -> count, or say what is wrong with the counts."""
    found = dict(instance("counts", counts, Mapping, what="a dict, word -> how often it occurs"))
    for word, count in found.items():
        text("each word in counts", word)
        found[word] = whole_number(f"counts[{shown(word)}]", count, most=MOST)
    if len(found) < 3 or min(found.values()) < 1:
        raise ValueError(
            f"counts must hold at least 3 words, each counted once or more, got {len(found)} words"
        )
    return found


def _some(count: int) -> list[int]:
    """Return the first place, the last one, and up to seven between, each a like factor further.

    Counts fall about as 1 / rank (Zipf's law), so these words stand at like distances in frequency.
    """
    return sorted({round(count ** (step / 8)) - 1 for step in range(9)})
