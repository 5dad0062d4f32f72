"""Importing the small modules is quick and loads nothing heavy."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "numpy", "matplotlib", "pandas", "statsmodels", "ipywidgets", "IPython"}
HEAVY |= {"pooch", "requests"}
CODE = """
import json, sys, time
before = set(sys.modules)
start = time.process_time()  # of the processor: other programs do not count
import {module}
seconds = time.process_time() - start
print(json.dumps([seconds, sorted(set(sys.modules) - before)]))
"""


def imported(module):
    """Return (seconds, modules loaded) of an import in a new process."""
    command = [sys.executable, "-c", CODE.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert not done.stderr
    seconds, modules = json.loads(done.stdout)
    return seconds, {name.partition(".")[0] for name in modules}


def quickest(module, limit, tries=20):
    """Return the shortest processor time of an import; stop early when it is below the limit."""
    best = float("inf")
    for _ in range(tries):
        best = min(best, imported(module)[0])
        if best < limit:
            break
    return best


MODULES = ["course_utils", "course_utils.text", "course_utils.corpora"]


@pytest.mark.parametrize("module", MODULES)
def test_loads_nothing_heavy(module):
    modules = imported(module)[1]
    assert "course_utils" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize("module", MODULES[:2])
def test_takes_less_than_50_ms(module):
    assert quickest(module, 0.05) < 0.05


def test_a_heavy_import_is_noticed():
    assert "numpy" in imported("numpy")[1] & HEAVY
    assert quickest("time; sum(range(10**7))", 0.05, tries=2) > 0.05


def test_version_is_that_of_the_project():
    import course_utils

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{course_utils.__version__}"' in text
