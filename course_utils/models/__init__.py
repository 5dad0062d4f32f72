"""Networks of the course, built from PyTorch's nn.RNN, nn.GRU and nn.LSTM."""

from course_utils.models.classifier import SequenceClassifier, SequenceClassifierConfig
from course_utils.models.crowd import RNNCrowd
from course_utils.models.language import CharLM, CharLMConfig, State, detach_state
from course_utils.models.lecture import LectureRNN
from course_utils.models.modes import evaluation_mode

__all__ = [
    "CharLM",
    "CharLMConfig",
    "LectureRNN",
    "RNNCrowd",
    "SequenceClassifier",
    "SequenceClassifierConfig",
    "State",
    "detach_state",
    "evaluation_mode",
]
