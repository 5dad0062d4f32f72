"""Byte-pair encoding: what cannot be learned, encoded or decoded is answered in words."""

from __future__ import annotations

import pytest

from course_utils.text import BytePairTokenizer, learn_bpe

BPE = learn_bpe("to be or not to be", 3)


@pytest.mark.parametrize("number", [-1, 258, 10**9])
def test_unknown_tokens_are_refused(number: int) -> None:
    bpe = BytePairTokenizer([(97, 98), (256, 99)])
    with pytest.raises(IndexError, match=f"token {number} at position 1 is outside 0 to 257"):
        bpe.decode([97, number])
    with pytest.raises(IndexError, match="outside 0 to 257"):
        bpe.token(number)


@pytest.mark.parametrize("text", ["ab\ud800", "ab\udfff cd"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    for refuse in (BPE.encode, BPE.pieces, lambda text: learn_bpe(text, 3)):
        with pytest.raises(ValueError, match="surrogate pair .* at position 2"):
            refuse(text)


def test_other_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="n_merges=-1 must be from 0"):
        learn_bpe("text", -1)
    with pytest.raises(ValueError, match="must be from 0 to 1,000,000"):
        learn_bpe("text", 1_000_001)
    with pytest.raises(TypeError):
        learn_bpe("text", 2.5)
    for refuse in (BPE.encode, lambda text: learn_bpe(text, 3)):
        with pytest.raises(TypeError, match="text must be one text .a string., got b'bytes'"):
            refuse(b"bytes")


@pytest.mark.parametrize(
    ("merges", "message"),
    [
        ([(97, 256)], "merge \\(97, 256\\) must join two of the tokens 0 to 255"),
        ([(97, 98), (-1, 3)], "two of the tokens 0 to 256"),
        ([(97, 98), (97, 98)], "is there twice"),
        ([(97,)], "a merge is a pair of token numbers, got \\(97,\\)"),
        ([("a", "b")], "a merge is a pair of token numbers"),
        ([97], "a merge is a pair of token numbers, got 97"),
    ],
)
def test_merges_that_cannot_be_are_refused(merges: list, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BytePairTokenizer(merges)
