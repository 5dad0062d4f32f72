"""Sliders and boxes around plain functions. The only package that imports ipywidgets.

A widget here redraws by setting the bytes of an Image: that works alike in JupyterLab, in Colab,
in live slides, and with ipywidgets 7.7 and 8. What a widget shows at rest is also a stored figure
in the notebook, for readers without a running Python.
"""

from course_utils.widgets.controls import choice, slider, switch, text_box
from course_utils.widgets.panel import Panel, explore
from course_utils.widgets.shapes import describe_rnn, shape_explorer
from course_utils.widgets.writer import WritingBox, writing_box

__all__ = [
    "Panel",
    "WritingBox",
    "choice",
    "describe_rnn",
    "explore",
    "shape_explorer",
    "slider",
    "switch",
    "text_box",
    "writing_box",
]
