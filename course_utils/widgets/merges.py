"""The explorer of byte-pair merges: type a text, and choose how many merges are made."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from course_utils import arguments, plots
from course_utils.arguments import instance, shown, whole_number
from course_utils.text import BytePairTokenizer
from course_utils.widgets.controls import slider, text_box
from course_utils.widgets.panel import Panel, explore

MAX_LETTERS = 100_000  # longer texts would make the box slow to type in


def merge_explorer(
    tokenizer: BytePairTokenizer, *, text: str = "To be, or not to be: that is the question."
) -> Panel:
    """Build the explorer of a tokenizer: its tokens in a text, after any number of its merges.

    Args:
        tokenizer: what `learn_bpe` gave.
        text: what stands in the box at rest.

    Returns:
        The Panel; its controls are n_merges and text.

    Raises:
        TypeError: tokenizer is no BytePairTokenizer, or text no text.
    """
    instance("tokenizer", tokenizer, BytePairTokenizer)
    arguments.text("text", text)

    def draw(n_merges: int, text: str) -> tuple[Axes, str]:
        return draw_merges(tokenizer, n_merges, text)

    n_merges = len(tokenizer.merges)
    controls: dict[str, Any] = {
        "text": text_box("text", text),
        "n_merges": slider("merges", 0, n_merges, value=n_merges),
    }
    return explore(draw, title="how byte-pair merges cut a text into tokens", **controls)


def draw_merges(tokenizer: BytePairTokenizer, n_merges: int, text: str) -> tuple[Axes, str]:
    r"""Draw the tokens of a text after the first n_merges merges, and count them.

    Args:
        tokenizer: its merges are made in their order.
        n_merges: how many, from 0 to all of them.
        text: 1 to 100,000 characters.

    Returns:
        The picture, and a line with the number of tokens and the characters per token.

    Raises:
        ValueError: the text is empty or too long, or there are not so many merges.

    >>> print(draw_merges(BytePairTokenizer([(101, 101)]), 1, "see")[1])
    2 tokens for 3 characters: 1.50 characters per token
    """
    instance("tokenizer", tokenizer, BytePairTokenizer)
    n_merges, text = whole_number("n_merges", n_merges), arguments.text("text", text)
    if not 0 <= n_merges <= len(tokenizer.merges):
        raise ValueError(f"n_merges={shown(n_merges)} must be from 0 to {len(tokenizer.merges)}")
    if not text:
        raise ValueError("the text is empty: type at least one character")
    if len(text) > MAX_LETTERS:
        raise ValueError(
            f"the text has {len(text):,} characters; give at most {MAX_LETTERS:,} of them"
        )
    cut = BytePairTokenizer(tokenizer.merges[:n_merges])
    numbers, pieces = cut.encode(text), cut.pieces(text)
    answer = f"{_count(len(numbers), 'token')} for {_count(len(text), 'character')}: "
    answer += f"{len(text) / len(numbers):.2f} characters per token"
    if any("\\x" in piece for piece in pieces) and "\\x" not in text:
        answer += "\n\\x and two digits: a byte that is only a part of a character"
    return plots.token_strip(pieces, numbers, max_rows=6), answer


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}" + ("" if n == 1 else "s")
