"""Importing the small modules is quick and loads nothing heavy."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "numpy", "matplotlib", "pandas", "statsmodels", "ipywidgets", "IPython"}
HEAVY |= {"pooch", "requests"}
MOST = 100  # modules: Python loads some 3,000 with PyTorch
CODE = """
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported(module):
    """Return the names of the modules that an import loads in a new process."""
    command = [sys.executable, "-c", CODE.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert not done.stderr
    return json.loads(done.stdout)


def packages(modules):
    """Return the packages of modules."""
    return {name.partition(".")[0] for name in modules}


MODULES = ["course_utils", "course_utils.text", "course_utils.corpora"]


@pytest.mark.parametrize("module", MODULES)
def test_loads_nothing_heavy(module):
    found = packages(imported(module))
    assert "course_utils" in found
    assert not found & HEAVY


@pytest.mark.parametrize("module", MODULES[:2])
def test_loads_the_course_and_a_little_of_the_standard_library(module):
    modules = imported(module)
    assert packages(modules) - sys.stdlib_module_names == {"course_utils"}
    assert len(modules) < MOST


def test_a_heavy_import_is_noticed():
    modules = imported("numpy")
    assert "numpy" in packages(modules) & HEAVY
    assert len(modules) > MOST


def test_version_is_that_of_the_project():
    import course_utils

    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{course_utils.__version__}"' in text
