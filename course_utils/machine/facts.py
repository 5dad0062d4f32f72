"""Look at the machine, one fact after the other; no fact that cannot be had is an error."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from course_utils.arguments import real_number
from course_utils.corpora.availability import Availability, look_for_data
from course_utils.corpora.fetching import download_folder
from course_utils.corpora.registry import shipped
from course_utils.machine.report import BAD, CARE, GOOD, MachineReport, Row
from course_utils.machine.speed import REFERENCE_SECONDS, compared, lstm_seconds
from course_utils.runtime import in_colab, pick_device

GB = 1e9
CONTAINER = Path("/sys/fs/cgroup/memory.max")  # the limit of a container, where there is one
_NEWER = (3, 14)  # not tested from here on
NEEDS_MEMORY, NEEDS_DISK = 1.5 * GB, 0.2 * GB
MOST_WAIT = 600.0  # seconds
SLOW = 2.0  # times the minutes of the course; from here on a reader should plan for it

# Short, so that the table fits on one slide also on a machine where nothing is as it should be.
_INSTALL = "run `make lab` again (README)."
_FREE_MEMORY = "close other programs."
_PLAN = "close programs, or use Colab."


def check_machine(*, wait: float = 3.0) -> MachineReport:
    """Look at everything that the course needs, and say what to do where something is missing.

    It takes about a second. Nothing that it finds is an error: what cannot be found out is a line
    of the report.

    Args:
        wait: seconds to wait for a mirror or the network at most, from 0 to 600.

    Returns:
        The report; as the last line of a cell it is displayed as a table.

    Raises:
        TypeError, ValueError: wait is no number of seconds from 0 to 600.
    """
    wait = real_number("wait", wait, least=0, most=MOST_WAIT)
    try:
        slower = lstm_seconds() / REFERENCE_SECONDS
    except Exception:  # a machine without a working PyTorch gets its row below
        slower = None
    probes: dict[str, Callable[[], Row]] = {
        "Python": _python,
        "PyTorch": _torch,
        "device": _device,
        "CPU": _cores,
        "speed": lambda: _speed(slower),
        "memory": _memory,
        "disk": _disk,
        "texts": lambda: _texts(look_for_data(wait=wait)),
        "networks": _networks,
        "sliders": _sliders,
    }
    return MachineReport(tuple(_asked(what, probe) for what, probe in probes.items()), slower)


def _asked(what: str, probe: Callable[[], Row]) -> Row:
    """Return a probe's row, or one that says why there is none."""
    try:
        return probe()
    except Exception as error:
        reason = f"could not be found out ({type(error).__name__}: {error})"
        return Row(CARE, what, reason, "go on: it may still work.")


def _python() -> Row:
    """Return the version of Python; an older one than 3.10 cannot load the course at all."""
    version = platform.python_version()
    if sys.version_info < _NEWER:
        return Row(GOOD, "Python", version)
    todo = "if it fails, try Python 3.13."
    return Row(CARE, "Python", f"{version}, newer than the tested ones", todo)


