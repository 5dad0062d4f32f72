"""The generated play: one derivation for each text, and an entropy that is exact."""

import itertools
import json
import math
import re
import statistics
import time
from functools import cache
from pathlib import Path

import pytest

from course_utils.corpora import generate_play, play, play_entropy

pytestmark = pytest.mark.offline  # these also hold with no network and no mirror

DATA = Path(__file__).parents[1] / "data"
GRAMMAR = json.loads((DATA / "play" / "grammar.json").read_text(encoding="utf-8"))
FIRST_LINES = "Fool Pip:\nAs any fool would, I feared the s"
NAME = re.compile(r"<([^<>]+)>")


def derivations(grammar, text):
    """Return (number of derivations, probability) of a text: a parser of its own."""
    draws, all_values, rules = grammar["draws"], grammar["values"], grammar["rules"]

    @cache
    def shares(rule):
        variable = draws.get(rule)
        values = all_values[variable] if variable else {None: 1}
        total = sum(values.values()) * sum(rules[rule].values())
        return [
            (variable, value, NAME.split(template), share * weight / total)
            for value, share in values.items()
            for template, weight in rules[rule].items()
        ]

    @cache
    def ends(rule, start, values):
        """Map each possible end of the rule's text to (number, probability)."""
        found = {}
        for variable, value, pieces, p in shares(rule):
            inner = (values - {(variable, dict(values).get(variable))}) | {(variable, value)}
            open_ends = {start: (1, p)}
            for i, piece in enumerate(pieces):
                open_ends = step(piece, i % 2, open_ends, inner if variable else values)
            for end, (number, mass) in open_ends.items():
                old = found.get(end, (0, 0.0))
                found[end] = (old[0] + number, old[1] + mass)
        return found

    def step(piece, is_rule, open_ends, values):
        if not is_rule:
            return {
                end + len(piece): value
                for end, value in open_ends.items()
                if text.startswith(piece, end)
            }
        stem, dot, variable = piece.partition(".")
        rule = f"{stem}.{dict(values)[variable]}" if dot else stem
        after = {}
        for start, (number, mass) in open_ends.items():
            # Below a rule without draws in reach, the values do not matter: share the work.
            seen = values if stem in {"couplet", "second", "third", "fourth", "opening"} else ()
            for end, (n, p) in ends(rule, start, frozenset(seen)).items():
                old = after.get(end, (0, 0.0))
                after[end] = (old[0] + number * n, old[1] + mass * p)
        return after

    return ends(grammar["start"], 0, frozenset()).get(len(text), (0, 0.0))


def clashes(grammar):
    """List what could make a text ambiguous; see the docstring of course_utils.corpora.play."""
    rules = {}
    for rule, alternatives in grammar["rules"].items():
        merged = rules.setdefault(rule.partition(".")[0], {})
        shared = [*(merged.keys() & alternatives.keys())]
        if shared:
            return [f"{rule}: {shared}"]
        merged.update(alternatives)
    pieces = {rule: [NAME.split(a) for a in rules[rule]] for rule in rules}

    @cache
    def first(piece, is_rule):
        if is_rule:
            parts = pieces[piece.partition(".")[0]]
            return set().union(*(first(p[0], 0) or first(p[1], 1) for p in parts))
        return set(re.findall(r"[A-Za-z']+|[^A-Za-z']", piece)[:1])

    @cache
    def ends_in_letter(piece, is_rule):
        if is_rule:
            parts = pieces[piece.partition(".")[0]]
            lasts = [(p[-1], 0) if p[-1] else (p[-2], 1) for p in parts]
            return any(ends_in_letter(*last) for last in lasts)
        return piece[-1:].isalpha()

    problems = []
    for rule, parts in pieces.items():
        starts = [first(p[0], 0) or first(p[1], 1) for p in parts]
        problems += [f"{rule}: {a & b}" for a, b in itertools.combinations(starts, 2) if a & b]
        for p in parts:
            parted = [(piece, i % 2) for i, piece in enumerate(p) if piece]
            for left, right in itertools.pairwise(parted):
                if ends_in_letter(*left) and any(word[0].isalpha() for word in first(*right)):
                    problems.append(f"{rule}: a word is put together from {left} and {right}")
        if any("\n\n" in alternative.removesuffix("\n\n") for alternative in rules[rule]):
            problems.append(f"{rule}: blank line inside")
    return problems


def changed(**new_rules):
    return {**GRAMMAR, "rules": {**GRAMMAR["rules"], **new_rules}}


def test_grammar_is_unambiguous():
    assert clashes(GRAMMAR) == []


def test_no_alternative_is_written_twice():
    def check(pairs):
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    json.loads(
        (DATA / "play" / "grammar.json").read_text(encoding="utf-8"), object_pairs_hook=check
    )


@pytest.mark.parametrize(
    ("rule", "alternatives"),
    [
        ("animal", {"horse": 1, "horse fly": 1}),
        ("opening", {"The <animal> saw the ": 1, "The <person> saw the ": 1}),
        ("closing.queen", {"The crown is tired.": 1}),
        ("last_end.ay", {"night": 1, "sight": 1}),
        ("animal", {"horse<animals>": 1}),
        ("couplet", {"<opening>\n\n<answer>": 1}),
    ],
)
def test_an_ambiguous_grammar_is_noticed(rule, alternatives):
    assert clashes(changed(**{rule: alternatives}))


