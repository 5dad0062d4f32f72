"""The lines that a notebook's cell draws, read from its code: their axes, colours, other cues."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import eyes

from course_utils.plots import PALETTE

DRAW = {"plot", "semilogy", "semilogx", "loglog", "step", "axhline", "axvline", "line_with_band"}
CYCLE = ("blue", "orange", "green", "pink", "sky", "amber")  # without a colour of its own
STYLES = ("--", ":", "-.")


@dataclass(frozen=True)
class Look:
    """One call that draws lines.

    Args:
        line: its number in the cell.
        axes: the name of the Axes.
        colour: a name of the palette, or None when it changes from line to line.
        cue: the marker, line style and width as they stand in the code; empty: a plain line.
        many: drawn in a loop, with a colour that changes.
    """

    line: int
    axes: str
    colour: str | None
    cue: tuple[str, ...]
    many: bool


def looks(source: str) -> list[Look]:
    """Return the lines that a cell draws; those of a loop over Axes count once."""
    found: list[Look] = []
    for call, targets in calls(ast.parse(source), frozenset()):
        options = {word.arg: word.value for word in call.keywords if word.arg}
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name not in DRAW:
            continue
        owner = options.get("ax", call.func.value)
        axes = ast.unparse(owner)
        used = sum(look.axes == axes and look.colour in CYCLE for look in found)
        colour = colour_of(options, CYCLE[used % len(CYCLE)])
        looped = bool(targets) and not targets & names(owner)
        found.append(Look(call.lineno, axes, colour, cue_of(call, options), looped))
    return found


def calls(node: ast.AST, targets: frozenset[str]) -> Iterator[tuple[ast.Call, frozenset[str]]]:
    """Yield every call with the names that the loops around it change."""
    for child in ast.iter_child_nodes(node):
        inner = targets | names(child.target) if isinstance(child, ast.For) else targets
        yield from calls(child, inner)
        if isinstance(child, ast.Call):
            yield child, targets


def names(node: ast.AST) -> frozenset[str]:
    """Return the names in a piece of code."""
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def colour_of(options: dict[str, ast.expr], otherwise: str) -> str | None:
    """Return the name of the colour in the palette, None when it is not written out."""
    if "color" not in options:
        return otherwise
    words = [part.value for part in ast.walk(options["color"]) if isinstance(part, ast.Constant)]
    return words[0] if len(words) == 1 and words[0] in PALETTE else None


def cue_of(call: ast.Call, options: dict[str, ast.expr]) -> tuple[str, ...]:
    """Return what tells the line from others besides its colour, as it stands in the code."""
    written = [arg for arg in call.args[1:] if not isinstance(arg, (ast.Call, ast.BinOp))]
    shapes = [
        ast.unparse(arg)
        for arg in written
        if (isinstance(arg, ast.Constant) and isinstance(arg.value, str))
        or "MARKERS" in ast.unparse(arg)
        or (isinstance(arg, ast.Name) and arg.id in ("style", "marker"))
    ]
    keys = ("marker", "linestyle", "linewidth")
    return tuple(shapes + [f"{key}={ast.unparse(options[key])}" for key in keys if key in options])


def alike(source: str) -> list[str]:
    """Say which lines of a cell nobody tells apart without colour, or who does not see them.

    Two lines of one Axes need another marker, line style or width, unless their colours differ
    for every eye and in grey. A loop that draws several lines changes more than the colour.
    """
    found = looks(source)
    problems = [
        f"line {look.line}: the loop changes only the colour of its lines"
        for look in found
        if look.many and look.colour is None and not any("=" in c or c[0] != "'" for c in look.cue)
    ]
    for first, second in combinations(found, 2):
        if first.axes != second.axes or first.cue != second.cue or first.colour == second.colour:
            continue
        if first.colour and second.colour:
            pair = PALETTE[first.colour], PALETTE[second.colour]
            if not eyes.can_be_told_apart(*pair):
                problems.append(
                    f"lines {first.line} and {second.line}: {first.colour} and "
                    f"{second.colour} look alike to some readers"
                )
    return problems + [
        f"line {look.line}: {look.colour} is pale on white, and the line has no other cue"
        for look in found
        if look.colour and not look.cue and eyes.contrast(PALETTE[look.colour]) < 3
    ]
