"""The tool that runs the course on Colab's stack: its pure parts, and the report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from reliability import colab, colab_outputs, colab_python, colab_runs, colab_stack
from reliability.colab_outputs import Difference
from reliability.colab_python import Choice
from reliability.colab_runs import Machine, Result

CPU = {"install": [{"metadata": {"name": "torch", "requires_dist": ["filelock", "sympy>=1.13"]}}]}
NEEDS = ['nvidia-cublas==13.1.0.3; platform_system == "Linux"', "triton==3.6; python_version>'3'"]
CUDA = {"install": [{"metadata": {"name": "Torch", "requires_dist": ["filelock", *NEEDS]}}]}


def choice_of(answers: dict, pythons: str = "3.13 3.12 3.11 3.10") -> Choice:
    """Choose where only some Pythons are there, and pip answers as written down."""

    def ask(python: str, torch: str) -> tuple[dict | None, str]:
        return answers.get((python.removeprefix("/py"), torch), (None, "No matching distribution"))

    def find(version: str) -> str | None:
        return f"/py{version}" if version in pythons.split() else None

    return colab_python.choose(["2.11.0", "2.13.0"], find=find, ask=ask)


def test_colabs_own_versions_are_taken_when_they_can_be_had() -> None:
    choice = choice_of({("3.13", "2.11.0"): (CPU, ""), ("3.13", "2.13.0"): (CPU, "")})
    assert choice == Choice("3.13", "/py3.13", "2.11.0")
    assert choice.is_colabs()
    assert "as in Colab" in colab.introduce(choice)


def test_the_python_counts_more_than_the_torch() -> None:
    choice = choice_of({("3.13", "2.13.0"): (CPU, ""), ("3.12", "2.11.0"): (CPU, "")})
    assert (choice.version, choice.torch) == ("3.13", "2.13.0")
    assert not choice.is_colabs()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere no build needs CUDA")
def test_a_torch_with_cuda_is_refused_and_the_reason_is_told() -> None:
    answers = {("3.13", "2.11.0"): (CUDA, ""), ("3.11", "2.13.0"): (CPU, "")}
    choice = choice_of(answers, pythons="3.13 3.11")
    assert (choice.version, choice.torch) == ("3.11", "2.13.0")
    said = colab.introduce(choice)
    assert "Python 3.13, torch 2.11.0: its build needs nvidia-cublas, triton" in said
    assert "Python 3.12: not on this machine" in said
    assert "Python 3.11, torch 2.11.0: there is no such torch for it" in said
    assert said.endswith("Taken: Python 3.11, torch 2.13.0: the nearest to Colab that can be had "
                         "here.")  # fmt: skip


def test_no_torch_at_all() -> None:
    with pytest.raises(RuntimeError, match="No torch without CUDA"):
        choice_of({})


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        ("ERROR: No matching distribution found for torch==9", "there is no such torch for it"),
        ("OSError: [Errno 27] File too large", "would have to be downloaded"),
        ("not enough bytes were received (1.0 MB/530.7 MB)", "only a file of 530.7 MB can be had"),
        ("hint: x\nERROR: the proxy refused\nhint: y", "ERROR: the proxy refused"),
        ("", "pip gave no answer"),
    ],
)
def test_why_pip_found_nothing(stderr: str, reason: str) -> None:
    assert reason in colab_python.judge_failure(stderr)


def test_needs_that_do_not_count() -> None:
    lines = ['nvidia-x; extra == "cuda"', "cudatoolkit", "tritonclient", "numpy (>=1)", "trition"]
    assert colab_python.heavy_needs(lines) == []
    assert colab_python.heavy_needs(["cuda-bindings>=13", "pytorch-triton~=3.0"]) == [
        "cuda-bindings",
        "pytorch-triton",
    ]


def test_this_python_is_found() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert colab_python.find_python(version) is not None
    assert colab_python.find_python("2.0") is None


def test_the_list_holds_the_promised_stack_and_nothing_that_colab_lacks() -> None:
    wanted = colab_stack.wanted_versions(colab_stack.REQUIREMENTS.read_text("utf-8"))
    promised = {"numpy": "2.1.3", "matplotlib": "3.10.0", "ipython": "7.34.0"}
    promised |= {"ipykernel": "6.17.1", "ipywidgets": "7.7.1", "pandas": "2.2.3"}
    assert promised.items() <= wanted.items()
    assert not {"torch", *colab_stack.ABSENT} & set(wanted)


def test_the_list_has_all_that_the_course_needs_but_gensim_and_torch() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = text.split("dependencies = [")[1].split("]")[0]
    needed = {line.strip(' ",').split(">")[0] for line in listed.splitlines() if line.strip()}
    wanted = colab_stack.wanted_versions(colab_stack.REQUIREMENTS.read_text("utf-8"))
    assert needed - set(wanted) == {"gensim", "torch"}


def test_another_list_or_torch_is_another_environment() -> None:
    one = colab_stack.key_of(Choice("3.11", "/p", "2.13.0"))
    assert one == colab_stack.key_of(Choice("3.11", "/p", "2.13.0", ("reason",)))
    assert one != colab_stack.key_of(Choice("3.11", "/p", "2.11.0"))


def machine(folder: Path, **options: bool) -> Machine:
    made = Machine(Path(sys.executable), folder / "m", "http://127.0.0.1:9/x.git", **options)
    made.make()
    return made


def test_a_machine_knows_nothing_of_the_person_who_runs_it(monkeypatch, tmp_path) -> None:
    for name in ("PYTHONPATH", "COURSE_DATA_DIR", "VIRTUAL_ENV", "JUPYTER_PATH"):
        monkeypatch.setenv(name, "/somewhere")
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path))
    made = machine(tmp_path)
    env = made.environment(COURSE_DRIVE="/d")
    assert not {"PYTHONPATH", "COURSE_DATA_DIR", "VIRTUAL_ENV", "JUPYTER_PATH"} & set(env)
    assert env["HOME"] == str(made.folder / "home")
    assert env["COURSE_DATA_MIRROR"] == str(tmp_path)
    assert env["COURSE_DRIVE"] == "/d"
    offline = machine(tmp_path, offline=True).environment()
    assert "COURSE_DATA_MIRROR" not in offline
    assert offline["COURSE_OFFLINE"] == "1"


def cell(*outputs: dict, tags: tuple[str, ...] = ()) -> dict:
    return {"cell_type": "code", "metadata": {"tags": [*tags]}, "outputs": [*outputs]}


def stream(text: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": text}


def shown(text: str) -> dict:
    return {"output_type": "display_data", "data": {"text/plain": text, "image/png": "x"}}


def test_outputs_are_compared_where_nbval_compares() -> None:
    text = {"cell_type": "markdown", "metadata": {}, "source": "x"}
    stored = [text, cell(stream("a\n"), shown("a map")), cell(stream("1"), tags=("nbval-skip",))]
    seen = [text, cell(stream("a\n"), shown("a map")), cell(stream("2"), tags=("nbval-skip",))]
    assert colab_outputs.compare(stored, seen) == (2, [])
    seen[1] = cell(stream("a\n"), shown("a mop"))
    assert colab_outputs.compare(stored, seen) == (2, [Difference(1, "a map", "a mop")])
    seen[1] = cell(stream("a\nb\n"), shown("a map"))
    (found,) = colab_outputs.compare(stored, seen)[1]
    assert str(found) == "cell 1: stored 'a map', here 'b'"


def test_where_a_stream_is_cut_does_not_matter() -> None:
    one, two = cell(stream("a\nb\n")), cell(stream("a\n"), stream("b\n"))
    assert colab_outputs.texts_of(one) == colab_outputs.texts_of(two) == ["a\nb\n"]
    wrong = cell({"output_type": "error", "ename": "ValueError", "evalue": "no"})
    assert colab_outputs.texts_of(wrong) == ["ValueError: no"]


def test_what_a_run_may_not_leave(tmp_path) -> None:
    made = machine(tmp_path)
    (found,) = colab_runs.look_at(made, [cell(stream("fine"))])
    assert "has not copied the course" in found
    (made.content / "rnn-course" / "course_utils").mkdir(parents=True)
    assert colab_runs.look_at(made, [cell(stream("fine"))]) == []
    (made.folder / "pip.log").write_text("install gensim\n")
    (made.folder / "kernel.log").write_text("0.00s - Debugger warning: x\nKeyError: 'x'\n")
    found = colab_runs.look_at(made, [cell(), cell(stream("x", "stderr"))])
    assert found == [
        "cell 1 printed an error or a warning: x",
        "pip was called: pip install gensim",
        "the kernel said: KeyError: 'x'",
    ]


def test_the_report(tmp_path, capsys) -> None:
    good = Result("01", 3.2, compared=4, controls=2)
    bad = Result("02", 1.0, compared=1, differences=[Difference(3, "a", "b")])
    worse = Result("03", problems=["cell 1 failed:\nno"])
    assert colab.describe(good) == "✓ 01: 3 s, 4 outputs compared, 0 differ, 2 controls moved"
    assert colab.describe(bad).endswith("1 differ\n    differs: cell 3: stored 'a', here 'b'")
    assert colab.describe(worse) == "✗ 03: 0 s\n    cell 1 failed:\n    no"
    assert colab.summary([good], 60).endswith("1.0 minutes: all is well.")
    assert "2 FAILED: 02, 03" in colab.summary([good, bad, worse], 60)
    unable = Result("a full Drive", left_out="no disk")
    assert colab.describe(unable) == "– a full Drive: left out, no disk"
    assert colab.summary([good, unable], 60).startswith("1 runs, 4 outputs")
    assert "LEFT OUT: a full Drive: all is well." in colab.summary([good, unable], 60)
    stack = colab_stack.Stack(Choice("3.11", "/p", "2.13.0"), tmp_path)
    colab.write_report(tmp_path / "new" / "report.json", stack, [good, bad])
    found = json.loads((tmp_path / "new" / "report.json").read_text("utf-8"))
    assert [run["name"] for run in found["runs"]] == ["01", "02"]
    assert found["choice"]["torch"] == "2.13.0"


def test_what_ends_a_run_is_its_problem() -> None:
    def run() -> Result:
        raise RuntimeError("the kernel died")

    assert colab.guarded("x", run).problems == ["the kernel died"]


def test_every_notebook_is_run() -> None:
    names = [path.name for path in colab.all_notebooks()]
    assert len(names) == 20
    assert names == sorted(names, key=lambda name: ("solutions" in name, name))
