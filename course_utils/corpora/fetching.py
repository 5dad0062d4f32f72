"""Fetch a file of the course, whole and checked, or say clearly why not."""

from __future__ import annotations

import functools
import hashlib
import math
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from course_utils.corpora.reasons import explain
from course_utils.corpora.registry import Entry, entry, shipped
from course_utils.corpora.waiting import in_time
from course_utils.paths import at_home
from course_utils.runtime import drive_folder

# Seconds to wait for a connection, for the next bytes, and for a whole file.
TIMEOUT = (10.0, 30.0)
DEADLINE = 300.0
# A folder of a killed download is removed after this many seconds: a live one is younger.
STALE_AFTER = 3600.0
PARTIAL = ".partial-"


class DataUnavailableError(RuntimeError):
    """Say that a file of the course could not be fetched, and what to do."""


class Watch:
    """Stop a transfer that never ends; pooch calls it as it calls a progress bar.

    Args:
        path: the file that is written.
        most: the most bytes that it may have.
        seconds: the most that the transfer may take.
    """

    def __init__(self, path: str | Path, *, most: int, seconds: float) -> None:
        self.path, self.most, self.seconds = path, most, seconds
        self.total = 0
        self.end = time.monotonic() + seconds

    def update(self, n_bytes: int) -> None:
        """Look at the clock and at the file: pooch does not tell how long the parts really are."""
        if time.monotonic() > self.end:
            raise TimeoutError(f"the transfer was not complete after {self.seconds:g} seconds")
        if os.stat(self.path).st_size > self.most:
            raise ValueError(
                f"more came than the {self.most:,} bytes of the file, so it is another"
            )

    def reset(self) -> None:
        """Do nothing: pooch asks for this method."""

    def close(self) -> None:
        """Do nothing: pooch asks for this method."""


def is_web(address: str) -> bool:
    """Tell whether an address leads to the web, not to a file."""
    return address.lower().startswith(("http://", "https://"))


def address_of(item: Entry, mirror: str | None) -> str:
    """Return the http address or the file path that one entry is read from."""
    if not mirror:
        return item.address
    if "://" in mirror:
        return f"{mirror}{'' if mirror.endswith('/') else '/'}{item.name}"
    return str(at_home("COURSE_DATA_MIRROR", mirror) / item.name)


def download_folder(data_dir: str | Path | None) -> Path:
    """Return the folder for downloads: the argument, COURSE_DATA_DIR, or the usual one.

    The usual one is data in the course's folder on a mounted Google Drive, where it outlives a
    Colab runtime (see `drive_folder`); without Drive it is data/cache in the repository.
    """
    chosen = data_dir or os.environ.get("COURSE_DATA_DIR")
    if chosen:
        return at_home("data_dir" if data_dir else "COURSE_DATA_DIR", chosen)
    drive = drive_folder()
    return shipped() / "cache" if drive is None else drive / "data"


def is_offline() -> bool:
    """Tell whether COURSE_OFFLINE forbids the network."""
    return os.environ.get("COURSE_OFFLINE", "").strip().lower() not in {"", "0", "false", "no"}


def is_intact(path: Path, item: Entry) -> bool:
    """Tell whether the file is there with the right bytes; a damaged one is never used."""
    try:
        if path.stat().st_size != item.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == item.sha256
    except OSError:
        return False


def bring(address: str, output_file: str, *, most: int, seconds: float) -> None:
    """Bring the bytes of a web address into a file, in so many seconds or not at all.

    Args:
        address: starts with http:// or https://.
        output_file: where to.
        most: the most bytes that may come.
        seconds: the most that all of it may take.

    Raises:
        OSError, ValueError: what went wrong.
        TimeoutError: it was not complete in time.
    """
    import pooch

    watch = Watch(output_file, most=most, seconds=seconds)
    download = pooch.HTTPDownloader(progressbar=watch, timeout=TIMEOUT)
    try:
        in_time(seconds, lambda: download(address, output_file, None))
    finally:
        watch.end = -math.inf  # a transfer that nobody waits for ends with its next bytes


