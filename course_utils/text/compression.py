"""Let a general compressor predict a text: how many bits it needs for each character."""

from __future__ import annotations

from course_utils.text.given import utf8_text

LARGEST_DICTIONARY = 64 * 2**20  # bytes: that of xz -9; the encoder takes 11 times as much memory


def xz_bits_per_char(training_text: str, held_out_text: str) -> float:
    """Return the bits that xz adds for each held-out character, after it has read a training text.

    A compressor is a predictor: what it expected costs few bits. To give it the same knowledge as
    a trained model, both texts are compressed as one, and the size of the training text compressed
    alone is taken off:

        bits = 8 * (size(training + held out) - size(training)) / characters held out

    Sizes are bytes of a raw LZMA2 stream, the inside of an .xz file without its header, checksum
    and index (about 60 bytes), at the strongest setting (preset 9, extreme). The dictionary, the
    part of the past that can be referred to, is as long as both texts, but at most 64 MiB. The
    texts are written in UTF-8; the answer counts characters, not bytes. xz goes on learning while
    it reads the held-out text, which a trained network does not.

    Args:
        training_text: what the compressor reads first; may be empty.
        held_out_text: what is predicted. A size is a whole number of bytes, so a short text gives
            a coarse answer; take some thousands of characters.

    Returns:
        Bits per character.

    Raises:
        TypeError: a text is not a string.
        ValueError: held_out_text is empty, or a text holds half a surrogate pair.

    >>> play = "To be, or not to be, that is the question. " * 20
    >>> xz_bits_per_char(play, play) < 0.2 < xz_alone(play) < 1
    True
    """
    utf8_text("training_text", training_text)
    utf8_text("held_out_text", held_out_text)
    if not held_out_text:
        raise ValueError("held_out_text is empty: give the text whose bits are to be counted")
    training, held_out = training_text.encode(), held_out_text.encode()
    dictionary = min(max(len(training) + len(held_out), 4096), LARGEST_DICTIONARY)
    added = _size(training + held_out, dictionary) - _size(training, dictionary)
    return 8 * added / len(held_out_text)


def xz_alone(text: str) -> float:
    """Return the bits per character of a text that xz compresses alone, as it usually does.

    Compare it with `xz_bits_per_char`: without a training text the compressor starts from nothing
    and pays for every word when it occurs for the first time.

    Args:
        text: at least one character.

    Returns:
        Bits per character, of the same raw stream.

    Raises:
        TypeError: text is not a string.
        ValueError: the text is empty, or holds half a surrogate pair.
    """
    if not utf8_text("text", text):
        raise ValueError("text is empty: give the text whose bits are to be counted")
    return xz_bits_per_char("", text)


def _size(data: bytes, dictionary: int) -> int:
    """Return the bytes of the data as a raw LZMA2 stream."""
    import lzma  # here, because some builds of Python come without it

    strongest = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}
    filters = [strongest | {"dict_size": dictionary}]
    return len(lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters))
