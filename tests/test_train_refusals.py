"""What the command of language models says to a text, an option or a checkpoint it cannot use."""

import json
from itertools import product

import pytest
from train_samples import SIZES, call, ships

from course_utils import train as command
from course_utils.corpora import LongText
from course_utils.recipes import train_language as parts
from course_utils.recipes.language_reports import say
from course_utils.recipes.writing import Writer

RUN = [*SIZES, "--steps", "12", "--evaluate-every", "4", "--dropout", "0"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the folder where the command runs; it holds a text of 3000 letters."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    (tmp_path / "ships.txt").write_text(ships(3000), encoding="utf-8")
    return tmp_path


def trained(*more):
    """Return what the command did with the text of ships."""
    return call(["--text", "ships.txt", *RUN, *more])


def no_training(monkeypatch):
    """Let a training fail the test."""
    monkeypatch.setattr(parts, "train_language", lambda *args, **options: pytest.fail("trained"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "mine.txt is empty; take a text with at least two different characters"),
        (b"0123456789", "the text is too short: 10 symbols are there"),
        (b"\x7fELF\x00\x01" * 700, "mine.txt is a binary file, not UTF-8 text"),
        ("안녕".encode("cp949") * 700, "mine.txt is not UTF-8 text: byte 0xbe at position 0"),
        (b"a" * 3000, "holds only one distinct character, 'a', so there is nothing to predict"),
        (b"to be or not " * 6, "choose fewer streams or shorter chunks: --streams=3 or fewer, or "
         "--chunk=17 or less"),
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_learned(folder, content, message):
    (folder / "mine.txt").write_bytes(content)
    before = {*folder.iterdir()}
    seen = call(["--text", "mine.txt", *RUN])
    assert seen.status == 1
    assert message in seen.err
    assert len(seen.err.splitlines()) == 1
    assert seen.out == ""
    assert {*folder.iterdir()} == before


def test_the_advice_for_a_short_text_is_good(folder):
    (folder / "mine.txt").write_text("to be or not " * 6, encoding="utf-8")
    for sizes in (["--streams", "3"], ["--chunk", "17"]):
        assert call(["--text", "mine.txt", *RUN, *sizes]).status == 0
    for sizes in (["--streams", "4"], ["--chunk", "18"]):
        assert call(["--text", "mine.txt", *RUN, *sizes]).status == 1


KOREAN = (
    "{time} {who}는 {place}에서 {what}를 보았다.\n"
    "\"{what}가 {place}까지 왔구나!\" 하고 {who}는 말했다.\n"
)  # fmt: skip
PARTS = {
    "time": ["어제 아침에", "오늘 낮에", "지난 겨울에"],
    "who": ["미나", "준호", "어머니", "선배"],
    "place": ["바다", "도서관 앞", "학교", "시장"],
    "what": ["고래", "고양이", "새 기차", "무지개"],
}


def test_a_korean_text(folder):
    chosen = [dict(zip(PARTS, words, strict=True)) for words in product(*PARTS.values())]
    text = "".join(KOREAN.format(**words) for words in chosen)
    (folder / "이야기.txt").write_text(text, encoding="utf-8")
    sizes = ["--hidden-size", "32", "--embed-dim", "16", "--streams", "8", "--chunk", "32"]
    seen = call(["--text", "이야기.txt", *sizes, "--steps", "120", "--sample", "30"])
    assert (seen.status, seen.err) == (0, "")
    assert seen.losses[-1] < 0.5 * seen.losses[0]
    written = seen.out.split("per held-out character\n", 1)[1][:30]
    assert set(written) <= set(text)
    assert any("가" <= letter <= "힣" for letter in written)
    writer = Writer.load("./이야기-lstm")
    assert writer.vocabulary.tokens == tuple(sorted(set(text)))
    more = writer.write("미나는 ", 60, generator=None, temperature=0)
    assert len(more) == 60
    assert any("가" <= letter <= "힣" for letter in more)
    with pytest.raises(ValueError, match="has never seen 'Q', '쀍'"):
        writer.write("쀍Q", 3, generator=None, temperature=0)
    assert "이야기.txt" in writer.facts["command"]


def test_letters_that_a_screen_cannot_show(capsys, monkeypatch, tmp_path):
    say("a\x1b[31m\r\tb\n한")
    assert capsys.readouterr().out == "a?[31m??b\n한\n"
    with open(tmp_path / "screen", "w", encoding="ascii") as screen, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", screen)
        say("é한b")
    assert (tmp_path / "screen").read_text(encoding="ascii") == "??b\n"


def test_what_is_printed(folder):
    loud, quiet = trained(), trained("--quiet")
    assert loud.out.count("step ") == 3
    assert quiet.out.count("\n") == 1
    assert (loud.err, quiet.err) == ("", "")
    assert loud.losses == quiet.losses
    short, none = trained("--sample", "9").out, trained("--sample", "0").out
    assert len(none.splitlines()) == 4
    first, after = (none.index("step 8"), short.index("step 8"))
    assert after - first == 10  # nine letters and the end of a line


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--learning-rate", "1e30"], "train it with a smaller --learning-rate"),
        (["--learning-rate", "-1"], "--learning-rate must be a finite number above 0, got -1"),
        (["--steps", "0"], "--steps must be a whole number of at least 1, got 0"),
        (["--hidden-size", "0"], "--hidden-size must be a whole number of at least 1, got 0"),
        (["--layers", "0"], "--layers must be a whole number of at least 1, got 0"),
        (["--dropout", "1"], "dropout must be a finite number of at least 0 and below 1, got 1"),
        (["--seconds", "0"], "--seconds must be a finite number above 0, got 0"),
        (
            ["--threads", "0"],
            "--threads must be a whole number of at least 1 and at most 1024, got 0",
        ),
        (["--streams", "0"], "--streams must be a whole number of at least 1, got 0"),
        (["--text", "."], "is a folder; give the path of one text file"),
        (["--text", "none.txt"], "there is no file none.txt"),
        (["--out", "model.pt"], "model.pt has the name of a pickle"),
        (["--out", "ships.txt/model"], "cannot write in the folder ships.txt"),
        (["--check"], "there is no checkpoint "),
    ],
)
def test_an_option_that_cannot_be_used(folder, more, message):
    seen = trained(*more)
    assert seen.status == 1
    assert message in seen.err
    assert len(seen.err.splitlines()) == 1
    assert [path.name for path in folder.iterdir()] == ["ships.txt"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--kind", "tree"],
        ["--steps", "x"],
        ["--stand-in"],
        ["--stand-in", "--out", "x", "--text", "ships.txt"],
        ["--check", "--resume"],
        ["--save-every", "0"],
        ["--sample", "-1"],
        ["--seed", "-1"],
        ["--precision", "float16"],
    ],
)
def test_wrong_arguments(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
    assert "error:" in capsys.readouterr().err


def test_bfloat16_where_it_would_have_to_be_imitated(folder, monkeypatch):
    monkeypatch.setattr(parts, "has_bfloat16", lambda device: False)
    seen = trained("--precision", "bfloat16")
    assert seen.status == 1
    assert "this cpu has no instructions for bfloat16; use --precision auto or float32" in seen.err


def change_score(name, by):
    with open(f"{name}.json", encoding="utf-8") as file:
        content = json.load(file)
    content["extra"]["scores"]["val_nats"] += by
    with open(f"{name}.json", "w", encoding="utf-8") as file:
        json.dump(content, file)


@pytest.mark.parametrize(
    ("by", "status"), [(0, 0), (0.019, 0), (-0.019, 0), (0.021, 1), (-0.03, 1)]
)
def test_a_repeated_training_is_compared(folder, by, status):
    trained("--out", "lstm")  # not the shipped one of that name
    change_score("lstm", by)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    seen = trained("--out", "lstm", "--check")
    assert (seen.status, seen.err) == (status, "")
    assert ("NOT the checkpoint lstm" in seen.out) == bool(status)
    assert ("repeats lstm within 0.02" in seen.out) == (not status)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--steps", "13"], "n_steps is 12, not 13"),
        (["--dropout", "0.1", "--layers", "2"], "dropout is 0.0, not 0.1; num_layers is 1, not 2"),
        (["--text", "other.txt"], "it was made from another text than text file other.txt"),
    ],
)
def test_another_training_is_not_even_begun(folder, monkeypatch, more, message):
    trained("--out", "mine")
    (folder / "other.txt").write_text(ships(2999), encoding="utf-8")
    assert trained("--out", "mine", "--check", "--seed", "0").status == 0
    no_training(monkeypatch)
    seen = trained("--out", "mine", "--check", "--seed", "5", *more)
    assert seen.status == 1
    assert seen.out == f"NOT the checkpoint mine: {message}\n"


