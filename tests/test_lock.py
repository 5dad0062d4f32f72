"""The lock holds what requirements.txt pins, for every Python and system, with checksums."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT
from packaging.markers import Marker

from reliability import lock, lock_entries
from reliability.versions_ranges import lines_of, normal, pinned

TEXT = lock_entries.LOCK.read_text(encoding="utf-8")
FOUND = lock_entries.entries(TEXT)
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win32": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
PLACES = [(python, system) for python in PYTHONS for system in SYSTEMS]

pytestmark = pytest.mark.offline


def chosen(items, python: str, system: str) -> dict[str, set[str]]:
    """Return name -> versions among (name, version, marker) for one Python and system."""
    place = {"python_version": python, "python_full_version": f"{python}.0", **SYSTEMS[system]}
    place |= {"platform_machine": "x86_64", "implementation_name": "cpython"}
    place |= {"platform_python_implementation": "CPython"}
    versions: dict[str, set[str]] = {}
    for name, version, marker in items:
        if not marker or Marker(marker).evaluate(place):
            versions.setdefault(normal(name), set()).add(version)
    return versions


LOCKED = [(one.name, one.version, one.marker) for one in FOUND]


@pytest.mark.parametrize(("python", "system"), PLACES)
def test_each_place_gets_one_version_of_each_package_and_it_is_the_pinned_one(python, system):
    locked = chosen(LOCKED, python, system)
    assert all(len(versions) == 1 for versions in locked.values())
    wanted = chosen(pinned(), python, system)
    assert len(wanted) >= 30
    assert {name: locked.get(name) for name in wanted} == wanted
    assert "setuptools" in locked


def test_every_line_of_the_lock_is_understood_and_has_checksums():
    lines = [line for line in TEXT.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) == len(FOUND) > 150
    assert all(one.hashes for one in FOUND)
    kinds = {part.split(":")[0] for one in FOUND for part in one.hashes}
    assert kinds == {"sha256"}
    assert all(len(part) == len("sha256:") + 64 for one in FOUND for part in one.hashes)
    assert TEXT.startswith(lock.HEADER)


def test_the_pins_are_all_read():
    lines = [line for line in lines_of(ROOT / "requirements.txt") if not line.startswith("-e ")]
    assert len(pinned()) == len(lines)
    assert lock_entries.differences(FOUND, pinned()) == []


def test_a_changed_pin_a_new_pin_and_a_lost_checksum_are_noticed():
    (numpy, *rest) = [pin for pin in pinned() if pin[0] == "numpy"]
    others = [pin for pin in pinned() if pin[0] != "numpy"]
    changed = [*others, *rest, (numpy[0], "99.0", numpy[2])]
    (said,) = lock_entries.differences(FOUND, changed)
    assert "numpy==99.0" in said
    (said,) = lock_entries.differences(FOUND, [*pinned(), ("new", "1.0", "")])
    assert said.endswith("no new")
    bare = lock_entries.entry(["numpy==1.0"])
    assert "numpy==1.0 has no checksum" in lock_entries.differences([bare], [])


@pytest.mark.skipif(
    os.environ.get("COURSE_OTHER_VERSIONS") == "1", reason="other versions are there on purpose"
)
def test_what_is_installed_here_has_the_pinned_versions():
    names = {name for name, _, _ in pinned()}
    wrong = [text for text in lock.not_as_locked(FOUND) if text.split()[0] in names]
    assert wrong == []
    old = lock_entries.entry(["numpy==0.0.1"])
    assert lock.not_as_locked([old])


def test_without_torch_nothing_of_cuda_is_left_and_all_else_is():
    names = {one.name for one in FOUND}
    kept = {one.name for one in lock_entries.without_torch(FOUND)}
    assert {"torch", "triton", "cuda-toolkit"} <= names - kept
    assert {"sympy", "networkx", "tokenizers", "torchvision"} & names <= kept
    line = [sys.executable, "-m", "reliability.lock", "--without-torch"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert lock_entries.entries(done.stdout) == lock_entries.without_torch(FOUND)


def test_without_uv_the_answer_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(lock.shutil, "which", lambda _: None)
    monkeypatch.setattr(lock.sys, "executable", str(tmp_path / "python"))
    assert lock.main([]) == 1
    assert f"pip install {lock.UV}" in capsys.readouterr().err
