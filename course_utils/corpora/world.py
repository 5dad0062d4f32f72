"""Generate a small world of sentences in which word analogies are true by construction.

Nobody wrote these sentences: they come from a grammar, data/world/grammar.json, and data/README.md
describes it. Each sentence is about one word, and shows one of its features: "The king combed his
beard and smiled" shows that a king is male, "The king wears a crown in the palace" that he is
royal. Words with the same feature share these sentences, so what tells king from queen also tells
man from woman. Real texts are not as tidy; what word vectors do here, they need not do elsewhere.
"""

from __future__ import annotations

import json
import random
from functools import cache
from itertools import permutations

from course_utils.arguments import shown, whole_number
from course_utils.corpora.grammar import Grammar, Node, expand
from course_utils.corpora.records import TextCorpus
from course_utils.corpora.registry import shipped

MOST_SENTENCES = 10**7  # about a minute, and some hundred megabytes of memory


def _read() -> dict:
    return json.loads(shipped("world", "grammar.json").read_text(encoding="utf-8"))


@cache
def _sentence() -> Node:
    """Return the rule of one sentence, with the features of each word written out as rules."""
    grammar = _read()
    rules, values = dict(grammar["rules"]), {}
    for variable, words in grammar["words"].items():
        values[variable] = dict.fromkeys(words, 1)
        for word, features in words.items():
            rules[f"word.{word}"] = {word: 1}
            for name, feature in features.items():
                named = [f"<{feature}>"] if isinstance(feature, str) else feature
                rules[f"{name}.{word}"] = dict.fromkeys(named, 1)
    return Grammar({**grammar, "rules": rules, "values": values}).node(grammar["start"], {})


def generate_world(n_sentences: int, *, seed: int = 0) -> TextCorpus:
    """Generate sentences of a small world in which word analogies hold.

    Args:
        n_sentences: how many sentences of 5 to 9 words, from 1 to 10,000,000; equal ones occur.
        seed: the same seed gives the same text, on every machine.

    Returns:
        A generated text, marked as a stand-in: one sentence on each line, and a blank line after
        each, so that `text.word_sentences` finds them again.

    Raises:
        TypeError: when n_sentences or seed is not a whole number.
        ValueError: when n_sentences is below 1 or above 10,000,000.

    >>> len(generate_world(1000, seed=1).text.split("\\n\\n"))
    1000
    """
    n_sentences, seed = whole_number("n_sentences", n_sentences), whole_number("seed", seed)
    if not 1 <= n_sentences <= MOST_SENTENCES:
        limit = "at least 1" if n_sentences < 1 else f"at most {MOST_SENTENCES:,}"
        raise ValueError(f"n_sentences={shown(n_sentences)} must be {limit}")
    uniform = random.Random(seed).random
    sentences = []
    for _ in range(n_sentences):
        pieces: list[str] = []
        expand(_sentence(), uniform, pieces)
        sentence = "".join(pieces)
        sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
    source = f"generated world, seed {seed}: sentences from a grammar, written by no person"
    return TextCorpus("\n\n".join(sentences), True, source)


def world_analogies() -> dict[str, list[tuple[str, str, str, str]]]:
    """Return the analogy questions that the grammar of the generated world makes true.

    The words of a pair differ in one feature, the same one for all pairs of a kind, and in small
    things of their own.

    Returns:
        Kind -> questions (a, b, c, d), read as "a is to b as c is to d": any two pairs of the
        kind, in both orders; the words are in lower case.

    >>> world_analogies()["plain and royal"][0]
    ('man', 'king', 'woman', 'queen')
    """
    kinds = _read()["analogies"]
    return {
        kind: [
            tuple(word.lower() for word in (*first, *second))
            for first, second in permutations(pairs, 2)
        ]
        for kind, pairs in kinds.items()
    }
