"""Bad input of every kind, and what a public function may do with it.

A function is described by one call that works. Then one argument after the other is replaced by
something else: text of every plane of Unicode, nothing, huge, negative, NaN, another type, another
shape. The function must give an answer that holds, or a ValueError, TypeError or IndexError whose
message names the argument; no other exception, and no hang.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from hostile_numbers import are_numbers
from hostile_values import edge_values, hostile_like
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

# Cases for one argument in CI; a longer search takes more, from another seed:
# COURSE_CASES=2000 COURSE_SEED=1 pytest tests/test_hostile_*.py
CASES = int(os.environ.get("COURSE_CASES", "25"))
SEED = os.environ.get("COURSE_SEED")
ALLOWED = (ValueError, TypeError, IndexError)
LONGEST = 20  # seconds of processor time for one call: longer is a hang (pytest-timeout: asleep)


def seed_torch() -> None:
    """Let the tensors that `make` draws be the same in each run, and others with another SEED."""
    torch.manual_seed(int(SEED or 0))


seed_torch()  # also for what the files of tests draw when they are imported


@dataclass(frozen=True)
class Good:
    """A call that works, and how its arguments may be replaced.

    Attributes:
        call: the function, the class, or a small function around a method.
        make: returns fresh arguments by name; each of them is replaced in turn.
        right: takes the answer and the arguments, and asserts what every answer fulfils; without
            it, usual numbers must give no NaN and no infinity.
        names: argument -> other words of which one may name it in a message.
        long: whole numbers that are right when they are huge, and then take long: not made huge.
        skip: argument -> why it is not replaced.
        label: the public name; the call's own name when empty.
        cases: share of CASES, for a slow function; the edge values are always tried.
        values: argument -> a strategy of its own, in place of the general one.
    """

    call: Callable[..., Any]
    make: Callable[[], dict[str, Any]]
    right: Callable[[Any, Mapping[str, Any]], None] = are_numbers
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    long: tuple[str, ...] = ()
    skip: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    cases: float = 1.0
    values: Mapping[str, st.SearchStrategy] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.label or self.call.__name__


class Hang(BaseException):
    """A call took too long; no handler in the course may swallow this."""


@contextmanager
def no_hang(seconds: float = LONGEST):
    """Raise Hang in a call that takes too long (where the system has such a clock)."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def ring(*_: object) -> None:
        raise Hang(f"no answer after {seconds} seconds of processor time")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def names_it(message: str, name: str, others: Iterable[str] = ()) -> bool:
    """Tell whether a message names an argument as a whole word."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", message) for word in (name, *others))


def try_one(good: Good, name: str, value: Any) -> None:
    """Call once with one argument replaced, and judge what happens."""
    seed_torch()  # a call that fails must fail again
    arguments = good.make()
    arguments[name] = value
    try:
        with no_hang():
            answer = good.call(**arguments)
    except ALLOWED as error:
        if not names_it(str(error), name, good.names.get(name, ())):
            told = f"{good}({name}={value!r:.200}) -> {type(error).__name__}: {error}"
            pytest.fail(f"the message does not name {name}: {told}")
        return
    good.right(answer, arguments)


def try_all(good: Good) -> int:
    """Replace each argument in turn by bad values; return how many calls were tried.

    A failure shows the smallest case that hypothesis finds.
    """
    arguments = good.make()
    answer = good.call(**arguments)  # the call works, or the rest says nothing
    good.right(answer, arguments)
    tried = 0
    for name in arguments:
        if name in good.skip:
            continue

        def attempt(value: Any, name: str = name) -> None:
            nonlocal tried
            tried += 1
            try_one(good, name, value)

        values, is_huge = good.values.get(name), name not in good.long
        if values is None:
            for value in edge_values(good.make()[name], may_be_huge=is_huge):
                attempt(value)
            values = hostile_like(good.make()[name], may_be_huge=is_huge)
        _searched(attempt, values, max(3, round(CASES * good.cases)))()
    return tried


def _searched(attempt: Callable, values: st.SearchStrategy, n_cases: int) -> Callable[[], None]:
    """Return a search for a value that breaks the attempt; the same search each time in CI."""
    wrapped = settings(
        max_examples=n_cases,
        deadline=None,
        database=None,
        derandomize=SEED is None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )(given(values)(lambda value: attempt(value)))
    return wrapped if SEED is None else seed(int(SEED))(wrapped)


def public_names(module: str) -> set[str]:
    """Return the functions and classes that a module offers: its __all__, else its own names."""
    found = importlib.import_module(module)
    names = getattr(found, "__all__", None)
    if names is None:
        names = [name for name, value in vars(found).items() if _is_own(name, value, module)]
    return {name for name in names if callable(getattr(found, name))}


def _is_own(name: str, value: object, module: str) -> bool:
    is_code = inspect.isfunction(value) or inspect.isclass(value)
    return is_code and not name.startswith("_") and value.__module__ == module


def public_methods(module: str) -> set[str]:
    """Return the methods with arguments of the classes that a module offers, as Class.method."""
    found = importlib.import_module(module)
    classes = {name: getattr(found, name) for name in public_names(module)}
    return {
        f"{name}.{method}"
        for name, kind in classes.items()
        if inspect.isclass(kind)
        for method in dir(kind)
        if (method in ("__call__", "__getitem__") or not method.startswith("_"))
        if _takes_arguments(kind, method)
    }


def _takes_arguments(kind: type, method: str) -> bool:
    """Tell whether a method is the course's own, and takes more than its object."""
    value = next(vars(base)[method] for base in kind.__mro__ if method in vars(base))
    function = inspect.unwrap(getattr(value, "__func__", value))
    if not inspect.isfunction(function) or not function.__module__.startswith("course_utils"):
        return False
    return len(inspect.signature(function).parameters) > (not isinstance(value, staticmethod))


def assert_all_tried(module: str, goods: Iterable[Good], exempt: Mapping[str, str]) -> None:
    """Check that every public name and method of a module is tried, or left out for a reason."""
    labels = {str(good).partition(" ")[0] for good in goods}
    tried = {label.partition(".")[0] for label in labels} | labels
    methods = {name for name in public_methods(module) if name.partition(".")[0] not in exempt}
    names = public_names(module) | methods
    assert all(len(reason) > 10 for reason in exempt.values())
    assert names - tried - set(exempt) == set(), f"not tried in {module}"
    assert set(exempt) <= names, f"no longer in {module}"
    assert not set(exempt) & tried, "tried, and left out too"


def each(goods: Iterable[Good]) -> pytest.MarkDecorator:
    """Return the decorator that runs a test once for each function."""
    return pytest.mark.parametrize("good", list(goods), ids=str)
