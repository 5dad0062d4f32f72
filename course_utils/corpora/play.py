r"""Generate a play whose true entropy is computed, not estimated.

The grammar stands in data/play/grammar.json; data/README.md describes it. A rule holds
alternatives with weights; the probability of an alternative is its weight divided by the sum of
the rule's weights. The play is an endless row of independent speeches. A speech is a speaker's
name, a colon, one to four rhymed pairs of lines, and that speaker's own closing line:

    Ferryman Odo:
    The silver sailor saw the narrow day,
    And slowly the judge found the secret way.
    Come aboard, my boat is waiting.

Two choices reach over a distance. The speaker decides the oath, the role and the closing words
(as far as 400 characters below the name), and the rhyme of a pair decides both line ends.

Why the entropy is exact. Within a rule, every alternative starts with another word (after rules
that differ only in speaker or rhyme are laid together; their words are disjoint), so a reader who
knows the grammar can tell each choice from the text: a text has one derivation. A blank line ends
a speech and occurs nowhere else. So the entropy of a speech is the entropy of its choices,

    H(rule) = sum over alternatives a of p(a) * (-log2 p(a) + sum of H over the rules in a),

(the chain rule of entropy; Cover and Thomas, "Elements of Information Theory", 2nd edition,
Theorem 2.2.1), its mean length follows the same recursion, and since speeches are independent and
show where they end, the entropy rate of the play is H(speech) / E[length of a speech].
"""

from __future__ import annotations

import json
import random
from functools import cache

from course_utils.arguments import shown, whole_number
from course_utils.corpora.grammar import Grammar, Node, expand
from course_utils.corpora.records import TextCorpus
from course_utils.corpora.registry import shipped

MOST_CHARS = 10**8  # about a minute, and some hundred megabytes of memory


@cache
def _speech() -> Node:
    grammar = json.loads(shipped("play", "grammar.json").read_text(encoding="utf-8"))
    return Grammar(grammar).node(grammar["start"], {})


def play_entropy() -> float:
    """Return the entropy rate of the generated play.

    Returns:
        Bits per character, computed from the grammar (see the top of this module).

    >>> 0.3 < play_entropy() < 1.5
    True
    """
    return _speech().entropy / _speech().length


def generate_play(n_chars: int, *, seed: int = 0) -> TextCorpus:
    """Generate a play of known entropy.

    Args:
        n_chars: length of the text in characters, from 1 to 100,000,000; the last speech is cut
            there.
        seed: the same seed gives the same text, on every machine.

    Returns:
        A stand-in corpus with `bits_per_char`, the entropy rate of the endless play.

    Raises:
        TypeError: when n_chars or seed is not a whole number.
        ValueError: when n_chars is below 1 or above 100,000,000.

    >>> len(generate_play(1000, seed=1).text)
    1000
    """
    n_chars, seed = whole_number("n_chars", n_chars), whole_number("seed", seed)
    if not 1 <= n_chars <= MOST_CHARS:
        limit = "at least 1" if n_chars < 1 else f"at most {MOST_CHARS:,}"
        raise ValueError(f"n_chars={shown(n_chars)} must be {limit}")
    uniform = random.Random(seed).random
    speeches, length = [], 0
    while length < n_chars:
        pieces: list[str] = []
        expand(_speech(), uniform, pieces)
        speeches.append("".join(pieces))
        length += len(speeches[-1])
    source = f"stand-in: generated play, seed {seed}"
    return TextCorpus("".join(speeches)[:n_chars], True, source, play_entropy())
