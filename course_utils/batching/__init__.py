"""Cut long data into the batches that a model reads."""

from course_utils.batching.padded import PaddedBatch, batches_by_length, mask, pad
from course_utils.batching.streams import Chunk, Readable, Streams
from course_utils.batching.windows import windows

__all__ = [
    "Chunk",
    "PaddedBatch",
    "Readable",
    "Streams",
    "batches_by_length",
    "mask",
    "pad",
    "windows",
]
