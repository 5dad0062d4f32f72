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
import math
import random
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from course_utils.corpora.records import TextCorpus
from course_utils.corpora.registry import shipped


@dataclass(frozen=True, eq=False)
class _Node:
    """Hold one rule ready for use: bounds[i] is the sum of the probabilities up to i."""

    bounds: tuple[float, ...]
    alternatives: tuple[tuple[str | _Node, ...], ...]
    entropy: float
    length: float


def _make_node(weighted: list[tuple[float, tuple[str | _Node, ...]]]) -> _Node:
    """Return the rule with its entropy (bits) and its mean length (characters)."""
    total = sum(weight for weight, _ in weighted)
    entropy = length = 0.0
    for weight, parts in weighted:
        nodes = [part for part in parts if isinstance(part, _Node)]
        n_fixed = sum(len(part) for part in parts if isinstance(part, str))
        p = weight / total
        entropy += p * (-math.log2(p) + sum(node.entropy for node in nodes))
        length += p * (n_fixed + sum(node.length for node in nodes))
    # The last bound is left out: whatever lies above the others belongs to the last alternative.
    bounds = tuple(accumulate(weight / total for weight, _ in weighted[:-1]))
    return _Node(bounds, tuple(parts for _, parts in weighted), entropy, length)


class _Compiler:
    """Turn the grammar into nodes, one for each rule and each value that the rule depends on."""

    def __init__(self, grammar: dict) -> None:
        self.grammar = grammar
        self.nodes: dict[tuple, _Node] = {}
        self.known_needs: dict[str, set[str]] = {}

    def needs(self, rule: str) -> set[str]:
        """Return the variables whose values a rule depends on."""
        if rule not in self.known_needs:
            self.known_needs[rule] = self._find_needs(rule)
        return self.known_needs[rule]

    def _find_needs(self, rule: str) -> set[str]:
        found = set()
        for template in self.grammar["rules"][rule]:
            for name in re.findall(r"<([^<>]+)>", template):
                stem, dot, variable = name.partition(".")
                found |= {variable} if dot else self.needs(stem)
        return found - {self.grammar["draws"].get(rule)}

    def node(self, rule: str, values: dict[str, str]) -> _Node:
        """Return the node of a rule under the present values of the variables."""
        used = self.needs(rule) if "." not in rule else set()
        key = (rule, *sorted((name, values[name]) for name in used))
        if key not in self.nodes:
            variable = self.grammar["draws"].get(rule)
            drawn = self.grammar["values"][variable] if variable else {"": 1}
            weighted = []
            for value, share in drawn.items():
                inner = {**values, variable: value} if variable else values
                for template, weight in self.grammar["rules"][rule].items():
                    weighted.append((share * weight, self._parts(template, inner)))
            self.nodes[key] = _make_node(weighted)
        return self.nodes[key]

    def _parts(self, template: str, values: dict[str, str]) -> tuple[str | _Node, ...]:
        parts: list[str | _Node] = []
        for i, piece in enumerate(re.split(r"<([^<>]+)>", template)):
            if i % 2:
                stem, dot, variable = piece.partition(".")
                parts.append(self.node(f"{stem}.{values[variable]}" if dot else stem, values))
            elif piece:
                parts.append(piece)
        return tuple(parts)


@cache
def _speech() -> _Node:
    grammar = json.loads(shipped("play", "grammar.json").read_text(encoding="utf-8"))
    return _Compiler(grammar).node(grammar["start"], {})


def _expand(node: _Node, uniform: Callable[[], float], pieces: list[str]) -> None:
    """Append one random text of the rule to pieces, one random number for each choice."""
    i = bisect_right(node.bounds, uniform()) if node.bounds else 0
    for part in node.alternatives[i]:
        if isinstance(part, str):
            pieces.append(part)
        else:
            _expand(part, uniform, pieces)


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
        n_chars: length of the text in characters, at least 1; the last speech is cut there.
        seed: the same seed gives the same text, on every machine.

    Returns:
        A stand-in corpus with `bits_per_char`, the entropy rate of the endless play.

    Raises:
        TypeError: when n_chars or seed is not a whole number.
        ValueError: when n_chars is below 1.

    >>> len(generate_play(1000, seed=1).text)
    1000
    """
    if not isinstance(n_chars, int) or not isinstance(seed, int):
        raise TypeError(f"n_chars and seed must be whole numbers, not {n_chars!r} and {seed!r}")
    if n_chars < 1:
        raise ValueError(f"n_chars={n_chars} must be at least 1")
    uniform = random.Random(seed).random
    speeches, length = [], 0
    while length < n_chars:
        pieces: list[str] = []
        _expand(_speech(), uniform, pieces)
        speeches.append("".join(pieces))
        length += len(speeches[-1])
    source = f"stand-in: generated play, seed {seed}"
    return TextCorpus("".join(speeches)[:n_chars], True, source, play_entropy())
