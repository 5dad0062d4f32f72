"""The lessons of the course: what each one asks, what it needs, and how long it takes.

The one place for this: notebook 00, its map, the README and the title of each lesson say the same,
and a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

from course_utils.arguments import shown, whole_number


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Args:
        number: 1 to 9.
        file: name of its notebook, without the ending.
        title: a few words, short enough for the map.
        question: what it answers, one short sentence.
        needs: numbers of the lessons that it names as known, in order.
        run_minutes: to run all cells on two CPU cores.
        study_minutes: to study it.
    """

    number: int
    file: str
    title: str
    question: str
    needs: tuple[int, ...] = ()
    run_minutes: int = 1
    study_minutes: int = 90


LESSONS = (
    Lesson(1, "01_sequential_data", "Sequential data", "Why does order need a memory?"),
    Lesson(2, "02_vanilla_rnn", "The vanilla RNN", "How does a network carry a memory?", (1,)),
    Lesson(
        3, "03_bptt_and_vanishing_gradients", "Gradients in time", "Why does memory fade?", (2,)
    ),
    Lesson(4, "04_lstm_gru", "LSTM and GRU", "How do gates keep a memory?", (2, 3)),
    Lesson(5, "05_char_rnn", "The next letter", "How well can a text be guessed?", (2, 4)),
    Lesson(6, "06_char_rnn_names", "Names", "From which language does a surname come?", (2, 4, 5)),
    Lesson(7, "07_embeddings", "Embeddings", "What can a vector mean?", (1, 5), 1, 100),
    Lesson(8, "08_shakespeare", "Shakespeare", "Can a network write a play?", (3, 4, 5), 1, 100),
    Lesson(9, "09_beyond_rnns", "Beyond RNNs", "What came after?", (4, 7, 8), 1, 100),
)


def direct_needs(number: int) -> tuple[int, ...]:
    """Return the lessons to study just before one; those that these need are left out.

    >>> direct_needs(9)  # it also needs 04, but 08 already needs that
    (7, 8)

    Args:
        number: of a lesson, 1 to 9.

    Raises:
        TypeError: number is not a whole number.
        ValueError: there is no such lesson.
    """
    needs = _lesson(number).needs
    return tuple(n for n in needs if not any(n in all_needs(other) for other in needs))


def all_needs(number: int) -> set[int]:
    """Return every lesson that comes before one, directly or through another.

    >>> sorted(all_needs(4))
    [1, 2, 3]

    Args:
        number: of a lesson, 1 to 9.

    Raises:
        TypeError: number is not a whole number.
        ValueError: there is no such lesson.
    """
    needs = _lesson(number).needs
    return set(needs).union(*(all_needs(other) for other in needs))


def _lesson(number: int) -> Lesson:
    """Return a lesson by its number."""
    if not 1 <= whole_number("number", number) <= len(LESSONS):
        raise ValueError(f"number must be from 1 to {len(LESSONS)}, got {shown(number)}")
    return LESSONS[number - 1]