def _transfer(address: str, output_file: str, _pooch: object = None, *, most: int) -> None:
    """Bring the bytes from the address into output_file, as pooch wants a downloader to do."""
    if is_web(address):
        bring(address, output_file, most=most, seconds=DEADLINE)
    elif "://" in address:
        raise ValueError("a mirror must be a folder or an address that starts with http(s)://")
    else:
        shutil.copyfile(address, output_file)
    with open(output_file, "rb") as file:
        if file.read(256).lstrip().startswith(b"<"):
            raise ValueError("a web page came instead of the file (a login page, perhaps)")


@contextmanager
def quiet_pooch() -> Iterator[None]:
    """Keep pooch's messages off stderr: our own message says what the student needs."""
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("CRITICAL")
    try:
        yield
    finally:
        logger.setLevel(level)


def remove_stale(folder: Path) -> None:
    """Remove what a killed download left behind; nothing ever reads it."""
    for partial in folder.glob(PARTIAL + "*"):
        try:
            is_stale = time.time() - partial.stat().st_mtime > STALE_AFTER
        except OSError:  # another process has just removed it
            continue
        if is_stale:
            shutil.rmtree(partial, ignore_errors=True)


def _download(item: Entry, address: str, target: Path) -> None:
    """Download into a private folder beside the target, check, then move in one step."""
    import pooch

    target.parent.mkdir(parents=True, exist_ok=True)
    remove_stale(target.parent)
    with tempfile.TemporaryDirectory(
        prefix=PARTIAL, dir=target.parent, ignore_cleanup_errors=True
    ) as partial:
        transfer = functools.partial(_transfer, most=item.size)
        path = pooch.retrieve(
            address, item.sha256, fname=target.name, path=partial, downloader=transfer
        )
        # The temporary file is private to its owner; data may be shared by a class.
        with suppress(PermissionError):  # a mounted Drive knows no modes
            os.chmod(path, 0o644)
        try:
            os.replace(path, target)
        except PermissionError:
            # Windows refuses while another process reads the file that it has just fetched.
            if not is_intact(target, item):
                raise


def fetch(
    name: str, *, data_dir: str | Path | None = None, mirror: str | Path | None = None
) -> Path:
    """Return the path of a file of the course, fetching it when it is not there yet.

    A file with a wrong checksum is fetched again. The new file appears in one step: no reader
    ever sees half of it, and a download that is killed leaves nothing that is read later.

    Args:
        name: registry key such as "names/Polish.txt" or "tinyshakespeare/input.txt".
        data_dir: folder where downloads land; default COURSE_DATA_DIR, then data/cache.
        mirror: folder or http(s) address to read from; default COURSE_DATA_MIRROR, then the
            pinned address of the file.

    Returns:
        Path of the checked file.

    Raises:
        ValueError: when the name is not in the registry.
        DataUnavailableError: when the file cannot be had: no network, a server's refusal, cut or
            wrong bytes, a folder that cannot be written, a full disk, a missing mirror folder.
    """
    item = entry(name)
    mirror = str(mirror or os.environ.get("COURSE_DATA_MIRROR") or "")
    try:
        target = download_folder(data_dir) / name
        address = address_of(item, mirror)
    except (OSError, ValueError) as error:  # no such home folder, or no data folder at all
        named = data_dir or os.environ.get("COURSE_DATA_DIR") or "data/cache"
        raise DataUnavailableError(explain(name, mirror, named, error)) from error
    if is_intact(target, item):
        return target
    try:
        if is_offline() and is_web(address):
            raise ConnectionError("COURSE_OFFLINE is set, so the network was not tried")
        with quiet_pooch():
            _download(item, address, target)
    except Exception as error:  # every failure ends in one message for the student
        raise DataUnavailableError(explain(name, address, target.parent, error)) from error
    return target
