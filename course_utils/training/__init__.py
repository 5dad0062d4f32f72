"""Train the models of the course, and keep what they learned in a checkpoint."""

from course_utils.training.checkpoints import (
    Checkpoint,
    CheckpointError,
    load_weights,
    read_checkpoint,
    save_checkpoint,
)
from course_utils.training.fitting import FitOptions, History, fit
from course_utils.training.steps import TrainHistory, TrainOptions, train, warmup_cosine

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "FitOptions",
    "History",
    "TrainHistory",
    "TrainOptions",
    "fit",
    "load_weights",
    "read_checkpoint",
    "save_checkpoint",
    "train",
    "warmup_cosine",
]
