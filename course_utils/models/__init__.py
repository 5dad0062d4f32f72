"""Networks of the course, most of them built from PyTorch's nn.RNN, nn.GRU and nn.LSTM."""

from course_utils.models.attention_weights import attention_weights
from course_utils.models.classifier import SequenceClassifier, SequenceClassifierConfig
from course_utils.models.crowd import RNNCrowd
from course_utils.models.gpt import GPT, GPTConfig, attention
from course_utils.models.language import CharLM, CharLMConfig, State, detach_state
from course_utils.models.lecture import LectureRNN
from course_utils.models.min_gru import MinGRU, MinGRULM, MinGRULMConfig
from course_utils.models.modes import evaluation_mode

__all__ = [
    "CharLM",
    "CharLMConfig",
    "GPT",
    "GPTConfig",
    "LectureRNN",
    "MinGRU",
    "MinGRULM",
    "MinGRULMConfig",
    "RNNCrowd",
    "SequenceClassifier",
    "SequenceClassifierConfig",
    "State",
    "attention",
    "attention_weights",
    "detach_state",
    "evaluation_mode",
]
