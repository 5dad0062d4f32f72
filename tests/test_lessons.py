"""What a notebook writes out is what the package holds: first use visible, second imported."""

import math
import random
import re
from pathlib import Path

import nbformat
import pytest
import torch
from torch import nn

from benchmarks import lecture
from course_utils import batching, cells, models, sampling, text, training
from course_utils.models import detach_state
from course_utils.recipes.language import LanguageRecipe, build_language_model

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def defined_in(notebook, *names):
    """Run the cells that define these names, alone, and return the objects."""
    scope = {"torch": torch, "nn": nn, "F": nn.functional, "text": text}
    scope |= {"device": torch.device("cpu"), "math": math, "detach_state": detach_state}
    sources = [c.source for c in nbformat.read(NOTEBOOKS / notebook, 4).cells]
    for name in names:
        (source,) = [s for s in sources if re.search(rf"^(def|class) {name}\(", s, re.MULTILINE)]
        # Only the definition: what follows it in the cell uses names of other cells.
        start = re.search(rf"^(@\S+\n)?(def|class) {name}\(", source, re.MULTILINE).start()
        source = source[start:].split("\n\n\n")[0]
        exec(compile(source, notebook, "exec"), scope)
    return [scope[name] for name in names]


def test_the_loop_of_lesson_01_is_fit():
    (train,) = defined_in("01_sequential_data.ipynb", "train")
    generator = torch.Generator().manual_seed(5)
    x = torch.randn(50, 3, generator=generator)
    y = x.sum(dim=1, keepdim=True)
    weights = []
    for use_fit in (False, True):
        torch.manual_seed(1)
        model = nn.Linear(3, 1)
        if use_fit:
            options = training.FitOptions(epochs=4, learning_rate=0.05, batch_size=8, seed=7)
            training.fit(model, x, y, nn.MSELoss(), options)
        else:
            train(model, x, y, nn.MSELoss(), 4, 0.05, 8, 7)
        weights.append(torch.cat([p.flatten() for p in model.parameters()]))
    torch.testing.assert_close(*weights)


def test_the_step_and_loop_of_lesson_02_are_those_of_cells():
    step, layer = defined_in("02_vanilla_rnn.ipynb", "rnn_step", "rnn_layer")
    torch.manual_seed(0)
    weights = cells.RNNWeights(torch.randn(5, 4), torch.randn(5, 5), torch.randn(5))
    x, h_0 = torch.randn(2, 6, 4), torch.randn(2, 5)
    assert torch.equal(step(x[:, 0], h_0, *weights), cells.rnn_step(x[:, 0], h_0, *weights))
    for ours, theirs in zip(layer(x, h_0, weights), cells.rnn_layer(x, h_0, weights), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_the_steps_of_lesson_04_are_those_of_cells():
    ours, lecture = defined_in("04_lstm_gru.ipynb", "lstm_step", "gru_step_lecture")
    torch.manual_seed(0)
    x_t, h_prev, c_prev = torch.randn(2, 4), torch.randn(2, 5), torch.randn(2, 5)
    lstm, gru = cells.cell_weights(nn.LSTMCell(4, 5)), cells.cell_weights(nn.GRUCell(4, 5))
    torch.testing.assert_close(
        ours(x_t, h_prev, c_prev, lstm), tuple(cells.lstm_step(x_t, h_prev, c_prev, lstm)[:2])
    )
    no_bias = gru._replace(b_hn=torch.zeros(5))
    theirs = cells.gru_step_lecture(x_t, h_prev, no_bias).h_t
    torch.testing.assert_close(lecture(x_t, h_prev, no_bias), theirs)


def test_the_model_and_free_run_of_lesson_05_are_the_package_s():
    letter_rnn, free_run = defined_in("05_char_rnn.ipynb", "LetterRNN", "free_run")
    vocabulary = text.Vocabulary.from_text("hello")
    for kind in ("RNN", "LSTM"):
        torch.manual_seed(2)
        ours = letter_rnn(kind, 4, 6)
        torch.manual_seed(2)
        config = models.CharLMConfig(4, kind=kind.lower(), hidden_size=6)
        theirs = models.CharLM(config)
        ids = torch.tensor([vocabulary.encode("hell")])
        torch.testing.assert_close(ours(nn.functional.one_hot(ids, 4).float())[0], theirs(ids)[0])
        new = sampling.generate(theirs, vocabulary.encode("he"), 12, generator=None, temperature=0)
        assert free_run(ours, vocabulary, "he", 12) == "he" + "".join(vocabulary.decode(new))


def test_the_networks_of_lesson_06_are_the_package_s():
    rnn, name_lstm = defined_in("06_char_rnn_names.ipynb", "RNN", "NameLSTM")
    letter, state = torch.eye(58)[:1], torch.randn(1, 8)
    for tanh in (False, True):
        torch.manual_seed(3)
        ours = rnn(58, 8, 18, tanh)
        torch.manual_seed(3)
        theirs = models.LectureRNN(58, 8, 18, tanh=tanh)
        torch.testing.assert_close(ours(letter, state), theirs(letter, state))
    torch.manual_seed(4)
    ours = name_lstm(5, 3)
    torch.manual_seed(4)
    theirs = models.SequenceClassifier(models.SequenceClassifierConfig(5, 3))
    batch = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])
    torch.testing.assert_close(ours(*batch), theirs(*batch))


def test_the_step_of_lesson_06_is_the_benchmark_s():
    (train,) = defined_in("06_char_rnn_names.ipynb", "train")
    weights = []
    for step in (train, lecture.train):
        torch.manual_seed(3)
        network = models.LectureRNN(58, 8, 18)
        random.seed(1)
        step(network, torch.tensor([4]), lecture.line_to_tensor("Kim"))
        weights.append(torch.cat([p.detach().flatten() for p in network.parameters()]))
    torch.testing.assert_close(*weights)


def test_the_loop_of_lesson_08_is_train():
    rate, train = defined_in(
        "08_shakespeare.ipynb", "chunk_loss", "learning_rate", "train_by_hand"
    )[1:]
    assert [rate(step, 300, 2.0) for step in range(300)] == pytest.approx(
        [2 * training.warmup_cosine(step, 300, 0.02) for step in range(300)]
    )
    streams = batching.Streams(torch.arange(900) ** 2 % 11, n_streams=4, chunk_len=8)
    recipe = LanguageRecipe(hidden_size=6, embed_dim=3, dropout=0.0)
    histories = []
    for by_hand in (True, False):
        model = build_language_model(11, recipe)
        if by_hand:
            histories.append(train(model, streams, 60, peak=0.02))
            continue
        options = training.TrainOptions(60, learning_rate=0.02, warmup=0.02, weight_decay=0.1)
        loss_of = training.StreamLoss()
        histories.append(training.train(model, streams, loss_of, options).losses)
    assert histories[0] == pytest.approx(histories[1], rel=1e-4)
    assert histories[0][-1] < histories[0][0]


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_solution_in_the_lesson_is_accepted(name, capsys):
    """Put every solution into the place of its stub: each check must then say it is right."""
    lesson = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    solved = nbformat.read(NOTEBOOKS / "solutions" / f"{name}_solutions.ipynb", 4)
    checks = [c.source for c in lesson.cells if c.source.startswith("checks.check_")]
    scope = {}
    for cell in solved.cells:
        if cell.cell_type == "code" and "bootstrap" not in cell.metadata.get("tags", []):
            exec(cell.source, scope)
    capsys.readouterr()
    for check in checks:
        exec(check, scope)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(checks) >= (1 if name.startswith("00_") else 3)
    assert all(line.startswith("✓") for line in lines)
