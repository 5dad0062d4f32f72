"""Expand the rules of a weighted grammar into text: the engine of the play and of the world."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, eq=False)
class Node:
    """Hold one rule ready for use.

    Attributes:
        bounds: bounds[i] is the sum of the probabilities up to alternative i; without the last one.
        alternatives: each a row of fixed texts and rules.
        entropy: of the choices in a text of this rule, in bits.
        length: mean length of such a text, in characters.
    """

    bounds: tuple[float, ...]
    alternatives: tuple[tuple[str | Node, ...], ...]
    entropy: float
    length: float


def _node(weighted: list[tuple[float, tuple[str | Node, ...]]]) -> Node:
    """Return the rule with its entropy (bits) and its mean length (characters)."""
    total = sum(weight for weight, _ in weighted)
    entropy = length = 0.0
    for weight, parts in weighted:
        nodes = [part for part in parts if isinstance(part, Node)]
        n_fixed = sum(len(part) for part in parts if isinstance(part, str))
        p = weight / total
        entropy += p * (-math.log2(p) + sum(node.entropy for node in nodes))
        length += p * (n_fixed + sum(node.length for node in nodes))
    # The last bound is left out: whatever lies above the others belongs to the last alternative.
    bounds = tuple(accumulate(weight / total for weight, _ in weighted[:-1]))
    return Node(bounds, tuple(parts for _, parts in weighted), entropy, length)


class Grammar:
    """Turn a grammar into nodes, one for each rule and each value that the rule depends on.

    Args:
        grammar: with rules, draws and values, as data/README.md describes them.
    """

    def __init__(self, grammar: dict) -> None:
        self.grammar = grammar
        self.nodes: dict[tuple, Node] = {}
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

    def node(self, rule: str, values: dict[str, str]) -> Node:
        """Return the node of a rule under the present values of the variables.

        Args:
            rule: its name.
            values: variable -> its present value; empty for the rule that a text starts with.

        Raises:
            KeyError: the grammar has no such rule, or a variable has no value.
        """
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
            self.nodes[key] = _node(weighted)
        return self.nodes[key]

    def _parts(self, template: str, values: dict[str, str]) -> tuple[str | Node, ...]:
        parts: list[str | Node] = []
        for i, piece in enumerate(re.split(r"<([^<>]+)>", template)):
            if i % 2:
                stem, dot, variable = piece.partition(".")
                parts.append(self.node(f"{stem}.{values[variable]}" if dot else stem, values))
            elif piece:
                parts.append(piece)
        return tuple(parts)


def expand(node: Node, uniform: Callable[[], float], pieces: list[str]) -> None:
    """Append one random text of a rule to pieces.

    Args:
        node: the rule.
        uniform: returns the next random number, from 0 up to (not including) 1; one is used for
            each choice.
        pieces: to what the parts of the text are appended, from left to right.
    """
    i = bisect_right(node.bounds, uniform()) if node.bounds else 0
    for part in node.alternatives[i]:
        if isinstance(part, str):
            pieces.append(part)
        else:
            expand(part, uniform, pieces)
