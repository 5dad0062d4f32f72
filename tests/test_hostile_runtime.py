"""Bad input to the functions that know the machine, and bad variables of its surroundings."""

from __future__ import annotations

import pytest
import torch
from hostile import Good, assert_all_tried, each, try_all

from course_utils import paths, runtime
from course_utils.corpora.availability import look_for_data

UNKNOWN = "~nobody-of-this-name/x"


@pytest.fixture(autouse=True)
def _at_home_afterwards(monkeypatch, tmp_path):
    """Work in an empty folder, and put threads and random numbers back."""
    monkeypatch.chdir(tmp_path)
    for name in ("COURSE_DRIVE", "COURSE_THREADS"):
        monkeypatch.delenv(name, raising=False)
    before, state = torch.get_num_threads(), torch.get_rng_state()
    yield
    torch.set_num_threads(before)
    torch.set_rng_state(state)


def limited(n_threads):
    with runtime.threads_limited(n_threads):
        return torch.get_num_threads()


def a_folder(answer, given):
    assert answer.is_dir()
    assert answer.resolve().is_relative_to(answer.cwd())


def these_threads(answer, given):
    assert (torch.get_num_threads() if answer is None else answer) == given["n_threads"]


def seeded(answer, given):
    assert torch.initial_seed() == given["seed"]


def one_of_both(answer, given):
    assert answer is given["cpu"] or answer is given["gpu"]


GOODS = [
    Good(runtime.set_seed, lambda: {"seed": 3}, seeded),
    Good(runtime.keep_folder, lambda: {"name": "networks"}, a_folder),
    Good(runtime.limit_threads, lambda: {"n_threads": 1}, these_threads),
    Good(limited, lambda: {"n_threads": 1}, these_threads, label="threads_limited"),
    Good(
        runtime.budget,
        lambda: {"cpu": 1, "gpu": 2},
        one_of_both,
    ),
]
EXEMPT = {
    "pick_device": "a function of no arguments; its variable is tried in test_runtime.py",
    "in_colab": "a function of no arguments",
    "drive_folder": "a function of no arguments; its variable is tried below",
}


@each(GOODS)
def test_bad_arguments(good, record_property):
    record_property("cases", try_all(good))


def test_every_public_name_is_tried():
    assert_all_tried("course_utils.runtime", GOODS, EXEMPT)


@pytest.mark.parametrize("ask", [runtime.drive_folder, runtime.keep_folder])
def test_a_drive_of_an_unknown_user(monkeypatch, ask):
    monkeypatch.setenv("COURSE_DRIVE", UNKNOWN)
    with pytest.raises(ValueError, match=f"COURSE_DRIVE='{UNKNOWN}' begins with the home folder"):
        ask()


def test_a_data_folder_of_an_unknown_user(monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", UNKNOWN)
    with pytest.raises(ValueError, match=f"COURSE_DATA_DIR='{UNKNOWN}' begins with the home"):
        look_for_data(wait=0)


@pytest.mark.parametrize("wanted", ["9" * 5000, "1" * 10, "0", "-1", "two", "1.5", "²"])
def test_threads_that_cannot_be(monkeypatch, wanted):
    monkeypatch.setenv("COURSE_THREADS", wanted)
    with pytest.raises(ValueError, match=r"COURSE_THREADS"):
        runtime.limit_threads(1)


@pytest.mark.parametrize("path", ["\ud800", "a\0b", "a" * 201, "é" * 101, "a/" * 1001])
def test_paths_that_no_file_can_have(path):
    assert not paths.is_possible(paths.Path(path))
    with pytest.raises(ValueError, match="name=.* must be a short, plain folder"):
        runtime.keep_folder(path)
