"""Kernels that the tests start: a deprecation in a cell, or in the course, is an error there too.

`conftest.py` calls `install`. Kernels read start-up files below IPYTHONDIR; with a folder of the
tests' own they also do not read the user's.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

OURS = "(__main__$|course_utils)"  # cells of a notebook are the module __main__
STARTUP = f"""\
import warnings

for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
    warnings.filterwarnings("error", category=kind, module={OURS!r})
del kind, warnings
"""
# As nbclient does: kernels that write into one file at once can find it locked, and say so.
NO_HISTORY = 'c.HistoryManager.hist_file = ":memory:"\n'
SET_BY_US = "COURSE_TESTS_IPYTHONDIR"


def write(folder: Path) -> None:
    """Write the start-up file and the settings into a folder for IPYTHONDIR."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-warnings.py").write_text(STARTUP, encoding="utf-8")
    settings = startup.parent / "ipython_kernel_config.py"
    settings.write_text(NO_HISTORY, encoding="utf-8")


def install() -> str | None:
    """Lead kernels to a new folder with the start-up file; None if another process did so."""
    if os.environ.get(SET_BY_US) and os.environ[SET_BY_US] == os.environ.get("IPYTHONDIR"):
        return None
    folder = tempfile.mkdtemp(prefix="course-ipython-")
    write(Path(folder))
    os.environ["IPYTHONDIR"] = os.environ[SET_BY_US] = folder
    return folder


def remove(folder: str | None) -> None:
    """Remove the folder that `install` made."""
    if folder is not None:
        os.environ.pop(SET_BY_US, None)
        os.environ.pop("IPYTHONDIR", None)
        shutil.rmtree(folder, ignore_errors=True)
