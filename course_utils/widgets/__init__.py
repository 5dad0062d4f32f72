"""Sliders and boxes around plain functions. The only package that imports ipywidgets.

A widget here redraws by setting the bytes of an Image: that works alike in JupyterLab, in Colab,
in live slides, and with ipywidgets 7.7 and 8. What a widget shows at rest is also a stored figure
in the notebook, for readers without a running Python.
"""

from course_utils.widgets.attention import (
    attention_explorer,
    draw_attention,
    draw_scan,
    scan_explorer,
)
from course_utils.widgets.controls import choice, slider, switch, text_box
from course_utils.widgets.maps import draw_neighbours, word_map
from course_utils.widgets.merges import merge_explorer
from course_utils.widgets.panel import Panel, explore
from course_utils.widgets.shapes import describe_rnn, shape_explorer
from course_utils.widgets.words import draw_noise, draw_windows, noise_explorer, window_explorer
from course_utils.widgets.writer import WritingBox
from course_utils.widgets.writing import writing_box

__all__ = [
    "Panel",
    "WritingBox",
    "attention_explorer",
    "choice",
    "describe_rnn",
    "draw_attention",
    "draw_neighbours",
    "draw_noise",
    "draw_scan",
    "draw_windows",
    "explore",
    "merge_explorer",
    "noise_explorer",
    "scan_explorer",
    "shape_explorer",
    "slider",
    "switch",
    "text_box",
    "window_explorer",
    "word_map",
    "writing_box",
]
