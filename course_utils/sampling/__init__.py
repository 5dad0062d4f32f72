"""Choose the next symbol, and write text one symbol after the other.

Every random number comes from a torch.Generator that the caller gives, so the same generator state
gives the same text, and nothing else in the program is disturbed.
"""

from course_utils.sampling.choosing import draw, probabilities
from course_utils.sampling.fused import FastWriter
from course_utils.sampling.writing import generate, letters

__all__ = ["FastWriter", "draw", "generate", "letters", "probabilities"]
