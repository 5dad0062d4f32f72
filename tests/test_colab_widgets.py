"""The cell and the page that move widgets for `make test-colab`."""

from __future__ import annotations

import json
import warnings
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from course_utils import widgets
from reliability import colab_runs, colab_widgets
from reliability import colab_widget_cell as cell
from reliability.colab_runs import Result

MAKERS = {name for name in widgets.__all__ if name.endswith(("explore", "_explorer", "map", "box"))}


@pytest.fixture(scope="module")
def built() -> dict:
    """Build every widget with the small data of the cell."""
    return {name: build() for name, build in cell.builders().items()}


def test_every_widget_of_the_course_is_built(built) -> None:
    assert set(built) == MAKERS - {"text_box"}


def test_every_control_is_listed_with_a_move_that_it_takes(built) -> None:
    for widget in built.values():
        (facts,) = cell.describe([widget])
        assert facts["controls"].keys() == widget.controls.keys()
        for name, control in widget.controls.items():
            if hasattr(widget, "_redraw"):  # to draw them all would take long
                control.unobserve(widget._redraw, names="value")
            moves = facts["controls"][name]
            assert moves["id"] == control.model_id
            assert moves["rest"] == getattr(control, moves["key"])
            assert moves["to"]
            for value in moves["to"]:
                setattr(control, moves["key"], value)
                assert getattr(control, moves["key"]) == value != moves["rest"]
            setattr(control, moves["key"], moves["rest"])


def test_widgets_are_found_wherever_they_are(built) -> None:
    found = {facts["title"] for facts in cell.describe()}
    assert {repr(widget) for widget in built.values()} <= found


def test_a_deprecation_in_the_course_is_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cell.strict()
        with pytest.raises(DeprecationWarning):
            exec('import warnings; warnings.warn("old", DeprecationWarning)', {
                "__name__": "course_utils.widgets.x"
            })  # fmt: skip


class FakeKernel:
    """A kernel that answers each move with the messages that a test wants."""

    def __init__(self, answers: dict):
        self.answers, self.sent, self.left = answers, [], []
        self.session, self.shell_channel = self, self

    def msg(self, kind: str, content: dict) -> dict:
        return {"header": {"msg_id": str(len(self.sent))}, "content": content}

    def send(self, message: dict) -> None:
        content = message["content"]
        self.sent.append((content["comm_id"], content["data"].get("state")))
        state = content["data"].get("state", {})
        key = (content["comm_id"], *state.values())
        self.left += self.answers.get(key, [])
        idle = {"msg_type": "status", "content": {"execution_state": "idle"}}
        self.left.append(idle | {"parent_header": {"msg_id": message["header"]["msg_id"]}})

    def get_iopub_msg(self, timeout: float) -> dict:
        return self.left.pop(0)


def shows(widget: str, value: object = "new", **more: object) -> dict:
    data = {"method": "update", "state": {"value": value}, "buffer_paths": []} | more
    return {"msg_type": "comm_msg", "content": {"comm_id": widget, "data": data}}


WARNING = {"msg_type": "stream", "content": {"name": "stderr", "text": "FutureWarning: old\n"}}
PANEL = {
    "title": "t",
    "says": "",
    "shows": ["message", "picture"],
    "controls": {"n": {"id": "slider", "key": "value", "rest": 1, "to": [2, 9]}},
}


def moved(answers: dict, facts: dict = PANEL) -> tuple[list, FakeKernel]:
    kernel = FakeKernel(answers)
    return list(colab_widgets.move_widget(colab_widgets.Page(kernel), facts)), kernel


def test_a_control_that_changes_the_picture() -> None:
    picture = shows("picture", state={}, buffer_paths=[["value"]])
    found, kernel = moved({("slider", 2): [shows("other"), picture]})
    assert found == [("n", "")]
    assert kernel.sent == [("slider", {"value": 2}), ("slider", {"value": 1})]


def test_a_control_is_moved_again_until_something_changes() -> None:
    found, kernel = moved({("slider", 9): [shows("message")]})
    assert found == [("n", "")]
    assert [state["value"] for _, state in kernel.sent] == [2, 9, 1]


def test_a_control_that_changes_nothing() -> None:
    assert moved({("slider", 2): [shows("slider")]})[0] == [("n", "was moved, and nothing changed")]
    silent = PANEL | {"controls": {"nonlinearity": PANEL["controls"]["n"]}}
    assert moved({}, silent)[0] == [("nonlinearity", "")]


def test_what_is_printed_while_a_control_moves() -> None:
    found, _ = moved({("slider", 2): [WARNING, shows("message")]})
    assert found == [("n", "FutureWarning: old")]


ERROR = shows("message", '<pre role="alert">no such place</pre>')


def test_a_control_that_the_widget_cannot_answer() -> None:
    found, _ = moved({("slider", 2): [ERROR]})
    assert "the widget shows an error" in dict(found)["n"]
    text = {"id": "text", "key": "value", "rest": "R:", "to": ["", "R"]}
    assert moved({("text", ""): [ERROR]}, PANEL | {"controls": {"text": text}})[0] == [("text", "")]


