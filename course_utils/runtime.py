"""Where the course runs: the device, the seed, whether this is Colab, and which folder stays.

The only module that knows about the machine. A notebook asks `pick_device` once and moves its
models and data there.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from course_utils.arguments import shown, whole_number
from course_utils.paths import at_home, is_possible

if TYPE_CHECKING:
    import torch

_Budget = TypeVar("_Budget")
_MOST_THREADS = 1024
_KNOWN_DEVICES = "cpu, cuda, cuda:<number>, mps"
# Where Colab shows a mounted Google Drive. The folder itself is on it, not the mount point.
_COLAB_DRIVE = Path("/content/drive/MyDrive")
_FOLDER_ON_DRIVE = "rnn-course"


def pick_device() -> torch.device:
    """Choose the device to train on: a CUDA GPU when there is one, else the CPU.

    The environment variable ``COURSE_DEVICE`` overrides the choice. Apple's ``mps`` is taken only
    when it is asked for: some recurrent layers have returned wrong results there.

    Returns:
        A torch.device.

    Raises:
        ValueError: COURSE_DEVICE names a device that does not exist or is not on this machine.
    """
    import torch

    wanted = os.environ.get("COURSE_DEVICE", "").strip().lower()
    if not wanted:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise ValueError(_device_message(wanted, "is not a device")) from None
    if not _is_here(device):
        raise ValueError(_device_message(wanted, "is not on this machine"))
    return device


def _is_here(device: torch.device) -> bool:
    """Tell whether PyTorch can use this device on this machine."""
    import torch

    if device.type == "cuda":
        return (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return device.type == "cpu"


def _device_message(wanted: str, problem: str) -> str:
    return (
        f"COURSE_DEVICE={wanted!r} {problem}. Choose one of: {_KNOWN_DEVICES}, "
        "or remove the variable COURSE_DEVICE to let the course choose."
    )


def set_seed(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's random numbers, so that a run can be repeated.

    Args:
        seed: a whole number from 0 to 2**32 - 1, the range NumPy accepts.

    Raises:
        TypeError: seed is not an int.
        ValueError: seed is outside the range.
    """
    import numpy as np
    import torch

    if not isinstance(seed, int) or isinstance(seed, bool):
        raise TypeError(f"seed must be an int, got {type(seed).__name__}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be from 0 to 2**32 - 1, got {seed}")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def in_colab() -> bool:
    """Tell whether this Python runs in Google Colab."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except ModuleNotFoundError:
        # There is no package "google" at all.
        return False


def drive_folder() -> Path | None:
    """Return the course's folder on a mounted Google Drive, or None when no Drive is mounted.

    A Colab notebook works in the folder /content. It is deleted with the runtime: by hand, or after
    some time without use. When Drive is mounted (the button Mount Drive in the panel Files, or
    ``google.colab.drive.mount("/content/drive")``), it is the folder /content/drive/MyDrive, and
    what is written there stays. The environment variable ``COURSE_DRIVE`` names another folder that
    stays, in Colab or anywhere else; it must exist.

    Returns:
        <Drive>/rnn-course, which need not exist yet; None when there is no such Drive.

    Raises:
        ValueError: COURSE_DRIVE begins with ~ and a user who is not known here.
    """
    chosen = os.environ.get("COURSE_DRIVE")
    if chosen:
        drive = at_home("COURSE_DRIVE", chosen)
        return drive / _FOLDER_ON_DRIVE if os.path.isdir(drive) else None
    # A folder of that name can also be an ordinary one, written before Drive was mounted.
    if in_colab() and os.path.ismount(_COLAB_DRIVE.parent) and os.path.isdir(_COLAB_DRIVE):
        return _COLAB_DRIVE / _FOLDER_ON_DRIVE
    return None


def keep_folder(name: str = "") -> Path:
    """Return a folder for what is to stay: in Drive when it is mounted, else where you work.

    Use it for checkpoints and snapshots: ``writer.save(keep_folder("networks") / "my_network")``.
    The folder is made, and a small file is written and removed, so that a place that cannot be
    written is found before a long training and not after it.

    Args:
        name: a folder in it, such as "networks"; "" for none.

    Returns:
        <Drive>/rnn-course/<name> (see `drive_folder`) when Drive is mounted, else <name> in the
        working folder.

    Raises:
        TypeError: name is not a text.
        ValueError: name leads out of the folder, or COURSE_DRIVE names no folder.
        OSError: the folder cannot be made or written; the message says what to do.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a text, got {type(name).__name__}")
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not is_possible(path):
        raise ValueError(
            f"name={shown(name)} must be a short, plain folder below this one, such as 'networks'"
        )
    drive, chosen = drive_folder(), os.environ.get("COURSE_DRIVE")
    if chosen and drive is None:
        raise ValueError(
            f"COURSE_DRIVE={chosen!r} is not a folder. Mount your Drive, or name the folder that "
            "it stands in, or remove the variable COURSE_DRIVE."
        )
    folder = (drive or Path()) / name
    _refuse_what_cannot_be_written(folder, in_drive=drive is not None)
    return folder


def _refuse_what_cannot_be_written(folder: Path, *, in_drive: bool) -> None:
    """Make a folder and write a small file there, for a moment."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
    except OSError as error:
        todo = "Make room or get write access there"
        if in_drive:
            todo += ", mount Drive again, or set COURSE_DRIVE to another folder"
        raise OSError(
            error.errno or errno.EIO,
            f"cannot keep files in {folder.absolute()}: {error.strerror or error}. "
            f"{todo}, and run this again",
        ) from error


def limit_threads(n_threads: int) -> None:
    """Let PyTorch use this many CPU cores for one operation.

    The networks of the first lessons are so small that sharing one operation among cores costs
    more than it saves, and far more when another program is busy on one of them. The environment
    variable ``COURSE_THREADS`` overrides the number.

    Args:
        n_threads: at least 1.

    Raises:
        TypeError: n_threads is not a whole number.
        ValueError: n_threads, or COURSE_THREADS, is below 1 or no whole number.
    """
    import torch

    wanted = os.environ.get("COURSE_THREADS", "").strip()
    if wanted and (not wanted.isdecimal() or len(wanted) > 9):
        raise ValueError(
            f"COURSE_THREADS={shown(wanted)} must be a whole number of at least 1, or remove the "
            "variable COURSE_THREADS to let the course choose."
        )
    n_threads = whole_number("n_threads", n_threads, least=1, most=_MOST_THREADS)
    if wanted:
        n_threads = whole_number("COURSE_THREADS", int(wanted), least=1, most=_MOST_THREADS)
    torch.set_num_threads(n_threads)


@contextmanager
def threads_limited(n_threads: int) -> Iterator[None]:
    """Let PyTorch use this many CPU cores for one operation, and put the number back afterwards.

    Args:
        n_threads: at least 1.

    Raises:
        ValueError: n_threads is below 1.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(whole_number("n_threads", n_threads, least=1, most=_MOST_THREADS))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def budget(*, cpu: _Budget, gpu: _Budget) -> _Budget:
    """Return how much work fits this machine: one value for a CPU, another for a GPU.

    Args:
        cpu: for example the number of training steps that a laptop does in ten seconds.
        gpu: the same for a GPU, which does far more in the same time.

    Returns:
        gpu if `pick_device` chooses a CUDA device, else cpu.

    Raises:
        ValueError: as `pick_device`.
    """
    return gpu if pick_device().type == "cuda" else cpu
