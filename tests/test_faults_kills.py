"""A process that is killed at a random moment has cost nothing: a short run of the real thing."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = [
    pytest.mark.offline,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes"),
]

# Writes both files where they belong, one after the other, as one does it first.
CARELESS = """
from course_utils.training import checkpoint_files
def write(pair, weights, record):
    pair.weights.parent.mkdir(parents=True, exist_ok=True)
    with open(pair.weights, "wb") as file:  # in pieces, as a slow disk does
        for at in range(0, len(weights), 512):
            file.write(weights[at:at + 512])
            file.flush()
    pair.record.write_bytes(record)
from course_utils.training import checkpoints
checkpoints.write_pair = write
"""
HASTY = """
import shutil
from course_utils.corpora import fetching
def download(item, address, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as file:
        for at in range(0, item.size, 512):
            file.write(random_bytes[at:at + 512])
            file.flush()
import random
random_bytes = random.Random(0).randbytes(2**20)
fetching._download = download
"""
RUN = """
import sys
from reliability.kills import main
sys.exit(main(sys.argv[1:]))
"""


def kill(rounds, *kinds, before="", folder, may_fail=False):
    """Kill some kinds of work in another process, which may fork; return status and report."""
    command = [sys.executable, "-c", before + RUN, "--rounds", str(rounds), "--seed", "0"]
    command += ["--folder", str(folder), *(word for kind in kinds for word in ("--only", kind))]
    settings = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert may_fail or "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_kill_costs_nothing(tmp_path):
    status, report = kill(15, folder=tmp_path)
    assert status == 0, report
    for kind in ("checkpoints", "snapshots", "downloads", "packages"):
        assert f"{kind}: 15 kills, 0 with a loss" in report
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("kind", "before", "lost"),
    [
        ("checkpoints", CARELESS, "neither the old nor the new checkpoint"),
        ("downloads", HASTY, "half a file lies under the final name"),
    ],
)
def test_careless_writing_is_found_out(tmp_path, kind, before, lost):
    status, report = kill(40, kind, before=before, folder=tmp_path)
    assert status == 1, report
    assert f"LOST: {lost}" in report


FAILING = """
from reliability import kills_trials
def work(self):
    raise OSError("a disk that fails")
kills_trials.Checkpoints.work = work
"""
IDLE = """
import time
from reliability import kills
from reliability.kills_trials import Checkpoints
kills.ENOUGH = 5
Checkpoints.work = lambda self: time.sleep(9)
"""


@pytest.mark.parametrize(
    ("before", "lost"),
    [
        (FAILING, "LOST: the work ended with an error before it was killed"),
        (IDLE, "LOST: no kill came in the middle of a write"),
    ],
)
def test_kills_that_try_nothing_are_found_out(tmp_path, before, lost):
    status, report = kill(8, "checkpoints", before=before, folder=tmp_path, may_fail=True)
    assert status == 1, report
    assert lost in report
