"""Generate tasks that need order or memory: who bites whom, and where one was born."""

from __future__ import annotations

import random
import zlib

from course_utils.arguments import shown, whole_number

MOST_WORDS = 5 * 10**7  # in all sentences together: some 400 MB
FILLERS = (
    "again", "bites", "every", "here", "later", "maybe", "now", "often",
    "quickly", "the", "then", "there", "today", "twice", "very", "with",
)  # fmt: skip


def _check_sizes(**sizes: int) -> None:
    """Refuse what is no whole number; of the last two sizes, more words than the memory is for."""
    for name, size in sizes.items():
        whole_number(name, size)
    (first, n_sentences), (second, length) = list(sizes.items())[-2:]
    if n_sentences > 0 and length > 0 and n_sentences * length > MOST_WORDS:
        name, size = max([(first, n_sentences), (second, length)], key=lambda item: item[1])
        raise ValueError(
            f"{name}={shown(size)} is too large: all sentences together may have at most "
            f"{MOST_WORDS:,} words"
        )


def _check(n_sentences: int, distance: int, length: int, margin: int) -> None:
    if n_sentences < 2:
        raise ValueError(f"n_sentences={n_sentences} must be at least 2: one for each label")
    if distance < 1:
        raise ValueError(f"distance={distance} must be at least 1: two words cannot share a place")
    if margin < 0:
        raise ValueError(f"margin={margin} must be 0 or more: it counts filler words")
    room = length - 2 * margin
    if distance >= room:
        raise ValueError(
            f"distance={distance} must be below {room} (length - 2 * margin): both words must fit "
            "in a sentence"
        )


def who_bites(
    n_sentences: int, *, distance: int, length: int = 24, margin: int = 0, seed: int = 0
) -> tuple[list[list[str]], list[int]]:
    """Generate sentences in which only the order of "dog" and "man" tells who bites whom.

    Both words occur exactly once, `distance` places apart, at a random place; the other words are
    drawn from 16 filler words. So the words of a sentence, without their order, say nothing
    about the label.

    Args:
        n_sentences: number of sentences, at least 2.
        distance: places between the two words, from 1 (side by side) to length - 1.
        length: words in each sentence.
        margin: filler words kept before the first and after the second of the two words. With a
            margin of k - 1 the ends of the sentence tell nothing to a window of k words.
        seed: the same seed gives the same sentences.

    Returns:
        The sentences (lists of `length` words) and their labels in random order: 1 where "dog"
        comes first, else 0. Half of the labels are 1; of an odd number, one more is 0.

    Raises:
        TypeError: when an argument is not a whole number.
        ValueError: when n_sentences < 2, distance < 1, margin < 0, distance >= length - 2 * margin,
            or there are more than 50,000,000 words.

    >>> sentences, labels = who_bites(4, distance=2, length=3, seed=0)
    >>> sentences[0], labels
    (['man', 'quickly', 'dog'], [0, 0, 1, 1])
    """
    _check_sizes(
        seed=seed, distance=distance, margin=margin, n_sentences=n_sentences, length=length
    )
    _check(n_sentences, distance, length, margin)
    rng = random.Random(seed)
    labels = [i % 2 for i in range(n_sentences)]
    rng.shuffle(labels)
    sentences = []
    for label in labels:
        words = rng.choices(FILLERS, k=length)
        first = rng.randrange(margin, length - margin - distance)
        words[first], words[first + distance] = ("dog", "man") if label else ("man", "dog")
        sentences.append(words)
    return sentences, labels


COUNTRIES = {"France": "French", "Korea": "Korean", "Greece": "Greek", "Spain": "Spanish"}
_BEFORE, _AFTER = ("I", "was", "born", "in"), ("so", "I", "speak")


def born_in(
    n_sentences: int, *, distance: int, seed: int = 0, split: str = "train"
) -> tuple[list[list[str]], list[str]]:
    """Generate "I was born in France … so I speak ___" with the clue at a chosen distance.

    Between the country and the question stand filler words, drawn at random. No sentence can be
    in both splits: which split it belongs to follows from a checksum of its words.

    Args:
        n_sentences: number of sentences, at least 1.
        distance: words from the country to "speak", the last word; from 3 (no filler).
        seed: the same seed gives the same sentences.
        split: "train" (four fifths of all possible sentences) or "test".

    Returns:
        The sentences, lists of distance + 7 words, and the languages that answer them.

    Raises:
        TypeError: when n_sentences, distance or seed is not a whole number.
        ValueError: when n_sentences < 1, distance < 3, split is unknown, or there are more than
            50,000,000 words.

    >>> sentences, answers = born_in(1, distance=4, seed=0)
    >>> " ".join(sentences[0]), answers
    ('now later I was born in Spain today so I speak', ['Spanish'])
    """
    _check_sizes(seed=seed, n_sentences=n_sentences, distance=distance)
    if n_sentences < 1:
        raise ValueError(f"n_sentences={n_sentences} must be at least 1")
    if distance < len(_AFTER):
        raise ValueError(f"distance={distance} must be at least 3: 'so I speak' ends the sentence")
    if not isinstance(split, str) or split not in ("train", "test"):
        raise ValueError(f"split={shown(split)} must be 'train' or 'test'")
    rng = random.Random(seed)
    sentences, answers = [], []
    while len(sentences) < n_sentences:
        country = rng.choice(list(COUNTRIES))
        fillers = rng.choices(FILLERS, k=distance - len(_AFTER))
        words = [*rng.choices(FILLERS, k=2), *_BEFORE, country, *fillers, *_AFTER]
        if (zlib.crc32(" ".join(words).encode()) % 5 == 0) == (split == "test"):
            sentences.append(words)
            answers.append(COUNTRIES[country])
    return sentences, answers
