"""Checks for the exercises: `check_<exercise>(your_function)` prints a verdict and a hint.

A check prints one line: "–" not attempted yet, "✓" right, "✗" with a hint about the mistake that
it recognised. It never raises because of a student's mistake, so later cells still run.
"""

from course_utils.checks.lesson_00 import check_backwards
from course_utils.checks.lesson_01 import (
    check_bigram_probabilities,
    check_count_mlp_parameters,
    check_encode_with_ends,
    check_one_hot,
    check_task_shapes,
)
from course_utils.checks.lesson_02 import (
    check_count_rnn_parameters,
    check_free_run,
    check_rnn_step,
    check_unroll,
)
from course_utils.checks.lesson_03 import (
    check_clip_by_global_norm,
    check_grad_w11,
    check_lag_until,
    check_truncated_run,
)
from course_utils.checks.lesson_04 import (
    check_convert_update_gate,
    check_count_lstm_parameters,
    check_gru_step,
    check_lstm_step,
)
from course_utils.checks.lesson_05 import (
    check_bits_and_perplexity,
    check_masked_loss,
    check_next_symbol_pairs,
    check_write_greedily,
)
from course_utils.checks.lesson_06 import (
    check_change_prior,
    check_last_states,
    check_macro_accuracy,
    check_split_names,
)
from course_utils.checks.lesson_07 import check_cbow_pairs, check_nearest
from course_utils.checks.lesson_07_chance import check_permutation_p_value
from course_utils.checks.lesson_07_training import (
    check_keep_probabilities,
    check_negative_sampling_gradients,
)
from course_utils.checks.lesson_08 import (
    check_best_unit,
    check_chunk_of,
    check_keep_top_p,
    check_total_bits,
)
from course_utils.checks.lesson_09 import (
    check_bits_per_character,
    check_causal_attention,
    check_merge_pair,
)
from course_utils.checks.lesson_09_steps import check_attend_one, check_scan_by_doubling

__all__ = [
    "check_attend_one",
    "check_backwards",
    "check_best_unit",
    "check_bigram_probabilities",
    "check_bits_and_perplexity",
    "check_bits_per_character",
    "check_causal_attention",
    "check_cbow_pairs",
    "check_change_prior",
    "check_chunk_of",
    "check_clip_by_global_norm",
    "check_convert_update_gate",
    "check_count_lstm_parameters",
    "check_count_mlp_parameters",
    "check_count_rnn_parameters",
    "check_encode_with_ends",
    "check_free_run",
    "check_grad_w11",
    "check_gru_step",
    "check_keep_probabilities",
    "check_keep_top_p",
    "check_lag_until",
    "check_last_states",
    "check_lstm_step",
    "check_macro_accuracy",
    "check_masked_loss",
    "check_merge_pair",
    "check_nearest",
    "check_negative_sampling_gradients",
    "check_next_symbol_pairs",
    "check_one_hot",
    "check_permutation_p_value",
    "check_rnn_step",
    "check_scan_by_doubling",
    "check_split_names",
    "check_task_shapes",
    "check_total_bits",
    "check_truncated_run",
    "check_unroll",
    "check_write_greedily",
]
