"""Train the models of the course, and keep what they learned in a checkpoint."""

from course_utils.training.checkpoints import (
    Checkpoint,
    CheckpointError,
    load_weights,
    read_checkpoint,
    save_checkpoint,
)
from course_utils.training.fitting import FitOptions, History, fit
from course_utils.training.language import StreamLoss, bits, held_out_loss
from course_utils.training.options import TrainHistory, TrainOptions, warmup_cosine
from course_utils.training.precision import pick_precision
from course_utils.training.snapshots import Keeper
from course_utils.training.steps import train

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "FitOptions",
    "History",
    "Keeper",
    "StreamLoss",
    "TrainHistory",
    "TrainOptions",
    "bits",
    "fit",
    "held_out_loss",
    "load_weights",
    "pick_precision",
    "read_checkpoint",
    "save_checkpoint",
    "train",
    "warmup_cosine",
]
