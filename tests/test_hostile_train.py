"""Wrong options of the two training commands: an exit with words about the option, no traceback."""

import re

import pytest
from train_samples import SIZES, ships

from course_utils import train as command
from course_utils.recipes import train_language as parts
from course_utils.recipes import train_names

HUGE = "9" * 30
NUMBERS = ["", " ", "x", "1e", "\ud800", "🙂", "--", "None", "[1]", "1;ls", "0x10", "١٢x"]
NOT_WHOLE = [*NUMBERS, "2.5", "nan", "inf", "1e3", "-1", "0"]
NOT_REAL = [*NUMBERS, "nan", "inf", "-inf", "-1", "1e400"]
WHOLE = ["steps", "hidden-size", "embed-dim", "layers", "streams", "chunk", "threads", "save-every"]
SIZED = ["hidden-size", "embed-dim", "layers", "streams", "chunk", "threads"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder with a text; a training would fail the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    (tmp_path / "ships.txt").write_text(ships(3000), encoding="utf-8")
    monkeypatch.setattr(parts, "train_language", lambda *args, **options: pytest.fail("trained"))
    return tmp_path


def answer(capfd, *more):
    """Return the exit status and what was said on the standard error."""
    try:
        status = command.main(["--text", "ships.txt", *SIZES, *more])
    except SystemExit as exit_:
        status = exit_.code
    return status, capfd.readouterr().err


def assert_refused(capfd, option, value):
    status, said = answer(capfd, f"--{option}={value}")
    assert status in (1, 2), f"--{option}={value!r} was taken"
    assert "Traceback" not in said
    assert re.search(rf"(?<![\w-])(--)?{option}(?!\w)", said), f"--{option}={value!r}: {said}"


@pytest.mark.parametrize("option", WHOLE)
def test_options_that_are_whole_numbers(option, capfd, record_property):
    for value in NOT_WHOLE:
        assert_refused(capfd, option, value)
    record_property("cases", len(NOT_WHOLE))


@pytest.mark.parametrize("option", ["evaluate-every", "patience", "sample", "seed"])
def test_options_that_may_be_zero(option, capfd, record_property):
    for value in NOT_WHOLE[:-1]:
        assert_refused(capfd, option, value)
    record_property("cases", len(NOT_WHOLE) - 1)


@pytest.mark.parametrize("option", SIZED)
def test_sizes_that_no_machine_has(option, capfd, record_property):
    for value in (HUGE, 2**63, 2**31, 10**7):
        assert_refused(capfd, option, value)
    record_property("cases", 4)


@pytest.mark.parametrize("option", ["seconds", "dropout", "learning-rate"])
def test_options_that_are_numbers(option, capfd, record_property):
    values = [*NOT_REAL, *(["1", "1.5"] if option == "dropout" else ["0"])]
    for value in values:
        assert_refused(capfd, option, value)
    record_property("cases", len(values))


@pytest.mark.parametrize("option", ["kind", "precision"])
def test_options_that_are_words(option, capfd, record_property):
    values = ["", "LSTM", "cnn", "\ud800", "🙂", "a" * 20_000, "float64", "--"]
    for value in values:
        assert_refused(capfd, option, value)
    record_property("cases", len(values))


@pytest.mark.parametrize(
    "value", ["", ".", "no.txt", "a" * 5000, "\0", "\ud800", "🙂", "ships.txt/x"]
)
@pytest.mark.parametrize("option", ["text", "out"])
def test_paths(option, value, capfd, monkeypatch):
    monkeypatch.setattr(parts, "train_language", lambda *args, **options: _stop())
    status, said = answer(capfd, f"--{option}={value}")
    assert status in (1, 2, 130)
    assert "Traceback" not in said
    assert said.strip()


def _stop():
    raise KeyboardInterrupt


@pytest.mark.parametrize("arguments", [["nonsense"], ["--no-such"], ["--steps"], ["--resume=1"]])
def test_words_that_are_no_options(arguments, capfd):
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert "error:" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("option", "values"),
    [("threads", [*NOT_WHOLE, HUGE]), ("seed", [*NOT_WHOLE[:-1], HUGE])],
)
def test_the_command_for_names(option, values, capfd, monkeypatch, record_property, no_texts):
    monkeypatch.setattr(train_names, "train_guesser", lambda *a, **k: pytest.fail("trained"))
    for value in values:
        try:
            status = train_names.main(["--stand-in", "--out=new", f"--{option}={value}"])
        except SystemExit as exit_:
            status = exit_.code
        said = capfd.readouterr().err
        assert status in (1, 2), f"--{option}={value!r} was taken"
        assert option in said
        assert "Traceback" not in said
    record_property("cases", len(values))
