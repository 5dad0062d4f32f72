"""The pictures of the course, drawn by code.

Every function opens a new white figure, 9 inches wide (the map of the course: 11.5), and returns
its Axes (or the Figure when it has several panels). None of them displays anything:
`course_utils.plots.show` does.
"""

from course_utils.diagrams.attention import attention_rows, rnn_or_attention
from course_utils.diagrams.batches import packed_steps, padded_batch
from course_utils.diagrams.blocks import concat_or_add
from course_utils.diagrams.chains import bidirectional, stacked
from course_utils.diagrams.course_map import course_map
from course_utils.diagrams.families import model_families
from course_utils.diagrams.feeding import char_generation, teacher_or_free
from course_utils.diagrams.gates import GRU_STAGES, LSTM_STAGES, gru_cell, lstm_cell
from course_utils.diagrams.gpt import gpt_block
from course_utils.diagrams.jobs import four_jobs
from course_utils.diagrams.layers import hidden_layer
from course_utils.diagrams.letters import char_training
from course_utils.diagrams.min_gru import min_gru_cell
from course_utils.diagrams.name_cell import lecture_cell
from course_utils.diagrams.negatives import shared_negatives
from course_utils.diagrams.one_hot import lookup
from course_utils.diagrams.scan import rounds_needed, scan_joins, scan_rounds
from course_utils.diagrams.series import symbol_strip, windows
from course_utils.diagrams.streams import parallel_streams, random_windows
from course_utils.diagrams.systems import memory_or_not
from course_utils.diagrams.tasks import TASK_KINDS, task_shape, task_shapes
from course_utils.diagrams.unrolled import cycle_and_unrolled
from course_utils.diagrams.words import WINDOW_KINDS, word_windows

__all__ = [
    "GRU_STAGES",
    "LSTM_STAGES",
    "TASK_KINDS",
    "WINDOW_KINDS",
    "attention_rows",
    "bidirectional",
    "char_generation",
    "char_training",
    "concat_or_add",
    "course_map",
    "cycle_and_unrolled",
    "four_jobs",
    "gpt_block",
    "gru_cell",
    "hidden_layer",
    "lecture_cell",
    "lookup",
    "lstm_cell",
    "memory_or_not",
    "min_gru_cell",
    "model_families",
    "packed_steps",
    "padded_batch",
    "parallel_streams",
    "random_windows",
    "rnn_or_attention",
    "rounds_needed",
    "scan_joins",
    "scan_rounds",
    "shared_negatives",
    "stacked",
    "symbol_strip",
    "task_shape",
    "task_shapes",
    "teacher_or_free",
    "windows",
    "word_windows",
]
