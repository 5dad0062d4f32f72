"""The search for bad input finds what it should, and the checks of one argument refuse it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hostile import Good, Hang, each, names_it, no_hang, public_names, try_all
from hostile_numbers import are_numbers
from hostile_values import CHANGED_TENSORS, hostile_like

from course_utils import arguments


def careful(count, share, text, rows):
    """Check every argument."""
    arguments.whole_number("count", count, least=1, most=10)
    arguments.real_number("share", share, least=0, most=1)
    arguments.text("text", text)
    return arguments.tensor("rows", rows, ndim=2, shape="(B, T)", kind="floating", finite=True)


GOOD = {"count": 3, "share": 0.5, "text": "abc", "rows": torch.ones(2, 3)}


def good(call, right=are_numbers):
    return Good(call, lambda: dict(GOOD), right)


def test_a_careful_function_passes(record_property):
    tried = try_all(good(careful, lambda answer, arguments: None))
    assert tried >= 4 * 20
    record_property("cases", tried)


@pytest.mark.parametrize("name", GOOD)
def test_one_forgotten_argument_is_found(name):
    used = {
        "count": lambda count: [0] * count,
        "share": lambda share: int(share * 100),
        "text": lambda text: text.encode("ascii"),
        "rows": lambda rows: rows.mean(),
    }

    def careless(**given):
        careful(**{**given, name: GOOD[name]})
        return used[name](given[name])

    with pytest.raises((Exception, pytest.fail.Exception)) as caught:
        try_all(good(careless))
    assert "careless" in str(caught.value) or not isinstance(caught.value, ValueError)


def test_a_message_without_the_name_is_found():
    def vague(**given):
        try:
            careful(**given)
        except (TypeError, ValueError):
            raise ValueError("something is wrong") from None

    with pytest.raises(pytest.fail.Exception, match="does not name count"):
        try_all(good(vague))


def test_a_wrong_answer_is_found():
    def unchecked(count):
        return abs(count) if isinstance(count, int) else arguments.whole_number("count", count)

    def right(answer, given):
        assert answer == given["count"]

    with pytest.raises(AssertionError):
        try_all(Good(unchecked, lambda: {"count": 3}, right))


def test_an_answer_that_is_no_number_is_found():
    def lost(count):
        return [{"rate": arguments.whole_number("count", count, least=0, most=9) * math.nan}]

    with pytest.raises(AssertionError, match="NaN or infinity"):
        try_all(Good(lost, lambda: {"count": 3}))
    are_numbers(torch.tensor(math.inf), {"count": 1e30})  # from huge numbers it may come


def test_a_hang_is_found():
    with pytest.raises(Hang), no_hang(0.05):
        for _ in itertools.count():
            pass


def test_a_call_that_does_not_work_is_refused():
    with pytest.raises(ValueError, match="count"):
        try_all(Good(careful, lambda: {**GOOD, "count": -1}))


def test_whole_words_only():
    assert names_it("seq_len must be 3", "seq_len")
    assert not names_it("my_seq_len must be 3", "seq_len")
    assert names_it("x (2, 3)", "x_t", ["x"])


def test_every_change_of_a_tensor_works():
    for tensor in (torch.ones(2, 3), torch.arange(4), torch.tensor(1.0), torch.empty(0)):
        for change in CHANGED_TENSORS:
            change(tensor)


def test_values_are_made_for_each_kind():
    for value in (1, 0.5, "a", [1, 2], (), {"a": 1}, {}, np.ones(2), torch.ones(1), None, print):
        assert hostile_like(value) is not None


def test_public_names():
    assert public_names("course_utils.arguments") >= {"text", "tensor", "one_of"}
    assert "whole_number" in public_names("course_utils.arguments")


@each([good(careful)])
def test_each(good):
    assert str(good) == "careful"


REFUSED = [
    (arguments.whole_number, True, {}),
    (arguments.whole_number, 2.0, {}),
    (arguments.whole_number, "3", {}),
    (arguments.whole_number, 0, {"least": 1}),
    (arguments.whole_number, 9, {"most": 8}),
    (arguments.real_number, math.nan, {}),
    (arguments.real_number, 10**400, {}),
    (arguments.real_number, "1", {}),
    (arguments.real_number, False, {}),
    (arguments.real_number, 1, {"below": 1}),
    (arguments.real_number, 0, {"above": 0}),
    (arguments.real_number, torch.ones(2), {}),
    (arguments.text, b"a", {}),
    (arguments.flag, 1, {}),
    (arguments.one_of, True, {"choices": (1, 2)}),
    (arguments.one_of, [], {"choices": ("a",)}),
    (arguments.instance, 3, {"kind": str}),
    (arguments.items, "abc", {}),
    (arguments.items, 3, {}),
    (arguments.items, [], {"least": 1}),
    (arguments.tensor, [1.0], {}),
    (arguments.tensor, torch.ones(2), {"ndim": 1, "kind": "whole"}),
    (arguments.tensor, torch.ones(2).long(), {"kind": "floating"}),
    (arguments.tensor, torch.ones(2), {"ndim": 2, "shape": "(B, T)"}),
    (arguments.tensor, torch.tensor([math.inf]), {"finite": True}),
    (arguments.tensor, torch.ones(2, device="meta"), {}),
    (arguments.tensor, torch.ones(2).to_sparse(), {}),
]


@pytest.mark.parametrize(("check", "value", "options"), REFUSED)
def test_refused_by_name(check, value, options):
    with pytest.raises((TypeError, ValueError), match="^the_name "):
        check("the_name", value, **options)


def test_accepted():
    assert arguments.whole_number("n", np.int64(3), least=3, most=3) == 3
    assert arguments.real_number("x", torch.tensor(0.5), least=0.5, most=0.5) == 0.5
    assert arguments.real_number("x", 2, above=1, below=3) == 2
    assert arguments.flag("on", np.True_) is True
    assert arguments.one_of("kind", "b", ["a", "b"]) == "b"
    assert arguments.items("names", (n for n in "ab")) == ["a", "b"]
    assert arguments.instance("f", 3, int) == 3
    assert arguments.tensor("t", torch.arange(2), ndim=1, kind="whole").tolist() == [0, 1]


def test_a_value_that_cannot_be_written():
    class Silent:
        def __repr__(self):
            raise RuntimeError("no")

    assert arguments.shown(Silent()) == "a Silent"
    assert "\n" not in arguments.shown("a\nb" * 100)
