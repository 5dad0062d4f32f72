"""List the runs of neighbours in a text, and take the sequences of a training text."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from course_utils.arguments import items, shown, whole_number
from course_utils.text.given import symbols_of

MOST_SYMBOLS = 2**28  # in the runs of `ngrams` together


def check_n(n: int) -> int:
    """Return the length of a run, a whole number of at least 1."""
    n = whole_number("n", n)
    if n < 1:
        raise ValueError(f"n={shown(n)} must be at least 1; n=1 counts single symbols")
    return n


def ngrams(tokens: Sequence[Hashable], n: int) -> list:
    """List all runs of n neighbours.

    Args:
        tokens: a string, or a list of words.
        n: length of a run, at least 1.

    Returns:
        len(tokens) - n + 1 runs in order: strings of a string, else tuples; none when the text
        is shorter than n.

    Raises:
        TypeError: when tokens is no string and no list, or n is not a whole number.
        ValueError: when n is below 1, or the runs would be longer than 2 ** 28 symbols together.

    >>> ngrams("hello", 2), ngrams(["dog", "bites", "man"], 2)
    (['he', 'el', 'll', 'lo'], [('dog', 'bites'), ('bites', 'man')])
    """
    n = check_n(n)
    if not isinstance(tokens, str):
        tokens = items("tokens", tokens, what="a string or a list of words")
    n_runs = max(0, len(tokens) - n + 1)
    if n_runs * n > MOST_SYMBOLS:
        raise ValueError(
            f"n={n} makes {n_runs:,} runs of {n:,} symbols, more than the memory is for; take a "
            "smaller n"
        )
    runs = (tokens[i : i + n] for i in range(n_runs))
    return [*runs] if isinstance(tokens, str) else [tuple(run) for run in runs]


def sequences_of(data: str | Iterable[Sequence[str]]) -> list[str | list[str]]:
    """Return the sequences of a training text; a string stands for one of them."""
    if isinstance(data, str):
        return [data]
    found = items("data", data, what="one text or a list of sequences")
    return [s if isinstance(s, str) else symbols_of(f"data[{i}]", s) for i, s in enumerate(found)]
