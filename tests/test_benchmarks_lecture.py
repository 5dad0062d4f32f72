"""The lecture's pipeline of the benchmark computes what the lecture computes."""

from __future__ import annotations

import random
import string
from copy import deepcopy

import pytest
import torch
from torch import nn

from benchmarks import lecture
from course_utils.models import LectureRNN
from course_utils.text import normalise


@pytest.fixture
def rnn():
    torch.manual_seed(0)
    return LectureRNN(lecture.N_LETTERS, 6, 3)


def test_the_cell_is_the_formula(rnn):
    torch.manual_seed(1)
    x, h = lecture.letter_to_tensor("q"), torch.randn(1, 6)
    output, hidden = rnn(x, h)
    both = torch.cat([x, h], dim=1)
    torch.testing.assert_close(hidden, both @ rnn.i2h.weight.T + rnn.i2h.bias)
    scores = both @ rnn.i2o.weight.T + rnn.i2o.bias
    torch.testing.assert_close(output, scores.softmax(dim=1).log())


def next_hidden(rnn, h):
    return rnn(lecture.letter_to_tensor("a"), h)[1]


@pytest.mark.parametrize("tanh", [False, True])
def test_only_without_tanh_the_cell_is_affine_in_the_hidden_state(tanh):
    torch.manual_seed(0)
    rnn = LectureRNN(lecture.N_LETTERS, 6, 3, tanh=tanh)
    h, k = torch.randn(1, 6), torch.randn(1, 6)
    mixed = next_hidden(rnn, 0.3 * h + 0.7 * k)
    parts = 0.3 * next_hidden(rnn, h) + 0.7 * next_hidden(rnn, k)
    assert torch.allclose(mixed, parts, atol=1e-6) is not tanh


def test_tanh_is_applied_to_the_hidden_state_only(rnn):
    other = LectureRNN(lecture.N_LETTERS, 6, 3, tanh=True)
    other.load_state_dict(rnn.state_dict())
    x, h = lecture.letter_to_tensor("a"), torch.ones(1, 6)
    torch.testing.assert_close(other(x, h)[1], torch.tanh(rnn(x, h)[1]))
    assert torch.equal(other(x, h)[0], rnn(x, h)[0])


def test_arguments_in_the_wrong_order(rnn):
    with pytest.raises(ValueError, match=r"hidden must be \(1, 6\), got \(1, 58\)"):
        rnn(rnn.init_hidden(), lecture.letter_to_tensor("a"))


def test_the_letters_are_those_that_normalise_leaves():
    assert lecture.N_LETTERS == len(set(lecture.ALL_LETTERS)) == 58
    assert normalise(lecture.ALL_LETTERS) == lecture.ALL_LETTERS
    assert set(normalise(string.printable)) == set(lecture.ALL_LETTERS)


@pytest.mark.parametrize("letter", ["é", "", "ab", "7", "\n"])
def test_an_unknown_letter_is_not_the_last_letter(letter):
    with pytest.raises(ValueError, match="is not one of the 58 letters"):
        lecture.letter_to_index(letter)


def test_a_line_is_its_letters_one_after_the_other():
    tensor = lecture.line_to_tensor("O'Neill")
    assert tensor.shape == (7, 1, 58)
    for row, letter in zip(tensor, "O'Neill", strict=True):
        assert torch.equal(row, lecture.letter_to_tensor(letter))
        assert row.nonzero().tolist() == [[0, lecture.ALL_LETTERS.index(letter)]]
    with pytest.raises(ValueError, match="the name is empty"):
        lecture.line_to_tensor("")


def test_pairs_are_drawn_language_first():
    lines = {"Few": ["A"], "Many": [letter * 2 for letter in string.ascii_letters]}
    source = random.Random(0)
    drawn = [lecture.random_training_pair(lines, source) for _ in range(2000)]
    assert 0.45 < sum(category == "Few" for category, *_ in drawn) / 2000 < 0.55
    assert {line for _, line, *_ in drawn} == {"A", *lines["Many"]}
    for category, line, category_tensor, line_tensor in drawn[:50]:
        assert category_tensor.tolist() == [list(lines).index(category)]
        assert line in lines[category]
        assert torch.equal(line_tensor, lecture.line_to_tensor(line))


def test_a_step_is_one_of_plain_sgd(rnn):
    other = deepcopy(rnn)
    optimizer = torch.optim.SGD(other.parameters(), lr=0.005)
    # Gradients must not add up from one name to the next, and a name may have one letter.
    for name, label in (("Kim", 2), ("Slusarski", 0), ("O", 1)):
        line_tensor, label_tensor = lecture.line_to_tensor(name), torch.tensor([label])
        hidden = other.init_hidden()
        for letter in line_tensor:
            expected, hidden = other(letter, hidden)
        optimizer.zero_grad()
        expected_loss = nn.functional.nll_loss(expected, label_tensor)
        expected_loss.backward()
        before = deepcopy(rnn.state_dict())
        output, loss = lecture.train(rnn, label_tensor, line_tensor)
        assert torch.equal(output, expected)
        assert loss == expected_loss.item() == -output[0, label].item()
        optimizer.step()
        for key, value in rnn.state_dict().items():
            torch.testing.assert_close(value, other.state_dict()[key], rtol=0, atol=1e-7)
        assert not torch.equal(before["i2o.weight"], rnn.i2o.weight)


def test_reading_a_name_changes_nothing(rnn):
    before = deepcopy(rnn.state_dict())
    output = lecture.evaluate(rnn, lecture.line_to_tensor("Jackson"))
    assert not output.requires_grad
    assert all(torch.equal(before[key], value) for key, value in rnn.state_dict().items())
    trained, _ = lecture.train(rnn, torch.tensor([0]), lecture.line_to_tensor("Jackson"))
    assert torch.equal(output, trained)


def test_the_category_is_the_most_likely_one():
    output = torch.tensor([[0.2, 0.7, 0.1]]).log()
    assert lecture.category_from_output(output, ["Czech", "Greek", "Irish"]) == ("Greek", 1)
