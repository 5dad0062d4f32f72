"""Figures of the course: one style, one palette, and `show`, which stores the alt text.

Every function takes data and returns the matplotlib Axes it drew on. Only `show` displays.
"""

from course_utils.plots.attention import attention_map
from course_utils.plots.chances import choice_panels
from course_utils.plots.charts import bars_with_seeds, heat_map, line_with_band
from course_utils.plots.guesses import belief_bars, beliefs, confusion
from course_utils.plots.learning import learning_curves
from course_utils.plots.maps import point_map
from course_utils.plots.passages import passage_map, surprise_map, unit_map
from course_utils.plots.style import (
    INK,
    MARKERS,
    PALETTE,
    new_figure,
    show,
    to_png,
    use_course_style,
)
from course_utils.plots.tokens import token_strip
from course_utils.plots.words import noise_bars, null_histogram

__all__ = [
    "INK",
    "MARKERS",
    "PALETTE",
    "attention_map",
    "bars_with_seeds",
    "belief_bars",
    "beliefs",
    "choice_panels",
    "confusion",
    "heat_map",
    "learning_curves",
    "line_with_band",
    "new_figure",
    "noise_bars",
    "null_histogram",
    "passage_map",
    "point_map",
    "show",
    "surprise_map",
    "to_png",
    "token_strip",
    "unit_map",
    "use_course_style",
]
