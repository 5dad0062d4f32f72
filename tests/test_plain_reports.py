"""A test that fails with half an emoji does not end the tests that run beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FILE = """def test_bad():
    assert "\\ud800" == "a"


def test_good():
    pass
"""


def test_half_an_emoji_in_a_failure(tmp_path):
    (tmp_path / "test_two.py").write_text(FILE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "plain_reports"]
    done = subprocess.run(
        [*command, "-n", "1", "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stderr