def test_a_widget_that_shows_an_error_before_it_is_moved(monkeypatch) -> None:
    page, result = colab_widgets.Page(FakeKernel({})), Result("x")
    facts = PANEL | {"says": ERROR["content"]["data"]["state"]["value"], "controls": {}}
    said = json.dumps({"version": "8.1.9", "widgets": [facts]})
    monkeypatch.setattr(page, "run", lambda ask: said)
    colab_widgets.move_all(page, "report()", result)
    assert "t shows an error" in result.problems[0]


def test_an_error_of_a_real_widget_is_marked_as_one() -> None:
    def refuse(n: int) -> None:
        raise ValueError(f"no {n}")

    widget = widgets.explore(refuse, title="refuses", n=widgets.slider("n", 1, 3))
    assert colab_widgets.REFUSAL in cell.describe([widget])[0]["says"]


def test_a_notebook_with_widgets_is_known_by_its_outputs() -> None:
    widget = widgets.explore(lambda n: str(n), title="t", n=widgets.slider("n", 1, 3))
    cells = [nbformat.v4.new_markdown_cell("[interactive: no]"), nbformat.v4.new_code_cell("1")]
    assert not colab_runs.has_widgets(cells)
    shown = nbformat.v4.new_output("display_data", {"text/plain": repr(widget)})
    assert colab_runs.has_widgets([*cells, nbformat.v4.new_code_cell("w", outputs=[shown])])


@pytest.mark.parametrize(("is_moved", "problems"), [
    (True, []), (False, ["none of its widgets was moved"])
])  # fmt: skip
def test_a_notebook_whose_widgets_were_not_found(monkeypatch, tmp_path, is_moved, problems) -> None:
    shown = nbformat.v4.new_output("display_data", {"text/plain": "[interactive: t]"})
    cells = [nbformat.v4.new_code_cell("w", outputs=[shown])]
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    machine = SimpleNamespace(content=tmp_path / "content", make=(tmp_path / "content").mkdir)

    def run_cells(client, result) -> bool:
        client.nb.cells[0].outputs = [shown]
        return True

    def move(manager, result) -> None:
        result.controls = int(is_moved)

    monkeypatch.setattr(colab_runs, "kernel", lambda machine: nullcontext())
    monkeypatch.setattr(colab_runs, "run_cells", run_cells)
    monkeypatch.setattr(colab_runs, "look_at", lambda machine, cells: [])
    assert colab_runs.run_notebook(machine, path, then=move).problems == problems


@pytest.mark.parametrize(("version", "is_right"), [("8.1.9", True), ("7.8.1", False)])
def test_the_version_of_the_widgets_is_looked_at(monkeypatch, version, is_right) -> None:
    page = SimpleNamespace(run=lambda source: "")
    monkeypatch.setattr(colab_widgets, "kernel", lambda machine, python: nullcontext())
    monkeypatch.setattr(colab_widgets, "opened", lambda manager: nullcontext(page))
    monkeypatch.setattr(colab_widgets, "move_all", lambda page, ask, result: version)
    machine = SimpleNamespace(make=lambda: None)
    result = colab_widgets.move_every_kind(machine, Path("python"), 8)
    assert result.name == f"every widget, ipywidgets {version}"
    assert (result.problems == []) is is_right


BOX = {
    "title": "t",
    "shows": ["message", "paper"],
    "buttons": ["write", "stop"],
    "controls": {
        "prompt": {"id": "prompt", "key": "value", "rest": "R:", "to": ["R"]},
        "length": {"id": "length", "key": "value", "rest": 400, "to": [450]},
    },
}


def test_a_writing_box() -> None:
    answers = {("write",): [shows("message", "Writing"), shows("paper", "<b>R:</b>a"),
                            shows("message", "Done: 1 letters")],
               ("stop",): [shows("message", "Stopped: 1 letters")]}  # fmt: skip
    found, kernel = moved(answers, BOX)
    assert found == [(name, "") for name in ("Write and Stop", "length", "prompt")]
    assert ("length", {"value": 50}) in kernel.sent
    answers["write",][-1] = shows("message", "\u2717 no <such> letter")
    found, _ = moved(answers, BOX)
    assert "no <such> letter" in dict(found)["prompt"]
    answers["stop",] = [shows("message", "Done: 1 letters")]
    assert "Stop was pressed" in dict(moved(answers, BOX)[0])["Write and Stop"]


def test_problems_of_all_widgets_are_collected(monkeypatch) -> None:
    page, result = colab_widgets.Page(FakeKernel({})), Result("x")
    said = '{"version": "7.7.1", "widgets": [' + json.dumps(PANEL) + "]}"
    monkeypatch.setattr(page, "run", lambda ask: f"noise\n{said}\n")
    assert colab_widgets.move_all(page, "report()", result) == "7.7.1"
    assert result.controls == 1
    assert result.problems == ["t n: was moved, and nothing changed"]
