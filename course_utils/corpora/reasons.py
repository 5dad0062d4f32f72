"""Turn a failure of a download into one message that a student can act on."""

from __future__ import annotations

import errno
from pathlib import Path

_DISK = {
    errno.ENOSPC: "the disk is full",
    getattr(errno, "EDQUOT", -1): "your disk quota is used up",
    errno.EACCES: "the folder cannot be written",
    errno.EPERM: "the folder cannot be written",
    errno.EROFS: "the folder cannot be written",
    errno.ENOTDIR: "a part of the folder's path is a file",
    errno.EEXIST: "a part of the folder's path is a file",
    errno.EISDIR: "a folder of that name stands where the file should be",
}
_NETWORK_ADVICE = (
    "check the network and run this again, or set COURSE_DATA_MIRROR to a folder or an "
    "http(s) address that holds the same files (data/README.md says how)."
)
_DISK_ADVICE = (
    "make room or get write access there, or set COURSE_DATA_DIR to another folder, "
    "and run this again."
)


def web_reason(error: Exception) -> str | None:
    """Say in plain words what an error of the requests library means, or None."""
    import requests

    kinds = requests.exceptions
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}".strip()
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, kinds.ChunkedEncodingError):
        return "the connection was cut before the whole file had come"
    if isinstance(error, kinds.ContentDecodingError):
        return "what the server sent is damaged"
    if isinstance(error, kinds.ProxyError):
        return "the proxy that HTTP_PROXY or HTTPS_PROXY names did not let the request through"
    if isinstance(error, kinds.SSLError):
        return "the server's certificate was not accepted (is the date of this computer right?)"
    if isinstance(error, requests.ConnectionError):
        if "timed out" in str(error).lower():
            return "the server did not answer in time"
        return "no connection (no network, unknown host, or the server refused)"
    if isinstance(error, requests.RequestException):
        return f"the address cannot be used ({error})"
    return None


def disk_reason(error: Exception, address: str = "") -> str | None:
    """Say in plain words what is wrong with the folder that is written, or None.

    Args:
        error: what went wrong.
        address: where the bytes come from; a file that cannot be read is no matter of the folder.
    """
    if not isinstance(error, OSError):
        return None
    # A copy that fails while it writes names both files; one that cannot read names the source.
    if str(error.filename) == address and error.filename2 is None:
        return None
    return _DISK.get(error.errno or 0)


def _other_reason(error: Exception) -> str:
    """Say in plain words what any other error means."""
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"there is no file {error.filename}"
    if isinstance(error, ValueError) and "hash" in str(error):
        return "wrong checksum: what came is not the file of the course"
    return str(error) or type(error).__name__


def explain(name: str, address: str, folder: str | Path, error: Exception) -> str:
    """Return one message that names the file, the reason, the address, the folder and a way out.

    Args:
        name: registry key of the file.
        address: http address or path that was read.
        folder: folder that was written.
        error: what went wrong.

    Returns:
        Four lines of text.

    >>> error = OSError(28, "No space left on device")
    >>> print(explain("names/Irish.txt", "/mirror/names/Irish.txt", Path("cache"), error))
    Cannot get 'names/Irish.txt': the disk is full.
      address: /mirror/names/Irish.txt
      folder: cache
      what to do: make room or get write access there, or set COURSE_DATA_DIR to another folder, \
and run this again.
    """
    web = web_reason(error)
    disk = None if web else disk_reason(error, address)
    reason = web or disk or _other_reason(error)
    return (
        f"Cannot get {name!r}: {reason}.\n"
        f"  address: {address}\n"
        f"  folder: {folder}\n"
        f"  what to do: {_DISK_ADVICE if disk else _NETWORK_ADVICE}"
    )