def test_a_checkpoint_that_does_not_say_how_it_was_made(folder, monkeypatch):
    trained("--out", "mine")
    writer = Writer.load("./mine")
    no_training(monkeypatch)
    for missing in ("recipe", "data", "scores"):
        facts = {name: part for name, part in writer.facts.items() if name != missing}
        Writer(writer.model, writer.vocabulary, facts).save("mine")
        seen = trained("--out", "mine", "--check")
        assert seen.status == 1
        assert f"does not say how it was made (recipe, data or scores: '{missing}')" in seen.err


@pytest.mark.offline
def test_the_stand_in_is_used_only_when_asked_for(folder, monkeypatch):
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder / "cache"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    seen = call([*RUN, "--out", "play"])
    assert seen.status == 1
    assert "COURSE_OFFLINE" in seen.err
    small = LongText.from_string(ships(3000), source="stand-in: a play", is_standin=True)
    asked = []
    monkeypatch.setattr(parts, "open_shakespeare", lambda fallback: asked.append(fallback) or small)
    assert call([*RUN, "--out", "play", "--stand-in"]).status == 0
    assert asked == [True]
    facts = Writer.load("./play").facts
    assert facts["data"]["source"] == "stand-in: a play"
    assert facts["command"].endswith(" --stand-in")
