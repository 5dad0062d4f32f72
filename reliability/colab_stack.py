"""Build the environment of `make test-colab`: Colab's packages, a fake google.colab, no real pip.

It stands in build/colab/ and is built again only when its list, its Python or its torch changes.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from reliability.colab_python import COLAB_TORCH, CPU_INDEX, Choice, ask_pip, choose, pinned_torch

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "colab-requirements.txt"
BUILD = ROOT / "build" / "colab"
ABSENT = ("gensim", "jupyterlab", "nbval", "rnn-course")  # what Colab does not have
NEWEST_PIP = "pip>=25.2"  # the first one that downloads nothing for a dry run, where it can

_CALLS_GUARD = "import sys\nfrom pip import main\nsys.exit(main())\n"
# Takes the place of pip, so that each call is noted and nothing is installed.
GUARD = '''\
"""Notes who calls pip, and installs nothing."""
import os
import sys


def main(arguments=None):
    log = os.environ.get("PIP_GUARD_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(" ".join(sys.argv[1:] if arguments is None else arguments) + "\\n")
    print("pip was called: the course must not install anything in Colab", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
'''
INSTALLERS = ("pip", "pip3", "uv", "conda")


@dataclass(frozen=True)
class Stack:
    """The environment.

    Attributes:
        choice: its Python and its torch.
        folder: where it stands.
        is_new: it has just been built.
    """

    choice: Choice
    folder: Path
    is_new: bool = False

    @property
    def python(self) -> Path:
        """Return the path of its Python."""
        return self.folder / "bin" / "python"


def pip_program(build: Path = BUILD) -> list[str]:
    """Return how to call a new pip, in a small environment of its own."""
    folder = build / "pip"
    python = folder / "bin" / "python"
    if not (folder / ".ready").is_file():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--upgrade", NEWEST_PIP])
        (folder / ".ready").touch()
    return [str(python), "-m", "pip"]


def choose_here(build: Path = BUILD) -> Choice:
    """Return the Python and the torch that come nearest to Colab's on this machine.

    Raises:
        RuntimeError: there are none.
    """
    pip = pip_program(build)
    pinned = pinned_torch((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    return choose([COLAB_TORCH, pinned], ask=lambda python, torch: ask_pip(pip, python, torch))


def key_of(choice: Choice) -> str:
    """Return a short name that changes when anything in the environment does."""
    parts = [choice.version, choice.python, choice.torch, GUARD, REQUIREMENTS.read_text("utf-8")]
    parts += [path.read_text("utf-8") for path in sorted((HERE / "fake_colab").rglob("*.py"))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def build(choice: Choice, build_folder: Path = BUILD) -> Stack:
    """Build the environment, or return the one that stands there.

    Raises:
        RuntimeError: pip or venv failed; the message is theirs.
    """
    folder, key = build_folder / "stack", key_of(choice)
    mark = folder / ".key"
    if mark.is_file() and mark.read_text("utf-8") == key:
        return Stack(choice, folder)
    _run([choice.python, "-m", "venv", "--clear", "--without-pip", str(folder)])
    stack = Stack(choice, folder, is_new=True)
    command = [*pip_program(build_folder), "--python", str(stack.python), "install", "--quiet"]
    command += ["--only-binary=:all:", "--extra-index-url", CPU_INDEX, "--retries", "1"]
    _run([*command, "-r", str(REQUIREMENTS), f"torch=={choice.torch}"])
    put_fakes(stack)
    if wrong := problems(stack):
        raise RuntimeError("The environment is not Colab's: " + "; ".join(wrong))
    mark.write_text(key, "utf-8")
    return stack


def put_fakes(stack: Stack) -> None:
    """Put the fake google.colab and the guard in the place of pip into an environment."""
    (packages,) = stack.folder.glob("lib/python*/site-packages")
    shutil.copytree(HERE / "fake_colab" / "google", packages / "google", dirs_exist_ok=True)
    shutil.rmtree(packages / "pip", ignore_errors=True)
    (packages / "pip").mkdir()
    (packages / "pip" / "__init__.py").write_text(GUARD, "utf-8")
    (packages / "pip" / "__main__.py").write_text(_CALLS_GUARD, "utf-8")
    for name in INSTALLERS:
        program = stack.folder / "bin" / name
        program.write_text(
            f"#!{stack.python}\nimport sys\nfrom pip import main\nsys.exit(main())\n"
        )
        program.chmod(0o755)


def problems(stack: Stack) -> list[str]:
    """Say what in an environment is not as in the list."""
    ask = "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]"
    listed = _run([str(stack.python), "-I", "-c", ask]).splitlines()
    found = {_plain(name): version for name, version in map(str.split, listed)}
    wanted = wanted_versions(REQUIREMENTS.read_text("utf-8"))
    wrong = [
        f"{name} {found.get(name)} instead of {version}"
        for name, version in wanted.items()
        if found.get(name) != version
    ]
    return wrong + [f"{name} is there" for name in ABSENT if _plain(name) in found]


def _plain(name: str) -> str:
    """Return the name of a package as all its spellings have it."""
    return name.strip().lower().replace("_", "-")


def wanted_versions(requirements: str) -> dict[str, str]:
    """Return name -> version of every line that pins one.

    >>> wanted_versions("# a comment\\nnumpy==2.1.3\\nsetuptools<81\\n")
    {'numpy': '2.1.3'}
    """
    lines = [line.split("#")[0].strip() for line in requirements.splitlines()]
    pins = [line.split("==") for line in lines if "==" in line]
    return {_plain(name): version.strip() for name, version in pins}


def _run(command: list[str]) -> str:
    """Run a command; return what it printed.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
