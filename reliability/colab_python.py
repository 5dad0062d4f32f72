"""Choose the Python and the PyTorch that come nearest to Colab's, without a large download.

pip is asked what it would install (`--dry-run`), and may write no file of more than 1 MB while it
answers. A PyTorch that needs NVIDIA's packages is refused: they are gigabytes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLAB_PYTHON, COLAB_TORCH = "3.13", "2.11.0"
PYTHONS = ("3.13", "3.12", "3.11", "3.10")  # the nearest first
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
LARGEST = 1_000_000  # bytes of a file that pip may write while it decides
NVIDIA = re.compile(r"^(nvidia|cuda|triton|pytorch[-_]triton)\b", re.IGNORECASE)
_ASK = "import venv, ensurepip, sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


@dataclass(frozen=True)
class Choice:
    """What the environment is built from.

    Attributes:
        version: of Python, such as "3.11".
        python: path of its program.
        torch: the release, such as "2.13.0".
        refused: why each candidate before it was not taken, one line each.
    """

    version: str
    python: str
    torch: str
    refused: tuple[str, ...] = ()

    def is_colabs(self) -> bool:
        """Tell whether these are the versions that Colab has."""
        return (self.version, self.torch) == (COLAB_PYTHON, COLAB_TORCH)


def find_python(version: str) -> str | None:
    """Return the path of a Python of this version that can make environments, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    inside = sorted(pyenv.glob(f"{version}*/bin/python3"))
    names = [sys.executable, shutil.which(f"python{version}"), *map(str, inside)]
    for name in filter(None, names):
        asked = subprocess.run([name, "-c", _ASK], capture_output=True, text=True, check=False)
        answer = asked.stdout.split()
        if asked.returncode == 0 and answer[0] == version:
            return os.path.realpath(name) if name == sys.executable else answer[1]
    return None


def pinned_torch(requirements: str) -> str:
    """Return the release of torch that a list of requirements pins.

    >>> pinned_torch("numpy==2.0\\ntorch==2.13.0\\n")
    '2.13.0'
    """
    (found,) = re.findall(r"^torch==([\w.]+)", requirements, re.MULTILINE)
    return found


def heavy_needs(requires: Iterable[str]) -> list[str]:
    """Return NVIDIA's packages among the needs of a wheel, as its metadata lists them.

    A need with a marker for another system than Linux is none here; one with an extra is never.

    >>> heavy_needs(["filelock", 'nvidia-cublas==13.1; platform_system == "Linux"'])
    ['nvidia-cublas']
    """
    found = []
    for line in requires:
        need, _, marker = line.partition(";")
        name = re.split(r"[\s<>=!~\[(]", need.strip(), maxsplit=1)[0]
        elsewhere = "extra ==" in marker or (
            "Linux" in marker and not sys.platform.startswith("linux")
        )
        if NVIDIA.match(name) and not elsewhere:
            found.append(name)
    return found


def judge(report: dict[str, Any]) -> str:
    """Return why the torch of pip's report is not taken, "" if it is."""
    torch = next(i for i in report["install"] if i["metadata"]["name"].lower() == "torch")
    heavy = heavy_needs(torch["metadata"].get("requires_dist", []))
    return f"its build needs {', '.join(heavy[:3])} and more like them" if heavy else ""


def judge_failure(stderr: str) -> str:
    """Return in one line why pip found nothing to take.

    >>> judge_failure("ERROR: No matching distribution found for torch==9")
    'there is no such torch for it'
    """
    if "No matching distribution" in stderr:
        return "there is no such torch for it"
    size = re.search(r"/([\d.]+ [kMG]B)[,)]", stderr)
    if size:
        return f"only a file of {size[1]} can be had: the build with CUDA, and it is not downloaded"
    if "File too large" in stderr:
        return "its file would have to be downloaded to look into it"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error:")]
    return (errors or lines or ["pip gave no answer"])[0]


def ask_pip(pip: Sequence[str], python: str, torch: str) -> tuple[dict[str, Any] | None, str]:
    """Ask pip what it would install for one torch; return (its report or None, its messages)."""
    command = [*pip, "--python", python, "install", "--dry-run", "--ignore-installed", "--quiet"]
    command += ["--no-deps", "--only-binary=:all:", "--report", "-", "--no-cache-dir"]
    command += ["--retries", "1", "--timeout", "10", "--resume-retries", "0"]
    command += ["--extra-index-url", CPU_INDEX, f"torch=={torch}"]
    asked = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=_small_files
    )
    return (json.loads(asked.stdout) if asked.returncode == 0 else None), asked.stderr


def _small_files() -> None:
    """Let this process write no large file; the write fails, and pip says so."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))


def choose(
    torches: Sequence[str],
    *,
    find: Callable[[str], str | None] = find_python,
    ask: Callable[[str, str], tuple[dict[str, Any] | None, str]],
) -> Choice:
    """Return the first pair of Python and torch that can be had without CUDA.

    Args:
        torches: releases, the most wanted first.
        find: version -> path of that Python, or None.
        ask: (path of a Python, release) -> (pip's report or None, its messages).

    Raises:
        RuntimeError: there is no such pair; the message lists the reasons.
    """
    refused: list[str] = []
    for version in PYTHONS:
        python = find(version)
        if python is None:
            refused.append(f"Python {version}: not on this machine")
            continue
        for torch in dict.fromkeys(torches):
            report, messages = ask(python, torch)
            reason = judge_failure(messages) if report is None else judge(report)
            if not reason:
                return Choice(version, python, torch, tuple(refused))
            refused.append(f"Python {version}, torch {torch}: {reason}")
    raise RuntimeError("No torch without CUDA can be had here.\n" + "\n".join(refused))