def test_generated_text_parses_back_in_one_way():
    speeches = generate_play(40_000, seed=3).text.split("\n\n")[:-1]
    bits = []
    for speech in speeches:
        number, p = derivations(GRAMMAR, speech + "\n\n")
        assert number == 1
        bits.append(-math.log2(p))
    # -log2 p a character must be the computed entropy, within 4 standard errors.
    n_chars = sum(len(speech) + 2 for speech in speeches)
    rest = [b - play_entropy() * (len(s) + 2) for b, s in zip(bits, speeches, strict=True)]
    error = statistics.stdev(rest) * math.sqrt(len(rest)) / n_chars
    assert error < 0.01
    assert abs(sum(bits) / n_chars - play_entropy()) < 4 * error


def test_foreign_text_does_not_parse():
    assert derivations(GRAMMAR, "Fool Pip:\nHello.\n\n")[0] == 0


def test_example_in_the_documentation_is_of_the_grammar():
    for text in (play.__doc__, (DATA / "README.md").read_text(encoding="utf-8")):
        example = re.search(r"( {4}Ferryman Odo:\n(?: {4}.*\n)+)", text)[1]
        assert derivations(GRAMMAR, re.sub("(?m)^    ", "", example) + "\n")[0] == 1


TOY = {
    "start": "speech",
    "draws": {"speech": "who", "pair": "end"},
    "values": {"who": {"a": 3, "b": 1}, "end": {"x": 1, "y": 2, "z": 2}},
    "rules": {
        "speech": {"<name.who>: <pair>": 2, "<name.who>! <pair> <pair>": 1},
        "name.a": {"Ann": 1}, "name.b": {"Bob": 1, "Bill": 5},
        "pair": {"<word>-<tail.end>-<tail.end>": 1},
        "word": {"one": 1, "two": 2, "seven": 4},
        "tail.x": {"ax": 1}, "tail.y": {"by": 3, "cyy": 1}, "tail.z": {"dz": 1},
    },
}  # fmt: skip


def enumerate_texts(node):
    """Yield (text, probability) of every derivation."""
    bounds = [0.0, *node.bounds, 1.0]
    for low, high, parts in zip(bounds, bounds[1:], node.alternatives, strict=False):
        options = [[(p, 1.0)] if isinstance(p, str) else [*enumerate_texts(p)] for p in parts]
        for chosen in itertools.product(*options):
            yield "".join(t for t, _ in chosen), math.prod((p for _, p in chosen), start=high - low)


def test_entropy_of_a_toy_grammar_equals_that_of_all_its_texts():
    node = play.Grammar(TOY).node("speech", {})
    texts = [*enumerate_texts(node)]
    assert len({text for text, _ in texts}) == len(texts) > 1000
    assert math.isclose(sum(p for _, p in texts), 1)
    assert math.isclose(node.entropy, -sum(p * math.log2(p) for _, p in texts))
    assert math.isclose(node.length, sum(p * len(text) for text, p in texts))
    for text, p in texts[::97]:
        number, parsed = derivations(TOY, text)
        assert number == 1
        assert math.isclose(parsed, p)


def test_vocabulary_and_speakers_are_rich():
    text = generate_play(300_000).text
    assert len(set(re.findall("[a-z]+", text.lower()))) >= 400
    assert len(set(re.findall(r"(?m)^(.+):$", text))) == len(GRAMMAR["values"]["speaker"]) == 12


def test_speaker_decides_the_closing_words():
    speeches = generate_play(60_000).text.split("\n\n")[:-1]
    pairs = {(speech.split(":")[0], speech.split("\n")[-1]) for speech in speeches}
    assert len(pairs) == 12


def test_same_seed_same_text_and_length_is_exact():
    assert generate_play(5000, seed=7) == generate_play(5000, seed=7)
    assert generate_play(5000, seed=7).text != generate_play(5000, seed=8).text
    for n_chars in (1, 2, 257, 5000):
        assert generate_play(n_chars).text == generate_play(5000).text[:n_chars]
    corpus = generate_play(10)
    assert corpus.bits_per_char == play_entropy()
    assert corpus.is_standin


def test_text_of_seed_0_stays_the_same():
    assert generate_play(43).text == FIRST_LINES


def test_a_million_characters_in_two_seconds():
    start = time.process_time()  # of the processor: other programs do not count
    assert len(generate_play(1_000_000, seed=5).text) == 1_000_000
    assert time.process_time() - start < 2


@pytest.mark.parametrize("n_chars", [0, -1])
def test_bad_length(n_chars):
    with pytest.raises(ValueError, match=f"n_chars={n_chars} must be at least 1"):
        generate_play(n_chars)


@pytest.mark.parametrize(("n_chars", "seed"), [(2.5, 0), ("9", 0), (9, None), (9, 0.5)])
def test_bad_types(n_chars, seed):
    with pytest.raises(TypeError, match="must be a whole number"):
        generate_play(n_chars, seed=seed)
