"""Cut a text into blocks of neighbouring words, whose pairs are computed together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Blocks(NamedTuple):
    """Neighbouring words, and which of them are pairs.

    Attributes:
        centres: numbers of words, int64, (B, L): L neighbouring words in each of B blocks.
        around: numbers of the same words and of w more on each side, int64, (B, L + 2w).
        is_pair: float32, (B, L, 2w + 1): 1 where around[b, l + j] is a neighbour of
            centres[b, l], else 0.
    """

    centres: Tensor
    around: Tensor
    is_pair: Tensor


def cut_blocks(
    row: Tensor, sentence: Tensor, reach: Tensor, *, window: int, block_len: int
) -> Blocks:
    """Cut a piece of a text into blocks.

    >>> row = torch.tensor([0, 7, 8, 9, 0])  # three words, and padding on both sides
    >>> sentence, reach = torch.tensor([-1, 0, 0, 0, -1]), torch.tensor([0, 1, 1, 1, 0])
    >>> blocks = cut_blocks(row, sentence, reach, window=1, block_len=3)
    >>> blocks.centres.tolist(), blocks.is_pair.int().tolist()
    ([[7, 8, 9]], [[[0, 0, 1], [1, 0, 1], [1, 0, 0]]])

    Args:
        row: numbers of words, int64, (w + B * L + w,): the blocks, with w more on each side.
        sentence: the number of each word's sentence, int64, same shape.
        reach: how many neighbours each word has on either side, 0 to w, int64, same shape; 0 for
            padding.
        window: w.
        block_len: L.

    Returns:
        Views of row, and the pairs.
    """
    inner = slice(window, len(row) - window)
    # How far away are the words at j = 0 ... 2w? The centre is out of its own reach.
    distance = torch.arange(-window, window + 1, device=row.device).abs()
    distance[window] = window + 1
    is_pair = distance <= reach[inner].unsqueeze(1)
    is_pair &= sentence.unfold(0, 2 * window + 1, 1) == sentence[inner].unsqueeze(1)
    return Blocks(
        row[inner].view(-1, block_len),
        row.unfold(0, block_len + 2 * window, block_len),
        is_pair.float().view(-1, block_len, 2 * window + 1),
    )


def epoch_blocks(
    row: Tensor,
    sentence: Tensor,
    *,
    keep: Tensor,
    window: int,
    block_len: int,
    blocks_per_step: int,
    generator: torch.Generator,
) -> Iterator[tuple[Blocks, float]]:
    """Go through a text once: thin out frequent words, draw windows, cut blocks.

    Args:
        row: numbers of words, int64, (N,).
        sentence: the number of each word's sentence, int64, (N,).
        keep: chance of each word of the vocabulary to stay, float32, (V,).
        window: w; every word draws its own reach from 1 to w.
        block_len: L.
        blocks_per_step: B, at most this many blocks are given at once.
        generator: of the random numbers, on the device of row.

    Yields:
        The blocks, and the share of the text that is done with them, up to 1.
    """
    stays = torch.rand(len(row), generator=generator, device=row.device) < keep[row]
    row, sentence = row[stays], sentence[stays]
    n_words = len(row)
    reach = torch.randint(1, window + 1, (n_words,), generator=generator, device=row.device)
    # Padding: for the windows at both ends, and to fill the last block.
    sides = (window, window + -n_words % block_len)
    row, sentence, reach = F.pad(row, sides), F.pad(sentence, sides, value=-1), F.pad(reach, sides)
    step = block_len * blocks_per_step
    for start in range(0, n_words, step):
        # The slice is shorter at the end of the text.
        piece = slice(start, start + step + 2 * window)
        pieces = row[piece], sentence[piece], reach[piece]
        blocks = cut_blocks(*pieces, window=window, block_len=block_len)
        yield blocks, min(1.0, (start + step) / n_words)
