"""The map of words: type one, and see it among its nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils import plots
from course_utils.arguments import instance, shown, text, whole_number
from course_utils.plots.inputs import as_numbers
from course_utils.widgets.controls import slider, text_box
from course_utils.widgets.panel import Panel, explore
from course_utils.widgets.trial import try_once
from course_utils.word_vectors import WordVectors

MAX_NEIGHBOURS = 20

Groups = Mapping[str, Sequence[str]]


def word_map(
    vectors: WordVectors, points: Any, *, groups: Groups | None = None, word: str | None = None
) -> Panel:
    """Build the map of words around the one that is typed, with its nearest neighbours.

    Args:
        vectors: the vectors of V words, at least 2.
        points: (V, 2), where each word stands on the map.
        groups: name -> words that get a colour and a marker of their own, at most 6 groups.
        word: the word to begin with; by default the first one.

    Returns:
        The Panel, with the controls word, k and zoom.

    Raises:
        ValueError: points do not fit the words, groups hold a word that has no vector, or the
            word to begin with has none.
    """
    instance("vectors", vectors, WordVectors)
    if len(vectors.words) < 2:
        raise ValueError(f"vectors must hold at least 2 words, got {len(vectors.words)}")
    first = vectors.words[0] if word is None else text("word", word)
    draw = partial(draw_neighbours, vectors, points, groups=groups)
    k = min(8, len(vectors.words) - 1)
    try_once(draw, word=first, k=k)
    return explore(
        draw,
        title="a map of words around the one that you type",
        word=text_box("word", first),
        k=slider("neighbours", 1, min(MAX_NEIGHBOURS, len(vectors.words) - 1), value=k),
        zoom=slider("zoom", 1, 20),
    )


def draw_neighbours(
    vectors: WordVectors,
    points: Any,
    *,
    word: str,
    k: int = 8,
    zoom: int = 1,
    groups: Groups | None = None,
) -> tuple[Axes, str]:
    """Draw a word on the map with lines to its nearest neighbours, and list them.

    The neighbours are those of the vectors, not those of the map: a map with two numbers per word
    cannot keep all distances.

    Args:
        vectors: the vectors of V words.
        points: (V, 2), where each word stands on the map.
        word: a word that has a vector; capital letters do not matter when only small ones have.
        k: neighbours to show, from 1.
        zoom: 1 shows the whole map, n a part of 1 / n of its width around the word.
        groups: name -> words that get a colour and a marker of their own, at most 6 groups.

    Returns:
        The Axes, and the neighbours with their cosines as text.

    Raises:
        TypeError: vectors is no WordVectors, word no text, or k or zoom no whole number.
        ValueError: word is empty or has no vector, k or zoom is below 1, or points do not fit the
            words.
    """
    instance("vectors", vectors, WordVectors)
    points = as_numbers("points", points, (len(vectors.words), 2))
    if whole_number("zoom", zoom) < 1:
        raise ValueError(f"zoom must be at least 1, got {shown(zoom)}")
    zoom, k = whole_number("zoom", zoom, most=10_000), whole_number("k", k, least=1)
    word = _known(vectors, word)
    found = vectors.nearest(word, k)
    names = [name for name, _ in found]
    limits = _part(points, points[vectors.index[word]], zoom)
    look = {"groups": groups, "highlight": names, "lines_from": word, "limits": limits}
    ax = plots.point_map(points, vectors.words, **look)
    low, high = np.array([ax.get_xlim(), ax.get_ylim()]).T
    at = points[[vectors.index[name] for name in names]]
    seen = ((low <= at) & (at <= high)).all(axis=1)
    return ax, _list(word, found, seen)


def _known(vectors: WordVectors, word: str) -> str:
    """Return the word as it stands among the vectors, or as it was typed."""
    word = text("word", word).strip()
    if not word:
        raise ValueError(f"word: the box is empty: type a word, such as {vectors.words[0]!r}")
    return word if word in vectors or word.lower() not in vectors else word.lower()


def _part(
    points: np.ndarray, middle: np.ndarray, zoom: int
) -> tuple[float, float, float, float] | None:
    """Return the part of the map to show, None for all of it."""
    if zoom == 1:
        return None
    half = np.maximum(points.max(axis=0) - points.min(axis=0), 1e-9) / 2 / zoom
    (left, bottom), (right, top) = middle - half, middle + half
    return (float(left), float(right), float(bottom), float(top))


def _list(word: str, found: Sequence[tuple[str, float]], seen: np.ndarray) -> str:
    """Return the neighbours with their cosines, one per line; a star marks what is not drawn."""
    lines = [f"nearest to {word!r} (cosine):"]
    lines += [
        f"{number:>2} {name:<14} {cosine:5.2f}{'' if shown else '*'}"
        for number, ((name, cosine), shown) in enumerate(zip(found, seen, strict=True), start=1)
    ]
    return "\n".join(lines if seen.all() else [*lines, "* outside of the picture"])