def _torch() -> Row:
    """Return the version of PyTorch."""
    try:
        import torch
    except ImportError as error:
        return Row(BAD, "PyTorch", f"cannot be loaded ({error})", _INSTALL)
    version = str(torch.__version__)
    if _numbers(version) >= (2, 4):
        return Row(GOOD, "PyTorch", version)
    return Row(CARE, "PyTorch", f"{version}, older than 2.4", _INSTALL)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version.

    >>> _numbers("2.13.0+cpu")
    (2, 13)
    """
    return tuple(int(part) for part in version.split(".")[:2])


def _device() -> Row:
    """Return the device that the lessons will use."""
    try:
        device = pick_device()
    except ValueError as error:
        return Row(BAD, "device", "COURSE_DEVICE is wrong", str(error))
    if device.type != "cuda":
        return Row(GOOD, "device", f"{device}: no GPU is needed")
    import torch

    return Row(GOOD, "device", f"{device}: {torch.cuda.get_device_name(device)}")


def _cores() -> Row:
    """Return how many cores this program may use, and how many PyTorch does use."""
    import torch

    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    threads = torch.get_num_threads()
    found = f"{cores} core{'s' * (cores > 1)}; this notebook uses {threads}"
    return Row(GOOD, "CPU", found)


def _speed(slower: float | None) -> Row:
    """Return how fast an LSTM learns here."""
    if slower is None:
        return Row(CARE, "speed", "could not be measured", "look at the line PyTorch.")
    if slower <= SLOW:
        return Row(GOOD, "speed", compared(slower))
    return Row(CARE, "speed", compared(slower), _PLAN)


def _memory() -> Row:
    """Return the free memory; in a container its own limit counts."""
    import psutil  # comes with ipykernel

    memory = psutil.virtual_memory()
    total, free = memory.total, memory.available
    if CONTAINER.is_file() and (text := CONTAINER.read_text().strip()).isdigit():
        used = int(CONTAINER.with_name("memory.current").read_text())
        total, free = min(total, int(text)), max(0, min(free, int(text) - used))
    found = f"{free / GB:.1f} GB free of {total / GB:.1f} GB"
    if free >= NEEDS_MEMORY:
        return Row(GOOD, "memory", found)
    return Row(CARE, "memory", found, _FREE_MEMORY)


def _disk() -> Row:
    """Return the free disk where downloads land, and whether one may write there."""
    folder = download_folder(None)
    usual = "data/cache" if folder.name == "cache" else str(folder)  # the other one is in Drive
    name = os.environ.get("COURSE_DATA_DIR") or usual
    there = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        todo = "set COURSE_DATA_DIR (README)."
        return Row(CARE, "disk", f"{name} cannot be written", todo)
    free = shutil.disk_usage(there).free
    found = f"{free / GB:.1f} GB free for {name}"
    if free >= NEEDS_DISK:
        return Row(GOOD, "disk", found)
    return Row(CARE, "disk", found, "delete some files there.")


def _texts(data: Availability) -> Row:
    """Return where the real texts come from."""
    is_mirror = bool(os.environ.get("COURSE_DATA_MIRROR"))
    check = "check COURSE_DATA_MIRROR." if is_mirror else "check the network, or go on."
    rows = {
        "here": Row(GOOD, "texts", f"all {data.n_files} files are here"),
        "mirror": Row(GOOD, "texts", "in your mirror; fetched when needed"),
        "network": Row(GOOD, "texts", "on the network; fetched when needed"),
        "offline": Row(
            CARE, "texts", "stand-ins: COURSE_OFFLINE is set", "later: connect, run it again."
        ),
        "unreachable": Row(CARE, "texts", "stand-ins: there was no answer", check),
    }
    return rows[data.kind]


def _networks() -> Row:
    """Return whether the trained networks of the course are here."""
    names = ("names", "rnn", "gru", "lstm")
    folder = shipped("checkpoints")
    missing = [name for name in names if not (folder / f"{name}.safetensors").is_file()]
    if not missing:
        return Row(GOOD, "networks", f"{len(names)} trained networks are here")
    return Row(BAD, "networks", f"missing: {', '.join(missing)}", "get the course again (README).")


def _sliders() -> Row:
    """Return whether sliders can work here, and in which program."""
    try:
        version = importlib.metadata.version("ipywidgets")
    except importlib.metadata.PackageNotFoundError:
        return Row(BAD, "sliders", "ipywidgets is missing", _INSTALL)
    found = f"ipywidgets {version}, {_program()}"
    if _numbers(version) < (7, 7):
        return Row(CARE, "sliders", found, _INSTALL)
    if not _in_notebook():
        return Row(CARE, "sliders", f"{found}; not in a notebook", "open it in JupyterLab.")
    return Row(GOOD, "sliders", found)


def _program() -> str:
    """Name the program that shows the notebook, as far as Python can know it."""
    if in_colab():
        return "Google Colab"
    try:
        return f"JupyterLab {importlib.metadata.version('jupyterlab')}"
    except importlib.metadata.PackageNotFoundError:
        return "no JupyterLab here"


def _in_notebook() -> bool:
    """Tell whether this Python runs behind a notebook."""
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None
