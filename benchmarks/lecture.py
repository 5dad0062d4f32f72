"""The lecture's pipeline for names: one name per step, one letter at a time, nothing batched.

The functions have the lecture's names, in Python's spelling. The slides leave out `evaluate` and
`category_from_output`, and give every unknown letter the index -1, which is the last letter of the
alphabet; here an unknown letter is an error. What a function needs (the model, the names) is an
argument, not a global variable. The computation is the lecture's.
"""

from __future__ import annotations

import random
import string
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from course_utils.models import LectureRNN

ALL_LETTERS = string.ascii_letters + " .,;'-"  # what `course_utils.text.normalise` leaves
N_LETTERS = len(ALL_LETTERS)
N_HIDDEN = 128
LEARNING_RATE = 0.005

criterion = nn.NLLLoss()


def letter_to_index(letter: str) -> int:
    """Return the place of a letter in ALL_LETTERS.

    Raises:
        ValueError: there is no such letter there. `ALL_LETTERS.find`, which the lecture uses,
            answers -1, and a one-hot vector with its 1 at place -1 is that of the last letter.
    """
    if len(letter) != 1 or letter not in ALL_LETTERS:
        raise ValueError(
            f"{letter!r} is not one of the {N_LETTERS} letters: write the name with "
            "course_utils.text.normalise first"
        )
    return ALL_LETTERS.index(letter)


def letter_to_tensor(letter: str) -> Tensor:
    """Turn a letter into a one-hot row: float, (1, N_LETTERS)."""
    tensor = torch.zeros(1, N_LETTERS)
    tensor[0, letter_to_index(letter)] = 1
    return tensor


def line_to_tensor(line: str) -> Tensor:
    """Turn a name into one-hot rows: float, (line_length, 1, N_LETTERS).

    Raises:
        ValueError: the name is empty, or holds an unknown letter.
    """
    if not line:
        raise ValueError("the name is empty: the network answers after its last letter")
    tensor = torch.zeros(len(line), 1, N_LETTERS)
    tensor[range(len(line)), 0, [letter_to_index(letter) for letter in line]] = 1
    return tensor


def category_from_output(output: Tensor, categories: Sequence[str]) -> tuple[str, int]:
    """Return the most likely category and its index, for log-probabilities (1, n_categories)."""
    index = int(output.argmax())
    return categories[index], index


def random_training_pair(
    category_lines: Mapping[str, Sequence[str]], source: random.Random
) -> tuple[str, str, Tensor, Tensor]:
    """Draw a language, all equally likely, and then one of its names.

    Args:
        category_lines: for each language its names.
        source: of the random choices.

    Returns:
        The language, the name, the language's index (int64, (1,)) and the name's one-hot rows.
    """
    categories = list(category_lines)
    category = source.choice(categories)
    line = source.choice(category_lines[category])
    category_tensor = torch.tensor([categories.index(category)])
    return category, line, category_tensor, line_to_tensor(line)


def train(rnn: LectureRNN, category_tensor: Tensor, line_tensor: Tensor) -> tuple[Tensor, float]:
    """Read one name, compare, go back, and move the weights: one step of plain SGD.

    Args:
        rnn: the network, changed in place.
        category_tensor: int64, (1,), the right answer.
        line_tensor: float, (line_length, 1, N_LETTERS).

    Returns:
        The log-probabilities, (1, n_categories), and the loss.
    """
    hidden = rnn.init_hidden()
    rnn.zero_grad()
    for letter in line_tensor:
        output, hidden = rnn(letter, hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        if p.grad is not None:  # i2h gets none from a name of one letter
            p.data.add_(p.grad, alpha=-LEARNING_RATE)
    return output.detach(), loss.item()


def evaluate(rnn: LectureRNN, line_tensor: Tensor) -> Tensor:
    """Read one name and return the log-probabilities, (1, n_categories)."""
    hidden = rnn.init_hidden()
    with torch.no_grad():
        for letter in line_tensor:
            output, hidden = rnn(letter, hidden)
    return output
